"""AndroidManifest.xml in its compiled form: what an app is called and what is in it.

As Android does, attributes are told by their resource number and not by their name, and chunks of an unknown kind are
passed over. Where a file could be read in two ways (two attributes that some reader takes for a class's name, a
component in an odd place, a second application), every class that any reader may see there is taken, because a class
that is seen can only accuse, and what the account leaves says that there may be more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.apk.fields import Unreadable
from core.phones.android.apk.memo import Memo
from core.phones.android.apk.xml import END, NOTHING, REFERENCES, START, STRING, Attribute, XmlReader
from core.text import plain

#: Of the inflated file (bytes).
SIZE_LIMIT: Final = 2 * 2**20
COMPONENTS_LIMIT: Final = 5_000
_CLASS_LIMIT: Final = 500
#: What a class may be called in an app's code (dalvik/dex-format, SimpleName); texts from phones have further bounds.
_CLASS: Final = re.compile(r"[\w$\-\u00a1-\uffff]+(?:\.[\w$\-\u00a1-\uffff]+)*")

_ANDROID: Final = "http://schemas.android.com/apk/res/android"
_LABEL: Final = 0x01010001
_ICON: Final = 0x01010002
_NAME: Final = 0x01010003
_MANAGE_SPACE_ACTIVITY: Final = 0x01010004
_AUTHORITIES: Final = 0x01010018
_VALUE: Final = 0x01010024
_TARGET_ACTIVITY: Final = 0x01010202
_VERSION_CODE: Final = 0x0101021B
_BACKUP_AGENT: Final = 0x0101027F
_PARENT_ACTIVITY: Final = 0x010103A7
_VERSION_CODE_MAJOR: Final = 0x01010576
_APP_COMPONENT_FACTORY: Final = 0x0101057A
_ZYGOTE_PRELOAD: Final = 0x0101059D
#: The names of those of Android's own attributes that are read.
_NAMES: Final = {
    _LABEL: "label",
    _ICON: "icon",
    _NAME: "name",
    _MANAGE_SPACE_ACTIVITY: "manageSpaceActivity",
    _AUTHORITIES: "authorities",
    _TARGET_ACTIVITY: "targetActivity",
    _BACKUP_AGENT: "backupAgent",
    _PARENT_ACTIVITY: "parentActivityName",
    _APP_COMPONENT_FACTORY: "appComponentFactory",
    _ZYGOTE_PRELOAD: "zygotePreloadName",
    _VALUE: "value",
    _VERSION_CODE: "versionCode",
    _VERSION_CODE_MAJOR: "versionCodeMajor",
}
#: Numbers of an app's own resources; those of other packages than this and Android's may be made to mean Android's.
_APP: Final = 0x7F
_IN_PACKAGE: Final = 0x00FFFFFF

_NUMBERS: Final = range(0x10, 0x20)
#: Components stand below the application, and that below the manifest; nothing deeper is of interest.
_DEEPEST: Final = 3

#: Where a browser writes the address of a page that it makes an app of (Chromium, WebApkMetaDataKeys).
_START_URL: Final = "org.chromium.webapk.shell_apk.startUrl"

#: Where an app built for Androids before 4.1 names the screen above one.
_PARENT_BEFORE: Final = "android.support.PARENT_ACTIVITY"

#: The components, and the attributes by which each names classes (attrs_manifest.xml); it must have the first one. An
#: alias is a component of its own name, by which other apps and the launcher start it.
_COMPONENTS: Final = {
    "activity": (_NAME, _PARENT_ACTIVITY),
    "activity-alias": (_TARGET_ACTIVITY, _NAME, _PARENT_ACTIVITY),
    "service": (_NAME,),
    "receiver": (_NAME,),
    "provider": (_NAME,),
}
#: The other elements that name classes of the app; none of these attributes must be there.
_OTHERS: Final = {
    "application": (_NAME, _MANAGE_SPACE_ACTIVITY, _BACKUP_AGENT, _APP_COMPONENT_FACTORY, _ZYGOTE_PRELOAD),
    "instrumentation": (_NAME,),
    "process": (_NAME,),
}
#: What an app declares as its own and Android lets one app alone have: permissions, authorities, libraries. What it
#: only uses of others (`uses-permission`, `queries`, actions of a maker's kit) says nothing of what it is.
_OWN: Final = {
    **dict.fromkeys(("permission", "permission-tree", "permission-group"), _NAME),
    **dict.fromkeys(("library", "static-library", "sdk-library"), _NAME),
    "provider": _AUTHORITIES,
}
_ELEMENTS: Final = frozenset(("manifest", "meta-data", *_COMPONENTS, *_OTHERS, *_OWN))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest says. `components` are the names of its components, classes, permissions, authorities and
    libraries. `label` is the text itself, or the number of the resource that is the text; `icon` is the
    number of the resource that is the launcher's picture, 0 where none is named. `start_url` is the address at which an
    app starts that a browser made of a page, or the number of the resource that is that text (0: it is no text)."""

    package: str
    version_code: int | None
    label: str | int
    components: tuple[str, ...]
    icon: int = 0
    start_url: str | int = ""


def parse(data: bytes) -> Account[Manifest]:
    """What a compiled manifest says, which is kept. Raises Unreadable."""
    return _MANIFESTS.of(data)


def _parsed(data: bytes) -> Account[Manifest]:
    """Read a compiled manifest. Raises Unreadable."""
    leftovers = Leftovers()
    reading = _Reading(XmlReader(data, leftovers), leftovers)
    reading.run()
    if not reading.package:
        raise Unreadable("no package")
    version = None if reading.version is None else reading.major << 32 | reading.version
    return leftovers.account(
        Manifest(reading.package, version, reading.label, tuple(reading.components), reading.icon, reading.start_url)
    )


def _length(account: Account[Manifest]) -> int:
    """How much room what is kept of a manifest takes (about as many characters)."""
    manifest = account.value
    texts = [manifest.package, str(manifest.label), str(manifest.start_url), *manifest.components]
    return sum(len(text) + 50 for text in texts) + sum(len(item.text) + 100 for item in account.left)


#: The manifests that were read last, of so many characters together; those of a phone's apps have some hundred
#: thousand.
_MANIFESTS: Final = Memo(_parsed, _length, 4_000_000)


@dataclass(slots=True)
class _Reading:
    """What was found so far, and on which path the reader is."""

    xml: XmlReader
    leftovers: Leftovers
    path: list[str] = field(default_factory=list)
    depth: int = 0
    package: str = ""
    version: int | None = None
    major: int = 0
    applications: int = 0
    label: str | int = ""
    icon: int = 0
    components: dict[str, None] = field(default_factory=dict)
    start_url: str | int = ""

    def run(self) -> None:
        """Read all of it. Raises Unreadable."""
        for kind, element in self.xml.chunks():
            if kind == START:
                self.depth += 1
                name = self.xml.name(element)
                if self.depth <= _DEEPEST:
                    self.path.append(name)
                if name in _ELEMENTS:
                    self._element(name, self.xml.attributes(element))
            elif kind == END:
                self.depth -= 1
                if self.depth < 0:
                    raise Unreadable("an element that never began")
                del self.path[self.depth :]
        if self.depth:
            self.leftovers.add(Why.CUT, "document")

    def _element(self, name: str, attributes: list[Attribute]) -> None:
        if self.path == ["manifest", "queries", "provider"] and self.depth == _DEEPEST:
            return  # Nothing is lost: it is another app's, which this one wants to see
        if name in _COMPONENTS:
            self._component(name, attributes)
        for number in _OTHERS.get(name, ()):
            self._classes(attributes, number)
        if name in _OWN:
            self._own_names(attributes, _OWN[name])
        if self.depth == 1 and name == "manifest":
            self._manifest(attributes)
        elif self.depth == 2 and self.path == ["manifest", "application"]:
            self._application(attributes)
        elif name == "meta-data":
            self._meta_data(attributes)

    def _manifest(self, attributes: list[Attribute]) -> None:
        if self.package:
            raise Unreadable("two manifests")
        packages = [a for a in attributes if a.name == "package" and not self.xml.text(a.space)]
        if len(packages) > 1 or any(a.space != NOTHING for a in packages):
            self.leftovers.add(Why.TWO_WAYS, "package")
        # Android takes the text of this one as it stood in the source, where that was kept.
        texts = [text for a in packages[:1] for text in self._texts(a, "package")]
        self.package = texts[-1] if texts else ""
        self.version = self._number(attributes, _VERSION_CODE)
        self.major = self._number(attributes, _VERSION_CODE_MAJOR) or 0

    def _application(self, attributes: list[Attribute]) -> None:
        self.applications += 1
        if self.applications > 1:
            self.leftovers.add(Why.TWICE, "application")
            return  # Nothing is lost: it was said, and the components in it are read
        for label in self._attributes_of(attributes, _LABEL)[:1]:
            if label.kind in REFERENCES:
                self.label = label.data
            elif label.kind == STRING:
                self.label = self.xml.text(label.data)
            else:
                self.leftovers.add(Why.UNKNOWN, "label", text=f"kind {label.kind}")
        self.icon = next((a.data for a in attributes if a.number == _ICON and a.kind in REFERENCES), 0)

    def _meta_data(self, attributes: list[Attribute]) -> None:
        """The address that a browser wrote into the element, or the number of the resource that is it (0: it is no
        text). Elements that are about something else say nothing for us."""
        names = [self.xml.text(a.data) for a in attributes if a.number == _NAME and a.kind == STRING]
        value = next((a for a in attributes if a.number == _VALUE), None)
        if _PARENT_BEFORE in names:
            self._classes(attributes, _VALUE)
        if _START_URL in names and self.depth == _DEEPEST and self.path[:-1] == ["manifest", "application"]:
            self.start_url = 0
            if value is not None and value.kind in REFERENCES:
                self.start_url = value.data
            elif value is not None and value.kind == STRING:
                self.start_url = self.xml.text(value.data) or 0

    def _component(self, name: str, attributes: list[Attribute]) -> None:
        """A screen, service, receiver or provider; also where some Androids look for one and others do not."""
        if self.depth != _DEEPEST or self.path[:-1] != ["manifest", "application"]:
            self.leftovers.add(Why.UNKNOWN, "place of a component", text="/".join(self.path))
        required, *others = _COMPONENTS[name]
        self._classes(attributes, required, required=True)
        for number in others:
            self._classes(attributes, number)

    def _classes(self, attributes: list[Attribute], number: int, *, required: bool = False) -> None:
        """Take the classes that the attribute of this number names. One that is there and is no text names some, too,
        which are not known."""
        named = self._attributes_of(attributes, number)
        texts = [text for attribute in named for text in self._texts(attribute, "class")]
        if len(texts) < len(named) or (required and not any(texts)):
            self.leftovers.add(Why.MISSING, "class", text=_NAMES[number])
        for text in filter(None, texts):
            self._take(_class_name(self.package, text), text)

    def _own_names(self, attributes: list[Attribute], number: int) -> None:
        """Take what the app declares as its own: of a provider, authorities with semicolons between them. They may be
        anything, and stand in a resource as in the manifests of many apps: what is no name, or not here, is no sign."""
        for attribute in self._attributes_of(attributes, number):
            for text in self._texts(attribute, "own name"):
                for name in filter(is_class, text.split(";")):
                    self._take(name, name)

    def _take(self, name: str, text: str) -> None:
        """Keep a `name`, which is empty where `text` is none that a class can have."""
        if not name:
            self.leftovers.add(Why.REFUSED, "class", text=text)
        elif len(self.components) < COMPONENTS_LIMIT:
            self.components[name] = None
        elif name not in self.components:
            self.leftovers.add(Why.CUT, "classes")

    def _attributes_of(self, attributes: list[Attribute], number: int) -> list[Attribute]:
        """The attributes that some reader takes for Android's own of that number, the first one by Android itself.

        Android walks along them and along the numbers that it looks for in one go, so that one behind a higher number
        is not seen; and it translates a number of another package by the app's own resource table. Others go by names.
        """
        exact = [a for a in attributes if a.number == number]
        alike = [a for a in attributes if a.number != number and self._is_like(a, number)]
        if len(exact) > 1 or alike or (exact and any(_before(a, attributes) for a in exact)):
            self.leftovers.add(Why.TWO_WAYS, "attribute", text=_NAMES[number])
        return exact + alike

    def _is_like(self, attribute: Attribute, number: int) -> bool:
        package, rest = attribute.number >> 24, attribute.number & _IN_PACKAGE
        if rest == number & _IN_PACKAGE and package != _APP:
            return True
        return attribute.name == _NAMES[number] and self.xml.text(attribute.space) == _ANDROID

    def _texts(self, attribute: Attribute, kind: str) -> list[str]:
        """The text that an attribute is; where it stood otherwise in the source, that as well."""
        texts = [self.xml.text(attribute.data)] if attribute.kind == STRING else []
        if attribute.raw not in (NOTHING, attribute.data) or (attribute.raw != NOTHING and not texts):
            raw = self.xml.text(attribute.raw)
            if texts != [raw]:
                self.leftovers.add(Why.TWO_WAYS, kind, text=raw)
                texts.append(raw)
        return texts

    def _number(self, attributes: list[Attribute], number: int) -> int | None:
        matches = self._attributes_of(attributes, number)
        return matches[0].data if matches and matches[0].kind in _NUMBERS else None


def _before(attribute: Attribute, attributes: list[Attribute]) -> bool:
    """Whether a higher number stands before this attribute."""
    before = takewhile(lambda sibling: sibling is not attribute, attributes)
    return any(sibling.number > attribute.number for sibling in before)


def is_class(name: str) -> bool:
    """Whether a class may have that full name."""
    return bool(name and len(name) <= _CLASS_LIMIT and _CLASS.fullmatch(name) and plain(name, _CLASS_LIMIT) == name)


def _class_name(package: str, name: str) -> str:
    """A class's full name; nothing if no class has such a name."""
    full = package + name if name.startswith(".") else name if "." in name else f"{package}.{name}"
    return full if is_class(full) else ""
