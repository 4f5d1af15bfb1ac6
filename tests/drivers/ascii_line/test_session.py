"""Lines become values by their definition, and the link and identity follow the lines."""

from __future__ import annotations

import operator
from datetime import timedelta, timezone
from functools import reduce
from zoneinfo import ZoneInfo

import pytest

from edge_agent.model.measurements import DeviceTime, GenerationMode, Validity
from tests.drivers.ascii_line.line import (
    HEAD,
    SPO2,
    decoded,
    definition,
    messages,
    numerics,
    printed,
    reasons,
)

PULSE = (
    '[fields.pulse]\nrole = "value"\nkind = "pulse_rate"\nunit = "/min"\n'
    'digits = "###"\npadded = false\nmissing = ["000", "---"]\n'
)
STATUS = '[fields.status]\nrole = "status"\nwords = {{ {} }}\n{}'
TIME = '[fields.{}]\nrole = "time"\nformat = "{}"\n{}'


@pytest.mark.parametrize(
    ("text", "value", "validity"),
    [
        ("72", 72, Validity.VALID),
        ("0", 0, Validity.QUESTIONABLE),
        ("7", 7, Validity.VALID),
        ("172", 172, Validity.VALID),
        ("000", None, Validity.NOT_AVAILABLE),
        ("---", None, Validity.NOT_AVAILABLE),
    ],
)
def test_numbers_without_padding_and_missing_texts(
    text: str, value: float | None, validity: Validity
) -> None:
    (numeric,) = numerics(decoded(f"P={text};\n".encode(), definition("P={pulse};", PULSE)))
    assert (numeric.value, numeric.validity) == (value, validity)


@pytest.mark.parametrize("text", ["", "1720", " 72", "-72", "7 2", "7.2"])
def test_a_number_of_another_form_rejects_its_line(text: str) -> None:
    wire = f"P={text};\n".encode()
    assert numerics(decoded(wire, definition("P={pulse};", PULSE))) == []


def test_a_zero_is_believed_where_the_definition_says_that_it_is_a_value() -> None:
    text = definition("P={pulse};", PULSE + "zero_is_a_value = true\n")
    assert [n.validity for n in numerics(decoded(b"P=0;\nP=7;\n", text))] == [Validity.VALID] * 2
    scaled = definition("P={pulse};", PULSE + "scale = 0.1\n")
    assert [n.validity for n in numerics(decoded(b"P=0;\nP=7;\n", scaled))] == [
        Validity.QUESTIONABLE,
        Validity.VALID,
    ]


def test_a_zero_under_a_worse_word_keeps_that_word() -> None:
    words = STATUS.format('OK = "valid", OFF = "invalid"', "")
    text = definition("P={pulse} {status}", PULSE, words)
    read = numerics(decoded(b"P=0 OFF\nP=0 OK\n", text))
    assert [(n.value, n.validity) for n in read] == [
        (None, Validity.INVALID),
        (0, Validity.QUESTIONABLE),
    ]


CELSIUS = (
    '[fields.t]\nrole = "value"\nkind = "temperature@oral"\nunit = "Cel"\n'
    'digits = "##{0}#"\nmissing = ["--{0}-"]\n'
)


@pytest.mark.parametrize(
    ("head", "pattern", "line"),
    [
        ("", "T={t}°C", b"T=38.4\xb0C"),
        ("", "T={t}ºC", b"T=38.4\xbaC"),
        ('encoding = "latin-1"\n', "T={t}°C", b"T=38.4\xb0C"),
        ('encoding = "utf-8"\n', "T={t}°C", b"T=38.4\xc2\xb0C"),
        ('encoding = "cp437"\n', "T={t}°C", b"T=38.4\xf8C"),
        ("", "\\u0002{t}\\u0003", b"\x0238.4\x03"),
        ("", "\\u0000{t}", b"\x0038.4"),
        ("", "{t}", b"\x0038.4\x00"),
        ("", "{t}", b"\x1138.4\x13"),
        ("", "{t}", b"38.4  "),
        ("", "T={t}", bytes(byte | 0x80 * (byte.bit_count() % 2) for byte in b"T=38.4")),
    ],
)
def test_what_is_not_ascii_can_be_described(head: str, pattern: str, line: bytes) -> None:
    text = definition(pattern, CELSIUS.format("."), head=HEAD + head)
    assert [n.value for n in numerics(decoded(line + b"\r\n" + line + b"\n", text))] == [38.4] * 2


def test_a_date_in_another_order_than_described_costs_the_time_alone_once_it_repeats() -> None:
    text = definition("{d} {t}", CELSIUS.format("."), TIME.format("d", "MM/DD/YYYY hh:mm", ""))
    odd, sound = b"25/12/2026 08:00 38.4\n", b"12/25/2026 08:00 38.4\n"
    events = decoded(odd * 3 + sound + odd, text)
    no_such = "the line holds a date that does not exist"
    assert reasons(events) == [
        no_such,
        "the date is ignored: it does not exist; are day and month in another order?",
        no_such,
    ]
    assert [n.value for n in numerics(events)] == [38.4] * 3
    walls = [message.device_now.wall_ns for message in messages(events)]
    assert walls == [None, None, 1_798_185_600_000_000_000]
    assert [n.measured_at.wall_ns for n in numerics(events)] == walls


def test_a_decimal_comma_can_be_described() -> None:
    text = definition("{t}", CELSIUS.format(","))
    read = numerics(decoded(b"38,4\n--,-\n38.4\n", text))
    assert [(n.value, n.validity) for n in read] == [
        (38.4, Validity.VALID),
        (None, Validity.NOT_AVAILABLE),
    ]
    scaled = definition("{t}", CELSIUS.format(",") + "scale = 10\n")
    assert [n.value for n in numerics(decoded(b"03,8\n", scaled))] == [38]


def test_a_unit_and_a_missing_text_may_hold_any_character_of_the_device() -> None:
    fields = (
        '[fields.t]\nrole = "value"\nkind = "temperature@oral"\nunit_from = "u"\n'
        'digits = "##.#"\nmissing = ["—"]\n[fields.u]\nrole = "unit"\n'
        'words = { "°C" = "Cel", "°F" = "[degF]" }\n'
    )
    text = definition("{t}{u}", fields, head=HEAD + 'encoding = "cp1252"\n')
    read = [printed(n) for n in numerics(decoded(b"38.4\xb0C\n99.1\xb0F\n\x97\xb0C\n", text))]
    assert read == [
        "temperature@oral 38.4 Cel valid",
        "temperature@oral 99.1 [degF] valid",
        "temperature@oral - Cel not_available",
    ]


@pytest.mark.parametrize("noise", [b"\xb0", b"\xba", b"\x02", b"?", b"\xc2\xb0"])
def test_a_text_that_is_not_used_may_be_any_bytes(noise: bytes) -> None:
    ignore = '[fields.x]\nrole = "ignore"\nlongest = 2\n'
    text = definition("T={t}{x}C", CELSIUS.format("."), ignore)
    assert [n.value for n in numerics(decoded(b"T=38.4" + noise + b"C\n", text))] == [38.4]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"38.5 x", "the line does not match the definition"),
        (b"\x0238.5", "the line does not match the definition; it holds more than printable ASCII"),
        (b"38.5\xb0", "the line does not match the definition; it holds more than printable ASCII"),
    ],
)
def test_a_line_with_bytes_that_are_easily_overlooked_says_so(line: bytes, told: str) -> None:
    assert reasons(decoded(line + b"\n", definition("{t}", CELSIUS.format(".")))) == [told]


def test_every_padded_number_is_read() -> None:
    text = definition("{spo2}", SPO2)
    for form in ("{:3d}\n", "{:03d}\n"):
        wire = "".join(form.format(value) for value in range(1000)).encode()
        assert [n.value for n in numerics(decoded(wire, text))] == list(range(1000))


def test_a_scale_is_applied_without_a_rounding_error() -> None:
    field = '[fields.t]\nrole = "value"\nkind = "temperature"\nunit = "Cel"\ndigits = "####"\n'
    (numeric,) = numerics(decoded(b" 383\n", definition("{t}", field + "scale = 0.1")))
    assert numeric.value == 38.3


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("A", "spo2 97 % valid"),
        ("B", "spo2 97 % questionable"),
        ("C", "spo2 - % invalid"),
        ("D", "spo2 - % measuring"),
        ("E", "spo2 - % above_range"),
        ("F", "spo2 - % below_range"),
        ("G", "spo2 - % calibrating"),
        ("H", "spo2 - % not_available"),
    ],
)
def test_a_status_word_judges_its_line(word: str, expected: str) -> None:
    words = (
        'A = "valid", B = "questionable", C = "invalid", D = "measuring", E = "above_range", '
        'F = "below_range", G = "calibrating", H = "not_available"'
    )
    text = definition("{spo2} {status}", SPO2, STATUS.format(words, ""))
    (numeric,) = numerics(decoded(f" 97 {word}\n".encode(), text))
    assert printed(numeric) == expected


@pytest.mark.parametrize(
    ("word", "mode"), [("DEMO", GenerationMode.DEMO), ("SELFTEST", GenerationMode.TEST)]
)
def test_demonstration_and_test_are_told_as_the_mode(word: str, mode: GenerationMode) -> None:
    status = STATUS.format('OK = "valid", DEMO = "demo", SELFTEST = "test"', "width = 8")
    text = definition("{spo2} {status}", SPO2, status)
    (numeric,) = numerics(decoded(f" 97 {word:8}\n".encode(), text))
    assert (numeric.value, numeric.mode) == (97, mode)


def test_of_several_status_words_the_gravest_decides_for_the_values_it_judges() -> None:
    first = STATUS.format('ok = "valid", weak = "questionable"', "")
    second = STATUS.replace("fields.status", "fields.probe").format(
        'on = "valid", off = "invalid"', 'applies_to = ["spo2"]'
    )
    text = definition("{spo2} {pulse} {status} {probe}", SPO2, PULSE, first, second)
    found = numerics(decoded(b" 97 72 weak off\n 97 72 ok on\n 97 72 weak on\n", text))
    assert [n.validity.value for n in found] == [
        "invalid", "questionable", "valid", "valid", "questionable", "questionable",
    ]  # fmt: skip


def test_a_word_that_begins_another_one_is_told_from_it() -> None:
    status = STATUS.format('LOW = "valid", LOWER = "questionable"', "")
    text = definition("{status}{spo2}", SPO2, status)
    found = numerics(decoded(b"LOW 97\nLOWER 97\n", text))
    assert [n.validity.value for n in found] == ["valid", "questionable"]


@pytest.mark.parametrize("kind", ["sum8", "xor8"])
def test_a_checksum_of_two_hexadecimal_digits_is_checked(kind: str) -> None:
    text = definition("S={spo2}*{checksum}", SPO2, line=f'checksum = "{kind}"')
    body = b"S= 97*"
    total = sum(body) % 256 if kind == "sum8" else reduce(operator.xor, body)
    for digits in {f"{total:02X}", f"{total:02x}"}:
        assert len(numerics(decoded(body + digits.encode() + b"\n", text))) == 1
    for other in set(range(256)) - {total}:
        events = decoded(body + f"{other:02X}\n".encode(), text)
        assert reasons(events) == ["the checksum of the line does not match"]
        assert numerics(events) == []


def test_a_full_time_is_the_devices_clock_in_its_zone() -> None:
    text = definition("{t} {spo2}", SPO2, TIME.format("t", "DD.MM.YY hh:mm", ""))
    wire = b"01.03.26 08:15  97\n"
    (utc,) = messages(decoded(wire, text))
    (berlin,) = messages(decoded(wire, text, zone=ZoneInfo("Europe/Berlin")))
    assert utc.device_now == utc.numerics[0].measured_at
    assert utc.device_now == DeviceTime(wall_ns=1_772_352_900_000_000_000)
    assert berlin.device_now == DeviceTime(wall_ns=1_772_352_900_000_000_000 - 3600 * 10**9)


def test_a_time_of_the_reading_dates_the_reading_and_not_the_line() -> None:
    text = definition(
        "{sent} {taken} {spo2}",
        SPO2 + "sent_once = true",
        TIME.format("sent", "YYYY-MM-DDThh:mm:ss", ""),
        TIME.format("taken", "YYYYMMDDhhmmss", 'of = "reading"'),
    )
    (message,) = messages(decoded(b"2026-03-01T08:15:00 20260301081000  97\n", text))
    assert message.device_now == DeviceTime(wall_ns=1_772_352_900_000_000_000)
    assert message.numerics[0].measured_at == DeviceTime(wall_ns=1_772_352_600_000_000_000)
    assert not message.numerics[0].is_sent_once


def test_a_reading_that_is_sent_once_stays_new_where_only_its_line_is_dated() -> None:
    time = TIME.format("t", "YYYY-MM-DD hh:mm", "")
    text = definition("{t} {spo2}", SPO2 + "sent_once = true", time)
    (message,) = messages(decoded(b"2026-03-01 08:15  97\n", text))
    assert message.numerics[0].is_sent_once
    assert message.numerics[0].measured_at == message.device_now != DeviceTime()


@pytest.mark.parametrize("date", ["2026-02-29", "2026-04-31", "2023-02-30"])
def test_a_day_that_is_none_rejects_the_line(date: str) -> None:
    text = definition("{t} {spo2}", SPO2, TIME.format("t", "YYYY-MM-DD hh:mm", ""))
    events = decoded(f"{date} 08:15  97\n".encode(), text)
    assert reasons(events) == ["the line holds a date that does not exist"]


def test_a_zone_with_an_odd_offset_is_kept_to_the_second() -> None:
    text = definition("{t} {spo2}", SPO2, TIME.format("t", "YYYY-MM-DD hh:mm:ss", ""))
    zone = timezone(timedelta(hours=5, minutes=45))
    (message,) = messages(decoded(b"1970-01-01 05:45:01  97\n", text, zone=zone))
    assert message.device_now == DeviceTime(wall_ns=10**9)
