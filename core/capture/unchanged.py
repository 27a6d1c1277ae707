"""What a capture keeps as the phone gave it: what a rule of the policy names, and what Fanion's own tables do.

It is all in one place, and what of it a phone's answers really had is listed in the file, for the officer to see.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from core.describe.installers import COMPUTER, STORES
from core.model import Container, Policy, Rule
from core.policy.health.apps import SECURE_FOLDER, USUAL_ADMINS
from core.policy.health.system import ROOT_APPS, ROOT_WORDS
from core.policy.matching.index import folded

#: The ids that decide something on every phone, whatever the policy: stores, and who usually administers a phone, or
#: rules over one.
_IDS: Final = frozenset(STORES) | USUAL_ADMINS | ROOT_APPS | {SECURE_FOLDER, COMPUTER, "android"}
#: What the name or the number of a version is at most: no text that an app could hide something in.
_VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.+_-]{0,39}")
_ROOT: Final = re.compile(f"({'|'.join(ROOT_WORDS)})", re.IGNORECASE)


class Unchanged:
    """What is kept, by a policy; and what of it was met, by a word or two that says what it is."""

    def __init__(self, policy: Policy, versions: Iterable[str] = ()) -> None:
        """`versions` are the numbers and names of the versions of banned apps, by which a check is the same again."""
        self.met: dict[str, dict[str, None]] = defaultdict(dict)
        products: tuple[Rule | Container, ...] = (*policy.rules, *policy.containers)
        codes = [code for product in products for code in product.code]
        signers = [signer for rule in policy.rules for signer in rule.signers]
        of_rules = {id.id for product in products for id in product.ids}
        of_rules |= {id for code in codes for id in code.also_in} | {id for signer in signers for id in signer.signs}
        #: Ids of apps, classes, and the packages that classes are in.
        self.names = {*_IDS, *of_rules, *(code.prefix.rstrip(".") for code in codes)}
        self.names |= {policy.health.expected_owner} if policy.health.expected_owner else set()
        self._most_parts = max(name.count(".") for name in self.names) + 1
        self._codes = tuple(code.prefix for code in codes)
        self._digests = {d for s in signers for d in (s.sha256, s.sha1, s.md5) if d}
        self._hashes = {signer.hash for signer in signers if signer.hash}
        self._labels = {folded(label.text) for rule in policy.rules for label in rule.labels}
        self._versions = {version for version in versions if _VERSION.fullmatch(version)}
        self._hosts = tuple(host for service in policy.web for host in service.hosts)

    def __contains__(self, word: object) -> bool:
        """Whether a word means something here, so that no pseudonym may be that."""
        return word in self.names or word in self._hashes or word in self._digests

    def parts(self, name: str) -> int:
        """How many of a name's parts, between its full stops and from the first on, are kept."""
        words = name.split(".")
        for count in range(min(len(words), self._most_parts), 0, -1):
            prefix = ".".join(words[:count])
            if prefix in self.names and ("." in prefix or prefix == name):
                self.met["ids"][prefix] = None
                return count
        return 0

    def has_code(self, name: str) -> bool:
        """Whether a class is one that a rule names, or is in a package that one does."""
        return name.startswith(self._codes)

    def root_words(self, part: str) -> list[str]:
        """A part of an id in pieces, of which each second one is a word by which programs that rule over a phone are
        known, and is kept."""
        pieces = _ROOT.split(part)
        self.met["ids"] |= dict.fromkeys(pieces[1::2])
        return pieces

    def has_hash(self, hash: str) -> bool:
        """Whether a rule names a certificate with this hash of 32 bits."""
        return self._met("signers", hash, hash in self._hashes)

    def has_digest(self, digest: str) -> bool:
        """Whether a rule names a certificate by this digest, in small letters."""
        return self._met("signers", digest, digest in self._digests)

    def has_label(self, label: str) -> bool:
        """Whether a rule's product calls itself so."""
        return self._met("labels", label, bool(label) and folded(label) in self._labels)

    def has_version(self, version: str) -> bool:
        """Whether a banned app on the phone has this version."""
        return self._met("versions", version, version in self._versions)

    def host(self, host: str) -> str:
        """The host of a service of a rule that this is, or is below; nothing where it is none."""
        service = next((parent for parent in self._hosts if f".{host}".endswith(f".{parent}")), "")
        if service:
            self.met["addresses"][service] = None
        return service

    def keep(self, group: str, value: str) -> None:
        """List a value that is kept."""
        self.met[group][value] = None

    def _met(self, group: str, value: str, is_met: bool) -> bool:
        if is_met:
            self.met[group][value] = None
        return is_met
