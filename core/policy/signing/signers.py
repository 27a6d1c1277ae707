"""The policy team's keys: Ed25519, each in a file of its own that a passphrase encrypts (PKCS #8, PEM)."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.policy.problems import PolicyProblem
from core.policy.trust.metadata import CryptoSigner, Key
from core.system.files.files import create_file
from core.text import T, plain

#: Characters that a new key's passphrase has at least.
SHORTEST: Final = 16
#: Where a key of the root says whose it is. TUF allows fields of one's own, and the root's signatures cover them.
NAME_FIELD: Final = "x-fanion-name"

_SUFFIX: Final = ".pem"
#: In bytes. An encrypted Ed25519 key has about 300.
_LIMIT: Final = 10_000
#: How many key files, and how deep below a folder that is named, are looked at.
_FILES: Final = 100
_DEPTH: Final = 2
_NAME: Final = 1_000


class SigningKeyProblem(PolicyProblem):
    """A key of the policy team cannot be used."""

    code = "policy-key"


class WrongPassphrase(SigningKeyProblem):
    """The passphrase does not open the key."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            T("The passphrase does not open the key {file}.", file=plain(str(file), _NAME)),
            T("Type it again, and mind capitals and the keyboard’s language."),
        )


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A key that can sign. `name` is its file's, such as root-1; `id` its TUF key id."""

    name: str
    id: str
    signer: CryptoSigner

    @property
    def public(self) -> Key:
        """The public key, with its name, as a root has it."""
        key = self.signer.public_key
        key.unrecognized_fields[NAME_FIELD] = self.name
        return key


def create(folder: Path, name: str, passphrase: str) -> KeyHolder:
    """A new key in a folder of its own below `folder`, for its holder to carry away. Raises SigningKeyProblem."""
    if len(passphrase) < SHORTEST:
        raise SigningKeyProblem(
            T("The passphrase for the key {name} is too short.", name=name),
            T("Choose one of at least {count} characters, such as several words.", count=SHORTEST),
        )
    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    file = key_file(folder, name)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_file(file, content)
    except FileExistsError as error:
        raise SigningKeyProblem(
            T("There is a key {file} already, and no key is ever overwritten.", file=plain(str(file), _NAME)),
            T("Choose another folder for the keys."),
        ) from error
    except OSError as error:
        raise _unwritten(file, error) from error
    return _holder(name, private)


def key_file(folder: Path, name: str) -> Path:
    """The path at which :func:`create` puts the key of that name."""
    return folder / name / f"{name}{_SUFFIX}"


def find(places: Iterable[Path]) -> list[Path]:
    """The key files among `places`, or in them and the folders below. Raises SigningKeyProblem if a place has none."""
    files: list[Path] = []
    for place in places:
        candidates = sorted(_below(place, _DEPTH)) if place.is_dir() else [place]
        if not candidates:
            raise SigningKeyProblem(
                T("There is no key in the folder {folder}.", folder=plain(str(place), _NAME)),
                T("Name a key file that ends in .pem, or the folder that has it."),
            )
        files += [file for file in candidates if file not in files]
    if len(files) > _FILES:
        raise SigningKeyProblem(
            T("There are more key files than any policy team has."),
            T("Name the folder that has the keys, and nothing else."),
        )
    return files


def load(file: Path, passphrase: str) -> KeyHolder:
    """The key in a file. Raises SigningKeyProblem; WrongPassphrase where another passphrase may open it."""
    content = _content(file)
    if b"ENCRYPTED PRIVATE KEY" not in content:
        raise _no_key(file, "not an encrypted PKCS #8 key")
    try:
        private = load_pem_private_key(content, passphrase.encode() or b"\0")
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if _whole(content) and not isinstance(error, UnsupportedAlgorithm):
            raise WrongPassphrase(file) from error
        raise _no_key(file, str(error)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _no_key(file, "not an Ed25519 key")
    return _holder(file.stem, private)


def load_all(places: Iterable[Path], ask: Callable[[Path], Iterator[str]]) -> list[KeyHolder]:
    """Load each key in `places`. `ask` gives passphrases to try with a file, at least one. Raises SigningKeyProblem."""
    holders = []
    for file in find(places):
        wrong: WrongPassphrase | None = None
        for passphrase in ask(file):
            try:
                holders.append(load(file, passphrase))
                break
            except WrongPassphrase as problem:
                wrong = problem
        else:
            raise wrong or WrongPassphrase(file)
    return holders


def name_of(key: Key) -> str:
    """The policy team's name for a public key."""
    name = key.unrecognized_fields.get(NAME_FIELD)
    return plain(name, 40) if isinstance(name, str) and name else key.keyid[:8]


def _holder(name: str, private: object) -> KeyHolder:
    signer = CryptoSigner(private)  # type: ignore[arg-type] # an Ed25519 key: the callers made sure
    return KeyHolder(plain(name, 40), signer.public_key.keyid, signer)


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise _unread(folder, error) from error
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            if depth > 1:
                yield from _below(entry, depth - 1)
        elif entry.suffix == _SUFFIX:
            yield entry


def _content(file: Path) -> bytes:
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # opening a pipe could wait for ever
            raise _no_key(file, "not a file")
        with file.open("rb") as opened:
            return opened.read(_LIMIT)
    except OSError as error:
        raise _unread(file, error) from error


def _whole(content: bytes) -> bool:
    """Whether an encrypted key is all there, as the length that it begins with says (DER, in PEM).

    What the library says of a passphrase does not tell: one wrong passphrase in 256 decrypts to something with a
    valid padding, and is refused only when that something turns out to be no key.
    """
    _, _, rest = content.partition(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    body, end, _ = rest.partition(b"-----END ENCRYPTED PRIVATE KEY-----")
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        return False
    if not end or len(der) < 4 or der[0] != 0x30:
        return False
    size = der[1] & 0x7F if der[1] & 0x80 else 0  # how many bytes say the length, if it does not fit in one
    length = int.from_bytes(der[2 : 2 + size], "big") if size else der[1]
    return len(der) == 2 + size + length


def _no_key(file: Path, detail: str) -> SigningKeyProblem:
    return SigningKeyProblem(
        T("The file {file} is not a key of a policy team.", file=plain(str(file), _NAME)),
        T("Name a key file that “fanion policy sign” made."),
        detail,
    )


def _unread(path: Path, error: OSError) -> SigningKeyProblem:
    return SigningKeyProblem(
        T("The key {file} cannot be read.", file=plain(str(path), _NAME)),
        T("Check that its medium is plugged in and that you are allowed to open it."),
        str(error),
    )


def _unwritten(file: Path, error: OSError) -> SigningKeyProblem:
    return SigningKeyProblem(
        T("The key {file} could not be written.", file=plain(str(file), _NAME)),
        T("Check that its medium is plugged in and has room, and that you may write there."),
        str(error),
    )
