#!/usr/bin/env python3
"""Sign a release, and check one: SHA256SUMS in minisign's format (https://jedisct1.github.io/minisign/).

    python3 installer/sign.py keys FOLDER                  make a pair of keys, once: fanion.key and fanion.pub
    python3 installer/sign.py sums FILE...                 write SHA256SUMS beside the files
    python3 installer/sign.py sign SHA256SUMS --key KEY    sign it: SHA256SUMS.minisig
    python3 installer/sign.py verify FOLDER --key PUB      check the signature, and every file that is named

Checking needs Python and its package cryptography, nothing else of Fanion's: this file can be copied anywhere. It needs
no network. A file that is not on the list fails the check, since it is not signed; but for the public key and this
file. minisign itself does the same: ``minisign -Vm SHA256SUMS -p fanion.pub``, then ``sha256sum -c SHA256SUMS``.

Keys and signatures are made with the library py-minisign. The secret key is encrypted with a passphrase that is asked
for; both files are minisign's own: minisign can sign with a key from here, and this file with one of minisign's.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import getpass
import hashlib
import importlib
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

SUMS: Final = "SHA256SUMS"
#: No signature, public key or list of a release is near that long.
MOST: Final = 1_000_000
#: The shortest passphrase that a key of releases may have, in characters.
PASSPHRASE: Final = 12
_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\x00-\x1f]+)")


class SignProblem(Exception):  # noqa: N818 - what the person at the keyboard reads, after which nothing more happens
    """What is wrong, and what to do: one sentence."""


@dataclass(frozen=True)
class ReleaseKey:
    """A public key of minisign's: the number of the pair (8 bytes), and the Ed25519 key (32 bytes)."""

    number: bytes
    key: bytes


@dataclass(frozen=True)
class ReleaseSignature:
    """A signature of minisign's over a file, and over what its signer says of it (the trusted comment)."""

    number: bytes
    signature: bytes
    trusted_comment: str
    over_comment: bytes


# --- libraries that a computer need not have

_NO_CRYPTOGRAPHY: Final = (
    "Checking needs Python's package cryptography, which is not here: install it (on Debian it is "
    "python3-cryptography), or check with minisign."
)
_NO_MINISIGN: Final = (
    "Signing needs the library py-minisign, which is not here: “python3 installer/bootstrap.py test” brings it, "
    "then start this with the Python in .venv."
)


def _library(name: str, missing: str) -> ModuleType:
    """Import a library when it is needed. Raises SignProblem, which says `missing`, where it cannot be imported."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SignProblem(missing) from error


# --- reading what others wrote


@contextlib.contextmanager
def _explained(failure: str) -> Iterator[None]:
    """Where the system refuses something in the block, SignProblem says `failure` cannot be done, and why."""
    try:
        yield
    except OSError as error:
        raise SignProblem(f"{failure}: {error.strerror or error}.") from error


def _small(path: Path) -> bytes:
    with _explained(f"{path} cannot be read"), path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise SignProblem(f"{path} is too large to be what it should be.")
    return data


def _decoded(line: str, length: int, kind: str) -> bytes:
    with contextlib.suppress(ValueError):  # no ASCII, or no base64
        data = base64.b64decode(line.encode("ascii"), validate=True)
        if len(data) == length and base64.b64encode(data).decode() == line:  # one form for each value
            return data
    raise SignProblem(f"The {kind} is damaged: get it again.")


def _lines(data: bytes, number: int, kind: str) -> list[str]:
    with contextlib.suppress(UnicodeDecodeError):
        lines = [line.removesuffix("\r") for line in data.decode("utf-8").removesuffix("\n").split("\n")]
        if len(lines) == number and lines[0].startswith("untrusted comment:"):
            return lines
    raise SignProblem(f"The {kind} is damaged: get it again.")


def public_key(data: bytes) -> ReleaseKey:
    """Read a public key file. Raises SignProblem."""
    raw = _decoded(_lines(data, 2, "public key")[1], 42, "public key")
    if raw[:2] != b"Ed":
        raise SignProblem("The public key is of another kind than minisign's: get it again.")
    return ReleaseKey(raw[2:10], raw[10:])


def signature(data: bytes) -> ReleaseSignature:
    """Read a signature file. Raises SignProblem."""
    lines = _lines(data, 4, "signature")
    raw = _decoded(lines[1], 74, "signature")
    if raw[:2] != b"ED":
        raise SignProblem(
            "The signature is of an older kind, which is not accepted: sign anew with a current minisign."
        )
    if not lines[2].startswith("trusted comment: "):
        raise SignProblem("The signature is damaged: get it again.")
    comment = lines[2].removeprefix("trusted comment: ")
    if not comment.replace("\t", " ").isprintable():  # minisign's own comments have tabs
        raise SignProblem("The signature's comment has characters that do not belong there: get it again.")
    return ReleaseSignature(raw[2:10], raw[10:], comment, _decoded(lines[3], 64, "signature"))


def check(data: bytes, signed: ReleaseSignature, key: ReleaseKey) -> str:
    """What the signer says of the data, if the signature is good. Raises SignProblem."""
    exceptions = _library("cryptography.exceptions", _NO_CRYPTOGRAPHY)
    ed25519 = _library("cryptography.hazmat.primitives.asymmetric.ed25519", _NO_CRYPTOGRAPHY)
    if signed.number != key.number:
        raise SignProblem("The signature is from another key than this one: is it the right public key?")
    public = ed25519.Ed25519PublicKey.from_public_bytes(key.key)
    try:
        public.verify(signed.signature, hashlib.blake2b(data).digest())
        public.verify(signed.over_comment, signed.signature + signed.trusted_comment.encode())
    except exceptions.InvalidSignature as error:
        raise SignProblem(
            "The signature is not good: do not use these files, and tell whoever published them."
        ) from error
    return signed.trusted_comment


# --- the list of files


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises SignProblem."""
    with _explained(f"{path} cannot be read"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(files: Sequence[Path]) -> Path:
    """Write SHA256SUMS beside the files, which must lie in one folder. Raises SignProblem."""
    folders = {path.resolve().parent for path in files}
    if len(folders) != 1:
        raise SignProblem("The files of a release lie in one folder: put them there and start again.")
    names = sorted({path.name for path in files} - {SUMS, f"{SUMS}.minisig"})
    if not names:
        raise SignProblem(f"{SUMS} does not name itself: say which files the release has.")
    for name in names:
        if not _can_be_listed(name):
            raise SignProblem(f"The name {_printable(name)} cannot stand in {SUMS}: give that file another one.")
    folder = folders.pop()
    lines = [f"{digest(folder / name)}  {name}\n" for name in names]
    with _explained(f"{folder / SUMS} cannot be written"):
        part = folder / f".{SUMS}.part"  # half a list is nobody's to check
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write("".join(lines))
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / SUMS)
    return folder / SUMS


def _can_be_listed(name: str) -> bool:
    """Whether what is written of it is read as the same name again."""
    nothing = "0" * 64
    try:
        return read_sums(f"{nothing}  {name}\n".encode()) == {name: nothing}
    except (UnicodeEncodeError, SignProblem):
        return False


def _printable(name: str) -> str:
    """A name that others chose, without what would move the cursor."""
    return name if name.isprintable() else ascii(name)


def read_sums(data: bytes) -> dict[str, str]:
    """The files that a list names, each with its SHA-256. Raises SignProblem, also for a name that leads elsewhere."""
    files: dict[str, str] = {}
    for line in data.decode("utf-8", errors="replace").splitlines():
        match = _LINE.fullmatch(line)
        if not match or match[2] in (".", "..") or match[2] in files:
            raise SignProblem(f"{SUMS} is not a list of files: get it again.")
        files[match[2]] = match[1]
    if not files:
        raise SignProblem(f"{SUMS} names no file: get it again.")
    return files


def unlisted(folder: Path, expected_files: Sequence[Path] = ()) -> list[str]:
    """What else is in a folder whose list was checked, which is not signed; folders with a / at the end.

    `expected_files` are files that may be there: the public key, and the program that checks. Raises SignProblem.
    """
    expected = {*read_sums(_small(folder / SUMS)), SUMS, f"{SUMS}.minisig"}
    with _explained(f"{folder} cannot be read"):
        ours = {path.resolve() for path in expected_files}
        return [
            path.name + ("/" if path.is_dir() else "")
            for path in sorted(folder.iterdir())
            if path.name not in expected and path.resolve() not in ours
        ]


def verify(folder: Path, key: ReleaseKey) -> tuple[str, list[str], list[str]]:
    """Check a folder with a release, or a part of one: the files that its list names. See also `unlisted`.

    Gives what the signer says, the files that are in order, and those that the list names and that are not there.
    Raises SignProblem if the signature or any file is not good, and if none of the files is there.
    """
    data = _small(folder / SUMS)
    comment = check(data, signature(_small(folder / f"{SUMS}.minisig")), key)
    good, missing = [], []
    for name, expected in read_sums(data).items():
        if not (folder / name).is_file():
            missing.append(name)
        elif digest(folder / name) == expected:
            good.append(name)
        else:
            raise SignProblem(f"{name} is not the file that was signed: do not use it, and get it again.")
    if not good:
        raise SignProblem(f"None of the files that {SUMS} names is in {folder}: put them there and start again.")
    return comment, good, missing


# --- keys and signatures, on the computer that releases


def make_keys(
    folder: Path, passphrase: str, name: str = "fanion", purpose: str = "of Fanion's releases"
) -> tuple[Path, Path]:
    """Make a pair of keys: the secret one encrypted and only its owner's to read. `purpose` stands in both files.

    Raises SignProblem.
    """
    minisign = _library("minisign", _NO_MINISIGN)
    secret, public = folder / f"{name}.key", folder / f"{name}.pub"
    if os.path.lexists(secret) or os.path.lexists(public):  # also a link that leads nowhere today
        raise SignProblem(f"There is already a key in {folder}: a new one would leave its signatures without it.")
    if len(passphrase) < PASSPHRASE:
        raise SignProblem(f"The passphrase needs at least {PASSPHRASE} characters.")
    pair = minisign.KeyPair.generate()
    pair.public_key.untrusted_comment = f"minisign public key {purpose}"
    pair.secret_key.untrusted_comment = f"minisign encrypted secret key {purpose}"
    public_bytes = bytes(pair.public_key)
    pair.secret_key.encrypt(passphrase)
    with _explained(f"The keys cannot be written into {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(bytes(pair.secret_key).rstrip(b"\n") + b"\n")
        public.write_bytes(public_bytes.rstrip(b"\n") + b"\n")
    return secret, public


def sign(path: Path, key: Path, passphrase: str, comment: str) -> Path:
    """Sign a file, with what its signer says of it. Gives the signature's path. Raises SignProblem."""
    minisign = _library("minisign", _NO_MINISIGN)
    if not comment.isprintable():
        raise SignProblem(
            "The comment has a character that does not belong there, such as a no-break space or a line's end: "
            "write it with plain spaces."
        )
    data = _small(path)
    _small(key)
    try:
        secret = minisign.SecretKey.from_file(key)
        if secret.is_encrypted():
            secret.decrypt(passphrase)
        signed = bytes(secret.sign(data, prehash=True, trusted_comment=comment))
    except (minisign.Error, OSError, ValueError) as error:
        raise SignProblem(f"The key {key} cannot be used: is the passphrase right? ({error})") from error
    out = path.with_name(path.name + ".minisig")
    with _explained(f"{out} cannot be written"):
        out.write_bytes(signed.rstrip(b"\n") + b"\n")
    return out


# --- the command line


def asked(prompt: str) -> str:
    """A passphrase, from the keyboard only: it never stands in a command or a file. Raises SignProblem without one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would be seen as it is typed
            return getpass.getpass(prompt)
    except (EOFError, getpass.GetPassWarning) as error:
        raise SignProblem("The passphrase is asked for at a terminal, and this is none: start it in one.") from error


def main(arguments: Sequence[str], ask: Callable[[str], str] = asked) -> int:
    parser = argparse.ArgumentParser(
        prog="sign.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("keys").add_argument("folder", type=Path)
    commands.add_parser("sums").add_argument("files", type=Path, nargs="+")
    signing = commands.add_parser("sign")
    signing.add_argument("file", type=Path)
    signing.add_argument("--key", type=Path, required=True)
    signing.add_argument("--comment", default="", help="what the signature says of the files, such as “Fanion 0.9.0”")
    verifying = commands.add_parser("verify")
    verifying.add_argument("folder", type=Path)
    verifying.add_argument("--key", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        if options.command == "keys":
            passphrase = ask("Passphrase for the new key: ")
            if ask("The same once more: ") != passphrase:
                raise SignProblem("The two were not the same: start again.")
            secret, public = make_keys(options.folder, passphrase)
            print(f"{secret}: keep it where only its owner reads it.\n{public}: publish it.")
        elif options.command == "sums":
            print(write_sums(options.files))
        elif options.command == "sign":
            print(sign(options.file, options.key, ask("Passphrase: "), options.comment or options.file.name))
        else:
            comment, good, missing = verify(options.folder, public_key(_small(options.key)))
            print(f"Good signature: {comment}", *(f"in order: {_printable(name)}" for name in good), sep="\n")
            if missing:
                print("not here: " + ", ".join(map(_printable, missing)))
            if strangers := unlisted(options.folder, (options.key, Path(__file__))):
                print(*(f"NOT ON THE LIST: {_printable(name)}" for name in strangers), sep="\n")
                raise SignProblem(
                    "Nobody has signed what is not on the list: do not use it. "
                    "Check a release in a folder of its own, without anything else."
                )
    except SignProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
