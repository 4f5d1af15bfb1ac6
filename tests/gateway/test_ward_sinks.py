"""Sinks made of a configuration: which alerts of the broker they take for their own."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.ward_sinks import mqtt_sink
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.mqtt_ward import IDENTITY, Ward, alert_entry, deliver, wire
from tests.support.samples import an_alert

CONFIG = """
[gateway]
id = "gw"
site = "site"
ward = "ward"
[journal]
path = "j.db"
[[beds]]
id = "bed-1"
port = "/dev/ttyUSB0"
driver = "nonin"
[mqtt]
host = "127.0.0.1"
port = {port}
"""
ROOT = "crswatch/v1/site/ward"


@pytest.mark.broker
@pytest.mark.parametrize("clears_alerts", [True, False])
def test_only_alerts_of_this_gateway_and_its_beds_are_cleared(
    tmp_path: Path, *, clears_alerts: bool
) -> None:
    with mosquitto(tmp_path) as broker:
        config = parse_config(CONFIG.format(port=broker.port), source="gateway.toml")
        first = mqtt_sink(config, IDENTITY, Ward().callbacks(), clears_alerts=clears_alerts)
        assert first is not None
        first.start()
        with watcher(broker.port, f"{ROOT}/+/alerts/+") as seen:
            deliver(first, alert_entry(an_alert()))
            body = wire(seen.next("/bed-1/alerts/crs.fever").payload)
            first.close()
            del body["gateway_id"]
            for bed_id in ("bed-1", "bed-8"):
                topic = f"{ROOT}/{bed_id}/alerts/old"
                seen.publish(topic, json.dumps(body).encode(), retain=True)
                seen.next(f"/{bed_id}/alerts/old")
            later = mqtt_sink(config, IDENTITY, Ward().callbacks(), clears_alerts=clears_alerts)
            assert later is not None
            later.start()
            pace = threading.Event()
            for _ in range(100 if clears_alerts else 3):
                deliver(later, alert_entry(an_alert()))
                later.tend()
                pace.wait(0.02)
            later.close()
        with watcher(broker.port, f"{ROOT}/+/alerts/old") as late:
            expected = ["bed-8"] if clears_alerts else ["bed-1", "bed-8"]
            topics = [late.messages.get(timeout=WAIT_S).topic for _ in expected]
            assert sorted(topics) == [f"{ROOT}/{bed_id}/alerts/old" for bed_id in expected]
