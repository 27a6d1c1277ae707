"""installation_proxy: what is listed, and what comes of a removal."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.iphone.apps import SHOWN_BY
from tests.kit.iphone.faults import Faults

KINDS = ("user", "offloaded", "placeholder", "clip", "blocked", "testflight", "enterprise", "sideloaded", "playground")
APPS = "".join(f'[[apps]]\nid = "ca.{kind}"\nkind = "{kind}"\n' for kind in KINDS)


def lookup(client: Any, *shown: str, **options: Any) -> dict[str, dict[str, Any]]:
    asked = {"ApplicationType": "User", **dict.fromkeys(shown, False), **options}
    return dict(client.ask(Command="Lookup", ClientOptions=asked)["LookupResult"])


def test_each_option_shows_its_kinds_and_nothing_else(plugged: Any, iphone: Any) -> None:
    phone = iphone(APPS)
    client = plugged(phone).apps()
    plain = {f"ca.{kind}" for kind in KINDS if kind not in SHOWN_BY}
    assert lookup(client).keys() == plain
    for option in set(SHOWN_BY.values()):
        shown = {f"ca.{kind}" for kind, by in SHOWN_BY.items() if by == option}
        assert lookup(client, option).keys() == plain | shown
    every = lookup(client, *SHOWN_BY.values())
    assert every["ca.offloaded"]["IsDemotedApp"] is True
    assert every["ca.clip"]["IsAppClip"] is True
    assert every["ca.testflight"]["SignerIdentity"] == "TestFlight Beta Distribution"
    phone.faults = Faults(ignored_options=frozenset({"ShowPlaceholders"}))
    assert every.keys() - lookup(client, *SHOWN_BY.values()).keys() == {"ca.offloaded", "ca.placeholder"}


def test_types_ids_and_attributes(plugged: Any, iphone: Any) -> None:
    client = plugged(iphone(APPS)).apps()
    assert "com.apple.tips" in lookup(client, ApplicationType="System")
    assert lookup(client, ApplicationType="Any").keys() > lookup(client).keys()
    assert lookup(client, ApplicationType="Nonsense") == {}
    assert lookup(client, BundleIDs=["ca.user", "ca.none"]).keys() == {"ca.user"}
    named = lookup(client, BundleIDs=["ca.user"], ReturnAttributes=["CFBundleName", "iTunesMetadata"])["ca.user"]
    assert named.keys() == {"CFBundleIdentifier", "CFBundleName", "iTunesMetadata"}
    assert "iTunesMetadata" not in lookup(client)["ca.user"]


def test_browse_comes_in_tens_and_lookup_may_have_fewer(plugged: Any, iphone: Any) -> None:
    phone = iphone("filler = 25\n")
    client = plugged(phone).apps()
    pages = [client.ask(Command="Browse", ClientOptions={"ApplicationType": "User"})]
    while pages[-1].get("Status") != "Complete":
        pages.append(client.answer())
    assert [page.get("CurrentAmount") for page in pages] == [10, 10, 5, None]
    browsed = {app["CFBundleIdentifier"] for page in pages[:-1] for app in page["CurrentList"]}
    assert browsed == lookup(client).keys()
    phone.faults = Faults(left_out_of_lookup=3)
    assert len(lookup(client)) == 22


def uninstall(client: Any, app: str, **options: Any) -> list[dict[str, Any]]:
    answers = [client.ask(Command="Uninstall", ApplicationIdentifier=app, ClientOptions=options)]
    while "Error" not in answers[-1] and answers[-1].get("Status") != "Complete":
        answers.append(client.answer())
    return answers


@pytest.mark.parametrize(
    ("removal", "said", "stays"),
    [
        ("ok", "Complete", False),
        ("silent", "Complete", True),
        ("APIInternalError", "APIInternalError", True),
        ("drop", None, True),
        ("drop-removed", None, False),
    ],
)
def test_a_removal(plugged: Any, iphone: Any, removal: str, said: str | None, stays: bool) -> None:
    phone = iphone(f'[[apps]]\nid = "ca.app"\nremoval = "{removal}"\n')
    client = plugged(phone).apps()
    if said is None:
        with pytest.raises(EOFError):
            uninstall(client, "ca.app")
    else:
        *progress, last = uninstall(client, "ca.app")
        assert said in last.values()
        assert all(0 < one["PercentComplete"] < 100 for one in progress)
    assert ("ca.app" in phone.installed()) is stays


def test_a_removal_that_hangs_ends_with_the_cable(plugged: Any, iphone: Any) -> None:
    phone = iphone('[[apps]]\nid = "ca.app"\nremoval = "hang"\n')
    client = plugged(phone).apps()
    assert client.ask(Command="Uninstall", ApplicationIdentifier="ca.app")["PercentComplete"] == 50
    phone.detach()
    with pytest.raises(EOFError):
        client.answer()


def test_what_cannot_be_removed(plugged: Any, iphone: Any) -> None:
    phone = iphone(APPS)
    client = plugged(phone).apps()
    assert uninstall(client, "com.apple.tips") == [{"Error": "APIInternalError"}]
    assert uninstall(client, "ca.user", Surprise=True) == [{"Error": "APIInternalError"}]
    assert uninstall(client, "ca.not-there")[-1] == {"Status": "Complete"}
    assert client.ask(Command="Uninstall") == {"Error": "MissingApplicationIdentifier"}
    assert client.ask(Command="Nonsense") == {"Error": "UnknownCommand"}
    phone.removal_allowed = False
    assert uninstall(client, "com.apple.tips") == [{"Error": "UninstallProhibited"}]
    assert phone.log[-1].startswith("installation_proxy Uninstall")
    assert "'ApplicationIdentifier': 'com.apple.tips'" in phone.log[-1]
