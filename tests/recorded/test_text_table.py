"""Tables as spreadsheets and devices write them: read, or refused with the cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.recorded.stay_file import StayFile, read_stay
from edge_agent.recorded.text_table import TextTable

if TYPE_CHECKING:
    from pathlib import Path


def stay_of(folder: Path, content: bytes | str, mapping: str | None = None) -> StayFile:
    path = folder / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = None
    if mapping is not None:
        source = str(folder / "m.toml")
        (folder / "m.toml").write_text(mapping)
    return read_stay(path, 0, source)


def values(stay: StayFile) -> dict[str, list[float]]:
    return {
        kind.value + (f".{site}" if site else ""): column.values.tolist()
        for (kind, site), column in stay.recording.columns.items()
    }


def refusal(folder: Path, content: bytes | str, mapping: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        stay_of(folder, content, mapping)
    return "\n".join(str(mistake) for mistake in caught.value.mistakes)


WANTED = {"heart_rate": [88.0, 90.0], "spo2": [97.0, 96.0]}


@pytest.mark.parametrize(
    "text",
    [
        "time;heart_rate;spo2\n0;88;97\n60;90;96\n",
        "time\theart_rate\tspo2\n0\t88\t97\n60\t90\t96\n",
        "time|heart_rate|spo2\n0|88|97\n60|90|96\n",
        "sep=;\ntime;heart_rate;spo2\n0;88;97\n60;90;96\n",
        'SEP=,\r\n"time","heart_rate","spo2"\r\n"0","88","97"\r\n"60","90","96"\r\n',
        "sep=\t\ntime\theart_rate\tspo2\n0\t88\t97\n60\t90\t96\n",
        "# exported\n# by a device\ntime,heart_rate,spo2\n0,88,97\n60,90,96\n",
        "# exported\nsep=;\ntime;heart_rate;spo2\n0;88;97\n60;90;96\n",
        "time, heart_rate , spo2\n0, 88 , 97\n60, 90, 96\n",
        "Time,HEART_RATE,SpO2\n0,88,97\n60,90,96\n",
        "time,heart_rate,spo2,\n0,88,97,\n60,90,96,\n",
        "time,heart_rate,spo2\n0,88,97,\n60,90,96,,\n",
        "time,heart_rate,spo2\r0,88,97\r60,90,96\r",
        '"a, b";time;heart_rate;spo2\n;0;88;97\n;60;90;96\n',
    ],
)
def test_forms_that_leave_no_doubt_are_read(tmp_path: Path, text: str) -> None:
    assert values(stay_of(tmp_path, text)) == WANTED


def test_an_encoding_that_no_mapping_takes_is_not_proposed(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("time,heart_rate\n0,88\n".encode("utf-32"))
    with pytest.raises(ConfigError, match=r"is saved as UTF-32; save it as UTF-8$"):
        TextTable(path)


def test_a_separator_that_was_found_is_said(tmp_path: Path) -> None:
    stay = stay_of(tmp_path, "time;heart_rate;spo2\n0;88;97\n60;90;96\n")
    assert any("cells are separated by ';'" in line for line in stay.summary)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
        ("latin-1", "latin-1"),
        ("gb18030", "gb18030"),
        ("utf-8-sig", "utf-8"),
    ],
)
def test_other_encodings_are_read_where_they_are_said(
    tmp_path: Path, encoding: str, said: str
) -> None:
    content = "time,heart_rate,spo2,Ger\u00e4t\n0,88,97,\u00e4\n60,90,96,\u00e4\n".encode(encoding)
    stay = stay_of(tmp_path, content, f'encoding = "{said}"')
    assert values(stay) == WANTED
    assert stay.summary[-1].endswith("left out Ger\u00e4t")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("time\theart_rate\n0\t88\n".encode("utf-16"), 'or set encoding = "utf-16"'),
        ("time,heart_rate\n0,88\n".encode("utf-16-le"), 'or set encoding = "utf-16"'),
        (b"time,spo2,n\n0,97,\xe4\n", "holds the byte 0xe4, which is no utf-8; want CSV in UTF-8"),
        (b"PK\x03\x04xl/", "is a spreadsheet or an archive; save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0xls", "is a spreadsheet; save the sheet as CSV"),
        (b"PAR1....", "is Parquet; give it the ending .parquet"),
        (b"\x1f\x8b\x08", "is gzipped; give it the ending .csv.gz"),
        (b"SQLite format 3\x00", "is a database"),
        (b"time,heart_rate,spo2\n0,88,97\n" + b"\x00" * 64, "line 3: holds zero bytes"),
        (b"time,heart_rate,spo2\n0,88,97\n60,9", "line 3: has 2 cells; want 3"),
        (b"time,heart_rate,spo2\n0,88,97,1\n", "line 2: has 4 cells; want 3"),
        (b"sep=;\ntime;spo2\n0;x\n", "line 3: spo2: is 'x'"),
        (b"sep=;\ntime;spo2\n0\n", "line 3: has 1 cells; want 2"),
        (b"# by\n# x\ntime,spo2\n0,x\n", "line 4: spo2: is 'x'"),
        (b'time,spo2\n0,"' + b"9" * 140_000 + b'"\n', "cannot be read: field larger than"),
        (b"", "is empty"),
        (b"\n", "is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_cause(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    assert cause in refusal(tmp_path, content)


def test_a_decimal_comma_has_to_be_said(tmp_path: Path) -> None:
    text = "time;temperature\n0;37,8\n60;37,9\n"
    assert 'set decimal = ","' in refusal(tmp_path, text)
    assert values(stay_of(tmp_path, text, 'decimal = ","')) == {"temperature": [37.8, 37.9]}
    assert "is '37.8'" in refusal(tmp_path, text.replace("37,8", "37.8"), 'decimal = ","')
    quoted = 'time,temperature\n0,"37,8"\n'
    assert values(stay_of(tmp_path, quoted, 'decimal = ","')) == {"temperature": [37.8]}


def test_a_separator_can_be_said(tmp_path: Path) -> None:
    text = "time spo2,x\n0 97\n"
    stay = stay_of(tmp_path, text.replace(",x", ""), 'separator = " "')
    assert values(stay) == {"spo2": [97]}


def test_words_for_nothing_are_no_value_and_have_to_be_said(tmp_path: Path) -> None:
    text = "time,spo2,nibp_systolic\n0,97,120\n60,NA,n.d.\n120,---,118\n"
    assert 'set missing = ["NA"]' in refusal(tmp_path, text)
    stay = stay_of(tmp_path, text, 'missing = ["na", "N.D.", "---"]')
    found = values(stay)
    assert [value == value for value in found["spo2"]] == [True, False, False]  # noqa: PLR0124 NaN
    assert found["nibp_systolic"] == [120, 118]
    assert "spo2: 2 of 3 readings hold no value (no value)" in stay.summary[-1]


COLUMNS = """
[[column]]
name = "Sat"
kind = "spo2"
scale = 100
missing = [-1, "off"]
[[column]]
name = "BP"
kind = "nibp"
[[column]]
name = "T"
kind = "temperature"
unit = "F"
"""


def test_a_mapping_says_unit_scale_words_and_pairs_per_column(tmp_path: Path) -> None:
    text = "time,Sat,BP,T,HR\n0,0.97,122/73,98.6,80\n60,OFF,,99.5,81\n120,-1,118/70 (86),,82\n"
    stay = stay_of(tmp_path, text, COLUMNS)
    found = values(stay)
    assert found["spo2"][0] == 97
    assert [value == value for value in found["spo2"]] == [True, False, False]  # noqa: PLR0124 NaN
    assert found["nibp_systolic"] == [122, 118]
    assert found["nibp_diastolic"] == [73, 70]
    assert found["nibp_mean"] == [86]
    assert found["temperature"] == pytest.approx([37, 37.5])
    assert any("A mapping can name HR (heart_rate?)" in line for line in stay.summary)
    assert "want a pair such as 122/73, or nothing" in refusal(
        tmp_path, text.replace("118/70", "118"), COLUMNS
    )


def test_a_scale_counts_by_columns_too(tmp_path: Path) -> None:
    mapping = '[[column]]\nname = "Sat"\nkind = "spo2"\nscale = 100\n'
    assert values(stay_of(tmp_path, "time,Sat\n0,0.97\n60,0.5\n", mapping))["spo2"] == [97, 50]


def test_pairs_of_pressures_go_by_their_own_name(tmp_path: Path) -> None:
    stay = stay_of(tmp_path, "time,nibp,art\n0,122/73,120/70/85\n10,,\n")
    assert values(stay) == {
        "nibp_systolic": [122],
        "nibp_diastolic": [73],
        "art_systolic.abp": [120],
        "art_diastolic.abp": [70],
        "art_mean.abp": [85],
    }


def test_names_that_mean_one_thing_twice_are_refused(tmp_path: Path) -> None:
    assert "spo2: is a second spo2" in refusal(tmp_path, "time,SpO2,spo2\n0,1,2\n")
    assert "time: is there twice" in refusal(tmp_path, "time,Time,spo2\n0,1,2\n")
    two = "time,nibp,nibp_systolic\n0,1/2,3\n"
    assert "nibp_systolic: is a second nibp_systolic" in refusal(tmp_path, two)


def test_short_names_are_guessed_in_words_and_never_taken(tmp_path: Path) -> None:
    said = refusal(tmp_path, "Time,HR,SBP(mmHg)\n0,80,120\n")
    assert "A mapping can name HR (heart_rate?), SBP(mmHg) (nibp_systolic?)" in said
    said = refusal(tmp_path, "Time,HR\n0,80\n", 'decimal = ","')
    assert "want [[column]] in the mapping. A mapping can name HR (heart_rate?)" in said


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ('separator = "ab"', "separator: 'ab'; want one of ',', ';'"),
        ('separator = ""', "separator: ''; want one of"),
        ("decimal = 1", "decimal: 1; want one of '.', ','"),
        ('encoding = "ebcdic"', "encoding: 'ebcdic'; want one of utf-8, utf-16"),
        ('zone = "Mars"', "zone: 'Mars'; want the name of a zone"),
        ("zone = 1", "zone: 1; want the name of a zone"),
        ('time_format = "%H:%M"', "time_format: '%H:%M'; want a form with year, month and day"),
        ('time_format = ""', "time_format: ''; want a form"),
        ('time_format = "%Q"', "time_format: '%Q'; want a form"),
        ('time_format = "%Y-%m-%d"\ntime_unit = "s"', "time_unit: does not go with time_format"),
        ("missing = [true]", "missing[0]: true; want a number or a text"),
        ("missing = [nan]", "missing[0]: nan; want a number or a text"),
        ('[[column]]\nname = "x"\nkind = "spo2"\nscale = 0', "scale: 0; want a number above 0"),
        ('[[column]]\nname = "x"\nkind = "spo2"\nscale = inf', "scale: inf; want a number above"),
        ('[[column]]\nname = "x"\nkind = "spo2"\nscale = 1e7', "scale: 10000000.0; want a number"),
        ('[[column]]\nname = "x"\nkind = "nibp"\nsite = "arm"', "column[0].site: 'arm'; want one"),
        ('[[column]]\nname = "x"\nkind = "art"', "column[0].site: missing; want"),
        ('[[column]]\nname = "x"\nkind = "bp"', "kind: 'bp'; want one of heart_rate"),
    ],
)
def test_what_a_mapping_cannot_say_is_named(tmp_path: Path, mapping: str, message: str) -> None:
    assert message in refusal(tmp_path, "time,spo2\n0,97\n", mapping)


def test_a_file_of_capital_letters_in_its_ending_is_read(tmp_path: Path) -> None:
    path = tmp_path / "TABLE.CSV"
    path.write_text("time,spo2\n0,97\n")
    assert list(TextTable(path).rows()) == [(2, {"time": "0", "spo2": "97"}, "")]
