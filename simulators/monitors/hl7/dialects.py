"""Tables of how each kind of device writes vital signs in HL7 version 2.

Sources: messages of a Mindray eGateway, a Comen NC5, a Northern monitor (Aquaris), GE B40 and B1x5
monitors and a Philips central, as public code quotes them; for Edan the numbers that public code
reads; for Efficia: Philips, Efficia CM Series Data Export Guide, chapters 2 and 3. Details that
none of these shows are marked `source: unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from simulators.monitors.hl7.er7 import TimeStyle

_BEATS: Final = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
_BREATHS: Final = "264928^MDC_DIM_RESP_PER_MIN^MDC"
_PERCENT: Final = "262688^MDC_DIM_PERCENT^MDC"
_MILLIMETRES: Final = "266016^MDC_DIM_MMHG^MDC"
_CELSIUS: Final = "268192^MDC_DIM_DEGC^MDC"
_FAHRENHEIT: Final = "266560^MDC_DIM_FAHR^MDC"
_HR: Final = "147842^MDC_ECG_HEART_RATE^MDC"
_SPO2: Final = "150456^MDC_PULS_OXIM_SAT_O2^MDC"
_PULSE: Final = "149530^MDC_PULS_OXIM_PULS_RATE^MDC"
_PERFUSION: Final = "150448^MDC_PULS_OXIM_PERF_REL^MDC"
_BREATHING: Final = "151562^MDC_RESP_RATE^MDC"
_TEMPERATURE: Final = "150344^MDC_TEMP^MDC"


class Missing(Enum):
    """Spelling of a missing value."""

    OMITTED = "omitted"
    """The device omits the row."""
    EMPTY = "empty"
    """No value, status X."""
    NO_READING = "no_reading"
    """No value, status unchanged."""
    LARGE = "8388607"
    """8388607 with status X."""
    NEGATIVE = "-100"
    """-100 with status F."""
    FULL_SCALE = "32767"
    """32767 with the status of a value."""


@dataclass(frozen=True, slots=True)
class ObxRow:
    """One OBX segment."""

    sign: str
    """Name of the sign; empty for a row that only announces the part that follows."""
    code: str
    sub_id: str = ""
    unit: str = ""
    site: str = ""
    """Site that a reader finds in the code, after the @ of a key."""
    set_id: str = ""
    """Fixed set id; empty for a counted one."""
    source: str = ""
    """OBX-17, source of the value."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Format of one kind of device."""

    head: tuple[str, ...]
    """MSH, PID, PV1 and, where used, ORC and OBR, with fields in braces."""
    rows: tuple[ObxRow, ...]
    report_kind: str = "ORU^R01^ORU_R01"
    fixed_rows: tuple[str, ...] = ()
    """Rows about the device, before the values."""
    free_text: str = "REDACTED"
    """Text in fields on which nothing depends."""
    codec: str = "utf-8"
    times: TimeStyle = TimeStyle.SECONDS
    status: str = "F"
    """OBX-11 of a value."""
    missing: Missing = Missing.OMITTED
    cuff_missing: Missing = Missing.OMITTED
    cuff_mark: str = ""
    """OBX-13 of a cuff reading."""
    numbers_rows: bool = True
    stamps_all: bool = False
    """True where every row has a time, not only cuff readings."""
    names_device: str = ""
    """Rows with OBX-18: first or all; empty for none."""
    shows_limits: bool = False
    width: int = 11
    """Smallest number of fields in an OBX."""
    fahrenheit: str = _FAHRENHEIT
    second_temperature: ObxRow = ObxRow(
        "scaled_temperature", _TEMPERATURE, "1.2.2.150344", _CELSIUS
    )
    second_spo2: ObxRow = ObxRow("spo2", _SPO2, "1.3.2.150456", _PERCENT)
    temperature_codes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Code, and site that a reader finds in it, by temperature site."""
    control_id: str = "{count}"
    wants_ack: bool = False
    """True where the device waits for the acknowledgement of a message before the next."""
    is_polled: bool = False
    has_alarm_rows: bool = False
    """True where alarms are rows of the message."""
    alarm_head: str = ""
    """Segment before alarm rows, which then come last; empty where they come before the values."""
    has_alarm_messages: bool = False
    """True where alarms are separate messages (ORU^R40)."""
    has_chatter: bool = False
    """True where the device also queries and reports patients, unasked."""


_Three = tuple[str, str, str]
_CUFF_SIGNS: Final = {"SYS": "nibp_systolic", "MEAN": "nibp_mean", "DIA": "nibp_diastolic"}


def _cuff(
    codes: _Three, sub_ids: _Three, site: str, set_ids: _Three = ("", "", "")
) -> tuple[ObxRow, ...]:
    return tuple(
        ObxRow(_CUFF_SIGNS[_last_word(code)], code, sub_id, _MILLIMETRES, site, set_id)
        for code, sub_id, set_id in zip(codes, sub_ids, set_ids, strict=True)
    )


def _last_word(code: str) -> str:
    return code.split("^")[1].rpartition("_")[2]


_CUFF_CODES: Final = (
    "150301^MDC_PRESS_CUFF_SYS^MDC",
    "150303^MDC_PRESS_CUFF_MEAN^MDC",
    "150302^MDC_PRESS_CUFF_DIA^MDC",
)
_NORTHERN_CUFF_CODES: Final = ("150031^MDC_PRESS_CUFF_SYS^MDC", *_CUFF_CODES[1:])
_CUFF_SUB_IDS: Final = ("1.1.9.150301", "1.1.9.150303", "1.1.9.150302")
_NONINVASIVE_CODES: Final = (
    "150021^MDC_PRESS_BLD_NONINV_SYS^MDC",
    "150022^MDC_PRESS_BLD_NONINV_DIA^MDC",
    "150023^MDC_PRESS_BLD_NONINV_MEAN^MDC",
)
_PCD_01: Final = "IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"

_MINDRAY: Final = Dialect(
    head=(
        "MSH|^~\\&|MINDRAY_EGATEWAY^{device}^EUI-64|MINDRAY|||{now}||{kind}|{id}|P|2.6|||AL|NE||"
        f"UNICODE UTF-8|||IHE_PCD_001^{_PCD_01}",
        "PID|||^^^Hospital^PI|REDACTED|||||unknownrace",
        "PV1||I|{location}^{free}^^^^^{address}",
        "OBR|1|{id}^MINDRAY_EGATEWAY^{device}^EUI-64|{id}^MINDRAY_EGATEWAY^{device}^EUI-64|"
        "182777000^monitoring of patient^SCT|||{now}",
    ),
    rows=(
        ObxRow("spo2", _SPO2, "1.3.1.150456", _PERCENT, "", "1"),
        ObxRow("pulse_rate", _PULSE, "1.3.1.149530", _BEATS, "spo2", "2"),
        ObxRow("perfusion_index", _PERFUSION, "1.3.1.150448", _PERCENT, "", "3"),
        ObxRow(
            "pleth_respiratory_rate",
            "151658^MDC_PULS_OXIM_PLETH_RESP_RATE^MDC",
            "1.3.1.151658",
            _BREATHS,
            "pleth",
            "4",
        ),
        ObxRow(
            "respiratory_rate",
            "151578^MDC_TTHOR_RESP_RATE^MDC",
            "1.7.1.151578",
            _BREATHS,
            "thoracic",
            "5",
        ),
        ObxRow("temperature", _TEMPERATURE, "1.2.1.150344", _CELSIUS, "", "6"),
        *_cuff(_CUFF_CODES, _CUFF_SUB_IDS, "cuff", ("7", "8", "9")),
        ObxRow("heart_rate", _HR, "1.7.4.147842", _BEATS, "", "13"),
    ),
    free_text="Klinik Süd",
    times=TimeStyle.FRACTION_ZONE,
    status="R",
    cuff_mark="APERIODIC",
    stamps_all=True,
    names_device="first",
    temperature_codes=MappingProxyType({"axillary": ("188496^MDC_TEMP_AXIL^MDC", "axillary")}),
    has_alarm_messages=True,
)

_COMEN: Final = Dialect(
    head=(
        "MSH|^~\\&|NC_Monitor|{device}|||{now}||{kind}|{id}|P|2.6||||||UNICODE UTF-8",
        "PID|||{patient}||REDACTED|||M||{free}",
        "PV1||I|{location}|R",
        "OBR||||1^MON_PARAM^99COMEN|||{now}",
    ),
    rows=(
        ObxRow("spo2", _SPO2, "1.3.1.150456", _PERCENT),
        ObxRow("pulse_rate", "149522^MDC_PULS_RATE^MDC", "1.0.0.149522", _BEATS),
        ObxRow("spo2", _SPO2, "1.3.2.150456", _PERCENT),
        ObxRow("heart_rate", _HR, "1.7.4.147842", _BEATS),
        ObxRow("respiratory_rate", _BREATHING, "1.14.1.151562", _BREATHS),
        ObxRow("temperature", _TEMPERATURE, "1.2.1.150344", _CELSIUS),
        *_cuff(_NONINVASIVE_CODES, ("1.1.9.150021", "1.1.9.150022", "1.1.9.150023"), ""),
        ObxRow("nothing", _SPO2, "1.6.1", _PERCENT),  # a second oximeter, never attached
    ),
    free_text="未知",
    times=TimeStyle.SECONDS_ZONE,
    missing=Missing.LARGE,
    cuff_missing=Missing.LARGE,
    numbers_rows=False,
    stamps_all=True,
    control_id="{clock}{count:04d}",
    wants_ack=True,
    has_chatter=True,
)

_NORTHERN: Final = Dialect(
    head=(
        "MSH|^~\\&|northern|patient monitor^|||{now}||{kind}|{id}|P|2.6|",
        "PID|||{patient}||{free}||00000000|M|",
        "PV1||I|{location}",
        "OBR|1||||||{now}|",
    ),
    rows=(
        ObxRow("spo2", _SPO2, "1.3.1.150456", _PERCENT, "", "1"),
        ObxRow("pulse_rate", _PULSE, "1.3.1.149530", _BEATS, "spo2", "2"),
        ObxRow("temperature", _TEMPERATURE, "1.2.1.150344", _CELSIUS, "", "3"),
        *_cuff(_NORTHERN_CUFF_CODES, _CUFF_SUB_IDS, "cuff", ("3", "4", "5")),  # 3 comes twice
        ObxRow("heart_rate", _HR, "1.7.4.147842", _BEATS, "", "6"),
        ObxRow("respiratory_rate", _BREATHING, "1.7.1.151562", _BREATHS, "", "7"),
    ),
    missing=Missing.NEGATIVE,
    cuff_missing=Missing.NEGATIVE,
    cuff_mark="APERIODIC",
    width=15,
    second_temperature=ObxRow(
        "scaled_temperature", _TEMPERATURE, "1.2.2.150344", _CELSIUS, "", "4"
    ),
)

_GE: Final = Dialect(
    head=(
        "MSH|^~\\&|VSP^{device}^EUI-64|GE Healthcare|||{now}||{kind}|{id}|P|2.6|||NE|AL||"
        f"UNICODE UTF-8|||PCD_DEC_001^{_PCD_01}",
        "PID|||{patient}^^^PID^MR||{free}^^^^^^L|||",
        "PV1||E|{location}",
        "OBR|1|{device}{clock}^VSP^{device}^EUI-64|{device}{clock}^VSP^{device}^EUI-64|"
        "182777000^monitoring of patient^SCT|||{now}",
    ),
    rows=(
        ObxRow("", "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "1.0.0.0"),
        ObxRow("", "69798^MDC_DEV_ECG_VMD^MDC", "1.5.0.0"),
        ObxRow("", "69799^MDC_DEV_ECG_CHAN^MDC", "1.5.1.0"),
        ObxRow("heart_rate", _HR, "1.5.1.1", _BEATS),
        ObxRow("respiratory_rate", _BREATHING, "1.5.1.3", _BREATHS),
        # position of the cuff in the tree: source: unknown
        ObxRow("", "69854^MDC_DEV_METER_PRESS_BLD_VMD^MDC", "1.14.0.0"),
        ObxRow("", "69855^MDC_DEV_METER_PRESS_BLD_CHAN^MDC", "1.14.1.0"),
        *_cuff(_NONINVASIVE_CODES, ("1.14.1.1", "1.14.1.2", "1.14.1.3"), ""),
        ObxRow("", "69642^MDC_DEV_ANALY_SAT_O2_VMD^MDC", "1.22.0.0"),
        ObxRow("pulse_rate", _PULSE, "1.22.1.1", _BEATS, "spo2"),
        ObxRow("spo2", _SPO2, "1.22.1.2", _PERCENT),
        ObxRow("", "69902^MDC_DEV_METER_TEMP_VMD^MDC", "1.26.0.0"),
        ObxRow("", "69903^MDC_DEV_METER_TEMP_CHAN^MDC", "1.26.1.0"),
        ObxRow("temperature", _TEMPERATURE, "1.26.1.1", _CELSIUS),
    ),
    free_text="УДАЛЕНО",
    times=TimeStyle.SECONDS_ZONE,
    status="R",
    names_device="all",
    second_temperature=ObxRow("scaled_temperature", _TEMPERATURE, "1.26.2.1", _CELSIUS),
    second_spo2=ObxRow("spo2", _SPO2, "1.22.2.2", _PERCENT),
    control_id="{tail}{count:08d}",
)

_TEMPERATURES: Final = MappingProxyType(
    {
        "core": ("0002-4b60^Tcore^MDIL", "core"),
        "bladder": ("0002-f0c4^Tvesic^MDIL", "bladder"),
        "tympanic": ("0002-4b78^Ttymp^MDIL", "tympanic"),
        "axillary": ("0002-f10c^Taxil^MDIL", "axillary"),
        "oral": ("0002-f108^Toral^MDIL", "oral"),
    }
)
_MDIL_BEATS: Final = "0004-0aa0^bpm^MDIL"
_MDIL_BREATHS: Final = "0004-0ae0^rpm^MDIL"
_MDIL_PERCENT: Final = "0004-0220^%^MDIL"
_MDIL_MILLIMETRES: Final = "0004-0f20^mmHg^MDIL"


def _mdil_cuff(sub_id: str) -> tuple[ObxRow, ...]:
    return tuple(
        ObxRow(sign, code, sub_id, _MDIL_MILLIMETRES)
        for sign, code in (
            ("nibp_systolic", "0002-4a05^NBPs^MDIL"),
            ("nibp_diastolic", "0002-4a06^NBPd^MDIL"),
            ("nibp_mean", "0002-4a07^NBPm^MDIL"),
        )
    )


_INTELLIBRIDGE: Final = Dialect(
    head=(
        # sending application: source: unknown; the quoted message leaves it empty
        "MSH|^~\\&|IntelliBridge||||||{kind}|{id}|P|2.5||||||8859/1",
        "PID|||{patient}^^^^MR||{free}",
        "PV1||I|{location}&0&0",
        "OBR|||||||{now}",
    ),
    report_kind="ORU^R01",
    fixed_rows=(
        "OBX||ST|0402-f8f5^sMode^MDIL|0|MONITORING||||||X||SETTING",
        "OBX||ST|0002-f887^Model^MDIL|0|Monitoring Data||||||X||CONFIGURATION",
    ),
    rows=(
        ObxRow("respiratory_rate", "0002-500a^RR^MDIL", "0", _MDIL_BREATHS),
        ObxRow("heart_rate", "0002-4182^HR^MDIL", "0", _MDIL_BEATS),
        ObxRow("spo2", "0002-4bb8^SpO2^MDIL", "0", _MDIL_PERCENT),
        ObxRow("pulse_rate", "0002-480a^Pulse^MDIL", "0", _MDIL_BEATS),
        ObxRow("temperature", "0002-f0c7^Temp1^MDIL", "0", "0004-17a0^°C^MDIL", "t1"),
        *_mdil_cuff("0"),
    ),
    free_text="GELÖSCHT",
    codec="latin-1",
    status="X",
    missing=Missing.EMPTY,
    numbers_rows=False,
    shows_limits=True,
    fahrenheit="0004-1140^°F^MDIL",
    second_temperature=ObxRow(
        "scaled_temperature", "0002-f0c8^Temp2^MDIL", "0", "0004-17a0^°C^MDIL", "t2"
    ),
    second_spo2=ObxRow("spo2", "0002-4bb8^SpO2^MDIL", "0", _MDIL_PERCENT),
    temperature_codes=_TEMPERATURES,
    control_id="HP{clock}{count:04d}",
    wants_ack=True,
    has_alarm_rows=True,
)

_EDAN: Final = Dialect(
    head=(
        # all but the numbers of the values: source: unknown
        "MSH|^~\\&|EDAN|{device}|||{now}||{kind}|{id}|P|2.4||||||UNICODE UTF-8",
        "PID|||{patient}||{free}",
        "PV1||I|{location}",
        "OBR|1|||MONITOR|||{now}",
    ),
    rows=(
        ObxRow("heart_rate", "131072^ECG_HR^EHC", "", "/min"),
        ObxRow("spo2", "327680^SPO2_SPO2^EHC", "", "%"),
        ObxRow("pulse_rate", "327681^SPO2_PR^EHC", "", "/min", "spo2"),
        ObxRow("nibp_systolic", "393216^NIBP_SYS^EHC", "", "mm[Hg]"),
        ObxRow("nibp_diastolic", "393217^NIBP_DIA^EHC", "", "mm[Hg]"),
        ObxRow("nibp_mean", "393218^NIBP_MEAN^EHC", "", "mm[Hg]"),
        ObxRow("temperature", "458752^TEMP_T1^EHC", "", "Cel"),
    ),
    free_text="已删除",
    missing=Missing.EMPTY,
    shows_limits=True,
    fahrenheit="[degF]",
    second_temperature=ObxRow("scaled_temperature", "458753^TEMP_T2^EHC", "", "Cel", "t2"),
    second_spo2=ObxRow("spo2", "327680^SPO2_SPO2^EHC", "", "%"),
    wants_ack=True,
)

_EFFICIA: Final = Dialect(
    head=(
        "MSH|^~\\&|^EfficiaCM||||{now}||{kind}|{id}|P|2.4|||||||||2.16.840.1.113883.9.2.1",
        "PID|||{patient}||{free}",
        "PV1|||{location}|||||||||||||||A|{patient}",
        "ORC|NW|||||||||||||||||{device}",
        "OBR||||MONITOR|||{now}",
    ),
    rows=(
        ObxRow("heart_rate", "0002-4182^HR^MDIL", "", _MDIL_BEATS),
        ObxRow("spo2", "0002-4bb8^SpO2^MDIL", "", _MDIL_PERCENT),
        *_mdil_cuff(""),
        ObxRow(
            "pulse_rate",
            "0002-480a^Pulse^MDIL",
            "",
            _MDIL_BEATS,
            "spo2",
            source="0002-4bb8^SpO2^MDIL",
        ),
        ObxRow("respiratory_rate", "0002-5000^Resp^MDIL", "", _MDIL_BREATHS),
        ObxRow("perfusion_index", "0002-4bb0^Perf^MDIL", "", "0004-0200^^MDIL"),
        ObxRow("temperature", "0002-f0c7^Temp^MDIL", "", "0004-1710^C^MDIL", "t1"),
    ),
    missing=Missing.EMPTY,
    cuff_missing=Missing.NO_READING,
    numbers_rows=False,
    fahrenheit="0004-1140^F^MDIL",
    second_temperature=ObxRow(
        "scaled_temperature", "0002-f0c8^Temp2^MDIL", "", "0004-1710^C^MDIL", "t2"
    ),
    second_spo2=ObxRow("spo2", "0002-4bb8^SpO2^MDIL", "", _MDIL_PERCENT),
    control_id="{device}{count:010d}",
    wants_ack=True,
    is_polled=True,
    has_alarm_rows=True,
    alarm_head="OBR||||ALARM|||{now}",
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "mindray_egateway": _MINDRAY,
        "comen_nc5": _COMEN,
        "northern_aquaris": _NORTHERN,
        "intellibridge": _INTELLIBRIDGE,
        "ge_carescape_gateway": _GE,
        "edan_ehc": _EDAN,
        "efficia": _EFFICIA,
    }
)
"""Every dialect, by its name in settings."""
