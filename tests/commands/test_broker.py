"""`crswatch broker`: what it writes, issues, renews and revokes, and what it refuses."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge_agent.__main__ import main
from edge_agent.broker.authority import Authority
from tests.support.broker_setups import BrokerSetup

ACCOUNTS = ("gw-01", "gw-02", "board-01", "handsets", "archive")


@pytest.fixture
def setup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> BrokerSetup:
    made = BrokerSetup(tmp_path)
    capsys.readouterr()
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Return the files that differ, and the new ones without their serial numbers."""
    names = {name for name in after if before.get(name) != after[name]}
    return {name.partition("issued/")[0] for name in names}


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_every_account_has_a_certificate_of_its_own_and_private_keys_are_private(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = sorted(setup.out.rglob("*.key"))
    assert len(keys) == 1 + 1 + len(ACCOUNTS)
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert stat.S_IMODE((setup.out / "authority").stat().st_mode) == 0o700
    for name in ACCOUNTS:
        found = certificate(setup.client(name) / "client.pem")
        assert found.subject.rfc4514_string() == f"CN={name}"
        usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert setup.command("init") == 0
    assert setup.command("certify", "--within", "3000") == 0
    said = "".join(capsys.readouterr())
    assert "PRIVATE" not in said
    assert all(line not in said for key in keys for line in key.read_text().splitlines())


def test_writing_again_changes_nothing(setup: BrokerSetup) -> None:
    before = contents(setup.out)
    assert setup.command("init") == 0
    assert contents(setup.out) == before


def test_settings_that_differ_are_written_over_only_if_asked(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.site.write_text(setup.site.read_text().replace('"bed-03"', '"bed-03", "bed-04"'))
    before = contents(setup.out)
    assert setup.command("init") == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0].rpartition("/")[2] for line in said] == [
        "mosquitto.conf",
        "mosquitto.acl",
        "nats.conf",
    ]
    assert all("give --replace to write over it" in line for line in said)
    assert contents(setup.out) == before
    assert setup.command("init", "--replace") == 0
    names = ("mosquitto.conf", "mosquitto.acl", "nats.conf")
    assert changed(before, contents(setup.out)) == {f"broker/{name}" for name in names}


def test_a_new_gateway_gets_a_certificate_and_one_that_left_is_named(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.site.write_text(setup.site.read_text().replace('"gw-02"', '"gw-03"'))
    before = contents(setup.out)
    assert setup.command("init", "--replace") == 0
    said = capsys.readouterr().out
    assert "gw-03: certificate until " in said
    assert "gw-02: not in the site file; `crswatch broker revoke gw-02`" in said
    assert "clients/gw-03/client.key" in contents(setup.out).keys() - before.keys()
    keys = {name for name in before if name.endswith(".key")}
    assert not keys & changed(before, contents(setup.out))
    assert main(["broker", "revoke", "gw-02", "--out", str(setup.out)]) == 0
    capsys.readouterr()
    assert setup.command("init") == 0
    assert "gw-02" not in capsys.readouterr().out


def test_other_hosts_of_the_broker_mean_another_certificate_of_it(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.site.write_text(setup.site.read_text().replace("localhost", "broker.ward.example"))
    assert setup.command("init") == 0
    assert capsys.readouterr().out.startswith("broker: certificate until ")
    found = certificate(setup.out / "broker" / "broker.pem")
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["broker.ward.example"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_only_certificates_that_end_soon_are_renewed(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup.command("certify") == 1
    assert capsys.readouterr().out == "no certificate ends within 60 days\n"
    earlier = Authority(setup.out / "authority", datetime.now(UTC) - timedelta(days=700))
    assert main(["broker", "revoke", "gw-01", "--out", str(setup.out)]) == 0
    earlier.issue("gw-01")
    before = contents(setup.out)
    assert setup.command("certify") == 0
    renewed = changed(before, contents(setup.out))
    files = {f"clients/gw-01/{name}" for name in ("client.key", "client.pem")}
    assert renewed == {*files, "broker/nats_pins.conf", "authority/"}


def test_a_revoked_account_gets_another_certificate_only_by_name(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup.command("revoke", "gw-01") == 0
    assert setup.command("init") == 0
    assert "gw-01: revoked; `crswatch broker certify gw-01`" in capsys.readouterr().out
    assert setup.command("revoke", "gw-01") == 1
    assert "gw-01 has no certificate that counts" in capsys.readouterr().err
    assert setup.command("certify", "--within", "3000") == 0
    assert "gw-01" not in capsys.readouterr().out
    assert setup.command("certify", "gw-01") == 0


def test_the_list_of_revocations_counts_as_long_as_the_authority(setup: BrokerSetup) -> None:
    setup.command("revoke", "gw-01")
    setup.command("revoke", "gw-02")
    listed = x509.load_pem_x509_crl((setup.out / "broker" / "revoked.crl").read_bytes())
    ca = certificate(setup.out / "broker" / "ca.pem")
    assert listed.next_update_utc == ca.not_valid_after_utc
    assert len(list(listed)) == 2


def test_no_certificate_outlives_its_authority(setup: BrokerSetup) -> None:
    ca = certificate(setup.out / "broker" / "ca.pem")
    late = Authority(setup.out / "authority", ca.not_valid_after_utc - timedelta(days=9))
    late.issue("gw-01")
    assert late.end_of("gw-01") == ca.not_valid_after_utc


def test_the_authority_may_lie_elsewhere_and_is_needed_for_every_certificate(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = setup.folder / "disk"
    (setup.out / "authority").rename(elsewhere)
    assert setup.command("certify", "gw-01") == 2
    assert str(setup.out / "authority" / "ca.key") in capsys.readouterr().err
    assert setup.command("certify", "gw-01", "--authority", str(elsewhere)) == 0
    assert not (setup.out / "authority").exists()


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (None, 0o644, "may be read by others than its owner; want mode 0600"),
        (b"no key", 0o600, "holds no private key in PEM without a password"),
    ],
)
def test_a_key_of_the_authority_that_cannot_be_used_is_named(
    setup: BrokerSetup,
    capsys: pytest.CaptureFixture[str],
    text: bytes | None,
    mode: int,
    words: str,
) -> None:
    key = setup.out / "authority" / "ca.key"
    key.write_bytes(key.read_bytes() if text is None else text)
    key.chmod(mode)
    assert setup.command("certify", "gw-01") == 2
    assert capsys.readouterr().err == f"crswatch: {key} {words}\n"


@pytest.mark.parametrize("name", ["ca.pem", "revoked.crl"])
def test_another_damaged_file_of_the_authority_is_named(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (setup.out / "authority" / name).write_bytes(b"zeros")
    assert setup.command("certify", "gw-01") == 2
    assert f"{name} holds no " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["init"], ["--site: is missing", "--out: is missing"]),
        (["revoke"], ["--out: is missing", "NAME: is missing"]),
        (["init", "gw-01"], ["--site: is", "--out: is", "NAME: 'gw-01'; want no name"]),
        (["certify", "--within", "nan"], ["--site: is", "--out: is", "--within: nan; want a num"]),
    ],
)
def test_wrong_usage_is_named_at_once(
    words: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["broker", *words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith(f"broker: {word}") for line, word in zip(lines, said, strict=True))


def test_a_name_that_is_no_account_gets_no_certificate(
    setup: BrokerSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup.command("certify", "gw-09") == 2
    known = "broker, gw-01, gw-02, board-01, handsets, archive"
    assert f"'gw-09' is not in the site file; want one of {known}" in capsys.readouterr().err


def test_the_example_is_a_site_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker", "example"]) == 0
    path = tmp_path / "site.toml"
    path.write_text(capsys.readouterr().out)
    out = tmp_path / "setup"
    assert main(["broker", "init", "--site", str(path), "--out", str(out)]) == 0
    written = (out / "broker" / "mosquitto.conf").read_text()
    # 4 beds x 2 messages a second x 1800 s, of 1024 bytes
    assert "\nmax_queued_messages 14400\nmax_queued_bytes 14745600\n" in written
    assert "user gw-02\n" in (out / "broker" / "mosquitto.acl").read_text()
