"""Lessons 6 to 10: what is not seen, what does not go, an iPhone, what lies, and the log as evidence."""

from __future__ import annotations

from typing import Final

from core.lessons.first_lessons import HAND_BACK, hand_back, hand_back_red, plug_in, remove
from core.lessons.goals import (
    attested,
    check_ended,
    copy_left,
    exported,
    handed_back,
    in_visit,
    outside_visits,
    step_taken,
    taken_back,
)
from core.lessons.lesson import Lesson, LessonAnswer, LessonQuestion, LessonStep, LogVerified
from core.model import Verdict
from core.text import T

#: The log of practice, by its button on the Log page.
_LOG: Final = T("Practice log")

LATER: Final = (
    Lesson(
        6,
        T("An amber phone"),
        T("No banned app was found, but a part of the phone was not seen. You look there yourself, and record it."),
        (
            plug_in("unseen", check_ended(Verdict.AMBER)),
            LessonStep(
                "why",
                T("Say why it stays amber."),
                T("The headline says what was not seen."),
                LessonQuestion(
                    T("Why does it stay amber?"),
                    (
                        LessonAnswer(
                            T("A banned app is suspected on it."),
                            T("No app is suspected here. Amber is no suspicion."),
                        ),
                        LessonAnswer(
                            T("Its software is old."),
                            T("The health of a phone has a line of its own, and is not the reason here."),
                        ),
                        LessonAnswer(
                            T("Its Secure Folder could not be read."),
                            T("Yes. What was not seen is never green."),
                        ),
                    ),
                    2,
                ),
            ),
            LessonStep(
                "look",
                T("Look on the phone with its holder, and record what you saw."),
                T(
                    "Play the holder: “{shows}”. That is what you saw; then press “{button}” (Alt+S).",
                    shows=T("Open it, and show what is there"),
                    button=T("Record what I saw"),
                ),
                in_visit("unseen", check_ended(Verdict.AMBER), attested(Verdict.AMBER)),
            ),
            LessonStep(
                "back",
                HAND_BACK,
                T(
                    "It is still amber: what you saw is filled in as the reason. Press “{button}” (Alt+F).",
                    button=T("Finish and hand back"),
                ),
                in_visit("unseen", *handed_back(Verdict.AMBER)),
            ),
        ),
    ),
    Lesson(
        7,
        T("Apps that came with the phone"),
        T("Two banned apps are a part of the phone: they can only be switched off. You undo that, and do it again."),
        (
            plug_in("preinstalled", check_ended(Verdict.RED)),
            remove("preinstalled", check_ended(Verdict.RED), step_taken, check_ended(Verdict.AMBER)),
            LessonStep(
                "why",
                T("Say why it is amber now."),
                T("The apps below the verdict say how they were left."),
                LessonQuestion(
                    T("Why is it amber now, and not green?"),
                    (
                        LessonAnswer(
                            T("The apps are switched off, and still on the phone."),
                            T("Yes. They cannot be started, but they could be switched on again."),
                        ),
                        LessonAnswer(
                            T("The phone could not be read again."),
                            T("It was read again: that reading says that they are switched off."),
                        ),
                        LessonAnswer(T("The phone refused."), T("It did what it was asked for.")),
                    ),
                    0,
                ),
            ),
            LessonStep(
                "undo",
                T("Undo the removal."),
                T(
                    "Choose “{entry}” in the menu of the phone’s page (Ctrl+Z), then press “{button}”.",
                    entry=T("Undo the removal…"),
                    button=T("Put back now"),
                ),
                in_visit("preinstalled", step_taken, taken_back, check_ended(Verdict.RED)),
            ),
            LessonStep(
                "again",
                T("Remove them once more."),
                T("As before. If the phone was plugged in again meanwhile, first remove and put back once more."),
                in_visit("preinstalled", taken_back, check_ended(Verdict.RED), step_taken, check_ended(Verdict.AMBER)),
            ),
            LessonStep(
                "back",
                HAND_BACK,
                T(
                    "Type the reason, then press “{button}” (Alt+F).",
                    button=T("Finish and hand back"),
                ),
                in_visit("preinstalled", *handed_back(Verdict.AMBER)),
            ),
        ),
    ),
    Lesson(
        8,
        T("An iPhone"),
        T(
            "An iPhone with two banned apps: one is removed, the other stays. What a phone reports counts only "
            "once it has been read again."
        ),
        (
            plug_in("iphone-wechat", check_ended(Verdict.RED)),
            remove(
                "iphone-wechat",
                check_ended(Verdict.RED, products=2),
                step_taken,
                check_ended(Verdict.RED, products=1),
            ),
            LessonStep(
                "why",
                T("Say why it stays red."),
                T("The card of TikTok says what the phone answered, and what was read afterwards."),
                LessonQuestion(
                    T("The iPhone reported that TikTok was removed. Why is it still red?"),
                    (
                        LessonAnswer(
                            T("It takes a while until a removed app disappears."),
                            T("Fanion reads the phone after the removal. What is there then was not removed."),
                        ),
                        LessonAnswer(
                            T("The phone was read again, and TikTok is still there."),
                            T("Yes. What a phone says of itself does not count; what is read does."),
                        ),
                        LessonAnswer(
                            T("Fanion may not remove apps from an iPhone."),
                            T("It removed WeChat from this one."),
                        ),
                    ),
                    1,
                ),
            ),
            hand_back_red("iphone-wechat"),
        ),
    ),
    Lesson(
        9,
        T("A phone that lies"),
        T("WeChat comes under another name, then with forged lines in the phone’s own list. Neither turns it green."),
        (
            plug_in("renamed", check_ended(Verdict.RED), key="renamed"),
            LessonStep(
                "known-by",
                T("Say by what the app was recognised."),
                T("The details of the app, which its card opens, say what matched."),
                LessonQuestion(
                    T("The app calls itself Pocket Notes. By what was it recognised?"),
                    (
                        LessonAnswer(T("By its icon"), T("Icons are shown, and never compared.")),
                        LessonAnswer(T("By its name"), T("No rule bans Pocket Notes.")),
                        LessonAnswer(
                            T("By the certificate that signed it"),
                            T("Yes. A name can be chosen freely; only WeChat’s maker can sign so."),
                        ),
                    ),
                    2,
                ),
            ),
            LessonStep(
                "forged",
                T("Plug in the second practice phone and wait for its verdict."),
                T("Its app writes lines into the phone’s list that call it a part of the system."),
                in_visit("forged", check_ended(Verdict.RED)),
            ),
            LessonStep(
                "believed",
                T("Say what the forged lines change."),
                T("Compare the verdict with that of the first phone."),
                LessonQuestion(
                    T("In the phone’s list the app calls itself a part of the system. What does that change?"),
                    (
                        LessonAnswer(
                            T("Nothing: its own file shows what it is."),
                            T("Yes. No text that an app chooses brings a phone nearer to green."),
                        ),
                        LessonAnswer(
                            T("It is allowed: it belongs to the system."),
                            T("Whether an app is banned, its signature and its code decide."),
                        ),
                        LessonAnswer(
                            T("It becomes amber, until an officer decides."),
                            T("A banned app that is recognised is red at once."),
                        ),
                    ),
                    0,
                ),
            ),
            remove("forged"),
            hand_back("forged", Verdict.GREEN),
        ),
    ),
    Lesson(
        10,
        T("The log as evidence"),
        T("What you did is in the practice log. You find it, verify the log, and leave an outside copy."),
        (
            plug_in("walk-up", check_ended(Verdict.RED)),
            LessonStep(
                "find",
                T("Find this check in the practice log."),
                T(
                    "Open the Log page (Ctrl+3) and choose “{log}” at its top. The newest visit is first.",
                    log=_LOG,
                ),
                LessonQuestion(
                    T("What does the log say that this check has found?"),
                    (
                        LessonAnswer(T("No banned app"), T("Open the newest visit in the practice log.")),
                        LessonAnswer(T("WeChat only"), T("There is one more: open the visit.")),
                        LessonAnswer(T("WeChat and a Kaspersky app"), T("Yes. Each is an entry of its own.")),
                    ),
                    2,
                ),
            ),
            LessonStep(
                "verify",
                T("Verify the practice log."),
                T(
                    "On the Log page, with “{log}” chosen: “{button}” (Ctrl+Shift+V).",
                    log=_LOG,
                    button=T("Verify the log…"),
                ),
                LogVerified(),
            ),
            LessonStep(
                "export",
                T("Export the entries of the practice log."),
                T(
                    "On the Log page, with “{log}” chosen: “{button}” (Ctrl+E). Any format and any folder will do.",
                    log=_LOG,
                    button=T("Export…"),
                ),
                outside_visits(exported),
            ),
            LessonStep(
                "checkpoint",
                T("Leave a checkpoint of the practice log in a folder."),
                T(
                    "On the Log page, with “{log}” chosen, in the menu behind the dots: “{entry}”",
                    log=_LOG,
                    entry=T("Leave a checkpoint in a folder or on a USB key…"),
                ),
                outside_visits(copy_left("folder")),
            ),
            LessonStep(
                "outside",
                T("Say what an outside copy is for."),
                T("A person who has this computer could also replace its log as a whole."),
                LessonQuestion(
                    T("What does a checkpoint show that is kept elsewhere?"),
                    (
                        LessonAnswer(
                            T("That every phone of the department was checked."),
                            T("The log cannot show a check that was never recorded."),
                        ),
                        LessonAnswer(
                            T("That the entries it covers were not changed or cut off since."),
                            T("Yes. A changed log would contradict it."),
                        ),
                        LessonAnswer(
                            T("That what was written is true."),
                            T("It shows that it was not changed afterwards, not that it was true."),
                        ),
                    ),
                    1,
                ),
            ),
        ),
    ),
)
