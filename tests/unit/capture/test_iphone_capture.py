"""An iPhone's answers, kept in a check and made anonymous, play as a phone that is read as it was; nothing personal is
in them."""

from __future__ import annotations

import plistlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capture import capture_file, identities, playing
from core.capture.capture_file import Capture, CapturedAnswer, CaptureHead, Item
from core.capture.iphone_anonymous import IphoneAnonymiser
from core.capture.iphone_messages import anonymous
from core.capture.pseudonyms import Pseudonyms
from core.capture.recording import IphoneRecording, ServiceExchange
from core.jobs import Cancel
from core.model import Check, Policy, Verdict
from core.phones.driver import PhoneProblem
from core.phones.iphone.connect import Iphones
from core.phones.iphone.phone import IPhone
from core.policy.format.policy_file import load_built_in
from core.simulator import scenarios
from core.simulator.iphone import IphoneScenario, MuxServer, PracticeIphone, load_iphone
from core.simulator.iphone.scenario import ConfigurationProfile, IphoneApp, IphoneDevice
from core.visit.check import check
from tests.examples import examples
from tests.kit.iphone.faults import Faults
from tests.kit.iphone.hostile_plists import HOSTILE

POLICY = load_built_in("canada")


@dataclass
class Recorded:
    """What a check of a phone came to, its file's content, and the pseudonym of each app."""

    checked: Check
    content: bytes
    app: Callable[[str], str]
    recording: IphoneRecording = field(default_factory=IphoneRecording)


def opened(mux: MuxServer) -> IPhone:
    return Iphones("Desk 4").open_through(("127.0.0.1", mux.port), "", Cancel(), may_ask=True, practice=True)


def checked(phone: PracticeIphone, policy: Policy = POLICY, recording: IphoneRecording | None = None) -> Check:
    """The check of a phone that has been unlocked and trusts this computer."""
    phone.unlock()
    phone.trust()
    with MuxServer(phone, pace=0) as mux:
        driver = opened(mux)
        if recording is not None:
            driver.record(recording)
        return check(driver, policy, lambda progress: None, Cancel(), quick=False)


def capture(answers: Sequence[Item]) -> Capture:
    return Capture(CaptureHead(2, "ios"), tuple(answers))


def test_the_largest_number_is_replaced_by_one_that_a_list_can_hold() -> None:
    anonymiser = IphoneAnonymiser(POLICY, Pseudonyms())
    data = plistlib.dumps({"Value": 2**64 - 1, "Other": -(2**63)})
    answer = anonymous(ServiceExchange("lockdown", {"Request": "GetValue", "Key": "Size"}, [data]), anonymiser)
    assert any("<integer>" in line for line in answer.lines)


@pytest.mark.slow
def test_names_that_have_one_form_stay_apart_and_short() -> None:
    names = {"½" + format(number, "012b").replace("0", "²").replace("1", "³"): number for number in range(3_000)}
    answer = IphoneAnonymiser(POLICY, Pseudonyms()).answer({}, names)
    assert len(answer) == len(names)
    assert max(map(len, answer)) < 20


def content_of(recording: IphoneRecording, anonymiser: IphoneAnonymiser, result: Check) -> bytes:
    answers = [anonymous(exchange, anonymiser) for exchange in recording.exchanges]
    return capture_file.to_bytes(capture([*answers, *identities.of_iphone(anonymiser, result)]))


def recorded(phone: PracticeIphone, policy: Policy = POLICY) -> Recorded:
    recording = IphoneRecording()
    result = checked(phone, policy, recording)
    anonymiser = IphoneAnonymiser(policy, Pseudonyms())
    return Recorded(result, content_of(recording, anonymiser, result), anonymiser.id, recording)


def played(content: bytes, policy: Policy = POLICY) -> Check:
    phone = playing.opened(capture_file.read(content))
    return check(phone, policy, lambda progress: None, Cancel(), quick=False)


def outcome(result: Check, app: Callable[[str], str] = str) -> Mapping[str, object]:
    """What the check says, its apps by `app`."""
    findings = [(f.rule, app(f.app.package), f.match, f.strength, f.profile.id) for f in result.findings]
    return {
        "verdict": result.verdict,
        "findings": sorted(findings),
        "evidence": sorted((f.rule, evidence.kind) for f in result.findings for evidence in f.evidence),
        "gaps": [(gap.what.message, gap.profile) for gap in result.gaps],
        "health": [(signal.signal, signal.light) for signal in result.health],
        "returns": [(product.rule, product.state, product.reasons) for product in result.returns],
        "apps": len(result.inventory.apps),
        "not told": len(result.makers_not_told),
    }


def assert_same(phone: PracticeIphone, policy: Policy = POLICY) -> Recorded:
    result = recorded(phone, policy)
    assert outcome(played(result.content, policy)) == outcome(result.checked, result.app)
    return result


@pytest.mark.parametrize("name", scenarios("ios"))
def test_every_captured_iphone_is_read_from_its_capture_as_it_was(name: str) -> None:
    assert_same(PracticeIphone(load_iphone(name)))


@pytest.mark.slow
@pytest.mark.parametrize("hostile", ["noise", "deep_binary", "long_text", "not_a_table"])
@pytest.mark.parametrize(
    "answer", ["installation_proxy.Lookup", "installation_proxy.Browse", "MCInstall.GetCloudConfiguration"]
)
def test_what_could_not_be_read_cannot_be_read_of_the_capture_either(answer: str, hostile: str) -> None:
    phone = PracticeIphone(load_iphone("iphone-wechat"))
    phone.faults = Faults(replace={answer: HOSTILE[hostile]()})
    assert_same(phone)


def test_two_lists_that_disagree_disagree_in_the_capture_too() -> None:
    phone = PracticeIphone(load_iphone("iphone-offloaded"))
    phone.faults = Faults(ignored_options=frozenset({"ShowPlaceholders"}), left_out_of_lookup=3)
    assert_same(phone)


def test_what_can_be_read_in_two_ways_is_odd_in_the_capture_too() -> None:
    twice = (
        b'<plist version="1.0"><dict><key>Status</key><string>Complete</string><key>LookupResult</key><dict>'
        b"<key>ca.example.a</key><dict><key>CFBundleName</key><string>A</string><key>CFBundleName</key>"
        b"<string>B</string></dict><key>ca.example.A</key><dict/></dict></dict></plist>"
    )
    phone = PracticeIphone(load_iphone("iphone-clean"))
    phone.faults = Faults(replace={"installation_proxy.Lookup": twice})
    result = assert_same(phone)
    assert b"<?odd?>" in result.content


@pytest.mark.slow
def test_more_apps_than_are_asked_for_at_once_are_asked_for_in_any_order() -> None:
    assert_same(PracticeIphone(msgspec.structs.replace(load_iphone("iphone-wechat"), filler=330)))


TOKENS = st.from_regex(r"[A-Z][a-z]{7}[0-9]{9}", fullmatch=True)


@examples(15)
@given(TOKENS, st.data())
def test_no_personal_value_is_in_a_capture_wherever_the_phone_has_it(token: str, data: st.DataObject) -> None:
    forms = ["{}", "{}@example.org", "iPhone of {}", "ca.{}.app", "com.apple.{}", "{}\u202e\n", "{0} {0}"]
    personal = st.sampled_from(forms).map(lambda form: form.format(token))
    anywhere: st.SearchStrategy[Any] = st.recursive(
        personal, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(personal, inner, max_size=2), max_leaves=4
    )
    keys = st.sampled_from(["CFBundleVersion", "SignerIdentity", "CFBundleIdentifier", "ApplicationType", token])
    app = IphoneApp(
        data.draw(personal),
        data.draw(personal),
        signer=data.draw(personal.map("Apple Development: {}".format)),
        entitlements=data.draw(st.dictionaries(personal, anywhere, max_size=3)),
        attributes=data.draw(st.dictionaries(keys, anywhere, max_size=3)),
    )
    values = {"": {key: data.draw(anywhere) for key in ("ActivationState", "PasswordProtected")}}
    device = IphoneDevice(
        "iPhone15,4", "26.6.1", "23G82", token, "00008101-PRACTICECLEAN001", f"PRACTICE{token}", token, values
    )
    profiles = (ConfigurationProfile(data.draw(personal), data.draw(personal)),)
    scenario = IphoneScenario(
        "personal", device, (app,), filler=2, supervised=True, organisation=data.draw(personal), profiles=profiles
    )
    result = recorded(PracticeIphone(scenario))
    content = result.content.decode().casefold()
    assert token.casefold() not in content
    assert token[:8].casefold() not in content
    assert token[8:] not in content


def test_what_a_rule_names_is_kept_and_told() -> None:
    recording = IphoneRecording()
    result = checked(PracticeIphone(load_iphone("iphone-wechat")), recording=recording)
    anonymiser = IphoneAnonymiser(POLICY, Pseudonyms())
    content = content_of(recording, anonymiser, result)
    assert set(anonymiser.kept["ids"]) == {"com.tencent.xin", "com.zhiliaoapp.musically", "com.apple."}
    assert set(anonymiser.kept["labels"]) == {"WeChat", "TikTok"}
    assert b"com.tencent.xin" in content
    assert b"Example Beta" not in content


def test_the_keys_of_a_session_are_never_kept() -> None:
    recording = IphoneRecording()
    phone = PracticeIphone(load_iphone("iphone-untrusted"))
    checked(phone, recording=recording)
    requests = {exchange.request.get("Request") for exchange in recording.exchanges if exchange.service == "lockdown"}
    assert requests == {"GetValue", "StartService"}


def test_a_phone_that_answers_without_end_fills_no_memory() -> None:
    recording = IphoneRecording()
    stream = recording("com.apple.mobile.installation_proxy")
    stream.asked({"Command": "Browse"})
    for _ in range(20):
        stream.answered(bytes(3 * 2**20))
    assert recording.overflowed
    assert sum(len(answer) for exchange in recording.exchanges for answer in exchange.answers) <= 32 * 2**20


def test_a_very_long_text_is_cut_and_that_is_said() -> None:
    anonymiser = IphoneAnonymiser(POLICY, Pseudonyms())
    data = plistlib.dumps({"Value": "x" * 300_000})
    exchange = ServiceExchange("lockdown", {"Request": "GetValue", "Key": "SerialNumber"}, [data])
    answer = anonymous(exchange, anonymiser)
    assert anonymiser.has_cut
    assert max(map(len, answer.lines)) < 5_000


@examples(100)
@given(
    st.text(max_size=200),
    st.lists(st.text(max_size=60) | st.sampled_from(["<plist>", "</plist>", "<dict>", "</dict>"])),
)
def test_a_file_made_by_hand_is_a_phone_or_one_sentence(command: str, lines: list[str]) -> None:
    for question in ("lockdown GetValue {}", "com.apple.mobile.installation_proxy Lookup {} about ", ""):
        with suppress(PhoneProblem):
            phone = playing.opened(capture([CapturedAnswer(question + command, lines=tuple(lines))]))
            assert check(phone, POLICY, lambda progress: None, Cancel(), quick=False).verdict is not Verdict.GREEN
