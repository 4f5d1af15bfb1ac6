"""Points of the InfluxDB sink, read back from a real server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.errors import DeliveryError
from edge_agent.model.measurements import Validity, Vital
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.checkpoints import (
    GATEWAY_BED,
    encode_checkpoint,
    is_signed_by,
    public_key,
    read_checkpoints,
    signed_checkpoint,
)
from edge_agent.sinks.influx_sink import InfluxSink
from tests.support import trails
from tests.support.influx_entries import AT, VITAL, entry
from tests.support.influxd import Influxd

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


def alert_entry(seq: int, alert: Alert) -> JournalEntry:
    return JournalEntry(seq, Lane.ALERTS, alert.bed_id, AT.utc_ns, encode_alert(alert))


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


def test_a_checkpoint_of_the_audit_trail_is_a_row_that_can_be_checked(
    sink: InfluxSink, influxd: Influxd
) -> None:
    checkpoint = signed_checkpoint(trails.KEY, trails.ORIGIN, 300, "5b" * 32, AT.utc_ns)
    event = encode_checkpoint(checkpoint)
    assert sink.deliver([JournalEntry(1, Lane.EVENTS, GATEWAY_BED, AT.utc_ns, event)]) == 1
    (row,) = influxd.query("SELECT * FROM audit")
    assert (row["count"], row["origin"], row["time"]) == (300, trails.ORIGIN, AT.utc_ns)
    (found,), _ = read_checkpoints(str(row["signed"]))
    assert is_signed_by(found, public_key(trails.ORIGIN, trails.KEY))


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
    sink.deliver([JournalEntry(1, Lane.EVENTS, "bed-07", AT.utc_ns, b"{}")])
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


@pytest.mark.untraced
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
