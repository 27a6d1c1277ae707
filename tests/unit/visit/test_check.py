"""Reading and judging together: a red is told at once, and nothing is green before every file was looked into."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.jobs import Cancel, Progress, Report, silent
from core.model import (
    App,
    AppEvidence,
    AppState,
    Cancelled,
    Certificate,
    Check,
    Enabled,
    Finding,
    Gap,
    Identity,
    Inventory,
    Match,
    Phone,
    Profile,
    ProfileKind,
    Verdict,
)
from core.phones.driver import OtherPhone, SecondLook, Unplugged
from core.policy.format.policy_file import load_built_in
from core.text import T
from core.visit.check import Listeners, check, to_look_into

CANADA = load_built_in("canada")
SHA256 = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"
WECHAT = Certificate(SHA256, hash="962f5b7")
#: Another's certificate that was made to have the same 32-bit hash.
FORGED = Certificate("11" * 32, hash="962f5b7")
ANYBODY = Certificate("22" * 32, hash="abc")
PLAY = "com.android.vending"
LAUNCHER = "com.tencent.mm.ui.LauncherUI"


def app(package: str = "com.pocket.notes", **values: Any) -> App:
    return replace(App(package, version_code=7, states=(AppState(0, installed=True),)), **values)


def identity(package: str = "com.pocket.notes", certificate: Certificate = ANYBODY, label: str = "") -> Identity:
    return Identity(package, 7, label, (certificate,))


class Phones:
    """A phone at the edge: it lists `apps`, and its files say what `files` has.

    `lost` ends the reading of the listings after the first look, `leaves` that of the files after so many.
    """

    serial = "S"

    def __init__(self, *apps: App, files: Sequence[Identity] = ()) -> None:
        self.apps = apps
        self.files = {i.package: i for i in files}
        self.asked: list[str] = []
        self.gaps: tuple[Gap, ...] = ()
        self.lost: BaseException | None = None
        self.leaves: tuple[int, BaseException] | None = None
        self.later: list[Sequence[App] | BaseException] = []
        #: Whether an app that is switched off can be started by now.
        self.there: bool | None = False
        #: What files say that are read a second time.
        self.identify_again: dict[str, Identity] = {}

    def read(
        self,
        report: Report,
        cancel: Cancel,
        glimpse: Callable[[Inventory], None] | None = None,
        sought: Collection[str] = (),
    ) -> Inventory:
        owner = Profile(0, "Owner", ProfileKind.PERSONAL)
        found = Inventory(Phone("android", "google", "Pixel 9", "16", self.serial), (owner,), self.apps, gaps=self.gaps)
        report(Progress(T("Reading every app in every profile"), 0.5))
        if glimpse is not None:
            glimpse(found)
        if self.lost is not None:
            raise self.lost
        return found

    def look_for(self, findings: Sequence[Finding], cancel: Cancel) -> Sequence[bool | None]:
        return [self.there for _ in findings]

    def app_evidence(
        self, finding: Finding, inventory: Inventory, cancel: Cancel, *, last_used: bool = False
    ) -> AppEvidence:
        return AppEvidence(finding.app.package, finding.profile.id, (), (), "", "", "", "")

    def look_again(self, inventory: Inventory, cancel: Cancel) -> SecondLook:
        """What was installed since, one look after the other; then no more."""
        if not self.later:
            return SecondLook(inventory)
        later = self.later.pop(0)
        if isinstance(later, BaseException):
            raise later
        kept = tuple(a for a in inventory.apps if a.package not in {new.package for new in later})
        return SecondLook(replace(inventory, apps=(*kept, *later)), frozenset(new.package for new in later))

    def identify(
        self, apps: Sequence[App], report: Report, cancel: Cancel, told: Any = None, sought: Any = None
    ) -> dict[str, Identity]:
        found = {}
        for number, one in enumerate(apps):
            if self.leaves is not None and number == self.leaves[0]:
                raise self.leaves[1]
            again = self.identify_again.get(one.package) if one.package in self.asked else None
            self.asked.append(one.package)
            found[one.package] = again or self.files.get(one.package, Identity(one.package, why=T("It is gone.")))
            report(Progress(T("Reading every app in every profile"), (number + 1) / len(apps)))
            if sought is not None and one.package not in sought.outside:
                found[one.package] = replace(found[one.package], code=())
            told(found[one.package])
        return found


class Heard:
    """What was told while a check went on."""

    def __init__(self) -> None:
        self.glimpses: list[list[str]] = []
        self.so_far: list[Check] = []
        self.files: list[str] = []
        self.shares: list[float] = []

    @property
    def listeners(self) -> Listeners:
        return Listeners(
            lambda inventory, findings: self.glimpses.append([f.app.package for f in findings]),
            self.so_far.append,
            lambda found: self.files.append(found.package),
        )


def checked(phone: Phones, heard: Heard | None = None, *, quick: bool = False) -> Check:
    heard = heard or Heard()
    return check(
        phone,  # type: ignore[arg-type]
        CANADA,
        lambda news: heard.shares.append(news.share),
        Cancel(),
        heard.listeners,
        quick=quick,
    )


def what(found: Check) -> str:
    return " ".join(str(gap.what) for gap in found.gaps)


def test_every_app_that_somebody_installed_is_looked_into_before_a_phone_is_green() -> None:
    phone = Phones(
        app("org.mozilla.firefox"),
        app("android", system=True),
        app("com.gone", states=(AppState(0, installed=False),)),
        files=[identity("org.mozilla.firefox", label="Firefox")],
    )
    found = checked(phone)
    assert phone.asked == ["org.mozilla.firefox"]
    assert (found.verdict, found.gaps) == (Verdict.GREEN, ())
    assert found.inventory.apps[0].label == "Firefox"


def test_until_the_last_file_nothing_is_green_and_progress_only_grows() -> None:
    phone = Phones(app(), app("org.mozilla.firefox"), files=[identity(), identity("org.mozilla.firefox")])
    heard = Heard()
    assert checked(phone, heard).verdict is Verdict.GREEN
    assert [c.verdict for c in heard.so_far] == [Verdict.AMBER]
    assert len(to_look_into(heard.so_far[0])) == 2
    assert heard.files == ["com.pocket.notes", "org.mozilla.firefox"]
    assert heard.shares == sorted(heard.shares)
    assert heard.shares[-1] == 1.0


def test_what_only_a_file_shows_is_told_at_once() -> None:
    phone = Phones(
        app("a.a"), app(), app("z.z"), files=[identity("a.a"), identity(certificate=WECHAT), identity("z.z")]
    )
    heard = Heard()
    seen: list[int] = []
    listeners = replace(
        heard.listeners, so_far=lambda so_far: seen.append(len(heard.files)) or heard.so_far.append(so_far)
    )
    found = check(phone, CANADA, silent, Cancel(), listeners, quick=False)  # type: ignore[arg-type, func-returns-value]
    assert found.verdict is Verdict.RED
    assert [c.verdict for c in heard.so_far] == [Verdict.AMBER, Verdict.RED]
    assert seen == [0, 2]


def test_an_app_of_the_system_is_looked_into_where_the_listings_disagree_about_it() -> None:
    phone = Phones(app("android", system=True, confirmed=False), files=[identity("android")])
    assert checked(phone).verdict is Verdict.GREEN
    assert phone.asked == ["android"]
    phone.files = {}
    assert checked(phone).verdict is Verdict.AMBER


def test_an_update_of_an_app_of_the_system_is_looked_into() -> None:
    """What came with the phone is in its system; what was installed over it is not."""
    phone = Phones(app("com.android.chrome", system=True, updated_system=True), app("android", system=True))
    assert checked(phone).verdict is Verdict.AMBER
    assert phone.asked == ["com.android.chrome"]


def test_many_apps_that_only_their_files_convict_cost_no_more_than_they_are() -> None:
    many = [app(f"a.b{n}") for n in range(60)]
    heard = Heard()
    found = checked(Phones(*many, files=[identity(f"a.b{n}", WECHAT) for n in range(60)]), heard)
    assert len(found.red) == 60
    assert len(heard.so_far) == 21  # the listings, and the first twenty


def test_a_suspect_is_looked_into_first_and_convicted() -> None:
    phone = Phones(
        app("a.a"),
        app(signers=("962f5b7",)),
        files=[identity("a.a"), identity(certificate=WECHAT, label="Notes")],
    )
    found = checked(phone)
    assert phone.asked == ["com.pocket.notes", "a.a"]
    assert found.verdict is Verdict.RED
    assert [(f.match, f.app.label) for f in found.findings] == [(Match.SAME_SIGNER, "Notes")]
    assert found.gaps == ()


def test_a_suspect_is_looked_into_and_cleared() -> None:
    found = checked(Phones(app(signers=("962f5b7",)), files=[identity(certificate=FORGED)]))
    assert (found.verdict, found.findings) == (Verdict.GREEN, ())


@pytest.mark.parametrize("signs", [{"signers": ("962f5b7",)}, {"components": (LAUNCHER,)}])
def test_a_suspect_whose_file_does_not_tell_is_amber_and_says_why(signs: dict[str, Any]) -> None:
    found = checked(Phones(app(**signs)))
    assert found.verdict is Verdict.AMBER
    (gap,) = found.gaps
    assert "com.pocket.notes may be WeChat under another name. It is gone." in str(gap.what)
    assert found.bans == ()
    assert len(found.suspected) == 1


def test_a_look_alike_is_looked_into_and_stays_red() -> None:
    phone = Phones(app("com.tencent.mm", signers=("7777777",)), files=[identity("com.tencent.mm")])
    found = checked(phone)
    assert (found.verdict, found.findings[0].match) == (Verdict.RED, Match.LOOK_ALIKE)
    assert phone.asked == ["com.tencent.mm"]


@pytest.mark.slow
def test_no_number_of_decoys_keeps_a_copy_from_being_looked_into() -> None:
    """Each of them has WeChat's 32-bit hash, and so has a copy that bears the name of a rule that bans nothing."""
    decoys = [app(f"a.b{n}", signers=("962f5b7",)) for n in range(3_000)]
    files = [identity(f"a.b{n}", FORGED) for n in range(3_000)]
    phone = Phones(*decoys, app(), files=[*files, identity(certificate=WECHAT)])
    found = checked(phone)
    assert len(phone.asked) == 3_001
    assert [f.app.package for f in found.red] == ["com.pocket.notes"]


def test_a_file_that_cannot_be_read_is_a_gap_with_its_reason_and_what_to_do() -> None:
    found = checked(Phones(app(), app("a.a"), app("a.b"), app("a.c"), files=[identity()]))
    assert found.verdict is Verdict.AMBER
    (gap,) = found.gaps
    assert str(gap.what) == "Not looked into: a.a, a.b and a.c. It is gone."
    assert "Open these apps" in str(gap.how)
    more = what(checked(Phones(*(app(f"a.b{n}") for n in range(250)))))
    assert all(f"a.b{n}" in more for n in range(250)), "each of them has its name on record"


def test_a_hint_changes_no_verdict() -> None:
    found = checked(Phones(app(label="WeChat"), files=[identity(label="WeChat")]))
    assert [f.match for f in found.findings] == [Match.LABEL]
    assert found.verdict is Verdict.GREEN


@pytest.mark.parametrize("stopped", [Unplugged("gone"), Cancelled()])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_look_that_ends_early_is_amber_with_the_number_and_how_to_finish(after: int, stopped: Exception) -> None:
    phone = Phones(*(app(f"a.b{n}") for n in range(3)), files=[identity(f"a.b{n}") for n in range(3)])
    phone.leaves = (after, stopped)
    found = checked(phone)
    assert found.verdict is Verdict.AMBER
    count = 3 - after
    assert f"{count} app{'s' if count > 1 else ''} of 3" in what(found)
    assert ("unplugged" if isinstance(stopped, Unplugged) else "The check was stopped.") in what(found)
    assert "leave it plugged in" in str(found.gaps[0].how)
    assert (found.broken_off is stopped) == isinstance(stopped, Unplugged)


@pytest.mark.parametrize("stopped", [Unplugged("gone"), Cancelled()])
def test_a_banned_app_that_was_seen_stays_red_however_the_reading_ends(stopped: Exception) -> None:
    phone = Phones(app("com.tencent.mm"))
    phone.lost = stopped
    found = checked(phone)
    assert found.verdict is Verdict.RED
    assert "Not all of the phone was read." in what(found)
    assert phone.asked == []


@pytest.mark.parametrize("stopped", [Unplugged("gone"), Cancelled()])
def test_without_one_a_reading_that_ends_early_is_no_check(stopped: Exception) -> None:
    phone = Phones(app())
    phone.lost = stopped
    with pytest.raises(type(stopped)):
        checked(phone)


def test_a_quick_check_shows_a_red_and_is_never_green() -> None:
    phone = Phones(app("org.mozilla.firefox"), files=[identity("org.mozilla.firefox")])
    found = checked(phone, quick=True)
    assert (found.verdict, phone.asked) == (Verdict.AMBER, [])
    assert "quick check" in what(found)
    assert checked(Phones(app("com.tencent.mm")), quick=True).verdict is Verdict.RED
    nothing_to_look_into = Phones(app("android", system=True))
    assert checked(nothing_to_look_into, quick=True).verdict is Verdict.AMBER


def test_an_archived_app_that_is_banned_is_red_and_says_so() -> None:
    """Its code is gone, so there is no file to look into; one tap brings it back."""
    archived = app("com.tencent.mm", states=(AppState(0, installed=False, archived=True),))
    other = app("org.example.old", states=(AppState(0, installed=False, archived=True),))
    phone = Phones(archived, other)
    found = checked(phone)
    assert found.verdict is Verdict.RED
    assert "It is archived" in str(found.findings[0].why)
    assert "org.example.old" in what(found)


@pytest.mark.parametrize(
    ("values", "store", "asked"),
    [
        ({"installer": PLAY, "initiator": PLAY}, True, False),
        ({"installer": PLAY, "initiator": "com.android.shell"}, True, True),  # an installer can be named with adb
        ({"installer": PLAY}, True, True),
        ({"installer": PLAY, "initiator": PLAY}, False, True),  # no store of this phone, but an app of its name
        ({"installer": "org.example.store", "initiator": "org.example.store"}, True, True),
        ({}, True, True),
        ({"installer": PLAY, "initiator": PLAY, "confirmed": False}, True, True),
    ],
)
def test_an_archived_app_is_known_only_where_a_store_of_this_phone_installed_it(
    values: dict[str, Any], store: bool, asked: bool
) -> None:
    archived = app("org.example.old", states=(AppState(0, installed=False, archived=True),), **values)
    play = app(PLAY, system=store)
    phone = Phones(archived, play, files=[identity(PLAY)])
    found = checked(phone)
    assert ("org.example.old" in phone.asked) is asked
    assert (found.verdict, "org.example.old" in what(found)) == (Verdict.AMBER if asked else Verdict.GREEN, asked)


# --- the last look


def test_what_is_installed_while_files_are_read_is_looked_into() -> None:
    phone = Phones(app("org.mozilla.firefox"), files=[identity("org.mozilla.firefox"), identity("org.new")])
    phone.later = [[app("org.new")]]
    found = checked(phone)
    assert phone.asked == ["org.mozilla.firefox", "org.new"]
    assert (found.verdict, found.gaps) == (Verdict.GREEN, ())
    phone = Phones(app("org.mozilla.firefox"), files=[identity("org.mozilla.firefox")])
    phone.later = [[app("com.tencent.mm")]]
    heard = Heard()
    assert checked(phone, heard).verdict is Verdict.RED
    assert [c.verdict for c in heard.so_far] == [Verdict.AMBER, Verdict.RED]  # told before its file is read


def test_an_app_that_is_updated_while_files_are_read_is_looked_into_again() -> None:
    phone = Phones(app(), files=[identity()])
    phone.later = [[app(version_code=8)]]
    found = checked(phone)
    assert phone.asked == ["com.pocket.notes"] * 2
    assert found.verdict is Verdict.GREEN


def test_a_banned_app_that_is_replaced_while_files_are_read_stays_red_in_that_check() -> None:
    phone = Phones(app(), files=[identity(certificate=WECHAT)])
    phone.later = [[app(version_code=8)]]
    phone.identify_again = {"com.pocket.notes": identity()}
    assert checked(phone).verdict is Verdict.RED


def test_a_banned_app_of_the_system_that_is_switched_on_again_meanwhile_is_red() -> None:
    off = app("com.tencent.mm", system=True, states=(AppState(0, installed=True, enabled=Enabled.DISABLED),))
    phone = Phones(off)
    assert checked(phone).verdict is Verdict.AMBER
    phone.there = True
    assert checked(phone).verdict is Verdict.RED
    phone.there = None  # not known
    assert checked(phone).verdict is Verdict.RED


def test_a_phone_that_goes_on_installing_is_amber_and_says_so() -> None:
    names = ["com.a", "com.b", "com.c", "com.d"]
    phone = Phones(app(), files=[identity(), *(identity(name) for name in names)])
    phone.later = [[app(name)] for name in names]
    found = checked(phone)
    assert found.verdict is Verdict.AMBER
    assert what(found) == "Apps were installed or updated while the phone was checked."
    assert len(phone.later) == 1  # three tries


@pytest.mark.parametrize("stopped", [Unplugged("gone"), Cancelled(), OtherPhone(("boot",))])
@pytest.mark.parametrize("after", [0, 1])
def test_a_red_stays_however_the_last_look_ends(stopped: Exception, after: int) -> None:
    phone = Phones(app("com.tencent.mm"), files=[identity("com.a")])
    phone.later = [*([[app("com.a")]] * after), stopped]
    found = checked(phone)
    assert found.verdict is Verdict.RED
    assert found.gaps
    assert found.broken_off is (None if isinstance(stopped, Cancelled) else stopped)


@pytest.mark.parametrize("stopped", [Unplugged("gone"), Cancelled()])
def test_without_the_last_look_a_phone_is_not_green(stopped: Exception) -> None:
    phone = Phones(app(), files=[identity()])
    phone.later = [stopped]
    found = checked(phone)
    assert found.verdict is Verdict.AMBER
    assert found.gaps


def test_a_phone_that_was_restarted_meanwhile_is_no_check() -> None:
    phone = Phones(app(), files=[identity()])
    phone.later = [OtherPhone(("boot",))]
    with pytest.raises(OtherPhone):
        checked(phone)


def test_a_file_that_is_not_signed_as_the_list_says_acquits_nobody() -> None:
    found = checked(Phones(app(signers=("1234567",)), files=[identity()]))
    assert found.verdict is Verdict.AMBER
    assert "has another signer than the phone’s list of apps says" in what(found)


SNS = tuple(f"com.tencent.mm.plugin.sns.C{number}" for number in range(12))


@pytest.mark.parametrize(
    ("installer", "initiator", "verdict"),
    [
        ("", "", Verdict.RED),
        ("com.google.android.packageinstaller", "", Verdict.RED),
        ("org.fdroid.fdroid", "org.fdroid.fdroid", Verdict.RED),
        (PLAY, "com.android.shell", Verdict.RED),  # over a cable, which names any installer
        ("com.xiaomi.mipicks", "", Verdict.RED),  # a store that is not on this phone
        (PLAY, PLAY, Verdict.GREEN),  # its store checked it: its code is not read
    ],
)
def test_the_code_of_an_app_from_no_store_is_looked_into(installer: str, initiator: str, verdict: Verdict) -> None:
    copy = app(installer=installer, initiator=initiator)
    play = app(PLAY, system=True)
    phone = Phones(copy, play, files=[replace(identity(), code=SNS), identity(PLAY)])
    assert checked(phone).verdict is verdict
