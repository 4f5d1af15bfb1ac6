"""A commented ward file to start from."""

from __future__ import annotations

from typing import Final

EXAMPLE_WARD: Final = """\
# ward.toml - who is called for which bed, when, and how. The nurse in charge keeps it up to date.
# gateway.toml names it: [ward] file = "ward.toml"; check both with `crswatch check-config`.
# A changed file counts within seconds. A file with mistakes does not: the one before stays in
# force, and the board says so. A call under way keeps the people with whom it began.

answers_for_high = 1    # 2: two different people must acknowledge what is HIGH

[[people]]              # staff only, never a patient
id = "N12"              # staff id, as people answer with it
ways = ["handset"]      # ways out in gateway.toml that reach this person, all used at once

[[people]]
id = "N15"
ways = ["handset"]

[[people]]
id = "C3"
ways = ["handset"]

[[people]]
id = "D7"
ways = ["handset"]

# The shifts of a day follow one another without a gap.
[[shifts]]
name = "day"
begins = "07:00"        # time of day in the ward's zone; also in the nights in which clocks change
ends = "19:00"
charge = "C3"           # nurse in charge: called at once for a bed without a nurse
rapid_response = "D7"   # doctor on duty or rapid response team
[shifts.nurses]         # nurse of each bed
bed-01 = "N12"
[shifts.buddies]        # who stands in for each nurse
N12 = "N15"

[[shifts]]
name = "night"
begins = "19:00"
ends = "07:00"
charge = "N15"
rapid_response = "D7"
[shifts.nurses]
bed-01 = "N15"

# Steps and times that are not set have these values: design start values, unvalidated.
# [steps]
# high = [
#   { after_s = 0, duty = "nurse" },
#   { after_s = 60, duty = "buddy" },
#   { after_s = 120, duty = "charge" },
#   { after_s = 180, duty = "rapid_response" },
# ]
# medium = [
#   { after_s = 0, duty = "nurse" },
#   { after_s = 300, duty = "buddy" },
#   { after_s = 600, duty = "charge" },
# ]
# low = []              # a work list on the board; nobody is called

# [times.high]
# reminder_s = 300      # seconds without an answer until everybody called so far is called again
# answer_s = 1800       # seconds for which an answer holds while the condition goes on
# silence_s = 120       # longest silence, seconds; it can be made shorter, never longer
"""
