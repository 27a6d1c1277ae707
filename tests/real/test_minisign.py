"""minisign itself takes the keys and signatures that Fanion's releases are signed with, and the other way round."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from core.desk.newer_version import UpdateProblem, look
from core.head_office.store.list_signature import StoreKeys
from core.head_office.store.store import opened
from core.head_office.store.store_files import sign_list
from core.system.minisign import PublicKey
from installer import release_notice, sign

SECRET = "correct horse battery"


@pytest.fixture(scope="session")
def minisign() -> str:
    found = shutil.which("minisign")
    if found is None:
        pytest.skip("needs minisign")
    return found


@pytest.fixture
def release(tmp_path: Path) -> Path:
    (tmp_path / "fanion.tar.xz").write_bytes(b"a bundle")
    return sign.write_sums([tmp_path / "fanion.tar.xz"])


def run(*command: str | Path, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=said, capture_output=True, encoding="utf-8", check=False)


def test_minisign_accepts_a_signature_from_here(minisign: str, release: Path, tmp_path: Path) -> None:
    secret, public = sign.make_keys(tmp_path / "keys", SECRET)
    sign.sign(release, secret, SECRET, "Fanion 0.1.0")
    done = run(minisign, "-Vm", release, "-p", public)
    assert done.returncode == 0, done.stderr
    assert "Trusted comment: Fanion 0.1.0" in done.stdout


def test_minisign_refuses_what_was_changed_since(minisign: str, release: Path, tmp_path: Path) -> None:
    secret, public = sign.make_keys(tmp_path / "keys", SECRET)
    sign.sign(release, secret, SECRET, "Fanion 0.1.0")
    release.write_bytes(release.read_bytes() + b"\n")
    assert run(minisign, "-Vm", release, "-p", public).returncode != 0


def test_minisign_signs_with_a_key_from_here(minisign: str, release: Path, tmp_path: Path) -> None:
    """It asks for the passphrase, and it decrypts the key."""
    secret, public = sign.make_keys(tmp_path / "keys", SECRET)
    done = run(minisign, "-Sm", release, "-s", secret, "-t", "Fanion 0.1.0", said=f"{SECRET}\n")
    assert done.returncode == 0, done.stderr
    comment, good, _ = sign.verify(tmp_path, sign.public_key(public.read_bytes()))
    assert (comment, good) == ("Fanion 0.1.0", ["fanion.tar.xz"])


def test_minisign_signs_nothing_with_a_wrong_passphrase(minisign: str, release: Path, tmp_path: Path) -> None:
    secret, _ = sign.make_keys(tmp_path / "keys", SECRET)
    assert run(minisign, "-Sm", release, "-s", secret, said="something else\n").returncode != 0
    assert not release.with_name("SHA256SUMS.minisig").exists()


def test_a_key_of_minisigns_signs_here(minisign: str, release: Path, tmp_path: Path) -> None:
    secret, public = tmp_path / "minisign.key", tmp_path / "minisign.pub"
    made = run(minisign, "-G", "-p", public, "-s", secret, said=f"{SECRET}\n{SECRET}\n")
    assert made.returncode == 0, made.stderr
    sign.sign(release, secret, SECRET, "Fanion 0.1.0")
    assert run(minisign, "-Vm", release, "-p", public).returncode == 0
    assert sign.verify(tmp_path, sign.public_key(public.read_bytes()))[0] == "Fanion 0.1.0"


def test_a_key_of_minisigns_without_a_passphrase_signs_here(minisign: str, release: Path, tmp_path: Path) -> None:
    """Such as one on a token that is locked away with its computer."""
    secret, public = tmp_path / "minisign.key", tmp_path / "minisign.pub"
    assert run(minisign, "-G", "-W", "-p", public, "-s", secret).returncode == 0
    sign.sign(release, secret, "", "Fanion 0.1.0")
    assert run(minisign, "-Vm", release, "-p", public).returncode == 0


def test_a_signature_of_minisigns_with_its_own_comment_is_good(minisign: str, release: Path, tmp_path: Path) -> None:
    secret, public = tmp_path / "minisign.key", tmp_path / "minisign.pub"
    assert run(minisign, "-G", "-W", "-p", public, "-s", secret).returncode == 0
    assert run(minisign, "-Sm", release, "-s", secret).returncode == 0
    assert "file:SHA256SUMS" in sign.verify(tmp_path, sign.public_key(public.read_bytes()))[0]


def test_news_of_a_version_is_minisigns_own_form(minisign: str, tmp_path: Path) -> None:
    """minisign takes what the script signs; a desk takes what minisign signs, and nothing that was changed since."""
    secret, public = tmp_path / "minisign.key", tmp_path / "minisign.pub"
    assert run(minisign, "-G", "-W", "-p", public, "-s", secret).returncode == 0
    key = PublicKey.parse_file(public.read_bytes())
    data = release_notice.content("9.0.0", date(2026, 12, 1), "https://fanion.ca", "Faster.", "Plus rapide.")
    file = tmp_path / "fanion-release"
    release_notice.make(tmp_path, data, secret, "")
    assert run(minisign, "-Vm", file, "-p", public).returncode == 0
    assert look(tmp_path, [key]).version == "9.0.0"
    file.with_name("fanion-release.minisig").unlink()
    assert run(minisign, "-Sm", file, "-s", secret).returncode == 0
    assert look(tmp_path, [key]).version == "9.0.0"
    file.write_bytes(data.replace(b"Faster", b"Slower"))
    with pytest.raises(UpdateProblem):
        look(tmp_path, [key])


def test_minisign_checks_the_list_of_a_store(minisign: str, tmp_path: Path) -> None:
    """As the guide for head office says it."""
    store = tmp_path / "store"
    with opened(store):
        pass
    signed = sign_list(store, StoreKeys(tmp_path / "keys"))
    command = (minisign, "-Vm", store / "store.json", "-x", store / "store-000000.minisig", "-P", signed.key.line)
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert "after merge 0" in done.stdout
    (store / "store.json").write_bytes((store / "store.json").read_bytes() + b" ")
    assert run(*command).returncode != 0
