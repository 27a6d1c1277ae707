"""``com.apple.mobile.MCInstall``: whether a practice iPhone is supervised, and which profiles are on it."""

from __future__ import annotations

from typing import Any, Final

from core.simulator.iphone import wire
from core.simulator.iphone.phone import PracticeIphone

SERVICE: Final = "com.apple.mobile.MCInstall"


def serve(stream: wire.PracticeStream, phone: PracticeIphone) -> None:
    """Answer requests until the computer hangs up. Raises GoneError."""
    while True:
        request = wire.receive(stream)
        kind = wire.word(request, "RequestType")
        phone.record("MCInstall", kind, request)
        wire.answer(stream, f"MCInstall.{kind}", _answer(kind, phone), phone.faults, binary=phone.binary)


def _answer(kind: str, phone: PracticeIphone) -> dict[str, Any]:
    scenario = phone.scenario
    match kind:
        case "GetCloudConfiguration":
            configuration: dict[str, Any] = {
                "IsSupervised": scenario.supervised,
                "AllowPairing": not scenario.pairing_error,
            }
            if scenario.organisation:
                configuration["OrganizationName"] = scenario.organisation
            return {"Status": "Acknowledged", "CloudConfiguration": configuration}
        case "GetProfileList":
            return {
                "Status": "Acknowledged",
                "OrderedIdentifiers": [profile.id for profile in scenario.profiles],
                "ProfileManifest": {p.id: {"Description": p.name, "IsActive": True} for p in scenario.profiles},
                "ProfileMetadata": {
                    p.id: {"PayloadDisplayName": p.name, "PayloadIdentifier": p.id} for p in scenario.profiles
                },
            }
    return {"Status": "Error", "ErrorChain": [{"ErrorDomain": "MCInstallationErrorDomain", "ErrorCode": 4001}]}
