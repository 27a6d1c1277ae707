"""Targets: what an Android phone, an adb server and an app's file can say."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any
from unittest import mock

from adb_shell import constants
from adb_shell.adb_message import AdbMessage

from core import icon_file, simulator
from core.jobs import Cancel, silent
from core.model import App, AppState, Finding, Inventory, Match, Phone, Profile, ProfileKind, Strength, Verdict
from core.phones.android import apk, inventory, leaving, removal
from core.phones.android.apk import der, icon, manifest, resources, signing
from core.phones.android.apk.fields import Unreadable
from core.phones.android.apk.manifest import Manifest
from core.phones.android.apk.source import MemorySource, Remote, Steps
from core.phones.android.files.app_evidence import app_evidence
from core.phones.android.files.identify import IdentityMemory, identify
from core.phones.android.link import link, phone_identity, server, shell
from core.phones.android.link.link import Feed
from core.phones.android.link.problems import TooMuch
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.android.phone import AndroidPhone
from core.phones.driver import PhoneProblem
from core.policy.format.policy_file import load_built_in
from core.problem import Problem
from core.simulator.apk import pictures
from core.simulator.apk.apk import ICON, LABEL
from core.simulator.apk.apk import Apk as PracticeApk
from core.simulator.apk.manifest import PracticeManifest
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io
from core.simulator.model.phone import PracticePhone
from core.simulator.shell.shell import Shell
from core.text import Bilingual, T
from core.visit.check import check
from tests.fuzz.target import Target
from tests.unit.phones.android import accounts, apks

#: The number in the markers, which a hostile phone reads in the script.
NONCE = "0" * 32
#: Where an input for two kinds of commands is cut in two.
CUT = b"\n=== files ===\n"


class SaidLink:
    """A link that answers each command by what `answer` makes of it and of whether it asks for raw bytes."""

    how = T("over USB")
    loopback = False
    lasting = True
    transport = ""

    def __init__(self, answer: Callable[[str, bool], bytes]) -> None:
        self._answer = answer

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        said = self._answer(command, raw)
        for at in range(0, min(len(said), limit), 4096):
            feed(said[at : at + 4096])
        if len(said) > limit:
            raise TooMuch(limit)

    def close(self) -> None:
        """Nothing is held."""


def phone_answer(data: bytes) -> None:
    """A whole quick check of a phone that answers `data`: it may end in any way but green, or with a problem."""
    with mock.patch.object(shell, "nonce", return_value=NONCE):
        phone = AndroidPhone(SaidLink(lambda command, raw: data))
        found = check(phone, load_built_in("canada"), silent, Cancel(), quick=True)
    assert found.verdict is not Verdict.GREEN


@cache
def phone_answers() -> list[bytes]:
    """What practice phones answer."""
    found = []
    for name in ("walk-up", "preinstalled", "odd-answers", "secure-folder"):
        scenario = replace(simulator.load(name), filler=6)
        found.append(_run(scenario, inventory.script(NONCE)))
    return found


def _run(scenario: Any, script: str) -> bytes:
    out = bytearray()
    phone = PracticePhone(scenario, pace=0)
    Shell(Commands(phone).programs()).run(script, Io(out.extend, out.extend, Cancel()))
    return bytes(out)


@cache
def practice_answers() -> list[tuple[accounts.Answer, accounts.Account, list[accounts.Line]]]:
    """What practice phones of different Androids answer, what is understood of it, and its lines that name an app."""
    names = ("walk-up", "archived", "work-profile", "device-admin", "odd-answers", "preinstalled", "secure-folder")
    answers = [accounts.practice(name) for name in names]
    return [(answer, accounts.reading(answer), answer.lines()) for answer in answers]


def changed_line(data: bytes) -> None:
    """A phone's answer in which one line that names an app is changed, by the numbers in `data`: that is told of."""
    which, number, chosen, place, letter = struct.unpack("<BHBHB", data[:7].ljust(7, b"\0"))
    answers = practice_answers()
    answer, before, lines = answers[which % len(answers)]
    line, way = lines[number % len(lines)], accounts.WAYS[chosen % len(accounts.WAYS)]
    changed = answer.changed(line, way, place, accounts.LETTERS[letter % len(accounts.LETTERS)])
    if changed is not None:
        after = accounts.reading(changed)
        assert not accounts.silent(before, after, way), f"{answer.name}: {way}: {line.part}: {line.text}"


def changed_line_seeds() -> list[bytes]:
    """Two of the first lines of each answer, each removed."""
    return [
        struct.pack("<BHBHB", which, number, 0, 0, 0) for which in range(len(practice_answers())) for number in (1, 9)
    ]


def short_answers(data: bytes) -> None:
    """What a phone answers to a step, and to the questions before it is handed back: never taken for a success."""
    text = data.decode("utf-8", "replace")
    for act in ("uninstall", "disable", "suspend", "enable"):
        assert removal.recognise(act, 1, text).text.isprintable()
    said, cancel = SaidLink(lambda command, raw: data), Cancel()
    with mock.patch.object(shell, "nonce", return_value=NONCE):
        with contextlib.suppress(PhoneProblem):
            phone_identity.ask(said, cancel)
        leaving.left_to_owner(said, "QUFBQQ==", cancel)
        for switched_off in (leaving.options_off, leaving.wireless_off, leaving.debugging_off):
            switched_off(said, cancel)


def short_answer_seeds() -> list[bytes]:
    def part(name: str, text: str) -> str:
        return f"\n{NONCE} begin {name}\n{text}\n\n{NONCE} end {name} 0\n"

    trusted = (
        '  user_keys=[\n    QUFBQQ== fanion@desk\n    QkJCQg== other@home\n  ]\n  keystore=<keyStore version="1"/>'
    )
    left = part("blocker", "1") + part("trusted", trusted)
    switches = "".join(part(name, "0") for name in ("begun", "put", "get", "was", "still"))
    refused = (
        "Failure [DELETE_FAILED_DEVICE_POLICY_MANAGER]\njava.lang.SecurityException: no\n\tat com.android.server.Pm"
    )
    return [(left + switches).encode(), part("was", "1").encode() + switches.encode(), b"Success\n", refused.encode()]


def evidence_of_files(data: bytes) -> None:
    """What a phone says of an app's files before it is removed: what is no hash in due form is missing."""
    app = App("org.example.one", code_path="/data/app/one/base.apk", states=(AppState(0, installed=True),))
    inventory = Inventory(Phone("android", "", "", "14", "", 34), (Profile(0, "", ProfileKind.PERSONAL),), (app,))
    label = Bilingual("One", "Un")
    finding = Finding("one", label, Strength.BAN, app, inventory.profiles[0], (), Match.NAMED, T("Over USB"))
    link = SaidLink(lambda command, raw: data)
    with mock.patch.object(shell, "nonce", return_value=NONCE):
        there = app_evidence(link, finding, inventory, IdentityMemory(), Cancel(), last_used=True)
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) and "/" not in file.name for file in there.files)
    assert there.files or there.missing


def evidence_seeds() -> list[bytes]:
    path = "/data/app/one/base.apk"
    parts = {
        "files": f"7 8 9 {path}",
        "hashes": f"{'1a' * 32}  {path}",
        "use": 'user=0\n package=org.example.one totalTimeUsed="1" lastTimeUsed="2026-01-01 00:00:00"',
    }
    texts = [f"\n{NONCE} begin {name}\n{text}\n\n{NONCE} end {name} 0\n" for name, text in parts.items()]
    return ["".join(texts).encode(), f"\n{NONCE} begin hashes\n\n{NONCE} end hashes 127\n".encode()]


def app_files(data: bytes) -> None:
    """The closer look into two apps, where the phone tells of its files, and of what is in them, what it likes."""
    listed, _, files = data.partition(CUT)
    sdk = f"\n{NONCE} begin sdk\n34\n\n{NONCE} end sdk 0\n".encode()

    def answer(command: str, raw: bool) -> bytes:
        return files if raw else sdk if "getprop" in command else listed

    apps = [
        App("org.example.one", code_path="/data/app/one/base.apk", states=(AppState(0, installed=True),)),
        App("org.example.two", code_path="/data/app/two", states=(AppState(0, installed=True),)),
    ]
    with mock.patch.object(shell, "nonce", return_value=NONCE):
        found = identify(SaidLink(answer), apps, silent, Cancel())
    assert found.keys() == {app.package for app in apps}


def app_file_seeds() -> list[bytes]:
    content = apks.simple().file()
    size = len(content)
    listed = (
        f"\n{NONCE} begin files\n{size} 77 1700000000 /data/app/one/base.apk\n\n{NONCE} end files 0\n"
        f"\n{NONCE} begin org.example.two\nfile /data/app/two/base.apk\n{size} 78 1700000000\n"
        f"\n{NONCE} end org.example.two 0\n"
    ).encode()
    one = b"==> /data/app/one/base.apk <==\n" + content + b"\n==> /data/app/two/base.apk <==\n" + content
    return [listed + CUT + f"\n{NONCE} 0\n".encode() + one + f"\n{NONCE} 1\n".encode()]


class Wire:
    """A transport on which `data` comes, and then the cable is pulled."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def connect(self, transport_timeout_s: float | None) -> None:
        """It is."""

    def close(self) -> None:
        """Nothing is held."""

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        if self._at >= len(self._data):
            raise ConnectionResetError("the cable was pulled")
        piece = self._data[self._at : self._at + numbytes]
        self._at += len(piece)
        return piece

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        return len(data)


class Signer:
    """A key without cost."""

    def Sign(self, data: bytes) -> bytes:  # noqa: N802 - adb-shell's own name
        return b"signature"

    def GetPublicKey(self) -> str:  # noqa: N802 - likewise
        return "key"


def adb_stream(data: bytes) -> None:
    """A connection over ADB's own packets, and one command."""
    opened = link.connect(Wire(data), Signer(), T("over USB"), Cancel())
    try:
        opened.run("echo", lambda piece: None, Cancel(), 64 * 1024)
    finally:
        opened.close()


def adb_packets() -> list[bytes]:
    def packet(kind: bytes, first: int, second: int, payload: bytes = b"") -> bytes:
        packed: bytes = AdbMessage(kind, first, second, payload).pack()
        return packed + payload

    banner = packet(constants.CNXN, constants.VERSION, constants.MAX_ADB_DATA, b"device::ro.product.model=Pixel;\0")
    told = b"".join(
        (
            packet(constants.OKAY, 7, 1),
            packet(constants.WRTE, 7, 1, b"one line\n"),
            packet(constants.WRTE, 7, 1, b"x" * 300),
            packet(constants.CLSE, 7, 1),
        )
    )
    asked = packet(constants.AUTH, constants.AUTH_TOKEN, 0, b"t" * 20)
    return [banner + told, asked + banner + told, asked * 2 + banner + told, banner + told[:40]]


def server_list(data: bytes) -> None:
    """A list of phones, as an adb server sends it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data[: 64 * 1024])
        theirs.shutdown(socket.SHUT_WR)
        ours.settimeout(1)
        server._parse(server._block(ours))


def server_lists() -> list[bytes]:
    lists = (
        b"R58N12ABCDE            device usb:1-4.2 product:a54x model:SM_A546B device:a54x transport_id:3\n",
        b"(no serial number)\tno permissions (user in plugdev group); see [http://developer.android.com]\n"
        b"emulator-5554\toffline\n0123456789ABCDEF\tunauthorized usb:336592896X transport_id:4\n",
    )
    return [b"%04x" % len(one) + one for one in lists]


# Apps' files


def _walk(steps: Steps[Any]) -> Any:
    """Let a reader run to its end that needs nothing from elsewhere."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


def whole_apk(data: bytes) -> None:
    """An app's file, as Androids of three ages see it: read whole, never an exception."""
    for sdk in (23, 28, 34):
        found = apks.run(apk.read, data, sdk).value
        apks.run(partial(apk.read, base=False), data, sdk)
        if isinstance(found.manifest, Manifest) and found.manifest.icon:
            number = found.manifest.icon
            try:
                picture = apks.run(partial(_icon, number), data, sdk)
            except Unreadable:
                continue
            assert picture == b"" or icon_file.is_icon(picture)


def _icon(number: int, file: Remote, sdk: int) -> Steps[bytes]:
    return icon.read(file, number)


@cache
def whole_apks() -> list[bytes]:
    table = apks.resources(["Example"], apks.type_spec(1, 1), apks.type_chunk(1, [(apks.STRING, 0)]))
    named = apks.manifest(label=0x7F010000)
    jar = [
        ("META-INF/MANIFEST.MF", b"x"),
        ("META-INF/CERT.SF", b"x"),
        ("META-INF/CERT.EC", apks.jar_signature("maker")),
    ]
    block = apks.signing_block(
        [(apks.V2, apks.second("old")), (apks.V3, apks.third(("new", 28, apks.FOREVER, ["old"])))]
    )
    practice = PracticeManifest("org.example.one", 7, "1", 34, LABEL, (".Main",), icon=ICON)
    return [
        apks.simple().file(),
        apks.Apk([("AndroidManifest.xml", named), ("resources.arsc", table)], block).file(),
        apks.Apk([("AndroidManifest.xml", named), *jar]).file(),
        PracticeApk(practice, "One", "maker", 5000, icon="disc").content,
    ]


def compiled_xml(data: bytes) -> None:
    manifest.parse(data)
    icon.foreground(data)


def resource_table(data: bytes) -> None:
    for number in (0x7F010000, 0x7F010001, 0x01010001):
        for read in (resources.text, resources.files):
            _walk(read(MemorySource(data), number))


def resource_tables() -> list[bytes]:
    forms = ("plain", "compact", "short", "sparse")
    return [
        apks.resources(
            ["Example", "é" * 200], apks.type_spec(1, 2), apks.type_chunk(1, [(3, 0), (1, 0x7F010000)], form=f)
        )
        for f in forms
    ] + [
        apks.resources(
            ["res/icon.png"], apks.type_spec(1, 1), apks.type_chunk(1, [(3, 0)], apks.config("fr", "CA", 480))
        )
    ]


def signing_pairs(data: bytes) -> None:
    for sdk in (23, 28, 33):
        signing.from_block(data, sdk)


def all_pairs() -> list[bytes]:
    values = [
        (apks.V2, apks.second("maker", "other")),
        (apks.V3, apks.third(("new", 28, apks.FOREVER, ["old", "new"]))),
        (apks.V31, apks.third(("newest", 33, apks.FOREVER, ["old", "newest"]))),
    ]
    return [
        b"".join(struct.pack("<QI", len(value) + 4, number) + value for number, value in values[n:]) for n in range(3)
    ]


def certificates(data: bytes) -> None:
    try:
        signing.certificate(data)
    except Unreadable:
        der.signers(data)


def certificate_seeds() -> list[bytes]:
    return [apks.encoded("maker"), apks.jar_signature("maker", "other")]


def pictures_of_apps(data: bytes) -> None:
    if icon_file.is_icon(data):
        icon_file.still_webp(data)
    found = icon_file.still_webp(data)
    if found is not None:
        assert len(found.file()) <= len(data) + 100


def picture_seeds() -> list[bytes]:
    names: tuple[pictures.Picture, ...] = ("disc", "bars.webp", "torn.webp", "bomb.webp", "bomb")
    return [pictures.file(name) for name in names]


def targets() -> Iterator[Target]:
    yield Target("adb-stream", adb_stream, adb_packets, (PhoneProblem,))
    yield Target("adb-server-list", server_list, server_lists, (OSError,))
    yield Target("phone-answer", phone_answer, phone_answers, (Problem,))
    yield Target("changed-line", changed_line, changed_line_seeds)
    yield Target("short-answers", short_answers, short_answer_seeds, (PhoneProblem,))
    yield Target("app-evidence", evidence_of_files, evidence_seeds, (PhoneProblem,))
    yield Target("app-files", app_files, app_file_seeds, (PhoneProblem,))
    yield Target("apk", whole_apk, whole_apks)
    yield Target("apk-manifest", compiled_xml, lambda: [apks.manifest(), apks.manifest(utf8=False)], (Unreadable,))
    yield Target("apk-resources", resource_table, resource_tables, (Unreadable,))
    yield Target("apk-signing-block", signing_pairs, all_pairs, (Unreadable,))
    yield Target("certificate", certificates, certificate_seeds, (Unreadable,))
    yield Target("icon", pictures_of_apps, picture_seeds)
