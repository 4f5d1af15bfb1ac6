"""One entry that a real broker or database does not take holds up no other one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from edge_agent import sinks
from edge_agent.journal.aside import AsidePolicy
from edge_agent.journal.entries import DeliveryHealth, JournalEntry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.model.alerts import Alert
from edge_agent.model.measurements import Readings
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.readings import encode_readings
from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from edge_agent.sinks.mqtt_sink import MqttSink
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.influxd import running_influxd
from tests.support.journal_state import quarantined
from tests.support.misbehaving_broker import CLOSE, Manners, misbehaving_broker
from tests.support.mqtt_ward import IDENTITY, ROOT, Ward, config
from tests.support.samples import AT, an_alert, some_readings

QUICK = DeliveryPolicy(
    first_wait_s=0.02,
    longest_wait_s=0.1,
    longest_hold_s=0.1,
    aside=AsidePolicy(first_alert_wait_s=3600.0, others_wait_s=3600.0),
)


@contextmanager
def opened(folder: Path, sink: str) -> Iterator[Journal]:
    journal = Journal(JournalSettings(folder / "journal.db", (sink,), 1e9))
    journal.start()
    try:
        yield journal
    finally:
        journal.stop()


@contextmanager
def delivering(
    journal: Journal, sink: InfluxSink | MqttSink, policy: DeliveryPolicy = QUICK
) -> Iterator[DeliveryWorker]:
    worker = DeliveryWorker(journal, sink, policy)
    if isinstance(sink, MqttSink):
        sink.start(worker.wake)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def readings_at(number: int, bed_id: str = "bed-1") -> Readings:
    made = some_readings(60.0 + number)
    vitals = tuple(replace(v, stored_ns=v.stored_ns + number, bed_id=bed_id) for v in made.vitals)
    return replace(made, bed_id=bed_id, vitals=vitals)


def append_readings(journal: Journal, count: int, bed_id: str = "bed-1") -> None:
    for number in range(count):
        body = encode_readings(readings_at(number, bed_id))
        journal.append(Lane.READINGS, bed_id, AT.utc_ns, body)
    journal.flush()


def damage_row(path: Path, number: int) -> None:
    """Damage one reading as a worn flash card would."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(
            "UPDATE entry SET body = x'00ff' WHERE seq ="
            " (SELECT seq FROM entry ORDER BY seq LIMIT 1 OFFSET ?)",
            (number,),
        )


def to_influx(journal: Journal, folder: Path) -> DeliveryHealth:
    """Deliver all but a damaged reading to a database, then one of another bed."""
    with running_influxd(folder / "influxd") as server:
        server.query('CREATE DATABASE "ward"')
        sink = InfluxSink(InfluxConfig(server.url, "v1", "s", "w", database="ward"))
        with delivering(journal, sink) as worker:
            assert worker.wait_until_idle(WAIT_S)
            append_readings(journal, 1, "bed-2")
            assert worker.wait_until_idle(WAIT_S)
        assert len(server.query("SELECT value FROM vitals")) == 9
    return worker.health()


def to_mqtt(journal: Journal, folder: Path) -> DeliveryHealth:
    """Deliver all but a damaged reading to a broker, then one of another bed."""
    with mosquitto(folder) as broker, watcher(broker.port) as seen:
        sink = MqttSink(config(broker.port), IDENTITY, Ward().callbacks())
        with delivering(journal, sink) as worker:
            for _ in range(8):
                seen.next("/vitals")
            append_readings(journal, 1, "bed-2")
            assert seen.next("/vitals").topic == f"{ROOT}/bed-2/vitals"
            assert worker.wait_until_idle(WAIT_S)
    return worker.health()


RECEIVERS = {InfluxSink.name: to_influx, MqttSink.name: to_mqtt}


def names_of_sinks() -> set[str]:
    """Return the name of every class of `edge_agent/sinks/` that delivers."""
    modules = [import_module(f"{sinks.__name__}.{m.name}") for m in iter_modules(sinks.__path__)]
    classes = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    return {one.name for one in classes if hasattr(one, "deliver") and hasattr(one, "name")}


@pytest.mark.parametrize("name", sorted(names_of_sinks()))
def test_a_damaged_reading_costs_itself_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "journal.db"
    with opened(tmp_path, name) as journal:
        append_readings(journal, 9)
    damage_row(path, 4)
    with opened(tmp_path, name) as journal:
        health = RECEIVERS[name](journal, tmp_path)
        assert (health.quarantined, health.refused, health.fault) == (1, 1, "")
        assert "cannot be read" in health.reason
        assert [e.body for e in quarantined(journal, name)] == [b""]


def test_a_bed_that_the_broker_forbids_holds_up_no_other(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    allowed = [f"topic write {ROOT}/+/vitals", f"topic write {ROOT}/+/events", "topic read #"]
    allowed += [f"topic write {ROOT}/bed-2/alerts/+", f"topic write {ROOT}/_gateway/gw"]
    acl.write_text("\n".join(allowed) + "\n")
    settings = ("allow_anonymous true", f"acl_file {acl}")
    soon = replace(QUICK, aside=AsidePolicy(first_alert_wait_s=0.05, longest_alert_wait_s=0.1))
    with mosquitto(tmp_path, *settings) as broker, opened(tmp_path, "mqtt") as journal:
        sink = MqttSink(config(broker.port), IDENTITY, Ward().callbacks())
        with watcher(broker.port) as seen, delivering(journal, sink, soon) as worker:
            for bed_id in ("bed-1", "bed-2"):
                tell(journal, worker, bed_id)
                append_readings(journal, 1, bed_id)
            assert seen.next("/alerts/crs.fever").topic == f"{ROOT}/bed-2/alerts/crs.fever"
            assert worker.wait_until_idle(WAIT_S)
            assert quarantined(journal, "mqtt")[0].bed_id == "bed-1"
            assert "Not authorized" in worker.health().reason
            acl.write_text("\n".join([*allowed, f"topic write {ROOT}/bed-1/alerts/+"]) + "\n")
            broker.reload()
            seen.next("/bed-1/alerts/crs.fever")  # offered again by itself
            seen.next("/bed-1/events")
            append_readings(journal, 1)
            assert worker.wait_until_idle(WAIT_S)
            assert worker.health().quarantined == 0
        assert quarantined(journal, "mqtt") == []


def an_alert_of(bed_id: str) -> Alert:
    return replace(an_alert(), bed_id=bed_id, alert_id=f"of-{bed_id}")


def tell(journal: Journal, worker: DeliveryWorker, bed_id: str) -> None:
    body = encode_alert(an_alert_of(bed_id))
    worker.offer(JournalEntry(0, Lane.ALERTS, bed_id, AT.utc_ns, body))
    journal.append(Lane.ALERTS, bed_id, AT.utc_ns, body, urgent=True)


def test_a_broker_that_hangs_up_at_one_beds_alert_takes_the_others(tmp_path: Path) -> None:
    """The poisoned alert is among the states that each connection begins with, too."""
    ward = Ward(alerts=[an_alert_of("bed-1")])

    def hang_up(topic: str, _count: int) -> int:
        return CLOSE if topic.startswith(f"{ROOT}/bed-1/alerts/") else 0

    with misbehaving_broker(Manners(hang_up)) as broker, opened(tmp_path, "mqtt") as journal:
        sink = MqttSink(config(broker.port), IDENTITY, ward.callbacks())
        with delivering(journal, sink) as worker:
            for bed_id in ("bed-1", "bed-2"):
                tell(journal, worker, bed_id)
            append_readings(journal, 30)
            topics: set[str] = set()
            while not {f"{ROOT}/bed-2/alerts/crs.fever", f"{ROOT}/bed-1/vitals"} <= topics:
                topics.add(broker.accepted.get(timeout=60.0)[0])
            assert worker.wait_until_idle(60.0)
            assert "the link broke 3 times" in worker.health().reason
        assert [e.bed_id for e in quarantined(journal, "mqtt")] == ["bed-1"]


def test_a_broker_that_hangs_up_at_each_fifth_message_gets_everything(tmp_path: Path) -> None:
    with (
        misbehaving_broker(Manners(lambda _t, count: CLOSE if count == 5 else 0)) as broker,
        opened(tmp_path, "mqtt") as journal,
    ):
        append_readings(journal, 10)
        sink = MqttSink(config(broker.port), IDENTITY, Ward().callbacks())
        with delivering(journal, sink) as worker:
            assert worker.wait_until_idle(60.0)
            assert worker.health().quarantined == 0


def test_a_database_that_refuses_every_line_loses_none(tmp_path: Path) -> None:
    """A field of another type: no vital can be written, alerts can."""
    with running_influxd(tmp_path / "influxd") as server, opened(tmp_path, "influx") as journal:
        server.query('CREATE DATABASE "ward"')
        settings = InfluxConfig(server.url, "v1", "s", "w", database="ward")
        sink = InfluxSink(settings)
        sink._write(f'vitals code="text" {AT.utc_ns}'.encode(), frozenset({0}))
        append_readings(journal, 12)
        with delivering(journal, sink) as worker:
            tell(journal, worker, "bed-1")
            while not server.query("SELECT state FROM alerts"):
                pass
            assert not worker.wait_until_idle(0.3)
            assert "readings: " in worker.health().fault
            server.query("DROP MEASUREMENT vitals")
            assert worker.wait_until_idle(WAIT_S)
            assert worker.health().fault == ""
        assert len(server.query("SELECT value FROM vitals")) == 12
        assert quarantined(journal, "influx") == []


def test_one_line_that_the_database_refuses_is_set_aside(tmp_path: Path) -> None:
    with running_influxd(tmp_path / "influxd") as server, opened(tmp_path, "influx") as journal:
        server.query('CREATE DATABASE "ward"')
        append_readings(journal, 12)
        vital = replace(some_readings(1.0).vitals[0], stored_ns=2**63)  # beyond its time
        body = encode_readings(replace(some_readings(1.0), vitals=(vital,)))
        journal.append(Lane.READINGS, "bed-1", AT.utc_ns, body)
        append_readings(journal, 3, "bed-2")
        sink = InfluxSink(InfluxConfig(server.url, "v1", "s", "w", database="ward"))
        with delivering(journal, sink) as worker:
            assert worker.wait_until_idle(WAIT_S)
        assert worker.health().quarantined == 1
        assert len(server.query("SELECT value FROM vitals")) == 15
