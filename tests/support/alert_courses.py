"""Courses of one alert as scripts: findings and answers, states, and signals."""

from __future__ import annotations

from typing import Final

from edge_agent.model.alerts import AlertPriority

# HIGH: a reminder after 5 steps, an answer for 30, a silence for 2
# MEDIUM: 5, 20 and 2; LOW: 5, 80 and 10
STEP_S: Final = {AlertPriority.HIGH: 60.0, AlertPriority.MEDIUM: 360.0, AlertPriority.LOW: 360.0}
COURSES: Final[dict[str, tuple[AlertPriority, str, str, str]]] = {
    "reminders until somebody answers": (
        AlertPriority.HIGH,
        "PPPPPPPPPPPPAPPPPPPPP",
        "RRRRRRRRRRRRaaaaaaaaa",
        "f....r....r..........",
    ),
    "reminders though nothing is known": (
        AlertPriority.HIGH,
        "P____________",
        "RRRRRRRRRRRRR",
        "f....r....r..",
    ),
    "reminders though nothing is evaluated": (
        AlertPriority.HIGH,
        "P            ",
        "RRRRRRRRRRRRR",
        "f....r....r..",
    ),
    "reminders of what ended unseen": (
        AlertPriority.HIGH,
        "P-----------A",
        "RRRLLLLLLLLLc",
        "f....r....r..",
    ),
    "reminders of medium priority": (
        AlertPriority.MEDIUM,
        "PPPPPPPPPPPP",
        "RRRRRRRRRRRR",
        "f....r....r.",
    ),
    "reminders of low priority": (
        AlertPriority.LOW,
        "PPPPPPPPPPPP",
        "RRRRRRRRRRRR",
        "f....r....r.",
    ),
    "an answer expires while the condition goes on": (
        AlertPriority.HIGH,
        "PA" + "P" * 31 + "PPPPP",
        "Ra" + "a" * 29 + "RR" + "RRRRR",
        "f." + "." * 29 + "e." + "...r.",
    ),
    "an answer expires though nothing is known": (
        AlertPriority.HIGH,
        "PA" + "_" * 31,
        "Ra" + "a" * 29 + "RR",
        "f." + "." * 29 + "e.",
    ),
    "an answer expires though nothing is evaluated": (
        AlertPriority.HIGH,
        "PA" + " " * 31,
        "Ra" + "a" * 29 + "RR",
        "f." + "." * 29 + "e.",
    ),
    "an answer does not expire while the condition recovers": (
        AlertPriority.HIGH,
        "PA" + "P" * 28 + "---P",
        "Ra" + "a" * 28 + "aacR",
        "f." + "." * 28 + "...f",
    ),
    "an answer expires as soon as a recovery is broken off": (
        AlertPriority.HIGH,
        "PA" + "P" * 28 + "-~~",
        "Ra" + "a" * 28 + "aRR",
        "f." + "." * 28 + ".e.",
    ),
    "an answer expires as soon as nothing is evaluated in a recovery": (
        AlertPriority.HIGH,
        "PA" + "P" * 28 + "-   ",
        "Ra" + "a" * 28 + "aRRR",
        "f." + "." * 28 + ".e..",
    ),
    "an answer of medium priority expires": (
        AlertPriority.MEDIUM,
        "PA" + "P" * 21,
        "Ra" + "a" * 19 + "RR",
        "f." + "." * 19 + "e.",
    ),
    "an answer of low priority expires": (
        AlertPriority.LOW,
        "PA" + "P" * 81,
        "Ra" + "a" * 79 + "RR",
        "f." + "." * 79 + "e.",
    ),
    "what was answered again holds again": (
        AlertPriority.HIGH,
        "PA" + "P" * 31 + "BPPPPPPP",
        "Ra" + "a" * 29 + "RR" + "aaaaaaaa",
        "f." + "." * 29 + "e." + "........",
    ),
    "a silence ends and delays no reminder after it": (
        AlertPriority.HIGH,
        "PSPPPPPPPPP",
        "RRRRRRRRRRR",
        "f..s....r..",
    ),
    "a reminder waits for the end of a silence": (
        AlertPriority.HIGH,
        "PPPPSPPPPPPP",
        "RRRRRRRRRRRR",
        "f.....s....r",
    ),
    "a silence ends though nothing is known": (
        AlertPriority.HIGH,
        "PS_ ____",
        "RRRRRRRR",
        "f..s....",
    ),
    "a silence is never made longer": (
        AlertPriority.HIGH,
        "PSPSTPPP",
        "RRRRRRRR",
        "f....s..",
    ),
    "a silence of medium priority ends": (
        AlertPriority.MEDIUM,
        "PSPPPPPPP",
        "RRRRRRRRR",
        "f..s....r",
    ),
    "a silence of low priority ends": (
        AlertPriority.LOW,
        "PS" + "P" * 11,
        "RR" + "R" * 11,
        "f." + "." * 9 + "s.",
    ),
    "a silence ends with an answer": (
        AlertPriority.HIGH,
        "PSAPPPPPP",
        "RRaaaaaaa",
        "f........",
    ),
    "a silence is over as a new sign comes": (
        AlertPriority.HIGH,
        "PSNNNNNNN",
        "RRRRRRRRR",
        "f.n....r.",
    ),
    "what ended unseen may be silent, too": (
        AlertPriority.HIGH,
        "P--S---",
        "RRRRLLL",
        "f....s.",
    ),
    "a new sign clears the answer": (
        AlertPriority.HIGH,
        "PAPNNNNNNN",
        "RaaRRRRRRR",
        "f..n....r.",
    ),
    "what comes back signals and reminds again": (
        AlertPriority.HIGH,
        "P---PPPPPPP",
        "RRRLRRRRRRR",
        "f...b....r.",
    ),
    "a rejection signals at once": (
        AlertPriority.HIGH,
        "PPXPPPPPPP",
        "RRRRRRRRRR",
        "f.x....r..",
    ),
    "two people reject, each once": (
        AlertPriority.HIGH,
        "PXXYYPPP",
        "RRRRRRRR",
        "fx.x....",
    ),
    "a person who rejected is asked again by a reminder": (
        AlertPriority.HIGH,
        "PXPPPPPXP",
        "RRRRRRRRR",
        "fx...." + "rx.",
    ),
    "an answer is withdrawn by the person who gave it": (
        AlertPriority.HIGH,
        "PAPXPPPPPP",
        "RaaRRRRRRR",
        "f..x....r.",
    ),
    "an answer is not withdrawn by another": (
        AlertPriority.HIGH,
        "PAPYPPPPPP",
        "Raaaaaaaaa",
        "f.........",
    ),
    "what ended unseen is rejected and answered": (
        AlertPriority.HIGH,
        "P--X-B",
        "RRRRLc",
        "f..x..",
    ),
}
