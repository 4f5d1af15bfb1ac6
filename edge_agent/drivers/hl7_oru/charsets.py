"""Codecs of messages, by the charset names that the standard and vendors use."""

from __future__ import annotations

import re
from typing import Final

ASSUMED: Final = "utf-8"
"""Codec where no charset is named, or an unknown one: it includes ASCII, and other bytes are rarely
valid in it."""
NONE: Final = "ascii"
"""Codec for charsets that Python cannot read: characters outside ASCII stay unreadable."""
EXAMPLES: Final = ("UTF-8", "ISO-8859-1", "windows-1252", "GBK", "Big5", "KS X 1001", "Shift_JIS")
"""Examples of names for error messages."""
_JAPANESE: Final = "iso2022_jp_ext"
"""ISO-2022-JP with JIS X 0201, 0208 and 0212, switched by escape sequences inside the text."""

_LATIN: Final = {f"8859{n}": f"iso8859-{n}" for n in (*range(1, 12), 13, 14, 15, 16)}
_WINDOWS: Final = {str(n): f"cp{n}" for n in (*range(1250, 1259), 437, 850, 852, 866, 874)}
_CODECS: Final = {
    # HL7 table 0211, version 2.6; names in capitals without blanks and signs
    "ASCII": ASSUMED,
    "ISOIR6": ASSUMED,
    "UNICODE": ASSUMED,  # the first bytes identify UTF-16
    "UNICODEUTF8": ASSUMED,
    **_LATIN,
    "ISOIR14": _JAPANESE,
    "ISOIR87": _JAPANESE,
    "ISOIR159": _JAPANESE,
    "GB180302000": "gb18030",
    "KSX1001": "cp949",
    "CNS116431992": NONE,
    "BIG5": "cp950",
    # names that vendors use
    "USASCII": ASSUMED,
    "UTF8": ASSUMED,
    "UNICODE8": ASSUMED,
    **{f"ISO{name}": codec for name, codec in _LATIN.items()},
    **{f"ISOIEC{name}": codec for name, codec in _LATIN.items()},
    **{f"CP{name}": codec for name, codec in _WINDOWS.items()},
    **{f"WINDOWS{name}": codec for name, codec in _WINDOWS.items()},
    **{f"WIN{name}": codec for name, codec in _WINDOWS.items()},
    **{f"MS{name}": codec for name, codec in _WINDOWS.items()},
    **{f"LATIN{n}": f"iso8859-{n}" for n in (1, 2, 3, 4)},
    "LATIN5": "iso8859-9",
    "LATIN9": "iso8859-15",
    "ANSI": "cp1252",
    "GB18030": "gb18030",
    "GBK": "gb18030",
    "GB2312": "gb18030",
    "GB231280": "gb18030",
    "EUCCN": "gb18030",
    "CP936": "gb18030",
    "MS936": "gb18030",
    "WINDOWS936": "gb18030",
    "BIG5HKSCS": "big5hkscs",
    "CP950": "cp950",
    "MS950": "cp950",
    "WINDOWS950": "cp950",
    "KSC5601": "cp949",
    "EUCKR": "cp949",
    "CP949": "cp949",
    "MS949": "cp949",
    "WINDOWS949": "cp949",
    "ISO2022JP": _JAPANESE,
    "JIS": _JAPANESE,
    "SHIFTJIS": "cp932",
    "SJIS": "cp932",
    "CP932": "cp932",
    "MS932": "cp932",
    "WINDOWS31J": "cp932",
    "EUCJP": "euc_jp",
    "KOI8R": "koi8-r",
    "TIS620": "iso8859-11",
    # registration numbers by which DICOM names the same charsets (PS3.3, C.12.1.1.2)
    "ISOIR100": "iso8859-1",
    "ISOIR101": "iso8859-2",
    "ISOIR109": "iso8859-3",
    "ISOIR110": "iso8859-4",
    "ISOIR144": "iso8859-5",
    "ISOIR127": "iso8859-6",
    "ISOIR126": "iso8859-7",
    "ISOIR138": "iso8859-8",
    "ISOIR148": "iso8859-9",
    "ISOIR13": "cp932",
    "ISOIR166": "iso8859-11",
    "ISOIR149": "cp949",
    "ISOIR58": "gb18030",
    "ISOIR192": ASSUMED,
}
"""Python codec by charset name; a superset of the named charset where one exists."""
_SIGNS: Final = re.compile(r"[\W_]+", re.ASCII)


def known(name: str) -> str | None:
    """Return the codec of a charset; None for an unknown name."""
    return _CODECS.get(_SIGNS.sub("", name).upper())


def declared(names: list[str]) -> str:
    """Return the codec that MSH-18 declares: its first charset, which others may extend.

    Japanese senders leave the first empty and name the charsets to which escape sequences switch.
    """
    codecs = [known(name) for name in names]
    if _JAPANESE in codecs and codecs[0] in {None, ASSUMED, _JAPANESE}:
        return _JAPANESE
    return codecs[0] or ASSUMED
