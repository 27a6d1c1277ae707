"""Which chapter of the manual says more about a problem, or about what protects a phone.

A start knows it without the manual (:mod:`core.manual`).
"""

from __future__ import annotations

from typing import Final

#: The chapter about what protects a phone and is in the way.
PROTECTIONS: Final = "troubleshooting#a-protection-of-the-phone-stands-in-the-way"
#: The chapter that says more about a signal of a phone's health, by the signal's name.
ABOUT_SIGNALS: Final = dict.fromkeys(("advanced-protection", "usb-protection", "auto-blocker"), PROTECTIONS)
#: The chapter that says more about a problem, by the problem's code.
ABOUT_PROBLEMS: Final[dict[str, str]] = {
    code: f"troubleshooting#{chapter}"
    for chapter, codes in {
        "the-phone-is-only-charging": ("phone-charging-only",),
        "the-question-on-an-android-phone": ("phone-unauthorised",),
        "trust-this-computer-on-an-iphone": (
            "phone-not-trusted",
            "phone-denied",
            "phone-forgotten",
            "phone-locked",
            "phone-managed",
        ),
        "this-computer-cannot-open-the-phone": ("phone-no-permission", "phone-no-service", "phone-service-too-old"),
        "another-program-has-the-phone": ("phone-busy",),
        "the-phone-does-not-answer": ("phone-offline", "phone-silent", "phone-no-connection"),
        "recovery-mode-or-boot-loader": ("phone-recovery", "phone-sideload", "phone-fastboot"),
        "the-phone-was-unplugged": ("phone-unplugged",),
        "another-phone-than-before": ("another-phone",),
        "an-answer-that-no-phone-gives": ("phone-garbled", "phone-too-much"),
        "what-cannot-be-undone": ("nothing-to-undo", "cannot-undo"),
        "a-result-that-could-not-be-recorded": ("outcome-not-recorded",),
        "the-log-cannot-be-used": ("ledger",),
        "the-keys-of-the-log": ("keyring", "keys-gone"),
        "the-shared-log": (
            "shared-log-missing",
            "shared-log-forbidden",
            "shared-log-open",
            "shared-log-unfit",
            "shared-log-replaceable",
            "shared-log-linked",
        ),
        "the-settings": ("settings",),
        "a-usb-key-with-a-policy-is-refused": (
            "policy-not-a-stick",
            "policy-incomplete",
            "policy-changed",
            "policy-too-few-signatures",
            "policy-other-keys",
            "policy-expired",
            "policy-older",
            "policy-conflict",
        ),
        "a-policy-that-is-not-signed": ("policy-unsigned",),
        "a-list-of-phones-cannot-be-read": ("roster", "roster-without-phones"),
        "a-phone-that-was-read-wrong": ("capture",),
        "a-file-cannot-be-written": ("file", "file-there", "no-such-folder", "lessons"),
    }.items()
    for code in codes
}
