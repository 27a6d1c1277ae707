"""What it costs to recognise apps: by a policy of ten thousand rules, and by their own files."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from core.jobs import Cancel, silent
from core.model import App, AppState, Identity, Inventory, Policy, Verdict
from core.phones.android.apk.signing import java_hash
from core.phones.android.files.identify import identify
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import SecondLook
from core.policy.format import policy_file
from core.policy.matching.index import Index, index
from core.policy.matching.match import judge, unsure
from core.visit.check import check, to_look_into
from tests.bench import adb, made
from tests.bench.rig import Counting, adbd, has_adbd, met, practice_phones, program, shim
from tests.unit.phones.android import apks

APPS, RULES = 1_000, 10_000
#: Seconds for the one; of an app's file, bytes and round trips.
JUDGED_TARGET, BYTES_TARGET, TRIPS_TARGET = 0.005, 2_000_000, 12
#: Apps that are looked into in a whole check, and for how many times as long as a quick one it may take.
LOOKED_INTO, LOOKED_TARGET = 150, 2.0
#: For how many times as long as one without it a check may take with its last look.
LAST_LOOK_TARGET = 1.15

#: Of the files that are read: how they are made, and what is expected of their label.
FILES: Final = {
    "a stored table": (made.TEXTS, False, 1),
    "a deflated table": (made.TEXTS, True, 1),
    "a deflated table of which more would have to be read": (made.MANY_TEXTS, True, 1),
    "a stored table whose label stands behind many others": (made.TEXTS, False, 40),
}
#: Where a file stands on the phone, and how `pm path` tells it.
_PLACE: Final = "app/{package}-1"
_PATH: Final = 'case "$1" in path) for F in {folder}/app/"$4"-1/*.apk; do echo "package:$F"; done;; esac'


# A policy of ten thousand rules


def judging(apps: int = APPS, rules: int = RULES, rounds: int = 41) -> None:
    """One phone's apps against a policy, and how that grows with either."""
    sizes = ((apps, rules), (2 * apps, rules), (apps, 2 * rules), (2 * apps, 2 * rules))
    policies = {count: made.policy_of(count) for count in (rules, 2 * rules)}
    phones = {count: made.phone_of(count) for count in (apps, 2 * apps)}
    taken: dict[tuple[int, int], list[float]] = {size: [] for size in sizes}
    fresh: dict[int, list[float]] = {count: [] for count in policies}
    bare: dict[int, list[float]] = {count: [] for count in policies}
    for policy in policies.values():
        index(policy, "android")
    for _ in range(rounds + 1):  # in turn, so that whatever else the computer does hits all
        for size in sizes:
            taken[size].append(_seconds_to_judge(phones[size[0]], policies[size[1]]))
    for _ in range(rounds // 4 + 1):
        for count, policy in policies.items():
            fresh[count].append(_seconds_to_index(policy))
            gc.disable()
            try:
                bare[count].append(_seconds_to_index(policy))
            finally:
                gc.enable()
    one, index_made = statistics.median(taken[apps, rules][1:]), statistics.median(fresh[rules][1:])
    # What grows is told by the best of each: what other programs did meanwhile is not in it; nor is Python's collector,
    # which looks through all that the process holds, now during the one and now during the other.
    judged = {size: min(times[1:]) for size, times in taken.items()}
    indexed = {count: min(times[1:]) for count, times in bare.items()}
    print(
        f"judge: {apps:,} apps, {rules:,} rules: {one * 1e3:.2f} ms, at best {judged[apps, rules] * 1e3:.2f} ms  "
        f"(target: less than {JUDGED_TARGET * 1e3:.0f} ms: {met(one < JUDGED_TARGET)})"
    )
    print(
        f"judge: the index, once for a policy: {index_made * 1e3:.0f} ms; without Python's collector, at best "
        f"{indexed[rules] * 1e3:.0f} ms"
    )
    for size in sizes[1:]:
        alone = judged[size] / judged[apps, rules]
        both = (judged[size] + indexed[size[1]]) / (judged[apps, rules] + indexed[rules])
        print(
            f"judge: {size[0]:,} apps, {size[1]:,} rules / {apps:,} apps, {rules:,} rules: {alone:.2f}  "
            f"({judged[size] * 1e3:.2f} ms); with the index: {both:.2f}  "
            f"(target: at most 2, as of a sum: {met(max(alone, both) <= 2.0)})"
        )
    print(f"judge: the index of {2 * rules:,} rules / {rules:,}: {indexed[2 * rules] / indexed[rules]:.2f}")
    _about(phones[apps], policies[rules], rounds)


def _seconds_to_index(policy: Policy) -> float:
    start = time.perf_counter()
    Index(policy, "android")
    return time.perf_counter() - start


def _about(phone: Inventory, policy: Policy, rounds: int) -> None:
    """For information: what else is done with a policy for one check, and an iPhone."""
    findings = judge(phone, policy)
    start = time.perf_counter()
    asked = unsure(findings, policy)
    print(
        f"judge: which of {len(findings)} findings to look into ({len(asked)}): "
        f"{(time.perf_counter() - start) * 1e3:.2f} ms"
    )
    known = made.identities_of(phone)
    again = [_seconds_to_judge(phone, policy, known) for _ in range(rounds)]
    print(f"judge: once all of their files were looked into: {statistics.median(again) * 1e3:.2f} ms")
    iphone = made.phone_of(len(phone.apps), "ios")
    judge(iphone, policy)
    others = [_seconds_to_judge(iphone, policy) for _ in range(rounds)]
    print(f"judge: an iPhone with as many apps: {statistics.median(others) * 1e3:.2f} ms")


def _seconds_to_judge(phone: Inventory, policy: Policy, identities: dict[str, Identity] | None = None) -> float:
    start = time.perf_counter()
    found = judge(phone, policy, identities or {})
    taken = time.perf_counter() - start
    assert identities or len(found) == len(range(0, len(phone.apps), made.APART)), len(found)
    return taken


# Apps' own files


def place(folder: Path, package: str, name: str, data: bytes, before: int = 0) -> App:
    """A file of an app on the phone whose files are in `folder`; `before` bytes of nothing stand before it."""
    there = folder / _PLACE.format(package=package)
    there.mkdir(parents=True, exist_ok=True)
    with (there / name).open("wb") as file:
        file.seek(before)
        file.write(data)
    return App(package, code_path=os.fspath(there), states=(AppState(0, installed=True),))


def phone_with_files(folder: Path, wait: float = 0.0) -> Path:
    """The programs of a phone whose apps are in `folder`: `pm path` takes `wait` seconds."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    program(programs, "getprop", "echo 34")
    program(programs, "pm", (f"sleep {wait}; " if wait else "") + _PATH.format(folder=folder))
    return programs


def apk() -> None:
    """Certificate and label of one app of 250 MB through the real adbd: what is read of it, and in how many steps."""
    if not has_adbd():
        print("apk: needs Debian's adbd, g++ and the lab beside the project")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = phone_with_files(folder)
        with adbd(shim(folder), programs) as port:
            link = Counting(connect_tcp("127.0.0.1", port, desk_key(folder, "bench"), Cancel()))
            try:
                for what, (texts, deflated, tables) in FILES.items():
                    file = made.large_file(texts, deflated=deflated, tables=tables)
                    app = place(folder, "org.example.large", "base.apk", file.file(), file.before)
                    _read_one(link, app, what)
            finally:
                link.close()


def _read_one(link: Counting, app: App, what: str) -> None:
    taken = []
    for _ in range(5):
        link.forget()
        start = time.perf_counter()
        identity = identify(link, [app], silent, Cancel())[app.package]
        taken.append(time.perf_counter() - start)
    assert identity.why is None
    assert [c.sha256 for c in identity.certificates] == [made.sha256(apks.encoded("maker"))]
    size = (Path(app.code_path) / "base.apk").stat().st_size
    label = f"label “{identity.label}”" if identity.label else "no label"
    print(
        f"apk: {size / 1e6:.0f} MB, {what}: certificate and {label}: {link.bytes:,} bytes "
        f"(target: less than {BYTES_TARGET:,}: {met(link.bytes < BYTES_TARGET)}) in {link.trips} round trips "
        f"(target: less than {TRIPS_TARGET}: {met(link.trips < TRIPS_TARGET)}), "
        f"{statistics.median(taken) * 1e3:.0f} ms"
    )


# Looking into every app


def looking() -> None:
    """A whole check of a phone with 150 apps that somebody installed, against a quick one, which leaves files out; and
    again, when the files were read before over the same connection, as after a removal."""
    # Of a hundred, forty are no part of the system.
    with practice_phones("clean", filler=LOOKED_INTO * 5 // 2) as (port,):
        _against_quick(port, "a practice phone")
    if not has_adbd():
        print("looking: needs Debian's adbd, g++ and the lab beside the project")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with adbd(shim(folder), _phone_of_both(folder / "phone", dumpsys=1.0, pm=0.1)) as port:
            _against_quick(port, "adbd, whose `dumpsys` takes 1 s and whose `pm` 0.1 s")


def _phone_of_both(folder: Path, dumpsys: float, pm: float) -> Path:
    """The phone of the benchmark `adb`, most of whose apps came with it, and 150 others that have files."""
    programs = adb.phone_of_500_apps(folder, dumpsys, pm, system=250)
    with (folder / "packages").open("a") as listed, (folder / "dump").open("r+") as dump:
        blocks = []
        for number in range(LOOKED_INTO):
            package = f"org.example.n{number}"
            for file, data in made.ordinary_files(number).items():
                app = place(folder, package, file, data)
            listed.write(f"package:{app.code_path}/base.apk={package} versionCode:42 uid:10123\n")
            blocks.append((package, java_hash(apks.encoded(f"maker {number % 8}"))))
        text = dump.read()
        dump.seek(0)
        dump.write(text.replace("\nQueries:\n", adb.dump_of(blocks).removeprefix("Packages:\n")))
    return programs


def _against_quick(port: int, where: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        key = desk_key(Path(folder), "bench")
        policy = policy_file.load_built_in("canada")
        taken: dict[str, list[float]] = {"quick": [], "without": [], "whole": [], "again": []}
        processor: list[float] = []
        for _ in range(4):  # the first does not count: a practice phone makes a file when it is first looked at
            link = Counting(connect_tcp("127.0.0.1", port, key, Cancel()))
            driver: AndroidPhone = AndroidPhone(link)
            try:
                for what in taken:
                    if what == "without":  # the last look, on a connection of its own: no file was read before
                        driver = _Hasty(link)
                    elif what == "whole":
                        driver = AndroidPhone(link)
                    link.forget()
                    start, begun = time.perf_counter(), time.process_time()
                    found = check(driver, policy, silent, Cancel(), quick=what == "quick")
                    taken[what].append(time.perf_counter() - start)
                    assert found.verdict is (Verdict.AMBER if what == "quick" else Verdict.GREEN), found.gaps
                    if what == "whole":
                        processor.append(time.process_time() - begun)
                        cost = f"{link.trips - 1} round trips and {link.bytes / 1e6:.1f} MB"
                        count = len(to_look_into(found))
            finally:
                driver.close()
    quick, without, whole, again = (statistics.median(times[1:]) for times in taken.values())
    target = f"target: at most {LOOKED_TARGET}: {met(whole / quick <= LOOKED_TARGET)}"
    print(
        f"whole check / quick one, {count} apps looked into on {where}: {whole / quick:.2f}  ({whole:.2f} s / "
        f"{quick:.2f} s; {target}); {cost}; "
        f"again / quick one: {again / quick:.2f}; processor time of Fanion alone: "
        f"{statistics.median(processor[1:]):.3f} s"
    )
    looked = met(whole / without <= LAST_LOOK_TARGET)
    print(
        f"whole check / one without the last look at the lists, on {where}: {whole / without:.2f}  ({whole:.2f} s / "
        f"{without:.2f} s; target: at most {LAST_LOOK_TARGET}: {looked})"
    )


class _Hasty(AndroidPhone):
    """A phone whose lists are not looked at a second time."""

    def look_again(self, inventory: Inventory, cancel: Cancel) -> SecondLook:
        return SecondLook(inventory)
