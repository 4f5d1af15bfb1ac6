"""Credentials of the InfluxDB sink, and servers that are not there or in trouble."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest

from edge_agent.model.errors import DeliveryError
from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from tests.support.influx_entries import TOKEN, VITAL, entry
from tests.support.influxd import Influxd, running_influxd, v2_front

if TYPE_CHECKING:
    from pathlib import Path


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
