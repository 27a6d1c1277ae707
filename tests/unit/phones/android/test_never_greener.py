"""The rule above all others: no text that an app can choose, no limit and no broken-off part makes a phone greener.

A phone is made of what is true of it (which apps are where, who signed their files), and of texts that its apps chose.
Its answers are printed as Android prints them, texts raw, line breaks and all; then it is read and judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jobs import Cancel, Report, silent
from core.model import App, Cancelled, Certificate, Check, Identity, Inventory, Verdict
from core.phones.android import inventory
from core.phones.driver import PhoneProblem, SecondLook, Unplugged
from core.policy.format.policy_file import load_built_in
from core.text import T
from core.visit.check import check
from tests.examples import examples

CANADA = load_built_in("canada")
WECHAT = Certificate("0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c", hash="962f5b7")
ANYBODY = Certificate("22" * 32, hash="293a2c13")
RENAMED, NAMED, HELPER, OTHER, SYSTEM = (
    "com.pocket.notes",
    "com.tencent.mm",
    "com.helper.app",
    "org.mozilla.firefox",
    "com.android.settings",
)


@dataclass(frozen=True)
class Texts:
    """What one app can choose and a listing prints as it is."""

    version: str = "1.0"
    screen: str = ".Main"
    domain: str = "example.org"
    split: str = "config.fr"


@dataclass(frozen=True)
class Truth:
    """One app as it is."""

    package: str
    certificate: Certificate = ANYBODY
    system: bool = False
    texts: Texts = field(default_factory=Texts)
    #: The hash that the listing prints. An app cannot choose it, but somebody can make a certificate that has it.
    hash: str = ""

    @property
    def path(self) -> str:
        return f"/system/app/{self.package}" if self.system else f"/data/app/~~x==/{self.package}-y=="


class Phone:
    """Prints what is true and what was chosen; `cut` ends its answer after so many lines."""

    how = T("over USB")
    loopback = False
    #: For links that tell whether one connection lasts.
    lasting, transport = True, ""

    def __init__(self, *apps: Truth, cut: int | None = None, files: bool = True) -> None:
        self.apps = apps
        self.cut = cut
        self.files = files
        self.lines = 0

    def run(self, command: str, feed: Callable[[bytes], None], cancel: Cancel, *_: Any, **__: Any) -> None:
        nonce = re.search(r"[0-9a-f]{32}", command)
        assert nonce is not None
        lines = self._answer(nonce[0]).split("\n")
        self.lines = len(lines)
        feed("\n".join(lines[: self.cut]).encode("utf-8", "replace"))

    def _answer(self, nonce: str) -> str:
        properties = "[ro.product.manufacturer]: [google]\n[ro.product.model]: [Pixel]\n[ro.build.version.sdk]: [35]\n"
        parts = {
            "properties": properties + "[ro.serialno]: [S1]\n",
            "health repair-mode": "null\n",
            "users": "Users:\n\tUserInfo{0:Owner:4c13} running\n",
            "packages 0": self._listed(lambda app: True),
            "system 0": self._listed(lambda app: app.system),
            "disabled 0": "",
            "profiles": "Users:\n  UserInfo{0:Owner:4c13}\n    State: RUNNING_UNLOCKED\n",
            "snapshot": "Packages:\n"
            + "".join(map(_block, self.apps))
            + "\nQueries:\n  system apps queryable: false\n",
            "screens": self._screens(),
            "links": "".join(f"  {a.package}:\n    ID: 1\n      {a.texts.domain}: verified\n" for a in self.apps),
            "admins": "Current Device Policy Manager state:\n",
            "end": "",
        }
        return "".join(f"\n{nonce} begin {name}\n{text}\n{nonce} end {name} 0\n" for name, text in parts.items())

    def _listed(self, fits: Callable[[Truth], bool]) -> str:
        return "".join(
            f"package:{a.path}/base.apk={a.package} versionCode:7  installer=com.android.vending uid:10100\n"
            for a in self.apps
            if fits(a)
        )

    def _screens(self) -> str:
        lines = "".join(f"        7dfa6c{n} {a.package}/{a.texts.screen}\n" for n, a in enumerate(self.apps))
        return f"Activity Resolver Table:\n  Non-Data Actions:\n      MAIN:\n{lines}\nProvider Resolver Table:\n"

    # As a driver

    def read(
        self,
        report: Report,
        cancel: Cancel,
        glimpse: Callable[[Inventory], None] | None = None,
        sought: Collection[str] = (),
    ) -> Inventory:
        return inventory.read(self, False, report, cancel, glimpse, sought)  # type: ignore[arg-type]

    def look_again(self, inventory: Inventory, cancel: Cancel) -> SecondLook:
        return SecondLook(inventory)

    def identify(
        self, apps: Sequence[App], report: Report, cancel: Cancel, told: Any = None, sought: Any = None
    ) -> dict[str, Identity]:
        true = {a.package: a for a in self.apps}
        found = {}
        for app in apps:
            one = true.get(app.package)
            if one is None or not self.files:
                found[app.package] = Identity(app.package, why=T("It is gone."))
            else:
                found[app.package] = Identity(app.package, 7, "", (one.certificate,))
            told(found[app.package])
        return found


def _block(app: Truth) -> str:
    flags = "SYSTEM HAS_CODE" if app.system else "HAS_CODE"
    return (
        f"  Package [{app.package}] (74ff918):\n    appId=10100\n    codePath={app.path}\n"
        f"    versionCode=7 minSdk=24 targetSdk=35\n    versionName={app.texts.version}\n"
        f"    splits=[base, {app.texts.split}]\n    lastUpdateTime=2026-01-01 10:00:00\n"
        f"    signatures=PackageSignatures{{1 version:2, signatures:[{app.hash or app.certificate.hash}], "
        f"past signatures:[]}}\n    pkgFlags=[ {flags} ]\n"
        "    User 0: ceDataInode=1 installed=true hidden=false suspended=false enabled=0 instant=false\n"
        "      firstInstallTime=2026-01-01 10:00:00\n"
    )


def judged(phone: Phone, *, quick: bool = False) -> Check:
    return check(phone, CANADA, silent, Cancel(), quick=quick)  # type: ignore[arg-type]


#: Lines that mean something in one listing or another.
SYNTAX = [
    "",
    "  ",
    "Queries:",
    "Packages:",
    "Hidden system packages:",
    "Dexopt state:",
    "    static library:",
    "    SDK library:",
    "static library:",
    "    pkgFlags=[ SYSTEM HAS_CODE ]",
    "    pkgFlags=[ SYSTEM UPDATED_SYSTEM_APP ]",
    "    pkgFlags=0x81 enabled=3",
    "    signatures=PackageSignatures{1 version:2, signatures:[1234567], past signatures:[]}",
    "    codePath=/system/app/Settings",
    "    versionCode=7",
    "    compat name=com.android.settings",
    "    User 0: ceDataInode=1 installed=false hidden=false suspended=false enabled=0 instant=false",
    "    User 0: ceDataInode=1 installed=true hidden=true suspended=true enabled=3 instant=true",
    "    User 10: installed=true enabled=3",
    "      archiveTime=2026-01-01 00:00:00",
    "      firstInstallTime=2026-01-01 10:00:00",
    *(f"  Package [{name}] (74ff918):" for name in (RENAMED, NAMED, HELPER, OTHER, SYSTEM, "com.not.there")),
    *(f"  {name}:" for name in (RENAMED, NAMED, OTHER)),
    "    Signatures: [22:22]",
    "Provider Resolver Table:",
    "Activity Resolver Table:",
    f"        7dfa6c6 {RENAMED}/.Main",
    f"package:/system/app/x.apk={RENAMED}",
    f"package:{NAMED}",
    "00000000000000000000000000000000 end snapshot 0",
    "*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***",
]
LINES = st.lists(st.one_of(st.sampled_from(SYNTAX), st.text(max_size=20)), max_size=8).map("\n".join)
TEXTS = st.builds(Texts, LINES, LINES.map(lambda text: text or ".Main"), LINES, LINES)
INNOCENT = (Truth(OTHER), Truth(SYSTEM, system=True))


def test_the_phone_is_printed_as_it_is_read() -> None:
    assert judged(Phone(*INNOCENT, Truth(HELPER))).verdict is Verdict.GREEN
    assert judged(Phone(*INNOCENT, Truth(RENAMED, WECHAT))).verdict is Verdict.RED


@examples(150)
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS), order=st.permutations(range(4)), named=st.booleans(), forged=st.booleans())
def test_no_text_of_an_app_hides_a_banned_one(
    texts: tuple[Texts, ...], order: list[int], *, named: bool, forged: bool
) -> None:
    """The banned app, its helper and an innocent one all may write what they like."""
    banned = Truth(NAMED if named else RENAMED, WECHAT, texts=texts[0], hash="1234567" if forged else "")
    apps = [banned, Truth(HELPER, texts=texts[1]), Truth(OTHER, texts=texts[2]), INNOCENT[1]]
    found = judged(Phone(*(apps[n] for n in order)))
    assert banned.package in {f.app.package for f in found.red}
    assert found.verdict is not Verdict.GREEN
    assert not any(f.contained for f in found.findings)


@examples(80)
@given(texts=st.tuples(TEXTS, TEXTS), order=st.permutations(range(3)))
def test_no_text_of_an_app_excuses_a_file_that_was_not_read(texts: tuple[Texts, ...], order: list[int]) -> None:
    apps = [Truth(RENAMED, WECHAT, texts=texts[0], hash="1234567"), Truth(HELPER, texts=texts[1]), INNOCENT[1]]
    assert judged(Phone(*(apps[n] for n in order), files=False)).verdict is not Verdict.GREEN
    assert judged(Phone(*(apps[n] for n in order)), quick=True).verdict is not Verdict.GREEN


PHONE = (*INNOCENT, Truth(HELPER), Truth(RENAMED, ANYBODY))


def _lines() -> int:
    phone = Phone(*PHONE)
    assert judged(phone).verdict is Verdict.GREEN
    return phone.lines


@pytest.mark.parametrize("cut", range(1, _lines() - 2))
def test_wherever_an_answer_breaks_off_it_is_not_green_and_says_so_once(cut: int) -> None:
    found = judged(Phone(*PHONE, cut=cut))
    assert found.verdict is not Verdict.GREEN
    assert sum("broke off" in str(gap.what) for gap in found.gaps) == 1
    assert sum("list of apps" in str(gap.what) or "screens" in str(gap.what) for gap in found.gaps) == 0


@pytest.mark.parametrize(
    "ends",
    [
        "",
        "Exception occurred while dumping:\njava.lang.NullPointerException\n\tat x.y(Z.java:1)\n",
        "Error dumping service info: (DEAD_OBJECT) package\n",
        "Security exception: no\n",
    ],
)
@pytest.mark.parametrize("blocks", range(len(INNOCENT)))
def test_a_snapshot_that_stops_between_two_apps_is_not_green_whatever_the_phone_prints_then(
    ends: str, blocks: int
) -> None:
    class Stops(Phone):
        def _answer(self, nonce: str) -> str:
            text = super()._answer(nonce)
            begin, end = text.index("Packages:\n"), text.index("\nQueries:\n")
            kept = "".join(map(_block, self.apps[:blocks]))
            return text[:begin] + "Packages:\n" + kept + ends + text[end:].partition("queryable: false\n")[2]

    assert judged(Stops(*INNOCENT)).verdict is Verdict.AMBER


@given(after=st.integers(0, 4), stopped=st.sampled_from([Unplugged("gone"), Cancelled()]))
def test_however_many_files_were_read_until_it_ends_it_is_not_green(after: int, stopped: Exception) -> None:
    class Leaves(Phone):
        def identify(
            self, apps: Sequence[App], report: Report, cancel: Cancel, told: Any = None, sought: Any = None
        ) -> Any:
            super().identify(apps[: min(after, len(apps) - 1)], report, cancel, told)
            raise stopped

    assert judged(Leaves(*PHONE)).verdict is Verdict.AMBER


def test_a_phone_that_says_nothing_at_all_is_no_check() -> None:
    with pytest.raises(PhoneProblem):
        judged(_Silent())


class _Silent(Phone):
    def run(self, command: str, *_: Any, **__: Any) -> None:
        raise Unplugged("gone")


def test_more_apps_than_a_limit_are_not_green() -> None:
    apps = [replace(Truth(f"com.a.b{n}"), texts=Texts()) for n in range(60)]
    phone = Phone(*INNOCENT, *apps)
    assert judged(phone).verdict is Verdict.GREEN
    collect = inventory.shell.Collect
    for limit in (5, 40):

        class Short(collect):  # type: ignore[misc, valid-type]
            def __init__(self, done: Any, limit: int = limit, **named: Any) -> None:
                super().__init__(done, limit, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inventory.shell, "Collect", Short)
            assert judged(phone).verdict is Verdict.AMBER
            assert judged(Phone(*INNOCENT, *apps, Truth(NAMED))).verdict is Verdict.RED
