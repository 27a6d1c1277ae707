"""Lessons 1 to 5: a verdict of each kind of phone, from plugging it in to handing it back."""

from __future__ import annotations

from typing import Final

from core.lessons.goals import (
    Condition,
    check_ended,
    copy_left,
    found_in,
    handed_back,
    in_visit,
    outside_visits,
    step_taken,
)
from core.lessons.lesson import Lesson, LessonAnswer, LessonQuestion, LessonStep
from core.model import ProfileKind, Verdict
from core.text import T

#: What several lessons ask for in the same words.
HAND_BACK: Final = T("Finish, and hand the phone back.")
_FINISH: Final = T("Finish and hand back")


def plug_in(phone: str, *conditions: Condition, key: str = "check") -> LessonStep:
    """The step in which the practice phone `phone` is plugged in, and its check meets these conditions."""
    return LessonStep(
        key,
        T("Plug in the practice phone and wait for its verdict."),
        T("The check starts automatically. A red result is shown at once; a green one only at the very end."),
        in_visit(phone, *conditions),
    )


def remove(phone: str, *conditions: Condition) -> LessonStep:
    """The step in which banned apps are removed from `phone`; without `conditions`, a red one becomes green by it."""
    return LessonStep(
        "remove",
        T("Remove the banned apps, and wait until the phone was read again."),
        T("Press Remove (Alt+R). Esc stops it for three seconds; only the reading afterwards decides."),
        in_visit(phone, *(conditions or (check_ended(Verdict.RED), step_taken, check_ended(Verdict.GREEN)))),
    )


def hand_back(phone: str, verdict: Verdict) -> LessonStep:
    """The step in which `phone` is handed back with this verdict, for which no reason is asked."""
    how = T("Press “{button}” below the verdict (Alt+F).", button=_FINISH)
    return LessonStep("back", HAND_BACK, how, in_visit(phone, *handed_back(verdict)))


def hand_back_red(phone: str) -> LessonStep:
    """The step in which `phone` is handed back red, with a reason."""
    return LessonStep(
        "back",
        T("Hand the phone back as it is, and give the reason."),
        T(
            "Choose “{entry}” in the menu of the phone’s page. Type a reason, then press “{button}” (Alt+F).",
            entry=T("Hand it back as it is…"),
            button=_FINISH,
        ),
        in_visit(phone, *handed_back(Verdict.RED)),
    )


FIRST: Final = (
    Lesson(
        1,
        T("A clean phone"),
        T("A phone is plugged in, checked and handed back. You see what green means, and what it does not mean."),
        (
            plug_in("clean", check_ended(Verdict.GREEN)),
            LessonStep(
                "meaning",
                T("Say what green means."),
                T("Green speaks of one policy and of one moment."),
                LessonQuestion(
                    T("What does green say of this phone?"),
                    (
                        LessonAnswer(
                            T("No harmful app is on it."),
                            T("Fanion looks for the apps that the policy bans. It does not look for malware."),
                        ),
                        LessonAnswer(
                            T("All of it was read, and no banned app was found."),
                            T("Yes: by the policy in force, and at the time of the check."),
                        ),
                        LessonAnswer(
                            T("No banned app can be installed on it any more."),
                            T("An app that is installed later is not in this check."),
                        ),
                    ),
                    1,
                ),
            ),
            hand_back("clean", Verdict.GREEN),
        ),
    ),
    Lesson(
        2,
        T("A banned app"),
        T("Two banned apps are found and removed, and the phone turns green. A receipt lets others verify that."),
        (
            plug_in("walk-up", check_ended(Verdict.RED)),
            remove("walk-up"),
            LessonStep(
                "receipt",
                T("Save a receipt of the check."),
                T("Ctrl+P, or “{entry}” in the menu of the phone’s page. Any folder will do.", entry=T("Receipt…")),
                outside_visits(copy_left("receipt")),
            ),
            hand_back("walk-up", Verdict.GREEN),
        ),
    ),
    Lesson(
        3,
        T("Secure Folder"),
        T("A banned app is in Samsung’s Secure Folder. Fanion sees it there; only the holder can remove it."),
        (
            plug_in("secure-folder", found_in(ProfileKind.SECURE_FOLDER), check_ended(Verdict.RED)),
            LessonStep(
                "why",
                T("Say why no button removes this app."),
                T("The card of the app says in which profile it is, and what its holder does."),
                LessonQuestion(
                    T("Why does no button remove this app?"),
                    (
                        LessonAnswer(
                            T("The phone lets no computer remove what is in Secure Folder."),
                            T("Yes. It can be seen from outside; only the holder opens the folder."),
                        ),
                        LessonAnswer(
                            T("The policy does not allow its removal."),
                            T("The policy bans the app. It forbids no removal."),
                        ),
                        LessonAnswer(
                            T("The app is a part of the phone."),
                            T("It was installed like any other app, only inside the folder."),
                        ),
                    ),
                    0,
                ),
            ),
            hand_back_red("secure-folder"),
        ),
    ),
    Lesson(
        4,
        T("A work profile"),
        T("The personal side of a phone is clean, and the banned app is in its work profile. Fanion looks in both."),
        (
            plug_in("work-profile", found_in(ProfileKind.WORK), check_ended(Verdict.RED)),
            LessonStep(
                "where",
                T("Say where the app is."),
                T("The card of the app, below the verdict, names the profile."),
                LessonQuestion(
                    T("In which part of the phone is TikTok?"),
                    (
                        LessonAnswer(T("In the personal profile"), T("Its card names another profile.")),
                        LessonAnswer(T("In both profiles"), T("There would be a card for each profile.")),
                        LessonAnswer(T("In the work profile only"), T("Yes. Each profile has apps of its own.")),
                    ),
                    2,
                ),
            ),
            remove("work-profile"),
            hand_back("work-profile", Verdict.GREEN),
        ),
    ),
    Lesson(
        5,
        T("A phone that is not ready"),
        T("USB debugging is off, as on most phones in the queue. You play the holder and get it ready."),
        (
            LessonStep(
                "ready",
                T("Plug in the practice phone, get it ready as its holder would, and wait for its verdict."),
                T("The page has a button for each act of the holder: switch USB debugging on, then tap Allow."),
                in_visit("not-ready-debugging-off", check_ended(Verdict.RED)),
            ),
            LessonStep(
                "fingerprint",
                T("Say what to do about another fingerprint."),
                T("The fingerprint tells the phone’s holder which computer is asking."),
                LessonQuestion(
                    T("The phone shows another fingerprint than Fanion does. What do you do?"),
                    (
                        LessonAnswer(
                            T("Tap Allow: the fingerprint is another one each time."),
                            T("It stays the same at this desk. Another computer may be asking."),
                        ),
                        LessonAnswer(
                            T("Tap Cancel, and unplug the phone."),
                            T("Yes. Another computer than this desk is asking for access."),
                        ),
                        LessonAnswer(
                            T("Tick Always allow, so that it does not ask again."),
                            T("The phone would then trust that other computer for good."),
                        ),
                    ),
                    1,
                ),
            ),
            remove("not-ready-debugging-off"),
            hand_back("not-ready-debugging-off", Verdict.GREEN),
        ),
    ),
)
