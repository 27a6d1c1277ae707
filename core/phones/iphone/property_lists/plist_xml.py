"""Property lists in XML, read as strictly as every reader of them can: Apple's, libplist's and Python's agree on all
that passes here, or it is left over.

The elements are those of Apple's DTD for property lists 1.0. Entities, other encodings than UTF-8, elements in places
where none belong and texts between elements are refused.
"""

from __future__ import annotations

import binascii
import codecs
import re
from datetime import datetime
from typing import Any, Final
from xml.parsers import expat

from core.phones.accounting import Account, Why
from core.phones.iphone.problems import Malformed
from core.phones.iphone.property_lists import plist_plain
from core.phones.iphone.property_lists.plist_reading import PlistReading, whole_number

_SPACE: Final = " \t\r\n"
_ENCODINGS: Final = frozenset({"utf-8", "us-ascii"})
_LEAVES: Final = frozenset({"key", "string", "integer", "real", "date", "data", "true", "false"})
#: Without zeros before it, which some readers take for an octal number.
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,19})|0[xX][0-9a-fA-F]{1,16}")
_REAL: Final = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?|[+-]?inf(?:inity)?|nan"
)
_DATE: Final = "%Y-%m-%dT%H:%M:%SZ"
_DATE_FORM: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def read(data: bytes, apps_under: str = "") -> Account[object]:
    """The value that a list in XML holds, and what of it can be read in more than one way. Raises Malformed.

    `apps_under`: see :class:`PlistReading`.
    """
    plain_table = plist_plain.read(data)
    return read_strictly(data, apps_under) if plain_table is None else Account(plain_table)


def read_strictly(data: bytes, apps_under: str = "") -> Account[object]:
    """As :func:`read`, element by element. Of a list in the plain form it gives the same, in four times the time."""
    if b"\0" in data or data.startswith(codecs.BOM_UTF8):
        raise Malformed("no property list: another encoding")
    reader = _Reader(data, PlistReading(apps_under))
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Malformed(f"no property list: {error}") from None
    return reader.account()


class _Reader:
    """Builds the value as expat tells of each element."""

    def __init__(self, data: bytes, reading: PlistReading) -> None:
        self._data = data
        self._has_returns = b"\r" in data
        self._reading = reading
        self._has_root = self._complete = False
        self._root: object = None
        #: The tables and arrays that are open, each with the key that waits for its value.
        self._open: list[tuple[dict[str, object] | list[object], str | None]] = []
        self._path: tuple[str, ...] = ()
        #: The element whose text is gathered, where it began, and its text.
        self._leaf = ""
        self._leaf_at = 0
        self._text: list[str] = []
        #: Whether a comment stood in it.
        self._interrupted = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.SkippedEntityHandler = self._entity
        self.parser.CommentHandler = self._aside
        self.parser.ProcessingInstructionHandler = self._instruction

    def account(self) -> Account[object]:
        if not self._complete:
            raise Malformed("no property list: without a value")
        return self._reading.leftovers.account(self._root)

    # What expat tells

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise Malformed("no property list: another encoding")

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        if has_subset:
            raise Malformed("no property list: it declares something of its own")

    def _entity(self, *_: Any) -> None:
        raise Malformed("no property list: entities")

    def _aside(self, *_: Any) -> None:
        """A comment: in the middle of a text readers go on after it, end there, or fail."""
        if self._leaf and not self._interrupted:
            self._interrupted = True  # once is enough: putting the text together for each would cost its square
            self._reading.leftovers.add(Why.TWO_WAYS, "text", self._reading.app(self._path), "".join(self._text))

    def _instruction(self, target: str, data: str) -> None:
        """A processing instruction; no list has need of one."""
        self._reading.leftovers.add(Why.UNKNOWN, "instruction", self._reading.app(self._path), target)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._leaf:
            raise Malformed("no property list: an element inside a text")
        if name == "plist":
            if self._has_root:
                raise Malformed("no property list: one inside another")
            self._has_root = True
            return  # Nothing is lost: it only frames the list.
        if not self._has_root or self._complete:
            raise Malformed("no property list: an element outside of it")
        if attributes:
            self._reading.leftovers.add(Why.UNKNOWN, "attribute", self._reading.app(self._path), " ".join(attributes))
        if name in _LEAVES:
            self._leaf, self._text, self._interrupted = name, [], False
            if self._has_returns:
                self._leaf_at = self.parser.CurrentByteIndex
        elif name in ("dict", "array"):
            container: dict[str, object] | list[object] = {} if name == "dict" else []
            self._add(container)
            self._open.append((container, None))
        else:
            raise Malformed(f"no property list: the element {name[:20]}")

    def _characters(self, text: str) -> None:
        if self._leaf:
            self._text.append(text)
        elif not text.isspace() or text.strip(_SPACE):
            raise Malformed("no property list: a text between its elements")

    def _end(self, name: str) -> None:
        if name == "plist":
            return  # Nothing is lost: what it frames was read.
        if not self._leaf:
            _, waiting = self._open.pop()
            if waiting is not None:
                raise Malformed("no property list: a key without a value")
            self._value_ends()
            return  # Nothing is lost: what is inside was put in its place.
        text, leaf, self._leaf = "".join(self._text), self._leaf, ""
        if self._has_returns and b"\r" in self._data[self._leaf_at : self.parser.CurrentByteIndex]:
            # XML has one line feed for it, and readers that are no readers of XML keep it.
            self._reading.leftovers.add(Why.TWO_WAYS, "text", self._reading.app(self._path), text)
        if leaf == "key":
            self._key(text)
        else:
            self._add(_value(leaf, text))
            self._value_ends()

    # What is built of it

    def _key(self, text: str) -> None:
        table, waiting = self._open[-1] if self._open else (None, None)
        if not isinstance(table, dict) or waiting is not None:
            raise Malformed("no property list: a key out of its place")
        self._open[-1] = (table, text)
        self._path = (*self._path, text)

    def _add(self, value: object) -> None:
        self._reading.met(len(self._open))
        if not self._open:
            self._root = value
            return  # Nothing is lost: it is the whole.
        holder, key = self._open[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif key is None:
            raise Malformed("no property list: a value without a key")
        else:
            self._reading.put(holder, self._path, value)

    def _value_ends(self) -> None:
        if not self._open:
            self._complete = True
            return  # Nothing is lost: it was the whole.
        holder, _ = self._open[-1]
        if isinstance(holder, dict):
            self._open[-1] = (holder, None)
            self._path = self._path[:-1]


def _value(leaf: str, text: str) -> object:
    """The value of an element that holds no other. Raises Malformed."""
    if leaf == "string":
        return text
    bare = text.strip(_SPACE)
    if leaf in ("true", "false"):
        if bare:
            raise Malformed("no property list: a text in a yes or no")
        return leaf == "true"
    if leaf == "integer" and _INTEGER.fullmatch(bare):
        return whole_number(int(bare, 16 if "x" in bare.lower() else 10))
    if leaf == "real" and _REAL.fullmatch(bare):
        return float(bare)
    try:
        if leaf == "data":
            return binascii.a2b_base64("".join(text.split()), strict_mode=True)
        if leaf == "date" and _DATE_FORM.fullmatch(text):
            return datetime.strptime(text, _DATE)
    except ValueError as error:
        raise Malformed(f"no property list: {error}") from None
    raise Malformed(f"no property list: no {leaf}")
