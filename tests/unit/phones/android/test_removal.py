"""The order of the steps, and what each known answer of a phone means."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Admin, App, AppState, Enabled, Finding, Gap, Inventory, Phone, Profile, ProfileKind, Strength
from core.phones.android import removal
from core.phones.driver import Answer, Outcome, Step
from core.text import Bilingual, T

PERSONAL = Profile(0, "Owner", ProfileKind.PERSONAL)
WECHAT = App("com.tencent.mm", states=(AppState(0, installed=True),))
PHONE = Phone("android", "samsung", "SM-S901W", "14", "R5", sdk=34)


def finding(app: App = WECHAT, profile: Profile = PERSONAL) -> Finding:
    return Finding("wechat", Bilingual("WeChat", "WeChat"), Strength.BAN, app, profile, (), T("banned"))


def inventory(*admins: Admin, sdk: int = 34) -> Inventory:
    return Inventory(replace(PHONE, sdk=sdk), (PERSONAL,), (WECHAT,), admins)


def climb(found: Finding, seen: Inventory, answers: dict[str, list[Outcome]]) -> list[str]:
    """The acts that are tried when the phone answers each as given, the last answer again and again."""
    history: list[tuple[Step, Answer]] = []
    while (step := removal.next_step(found, seen, history)) is not None:
        said = answers.get(step.act, [Outcome.REFUSED])
        outcome = said.pop(0) if len(said) > 1 else said[0]
        history.append((step, Answer(outcome, "", T("x"))))
    return [s.act for s, _ in history]


def test_an_ordinary_app_is_uninstalled_and_that_is_all() -> None:
    assert climb(finding(), inventory(), {"uninstall": [Outcome.DONE]}) == ["uninstall"]


def test_refused_it_is_switched_off_and_failing_that_suspended() -> None:
    assert climb(finding(), inventory(), {}) == ["uninstall", "disable", "suspend"]
    assert climb(finding(), inventory(), {"disable": [Outcome.DONE]}) == ["uninstall", "disable"]


def test_one_that_came_back_is_refused_too() -> None:
    assert climb(finding(), inventory(), {"uninstall": [Outcome.CAME_BACK]}) == ["uninstall", "disable", "suspend"]


def test_a_known_administrator_is_switched_off_first() -> None:
    admin = inventory(Admin(0, "com.tencent.mm/.Admin"))
    answers = {"disable": [Outcome.DONE], "uninstall": [Outcome.DONE]}
    assert climb(finding(), admin, answers) == ["disable", "uninstall"]


def test_an_administrator_that_was_not_known_is_found_out() -> None:
    answers = {"disable": [Outcome.DONE], "uninstall": [Outcome.ADMIN, Outcome.DONE]}
    assert climb(finding(), inventory(), answers) == ["uninstall", "disable", "uninstall"]


def test_an_administrator_that_cannot_be_switched_off_ends() -> None:
    answers = {"disable": [Outcome.PROTECTED], "uninstall": [Outcome.ADMIN]}
    assert climb(finding(), inventory(), answers) == ["uninstall", "disable", "uninstall", "suspend"]


WORK = Profile(10, "Work", ProfileKind.WORK)
FOLDER = Profile(150, "Secure Folder", ProfileKind.SECURE_FOLDER, readable=False)


def archived(*others: AppState) -> App:
    return replace(WECHAT, states=(AppState(0, installed=False, archived=True), *others))


def seen(app: App, *profiles: Profile, gaps: tuple[Gap, ...] = ()) -> Inventory:
    return Inventory(PHONE, (PERSONAL, *profiles), (app,), gaps=gaps)


def test_an_archived_app_that_no_other_profile_has_is_removed_from_all_of_them() -> None:
    """There is no command that does it in one."""
    app = archived(AppState(10, installed=False))
    assert climb(finding(app), seen(app, WORK), {"uninstall-archived": [Outcome.DONE]}) == ["uninstall-archived"]
    assert climb(finding(app), seen(app, WORK), {}) == ["uninstall-archived", "uninstall"]


@pytest.mark.parametrize(
    ("app", "profiles", "gaps"),
    [
        (archived(AppState(10, installed=True)), (WORK,), ()),
        (archived(AppState(10, installed=False, archived=True)), (WORK,), ()),
        (archived(AppState(10, installed=True, hidden=True)), (WORK,), ()),
        (archived(AppState(10, installed=True)), (), ()),  # a profile that only the app's own entry speaks of
        (archived(), (FOLDER,), ()),  # nobody knows
        (archived(), (), (Gap(T("a part"), T("look"), None),)),
    ],
)
def test_nothing_is_done_in_a_profile_that_was_not_ticked(
    app: App, profiles: tuple[Profile, ...], gaps: tuple[Gap, ...]
) -> None:
    inventory = seen(app, *profiles, gaps=gaps)
    assert climb(finding(app), inventory, {}) == ["uninstall"]
    assert climb(finding(app), inventory, {"uninstall": [Outcome.NOT_THERE]}) == ["uninstall"]
    assert "greyed icon" in str(removal.by_hand(finding(app), inventory))


@pytest.mark.parametrize("sdk", [34, 37])
def test_a_system_app_keeps_its_updates_where_another_profile_has_it(sdk: int) -> None:
    states = (AppState(0, installed=True), AppState(10, installed=True))
    app = replace(WECHAT, system=True, updated_system=True, states=states)
    at = replace(seen(app, WORK), phone=replace(PHONE, sdk=sdk))
    assert "uninstall-updates" not in climb(finding(app), at, {})
    alone = replace(app, states=(states[0], AppState(10, installed=False)))
    at = replace(seen(alone, WORK), phone=replace(PHONE, sdk=sdk))
    assert "uninstall-updates" in climb(finding(alone), at, {})


@given(st.lists(st.builds(AppState, st.integers(1, 4), st.booleans(), archived=st.booleans()), max_size=4), st.data())
def test_no_step_names_or_means_another_profile_that_has_the_app(others: list[AppState], data: st.DataObject) -> None:
    own = data.draw(st.builds(AppState, st.just(0), st.booleans(), archived=st.booleans()))
    app = replace(
        WECHAT, states=(own, *others), system=data.draw(st.booleans()), updated_system=data.draw(st.booleans())
    )
    inventory = seen(app, *(Profile(n, "x", ProfileKind.OTHER) for n in range(1, 5)))
    history: list[tuple[Step, Answer]] = []
    outcomes = st.sampled_from([o for o in Outcome if o is not Outcome.DONE])
    while (step := removal.next_step(finding(app), inventory, history)) is not None:
        command = removal.command(step)
        assert "--user 0 " in command or not any(state.present for state in others)
        history.append((step, Answer(data.draw(outcomes), "", T("x"))))


def test_an_answer_that_is_longer_than_it_is_looked_at_is_no_success() -> None:
    long = "Success\n" + "x\n" * 20_000
    assert removal.recognise("uninstall", 0, long).outcome is Outcome.UNKNOWN
    refused = "Failure [DELETE_FAILED_OWNER_BLOCKED]\n" + "x\n" * 20_000
    assert removal.recognise("uninstall", 1, refused).outcome is Outcome.OWNER


@pytest.mark.parametrize("act", ["uninstall", "uninstall-archived"])
def test_an_app_that_is_archived_is_not_removed(act: str) -> None:
    step = removal.make_step(act, "com.tencent.mm", "WeChat", PERSONAL)
    assert not removal.holds(step, seen(archived()))
    assert removal.holds(step, seen(replace(WECHAT, states=(AppState(0, installed=False),))))
    assert not removal.holds(step, seen(replace(WECHAT, states=(AppState(0, installed=True, hidden=True),))))


def test_an_owner_is_left_to_its_organisation() -> None:
    owner = inventory(Admin(0, "com.tencent.mm/.Admin", owner=True))
    assert climb(finding(), owner, {}) == []
    assert "organisation" in str(removal.by_hand(finding(), owner))


def test_a_system_app_loses_its_updates_before_it_is_switched_off() -> None:
    app = replace(WECHAT, system=True, updated_system=True)
    assert climb(finding(app), inventory(), {}) == ["uninstall", "uninstall-updates", "disable", "suspend"]
    assert climb(finding(app), inventory(), {"uninstall-updates": [Outcome.DONE], "disable": [Outcome.DONE]}) == [
        "uninstall",
        "uninstall-updates",
        "disable",
    ]


def test_android_17_refuses_to_uninstall_system_apps_so_it_is_not_tried() -> None:
    app = replace(WECHAT, system=True)
    assert climb(finding(app), inventory(sdk=37), {}) == ["disable", "suspend"]
    assert climb(finding(), inventory(sdk=37), {})[0] == "uninstall"


def test_a_closed_secure_folder_is_a_job_for_its_owner() -> None:
    folder = Profile(150, "Secure Folder", ProfileKind.SECURE_FOLDER, readable=False)
    assert climb(finding(profile=folder), inventory(), {}) == []
    assert "Secure Folder" in str(removal.by_hand(finding(profile=folder), inventory()))
    assert removal.settings_screen(finding(profile=folder), inventory()) is None


def test_a_closed_work_profile_is_tried_once_and_then_left_to_who_manages_it() -> None:
    work = Profile(10, "Work", ProfileKind.WORK, readable=False)
    assert climb(finding(profile=work), inventory(), {"uninstall": [Outcome.PROFILE_CLOSED]}) == ["uninstall"]
    assert "manages that profile" in str(removal.by_hand(finding(profile=work), inventory()))


def test_every_command_names_its_profile() -> None:
    for act in ("uninstall", "disable", "suspend", "install-existing", "enable", "unsuspend", "open-app-settings"):
        step = removal.make_step(act, "com.tencent.mm", "WeChat", replace(PERSONAL, id=10))
        assert "--user 10" in removal.command(step)
        assert "com.tencent.mm" in removal.command(step)


@given(st.text(max_size=40))
def test_no_other_name_gets_into_a_command(name: str) -> None:
    if not removal.is_package_name(name):
        with pytest.raises(ValueError, match="package name"):
            removal.make_step("uninstall", name, "x", PERSONAL)
        with pytest.raises(ValueError, match="package name"):
            removal.command(Step("uninstall", name, 0, "x", T("x")))


@pytest.mark.parametrize(
    ("act", "back"), [("uninstall", "install-existing"), ("disable", "enable"), ("suspend", "unsuspend")]
)
def test_undo(act: str, back: str) -> None:
    undone = removal.undo(removal.make_step(act, "com.tencent.mm", "WeChat", PERSONAL), PERSONAL)
    assert undone is not None
    assert undone.act == back


def test_removed_updates_cannot_be_undone() -> None:
    assert removal.undo(removal.make_step("uninstall-updates", "com.tencent.mm", "WeChat", PERSONAL), PERSONAL) is None


SECURITY = (
    "\nException occurred while executing 'disable-user':\njava.lang.SecurityException: {}\n\tat com.android.server"
)

#: Every text of the tables that were gathered from sources and reports: (act, exit code, text, meaning).
KNOWN = [
    ("uninstall", 0, "Success", "done"),
    ("uninstall", 0, "WARNING: linker: something\nSuccess\n", "done"),
    ("uninstall", 1, "Failure [not installed for 0]", "not-there"),
    ("uninstall", 1, "Failure - not installed for 0", "not-there"),
    ("uninstall", 1, "Failure [user 12 doesn't exist]", "not-there"),
    ("uninstall", 1, "Error: Unknown option: --user", "unsupported"),
    ("uninstall", 1, "Failure [DELETE_FAILED_INTERNAL_ERROR]", "protected"),
    ("uninstall", 1, "Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]", "device-admin"),
    ("uninstall", 1, "Failure [DELETE_FAILED_OWNER_BLOCKED]", "owner-blocks"),
    ("uninstall", 1, "Failure [DELETE_FAILED_USER_RESTRICTED]", "user-restricted"),
    ("uninstall", 1, "Failure [DELETE_FAILED_USED_SHARED_LIBRARY]", "refused"),
    ("uninstall", 1, "Failure [DELETE_FAILED_ABORTED]", "refused"),
    ("uninstall", 1, "Failure [DELETE_FAILED_APP_PINNED]", "refused"),
    ("uninstall", 1, "Failure [DELETE_FAILED_FOR_CHILD_PROFILE]", "refused"),
    ("uninstall", 1, "Failure [-1000]", "protected"),
    ("uninstall", 0, "", "unknown"),
    ("uninstall", 1, "Failure: package is non-disable", "protected"),
    ("uninstall", 1, "Failure [only root can delete system app for a particular user]", "protected"),
    ("uninstall", 255, SECURITY.format("Shell does not have permission to access user 150"), "profile-closed"),
    ("uninstall", 1, "Error: device is still booting.", "refused"),
    ("uninstall", 1, "Failure [SOMETHING_NEW]", "unknown"),
    ("uninstall", 1, "Success", "unknown"),
    ("uninstall", 0, "Successfully refused", "unknown"),
    ("uninstall-updates", 0, "Success", "done"),
    ("uninstall-updates", 1, "Success", "done"),
    ("uninstall-updates", 1, "Error: package com.x doesn't exist", "unknown"),
    ("disable", 0, "Package com.x new state: disabled-user", "done"),
    ("disable", 0, "Package com.x new state: disabled", "refused"),
    ("disable", 0, "Package com.x new state: default", "refused"),
    ("disable", 1, "Error: java.lang.IllegalArgumentException: Unknown package: com.x", "not-there"),
    ("disable", 255, "\nException occurred while executing 'disable-user':\njava.lang.IllegalArgumentException: Unknown package: com.x", "not-there"),
    ("disable", 1, "Error: java.lang.SecurityException: Cannot disable a protected package: eu.sisik.devowner", "protected"),
    ("disable", 255, SECURITY.format("Cannot disable a protected package: com.samsung.android.kgclient"), "protected"),
    ("disable", 255, SECURITY.format("Cannot disable required package com.android.location.fused"), "protected"),
    ("disable", 255, SECURITY.format("Shell cannot change component state for null to 3"), "refused"),
    ("disable", 255, SECURITY.format("Shell cannot change component state for com.mipay.wallet.in/null to 3"), "refused"),
    ("disable", 255, "SecurityException: Cannot disable system packages.", "protected"),
    ("disable", 255, "Cannot disable miui core packages", "protected"),
    ("disable", 255, SECURITY.format("Cannot disable com.vivo.appstore no root permission"), "protected"),
    ("enable", 0, "Package com.x new state: enabled", "done"),
    ("enable", 1, "Security exception: Shell cannot change component state for com.x/null to 1\n\njava.lang.SecurityException: same", "refused"),
    ("install-existing", 0, "Package com.x installed for user: 0", "done"),
    ("install-existing", 1, "android.content.pm.PackageManager$NameNotFoundException: Package com.x doesn't exist", "not-there"),
    ("suspend", 0, "Package com.x new suspended state: true", "done"),
    ("suspend", 0, "Package com.x new suspended state: false", "refused"),
    ("unsuspend", 0, "Package com.x new suspended state: false", "done"),
    ("unsuspend", 0, "Package com.x new suspended state: true", "refused"),
    ("suspend", 1, "Error: java.lang.SecurityException: Neither user 2000 nor current process has android.permission.MANAGE_USERS.", "refused"),
    ("disable", 1, "Error: java.lang.SecurityException: PID 6820 does not have permission android.permission.X to clear data", "refused"),
    ("open-app-settings", 0, "Starting: Intent { act=android.settings.APPLICATION_DETAILS_SETTINGS }", "done"),
    ("open-app-settings", 1, "Error type 3\nError: Activity class {x} does not exist.", "unsupported"),
    ("uninstall", 127, "/system/bin/sh: pm: not found", "unsupported"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "code", "text", "meaning"), KNOWN)
def test_each_known_answer_has_its_meaning(act: str, code: int, text: str, meaning: str) -> None:
    assert removal.recognise(act, code, text).outcome.value == meaning


@given(st.sampled_from(["uninstall", "disable", "suspend", "enable"]), st.integers(-1, 255), st.text(max_size=200))
def test_an_unknown_answer_is_never_success(act: str, code: int, text: str) -> None:
    answer = removal.recognise(act, code, text)
    assert answer.outcome is not Outcome.DONE
    assert answer.text.isprintable()
    assert len(answer.text) <= 400


def test_the_phones_own_words_are_kept() -> None:
    assert removal.recognise("uninstall", 1, "Failure [SOMETHING_NEW]").text == "Failure [SOMETHING_NEW]"


# --- what an owner forbids


def answered(*outcomes: tuple[str, Outcome]) -> list[tuple[Step, Answer]]:
    return [
        (removal.make_step(act, "com.tencent.mm", "WeChat", PERSONAL), Answer(outcome, "", T("x")))
        for act, outcome in outcomes
    ]


def test_what_the_organisation_forbids_is_not_to_be_tapped_away() -> None:
    for history, seen in (
        (answered(("uninstall", Outcome.OWNER), ("disable", Outcome.DONE)), inventory()),
        (answered(("uninstall", Outcome.RESTRICTED)), inventory(Admin(0, "com.example.emm/.Admin", owner=True))),
    ):
        said = str(removal.by_hand(finding(), seen, history))
        assert "organisation that manages this phone" in said
        assert "tap" not in said
        assert removal.settings_screen(finding(), seen, history) is None
    restricted = answered(("uninstall", Outcome.RESTRICTED))
    assert "tap Uninstall" in str(removal.by_hand(finding(), inventory(), restricted))


# --- what a step leaves behind


def test_what_is_switched_off_is_not_suspended_as_well() -> None:
    admin = inventory(Admin(0, "com.tencent.mm/.Admin"))
    answers = {"disable": [Outcome.DONE], "uninstall": [Outcome.PROTECTED]}
    assert climb(finding(), admin, answers) == ["disable", "uninstall"]


@pytest.mark.parametrize(
    ("act", "state", "expected"),
    [
        ("uninstall", AppState(0, True), False),
        ("uninstall", AppState(0, False), True),
        ("disable", AppState(0, True), False),
        ("disable", AppState(0, True, enabled=Enabled.DISABLED_USER), True),
        ("disable", AppState(0, True, suspended=True), False),
        ("suspend", AppState(0, True, suspended=True), True),
        ("suspend", AppState(0, True), False),
        ("enable", AppState(0, True), True),
        ("unsuspend", AppState(0, True, suspended=True), False),
        ("install-existing", AppState(0, False), False),
    ],
)
def test_a_reading_tells_whether_a_step_holds(act: str, state: AppState, expected: bool) -> None:
    seen = replace(inventory(), apps=(replace(WECHAT, states=(state,)),))
    assert removal.holds(removal.make_step(act, "com.tencent.mm", "WeChat", PERSONAL), seen) is expected


# --- where in Android's code something was said

FRAMES = [
    "\tat com.android.server.am.UserController.handleIncomingUser(UserController.java:2892)",
    "        at com.android.server.pm.Foo.bar(Native Method)",
    "at android.os.Binder.execTransact(qb/109720563 86dbee7f:354)",
    " com.android.server.am.ActivityManagerService.handleIncomingUser:15872 android.app.ActivityManager.x:5132",
    "Caused by: android.os.RemoteException: Remote stack trace:",
    "\t... 12 more",
    "\tat java.lang.reflect.Method.invoke",
]


@given(st.lists(st.sampled_from(FRAMES), max_size=6), st.lists(st.sampled_from(FRAMES), max_size=6), st.booleans())
def test_no_frame_of_a_trace_reaches_the_officer(before: list[str], after: list[str], inline: bool) -> None:
    said = "java.lang.SecurityException: Shell does not have permission to access user 150"
    said += " at com.android.server.am.Foo.bar(Foo.java:12)" if inline else ""
    text = "\n".join(["", "Exception occurred while executing 'disable-user':", *before, said, *after])
    answer = removal.recognise("disable", 255, text)
    assert answer.outcome is Outcome.PROFILE_CLOSED
    assert answer.text == "Shell does not have permission to access user 150"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Failure [DELETE_FAILED_INTERNAL_ERROR]", "Failure [DELETE_FAILED_INTERNAL_ERROR]"),
        (
            "Error: java.lang.SecurityException: Cannot disable a protected package: a.b",
            "Cannot disable a protected package: a.b",
        ),
        (
            "Security exception: Shell cannot change component state for x/null to 1\n\njava.lang.SecurityException: Shell cannot change component state for x/null to 1",
            "Shell cannot change component state for x/null to 1",
        ),
        ("android.content.pm.PackageManager$NameNotFoundException: Package x doesn't exist", "Package x doesn't exist"),
        ("java.lang.NullPointerException\n\tat a.b.C.d(C.java:1)", ""),
    ],
)
def test_what_was_said_is_kept(text: str, shown: str) -> None:
    assert removal.recognise("disable", 255, text).text == shown


def test_an_answer_like_frames_without_end_is_read_in_no_time() -> None:
    """It took twice as long with each further frame."""
    answer = removal.recognise("uninstall", 1, "a:" + "111:" * 400 + "!")
    assert answer.outcome is Outcome.UNKNOWN
