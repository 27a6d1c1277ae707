"""Which phone answers: asking it, and commands that only one phone carries out.

Through an adb server each command is a connection of its own, made by a serial number: another phone can have that by
then. So the question and the command are one script, in the phone's own shell::

    <the phone's values, joined> = <the expected ones>?  then "<nonce> same", and the command
                                                         else "<nonce> other <its values>", and nothing
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from core.jobs import Cancel
from core.model import PhoneIdentity
from core.phones.android.link import shell
from core.phones.android.link.file_service import Take
from core.phones.android.link.link import Feed, Link, bounded
from core.phones.android.link.link import ask as run_script
from core.phones.android.link.problems import Garbled, TooMuch
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.driver import OtherPhone
from core.same_phone import differences

#: Prints the random number of the phone's present start. Every Linux has it; whether the shell may read it is the
#: phone's business.
BOOT_ID: Final = "cat /proc/sys/kernel/random/boot_id"

#: The properties of each part of an identity; the first that is not empty counts.
_PROPERTIES: Final = {
    "serial": ("ro.serialno", "ro.boot.serialno"),
    "maker": ("ro.product.manufacturer",),
    "model": ("ro.product.model",),
    "build": ("ro.build.fingerprint",),
}
#: What can be compared in a shell as it is; anything else becomes a digest, and is compared here alone.
_SIMPLE: Final = re.compile(r"[ -{}~]{0,128}")
_BOOT: Final = re.compile(r"[0-9a-f-]{8,64}")
_DIGEST: Final = "sha256:"
#: What :func:`condition` puts before a script.
CONDITION: Final = re.compile(r"\A(?:S=\$\(.*\n(?:case \$S in .*\n)?)*I=\".*\"\ncase \$I in .*;; esac\n")
#: Bytes that may come before the phone has said whether it is the right one (warnings of its linker).
_PREFACE_LIMIT: Final = 16_384


def identity(properties: Mapping[str, str], boot: Sequence[str], transport: str = "") -> PhoneIdentity:
    """Which phone has these properties, and said `boot` (its lines) when it was asked for its boot id."""
    values = {name: _simple_or_digest(_first(properties, names)) for name, names in _PROPERTIES.items()}
    (number,) = boot if len(boot) == 1 else ("",)
    return PhoneIdentity(**values, boot=number if _BOOT.fullmatch(number) else "", transport=transport)


def _first(properties: Mapping[str, str], names: Sequence[str]) -> str:
    return next((value for name in names if (value := properties.get(name, ""))), "")


def _simple_or_digest(value: str) -> str:
    if _SIMPLE.fullmatch(value) and not value.startswith(_DIGEST):
        return value
    return _DIGEST + hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()


def ask(link: Link, cancel: Cancel) -> PhoneIdentity:
    """Which phone answers now. Raises what `Link.run` raises, and Garbled where it does not say."""
    names = [name for group in _PROPERTIES.values() for name in group]
    script = shell.parts({name: f"getprop {name}" for name in names} | {"boot": BOOT_ID})
    answers = {
        name: lines if code == 0 else [] for name, (lines, code) in run_script(link, script, cancel, 2**18).items()
    }
    if "boot" not in answers:
        raise Garbled("the phone did not say which it is")
    properties = {name: "\n".join(answers.get(name, [])) for name in names}
    return identity(properties, answers["boot"], link.transport)


class OnlyOn:
    """A link on which only one phone answers: another raises OtherPhone, and has done nothing."""

    def __init__(self, link: Link, phone: PhoneIdentity) -> None:
        self._link = link
        self._phone = phone
        self.how, self.loopback, self.lasting = link.how, link.loopback, link.lasting

    @property
    def transport(self) -> str:
        return self._link.transport

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        nonce = shell.nonce()
        preface = _Preface(nonce, feed, limit)
        try:
            self._link.run(
                condition(nonce, self._phone) + command, preface.feed, cancel, limit + _PREFACE_LIMIT, raw=raw
            )
        except TooMuch as problem:
            # Nothing is lost: of another phone, that it is another one is told below.
            if preface.word != "other":
                raise TooMuch(limit) from problem
        if preface.word == "other":
            raise OtherPhone(_differing(preface.rest, self._phone))
        if preface.word != "same":
            raise Garbled("the phone did not say whether it is still the same")

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        """The file service takes no condition: which phone answers is asked before and after. Raises OtherPhone."""
        self.run("", _nothing, cancel)
        self._link.pull(path, take, cancel, size)
        self.run("", _nothing, cancel)

    def close(self) -> None:
        self._link.close()


def _nothing(data: bytes) -> None:
    """What is said behind the line on which a phone says which it is; nothing is asked for."""


def condition(nonce: str, phone: PhoneIdentity) -> str:
    """The beginning of a script that ends here on any phone but this one.

    `case` and `$( )` are all that it needs: Android 2.3 has no `test`. Each value stands in quotes.
    """
    fields = _compared(phone)
    expected = shlex.quote("|".join(getattr(phone, name) for name in fields))
    values = []
    start = ""
    for name in fields:
        first, *fallbacks = (f"getprop {p}" for p in _PROPERTIES.get(name, ())) if name != "boot" else (BOOT_ID,)
        if fallbacks:
            start += f'S=$({first} 2>/dev/null); case $S in "") S=$({fallbacks[0]} 2>/dev/null);; esac\n'
        values.append("$S" if fallbacks else f"$({first} 2>/dev/null)")
    return (
        f'{start}I="{"|".join(values)}"\n'
        f'case $I in {expected}) echo "{nonce} same";; *) echo "{nonce} other $I"; exit 0;; esac\n'
    )


def _compared(phone: PhoneIdentity) -> list[str]:
    """The parts of an identity that a shell can compare."""
    names = [f.name for f in fields(phone) if f.name != "transport"]
    return [name for name in names if not getattr(phone, name).startswith(_DIGEST)]


def _differing(values: str, phone: PhoneIdentity) -> tuple[str, ...]:
    """What differs, by the values that the other phone gave."""
    names, parts = _compared(phone), values.split("|")
    if len(parts) != len(names):
        return ()
    properties: dict[str, Any] = dict(zip(names, parts, strict=True))
    return differences(replace(phone, **properties), phone)


class _Preface:
    """Keeps back what comes before the command's own answer: the line on which the phone says which it is."""

    def __init__(self, nonce: str, feed: Feed, limit: int) -> None:
        self.word = ""
        self.rest = ""
        self._mark = nonce.encode() + b" "
        self._feed = bounded(feed, limit)
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        """The next bytes. Raises TooMuch."""
        if not self.word:
            self._buffer += data
            start = self._buffer.find(self._mark)
            end = self._buffer.find(b"\n", start) if start >= 0 else -1
            if end < 0:
                if len(self._buffer) > _PREFACE_LIMIT:
                    raise Garbled("the phone did not say whether it is still the same")
                # Nothing is lost: what came is held until its line is whole.
                return
            line = self._buffer[start + len(self._mark) : end].decode(errors="replace").rstrip("\r")
            self.word, _, self.rest = line.partition(" ")
            data, self._buffer = self._buffer[end + 1 :], b""
        if self.word == "same" and data:
            self._feed(data)
