"""Episodes that can look like the illness, or hide it: one effect for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from edge_agent.model.durations import MINUTE_S
from simulators.patients.person import SURFACE_SITES, Person
from simulators.patients.plan import Episode, EpisodeKind
from simulators.patients.shapes import plateau, smooth_step
from simulators.patients.signs import Body

Effect = Callable[[Body, Episode, Person], None]


def apply_episodes(now: Body, episodes: Sequence[Episode], person: Person) -> None:
    """Add the effects of all episodes that overlap the body's times."""
    for episode in episodes:
        if episode.from_s <= now.t[-1] and episode.to_s >= now.t[0]:
            _EFFECTS[episode.kind](now, episode, person)


def _span(episode: Episode) -> tuple[float, float]:
    return episode.from_s, episode.to_s


def _infusion_reaction(now: Body, episode: Episode, person: Person) -> None:
    """Add warmth, a fast heart and a fall of pressure; `size` in degrees."""
    length_s = episode.to_s - episode.from_s
    acts = plateau(now.t, _span(episode), 0.2 * length_s, 0.6 * length_s)
    now.temperature += episode.size * acts
    now.heart_rate += person.heart_rate_response * 14.0 * acts
    now.systolic -= 14.0 * acts
    now.diastolic -= 8.0 * acts


def _transfusion_reaction(now: Body, episode: Episode, person: Person) -> None:
    """Add fever within hours of a unit of blood, with a rigor; `size` in degrees."""
    length_s = episode.to_s - episode.from_s
    acts = plateau(now.t, _span(episode), 0.25 * length_s, 0.5 * length_s)
    now.temperature += episode.size * acts
    now.heart_rate += person.heart_rate_response * 10.0 * acts
    now.skin -= 0.6 * plateau(now.t, (episode.from_s, episode.from_s + 1800.0), 300.0, 600.0)


def _pain(now: Body, episode: Episode, person: Person) -> None:
    """Add a fast heart and a high pressure at constant temperature; `size` in 1/min."""
    acts = plateau(now.t, _span(episode), MINUTE_S, 3 * MINUTE_S)
    now.heart_rate += person.heart_rate_response * episode.size * acts
    now.systolic += 0.4 * episode.size * acts
    now.diastolic += 0.2 * episode.size * acts
    now.respiratory_rate += 0.1 * episode.size * acts


def _walk(now: Body, episode: Episode, person: Person) -> None:
    """Add a walk; `size` in 1/min of heart rate."""
    acts = plateau(now.t, _span(episode), MINUTE_S, 3 * MINUTE_S)
    now.heart_rate += person.heart_rate_response * episode.size * acts
    now.respiratory_rate += 0.15 * episode.size * acts
    now.temperature += 0.004 * episode.size * acts


def _atrial_fibrillation(now: Body, episode: Episode, _person: Person) -> None:
    """Add a switch to a fast, irregular rhythm with a pulse deficit; `size` is its heart rate."""
    acts = plateau(now.t, _span(episode), 1.0, 1.0)
    now.heart_rate += acts * (episode.size - now.heart_rate)
    now.irregularity += 9.0 * acts
    now.pulse_deficit += 0.12 * episode.size * acts
    now.systolic -= 6.0 * acts


def _sleep_bradycardia(now: Body, episode: Episode, _person: Person) -> None:
    """Add a slow heart at night; `size` in 1/min."""
    now.heart_rate -= episode.size * plateau(now.t, _span(episode), 1200.0, 1200.0)


def _desaturation(now: Body, episode: Episode, _person: Person) -> None:
    """Add a dip of SpO2 that lasts seconds to minutes; `size` in points."""
    length_s = episode.to_s - episode.from_s
    now.spo2 -= episode.size * plateau(now.t, _span(episode), 0.5 * length_s, 0.3 * length_s)


def _skin_warming(now: Body, episode: Episode, person: Person) -> None:
    """Warm the probe, not the patient, by a bath, a blanket or a hot drink; `size` in degrees."""
    acts = episode.size * plateau(now.t, _span(episode), 600.0, 900.0)
    if person.temperature_site in SURFACE_SITES:
        now.probe += acts
    now.heart_rate += 3.0 * acts


def _cooling(now: Body, episode: Episode, _person: Person) -> None:
    """Cool the probe with a blanket or a cold drink; `size` in degrees."""
    length_s = episode.to_s - episode.from_s
    now.probe -= episode.size * plateau(now.t, _span(episode), 0.3 * length_s, 0.3 * length_s)


def _haemorrhage(now: Body, episode: Episode, person: Person) -> None:
    """Let pressure fall and heart rate rise without fever; `size` in mmHg."""
    acts = plateau(now.t, _span(episode), 2400.0, 3600.0)
    now.systolic -= episode.size * acts
    now.diastolic -= 0.6 * episode.size * acts
    now.heart_rate += person.heart_rate_response * 0.9 * episode.size * acts
    now.perfusion_index *= 1.0 - 0.6 * acts


def _pulmonary_embolism(now: Body, episode: Episode, person: Person) -> None:
    """Let oxygen fall within minutes, heart and breathing race; `size` in points."""
    acts = plateau(now.t, _span(episode), 240.0, 3600.0)
    now.spo2 -= episode.size * acts
    now.heart_rate += person.heart_rate_response * 26.0 * acts
    now.respiratory_rate += 9.0 * acts
    now.systolic -= 10.0 * acts


def _fluid_overload(now: Body, episode: Episode, _person: Person) -> None:
    """Let oxygen fall over hours; `size` in points."""
    acts = plateau(now.t, _span(episode), 3 * 3600.0, 2 * 3600.0)
    now.spo2 -= episode.size * acts
    now.respiratory_rate += 5.0 * acts
    now.systolic += 8.0 * smooth_step(now.t, episode.from_s, 3 * 3600.0) * acts


# sizes and shapes: design start values, unvalidated
_EFFECTS: Final[Mapping[EpisodeKind, Effect]] = MappingProxyType(
    {
        EpisodeKind.INFUSION_REACTION: _infusion_reaction,
        EpisodeKind.TRANSFUSION_REACTION: _transfusion_reaction,
        EpisodeKind.PAIN: _pain,
        EpisodeKind.WALK: _walk,
        EpisodeKind.ATRIAL_FIBRILLATION: _atrial_fibrillation,
        EpisodeKind.SLEEP_BRADYCARDIA: _sleep_bradycardia,
        EpisodeKind.DESATURATION: _desaturation,
        EpisodeKind.SKIN_WARMING: _skin_warming,
        EpisodeKind.COOLING: _cooling,
        EpisodeKind.HAEMORRHAGE: _haemorrhage,
        EpisodeKind.PULMONARY_EMBOLISM: _pulmonary_embolism,
        EpisodeKind.FLUID_OVERLOAD: _fluid_overload,
    }
)
