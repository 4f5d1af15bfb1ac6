"""The pages about access and the audit trail say what the program does."""

from __future__ import annotations

import json
import re

from edge_agent.access.hashing import DEFAULT_COST
from edge_agent.access.lockout import (
    OF_ACCOUNT,
    OF_ACCOUNT_AT_STATION,
    OF_ADDRESS,
    OF_PIN,
    OF_STATION,
)
from edge_agent.access.roles import HOLDERS, Role
from edge_agent.access.secret_rules import password_mistake
from edge_agent.access.session_rules import LIFETIMES, SessionKind
from edge_agent.journal.trail import ACTS_AT_MOST
from edge_agent.model.audit import Act
from tests.support.pages import blocks, page

ACCESS = re.sub(r"\s+", " ", page("access.md"))
AUDIT = re.sub(r"\s+", " ", page("audit.md"))


def test_the_table_of_roles_is_that_of_the_program() -> None:
    said = {
        re.sub(":.*", "", key): [bool(cell.strip()) for cell in cells]
        for key, cells in (
            (row.split("|")[1].strip(" `").split("`")[0], row.split("|")[2:6])
            for row in page("access.md").splitlines()
            if re.match(r"\| `\w+`: ", row)
        )
    }
    assert said == {
        permission.value: [role in holders for role in Role]
        for permission, holders in HOLDERS.items()
    }


def test_delays_and_lifetimes_are_those_of_the_program() -> None:
    policies = [OF_ACCOUNT, OF_ACCOUNT_AT_STATION, OF_ADDRESS, OF_STATION]
    found = re.findall(r"\| (\d+) \| 5 s, doubling to (\d+) min \|", page("access.md"))
    assert found == [(str(p.free), str(round(p.longest_s / 60))) for p in policies]
    assert {p.first_s for p in policies} == {5.0}
    assert f"after {OF_ACCOUNT.most} in a row" in ACCESS
    assert f"| PINs of an account | {OF_PIN.free} | no PIN |" in page("access.md")
    personal, at_station = LIFETIMES[SessionKind.PERSONAL], LIFETIMES[SessionKind.AT_STATION]
    assert f"{personal.idle_s / 60:g} min without an act, {personal.most_s / 3600:g} h" in ACCESS
    assert (
        f"{at_station.idle_s / 60:g} min without an act, {at_station.most_s / 60:g} min" in ACCESS
    )
    assert f"{LIFETIMES[SessionKind.STATION].most_s / 86_400:g} days" in ACCESS


def test_the_rules_for_secrets_are_those_of_the_program() -> None:
    assert "15 to 128 characters" in ACCESS
    assert "at least 15" in password_mistake("x" * 14, "")
    assert "at most 128" in password_mistake("x" * 129, "")
    cost = DEFAULT_COST
    words = f"{cost.memory_kib // 1024} MiB, {cost.passes} passes and {cost.lanes} lanes"
    assert f"argon2id with {words}" in ACCESS


def test_the_page_lists_every_act() -> None:
    text = page("audit.md").split("Acts are ")[1].split("- **A loss")[0]
    assert set(re.findall(r"`(\w+)`", text)) == set(Act)


def test_an_entry_on_the_page_has_the_fields_of_one() -> None:
    (example,) = [json.loads(b.text) for b in blocks("audit.md") if b.language == "json"]
    assert list(example["entry"]) == sorted(example["entry"])
    assert example["entry"].keys() == {
        *("act", "at", "bed_id", "by", "detail", "n", "previous", "role", "subject", "via"),
    }


def test_limits_on_the_page_are_those_of_the_program() -> None:
    assert f"up to {ACTS_AT_MOST:,} of them" in AUDIT
    assert "every 100 entries" in AUDIT
