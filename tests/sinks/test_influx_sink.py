"""Points of the InfluxDB sink, read back from a real server."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.journal.entries import Entry, Lane
from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.errors import DeliveryError
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Readings,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.readings import encode_readings
from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from tests.support.influxd import Influxd, running_influxd, v2_front

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "s3cret-token"
AT = Instant(5_000_000_000, 1_790_000_000_123_456_789)
VITAL = Vital(
    bed_id="bed 07,west=1",
    kind=VitalKind.TEMPERATURE,
    value=38.25,
    validity=Validity.VALID,
    mode=GenerationMode.REAL,
    reason="",
    site="core",
    device_id="mp90",
    code=150368,
    device_time=DeviceTime(),
    measured_at=AT.plus(-2),
    received_at=AT,
    stored_ns=AT.utc_ns + 3,
)
ALERT = Alert(
    alert_id="a1",
    n=1,
    bed_id="bed-07",
    rule_id="crs.fever",
    rule_version=1,
    kind=AlertKind.PHYSIOLOGICAL,
    priority=AlertPriority.MEDIUM,
    text='Fever: 38.2 "core"',
    state=AlertState.RAISED,
    pending_since=AT,
    changed_at=AT,
    evidence=(),
    config_hash="c0ffee",
)


def entry(seq: int, *vitals: Vital) -> Entry:
    readings = Readings(VITAL.bed_id, VITAL.device_id, AT, (), vitals)
    body = encode_readings(readings)
    return Entry(seq, Lane.READINGS, VITAL.bed_id, AT.utc_ns, body)


def alert_entry(seq: int, alert: Alert) -> Entry:
    return Entry(seq, Lane.ALERTS, alert.bed_id, AT.utc_ns, encode_alert(alert))


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with running_influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@pytest.fixture(params=["v1", "v2"])
def config(
    request: pytest.FixtureRequest, influxd: Influxd, tmp_path: Path
) -> Iterator[InfluxConfig]:
    influxd.query('DROP DATABASE "ward"')
    influxd.query('CREATE DATABASE "ward"')
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN + "\n")
    with ExitStack() as stack:
        if request.param == "v1":
            yield InfluxConfig(influxd.url, "v1", "st-anna", "w 3", database="ward")
        else:
            url = stack.enter_context(v2_front(influxd, TOKEN))
            yield InfluxConfig(
                url, "v2", "st-anna", "w 3", org="anna", bucket="ward", token_file=token_file
            )


@pytest.fixture
def sink(config: InfluxConfig) -> Iterator[InfluxSink]:
    sink = InfluxSink(config)
    yield sink
    sink.close()


def test_a_vital_comes_back_as_it_was(sink: InfluxSink, influxd: Influxd) -> None:
    sink.deliver([entry(1, VITAL)])
    assert influxd.query("SELECT * FROM vitals") == [
        {
            "time": VITAL.stored_ns,
            "site": "st-anna",
            "ward": "w 3",
            "bed": "bed 07,west=1",
            "device": "mp90",
            "kind": "temperature",
            "probe": "core",
            "unit": "Cel",
            "value": 38.25,
            "validity": "valid",
            "mode": "real",
            "reason": "",
            "code": 150368,
            "measured_ns": AT.utc_ns - 2_000_000_000,
            "received_ns": AT.utc_ns,
        }
    ]


def test_a_vital_without_a_value_is_a_row_without_a_value(
    sink: InfluxSink, influxd: Influxd
) -> None:
    missing = replace(
        VITAL, value=None, validity=Validity.INVALID, reason="sensor off", site="", stored_ns=7
    )
    sink.deliver([entry(1, VITAL, missing)])
    first, second = influxd.query("SELECT * FROM vitals")
    assert (first["time"], first["value"], first["probe"]) == (7, None, None)
    assert (first["validity"], first["reason"]) == ("invalid", "sensor off")
    assert second["value"] == 38.25


def test_every_transition_of_an_alert_is_a_row(sink: InfluxSink, influxd: Influxd) -> None:
    answered = replace(ALERT, n=2, state=AlertState.ACKNOWLEDGED, acknowledged_by="Nurse Ö. Åm")
    sink.deliver([alert_entry(1, ALERT), alert_entry(2, answered)])
    rows = influxd.query("SELECT * FROM alerts")
    assert [(r["time"], r["n"], r["state"], r["by"]) for r in rows] == [
        (AT.utc_ns + 1, 1, "raised", ""),
        (AT.utc_ns + 2, 2, "acknowledged", "Nurse Ö. Åm"),
    ]
    assert {k: rows[0][k] for k in ("alert_id", "bed", "rule", "kind", "priority", "text")} == {
        "alert_id": "a1",
        "bed": "bed-07",
        "rule": "crs.fever",
        "kind": "physiological",
        "priority": "medium",
        "text": 'Fever: 38.2 "core"',
    }


def test_events_are_not_for_the_database(sink: InfluxSink, influxd: Influxd) -> None:
    sink.deliver([Entry(1, Lane.EVENTS, "bed-07", AT.utc_ns, b"{}")])
    assert influxd.query("SHOW MEASUREMENTS") == []


def test_a_batch_written_twice_leaves_one_row_each(sink: InfluxSink, influxd: Influxd) -> None:
    batch = [
        *(
            entry(n, replace(VITAL, stored_ns=AT.utc_ns + n, value=36.0 + n / 10))
            for n in range(50)
        ),
        alert_entry(51, ALERT),
    ]
    sink.deliver(batch)
    before = influxd.query("SELECT * FROM vitals, alerts")
    sink.deliver(batch)
    assert influxd.query("SELECT * FROM vitals, alerts") == before
    assert len(before) == 51


def test_a_stopped_database_is_tried_again_and_loses_nothing(
    sink: InfluxSink, influxd: Influxd
) -> None:
    sink.deliver([entry(1, VITAL)])
    influxd.stop()
    try:
        with pytest.raises(DeliveryError) as caught:
            sink.deliver([entry(2, replace(VITAL, stored_ns=9))])
    finally:
        influxd.start()
    assert caught.value.retryable
    sink.deliver([entry(2, replace(VITAL, stored_ns=9))])
    assert [r["time"] for r in influxd.query("SELECT value FROM vitals")] == [9, VITAL.stored_ns]


def test_a_refused_line_is_not_retried_and_its_neighbours_are_kept(
    sink: InfluxSink, influxd: Influxd
) -> None:
    sink.deliver([entry(1, VITAL)])
    beyond_time = replace(VITAL, stored_ns=2**63)
    neighbour = replace(VITAL, stored_ns=11)
    with pytest.raises(DeliveryError, match="400") as caught:
        sink.deliver([entry(2, beyond_time), entry(3, neighbour)])
    assert not caught.value.retryable
    sink.deliver([entry(3, neighbour)])
    assert len(influxd.query("SELECT value FROM vitals")) == 2


def test_a_missing_database_is_tried_again_and_says_what_to_check(config: InfluxConfig) -> None:
    sink = InfluxSink(replace(config, database="nowhere", bucket="nowhere"))
    with pytest.raises(DeliveryError, match=r"404 .*'nowhere' exists") as caught:
        sink.deliver([entry(1, VITAL)])
    sink.close()
    assert caught.value.retryable


@pytest.mark.parametrize("config", ["v2"], indirect=True)
def test_a_replaced_token_is_read_again_and_never_told(
    config: InfluxConfig, sink: InfluxSink, influxd: Influxd
) -> None:
    assert config.token_file is not None
    config.token_file.write_text("0utdated-token")
    with pytest.raises(DeliveryError, match=r"401 .*token and its rights") as caught:
        sink.deliver([entry(1, VITAL)])
    assert caught.value.retryable
    assert "0utdated" not in str(caught.value)
    config.token_file.write_text(TOKEN)
    sink.deliver([entry(1, VITAL)])
    assert len(influxd.query("SELECT value FROM vitals")) == 1


@pytest.mark.parametrize("config", ["v2"], indirect=True)
def test_an_unreadable_secret_names_the_file(config: InfluxConfig, tmp_path: Path) -> None:
    sink = InfluxSink(replace(config, token_file=tmp_path / "absent"))
    with pytest.raises(DeliveryError, match="absent") as caught:
        sink.deliver([entry(1, VITAL)])
    sink.close()
    assert caught.value.retryable


@pytest.mark.parametrize("config", ["v2"], indirect=True)
def test_a_server_without_tokens_is_written_without_one(config: InfluxConfig) -> None:
    sink = InfluxSink(replace(config, token_file=None))
    with pytest.raises(DeliveryError, match="401"):
        sink.deliver([entry(1, VITAL)])
    sink.close()


def test_v1_logs_in_with_the_password_of_the_file(tmp_path: Path) -> None:
    with running_influxd(tmp_path, auth_enabled=True) as server:
        server.query("CREATE USER boss WITH PASSWORD 'pw' WITH ALL PRIVILEGES")
        server.query('CREATE DATABASE "ward"', login="boss:pw")
        password_file = tmp_path / "password"
        password_file.write_text("wrong")
        config = InfluxConfig(
            server.url,
            "v1",
            "st-anna",
            "w3",
            database="ward",
            username="boss",
            password_file=password_file,
        )
        sink = InfluxSink(config)
        with pytest.raises(DeliveryError, match=r"401 .*password and its rights") as caught:
            sink.deliver([entry(1, VITAL)])
        password_file.write_text("pw\n")
        sink.deliver([entry(1, VITAL)])
        sink.close()
        assert len(server.query("SELECT value FROM vitals", login="boss:pw")) == 1
    assert caught.value.retryable


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_server_that_is_not_there_is_tried_again(
    api: Literal["v1", "v2"], tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    config = InfluxConfig(url, api, "s", "w", org="o", bucket="ward", token_file=token_file)
    sink = InfluxSink(config)
    with pytest.raises(DeliveryError, match=f"{url} does not answer") as caught:
        sink.deliver([entry(1, VITAL)])
    sink.close()
    assert caught.value.retryable
    assert TOKEN not in str(caught.value)


def test_a_server_in_trouble_is_tried_again(influxd: Influxd, tmp_path: Path) -> None:
    """A front that is up while its server is down answers 5xx."""
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    with v2_front(influxd, TOKEN) as url:
        config = InfluxConfig(url, "v2", "s", "w", org="o", bucket="ward", token_file=token_file)
        sink = InfluxSink(config)
        influxd.stop()
        try:
            with pytest.raises(DeliveryError, match=r"503 .*in trouble") as caught:
                sink.deliver([entry(1, VITAL)])
        finally:
            influxd.start()
        sink.close()
    assert caught.value.retryable


# surrogates cannot be encoded; a control character or backslash in a tag is replaced on purpose
_names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), min_size=1, max_size=20
)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


_vitals = st.builds(
    replace,
    st.just(VITAL),
    bed_id=_names,
    device_id=_names,
    reason=_texts,
    value=st.floats(allow_nan=False, allow_infinity=False),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(vital=_vitals)
@pytest.mark.parametrize("config", ["v1"], indirect=True)
def test_any_text_and_number_survive_the_way_through_the_server(
    sink: InfluxSink, influxd: Influxd, vital: Vital
) -> None:
    influxd.query("DROP MEASUREMENT vitals")
    sink.deliver([entry(1, vital)])
    (row,) = influxd.query("SELECT * FROM vitals")
    assert (row["bed"], row["device"]) == (vital.bed_id, vital.device_id)
    assert row["reason"] == vital.reason
    assert float(str(row["value"])) == vital.value


@pytest.mark.parametrize("config", ["v1"], indirect=True)
def test_what_a_tag_cannot_carry_is_replaced(sink: InfluxSink, influxd: Influxd) -> None:
    sink.deliver([entry(1, replace(VITAL, bed_id="a\\,b\nc\\"))])
    (row,) = influxd.query("SELECT * FROM vitals")
    assert row["bed"] == "a/,b c/"
