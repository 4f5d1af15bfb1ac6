"""A real InfluxDB, and the sink that writes to it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from tests.support.influx_entries import TOKEN
from tests.support.influxd import Influxd, running_influxd, v2_front

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="package")
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
