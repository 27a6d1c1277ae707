"""Which chapter of the manual belongs to what is on the screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QDialog

from core.model import Verdict
from gui.desk.ready.readiness import readiness_of
from gui.desk.session.phone_view import Phase, PhoneView
from gui.window import pages
from gui.window.shell import WindowShell

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


def chapter_of_dialog(dialog: QDialog) -> str:
    """The anchor of the chapter for a dialog; empty for one that belongs to its page."""
    return DIALOGS.get(type(dialog).__name__, "")


def chapter_on_screen(shell: WindowShell) -> str:
    """The anchor of the chapter for the page that is shown, and on the Desk page for the state of its phone."""
    session = shell.desk_page.shown_session()
    if shell.page_name() != pages.DESK or session is None:
        return shell.chapter()
    page = shell.desk_page.page
    if page.unfolded.look:
        return LOOKING
    if page.unfolded.hand_back:
        return HANDED_BACK
    return chapter_of_phone(session, ready=readiness_of(session, page.fingerprint) is None) or shell.chapter()


def chapter_of_phone(view: PhoneView, *, ready: bool = True) -> str:
    """The anchor of the chapter for a phone as it stands, if it has one; `ready`: it can be read."""
    if view.is_handed_back or view.phase is Phase.HANDING_BACK:
        return HANDED_BACK
    if not ready:
        return NOT_READY
    if view.changing:
        return CHANGING
    if view.busy:
        return READING
    return VERDICTS[view.verdict] if view.verdict is not None else ""
