"""Charsets by every usual name; what none explains is never taken for a name."""

from __future__ import annotations

import pytest

from edge_agent.drivers.hl7_oru import charsets, er7
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.model.errors import ConfigError
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, HR, messages, obx, read

ROW = obx(HR, "66", BPM)


def said(charset: str, encoding: str, location: str, profile: str = "") -> str:
    """Return the origin of a message whose location is written in `encoding`."""
    head = sender.header(rest=f"1|P|2.6||||||{charset}")
    frame = sender.frame(head, f"PV1||I|{location}", ROW, encoding=encoding)
    (message,) = messages(read(frame, "ward" if profile else "", profile))
    return message.origin


@pytest.mark.parametrize(
    ("charset", "encoding", "location"),
    [
        ("UNICODE UTF-8", "utf-8", "床"),
        ("UTF-8", "utf-8", "床"),
        ("utf8", "utf-8", "床"),
        ("UNICODE", "utf-8", "床"),
        ("ASCII", "ascii", "5"),
        ("ISO IR6", "ascii", "5"),
        ("8859/1", "latin-1", "Süd"),
        ("ISO-8859-1", "latin-1", "Süd"),
        ("ISO 8859-1", "latin-1", "Süd"),
        ("latin1", "latin-1", "Süd"),
        ("ISO IR100", "latin-1", "Süd"),
        ("8859/2", "iso8859-2", "Łódź"),
        ("8859/3", "iso8859-3", "Ħ"),
        ("8859/4", "iso8859-4", "Ā"),
        ("8859/5", "iso8859-5", "Ж"),
        ("8859/6", "iso8859-6", "ب"),
        ("8859/7", "iso8859-7", "Ω"),
        ("8859/8", "iso8859-8", "ש"),
        ("8859/9", "iso8859-9", "Ş"),
        ("8859/15", "iso8859-15", "€"),
        ("CP1252", "cp1252", "Süd€2"),
        ("windows-1252", "cp1252", "Süd€2"),
        ("WINDOWS-1251", "cp1251", "Ж"),
        ("ANSI", "cp1252", "Süd"),
        ("GB 18030-2000", "gb18030", "二床"),
        ("GBK", "gbk", "二床"),
        ("GB2312", "gb2312", "二床"),
        ("cp936", "gbk", "二床"),
        ("BIG-5", "big5", "二床"),
        ("Big5", "cp950", "二床"),
        ("KS X 1001", "euc_kr", "침대"),
        ("EUC-KR", "cp949", "침대"),
        ("~ISO IR87", "iso2022_jp", "二床"),
        ("ASCII~ISO IR87", "iso2022_jp", "二床"),
        ("ISO IR14~ISO IR87", "iso2022_jp", "二床"),
        ("Shift_JIS", "cp932", "二床"),
        ("ISO IR13", "cp932", "二床"),
        ("EUC-JP", "euc_jp", "二床"),
        ("8859/1~ISO IR87", "latin-1", "Süd"),
        ("TIS-620", "iso8859-11", "เตียง"),
        ("", "utf-8", "床"),
        ("KLINGON", "utf-8", "床"),
    ],
)
def test_a_place_is_read_in_the_charset_that_is_declared(
    charset: str, encoding: str, location: str
) -> None:
    assert said(charset, encoding, f"ICU^^{location}") == f"ICU^^{location}"


@pytest.mark.parametrize("charset", ["", "ASCII", "UNICODE UTF-8", "CNS 11643-1992", "KLINGON"])
def test_a_place_in_an_undeclared_charset_is_unreadable(charset: str) -> None:
    two, three = (said(charset, "gbk", f"ICU^^{bed}床") for bed in "二三")
    assert "\ufffd" in two
    assert "\ufffd" in three


@pytest.mark.parametrize("charset", ["", "ASCII", "UNICODE UTF-8", "8859/1"])
def test_the_charset_of_the_profile_counts_whatever_the_sender_declares(charset: str) -> None:
    assert said(charset, "gbk", "ICU^^二床", 'charset = "GBK"') == "ICU^^二床"


def test_text_in_utf_16_is_known_whatever_the_profile_says() -> None:
    assert said("UNICODE", "utf-16", "ICU^^床", 'charset = "GBK"') == "ICU^^床"


def test_a_profile_names_a_charset_that_is_known() -> None:
    assert profile_of("ward", 'charset = "windows-1252"').charset == "cp1252"
    assert profile_of("ward", 'charset = ""').charset == ""
    for value in ('"KLINGON"', "5", '"hex"', '"unicode_escape"'):
        with pytest.raises(ConfigError, match="charset"):
            profile_of("ward", f"charset = {value}")


@pytest.mark.parametrize("name", charsets.EXAMPLES)
def test_every_codec_exists_and_reads_ascii(name: str) -> None:
    codec = charsets.known(name)
    assert codec
    assert b"MSH|^~&".decode(codec) == "MSH|^~&"


def test_no_codec_of_a_name_is_missing() -> None:
    for codec in set(charsets._CODECS.values()):
        assert b"OBX|1|NM|147842".decode(codec) == "OBX|1|NM|147842"


def test_a_blank_before_the_header_does_not_hide_its_charset() -> None:
    head = "\r\n " + sender.header(rest="1|P|2.6||||||8859/1")
    message = er7.parse(f"{head}\nNTE|Süd\r".encode("latin-1"))
    assert message.segments[0].text(1) == "Süd"
