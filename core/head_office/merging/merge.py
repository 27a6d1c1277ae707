"""Bringing bundles of many desks together in a store: what is sound is taken, what is not is refused with its reason.

Merging the same again changes nothing, nor does the order. Nothing counts before everything is on the disk; a merge
that fails leaves the store as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason
from core.head_office.bundles.encryption import PrivateKeys
from core.head_office.merging.compaction import too_many
from core.head_office.merging.group_task import BundleOutcome, BundleSighting, GroupDone, GroupTask
from core.head_office.merging.inspection import PRACTICE
from core.head_office.merging.merging import look, merge_group
from core.head_office.questions.remarks import Remarks, of_store
from core.head_office.store.list_signature import StoreKeys
from core.head_office.store.store import Store, opened, reported, store_problem
from core.head_office.store.stretches import KeptApart, Uncounted
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.keys.enrolment import Enrolment, split_enrolments
from core.ledger.tlog.notes import NoteError
from core.ledger.verify.workers import WorkersLost
from core.problem import Problem
from core.system.files.files import read_file
from core.system.processes.worker_processes import worker_pool
from core.text import T, plain

#: Bytes of a file with enrolments: those of some hundred thousand desks.
_ENROLLED_LIMIT: Final = 128 << 20
_KEY_LIMIT: Final = 1_000_000
#: Bundles below which a process of its own takes longer to start than to merge.
_FEW: Final = 20
#: Manifests that one process looks at in one go.
_LOOKED_AT: Final = 100

_Input = TypeVar("_Input")
_Result = TypeVar("_Result")


class EnrolmentsUnusable(Problem):
    """The file with the enrolled desks' keys cannot be used."""

    code = "enrolments"
    exit_code = 5

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            T("The file {file} has no keys of desks in it that can be read.", file=plain(str(path), 500)),
            T("Put the texts of the desks’ enrolment sheets into it, as “fanion log enrolment” prints them."),
            detail,
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did. `erased` counts the entries whose personal values desks have erased, `joined` the small files
    of the store that became fewer. `remarks` are what there is to tell of the whole store now."""

    outcomes: tuple[BundleOutcome, ...]
    erased: int = 0
    joined: int = 0
    remarks: Remarks = field(default_factory=Remarks)

    @property
    def counted(self) -> tuple[BundleOutcome, ...]:
        """The bundles of which something new counts."""
        return tuple(outcome for outcome in self._sound if outcome.entries and not outcome.apart and not outcome.filled)

    @property
    def unchanged(self) -> tuple[BundleOutcome, ...]:
        """The bundles of which nothing was new."""
        return tuple(outcome for outcome in self._sound if not outcome.entries and not outcome.filled)

    @property
    def apart(self) -> tuple[BundleOutcome, ...]:
        """The bundles that are kept apart behind a gap, and do not count."""
        return tuple(outcome for outcome in self._sound if outcome.apart)

    @property
    def filled(self) -> tuple[BundleOutcome, ...]:
        """What was kept apart before, and counts now."""
        return tuple(outcome for outcome in self._sound if outcome.filled)

    @property
    def plain(self) -> tuple[BundleOutcome, ...]:
        """The bundles that were taken although they are not encrypted, because that was asked for."""
        return tuple(outcome for outcome in self._sound if outcome.plain)

    @property
    def _sound(self) -> tuple[BundleOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.reason is None)

    @property
    def refused(self) -> tuple[BundleOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.reason is not None)


@dataclass(slots=True)
class _Bundles:
    """Which bundles there are, by group, and what was refused at first sight."""

    by_group: dict[int, list[BundleSighting]] = field(default_factory=dict)
    refused: list[BundleOutcome] = field(default_factory=list)


def merge(
    bundles: Iterable[Path],
    into: Path,
    *,
    enrolled: Path | None = None,
    private_keys: Sequence[Path] = (),
    practice: bool = False,
    store_keys: StoreKeys | None = None,
    accept_plain: bool = False,
    now: datetime | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Merged:
    """Merge bundles into the store `into`, made if it is not there. `bundles` are their folders, or folders of such.

    `enrolled` is a file with the texts of desks' enrolment sheets, one behind the other; those of desks that were
    merged before are in the store. `private_keys` are files of age: once any was given, the store knows head office's
    public keys, and bundles that are not encrypted are refused, unless `accept_plain`. `store_keys` sign the list of
    files, where it is signed. A refused bundle is an outcome like others, and changes nothing that counts. Without
    bundles, only what is over its time goes, and small files are joined. Raises StoreProblem, EnrolmentsUnusable,
    EncryptionProblem, WorkersLost, Cancelled: then the store is as it was.
    """
    cancel, now = cancel or Cancel(), now or datetime.now(UTC)
    keys = tuple(read_key(path) for path in private_keys)
    public = PrivateKeys(keys).public if keys else ()
    desks = read_enrolled(enrolled) if enrolled is not None else {}
    folders = list(dict.fromkeys(folder for path in bundles for folder in bundles_in(path)))
    with opened(into, practice=practice, keys=store_keys) as store, _pool(len(folders)) as pool:
        grouped = _look(store, folders, keys, pool, report, cancel)
        results = []
        public = tuple(dict.fromkeys((*store.uncounted.encrypted_to, *public)))
        tasks = [
            replace(task, only_encrypted=bool(public), accept_plain=accept_plain)
            for task in _tasks(store, grouped, desks, keys, now)
        ]
        for result in _results_of(pool, merge_group, tasks):
            if result.error is not None:
                raise store_problem(into, *result.error)
            results.append(result)
            report(Progress(T("Verifying and merging the bundles"), len(results) / len(tasks)))
            cancel.check()
        _commit(store, results, public)
        remarks = of_store(store)
    outcomes = (*grouped.refused, *(outcome for result in results for outcome in result.outcomes))
    order = {folder: at for at, folder in enumerate(folders)}
    return Merged(
        tuple(sorted(outcomes, key=lambda outcome: order.get(outcome.folder, len(order)))),
        sum(result.erased for result in results),
        sum(result.joined for result in results),
        remarks,
    )


def read_enrolled(path: Path) -> dict[str, tuple[str, ...]]:
    """The enrolments in a file, by the name of the log: of one log, the first one first. Raises EnrolmentsUnusable."""
    enrolments: dict[str, list[str]] = {}
    try:
        for text in split_enrolments(read_file(path, _ENROLLED_LIMIT).decode()):
            enrolment = Enrolment.parse(text)
            enrolments.setdefault(enrolment.origin, []).append(enrolment.text)
    except (OSError, ValueError, NoteError) as error:
        raise EnrolmentsUnusable(path, str(error)) from error
    if not enrolments:
        raise EnrolmentsUnusable(path, "empty")
    return {log: tuple(dict.fromkeys(texts)) for log, texts in enrolments.items()}


def read_key(path: Path) -> str:
    """The text of a file with a private key. Raises Problem."""
    try:
        return read_file(path, _KEY_LIMIT).decode(errors="replace")
    except OSError as error:
        raise Problem(
            T("The file {file} with the private key cannot be read.", file=plain(str(path), 500)),
            T("Check its name, and that you may read it."),
            str(error),
            code="private-key",
            exit_code=5,
        ) from error


def bundles_in(folder: Path) -> list[Path]:
    """The bundles in a folder; the folder itself where it is one, or where there is none in it."""
    names = (layout.MANIFEST, f"{layout.MANIFEST}{layout.AGE}")
    with contextlib.suppress(OSError):
        if not any((folder / name).exists() for name in names):
            within = [entry for entry in sorted(folder.iterdir()) if any((entry / name).exists() for name in names)]
            return within or [folder]
    return [folder]


def _look(
    store: Store,
    folders: Sequence[Path],
    keys: tuple[str, ...],
    pool: Executor | None,
    report: Report,
    cancel: Cancel,
) -> _Bundles:
    bundles = _Bundles()
    stretches = [tuple(folders[at : at + _LOOKED_AT]) for at in range(0, len(folders), _LOOKED_AT)]
    for number, batch in enumerate(_results_of(pool, _Looking(keys), stretches), 1):
        cancel.check()
        report(Progress(T("Looking at the bundles"), number / len(stretches)))
        for candidate in batch:
            if isinstance(candidate, BundleOutcome):
                bundles.refused.append(candidate)
            elif candidate.log.startswith(PRACTICE) != store.practice:
                bundles.refused.append(_of_practice(candidate, store.practice))
            else:
                bundles.by_group.setdefault(store.group_of(candidate.log), []).append(candidate)
    return bundles


@dataclass(frozen=True, slots=True)
class _Looking:
    keys: tuple[str, ...]

    def __call__(self, folders: tuple[Path, ...]) -> list[BundleSighting | BundleOutcome]:
        return [look(folder, self.keys) for folder in folders]


def _of_practice(candidate: BundleSighting, practice: bool) -> BundleOutcome:
    name = plain(str(candidate.folder), 500)
    if practice:
        sentence = T(
            "The bundle {folder} was refused: it is of real phones, and the store is of practice.", folder=name
        )
        next_step = T("Merge it into a store of its own.")
    else:
        sentence = T("The bundle {folder} was refused: it is of practice phones.", folder=name)
        next_step = T("To practise, merge it with --practice into a store of its own.")
    return BundleOutcome(
        candidate.folder, candidate.log, reason=BundleReason.PRACTICE, sentence=sentence, next_step=next_step
    )


def _tasks(
    store: Store, grouped: _Bundles, desks: dict[str, tuple[str, ...]], keys: tuple[str, ...], now: datetime
) -> Iterator[GroupTask]:
    """A task for each group of desks that has new bundles, values that are due, or too many files."""
    today = now.date().isoformat()
    apart: dict[int, dict[str, KeptApart]] = {}
    for id, bundle in store.uncounted.apart.items():
        apart.setdefault(store.group_of(bundle.log), {})[id] = bundle
    for group in range(store.groups):
        bundles = tuple(grouped.by_group.get(group, ()))
        live = {path: file for path, file in store.files.items() if f"/group={group:02}/" in path}
        beside = {path: file for bundle in apart.get(group, {}).values() for path, file in bundle.files.items()}
        due = any(file.due and file.due < today for file in (*live.values(), *beside.values()))
        if not bundles and not due and not too_many(live):
            continue
        logs = {candidate.log for candidate in bundles}
        yield GroupTask(
            group=group,
            generation=store.generation + 1,
            staging=store.staging,
            live=live,
            places={path: store.place(path) for path in (*live, *beside)},
            bundles=bundles,
            enrolled={log: desks[log] for log in logs if log in desks},
            private_keys=keys,
            secret=store.secret,
            now=now,
            apart=apart.get(group, {}),
        )


def _commit(store: Store, results: Sequence[GroupDone], keys: tuple[str, ...]) -> None:
    """Have all of it count at once. Where nothing has changed, nothing is written."""
    before = store.uncounted
    groups, looked_for = (
        {result.group for result in results},
        {result.group for result in results if result.gaps is not None},
    )
    apart = {id: bundle for id, bundle in before.apart.items() if store.group_of(bundle.log) not in groups}
    missing = [gap for gap in before.gaps if store.group_of(gap.log) not in looked_for]
    missing += [gap for result in results for gap in result.gaps or ()]
    uncounted = Uncounted(
        apart=apart | {id: bundle for result in results for id, bundle in result.apart.items()},
        gaps=tuple(sorted(missing, key=lambda gap: (gap.desk, gap.log, gap.first))),
        forks={log: fork for result in results for log, fork in result.forks.items()} | before.forks,
        encrypted_to=keys,
    )
    new = {path: file for result in results for path, file in result.files.items()}
    replaced = frozenset(path for result in results for path in result.replaced)
    if new or replaced or uncounted != before:
        with reported(store.folder):
            store.commit(new, replaced, uncounted)


def _results_of(pool: Executor | None, work: Callable[[_Input], _Result], tasks: Sequence[_Input]) -> Iterator[_Result]:
    """The results in the order in which they come about, in this process or in others."""
    if pool is None:
        yield from map(work, tasks)
        return
    futures: list[Future[_Result]] = [pool.submit(work, task) for task in tasks]
    try:
        for future in as_completed(futures):
            yield future.result()
            futures.remove(future)
    except BrokenProcessPool as error:
        raise WorkersLost(str(error)) from error


@contextlib.contextmanager
def _pool(bundles: int) -> Iterator[Executor | None]:
    """Processes to share the work with, if there is enough of it."""
    processes = min(os.cpu_count() or 1, 8)
    if bundles < _FEW or processes < 2:
        yield None
        return
    pool = worker_pool(processes)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
