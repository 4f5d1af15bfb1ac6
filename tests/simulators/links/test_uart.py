"""Bytes read at another rate than they were sent at: worked out by hand, and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.links.uart import misread

LINE = b"03/14/26 09:41:00 SN=0000012345 SPO2=097% BPM=072 PI=02.93%\r\n"


@given(st.binary(max_size=200))
def test_the_right_rate_reads_what_was_sent(data: bytes) -> None:
    assert misread(data, 1.0) == data


@pytest.mark.parametrize("ratio", [0.97, 1.03])
def test_a_clock_three_percent_off_reads_what_was_sent(ratio: float) -> None:
    assert misread(LINE, ratio) == LINE


@pytest.mark.parametrize(
    ("sent", "ratio", "read"),
    [
        # nine low bits are longer than ten of the receiver's: zero, and a stop bit that is low
        ("00", 2.0, "00"),
        # only the start bit is low, two of the receiver's bits long: start and the lowest bit
        ("ff", 2.0, "fe"),
        # low for start and four bits, then high: ten of the receiver's bits are low
        ("f0", 2.0, "00"),
        # each bit lasts a half of the receiver's: a start bit is over when it looks again
        ("55", 0.5, ""),
        # low for 9 bits: start and 4 (samples at 3, 5, 7 and the last one 9, the stop bit)
        ("00", 0.5, "f8"),
    ],
)
def test_a_wrong_rate_reads_what_the_bits_give(sent: str, ratio: float, read: str) -> None:
    assert misread(bytes.fromhex(sent), ratio).hex() == read


@given(st.binary(max_size=200), st.floats(1 / 64, 64).filter(lambda ratio: not 0.93 < ratio < 1.07))
def test_no_more_is_read_than_there_was_time_for(data: bytes, ratio: float) -> None:
    assert len(misread(data, ratio)) <= 10 * len(data) * ratio / 9.5 + 1


@pytest.mark.parametrize("ratio", [0.25, 0.5, 2.0, 4.0])
def test_a_line_of_text_is_garbage(ratio: float) -> None:
    read = misread(LINE, ratio)
    assert read
    assert b"SPO2" not in read
