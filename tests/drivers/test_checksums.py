"""Checksums agree with their published check values and with a slow reference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.checksums import crc16_x25, sum8
from tests.drivers.philips_intellivue.monitor import fcs


def test_the_catalogue_check_value_is_met() -> None:
    assert crc16_x25(b"123456789") == 0x906E


def test_published_vectors_are_met() -> None:
    sent = {data: crc16_x25(bytes.fromhex(data)).to_bytes(2, "little") for data in ("3A71", "3A91")}
    assert sent == {"3A71": bytes.fromhex("9B26"), "3A91": bytes.fromhex("95C1")}


@given(st.binary(max_size=300))
def test_bit_by_bit_reference_agrees(data: bytes) -> None:
    assert crc16_x25(data) == fcs(data)


@given(st.binary(max_size=300))
def test_data_and_sum_together_leave_the_published_residue(data: bytes) -> None:
    assert crc16_x25(data + fcs(data).to_bytes(2, "little")) ^ 0xFFFF == 0xF0B8


def test_the_sum_of_bytes_wraps_at_256() -> None:
    assert sum8(b"123456789") == 477 - 256
    assert sum8(b"") == 0
    assert sum8(b"\xff" * 257) == 255
