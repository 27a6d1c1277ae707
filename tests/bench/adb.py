"""A whole check against the real `adb`, which runs the very same commands on the same daemon."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.jobs import Cancel, silent
from core.model import EvidenceKind, Policy, Signer, Verdict
from core.phones.android.apk.signing import java_hash
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.policy.format import policy_file
from core.visit.check import check
from tests.bench import made
from tests.bench.rig import Counting, adbd, has_adbd, met, program, shim
from tests.unit.phones.android import apks

APPS = 500
RULES = 10_000
#: A renamed copy of what the first of those rules bans.
COPY: Final = "org.example.large"
#: For how many times as long as `adb` a check may take, by how the phone answers.
_TARGETS: Final = {"as on a phone": 1.15, "at once": 3.0}

BLOCK = """\
  Package [{package}] (a1b2c3):
    appId={i}
    pkg=Package{{b828f71 {package}}}
    codePath=/data/app/~~325smTR9oZ4UGISDj0YEkQ==/{package}-b9EuZSUHjb7Ri4ctS29gMQ==
    versionCode=42 minSdk=24 targetSdk=34
    versionName=1.0.{i}
    lastUpdateTime=2026-03-01 10:00:00
    installerPackageName=com.android.vending
    signatures=PackageSignatures{{8214729 version:2, signatures:[{signer}], past signatures:[]}}
    pkgFlags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]
    requested permissions:
{permissions}
    User 0: ceDataInode=1 installed=true hidden=false suspended=false stopped=false enabled=0 instant=false
      firstInstallTime=2026-01-01 09:00:00
      runtime permissions:
{permissions}
"""
_LINKS = """\
  {package}:
    ID: 8d8a2f0e-6c1e-4c57-9f4b-1f6f6e0f3a77
    Signatures: [{signer}]
    Domain verification state:
{domains}
"""
#: Which file holds the answer to which `pm`, and where apps are said to be.
_PM: Final = (
    '"list users"*) F=users;; get-app-links*) F=links;; path*) F=path;; *"packages -s "*) F=system;; '
    '*"packages -d "*) exit 0;; *) F=packages;'
)
_PLACES: Final = "/system/app"
#: Lines about one app's screens, of which a class may have several; and of domains, of each second app.
_SCREENS, _DOMAINS = 14, 15


def dump_of(packages: list[tuple[str, str]], permissions: int = 18) -> str:
    """What `dumpsys package packages` prints of these packages and their signers' short hashes."""
    lines = "\n".join(
        f"      android.permission.SOMETHING_{n}: granted=true, flags=[ USER_SET]" for n in range(permissions)
    )
    blocks = (BLOCK.format(package=p, i=i, signer=signer, permissions=lines) for i, (p, signer) in enumerate(packages))
    return "Packages:\n" + "".join(blocks) + "\nQueries:\n"


def screens_of(packages: list[str]) -> str:
    """What `dumpsys package r activity content` prints: of each app nine lines of its own classes, five of others'."""
    lines = ["Activity Resolver Table:", "  Non-Data Actions:", "      android.intent.action.MAIN:"]
    for number, package in enumerate(packages):
        names = [f".ui.Screen{n}" for n in range(_SCREENS - 5)] + list(made.classes(number, 5))
        lines += (f"        {number * 16 + n:x} {package}/{name}" for n, name in enumerate(names))
    return "\n".join([*lines, "", "Provider Resolver Table:"]) + "\n"


def links_of(packages: list[str]) -> str:
    """What `pm get-app-links` prints of each second app."""
    domains = "\n".join(f"      www{n}.example.org: verified" for n in range(_DOMAINS))
    digests = (made.certificate(f"publisher {n}").sha256.upper() for n in range(0, len(packages), 2))
    signers = (":".join(digest[i : i + 2] for i in range(0, 64, 2)) for digest in digests)
    told = zip(packages[::2], signers, strict=True)
    return "".join(_LINKS.format(package=package, signer=signer, domains=domains) for package, signer in told)


def phone_of_500_apps(folder: Path, dumpsys: float, pm: float, *, copy: bool = False, system: int = APPS) -> Path:
    """Programs for adbd's PATH that answer from files, after so many seconds; with `copy`, one app is a renamed one.

    All others came with the phone, so that no file of theirs is looked into.
    """
    programs = folder / "bin"
    programs.mkdir(parents=True)
    packages = [(f"com.example.app{i}", "260f9e73") for i in range(system - 1 if copy else system)]
    if copy:
        packages.append((COPY, java_hash(apks.encoded("maker"))))
        file = made.large_file()
        with (folder / "base.apk").open("wb") as opened:
            opened.seek(file.before)
            opened.write(file.file())
    names = [package for package, _ in packages]
    answers = {
        "getprop": "[ro.product.model]: [Bench]\n[ro.product.manufacturer]: [Fanion]\n[ro.build.version.sdk]: [34]\n",
        "users": "Users:\n\tUserInfo{0:Owner:4c13} running\n",
        "packages": "".join(
            f"package:{_PLACES}/{name}-b9EuZSUHjb7Ri4ctS29gMQ==/base.apk={name} versionCode:42 uid:10123\n"
            for name in names
        ),
        "system": "".join(f"package:{name}\n" for name in names if name != COPY),
        "dump": dump_of(packages),
        "screens": screens_of(names),
        "links": links_of(names[: len(names) // 2 * 2 - 2]),  # not the copy, so that its file must be looked into
        "path": f"package:{folder}/base.apk\n",
        "policy": "Current Device Policy Manager state:\n",
    }
    for name, text in answers.items():
        (folder / name).write_text(text)
    at = f"D={folder}\n"
    program(programs, "getprop", at + 'case $1 in "") exec cat $D/getprop;; *) echo 34;; esac')
    program(programs, "settings", "echo null")
    program(programs, "pm", at + f"sleep {pm}; case $* in {_PM}; esac; exec cat $D/$F")
    wait = f"sleep {dumpsys}; " if dumpsys else ""
    program(
        programs,
        "dumpsys",
        f'{at}case "$*" in *"package packages") {wait}exec cat $D/dump;; *"r activity content") exec cat $D/screens;; '
        "user) exec cat $D/users;; *) exec cat $D/policy;; esac",
    )
    return programs


def policy_with_copy(rules: int = RULES) -> Policy:
    """A policy of so many rules of all kinds, whose first knows the certificate that signed the copy."""
    policy = made.policy_of(rules)
    first = policy.rules[0]
    sha256 = made.sha256(apks.encoded("maker"))
    signer = Signer((first.ids[0].id,), "a kit", "a kit", sha256, hash=java_hash(apks.encoded("maker")))
    return replace(policy, rules=(replace(first, signers=(signer,)), *policy.rules[1:]))


def adb() -> None:
    """A whole check, with rules of every kind: all is well; and a renamed copy whose own file must be looked into."""
    if not has_adbd() or not shutil.which("adb"):
        print("adb: needs Debian's adb, adbd, g++ and the lab beside the project")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = shim(folder)
        policies = {False: policy_file.load_built_in("canada"), True: policy_with_copy()}
        for copy, policy in policies.items():
            for how, dumpsys, pm, times in (("as on a phone", 1.0, 0.1, 5), ("at once", 0.0, 0.0, 15)):
                place = folder / f"{how.replace(' ', '-')}-{copy}"
                with adbd(built, phone_of_500_apps(place, dumpsys, pm, copy=copy)) as port:
                    compare(folder, port, how, times, policy, copy=copy)


def compare(folder: Path, port: int, how: str, times: int, policy: Policy, *, copy: bool) -> None:
    link = Counting(connect_tcp("127.0.0.1", port, desk_key(folder, "bench"), Cancel()))
    driver = AndroidPhone(link)
    try:
        link.forget()
        found = check(driver, policy, silent, Cancel(), quick=False)
        asked = list(link.asked)  # those of one check
        assert (found.verdict, len(found.inventory.apps)) == (Verdict.RED if copy else Verdict.GREEN, APPS), found.gaps
        if copy:
            (finding,) = found.findings
            assert finding.app.package == COPY
            assert {e.kind for e in finding.evidence} == {EvidenceKind.CERTIFICATE}
        assert sum(len(app.components) for app in found.inventory.apps) == _SCREENS * APPS
        with adb_server(folder, port) as run:
            ours, theirs = _in_turn(lambda: check(driver, policy, silent, Cancel(), quick=False), run, asked, times)
    finally:
        driver.close()
    what = f"{len(policy.rules):,} rules of all kinds" + (", a renamed copy found by its file" if copy else "")
    print(
        f"check / adb with the same commands ({len(asked)}), {APPS} apps, {what}, phone answers {how}: "
        f"{ours / theirs:.2f}  ({ours:.3f} s / {theirs:.3f} s; target: at most {_TARGETS[how]}: "
        f"{met(ours / theirs <= _TARGETS[how])})"
    )


def _in_turn(
    ours: Callable[[], object], run: Callable[..., None], asked: list[tuple[str, bool]], times: int
) -> tuple[float, float]:
    """How long `ours` and the commands by `adb` take, the latter without what each start of that program takes.

    Now the one, now the other, so that whatever else the computer does is shared by all.
    """

    def all_of_it() -> None:
        for command, raw in asked:
            run("exec-out" if raw else "shell", command)

    taken: dict[str, list[float]] = {"ours": [], "theirs": [], "start": []}
    for _ in range(times + 1):
        for what, act in (("ours", ours), ("theirs", all_of_it), ("start", lambda: run("version"))):
            begun = time.perf_counter()
            act()
            taken[what].append(time.perf_counter() - begun)
    median = {what: statistics.median(times_[1:]) for what, times_ in taken.items()}
    return median["ours"], median["theirs"] - len(asked) * median["start"]


@contextlib.contextmanager
def adb_server(folder: Path, port: int) -> Iterator[Callable[..., None]]:
    """`adb` with a server of its own that is connected to the adbd at `port`: what is called runs one command of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = free.getsockname()[1]
    environment = {**os.environ, "HOME": str(folder), "ANDROID_USER_HOME": str(folder)}

    def run(*words: str) -> None:
        phone = [] if words[0] in ("connect", "kill-server") else ["-s", f"127.0.0.1:{port}"]
        command = ["adb", "-P", str(server), *phone, *words]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    run("connect", f"127.0.0.1:{port}")
    try:
        yield run
    finally:
        run("kill-server")
