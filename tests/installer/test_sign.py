"""Signed releases: what was signed is accepted, and nothing else is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from installer import sign

SECRET = "correct horse battery"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    sign.make_keys(folder, SECRET)
    return folder


@pytest.fixture(scope="module")
def signed(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small release, as its files' contents."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "fanion_0.1.0_amd64.deb").write_bytes(b"a package")
    (folder / "fanion-0.1.0.cdx.json").write_bytes(b"{}")
    sums = sign.write_sums(sorted(folder.iterdir()))
    sign.sign(sums, keys / "fanion.key", SECRET, "Fanion 0.1.0")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def release(signed: dict[str, bytes], tmp_path: Path) -> Path:
    for name, data in signed.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def public(keys: Path) -> sign.ReleaseKey:
    return sign.public_key((keys / "fanion.pub").read_bytes())


def test_a_release_that_was_signed_is_in_order(release: Path, public: sign.ReleaseKey) -> None:
    comment, good, missing = sign.verify(release, public)
    assert comment == "Fanion 0.1.0"
    assert good == ["fanion-0.1.0.cdx.json", "fanion_0.1.0_amd64.deb"]
    assert missing == []


def test_a_department_may_have_fetched_only_one_file(release: Path, public: sign.ReleaseKey) -> None:
    (release / "fanion-0.1.0.cdx.json").unlink()
    assert sign.verify(release, public)[1:] == (["fanion_0.1.0_amd64.deb"], ["fanion-0.1.0.cdx.json"])


def test_a_folder_with_none_of_the_files_is_not_in_order(release: Path, public: sign.ReleaseKey) -> None:
    for name in ("fanion-0.1.0.cdx.json", "fanion_0.1.0_amd64.deb"):
        (release / name).unlink()
    with pytest.raises(sign.SignProblem, match="None of the files"):
        sign.verify(release, public)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fanion_0.1.0_amd64.deb", "is not the file that was signed"),
        ("SHA256SUMS", "signature is not good"),
    ],
)
def test_one_changed_byte_is_found(release: Path, public: sign.ReleaseKey, name: str, said: str) -> None:
    data = bytearray((release / name).read_bytes())
    data[3] ^= 1
    (release / name).write_bytes(data)
    with pytest.raises(sign.SignProblem, match=said):
        sign.verify(release, public)


def test_what_the_signer_says_cannot_be_changed(release: Path, public: sign.ReleaseKey) -> None:
    path = release / "SHA256SUMS.minisig"
    path.write_bytes(path.read_bytes().replace(b"Fanion 0.1.0", b"Fanion 9.9.9"))
    with pytest.raises(sign.SignProblem, match="signature is not good"):
        sign.verify(release, public)


def test_another_key_is_not_believed(release: Path, tmp_path: Path) -> None:
    _, other = sign.make_keys(tmp_path / "other", SECRET)
    with pytest.raises(sign.SignProblem, match="from another key"):
        sign.verify(release, sign.public_key(other.read_bytes()))


def test_another_key_with_the_same_number_is_not_believed(
    release: Path, public: sign.ReleaseKey, tmp_path: Path
) -> None:
    _, other = sign.make_keys(tmp_path / "other", SECRET)
    impostor = sign.ReleaseKey(public.number, sign.public_key(other.read_bytes()).key)
    with pytest.raises(sign.SignProblem, match="signature is not good"):
        sign.verify(release, impostor)


def test_an_older_kind_of_signature_is_refused(release: Path, public: sign.ReleaseKey) -> None:
    """Not prehashed ("Ed"): minisign itself no longer makes them."""
    path = release / "SHA256SUMS.minisig"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = base64.b64encode(b"Ed" + base64.b64decode(lines[1])[2:]).decode()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(sign.SignProblem, match="older kind"):
        sign.verify(release, public)


def test_no_file_outside_the_folder_is_ever_looked_at() -> None:
    for name in ("../secret", "/etc/passwd", "a/b", "..", ".", "a\\b", "a\x00b"):
        with pytest.raises(sign.SignProblem, match="not a list of files"):
            sign.read_sums(f"{'0' * 64}  {name}\n".encode())


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(sign.SignProblem, match="not a list of files"):
        sign.read_sums(f"{'0' * 64}  a\n{'1' * 64}  a\n".encode())


def test_an_empty_list_is_no_release() -> None:
    with pytest.raises(sign.SignProblem, match="names no file"):
        sign.read_sums(b"")


def test_the_list_is_what_sha256sum_reads(release: Path) -> None:
    expected = hashlib.sha256(b"a package").hexdigest()
    assert f"{expected}  fanion_0.1.0_amd64.deb\n" in (release / "SHA256SUMS").read_text(encoding="utf-8")


def test_the_list_names_neither_itself_nor_its_signature(release: Path) -> None:
    before = (release / "SHA256SUMS").read_bytes()
    assert sign.write_sums(sorted(release.iterdir())).read_bytes() == before


def test_files_of_a_release_lie_in_one_folder(release: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    stray = tmp_path_factory.mktemp("elsewhere") / "stray"
    stray.write_bytes(b"")
    with pytest.raises(sign.SignProblem, match="lie in one folder"):
        sign.write_sums([release / "fanion_0.1.0_amd64.deb", stray])


def test_a_wrong_passphrase_signs_nothing(release: Path, keys: Path) -> None:
    (release / "SHA256SUMS.minisig").unlink()
    with pytest.raises(sign.SignProblem, match="is the passphrase right"):
        sign.sign(release / "SHA256SUMS", keys / "fanion.key", "something else", "Fanion")
    assert not (release / "SHA256SUMS.minisig").exists()


def test_a_comment_cannot_smuggle_lines_in(release: Path, keys: Path) -> None:
    with pytest.raises(sign.SignProblem):
        sign.sign(release / "SHA256SUMS", keys / "fanion.key", SECRET, "Fanion\nuntrusted comment: another")


def test_a_key_is_never_overwritten(keys: Path) -> None:
    before = (keys / "fanion.key").read_bytes()
    with pytest.raises(sign.SignProblem, match="already a key"):
        sign.make_keys(keys, SECRET)
    assert (keys / "fanion.key").read_bytes() == before


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sign.SignProblem, match="at least 12"):
        sign.make_keys(tmp_path, "short")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_its_owner_reads_a_secret_key(keys: Path) -> None:
    assert stat.S_IMODE((keys / "fanion.key").stat().st_mode) == 0o600


@given(st.binary(max_size=400))
def test_nothing_but_a_problem_comes_of_what_is_no_signature(data: bytes) -> None:
    for read in (sign.signature, sign.public_key, sign.read_sums):
        with pytest.raises(sign.SignProblem):
            read(data)


def _meant(line: bytes | bytearray) -> bytes:
    """A line of a signature as what it stands for, where it is base64."""
    try:
        return base64.b64decode(line, validate=True)
    except binascii.Error:
        return bytes(line)


@given(st.integers(min_value=0, max_value=300), st.integers(min_value=1, max_value=255))
def test_no_damaged_signature_is_good(signed: dict[str, bytes], keys: Path, place: int, mask: int) -> None:
    """Every byte counts, but those of the comment that minisign itself calls untrusted."""
    data = bytearray(signed["SHA256SUMS.minisig"])
    first = data.index(b"\n") + 1
    place = first + place % (len(data) - first - 1)
    data[place] ^= mask
    # The last character of base64 has bits that stand for nothing: such a change leaves the same signature.
    before = signed["SHA256SUMS.minisig"]
    assume([_meant(line) for line in data.splitlines()] != [_meant(line) for line in before.splitlines()])
    key = sign.public_key((keys / "fanion.pub").read_bytes())
    with pytest.raises(sign.SignProblem):
        sign.check(signed["SHA256SUMS"], sign.signature(bytes(data)), key)


def test_the_commands_say_what_they_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys, release = tmp_path / "keys", tmp_path / "release"
    release.mkdir()
    (release / "fanion.zip").write_bytes(b"zip")

    def ask(_: str) -> str:
        return SECRET

    assert sign.main(["keys", str(keys)], ask) == 0
    assert sign.main(["sums", str(release / "fanion.zip")]) == 0
    sums = str(release / "SHA256SUMS")
    assert sign.main(["sign", sums, "--key", str(keys / "fanion.key"), "--comment", "Fanion 0.1.0"], ask) == 0
    assert sign.main(["verify", str(release), "--key", str(keys / "fanion.pub")]) == 0
    assert "Good signature: Fanion 0.1.0\nin order: fanion.zip\n" in capsys.readouterr().out


def verified(folder: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = sign.main(["verify", str(folder), "--key", str(key)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize("name", ["fanion_0.1.0-fixed_amd64.deb", "read me.txt", ".hidden"])
def test_a_file_that_was_added_is_named_and_nothing_is_in_order(
    release: Path, keys: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (release / name).write_bytes(b"of somebody else")
    (release / "more").mkdir()
    code, out, err = verified(release, keys / "fanion.pub", capsys)
    assert code == 1
    assert f"NOT ON THE LIST: {name}\n" in out
    assert "NOT ON THE LIST: more/\n" in out
    assert "Nobody has signed what is not on the list" in err


def test_the_public_key_may_lie_beside_the_files(release: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = release / "fanion.pub"
    key.write_bytes((keys / "fanion.pub").read_bytes())
    assert verified(release, key, capsys)[0] == 0
    other = release / "another.pub"
    other.write_bytes(key.read_bytes())
    assert verified(release, key, capsys)[0] == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_an_added_name_does_not_move_the_cursor(release: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (release / "\x1b[2Kin order").write_bytes(b"")
    code, out, _ = verified(release, keys / "fanion.pub", capsys)
    assert code == 1
    assert "\x1b" not in out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["a\\b", "a\u2028b", "a\nb", "a\x85", os.fsdecode(b"caf\xe9")])
def test_no_list_is_written_that_would_be_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(b"")
    (tmp_path / "good").write_bytes(b"")
    assert sign.main(["sums", str(tmp_path / name), str(tmp_path / "good")]) == 1
    told = capsys.readouterr().err
    assert "cannot stand in SHA256SUMS" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "SHA256SUMS").exists()


@given(st.text(st.characters(exclude_characters="/\x00"), min_size=1, max_size=20))
def test_a_name_is_listed_as_it_is_or_not_at_all(name: str) -> None:
    if sign._can_be_listed(name):
        assert list(sign.read_sums(f"{'0' * 64}  {name}\n{'1' * 64}  ~{name}\n".encode())) == [name, f"~{name}"]


def test_a_list_of_nothing_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "SHA256SUMS").write_text("", encoding="utf-8")
    assert sign.main(["sums", str(tmp_path / "SHA256SUMS")]) == 1
    assert "does not name itself" in capsys.readouterr().err


@pytest.mark.parametrize("comment", ["Fanion\u00a00.1.0", "Fanion\t0.1.0", "Fanion\r"])
def test_a_comment_that_nobody_could_check_is_refused_for_what_it_is(release: Path, keys: Path, comment: str) -> None:
    with pytest.raises(sign.SignProblem, match="comment has a character"):
        sign.sign(release / "SHA256SUMS", keys / "fanion.key", SECRET, comment)


def test_a_key_that_is_not_there_is_not_a_matter_of_the_passphrase(release: Path, tmp_path: Path) -> None:
    with pytest.raises(sign.SignProblem, match=r"none\.key cannot be read"):
        sign.sign(release / "SHA256SUMS", tmp_path / "none.key", SECRET, "Fanion")


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "keys", tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("fanion.key", "fanion.pub"):
        (folder / name).symlink_to(elsewhere)
        with pytest.raises(sign.SignProblem, match="already a key"):
            sign.make_keys(folder, SECRET)
        (folder / name).unlink()
    assert not elsewhere.exists()


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(sign.SignProblem, match="cannot be written into"):
        sign.make_keys(tmp_path / "file" / "keys", SECRET)


@pytest.mark.skipif(os.name == "nt", reason="Windows asks its console")
def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "installer" / "sign.py", "keys", tmp_path / "keys"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        start_new_session=True,  # without this test's terminal, too
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "The passphrase is asked for at a terminal, and this is none: start it in one.\n"


@pytest.mark.parametrize(
    ("module", "command", "said"),
    [
        ("cryptography.exceptions", "verify", "package cryptography, which is not here"),
        ("minisign", "sign", "library py-minisign, which is not here"),
        ("minisign", "keys", "library py-minisign, which is not here"),
    ],
)
def test_a_library_that_is_missing_is_one_sentence(
    release: Path,
    keys: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str,
    command: str,
    said: str,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    arguments = {
        "verify": ["verify", str(release), "--key", str(keys / "fanion.pub")],
        "sign": ["sign", str(release / "SHA256SUMS"), "--key", str(keys / "fanion.key")],
        "keys": ["keys", str(release / "keys")],
    }[command]
    assert sign.main(arguments, lambda _: SECRET) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_two_different_passphrases_make_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = iter([SECRET, "something else"])
    assert sign.main(["keys", str(tmp_path / "keys")], lambda _: next(said)) == 1
    assert "not the same" in capsys.readouterr().err
    assert not (tmp_path / "keys").exists()


def test_a_missing_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sign.main(["verify", str(tmp_path), "--key", str(tmp_path / "none.pub")]) == 1
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_checking_needs_neither_fanion_nor_the_library_that_signs(release: Path, keys: Path, tmp_path: Path) -> None:
    copy = tmp_path / "sign.py"
    copy.write_bytes((ROOT / "installer" / "sign.py").read_bytes())
    program = (
        "import sys; sys.modules['minisign'] = None; import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    program = program.replace("sys.argv[0]", repr(str(copy)))
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, "verify", str(release), "--key", str(keys / "fanion.pub")],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Good signature" in done.stdout


def test_a_comment_that_would_move_the_cursor_is_not_shown(release: Path) -> None:
    path = release / "SHA256SUMS.minisig"
    path.write_bytes(path.read_bytes().replace(b"Fanion 0.1.0", b"\x1b[2JFanion"))
    with pytest.raises(sign.SignProblem, match="characters that do not belong"):
        sign.signature(path.read_bytes())
