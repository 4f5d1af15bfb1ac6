"""Effects of the events besides the illness: forces on the body from the episodes of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import HOUR_S, MINUTE_S
from simulators.patients.plan import Episode, EpisodeKind
from simulators.patients.shapes import Float64
from simulators.setpoint.forces import STEP_S, Forces
from simulators.setpoint.lags import lagged

# Sizes and times; design start values, unvalidated
_FLUSH_TONE: Final = -0.22
_FLUSH_DRIVE: Final = 20.0
_PAIN_TONE_PER_BEAT: Final = 0.008
_PAIN_BREATHS: Final = 3.0
_FLUTTER_FILLING: Final = -0.22
_EMBOLUS_DRIVE: Final = 12.0
_EMBOLUS_BREATHS: Final = 8.0
_BLEEDS_BREATHS: Final = 4.0
_OVERLOAD_BREATHS: Final = 7.0
_OVERLOAD_TONE: Final = 0.10


def apply_events(forces: Forces, episodes: Iterable[Episode], t: Float64) -> None:
    """Add the forces of every episode, in place."""
    for episode in episodes:
        effect = _EFFECTS.get(episode.kind)
        if effect is not None:
            effect(forces, episode, t)


def _on(episode: Episode, t: Float64, begins_s: float, ends_s: float) -> Float64:
    """Return the strength of an episode, 0 to 1: it begins and ends with different lags."""
    during = ((t >= episode.from_s) & (t < episode.to_s)).astype(np.float64)
    rising = lagged(during, begins_s / STEP_S, start=0.0)
    falling = lagged(np.maximum(rising, during), ends_s / STEP_S, start=0.0)
    return np.where(during > 0.0, rising, np.maximum(rising, falling))


def _infusion_reaction(forces: Forces, episode: Episode, t: Float64) -> None:
    """Flush, fast heart, a dip of pressure, and a warm hour; `size` in Celsius."""
    flush = _on(episode, t, 8 * MINUTE_S, 50 * MINUTE_S)
    forces.drive += _FLUSH_DRIVE * flush
    forces.tone += _FLUSH_TONE * flush
    forces.set_point += episode.size * _on(episode, t, 40 * MINUTE_S, 90 * MINUTE_S)


def _transfusion_reaction(forces: Forces, episode: Episode, t: Float64) -> None:
    """Raise the set point steeply, often to a rigor; `size` in Celsius."""
    forces.set_point += episode.size * _on(episode, t, 35 * MINUTE_S, 80 * MINUTE_S)
    forces.drive += 6.0 * _on(episode, t, 10 * MINUTE_S, 40 * MINUTE_S)


def _pain(forces: Forces, episode: Episode, t: Float64) -> None:
    """Raise heart rate and pressure together at an even temperature; `size` in 1/min."""
    hurts = _on(episode, t, 1.5 * MINUTE_S, 6 * MINUTE_S)
    forces.drive += episode.size * hurts
    forces.tone += _PAIN_TONE_PER_BEAT * episode.size * hurts
    forces.breaths += _PAIN_BREATHS * hurts


def _atrial_fibrillation(forces: Forces, episode: Episode, t: Float64) -> None:
    """Replace the heart's rhythm at once; `size` is the rate, 1/min."""
    during = (t >= episode.from_s) & (t < episode.to_s)
    slows = np.exp(-np.maximum(t - episode.from_s, 0.0) / (10 * HOUR_S))
    forces.flutter[during] = (episode.size * (0.88 + 0.12 * slows))[during]
    forces.filling += _FLUTTER_FILLING * during


def _sleep_bradycardia(forces: Forces, episode: Episode, t: Float64) -> None:
    """Slow the sleeping heart; `size` is the fall, 1/min."""
    forces.drive -= episode.size * _on(episode, t, 25 * MINUTE_S, 4 * MINUTE_S)


def _skin_warming(forces: Forces, episode: Episode, t: Float64) -> None:
    """Warm the skin alone; `size` in Celsius."""
    forces.skin += episode.size * _on(episode, t, 12 * MINUTE_S, 20 * MINUTE_S)


def _cooling(forces: Forces, episode: Episode, t: Float64) -> None:
    """Cool the probe, not the patient; `size` in Celsius."""
    forces.probe -= episode.size * _on(episode, t, 7 * MINUTE_S, 10 * MINUTE_S)


def _haemorrhage(forces: Forces, episode: Episode, t: Float64) -> None:
    """Empty the vessels step by step; `size` is the fall of ln(stroke volume)."""
    length_s = episode.to_s - episode.from_s
    bleeds = np.clip((t - episode.from_s) / (0.45 * length_s), 0.0, 1.0)
    stops = np.clip((t - episode.from_s - 0.6 * length_s) / (0.4 * length_s), 0.0, 1.0)
    lost = bleeds**1.3 * (1.0 - stops)
    forces.filling -= episode.size * lost
    forces.breaths += _BLEEDS_BREATHS * lost


def _pulmonary_embolism(forces: Forces, episode: Episode, t: Float64) -> None:
    """Shut a part of the lung within minutes; `size` is its share."""
    shut = _on(episode, t, 4 * MINUTE_S, 5 * HOUR_S)
    forces.poor_lung += episode.size * shut
    forces.shunt += 0.10 * episode.size * shut
    forces.filling -= 0.9 * episode.size * shut
    forces.drive += _EMBOLUS_DRIVE * shut
    forces.breaths += _EMBOLUS_BREATHS * shut


def _fluid_overload(forces: Forces, episode: Episode, t: Float64) -> None:
    """Flood the lung over hours; `size` is the flooded share."""
    wet = _on(episode, t, 2.5 * HOUR_S, 4 * HOUR_S)
    forces.poor_lung += episode.size * wet
    forces.breaths += _OVERLOAD_BREATHS * wet
    forces.tone += _OVERLOAD_TONE * wet
    forces.drive += 5.0 * wet


_EFFECTS: Final[Mapping[EpisodeKind, Callable[[Forces, Episode, Float64], None]]] = (
    MappingProxyType(
        {
            EpisodeKind.INFUSION_REACTION: _infusion_reaction,
            EpisodeKind.TRANSFUSION_REACTION: _transfusion_reaction,
            EpisodeKind.PAIN: _pain,
            EpisodeKind.ATRIAL_FIBRILLATION: _atrial_fibrillation,
            EpisodeKind.SLEEP_BRADYCARDIA: _sleep_bradycardia,
            EpisodeKind.SKIN_WARMING: _skin_warming,
            EpisodeKind.COOLING: _cooling,
            EpisodeKind.HAEMORRHAGE: _haemorrhage,
            EpisodeKind.PULMONARY_EMBOLISM: _pulmonary_embolism,
            EpisodeKind.FLUID_OVERLOAD: _fluid_overload,
        }
    )
)
"""Effect of each kind of episode; breathing pauses act second by second."""
