"""Names of people and organisations in the places of an answer where words of Android's own, or a table's, are kept."""

import pytest

from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.pseudonyms import Pseudonyms
from core.capture.unchanged import Unchanged
from core.policy.format import policy_file


def rewritten(command: str, line: str) -> str:
    unchanged = Unchanged(policy_file.load_built_in("canada"))
    return "\n".join(AndroidAnswers(AndroidNames(Pseudonyms(unchanged), unchanged)).anonymous(command, [line]))


@pytest.mark.parametrize(
    ("command", "line", "names"),
    [
        ("properties", "[ro.product.name]: [lineage_tremblay]", "tremblay"),
        ("properties", "[ro.build.flavor]: [arrow_tremblay-userdebug]", "tremblay"),
        ("properties", "[ro.build.fingerprint]: [a/b/c:16/BP/1:tremblay/jean-keys]", "tremblay jean"),
        ("properties", "[ro.build.version.sdk]: [R58N30ABCDE]", "R58N30ABCDE"),
        ("admins", "    organizationName=Security Intelligence Service", "Security Service"),
        ("admins", "    longSupportMessage=Ask Lock at System Security: 5", "Lock System Security"),
        ("links", "    Signatures: [Jean Tremblay, 12:AB:34:CD Facade]", "Jean Tremblay 12:AB Facade"),
        ("users", "Max:13} running", "Max"),
        ("snapshot", "    nickname=Key Lock", "Key Lock"),
        ("snapshot", "  Package [ca.jeantremblaymagisk] (abc):", "tremblay"),
    ],
)
def test_no_name_stays_where_words_are_kept(command: str, line: str, names: str) -> None:
    replaced = rewritten(command, line)
    assert not [name for name in names.split() if name in replaced]


@pytest.mark.parametrize(
    "line", ["    User 0:" + "a" * 300_000, " " * 300_000 + "x", "    abc." * 40_000, "½²" * 150_000]
)
def test_a_line_without_an_end_takes_no_more_time_than_its_length(line: str) -> None:
    for command in ("snapshot", "health locks", "users"):
        assert rewritten(command, line) != line or not line.strip(" x")


def test_what_decides_in_these_places_is_kept() -> None:
    assert rewritten("properties", "[ro.product.name]: [lineage_x]").startswith("[ro.product.name]: [lineage_")
    assert rewritten("properties", "[ro.build.fingerprint]: [a/b/c:16/BP/1:user/release-keys]").endswith(
        ":user/release-keys]"
    )
    assert rewritten("health locks", "    CredentialType: PIN") == "    CredentialType: PIN"
    assert "magisk" in rewritten("snapshot", "  Package [ca.jeantremblaymagisk] (abc):")
