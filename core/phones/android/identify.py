"""What apps on a phone are by their own files: who signed them, what they call themselves, which classes they have.

The phone says where the files are; then parts of them are read, many files side by side, so that a step of all of them
costs one round trip. An app whose file cannot be read costs the others nothing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from core.jobs import Cancel, Progress, Report
from core.model import App, Identity
from core.phones.android import apk, ranges, shell
from core.phones.android.apk import Contents, Manifest, OverBudget, Remote, Signers, Unreadable
from core.phones.android.file_reading import AppFile, FileReading, NotGiven
from core.phones.android.link import Answers, Link, ask
from core.phones.android.ranges import Wanted
from core.phones.android.states import TooMuch
from core.text import N, T, Text, plain

#: So many apps are read side by side, so that a step of all of them costs one round trip.
SIDE_BY_SIDE: Final = 40
#: So many apps have their launcher icons read, which costs each a few ranges more.
ICONS_LIMIT: Final = 12
#: ADB's service without a terminal is there since Android 5.
_RAW_SINCE: Final = 21
#: An app of more files than this is not read to its end; of each beside the base, at most so much is (bytes).
_FILES_LIMIT: Final = 60
#: Classes that are kept of all files of an app. Real ones have some hundred, rarely more than a thousand.
_CLASSES_LIMIT: Final = 10_000
#: Characters of the address at which an app starts that is a page.
_ADDRESS_LIMIT: Final = 2_000
#: The file that Android makes of an app's main part; the others are beside it.
_BASE: Final = "base.apk"
_PART_LIMIT: Final = 640 * 1024
_LOCATE_LIMIT: Final = 2**20

_TOO_OLD: Final = T("This phone's Android is too old to read parts of an app's file.")
_NO_VERSION: Final = T("The phone did not say which version of Android it has.")
_NO_FILE: Final = T("The phone did not say where the app's file is.")
_NOT_GIVEN: Final = T("The phone did not give the parts of the app's file that were asked for.")
_DAMAGED: Final = T("The certificate could not be read: the app's file is damaged, or made so that it cannot be read.")
_TOO_LARGE: Final = T("The certificate could not be read: too much of the app's file would have had to be read.")
_NO_MANIFEST: Final = T("What the app says of itself could not be read from its file.")
_PARTS_DIFFER: Final = T("The files that make up the app are not all signed by the same certificate.")
_PARTS_UNREAD: Final = T("Not all of the files that make up the app could be read.")
_CLASSES_UNREAD: Final = T("Not all of the app's screens and services could be read from its files.")
_ADDRESS_UNREAD: Final = T("A browser made the app of a page, and its file does not tell which.")


class Memory:
    """What the files of one opened phone said. Where all of an app's files are the same, they need not be read again.

    An app cannot write its own files, nor choose their inode, time or folder; so none can profit from what was read of
    another. But a phone could, which can claim to be any phone: so this lives no longer than one connection.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[AppFile, ...]], Identity] = {}

    def of(self, package: str, files: Sequence[AppFile]) -> Identity | None:
        """What these very files said."""
        return self._known.get((package, tuple(files)))

    def add(self, identity: Identity, files: Sequence[AppFile]) -> None:
        """Remember an identity that was read whole."""
        if identity.why is None and all(file.stamp for file in files):
            self._known[identity.package, tuple(files)] = identity


def identify(
    link: Link,
    apps: Sequence[App],
    report: Report,
    cancel: Cancel,
    told: Callable[[Identity], None] | None = None,
    memory: Memory | None = None,
) -> dict[str, Identity]:
    """What each of `apps` is, by its package; `told` hears each as soon as it is known. The first ones have their icon.

    Raises what `Link.run` raises, but not TooMuch.
    """
    found: dict[str, Identity] = {}

    def tell(identity: Identity) -> None:
        if identity.package in found:
            return
        found[identity.package] = identity
        doing = N(
            "Looking into the apps: {read} of {count} file",
            "Looking into the apps: {read} of {count} files",
            len(apps),
            read=len(found),
        )
        report(Progress(doing, len(found) / len(apps)))
        if told:
            told(identity)

    if not apps:
        return found
    sdk = _sdk(link, cancel)
    if sdk < _RAW_SINCE:
        for app in apps:
            tell(Identity(app.package, why=_TOO_OLD if sdk else _NO_VERSION))
        return found
    files = _locate(link, apps, cancel, ranges.command_limit(sdk))
    reader = ranges.Reader(link, ranges.command_limit(sdk))
    waiting: list[tuple[str, list[FileReading]]] = []
    pictured = {app.package for app in apps[:ICONS_LIMIT]}
    for app in apps:
        mine = files.get(app.package, [])
        base, *parts = _ordered(mine)
        known = memory.of(app.package, mine) if memory else None
        if base is None:
            tell(Identity(app.package, why=_NO_FILE))
        elif known is not None:
            tell(known)
        else:
            remote = Remote(base.size)
            first = FileReading(base, apk.read(remote, sdk), remote if app.package in pictured else None)
            rest = [FileReading(f, apk.part(Remote(f.size, _PART_LIMIT), sdk)) for f in parts if f]
            waiting.append((app.package, [first, *rest]))
    waiting.reverse()
    under_way: dict[str, list[FileReading]] = {}
    while waiting or under_way:
        while waiting and len(under_way) < SIDE_BY_SIDE:
            package, readings = waiting.pop()
            under_way[package] = readings
            for reading in readings:
                reading.advance(None)
        for package in [p for p, readings in under_way.items() if all(r.done for r in readings)]:
            identity = _identity(package, under_way.pop(package))
            if memory:
                memory.add(identity, files[package])
            tell(identity)
        left = [r for readings in under_way.values() for r in readings if not r.done]
        if left and (len(under_way) == SIDE_BY_SIDE or not waiting):
            _step(reader, left, cancel)
    return found


def _step(reader: ranges.Reader, waiting: Sequence[FileReading], cancel: Cancel) -> None:
    """Fetch what all of them want, and let them go on."""
    wanted = [Wanted(r.file.path, at, length, r.file.size) for r in waiting for at, length in r.wish]
    pieces = iter(reader.read(wanted, cancel))
    for reading in waiting:
        mine = [next(pieces) for _ in reading.wish]
        whole = [p for p in mine if p is not None]
        if len(whole) == len(mine):
            reading.advance(whole)
        else:
            reading.finish(NotGiven())


def _ordered(files: Sequence[AppFile]) -> list[AppFile | None]:
    """The app's base file first, then its splits; None first where it cannot be told which is the base."""
    bases = [f for f in files if f.name == _BASE] or [f for f in files if not f.name.startswith("split_")]
    if len(bases) != 1:
        return [None]
    return [bases[0], *(f for f in files if f is not bases[0])]


def _identity(package: str, readings: Sequence[FileReading]) -> Identity:
    base, *parts = readings
    contents = base.result
    if not isinstance(contents, Contents):
        return Identity(package, why=_NOT_GIVEN if isinstance(contents, NotGiven) else _DAMAGED)
    manifest, signers = contents.manifest, contents.signers
    if isinstance(manifest, Unreadable):
        if isinstance(signers, Unreadable):
            return Identity(package, why=_reason(signers))
        return Identity(package, certificates=signers.certificates, lineage=signers.lineage, why=_NO_MANIFEST)
    if package not in (manifest.package, _as_library(manifest.package, package)):
        other = plain(manifest.package, 255)
        return Identity(
            package, why=T("The file that the phone named for the app belongs to another one, {other}.", other=other)
        )
    certificates, lineage, why = (
        ((), (), _reason(signers))
        if isinstance(signers, Unreadable)
        else (signers.certificates, signers.lineage, _parts_problem(signers, parts))
    )
    manifests = [manifest, *(m for p in parts if isinstance(p.result, Contents) and (m := p.result.manifest))]
    read = [m for m in manifests if isinstance(m, Manifest)]
    if why is None and not all(m.whole for m in read):
        why = _CLASSES_UNREAD
    label = plain(contents.label, 120)
    components = tuple(dict.fromkeys(name for m in read for name in m.components))
    if len(components) > _CLASSES_LIMIT:
        components, why = components[:_CLASSES_LIMIT], why or _CLASSES_UNREAD
    url = ""
    if isinstance(manifest.start_url, str):
        url = plain(manifest.start_url, _ADDRESS_LIMIT)
    else:
        why = why or _ADDRESS_UNREAD
    return Identity(package, manifest.version_code, label, certificates, lineage, components, why, base.icon, url)


def _as_library(name: str, package: str) -> str:
    """How Android lists a shared library of that name: its version follows an underscore (``com.example.lib_12``)."""
    return package if re.fullmatch(re.escape(name) + r"_[0-9]{1,19}", package) else name


def _reason(problem: Unreadable) -> Text:
    return _TOO_LARGE if isinstance(problem, OverBudget) else _DAMAGED


def _parts_problem(signers: Signers, parts: Sequence[FileReading]) -> Text | None:
    """What is wrong with the splits of an app, if anything is."""
    results = [p.result for p in parts]
    signed = [r.signers for r in results if isinstance(r, Contents)]
    if any(isinstance(s, Signers) and set(s.certificates) != set(signers.certificates) for s in signed):
        return _PARTS_DIFFER
    read = sum(isinstance(r, Contents) and isinstance(r.manifest, Manifest) for r in results)
    is_whole = len(parts) < _FILES_LIMIT and read == len(parts) and all(isinstance(s, Signers) for s in signed)
    return None if is_whole else _PARTS_UNREAD


# Where the files are


def _sdk(link: Link, cancel: Cancel) -> int:
    """The phone's SDK; 0 if it does not say."""
    answers = _ask(link, lambda nonce: shell.part(nonce, "sdk", "getprop ro.build.version.sdk"), cancel)
    word = "".join(answers.get("sdk", [])).strip()
    return int(word) if re.fullmatch(r"[0-9]{1,3}", word) else 0


def _locate(link: Link, apps: Sequence[App], cancel: Cancel, longest: int) -> dict[str, list[AppFile]]:
    """The files of each app, with their sizes: where the list of apps has named the base file, by looking beside it,
    which is one command for all; otherwise by asking for each."""
    found: dict[str, list[AppFile]] = {}
    folders = {app.code_path.removesuffix(_BASE): app.package for app in apps if _is_base(app.code_path)}
    beside = [f"'{folder}'{_BASE} '{folder}'split_*.apk" for folder in folders]
    for words in _portions(beside, longest - len(_beside("0" * 32, []))):
        lines = _ask(link, partial(_beside, words=words), cancel).get("files", [])
        for file in _stated(lines):
            package = folders.get(file.path[: file.path.rindex("/") + 1])
            if package is not None:
                found.setdefault(package, []).append(file)
    found = {package: files for package, files in found.items() if any(file.name == _BASE for file in files)}
    left = [app for app in apps if app.package not in found]
    for words in _portions(_words(left), longest - len(script("0" * 32, []))):
        answers = _ask(link, partial(script, words=words), cancel)
        found |= {package: _files(lines) for package, lines in answers.items()}
    return found


def _is_base(path: str) -> bool:
    return path.endswith(f"/{_BASE}") and ranges.is_apk_path(path)


def _beside(nonce: str, words: Sequence[str]) -> str:
    """Ask for the sizes of the files in folders of apps. Android itself names them so when it installs an app."""
    return shell.part(nonce, "files", f'stat -c "%s %i %Y %n" {" ".join(words)} 2>/dev/null')


def _stated(lines: Sequence[str]) -> Iterator[AppFile]:
    """Size, inode, time and path of each file, as `stat` gives them."""
    for line in lines:
        stat = _STAT.match(line)
        if stat and ranges.is_apk_path(path := line[stat.end() :].lstrip(" ")):
            yield AppFile(path, int(stat[1]), stat[2])


def _ask(link: Link, compose: Callable[[str], str], cancel: Cancel) -> Mapping[str, list[str]]:
    """The lines of each part of a script's answer that has ended, also where it says too much after that."""
    found: Answers = {}
    with contextlib.suppress(TooMuch):
        ask(link, compose, cancel, _LOCATE_LIMIT, found)
    return {name: lines for name, (lines, _) in found.items()}


def script(nonce: str, words: Sequence[str]) -> str:
    """Ask for the files of apps and for their sizes. Each word is ``profile:package:folder`` in quotes, ours and
    checked.

    An Android that does not know ``--user`` here is asked without it; and where a profile is closed to the shell, the
    folder that `dumpsys` named is looked into. `stat` is missing before Android 6.
    """
    return (
        f"N={nonce}\n"
        + "for A in "
        + " ".join(words)
        + "\ndo U=${A%%:*}; A=${A#*:}; P=${A%%:*}; D=${A#*:}\n"
        + 'echo; echo "$N begin $P"\n'
        + "F=$(pm path --user $U $P 2>/dev/null)\n"
        + "case $F in *package:/*) ;; *) F=$(pm path $P 2>/dev/null);; esac\n"
        + 'case $F in *package:/*) ;; *) case $D in "") F=;; *.apk) F=$D;; '
        + '*) F=$(echo "$D"/*.apk "$D/base.apk" "$D/${D##*/}.apk");; esac;; esac\n'
        + 'for W in $F; do W=${W#package:}; case $W in /*.apk) S=$(stat -c "%s %i %Y" "$W" 2>/dev/null); '
        + 'case $S in "") S=$(ls -l "$W" 2>/dev/null);; esac; echo "file $W"; echo "$S";; esac; done\n'
        + 'echo; echo "$N end $P 0"\n'
        + "done\n"
    )


def _words(apps: Sequence[App]) -> list[str]:
    """Each app as a word of the script."""
    words = []
    for app in apps:
        if shell.is_package_name(app.package):
            profile = next((s.profile for s in app.states if s.installed), 0)
            folder = app.code_path if ranges.is_folder_path(app.code_path) else ""
            words.append(f"'{profile}:{app.package}:{folder}'")
    return words


def _portions(words: Sequence[str], longest: int) -> Iterator[list[str]]:
    """`words` in portions of at most `longest` characters."""
    part: list[str] = []
    room = longest
    for word in words:
        if part and len(word) + 1 > room:
            yield part
            part, room = [], longest
        part.append(word)
        room -= len(word) + 1
    if part:
        yield part


#: A size, as `stat` gives it with inode and time, or before the date of a line of `ls -l`.
_STAT: Final = re.compile(r"([0-9]{1,12}) ([0-9]{1,20} [0-9]{1,12})")
_SIZE: Final = re.compile(r"(?:^|\s)([0-9]{1,12})(?:$|\s+[0-9]{4}-[0-9]{2}-[0-9]{2}\s)")


def _files(lines: Sequence[str]) -> list[AppFile]:
    """Path and size of each file; what has no size is not there."""
    found: dict[str, AppFile] = {}
    path = ""
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "file":
            path = rest if ranges.is_apk_path(rest) else ""
        elif path and len(found) <= _FILES_LIMIT:
            if stat := _STAT.fullmatch(line):
                found.setdefault(path, AppFile(path, int(stat[1]), stat[2]))
            elif size := _SIZE.search(line):
                found.setdefault(path, AppFile(path, int(size[1])))
    return list(found.values())
