"""`crswatch context`: entries reach the running agent, and its answer is shown."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.commands.context import enter
from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.pipeline_thread import TimePassed
from edge_agent.gateway.system_clock import read_system_clock, system_clock
from edge_agent.replay.run import no_lines
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.brokers import WAIT_S, free_port, mosquitto, watcher
from tests.support.command_entries import made
from tests.support.control_sockets import await_path
from tests.support.gateways import BED, SITE, WARD, write_config
from tests.support.misbehaving_broker import listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def running(config: Path) -> Iterator[Agent]:
    """Run an agent without monitors."""
    settings = load_config(config)
    agent = Agent(settings, read_rulebook(None), system_clock(), no_lines)
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


def ready(agent: Agent) -> None:
    """Wait until the agent hears the broker."""
    assert agent._mqtt is not None
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        if agent._mqtt._connection.link is not None:  # the broker has answered to the states,
            return  # which were sent after the subscriptions
        pace.wait(0.02)
    pytest.fail(agent._mqtt.fault())


def elsewhere(config: Path) -> Path:
    """Return the same configuration on another machine, which has no agent and no journal."""
    path = config.with_name("elsewhere.toml")
    path.write_text(config.read_text().replace("journal.db", "elsewhere.db"))
    return path


class Ward:
    """A command line beside a gateway."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._config = str(config)
        self._capsys = capsys

    def enter(self, *words: str) -> tuple[int, str]:
        """Run the command; return its exit status and what it printed."""
        status = main(["context", BED, *words, "--config", self._config])
        printed = self._capsys.readouterr()
        return status, printed.out + printed.err

    def entered(self, *words: str) -> str:
        """Enter something, which must be taken; return its id."""
        status, text = self.enter(*words, "--by", "N12")
        assert status == 0, text
        return text.partition("entered as ")[2].strip()


@pytest.mark.broker
def test_a_stay_is_entered_corrected_listed_and_known_after_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with mosquitto(tmp_path) as broker, watcher(broker.port) as seen:
        config = write_config(tmp_path, "/dev/null", broker_port=broker.port)
        ward = Ward(config, capsys)
        with running(config) as agent:
            ready(agent)
            ward.entered("admitted", "--patient", "P-17")
            infused = ("infusion", "new-cel", "--at", "2026-01-31T08:00")
            assert "usual time of onset is not known" in ward.enter(*infused, "--by", "N12")[1]
            oxygen = ward.entered("oxygen", "nasal cannula", "--amount", "2", "--at", "00:00")
            event = seen.next_json(f"/{BED}/events")
            while event.get("event") != "context_entered" or event["entry"]["kind"] != "oxygen":
                event = seen.next_json(f"/{BED}/events")
            assert event["entry"]["patient_id"] == "P-17"
            assert event["entry"]["by"] == "N12"
            more = ward.entered("oxygen", "face mask", "--amount", "8", "--corrects", oxygen)
            assert agent.drain(WAIT_S)
            ended = ward.entered("--end", more)
            wrong = ward.entered("tocilizumab", "--id", "toci-1")
            assert wrong == "toci-1"
            status, text = ward.enter("oxygen", "cpap", "--corrects", oxygen, "--by", "N12")
            assert (status, f"corrected by '{more}'" in text) == (1, True)
            assert agent.drain(WAIT_S)
            ward.entered("--take-back", wrong)
            assert agent.drain(WAIT_S)
            status, text = ward.enter("--list")
            assert status == 0
            assert f"corrected by {ended}" in text
            assert "withdrawn by" in text
            assert "withdraws" in text
            assert "P-17 in bed-07" in text
        with running(config) as agent:
            ready(agent)
            ward.entered("weight", "--amount", "71.5")
            known = agent._pipeline._evaluation.context_log(BED).at(read_system_clock().utc_ns)
            assert (known.product, known.tocilizumab_utc_ns) == ("new-cel", None)
            ward.entered("discharged")
            assert agent.drain(WAIT_S)
            assert "nobody is in bed-07" in ward.enter("--list")[1]
            assert "face mask" in ward.enter("--list", "--patient", "P-17")[1]


def test_an_agent_on_this_machine_needs_no_broker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "/dev/null")
    with running(config):
        await_path(tmp_path / "journal.db")
        ward = Ward(config, capsys)
        assert ward.entered("cooling", "--id", "c-1") == "c-1"
        status, text = ward.enter("oxygen", "cpap", "--corrects", "nothing", "--by", "N12")
    assert (status, "entry 'bed-07/" in text) == (1, True), text


def test_a_refusal_before_the_entry_was_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "/dev/null")
    with running(config) as agent:
        await_path(tmp_path / "journal.db")
        agent.pipeline_thread.stop()
        while agent.pipeline_thread.offer(TimePassed(read_system_clock())):
            pass
        status, text = Ward(config, capsys).enter("cooling", "--by", "N12")
        agent.supervise()
    assert (status, text) == (1, "the gateway is too busy; send it again\n")


@pytest.mark.broker
def test_the_same_entry_goes_to_an_agent_on_another_machine_over_the_broker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mosquitto(tmp_path) as broker:
        config = write_config(tmp_path, "/dev/null", broker_port=broker.port)
        ward = Ward(elsewhere(config), capsys)
        with running(config) as agent:
            ready(agent)
            assert ward.entered("cooling", "--id", "c-1") == "c-1"
            status, text = ward.enter("oxygen", "cpap", "--corrects", "nothing", "--by", "N12")
    assert (status, "entry 'bed-07/" in text) == (1, True), text


@pytest.mark.broker
def test_a_bed_that_left_the_configuration_with_a_patient_in_it_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mosquitto(tmp_path) as broker:
        config = write_config(tmp_path, "/dev/null", broker_port=broker.port)
        with running(config) as agent:
            ready(agent)
            Ward(config, capsys).entered("admitted", "--patient", "P-17")
    config.write_text(config.read_text().replace(f'id = "{BED}"', 'id = "bed-08"'))
    assert main(["context", BED, "--list", "--config", str(config)]) == 0
    assert f"P-17 in {BED}" in capsys.readouterr().out
    assert main(["context", "bed-9", "--list", "--config", str(config)]) == 2


@pytest.mark.broker
def test_the_same_entry_given_again_is_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mosquitto(tmp_path) as broker:
        config = write_config(tmp_path, "/dev/null", broker_port=broker.port)
        ward = Ward(config, capsys)
        with running(config) as agent:
            ready(agent)
            words = ("ice", "--amount", "9", "--at", "00:00", "--id", "ice-1", "--by", "N12")
            assert ward.enter(*words)[0] == 0
            status, text = ward.enter(*words)
    assert (status, "was already entered" in text) == (0, True)


@pytest.mark.broker
def test_an_agent_that_does_not_answer_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mosquitto(tmp_path) as broker, watcher(broker.port) as other:
        config = write_config(tmp_path, "/dev/null", broker_port=broker.port)
        topic = f"crswatch/v1/{SITE}/{WARD}/{BED}/events"
        other.publish(topic, b'{"event": "alert"}', retain=True)
        status = enter(load_config(config), BED, made(kind="cooling", id="c-1"), 0.5)
    text = capsys.readouterr().err
    assert status == 1
    assert "no answer in 0.5 s" in text
    assert "--id c-1" in text


def test_a_broker_that_is_away_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "/dev/null", broker_port=free_port())
    status, text = Ward(config, capsys).enter("cooling", "--by", "N12")
    assert (status, "crswatch: broker 127.0.0.1:" in text) == (2, True)


@pytest.mark.broker
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "answers as a web server (HTTP), not as MQTT"),
        (bytes.fromhex("20020000"), "speaks an MQTT of before version 5"),
        (bytes.fromhex("2003008700"), "check mqtt.username"),
    ],
)
def test_what_is_no_broker_is_named_to_who_enters(
    answer: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(answer, hang_up=True) as port:
        config = write_config(tmp_path, "/dev/null", broker_port=port)
        status, text = Ward(config, capsys).enter("cooling", "--by", "N12")
    assert (status, f"crswatch: broker 127.0.0.1:{port}" in text, words in text) == (2, True, True)


@pytest.mark.broker
def test_a_broker_that_refuses_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mosquitto(tmp_path, "allow_anonymous false") as broker:
        config = write_config(tmp_path, "/dev/null", broker_port=broker.port)
        status, text = Ward(config, capsys).enter("cooling", "--by", "N12")
    assert (status, "refused the connection: Not authorized" in text) == (2, True)


def test_what_cannot_be_sent_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "/dev/null")
    status, text = Ward(config, capsys).enter("cooling", "--by", "N12")
    assert (status, "mqtt: is missing" in text) == (2, True)
    assert main(["context", "bed-9", "--list", "--config", str(config)]) == 2
    assert "BED: is 'bed-9'; want one of bed-07" in capsys.readouterr().err
