"""Targets: files of captures, and answers that are made anonymous."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from core.capture import capture_file, playing
from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.capture_file import (
    Capture,
    CapturedAnswer,
    CapturedCertificate,
    CapturedIdentity,
    CaptureHead,
    CaptureProblem,
    Expected,
    UnchangedValues,
)
from core.capture.pseudonyms import Pseudonyms
from core.capture.unchanged import Unchanged
from core.policy.format import policy_file
from tests.fuzz.target import Target

#: The commands whose answers have forms of their own.
COMMANDS = (
    "properties",
    "snapshot",
    "screens",
    "links",
    "packages 0",
    "users",
    "admins",
    "health locks",
    "health keyboard 0",
    "health computers",
)


def capture(data: bytes) -> None:
    """A capture's file: what is right comes out again as it went in, and plays as a phone."""
    read = capture_file.read(data)
    assert capture_file.read(capture_file.to_bytes(read)) == read
    assert playing.opened(read).practice


def capture_seeds() -> list[bytes]:
    items = (
        UnchangedValues("ids", ("com.tencent.mm",)),
        Expected("red", health={"patch": "green"}),
        CapturedAnswer("getprop", lines=("[ro.build.version.sdk]: [34]", "[ro.product.model]: [Pixel 8]")),
        CapturedAnswer("pm list users", 1, cut=True, lines=("Users:",)),
        CapturedIdentity("com.tencent.mm", 7, "WeChat", (CapturedCertificate("0" * 64, "", "", "1a"),)),
        CapturedIdentity("abc.def", because="The phone did not say where the app's file is."),
    )
    return [capture_file.to_bytes(Capture(CaptureHead(2, "android"), items))]


@cache
def _unchanged() -> Unchanged:
    return Unchanged(policy_file.load_built_in("canada"))


def answers(data: bytes) -> None:
    """Lines of any answer come out, whatever they are. The first byte is the command."""
    lines = data[1:].decode(errors="replace").split("\n")
    rewriter = AndroidAnswers(AndroidNames(Pseudonyms(_unchanged()), _unchanged()))
    rewriter.anonymous(COMMANDS[data[0] % len(COMMANDS)] if data else COMMANDS[0], lines)


def answer_seeds() -> list[bytes]:
    texts = (
        "[ro.serialno]: [R58N30ABCDE]\n[persist.sys.a]: [two\nlines]",
        "Packages:\n  Package [com.example.a] (1a2b):\n    codePath=/data/app/a\n    versionCode=1 minSdk=21\n"
        "    signatures=PackageSignatures{1a version:3, signatures:[962f5b7], past signatures:[1 flags: 17]}\n"
        "    User 0: ceDataInode=1 installed=true enabled=0\n      firstInstallTime=2025-01-01 10:00:00",
        "Activity Resolver Table:\n  Schemes:\n      tg:\n        1a com.example.a/.B filter 2b\n"
        '      com.example.SEND:\n        1a com.example.a/.C\n          Action: "com.example.SEND"',
        f"  com.example.a:\n    Signatures: [{':'.join(['AB'] * 32)}, {':'.join(['CD'] * 32)}]"[:140],
        "package:/data/app/~~a==/com.example.a-b==/base.apk=com.example.a versionCode:1  installer=null uid:10100",
        "Users:\n\tUserInfo{0:Jean:c13} running",
        "  Enabled Device Admins (User 0, provisioningState: 0):\n    com.example.a/.R:\n      uid=10100",
        "  User 0\n    CredentialType: Pin",
        "com.example.a/.K:com.example.b/.L",
        "    user_keys=QAAAA" + "a" * 690 + " jean@desk",
    )
    return [bytes([number]) + text.encode() for number, text in enumerate(texts)]


def targets() -> Iterator[Target]:
    yield Target("capture", capture, capture_seeds, (CaptureProblem,))
    yield Target("capture-answers", answers, answer_seeds)
