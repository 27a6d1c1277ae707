"""What a phone says of one app before it is removed: its files with their hashes, its signers, version and times.

The hashes are those of the phone's own `sha256sum` (toybox, since Android 8): the phone reads its files itself, and
nothing of them comes over the cable. So they are the phone's word. What it does not tell in the one form that the
program has is missing, and said to be so. Where copies of the files are kept, they are read whole and hashed here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.jobs import Cancel
from core.model import App, AppEvidence, FileHash, Finding, HashedBy, Inventory
from core.phones.accounting import Account, Leftovers, Why
from core.phones.android.files import ranges
from core.phones.android.files.file_reading import AppFile
from core.phones.android.files.identify import IdentityMemory
from core.phones.android.files.locate import locate, stated
from core.phones.android.link import shell
from core.phones.android.link.file_service import FileNotGiven
from core.phones.android.link.link import Link, ask
from core.phones.android.link.problems import FileNotWhole, TooMuch
from core.phones.android.listings import usage
from core.phones.driver import FileKeeper, Silent
from core.text import N, T, Text, first_few, plain

#: Seconds for all that is asked of the phone about one app. An old phone hashes some 50 MB a second, and the largest
#: apps have a gigabyte.
TIME_LIMIT: Final = 60.0
#: Seconds for all apps of one phone: one that claims to have hundreds of banned apps may not hold a removal up for
#: hours.
ALL_LIMIT: Final = 300.0
#: Bytes of the phone's answers to one question. Each file takes a line: its hash, two blanks and its path.
_ANSWER_LIMIT: Final = 2**18
#: Bytes of an app's files that are copied: no app has as many.
KEPT_LIMIT: Final = 8 * 2**30
#: Names of files in one sentence.
_NAMED: Final = 3
#: What a shell says of a program that it does not find.
_NO_SUCH_PROGRAM: Final = 127
_HASH_LINE: Final = re.compile(r"([0-9a-f]{64})  (/.+)")

_IS_ARCHIVED: Final = T("It is archived: the phone keeps its data, and no file that would tell what it is.")
_NO_FILES: Final = T("The phone does not name the app’s files.")
_UNSURE: Final = T("What the phone says of the app’s files does not fit together: it may have others than these.")
_NO_PROGRAM: Final = T("The phone has no program that computes the fingerprints of files (sha256sum).")
_SILENT: Final = T("The phone did not answer in time when it was asked what there is of the app.")
_FLOOD: Final = T("The phone answered with far more than was asked for when it was asked what there is of the app.")
_NO_USE: Final = T("The phone does not tell when the app was last used.")


class TimeLimit(Cancel):
    """A stop button that is another's, and that also ends what takes longer than `seconds`: then `check` raises
    Silent."""

    def __init__(self, cancel: Cancel, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._cancel, self._seconds, self._clock = cancel, seconds, clock
        self._end = clock() + seconds

    @property
    def pressed(self) -> bool:
        return self._cancel.pressed

    def check(self) -> None:
        self._cancel.check()
        if self._clock() > self._end:
            raise Silent(self._seconds)


def app_evidence(
    link: Link,
    finding: Finding,
    inventory: Inventory,
    memory: IdentityMemory,
    cancel: Cancel,
    *,
    last_used: bool = False,
    keeper: FileKeeper | None = None,
    seconds: float = TIME_LIMIT,
) -> AppEvidence:
    """What `inventory` and the phone say of the app of `finding`. `memory` has what its files said of their signers;
    `last_used` asks also when it was last used. The phone has this many `seconds` for its answers.

    Raises what `Link.run` raises, but neither Silent nor TooMuch: what came until then counts, and the rest is missing.
    With a `keeper`, which is given each file whole, it raises them, and FileNotWhole: a copy is whole, or is none.
    """
    app = inventory.app(finding.app.package) or finding.app
    profile = finding.profile.id
    state = app.state(profile)
    files: list[AppFile] = []
    hashes: dict[str, str] = {}
    missing: list[Text] = []
    used = ""
    limited = TimeLimit(cancel, seconds)
    try:
        if last_used:
            used = _last_used(link, app, profile, limited, missing)
        if state is not None and not state.installed:
            missing.append(_IS_ARCHIVED)
        else:
            longest = ranges.command_limit(inventory.phone.sdk)
            files += _files(link, app, profile, longest, limited, missing)
            if keeper is None:
                _hash(link, files, longest, limited, hashes, missing)
    except (Silent, TooMuch) as problem:  # Nothing is lost: the sentence says why something is missing
        if keeper is not None:
            raise
        missing.append(_SILENT if isinstance(problem, Silent) else _FLOOD)
    if keeper is not None and files:
        hashes |= _keep(link, files, keeper, cancel)
    return AppEvidence(
        package=app.package,
        profile=profile,
        files=tuple(_hashed(f, hashes[f.path], kept=keeper is not None) for f in files if f.path in hashes),
        signers=_signers(app, memory, files),
        version=_version(app),
        store=app.installer,
        first_installed=(state.first_install if state is not None else "") or app.first_install,
        last_updated=app.last_update,
        last_used=used,
        missing=tuple(dict.fromkeys(missing)),
        size=sum(file.size for file in files) if files else None,
    )


def _hashed(file: AppFile, sha256: str, *, kept: bool) -> FileHash:
    by = HashedBy.HERE if kept else HashedBy.PHONE
    return FileHash(plain(file.name, 255), file.size, sha256, by, kept or None)


def _last_used(link: Link, app: App, profile: int, cancel: Cancel, missing: list[Text]) -> str:
    """When the app was last used in `profile`."""
    lines: list[str] = []
    if shell.is_package_name(app.package):
        command = usage.command(app.package)
        lines, _ = ask(link, shell.parts({"use": command}), cancel, _ANSWER_LIMIT).get("use", ([], -1))
    account = usage.last_used(lines, app.package, profile)
    if not account.value:
        missing.append(_NO_USE)
    return account.value


def _version(app: App) -> str:
    """The version as an app has it: its name, and its code in brackets."""
    code = "" if app.version_code is None else f"({app.version_code})"
    return f"{app.version_name} {code}".strip()


def _signers(app: App, memory: IdentityMemory, files: Sequence[AppFile]) -> tuple[str, ...]:
    """The certificates that its own files have, else those that the phone tells, else their short hashes."""
    parts = [file for file in files if not _is_factory(app, file)]
    identity = memory.of(app.package, parts)
    certificates = tuple(c.sha256 for c in identity.certificates) if identity is not None else ()
    return certificates or app.certificates or app.signers


def _is_factory(app: App, file: AppFile) -> bool:
    return bool(app.factory_path) and file.folder == app.factory_path


def _files(link: Link, app: App, profile: int, longest: int, cancel: Cancel, missing: list[Text]) -> list[AppFile]:
    """The files of the app as its profile has it, base and splits; and of a system app that was updated, those that
    came with the phone."""
    here = replace(app, states=tuple(state for state in app.states if state.profile == profile))
    located = locate(link, [here], cancel, longest, lambda app: app.splits)
    files = located.value[app.package]
    if not files:
        missing.append(_NO_FILES)
    elif not located.whole:
        missing.append(_UNSURE)
    if app.updated_system and app.factory_path:
        files += _factory_files(link, app, cancel, missing)
    return files


def _factory_files(link: Link, app: App, cancel: Cancel, missing: list[Text]) -> list[AppFile]:
    """The files of the version that came with the phone, which an update has replaced."""
    if not ranges.is_folder_path(app.factory_path):
        missing.append(_UNSURE)
        return []
    folder = app.factory_path
    # A folder of the system image has one file of its own name as a rule, and more where it has splits.
    files = f"'{folder}'/*.apk '{folder}/{folder.rpartition('/')[2]}.apk'"
    command = f'stat -c "%s %i %Y %n" {files} 2>/dev/null'
    lines, code = ask(link, shell.parts({"files": command}), cancel, _ANSWER_LIMIT).get("files", ([], -1))
    account = stated(lines, {f"{folder}/": app.package})
    factory_files = account.value.get(app.package, [])
    if code < 0 or not account.whole or not factory_files:
        missing.append(_UNSURE)
    return factory_files


def _hash(
    link: Link, files: Sequence[AppFile], longest: int, cancel: Cancel, hashes: dict[str, str], missing: list[Text]
) -> None:
    """Have the phone hash `files`, as many in one command as it takes; into `hashes`, by path."""
    paths = [file.path for file in files]
    room = longest - len(shell.part("0" * 32, "hashes", "sha256sum 2>/dev/null"))
    for portion in ranges.portions(paths, [(len(path) + 3,) for path in paths], (room,)):
        answers = ask(link, shell.parts({"hashes": command(portion)}), cancel, _ANSWER_LIMIT)
        lines, code = answers.get("hashes", ([], -1))
        if code == _NO_SUCH_PROGRAM:
            missing.append(_NO_PROGRAM)
            return  # told
        hashes |= hashes_of(lines, portion).value
    names = [file.name for file in files if file.path not in hashes]
    if names:
        missing.append(_unhashed(names))


def _keep(link: Link, files: Sequence[AppFile], keeper: FileKeeper, cancel: Cancel) -> dict[str, str]:
    """Give each file whole to `keeper`; its hash by its path. Raises FileNotWhole where one is not as the phone said,
    and what `Link.pull` and `keeper` raise."""
    size = sum(file.size for file in files)
    if size > KEPT_LIMIT:
        raise FileNotWhole(plain(files[0].name, 255), f"{size} bytes in all")
    keeper.expect(size)
    hashes: dict[str, str] = {}
    for file in files:
        cancel.check()
        name = plain(file.name, 255)
        with keeper.file() as copy:
            try:
                link.pull(file.path, copy.write, cancel, file.size)
            except FileNotGiven as refused:
                raise FileNotWhole(name, refused.reason) from refused
            except TooMuch as problem:
                raise FileNotWhole(name, f"more than {file.size} bytes") from problem
            if copy.size != file.size:
                raise FileNotWhole(name, f"{copy.size} bytes of {file.size}")
            hashes[file.path] = copy.sha256
    return hashes


def _unhashed(names: Sequence[str]) -> Text:
    listed = first_few([plain(name, 60) for name in names], _NAMED)
    return N(
        "The phone did not tell the fingerprint of {count} file as it must be told: {names}",
        "The phone did not tell the fingerprints of {count} files as they must be told: {names}",
        len(names),
        names=listed,
    )


def command(paths: Sequence[str]) -> str:
    """Ask for the hashes of these files. ValueError for a path that may not stand in a command line."""
    for path in paths:
        if not ranges.is_apk_path(path):
            raise ValueError(path)
    quoted = " ".join(f"'{path}'" for path in paths)
    return f"sha256sum {quoted} 2>/dev/null"


def hashes_of(lines: Sequence[str], paths: Collection[str]) -> Account[Mapping[str, str]]:
    """The hash of each of `paths` that the phone told: a line for each, with nothing but 64 digits, two blanks and the
    path. A file that has two lines has none that counts."""
    leftovers = Leftovers()
    by_path: dict[str, str] = {}
    twice: set[str] = set()
    for line in lines:
        if not line:
            continue  # Nothing is lost: an empty line names no file
        answer = _HASH_LINE.fullmatch(line)
        if answer is None or answer[2] not in paths:
            leftovers.add(Why.UNKNOWN, "hash", text=line)
        elif answer[2] in by_path:
            leftovers.add(Why.TWICE, "hash", text=line)
            twice.add(answer[2])
        else:
            by_path[answer[2]] = answer[1]
    for path in paths:
        if path not in by_path:
            leftovers.add(Why.MISSING, "hash", text=path)
    return leftovers.account({path: hash for path, hash in by_path.items() if path not in twice})
