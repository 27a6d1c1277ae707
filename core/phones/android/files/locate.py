"""Where the files of apps are on a phone, and how large.

Where the list of apps has named an app's base file, one command looks beside all of them; of every other app Android is
asked. A path that is not understood is never taken for one that is not there: the account says of which app it is.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from core.jobs import Cancel
from core.model import App
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.files import ranges
from core.phones.android.files.file_reading import AppFile
from core.phones.android.link import shell
from core.phones.android.link.link import Answers, Link, ask
from core.phones.android.link.problems import TooMuch

#: The file that Android makes of an app's main part; the others are beside it.
BASE: Final = "base.apk"
_SPLIT: Final = "split_"
#: An app of more files than this is not read to its end. Large ones have a split for each of their features and
#: languages, more than a hundred.
FILES_LIMIT: Final = 300
_LOCATE_LIMIT: Final = 2**20

#: A size, as `stat` gives it with inode and time, or before the date of a line of `ls -l`.
_STAT: Final = re.compile(r"([0-9]{1,12}) ([0-9]{1,20} [0-9]{1,12})")
_SIZE: Final = re.compile(r"(?:^|\s)([0-9]{1,12})(?:$|\s+[0-9]{4}-[0-9]{2}-[0-9]{2}\s)")

#: The names of an app's splits, as another answer of the phone has them; None where none is known to.
Splits = Callable[[App], Collection[str] | None]


def locate(
    link: Link, apps: Sequence[App], cancel: Cancel, longest: int, splits: Splits
) -> Account[dict[str, list[AppFile]]]:
    """The files of each app by its package, with their sizes. What is left names the app that it may be about, or none
    where it may be about any.

    Commands are of `longest` characters at most. Raises what `Link.run` raises, but not TooMuch.
    """
    leftovers = Leftovers()
    beside = _look_beside(link, apps, cancel, longest, leftovers)
    by_package = {package: files for package, files in beside.items() if any(file.name == BASE for file in files)}
    missing = [app for app in apps if app.package not in by_package]
    packages = {app.package for app in missing}
    for words in _portions(_words(missing), longest - len(script("0" * 32, []))):
        answers = ask_parts(link, partial(script, words=words), cancel)
        for package in sorted(packages & answers.keys()):
            lines, code = answers[package]
            if code < 0:
                leftovers.add(Why.CUT, "files", package)
            by_package[package] = leftovers.take(files_of(package, lines))
    for app in apps:
        files = by_package.get(app.package, [])
        _compare(app.package, files, beside.get(app.package, ()), leftovers)
        _compare_splits(app, files, splits(app), leftovers)
        by_package[app.package] = _bounded(app.package, files, longest, leftovers)
    return leftovers.account(by_package)


def _bounded(package: str, files: list[AppFile], longest: int, leftovers: Leftovers) -> list[AppFile]:
    """The files that are read: as many as one app may have, whose paths fit into a command."""
    readable = [file for file in files if len(file.path) <= longest - ranges.AROUND_PATH]
    if len(readable) < len(files):
        leftovers.add(Why.CUT, "file path", package)
    if len(readable) > FILES_LIMIT:
        leftovers.add(Why.CUT, "files", package)
        readable.sort(key=lambda file: file.name.startswith(_SPLIT))
    return readable[:FILES_LIMIT]


def _compare(package: str, files: Sequence[AppFile], beside: Sequence[AppFile], leftovers: Leftovers) -> None:
    """What stands beside an app's files is what Android names; of an app that was moved there is no more to say."""
    folders = {file.folder for file in files}
    for file in beside:
        if file.folder in folders and all(file.path != f.path for f in files):
            leftovers.add(Why.DISAGREES, "file", package, file.path)


def _compare_splits(app: App, files: Sequence[AppFile], names: Collection[str] | None, leftovers: Leftovers) -> None:
    """Each split that the phone told elsewhere is a file here, and each split that is a file was told. Android gives
    the files these names when it installs an app; one that came with the phone may have others."""
    if names is None or not files or not any(file.name == BASE for file in files):
        return  # Nothing is lost: there is nothing to compare, and an app without a file is told so
    expected = {f"{_SPLIT}{name}.apk" for name in names}
    present = {file.name for file in files} - {BASE}
    for name in sorted(expected - present):
        leftovers.add(Why.MISSING, "split", app.package, name)
    for name in sorted(present - expected):
        leftovers.add(Why.DISAGREES, "split", app.package, name)


# Beside the base file that the list of apps has named


def _look_beside(
    link: Link, apps: Sequence[App], cancel: Cancel, longest: int, leftovers: Leftovers
) -> dict[str, list[AppFile]]:
    """The base files that the list has named, and the splits beside them. An app that is not in here is not left: it is
    asked for by its name."""
    folders = {app.code_path.removesuffix(BASE): app.package for app in apps if _is_base(app.code_path)}
    words = [f"'{folder}'{BASE} '{folder}'{_SPLIT}*.apk" for folder in folders]
    by_package: dict[str, list[AppFile]] = {}
    for portion in _portions(words, longest - len(_beside("0" * 32, []))):
        lines, code = ask_parts(link, partial(_beside, words=portion), cancel).get("files", ([], -1))
        account = stated(lines, folders)
        for item in account.left:
            if item.app or item.why is Why.CUT:
                leftovers.add(item.why, item.kind, item.app, item.text)
        if code < 0 or any(not item.app for item in account.left):
            # Nothing is lost: it was cut, or holds what is no app's, so all of these apps are asked for by their names
            continue
        by_package |= account.value
    return by_package


def _is_base(path: str) -> bool:
    return path.endswith(f"/{BASE}") and ranges.is_apk_path(path)


def _beside(nonce: str, words: Sequence[str]) -> str:
    """Ask for the sizes of the files in folders of apps. Android itself names them so when it installs an app."""
    return shell.part(nonce, "files", f'stat -c "%s %i %Y %n" {" ".join(words)} 2>/dev/null')


def stated(lines: Sequence[str], folders: Mapping[str, str]) -> Account[dict[str, list[AppFile]]]:
    """Size, inode, time and path of each file, as `stat` gives them, by the package whose folder it is in."""
    leftovers = Leftovers()
    by_package: dict[str, dict[str, AppFile]] = defaultdict(dict)
    for line in lines:
        if not line:
            continue  # Nothing is lost: an empty line names no file
        stat = _STAT.match(line)
        path = line[stat.end() :].removeprefix(" ") if stat and line[stat.end() :].startswith(" /") else ""
        package = folders.get(path[: path.rfind("/") + 1])
        if stat is None or package is None or not ranges.is_apk_path(path):
            about = next((app for folder, app in folders.items() if folder in line), "")
            leftovers.add(Why.REFUSED, "file", about, line)
        else:
            _add(by_package[package], AppFile(path, int(stat[1]), stat[2]), package, leftovers)
    return leftovers.account({package: list(files.values()) for package, files in by_package.items()})


def _add(files: dict[str, AppFile], file: AppFile, package: str, leftovers: Leftovers) -> None:
    if files.setdefault(file.path, file) != file:
        leftovers.add(Why.TWICE, "file", package, file.path)


def ask_parts(link: Link, compose: Callable[[str], str], cancel: Cancel) -> Answers:
    """The lines of each part of a script's answer that has ended, and its exit code, -1 where it was cut; also where it
    says too much after that."""
    answers: Answers = {}
    # Nothing is lost: an app whose part did not end has no files, and is told so
    with contextlib.suppress(TooMuch):
        ask(link, compose, cancel, _LOCATE_LIMIT, answers)
    return answers


# By an app's name


def script(nonce: str, words: Sequence[str]) -> str:
    """Ask for the files of apps and for their sizes. Each word is ``profile:package:folder`` in quotes, ours and
    checked.

    An Android that does not know ``--user`` here is asked without it; and where a profile is closed to the shell, the
    folder that `dumpsys` named is looked into: what stands there may be a file (``maybe``). `stat` is missing before
    Android 6. What Android names and is no path of an app's file is said as well (``other``).
    """
    return (
        f"N={nonce}\n"
        + "for A in "
        + " ".join(words)
        + "\ndo U=${A%%:*}; A=${A#*:}; P=${A%%:*}; D=${A#*:}; K=file\n"
        + 'echo; echo "$N begin $P"\n'
        + "F=$(pm path --user $U $P 2>/dev/null)\n"
        + "case $F in *package:/*) ;; *) F=$(pm path $P 2>/dev/null);; esac\n"
        + 'case $F in *package:/*) ;; *) K=maybe; case $D in "") F=;; *.apk) F=$D;; '
        + '*) F=$(echo "$D"/*.apk "$D/base.apk" "$D/${D##*/}.apk");; esac;; esac\n'
        + 'for W in $F; do W=${W#package:}; case $W in /*.apk) S=$(stat -c "%s %i %Y" "$W" 2>/dev/null); '
        + 'case $S in "") S=$(ls -l "$W" 2>/dev/null);; esac; echo "$K $W"; echo "$S";; '
        + '*) echo "other $W";; esac; done\n'
        + 'echo; echo "$N end $P 0"\n'
        + "done\n"
    )


def _words(apps: Sequence[App]) -> list[str]:
    """Each app as a word of the script. An app whose package may not stand there has no files, and is told so; a folder
    that may not is Android's to name."""
    words = []
    for app in apps:
        if shell.is_package_name(app.package):
            profile = next((s.profile for s in app.states if s.installed), 0)
            folder = app.code_path if ranges.is_folder_path(app.code_path) else ""
            words.append(f"'{profile}:{app.package}:{folder}'")
    return words


def _portions(words: Sequence[str], longest: int) -> Iterator[list[str]]:
    """`words` in portions of at most `longest` characters, with a blank behind each."""
    return ranges.portions(words, [(len(word) + 1,) for word in words], (longest,))


@dataclass(slots=True)
class _Files:
    """The files of one app, line by line."""

    package: str
    leftovers: Leftovers = field(default_factory=Leftovers)
    by_path: dict[str, AppFile] = field(default_factory=dict)
    path: str = ""
    #: Whether Android named the path that stands, and no size has come yet.
    is_named: bool = False

    def line(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word in ("file", "maybe"):
            self.end()
            self.path, self.is_named = rest, word == "file"
        elif stat := _STAT.fullmatch(line):
            self._size(int(stat[1]), stat[2])
        elif self.path and (size := _SIZE.search(line)):
            self._size(int(size[1]))
        elif line:
            self.leftovers.add(Why.UNKNOWN, "file", self.package, line)

    def _size(self, size: int, stamp: str = "") -> None:
        if ranges.is_apk_path(self.path):
            _add(self.by_path, AppFile(self.path, size, stamp), self.package, self.leftovers)
        else:
            self.leftovers.add(Why.REFUSED, "file path", self.package, self.path)
        self.is_named = False

    def end(self) -> None:
        """No more is said of the path that stands. A path of our own making that leads nowhere is no file."""
        if self.is_named:
            self.leftovers.add(Why.MISSING, "size of a file", self.package, self.path)


def files_of(package: str, lines: Sequence[str]) -> Account[list[AppFile]]:
    """Path and size of each file of one app, as :func:`script` has them said."""
    files = _Files(package)
    for line in lines:
        files.line(line)
    files.end()
    return files.leftovers.account(list(files.by_path.values()))
