"""Which chapter of the manual belongs to what is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from PySide6.QtWidgets import QDialog

from core.model import Verdict
from gui.desk.ready.readiness import readiness_of
from gui.desk.session.phone_view import Phase, PhoneView

if TYPE_CHECKING:
    from gui.rounds.rounds_page import RoundsPage
    from gui.window.main_window import MainWindow

#: By page, where nothing of it says more.
PAGES: Final = {
    "desk": "officer#check-a-phone",
    "round": "officer#a-round",
    "log": "officer#the-log-as-evidence",
    "policy": "officer#the-policy-and-exceptions",
    "settings": "officer#settings",
}
#: By dialog, where the page below it is about something else.
DIALOGS: Final = {
    "AssetLabelDialog": "officer#check-a-phone",
    "CarryHomeDialog": "head-office#from-the-desk-to-head-office",
    "CheckpointDialog": "administrator#outside-copies",
    "CrashFilesDialog": "officer#when-fanion-ended-unexpectedly",
    "DailyCloseDialog": "administrator#outside-copies",
    "DueValuesDialog": "administrator#retention",
    "EnrolmentDialog": "administrator#keys",
    "LessonsDialog": "lessons#how-the-lessons-go",
    "LogExportDialog": "administrator#exports-and-your-siem",
    "NewPasswordDialog": "administrator#kiosk",
    "OfficerDialog": "officer#what-is-recorded",
    "ReceiptDialog": "officer#the-log-as-evidence",
    "ShortcutsDialog": "officer#with-keys-alone-larger-or-read-aloud",
    "StampReplyDialog": "administrator#outside-copies",
    "StampRequestDialog": "administrator#outside-copies",
    "TrainingRecordDialog": "lessons#the-training-record",
}
STORE: Final = "head-office#the-page-of-the-store"
NOT_READY: Final = "officer#a-phone-that-is-not-ready"
READING: Final = "officer#while-a-phone-is-read"
CHANGING: Final = "officer#remove-and-put-back"
LOOKING: Final = "officer#look-on-the-phone-yourself"
HANDED_BACK: Final = "officer#hand-it-back"
VERDICTS: Final = {
    Verdict.RED: "officer#a-red-phone",
    Verdict.AMBER: "officer#an-amber-phone",
    Verdict.GREEN: "officer#a-green-phone",
}


def chapter_of_dialog(window: MainWindow, dialog: QDialog) -> str:
    """The anchor of the chapter for a dialog; of one that belongs to its page, that of the page."""
    return DIALOGS.get(type(dialog).__name__) or chapter_on_screen(window)


def chapter_on_screen(window: MainWindow) -> str:
    """The anchor of the chapter for the open lesson; else for the page that is shown, and the state of its phone."""
    if chapter := window.beside.lesson_chapter:
        return chapter
    name = window.page_name()
    page = window.stack.currentWidget()
    if name == "round":
        return STORE if cast("RoundsPage", page).at_store else PAGES[name]
    session = window.desk_page.shown_session()
    if name != "desk" or session is None:
        return PAGES[name]
    shown = window.desk_page.page
    if shown.unfolded.look:
        return LOOKING
    if shown.unfolded.hand_back:
        return HANDED_BACK
    return chapter_of_phone(session, ready=readiness_of(session, shown.fingerprint) is None)


def chapter_of_phone(view: PhoneView, *, ready: bool = True) -> str:
    """The anchor of the chapter for a phone as it stands; `ready`: it can be read."""
    if view.is_handed_back or view.phase is Phase.HANDING_BACK:
        return HANDED_BACK
    if not ready:
        return NOT_READY
    if view.changing:
        return CHANGING
    if view.busy:
        return READING
    return VERDICTS[view.verdict] if view.verdict is not None else PAGES["desk"]
