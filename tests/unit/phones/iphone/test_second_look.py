"""The last look at an iPhone: apps that came, or are another version, while it was checked."""

from __future__ import annotations

import msgspec
import pytest

from core.jobs import Cancel, silent
from core.model import Identity, Verdict
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import load_iphone
from core.visit.check import Listeners, check
from tests.unit.phones.iphone.conftest import Serve, opened

CANADA = load_built_in("canada")
WECHAT = "com.tencent.xin"


def test_what_comes_while_it_is_checked_is_looked_into(serve: Serve) -> None:
    mux = serve(load_iphone("iphone-wechat"))
    (phone,) = mux.phones
    wechat = phone.app(WECHAT)
    assert wechat is not None
    for finding in check(opened(mux), CANADA, silent, Cancel(), quick=False).red:
        phone.remove(finding.app.package)
    assert check(opened(mux), CANADA, silent, Cancel(), quick=False).verdict is not Verdict.RED

    def comes(identity: Identity) -> None:
        phone._apps[WECHAT] = wechat

    found = check(opened(mux), CANADA, silent, Cancel(), Listeners(looked_into=comes), quick=False)
    assert found.verdict is Verdict.RED
    assert WECHAT in {finding.app.package for finding in found.red}


def test_a_quiet_iphone_has_nothing_new_and_another_version_is_seen(serve: Serve) -> None:
    mux = serve(load_iphone("iphone-clean"))
    (phone,) = mux.phones
    driver = opened(mux)
    inventory = driver.read(silent, Cancel())
    look = driver.look_again(inventory, Cancel())
    assert (look.changed, look.gaps) == (frozenset(), ())
    assert look.inventory.apps == inventory.apps
    app = next(a for a in phone.apps() if a.kind == "user")
    known = inventory.app(app.id)
    assert known is not None
    phone._apps[app.id] = msgspec.structs.replace(app, version="999")
    look = driver.look_again(inventory, Cancel())
    assert look.changed == {app.id}
    now = look.inventory.app(app.id)
    assert now is not None
    assert (now.version_name, now.label) == ("999", known.label)


@pytest.mark.parametrize("after", [1, 2])
def test_a_list_that_makes_no_sense_the_second_time_is_a_gap(serve: Serve, after: int) -> None:
    mux = serve(load_iphone("iphone-clean"))
    driver = opened(mux)
    inventory = driver.read(silent, Cancel())
    (phone,) = mux.phones
    for app in list(phone.apps())[after:]:
        phone.remove(app.id)
    look = driver.look_again(inventory, Cancel())
    assert {a.package for a in look.inventory.apps} == {a.package for a in inventory.apps}  # what has left stays
