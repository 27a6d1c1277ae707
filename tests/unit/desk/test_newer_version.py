"""A signed file on a stick tells of a newer version; nothing else does, and each refusal is a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minisign import SecretKey

from core import __version__
from core.desk import newer_version
from core.desk.newer_version import FILE_NAME, LIMIT, SIGNATURE, NoNotice, UpdateProblem, believed_keys, look, parse
from core.desk.settings.settings import SettingsProblem, load, save_personal
from core.desk.settings.settings_table import Settings
from core.system.minisign import MinisignError, PublicKey, public_keys
from core.system.minisign_signature import MinisignSignature
from installer import release_notice, sign
from tests.examples import examples
from tests.unit.conftest import Fanion

SECRET = "correct horse battery"
DAY = date(2026, 12, 1)
WORDS = {"where": "https://fanion.ca, or the share “Fanion”", "en": "Faster.", "fr": "« Plus rapide »\u00a0: oui."}


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sign.make_keys(tmp_path_factory.mktemp("keys"), SECRET)[0]


@pytest.fixture(scope="module")
def opened(secret: Path) -> Path:
    """The key without its passphrase, which costs a third of a second for every file that is signed."""
    key = SecretKey.from_file(secret)
    key.decrypt(SECRET)
    path = secret.with_name("opened.key")
    path.write_bytes(bytes(key))
    return path


@pytest.fixture(scope="module")
def key(secret: Path) -> PublicKey:
    return PublicKey.parse_file(secret.with_suffix(".pub").read_bytes())


Make = Callable[..., Path]


@pytest.fixture
def stick(opened: Path, tmp_path: Path) -> Make:
    """A folder with a file that the key has signed: of a version, or with these bytes in it."""

    def make(version: str = "9.0.0", data: bytes | None = None) -> Path:
        folder = tmp_path / "stick"
        release_notice.make(folder, data or release_notice.content(version, DAY, **WORDS), opened, SECRET)
        return folder

    return make


def refused(place: Path, *keys: PublicKey) -> str:
    with pytest.raises(UpdateProblem) as met:
        look(place, keys)
    assert str(met.value.next_step)
    return str(met.value.sentence)


def test_what_was_signed_is_told_whole(stick: Make, key: PublicKey) -> None:
    found = look(stick(), [key])
    assert (found.version, found.day, found.where) == ("9.0.0", DAY, WORDS["where"])
    assert (found.about.en, found.about.fr) == (WORDS["en"], WORDS["fr"])
    assert look(stick() / FILE_NAME, [key]) == found


def test_versions_are_compared_as_numbers(stick: Make, key: PublicKey) -> None:
    assert look(stick("0.10.0"), [key]).is_newer
    assert "already" in refused(stick(__version__), key)
    assert "older" in refused(stick("0.0.9"), key)


def test_what_is_not_signed_so_is_refused(stick: Make, key: PublicKey, tmp_path: Path) -> None:
    folder = stick()
    file, signature = folder / FILE_NAME, folder / (FILE_NAME + SIGNATURE)
    good, signed = file.read_bytes(), signature.read_bytes()
    other = PublicKey.parse_file(sign.make_keys(tmp_path / "other", SECRET)[1].read_bytes())
    assert "not signed by a key" in refused(folder, other)
    assert "has no key" in refused(folder)
    file.write_bytes(good.replace(b"9.0.0", b"9.0.1"))
    assert "changed since" in refused(folder, key)
    file.write_bytes(good)
    signature.write_bytes(signed.replace(b"trusted comment: fanion", b"trusted comment: Fanion"))
    assert "changed since" in refused(folder, key)
    signature.write_bytes(signed[:-20])
    assert "damaged" in refused(folder, key)
    signature.unlink()
    assert "no fanion-release.minisig beside it" in refused(folder, key)
    assert look(stick(), [other, key]).version == "9.0.0"


def test_what_is_too_large_or_no_file_is_refused(stick: Make, key: PublicKey, tmp_path: Path) -> None:
    assert "no file fanion-release" in refused(tmp_path, key)
    with pytest.raises(NoNotice):
        look(tmp_path / "gone", [key])
    folder = stick()
    (folder / FILE_NAME).write_bytes(b"x" * (LIMIT + 1))
    assert "too large" in refused(folder, key)
    (folder / FILE_NAME).unlink()
    (folder / FILE_NAME).mkdir()
    assert "could not be read" in refused(folder, key)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_on_a_stick_is_not_followed(stick: Make, key: PublicKey, tmp_path: Path) -> None:
    folder = stick()
    (folder / FILE_NAME).rename(tmp_path / "elsewhere")
    (folder / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    assert "could not be read" in refused(folder, key)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff",
        b"= [",
        b"format = 1",
        b'format = true\nversion = "9.0.0"',
        b'format = 0\nversion = "9.0.0"\ndate = 2026-12-01\nwhere = "x"\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0"\ndate = 2026-12-01\nwhere = "x"\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0.0-rc1"\ndate = 2026-12-01\nwhere = "x"\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0.0"\ndate = "2026-12-01"\nwhere = "x"\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0.0"\ndate = 2026-12-01T00:00:00\nwhere = "x"\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0.0"\ndate = 2026-12-01\nwhere = "x"\nen = "a\\nb"\nfr = "x"',
        b'format = 1\nversion = "9.0.0"\ndate = 2026-12-01\nwhere = "\\u202ex"\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0.0"\ndate = 2026-12-01\nwhere = " "\nen = "x"\nfr = "x"',
        b'format = 1\nversion = "9.0.0"\ndate = 2026-12-01\nwhere = "' + b"x" * 201 + b'"\nen = "x"\nfr = "x"',
    ],
)
def test_what_is_signed_and_makes_no_sense_is_refused(stick: Make, key: PublicKey, said: bytes) -> None:
    folder = stick(data=said or b"\n")
    assert "does not say which version" in refused(folder, key)


def test_a_newer_form_is_told_apart(stick: Make, key: PublicKey) -> None:
    assert "newer form" in refused(stick(data=b"format = 2\nanything = 1\n"), key)


def test_what_was_found_is_remembered_until_it_is_this_version(
    stick: Make, key: PublicKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    assert newer_version.stored_release(data, [key]) is None
    found = newer_version.keep(stick(), data, [key])
    assert newer_version.stored_release(data, [key]) == found
    assert newer_version.stored_release(data, []) is None, "its key is not believed any more"
    monkeypatch.setattr(newer_version, "__version__", "9.0.0")
    assert newer_version.stored_release(data, [key]) is None
    (data / newer_version.KEPT / FILE_NAME).write_bytes(b"altered")
    assert newer_version.stored_release(data, [key]) is None


def test_keys_come_with_the_program_and_from_the_department(
    secret: Path, key: PublicKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newer_version, "KEYS", tmp_path)
    line = secret.with_suffix(".pub").read_text().splitlines()[1]
    assert believed_keys(Settings(release_key=line)) == [key]
    assert believed_keys(Settings()) == []
    (tmp_path / "fanion.pub").write_bytes(secret.with_suffix(".pub").read_bytes())
    (tmp_path / "damaged.pub").write_bytes(b"damaged")
    assert believed_keys(Settings()) == [key]


def test_the_departments_key_must_be_one_and_is_the_departments_alone(secret: Path, tmp_path: Path) -> None:
    line = secret.with_suffix(".pub").read_text().splitlines()[1]
    machine = tmp_path / "machine.toml"
    machine.write_text(f'release_key = "{line} {line}"\n', encoding="utf-8")
    assert load(None, machine).release_key == f"{line} {line}"
    machine.write_text(f'release_key = "{line[:-1]}"\n', encoding="utf-8")
    with pytest.raises(SettingsProblem, match="cannot be used"):
        load(None, machine)
    with pytest.raises(SettingsProblem):
        save_personal(tmp_path, machine=tmp_path / "none.toml", release_key=line)


def test_the_command_answers_and_refuses(
    stick: Make, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fanion: Fanion
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    monkeypatch.setattr(newer_version, "KEYS", keys)
    command = ["--data", str(tmp_path / "data"), "--language", "en", "update-check", str(stick())]
    refused = fanion(*command)
    assert (refused.code, "has no key" in refused.err) == (5, True)
    (keys / "fanion.pub").write_bytes(secret.with_suffix(".pub").read_bytes())
    told = fanion(*command, "--json").json
    assert (told["version"], told["date"], told["about"]["fr"]) == ("9.0.0", "2026-12-01", WORDS["fr"])
    assert "Fanion 9.0.0 (2026-12-01) is available." in fanion(*command).out
    assert not (tmp_path / "data").exists(), "a command only looks"


def test_the_script_signs_what_a_desk_reads(
    secret: Path, key: PublicKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--where", "x", "--en", "One.", "--fr", "Un.", "--key", str(secret), "--date", "2026-12-01"]
    assert release_notice.main([str(tmp_path / "out"), "--version", "9.0.0", *words], lambda prompt: SECRET) == 0
    assert look(tmp_path / "out", [key]).version == "9.0.0"
    assert release_notice.main([str(tmp_path / "out"), "--version", "nine", *words], lambda prompt: SECRET) == 1
    assert release_notice.main([str(tmp_path / "out"), "--version", "9.0.0", *words], lambda prompt: "wrong") == 1
    assert "which version" in capsys.readouterr().err


@given(st.binary(max_size=400), st.binary(max_size=400))
@examples(100)
def test_no_bytes_are_more_than_refused(data: bytes, signature: bytes) -> None:
    some = PublicKey(b"\0" * 8, b"\0" * 32)
    with pytest.raises(UpdateProblem):
        parse(data, signature, [some])


@given(st.text(max_size=120))
@examples(100)
def test_no_text_is_more_than_no_key(text: str) -> None:
    try:
        keys = public_keys(text)
    except MinisignError:
        return
    assert all(len(one.key) == 32 for one in keys)


@given(st.binary(max_size=300))
@examples(50)
def test_no_bytes_are_more_than_no_signature(data: bytes) -> None:
    with pytest.raises(MinisignError):
        MinisignSignature.parse(data)
