"""A policy team whose keys are at hand, also for what no honest team would sign."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.policy.signing import signing
from core.policy.signing.changes import ChangeOutcome, Lives
from core.policy.signing.signers import KeyHolder

LIVES = Lives()


def a_key(name: str) -> KeyHolder:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from core.policy.trust.metadata import CryptoSigner

    signer = CryptoSigner(Ed25519PrivateKey.generate())
    return KeyHolder(name, signer.public_key.keyid, signer)


_POLICY = """\
id = "ministry"
version = "{version}"
issued = 2026-11-01
title.en = "Ministry"
title.fr = "Ministère"
scope.en = "ministry phones"
scope.fr = "les téléphones du ministère"

[authority.minister]
name.en = "the Minister"
name.fr = "la ministre"
instrument.en = "Directive 1"
instrument.fr = "Directive 1"
quote.en = "It is banned."
quote.fr = "Elle est interdite."
official_fr = true

[[rule]]
id = "chat"
strength = "ban"
effective = 2026-10-31
authority = "minister"
product.en = "Chat"
product.fr = "Clavardage"
reason.en = "It is not safe."
reason.fr = "Elle n’est pas sûre."

[[rule.app]]
platform = "android"
id = "com.example.chat"
product.en = "Chat"
product.fr = "Clavardage"
confidence = "one source"
source = "the maker"
"""


def policy_text(version: str = "1") -> str:
    """A sound policy of that version."""
    return _POLICY.replace("{version}", version)


def faulty_text(version: str = "1") -> str:
    """A policy with two keys that there are not, in the first of its rules."""
    return re.sub(r"(?m)^\[\[rule\]\]$", '[[rule]]\nstrenght = "ban"\nreson = "x"', policy_text(version), count=1)


def image(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path; folders too, as what no file can be."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = (
            f"-> {path.readlink()}".encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"/"
        )
    return found


class Team:
    """A repository in `folder`, and the keys for it."""

    def __init__(self, folder: Path, first_version: int = 1) -> None:
        #: When it begins to work.
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.folder = folder / "repository"
        self.beside = folder
        self.keys = {name: a_key(name) for name in signing.key_names()}
        self.root_file = signing.init(
            self.folder, list(self.keys.values()), now=self.now, lives=LIVES, first_version=first_version
        )

    @property
    def root(self) -> bytes:
        return self.root_file.read_bytes()

    def holders(self, *names: str) -> list[KeyHolder]:
        return [self.keys[name] for name in names] if names else list(self.keys.values())

    def policy(self, version: str = "1", text: str | None = None) -> Path:
        file = self.beside / f"policy-{version}.toml"
        file.write_text(policy_text(version) if text is None else text, encoding="utf-8")
        return file

    def publish(self, version: str = "1", *names: str, lives: Lives = LIVES, stage: bool = False) -> ChangeOutcome:
        return signing.publish(
            self.folder, self.policy(version).read_bytes(), self.holders(*names), now=self.now, lives=lives, stage=stage
        )

    def renew(self, *names: str, lives: Lives = LIVES) -> ChangeOutcome:
        return signing.renew(self.folder, self.holders(*names), now=self.now, lives=lives)

    def rotate(self, role: signing.KeyRole, *replaced: str) -> ChangeOutcome:
        new = [a_key(name) for name in signing.successors(self.folder, role, replaced)]
        done = signing.rotate(self.folder, role, replaced, new, self.holders(), now=self.now, lives=LIVES)
        self.keys |= {key.name: key for key in new}
        return done

    def stick(self, name: str = "stick") -> Path:
        """A copy of the repository as it is now."""
        copy = self.beside / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy)
        return copy

    def sign(self, signed: dict[str, Any], *names: str) -> bytes:
        """Any metadata at all, signed by the keys of these names."""
        from securesystemslib.formats import encode_canonical

        payload = encode_canonical(signed).encode()  # type: ignore[union-attr]
        signatures = [self.keys[name].signer.sign(payload).to_dict() for name in names]
        return json.dumps({"signatures": signatures, "signed": signed}).encode()

    def forge(
        self,
        stick: Path,
        *,
        targets: dict[str, Any] | None = None,
        targets_by: Sequence[str] | None = ("targets-1", "targets-2"),
        policy: bytes | None = None,
        version: int | None = None,
        expires: datetime | None = None,
    ) -> None:
        """Change a stick with the online key, and the targets keys of the given names, if any: nothing is verified."""
        end = (expires or self.now + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
        old = json.loads((stick / "metadata/timestamp.json").read_bytes())["signed"]
        number = version or old["version"] + 1
        snapshot = json.loads(
            (stick / f"metadata/{old['meta']['snapshot.json']['version']}.snapshot.json").read_bytes()
        )
        listed = snapshot["signed"]["meta"]["targets.json"]["version"]
        inner = json.loads((stick / f"metadata/{listed}.targets.json").read_bytes())["signed"]
        if policy is not None:
            sha256 = hashlib.sha256(policy).hexdigest()
            inner["targets"] = {"policy.toml": {"length": len(policy), "hashes": {"sha256": sha256}}}
            (stick / f"targets/{sha256}.policy.toml").write_bytes(policy)
        meta = snapshot["signed"]["meta"]
        if targets_by is not None:
            inner |= {"version": listed + 1, "expires": end, **(targets or {})}
            data = self.sign(inner, *targets_by)
            (stick / f"metadata/{listed + 1}.targets.json").write_bytes(data)
            meta |= {"targets.json": _meta(listed + 1, data)}
        data = self.sign(snapshot["signed"] | {"version": number, "expires": end, "meta": meta}, "online")
        (stick / f"metadata/{number}.snapshot.json").write_bytes(data)
        data = self.sign(
            old | {"version": number, "expires": end, "meta": {"snapshot.json": _meta(number, data)}}, "online"
        )
        (stick / "metadata/timestamp.json").write_bytes(data)


def _meta(version: int, data: bytes) -> dict[str, Any]:
    return {"version": version, "length": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}
