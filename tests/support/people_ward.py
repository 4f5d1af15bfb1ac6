"""An agent of one bed that calls people of a ward file over a real way out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.agent import Agent
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.clock import ScaledClock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.pipelines import BED, PLACE, START, message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.web_receiver import WebReceiver

WARD: Final = """
[[people]]
id = "N12"
ways = ["phones"]
[[people]]
id = "N15"
ways = ["phones"]
[[people]]
id = "C3"
ways = ["phones"]
[[shifts]]
name = "all"
begins = "07:00"
ends = "07:00"
charge = "C3"
[shifts.nurses]
bed-01 = "N12"
[shifts.buddies]
N12 = "N15"
"""
RAISED_S: Final = 70


class PeopleWard:
    """An agent of one bed with a ward file, on a clock of its own."""

    def __init__(self, folder: Path, receiver: WebReceiver, more: str = "") -> None:
        self.folder = folder
        self.receiver = receiver
        self.hand = [START]
        (folder / "ward.toml").write_text(WARD)
        self.text = f"""
            [gateway]
            id = "gw-01"
            site = "site"
            ward = "ward"
            [journal]
            path = "journal.db"
            [[beds]]
            id = "{BED}"
            port = "/dev/null"
            driver = "philips_intellivue"
            [ward]
            file = "ward.toml"
            [[ways]]
            name = "phones"
            kind = "webhook"
            url = "http://127.0.0.1:{receiver.port}/calls"
            {more}
        """

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        """Give a running agent, and stop it."""
        config = parse_config(self.text, source="gateway.toml", folder=self.folder)
        clock = ScaledClock(lambda: self.hand[0], self.hand[0])
        agent = Agent(config, read_rulebook(None), clock, lambda *_: [])
        agent.start()
        try:
            yield agent
        finally:
            agent.stop()

    def breathe(self, agent: Agent, begin_s: int, end_s: int, spo2: float) -> None:
        """Let the monitor send a second's readings, from one second to another."""
        for second in range(begin_s, end_s):
            self.hand[0] = START.plus(second)
            event = message(second, hr=80, spo2=spo2)
            agent.pipeline_thread.put(FromDevice(PLACE, (event,), event.at))
            agent.pipeline_thread.wait_until_idle()

    def notice(self) -> dict[str, Any]:
        """Return the next notice that arrives."""
        while True:
            found = self.receiver.next().json()
            if found["kind"] == "notice":
                return found

    def called(self) -> tuple[str, str, bool]:
        """Return whom the next notice calls, and for which reason."""
        found = self.notice()
        return found["person_id"], found["reason"], found["is_over"]
