"""The phone's shorter answers, and what is made of nonsense in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Admin, ProfileKind
from core.phones.accounting import Account
from core.phones.android.link.shell import Sorter, is_package_name, part
from core.phones.android.listings import short_answers

SECURE_FOLDER_CLOSED = [
    "",
    "Exception occurred while executing 'list':",
    "java.lang.SecurityException: Shell does not have permission to access user 150",
    " com.android.server.am.ActivityManagerService.handleIncomingUser:15872",
    "        at com.android.server.am.UserController.handleIncomingUser(UserController.java:2892)",
]


@pytest.mark.parametrize(
    "name",
    [
        "android",
        "com.tencent.mm",
        "com.Slack",
        "viva.republica.toss",
        "com..pocket",
        ".a",
        "com.",
        "com.skt.skaf.OA00018282",
        "com.android.x_1.y__",
    ],
)
def test_good_package_names_pass(name: str) -> None:
    assert is_package_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "com.1x",
        "com._x",
        "1com.x",
        "com.x;reboot",
        "com.x\n",
        "com.x y",
        "$(id)",
        "com.x'",
        "-f",
        "com.é",
        "a" * 256,
    ],
)
def test_what_is_no_package_name_does_not(name: str) -> None:
    assert not is_package_name(name)


@given(st.text(max_size=30))
def test_no_package_name_means_anything_to_a_shell(name: str) -> None:
    if is_package_name(name):
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._")


@pytest.mark.parametrize("code", [255, 0])  # one phone printed the refusal and ended with 0
def test_a_closed_profile_is_told_from_an_empty_one(code: int) -> None:
    problem = short_answers.packages(SECURE_FOLDER_CLOSED).value.problem(code)
    assert problem is not None
    assert "does not let a computer list the apps" in str(problem)


def test_an_empty_list_is_a_list() -> None:
    assert short_answers.packages([]).value.problem(0) is None


def test_a_list_that_ends_with_an_error_is_not_relied_upon() -> None:
    assert short_answers.packages(["package:com.example.a"]).value.problem(1) is not None


def test_a_list_with_nonsense_is_not_relied_upon() -> None:
    assert short_answers.packages(["package:com.example.a", "package:com.example.b;rm"]).value.problem(0) is not None


def test_an_old_phones_error_is_one() -> None:
    assert short_answers.packages(["Error: java.lang.SecurityException: no"]).value.problem(1) is not None


def test_a_user_name_may_look_like_an_entry() -> None:
    (user,) = short_answers.users(["\tUserInfo{10:UserInfo{5:x:13}:y:1030} running"]).value
    assert (user.id, user.name, user.kind) == (10, "UserInfo{5:x:13}:y", ProfileKind.WORK)


def test_a_user_name_is_shown_without_control_characters() -> None:
    (user,) = short_answers.users(["\tUserInfo{10:<b>\x1b[2J\u202eevil</b>:1030} running"]).value
    assert user.name.isprintable()


def test_a_secure_folder_is_known_by_number_in_any_language() -> None:
    (user,) = short_answers.users(["\tUserInfo{150:Sicherer Ordner:61030} running"], samsung=True).value
    assert user.kind is ProfileKind.SECURE_FOLDER


OWNERS = [
    "Current Device Policy Manager state:",
    "  Device Owner:",
    "    admin=ComponentInfo{com.example.emm/com.example.emm.Receiver}",
    "    name=",
    "    package=com.example.emm",
    "    User ID: 0",
    "  Profile Owner (User 10):",
    "    admin=ComponentInfo{com.example.work/com.example.work.Admin}",
    "    package=com.example.work",
    "  Enabled Device Admins (User 0, provisioningState: 3):",
    "    com.kms.free/.Admin:",
    "      uid=10086",
    "      testOnlyAdmin=true",
    "  Enabled Device Admins (User 10, provisioningState: 3):",
    "    com.example.work/.Admin:",
    "      testOnlyAdmin=false",
]


def test_owners_and_administrators_with_their_profiles() -> None:
    assert short_answers.admins(OWNERS).value == [
        Admin(0, "com.example.emm/com.example.emm.Receiver", owner=True),
        Admin(10, "com.example.work/com.example.work.Admin", owner=True),
        Admin(0, "com.kms.free/com.kms.free.Admin", test_only=True),
    ]


ADMIN = "admin=ComponentInfo{com.example.emm/org.library.Receiver}"
#: One component, in each section: its class is of another package, so all of them name it alike.
OWNER_TWICE = {
    "owner": [
        "  Device Owner: ",
        f"    {ADMIN}",
        "    User ID: 0",
        "",
    ],
    "profile": ["  Profile Owner (User 0): ", f"    {ADMIN}", ""],
    "admins": [
        "",
        "  Enabled Device Admins (User 0, provisioningState: 3):",
        "    com.example.emm/org.library.Receiver:",
        "      uid=10086",
        "      testOnlyAdmin=true",
        " ",
        "    mPasswordOwner=-1",
        "",
    ],
    "unindented": ["Device Owner: ", f"  {ADMIN}", ""],
}


@pytest.mark.parametrize("kind", ["owner", "profile", "unindented"])
@given(st.lists(st.sampled_from(sorted(OWNER_TWICE)), max_size=5))
def test_an_owner_is_one_where_it_is_named_before_the_administrators_and_nowhere_else(
    kind: str, others: list[str]
) -> None:
    def read(*sections: str) -> Account[list[Admin]]:
        return short_answers.admins([line for name in sections for line in OWNER_TWICE[name]])

    (owner,) = read(kind, *others, "admins").value
    assert owner.owner
    assert owner.test_only
    # A class with line breaks can say so of itself, or of a banned app, which nobody then offers to remove.
    forged = read("admins", kind, *others)
    assert not any(admin.owner for admin in forged.value)
    assert not forged.whole


@pytest.mark.parametrize("name", [".Aädmin", ".A-b", "com.other.管理.Receiver", ".A$B", "." + "x" * 400, "Bare"])
def test_an_administrator_of_any_class_is_seen(name: str) -> None:
    account = short_answers.admins(
        [
            "  Enabled Device Admins (User 10, provisioningState: 0):",
            f"    com.evil/{name}:",
            "      testOnlyAdmin=true",
        ]
    )
    (admin,) = account.value
    assert (admin.profile, admin.package, admin.test_only, account.whole) == (10, "com.evil", True, True)


@pytest.mark.parametrize(
    "name",
    [".A\n    b", ".A\n  Device Owner: \n    admin=ComponentInfo{com.evil/com.evil.A}", ".A\nx", "a b", ".A\u2028", ""],
)
def test_an_administrator_whose_class_brings_lines_or_is_none_is_left_and_makes_no_owner_in_silence(name: str) -> None:
    text = f"  Enabled Device Admins (User 0, provisioningState: 0):\n    com.evil/{name}:\n      uid=1"
    account = short_answers.admins(text.split("\n"))
    assert not account.whole


@pytest.mark.parametrize(
    "change", ["", "    com.evil.Admin:", "    com.evil/.Admin", "    \0com.evil/.A:", "      x/.A:"]
)
def test_an_administrator_that_is_missing_or_altered_changes_what_is_understood_or_left(change: str) -> None:
    whole = ["  Enabled Device Admins (User 0):", "    com.evil/.Admin:", "      uid=1"]
    altered = [whole[0], *([change] if change else []), whole[2]]
    assert short_answers.admins(altered) != short_answers.admins(whole)


def test_what_a_phone_says_it_is_sold_as_is_no_part_of_its_model() -> None:
    told = {
        "ro.product.manufacturer": "OPPO",
        "ro.product.model": "CPH2307",
        "ro.vendor.oplus.market.name": "OPPO Find X5 \u202eorP",
        "persist.sys.devicename": "Zoé’s phone",
        "bluetooth.name": "Zoé’s phone",
    }
    phone = short_answers.phone(told, practice=False)
    assert (phone.model, phone.market_name) == ("CPH2307", "OPPO Find X5 �orP")
    both = {**told, "ro.vendor.oplus.market.enname": "OPPO Find X5 Pro"}
    assert short_answers.phone(both, practice=False).market_name == "OPPO Find X5 Pro"


LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from([*SECURE_FOLDER_CLOSED, *OWNERS, "package:com.a", "\tUserInfo{0:a:13} running", "[a]: [b"]),
    ),
    max_size=30,
)


@given(LINES)
def test_no_answer_makes_a_reader_fail(lines: list[str]) -> None:
    short_answers.phone(short_answers.properties(lines).value, practice=False)
    assert len({u.id for u in short_answers.users(lines).value}) == len(short_answers.users(lines).value)
    assert all(is_package_name(n) for n in short_answers.packages(lines).value.names)
    short_answers.admins(lines)


class Kept:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.code: int | None = None

    def block(self, text: str) -> None:
        self.lines += text.split("\n")[:-1]

    def end(self, code: int) -> None:
        self.code = code


def sort(text: str, by_line: bool = False) -> dict[str, Kept]:
    parts: dict[str, Kept] = {}

    def begin(name: str) -> Kept:
        return parts.setdefault(name, Kept())

    sorter = Sorter("N0", begin)
    for block in text.splitlines(keepends=True) if by_line else [text]:
        sorter.block(block)
    return parts


@pytest.mark.parametrize("by_line", [True, False])
def test_parts_are_sorted_with_their_exit_codes(by_line: bool) -> None:
    parts = sort("noise\nN0 begin a\none\n\ntwo\n\nN0 end a 3\nN0 begin b\n\nN0 end b 0\n", by_line)
    assert (parts["a"].lines, parts["a"].code) == (["one", "", "two"], 3)
    assert (parts["b"].lines, parts["b"].code) == ([], 0)


def test_a_part_without_end_has_no_exit_code() -> None:
    assert sort("N0 begin a\none\n")["a"].code is None


def test_a_marker_with_another_number_is_only_text() -> None:
    assert sort("N0 begin a\nN1 end a 0\nN0 end b 0\n")["a"].code is None


def test_a_script_part_is_what_the_sorter_reads() -> None:
    assert part("N0", "a", "true") == 'echo; echo "N0 begin a"; (true) 2>&1; R=$?; echo; echo "N0 end a $R"\n'
