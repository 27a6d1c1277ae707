"""The keys of a ledger: where they are kept, that the old ones are no more, and what outsiders are told."""

from __future__ import annotations

import errno
import hmac
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends import chainer, fail, null

from core.jobs import Cancel, silent
from core.ledger.keys import epoch_keys
from core.ledger.keys.enrolment import Enrolment, enrolment_file, keys_folder
from core.ledger.keys.epoch_keys import EpochKeys
from core.ledger.keys.identity import KeyringLocked, LogIdentity, new_origin
from core.ledger.records import CheckStarted
from core.ledger.tlog.notes import COSIGNATURE, Checkpoint, Note, NoteError, NoteSigner, Verifier
from core.ledger.verify.ledger_check import verify
from core.ledger.writer import Ledger
from core.system.files import file_lock
from core.system.files.files import write_private
from core.text import T

ORIGIN = "example.org/desk/0123456789abcdef"
SLOT = 64
ROOT = Path(__file__).resolve().parents[3]


class Ring(keyring.backend.KeyringBackend):
    """A keyring as a computer has one. Its module is taken for that of the desktop's own: see `safe`."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("Failed to unlock the collection!")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("Failed to unlock the collection!")
        self.kept[service, username] = password


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    """This computer's keyring for the length of the test."""
    monkeypatch.setattr(Ring, "__module__", "keyring.backends.SecretService")
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "epoch.keys"


@pytest.fixture
def epochs(file: Path) -> Iterator[EpochKeys]:
    made = EpochKeys(file)
    yield made
    made.close()


def seeds(file: Path) -> list[bytes]:
    """What stands in the two slots, without what fills them up."""
    content = file.read_bytes()
    return [content[i : i + SLOT].rstrip(b"\0") for i in range(0, len(content), SLOT)]


def make(epochs: EpochKeys, beside: Verifier | None = None) -> NoteSigner:
    with epochs.locked():
        return epochs.make_next(ORIGIN, beside)


# --- the epochs' keys


def test_a_key_is_on_disk_before_it_is_used(
    epochs: EpochKeys, file: Path, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    synced = []
    fsync = os.fsync

    def telling(descriptor: int) -> None:
        synced.append(file.read_bytes())
        fsync(descriptor)

    sync_by(telling)
    first = make(epochs)
    second = make(epochs, first.verifier)
    assert [len(content) for content in synced] == [2 * SLOT] * 2
    assert synced[-1] == file.read_bytes()
    assert epochs.signer(first.verifier) is not None
    assert epochs.signer(second.verifier) is not None


def test_a_key_signs_what_its_verifier_verifies(epochs: EpochKeys) -> None:
    first = make(epochs)
    text = Checkpoint(ORIGIN, 1, bytes(32)).text
    found = epochs.signer(first.verifier)
    assert found is not None
    assert first.verifier.has_signed(Note(text, (found.sign(text),)))
    assert (
        epochs.signer(Verifier("other.example/desk/1", 1, first.verifier.public)) is not None
    )  # the name is no secret
    assert epochs.signer(Verifier(ORIGIN, 1, bytes(32))) is None


def test_the_old_key_is_overwritten_where_it_stood(epochs: EpochKeys, file: Path) -> None:
    first = make(epochs)
    (old, _) = seeds(file)
    second = make(epochs, first.verifier)
    (_, new) = seeds(file)
    assert old[-32:] in file.read_bytes()
    epochs.erase_all_but(second.verifier)
    assert old[-32:] not in file.read_bytes()
    assert seeds(file) == [b"", new]
    assert file.stat().st_size == 2 * SLOT
    third = make(epochs, second.verifier)
    assert seeds(file)[1] == new
    epochs.erase_all_but(third.verifier, durably=True)
    assert seeds(file)[1] == b""
    assert epochs.signer(second.verifier) is None


def test_a_key_that_was_never_used_gives_way_to_the_next(epochs: EpochKeys, file: Path) -> None:
    present = make(epochs)
    unused = [make(epochs, present.verifier) for _ in range(3)]
    assert epochs.signer(present.verifier) is not None
    assert [epochs.signer(key.verifier) is not None for key in unused] == [False, False, True]
    assert len(seeds(file)) == 2


@pytest.mark.parametrize("content", [b"", b"FNE1", bytes(64), b"FNE1" + bytes(60) + b"F", os.urandom(128)])
def test_a_file_that_has_no_key_is_no_obstacle(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    epochs = EpochKeys(file)
    first = make(epochs)
    assert epochs.signer(first.verifier) is not None
    assert file.stat().st_size == 2 * SLOT
    epochs.close()
    epochs.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists instead")
def test_only_the_owner_can_read_it(epochs: EpochKeys, file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_programs_that_begin_at_once_do_not_wipe_each_others_keys(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks at an empty file and then has to wait; meanwhile the first has put its keys into it."""
    file.touch(0o600)
    waiting = threading.Event()
    locked = file_lock.locked

    def telling(descriptor: int, *how: Any) -> Any:
        waiting.set()
        return locked(descriptor, *how)

    descriptor = os.open(file, os.O_RDWR)
    opened: list[EpochKeys] = []
    with locked(descriptor):
        monkeypatch.setattr(epoch_keys, "locked", telling)
        second = threading.Thread(target=lambda: opened.append(EpochKeys(file)))
        second.start()
        waiting.wait(10)
        os.pwrite(descriptor, b"FNE1" + b"k" * 32 + bytes(92), 0)
    second.join()
    os.close(descriptor)
    opened[0].close()
    assert seeds(file)[0] == b"FNE1" + b"k" * 32


def test_programs_take_turns(epochs: EpochKeys, file: Path) -> None:
    other = EpochKeys(file)
    inside: list[str] = []
    held = threading.Event()

    def second() -> None:
        held.wait(10)
        with other.locked():
            inside.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with epochs.locked():
        held.set()
        thread.join(0.1)  # it cannot end
        inside.append("first")
    thread.join()
    other.close()
    assert inside == ["first", "second"]


# --- the identity


def made(folder: Path, *, keyring: bool) -> tuple[LogIdentity, Verifier]:
    identity = LogIdentity.make(folder, ORIGIN, keyring=keyring)
    return identity, identity.signer(ORIGIN).verifier


def test_without_a_keyring_the_identity_is_in_a_file_of_its_owner(tmp_path: Path) -> None:
    identity, verifier = made(tmp_path / "keys", keyring=True)
    (kept,) = (tmp_path / "keys").iterdir()
    assert identity.place == "file"
    assert kept.name == f"identity-{verifier.id.hex()}.key"
    if sys.platform != "win32":
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.parent.stat().st_mode & 0o777 == 0o700
    again = LogIdentity.load(tmp_path / "keys", verifier, keyring=True)
    assert again is not None
    assert again.place == "file"
    assert again.signer(ORIGIN).verifier == verifier


def test_with_a_keyring_the_identity_is_in_it_and_in_no_file(tmp_path: Path, ring: Ring) -> None:
    identity, verifier = made(tmp_path, keyring=True)
    assert identity.place == "keyring"
    (((service, name), secret),) = ring.kept.items()
    assert (service, name) == ("Fanion", f"{ORIGIN} {verifier.id.hex()}")
    everything = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert secret.encode() not in everything
    assert bytes.fromhex(secret) not in everything
    again = LogIdentity.load(tmp_path, verifier, keyring=True)
    assert again is not None
    assert (again.place, again.signer(ORIGIN).verifier) == ("keyring", verifier)


def test_practice_leaves_the_keyring_alone(tmp_path: Path, ring: Ring) -> None:
    identity, verifier = made(tmp_path, keyring=False)
    assert identity.place == "file"
    assert ring.kept == {}
    ring.locked = True
    assert LogIdentity.load(tmp_path, verifier, keyring=False) is not None
    assert LogIdentity.load(tmp_path / "elsewhere", verifier, keyring=False) is None


def test_two_desks_do_not_overwrite_each_other_in_one_keyring(tmp_path: Path, ring: Ring) -> None:
    """As with two data folders on one computer."""
    both = [made(tmp_path / name, keyring=True)[1] for name in ("a", "b")]
    assert len(ring.kept) == 2
    assert all(LogIdentity.load(tmp_path, verifier, keyring=True) is not None for verifier in both)


def test_a_locked_keyring_is_told_and_nothing_is_made_in_its_place(tmp_path: Path, ring: Ring) -> None:
    _, verifier = made(tmp_path, keyring=True)
    before = sorted(tmp_path.iterdir())
    ring.locked = True
    with pytest.raises(KeyringLocked, match="in this computer’s keyring, which does not open") as told:
        LogIdentity.load(tmp_path, verifier, keyring=True)
    assert "unlock the keyring" in str(told.value.next_step)
    assert sorted(tmp_path.iterdir()) == before
    ring.locked = False
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is not None


@pytest.mark.parametrize("instead", [None, "", "00" * 32, "none"])
def test_a_keyring_that_has_not_the_key_any_more_is_told(tmp_path: Path, ring: Ring, instead: str | None) -> None:
    """It may be another one, or another person's: who signs in as before has the key again."""
    _, verifier = made(tmp_path, keyring=True)
    kept = dict(ring.kept)
    ring.kept = {} if instead is None else dict.fromkeys(kept, instead)
    with pytest.raises(KeyringLocked, match="or does not have it any more") as told:
        LogIdentity.load(tmp_path, verifier, keyring=True)
    assert "begin a new log in another data folder" in str(told.value.next_step)
    ring.kept = kept
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is not None


def test_a_log_whose_key_is_not_in_the_keyring_stays_as_it_is(path: Path, ring: Ring) -> None:
    """Whatever a session's keyring lacks: replaced keys would be a fault of the log for ever."""

    def check() -> Ledger:
        with Ledger(path, desk="Desk 1", officer="", app_version="") as ledger:
            ledger.append(CheckStarted(T("over USB")), seal=True)
        return ledger

    before = check().enrolment
    kept, ring.kept = ring.kept, {}
    files = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    with pytest.raises(KeyringLocked):
        check()
    assert {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()} == files
    assert ring.kept == {}
    ring.kept = kept
    assert check().enrolment == before
    with Ledger.read(path) as reader:
        assert verify(reader, before, pinned=True, report=silent, cancel=Cancel()).faults == ()


def test_a_key_in_a_file_that_is_gone_is_nowhere(tmp_path: Path, ring: Ring) -> None:
    """No keyring was ever asked to keep it: then the log goes on with another."""
    ring.locked = True
    _, verifier = made(tmp_path, keyring=True)
    ring.locked = False
    next(tmp_path.iterdir()).unlink()
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is None


@pytest.mark.parametrize("backend", [null.Keyring, fail.Keyring])
def test_a_key_in_a_keyring_that_is_not_there_just_now_is_not_lost(
    tmp_path: Path, ring: Ring, backend: type[keyring.backend.KeyringBackend]
) -> None:
    """As for a command that is started without a desktop: new keys would be a fault of the log for ever."""
    _, verifier = made(tmp_path, keyring=True)
    keyring.set_keyring(backend())
    with pytest.raises(KeyringLocked):
        LogIdentity.load(tmp_path, verifier, keyring=True)
    keyring.set_keyring(ring)
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is not None


def test_a_locked_keyring_at_the_very_beginning_is_done_without(tmp_path: Path, ring: Ring) -> None:
    ring.locked = True
    identity, verifier = made(tmp_path, keyring=True)
    assert identity.place == "file"
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is not None


def test_keyrings_that_keep_no_secret_are_not_used(tmp_path: Path) -> None:
    class Plain(Ring):
        """Such as one that writes into a text file."""

    before = keyring.get_keyring()
    keyring.set_keyring(plain := Plain())
    try:
        assert made(tmp_path, keyring=True)[0].place == "file"
    finally:
        keyring.set_keyring(before)
    assert plain.kept == {}


def test_no_file_of_settings_names_a_keyring_of_others(tmp_path: Path) -> None:
    """The library would take modules from the folder that keyringrc.cfg names, which the environment may name."""
    settings, modules = tmp_path / "python_keyring", tmp_path / "modules"
    settings.mkdir()
    modules.mkdir()
    (modules / "evil.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w')", encoding="utf-8")
    text = f"[backend]\nkeyring-path={modules}\ndefault-keyring=evil.Keyring\n"
    (settings / "keyringrc.cfg").write_text(text, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    environment |= {"XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for ask, runs in (
        ("import keyring; keyring.get_keyring()", True),
        ("from core.ledger.keys.identity import keyring_library; keyring_library().get_keyring()", False),
    ):
        subprocess.run([sys.executable, "-c", ask], env=environment, check=False, capture_output=True, timeout=60)
        assert (tmp_path / "mark").exists() is runs
        (tmp_path / "mark").unlink(missing_ok=True)


def test_the_first_of_several_keyrings_is_the_one_that_counts(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Plain(Ring):
        pass

    for first, place in ((ring, "keyring"), (Plain(), "file")):
        backends = [first, Plain()]
        monkeypatch.setattr(chainer.ChainerBackend, "backends", backends)
        keyring.set_keyring(chainer.ChainerBackend())  # type: ignore[no-untyped-call]
        assert made(tmp_path / place, keyring=True)[0].place == place


def test_a_keyring_that_does_not_keep_what_it_was_given_is_not_relied_on(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ring, "set_password", lambda *_: None)
    identity, verifier = made(tmp_path, keyring=True)
    assert identity.place == "file"
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is not None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"zz" * 32, b"00" * 32, b"00" * 31, b"00" * 4096])
def test_an_identity_file_that_has_not_this_key_is_none(tmp_path: Path, content: bytes) -> None:
    _, verifier = made(tmp_path, keyring=False)
    next(tmp_path.iterdir()).write_bytes(content)
    assert LogIdentity.load(tmp_path, verifier, keyring=True) is None


def test_the_cosigner_is_another_key_and_always_the_same(tmp_path: Path) -> None:
    identity, verifier = made(tmp_path, keyring=False)
    cosigner = identity.cosigner(ORIGIN).verifier
    assert cosigner.type == COSIGNATURE
    assert cosigner.public != verifier.public
    again = LogIdentity.load(tmp_path, verifier, keyring=False)
    assert again is not None
    assert again.cosigner(ORIGIN).verifier == cosigner
    # HKDF-SHA-256 (RFC 5869) of the desk's key, as another program would compute it.
    (kept,) = (tmp_path).glob("identity-*.key")
    extracted = hmac.digest(bytes(32), bytes.fromhex(kept.read_text()), "sha256")
    seed = hmac.digest(extracted, b"fanion cosigner 1\x01", "sha256")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert public.public_bytes_raw() == cosigner.public


# --- what outsiders are told


def test_enrolment_is_read_back_as_it_was_printed(ledger: Ledger) -> None:
    told = ledger.enrolment
    assert Enrolment.parse(told.text) == told
    assert Enrolment.parse("\ufeff" + told.text.replace("\n", "\r\n") + "\r\n  ") == told
    assert told.origin == told.identity.name == told.epoch.name == told.cosigner.name
    assert told.cosigner == ledger.cosigner.verifier
    assert enrolment_file(ledger.path).read_text() == told.text
    assert len(told.text) < 1_000  # a QR code has to hold it


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: "",
        lambda t: t.replace("Fanion desk keys", "Fanion desk key"),
        lambda t: t + "identity again\n",
        lambda t: "\n".join(t.splitlines()[:3]),
        lambda t: t.replace("identity ", "epoch ", 1),
        lambda t: t.replace("+", " ", 1),
        lambda t: t[:-20] + "\n",
        lambda t: t.replace(
            "epoch " + t.split("epoch ")[1].splitlines()[0], "epoch " + t.split("cosigner ")[1].strip()
        ),
        lambda t: t + " " * 4_000,
        lambda t: t.replace("/desk-1/", "/desk-2/", 1),
    ],
)
def test_what_is_no_enrolment_is_refused(ledger: Ledger, spoil: Callable[[str], str]) -> None:
    with pytest.raises(NoteError):
        Enrolment.parse(spoil(ledger.enrolment.text))


@given(st.text(max_size=400))
def test_no_text_does_more_than_being_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Enrolment.parse(f"Fanion desk keys\n{text}")


@given(desk=st.text(max_size=60), practice=st.booleans())
def test_every_desks_log_has_a_name_that_notes_can_have(desk: str, practice: bool) -> None:
    first, second = (new_origin("example.org", desk, practice=practice) for _ in range(2))
    assert first != second
    head = "practice.invalid/" if practice else "example.org/"
    assert first.startswith(head)
    assert first.isascii()
    assert not set(first) & set(" +\n\t")
    assert len(first) < 100
    assert Verifier.parse(str(Verifier(first, 1, bytes(32)))).name == first


def test_without_an_organisation_the_name_is_nobodys() -> None:
    assert new_origin("", "Bureau de Québec", practice=False).startswith("fanion.invalid/bureau-de-qu-bec/")


def test_keys_stand_beside_their_ledger() -> None:
    real, practice = (keys_folder(Path("data") / name) for name in ("ledger.db", "practice-ledger.db"))
    assert real == Path("data/ledger-keys")
    assert practice == Path("data/practice-ledger-keys")


# --- private files


def test_a_private_file_is_whole_or_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync_by: Callable[[Callable[[int], None]], None]
) -> None:
    file = tmp_path / "kept"
    write_private(file, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    sync_by(full)
    with pytest.raises(OSError, match="No space"):
        write_private(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
    write_private(file, b"new")
    assert file.read_bytes() == b"new"
