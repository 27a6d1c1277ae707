"""The dialog in which a log is verified: this desk's, or what another desk has exported."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core import describe, value_names
from core.describe.verification import Paragraph, as_text, fault_about, is_warning, more_words, verification_text
from core.desk.desk import Desk
from core.desk.papers import log_evidence
from core.jobs import Cancel
from core.ledger.records import Entry, read_entry
from core.ledger.records.leaf import LEAF_LIMIT
from core.ledger.verify.faults import Verification
from core.ledger.verify.record_check import SEQ
from core.text import T, Text, plain
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import FolderField
from gui.toolkit.grey_reason import offer
from gui.toolkit.images.icons import icon
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report, Work, one_call
from gui.toolkit.layouts import column, empty, row
from gui.toolkit.parts import CopyButton, Parts, Segments
from gui.toolkit.theme import STEP, Status, TextSize
from gui.toolkit.widgets import StatusIcon, as_tip, copy

#: Files that are compared at once: more than an officer has, and no more than can be read while the officer waits.
_FILES: Final = 200
_COPIES: Final = "*.pdf *.tlog-proof *.txt *.checkpoint *.note"
#: Rows of the list of faults that are seen at once, and receipts that are told of one by one.
_ROWS: Final = 8
_TOLD: Final = 20
#: What a row of a list is about: the number of an entry; a file's path, or a pasted text.
_ENTRY_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_PATH_ROLE: Final = _ENTRY_ROLE
_TEXT_ROLE: Final = _ENTRY_ROLE + 1
#: Characters of a time, without its seconds.
_MINUTE: Final = len("2026-11-24 14:32")
#: Characters of a checkpoint that is pasted; more is none.
_PASTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class SuppliedEvidence:
    """What is brought from outside to be compared with a log: files, pasted texts, keys."""

    files: list[Path]
    texts: list[str]
    keys: Path | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified, and the records that the receipts are about."""

    verification: Verification
    proved: tuple[Entry, ...] = ()


class SuppliedFiles(QListWidget):
    """Files by their names. Delete takes those that are chosen off the list."""

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setFixedHeight(STEP * 10)
        self.setAcceptDrops(False)  # what is dropped here is for the dialog
        self.viewport().setAcceptDrops(False)

    def add(self, file: Path) -> None:
        """Put a file on the list."""
        item = QListWidgetItem(icon("receipt"), plain(file.name, 200))
        item.setToolTip(as_tip(str(file)))
        item.setData(_PATH_ROLE, str(file))
        self.addItem(item)

    def add_text(self, text: str) -> None:
        """Put a pasted checkpoint on the list."""
        lines = text.splitlines()
        description = T(
            "Pasted: {origin}, {size}", origin=plain(lines[0], 80), size=plain(lines[1] if lines[1:] else "?", 20)
        )
        item = QListWidgetItem(icon("copy"), str(description))
        item.setData(_TEXT_ROLE, text)
        self.addItem(item)

    def paths(self) -> list[Path]:
        """The files on the list."""
        return [Path(path) for path in self._data(_PATH_ROLE)]

    def texts(self) -> list[str]:
        """The pasted texts on the list."""
        return self._data(_TEXT_ROLE)

    def remove_selected(self) -> None:
        """Take the chosen rows off the list."""
        for item in self.selectedItems():
            self.takeItem(self.row(item))

    def _data(self, role: int) -> list[str]:
        texts = (self.item(number).data(role) for number in range(self.count()))
        return [text for text in texts if text]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):
            self.remove_selected()
        else:
            super().keyPressEvent(event)


class VerifyDialog(JobDialog):
    """Asks what to verify and what to compare it with; verifies; says what it came to."""

    #: The number of a record of this desk's log that is to be seen.
    entry_wanted = Signal(int)

    def __init__(
        self, desk: Desk, runner: JobRunner, practice: bool, memory: QSettings | None, parent: QWidget
    ) -> None:
        super().__init__(runner, "verify", T("Verify the log"), T("Verify"), parent)
        self.name_practice(practice)
        self._desk, self._practice, self._memory = desk, practice, memory
        self._keys: Path | None = None
        self._verified_at = ""
        self._of_export = False
        self.verification: Verification | None = None
        self._proved: tuple[Entry, ...] = ()
        self.setAcceptDrops(True)
        self._ask()
        self._tell()
        self.resize(760, 0)
        self.fit()

    # What is asked

    def _ask(self) -> None:
        own = T("The practice log") if self._practice else T("This desk’s log")
        self._log_choice, (self.own, self.exported) = self.say.chips(own, T("Another desk’s export…"))
        self.folder = FolderField(T("Folder that the other desk has exported"), self._memory, "papers/verify")
        self.folder.hide()
        self._log_choice.idToggled.connect(self._which_chosen)
        self.explain(
            T(
                "The fingerprint of every entry is computed again and compared with the seals, and with what you "
                "bring from outside."
            )
        )
        self.form.addLayout(row(Segments(self.own, self.exported), None))
        self.form.addWidget(self.folder)
        self._ask_copies()
        self._ask_keys()

    def _ask_copies(self) -> None:
        title = T("Outside copies to compare with (optional)")
        explained = T(
            "Receipts, proofs and checkpoints that were kept elsewhere. Drag them here, add them, or paste their text."
        )
        self.copies = SuppliedFiles()
        self.say(self.copies.setAccessibleName, title)
        self.add = self.say.button(T("Add files…"), self._choose_copies)
        tip = T("The text of a QR code, or of a checkpoint that was sent by mail")
        self.paste = self.say.button(T("Paste a checkpoint"), self._paste, tip=tip)
        self.remove = self.say.button(T("Take off the list"), self.copies.remove_selected)
        self.explain(title, TextSize.STRONG)
        self.explain(explained, TextSize.SMALL, "muted")
        self.form.addWidget(self.copies)
        offer(self.remove, False)
        self.copies.itemSelectionChanged.connect(lambda: offer(self.remove, bool(self.copies.selectedItems())))
        self.form.addLayout(row(self.add, self.paste, self.remove, None))

    def _ask_keys(self) -> None:
        self.keys = self.say.line(self._keys_words)
        self.choose_keys = self.say.button(T("Choose…"), self._choose_keys, name=T("Choose the enrolment file"))
        without = T("Use no enrolment file")
        self.clear_keys = self.say.button("", lambda: self.use_keys(None), icon="clear", name=without, tip=without)
        self.explain(T("Keys from the enrolment sheet (optional)"), TextSize.STRONG)
        self.form.addLayout(row((self.keys, 1), self.clear_keys, self.choose_keys))
        self.use_keys(None)

    def use_export(self, folder: Path) -> None:
        """Choose to verify what another desk has exported into this folder."""
        self.exported.setChecked(True)
        self.folder.use(folder)

    def use_copies(self, files: Iterable[Path]) -> None:
        """Put files on the list of what the log is compared with."""
        for file in files:
            if self.copies.count() < _FILES and file not in self.copies.paths():
                self.copies.add(file)

    def use_keys(self, file: Path | None) -> None:
        """Verify with the keys of this enrolment file; None: with those that this computer knows."""
        self._keys = file
        self.clear_keys.setVisible(file is not None)
        self.say(self.keys.setText, self._keys_words)

    def _keys_words(self) -> Text | str:
        return plain(self._keys.name, 200) if self._keys else T("None: the keys that this computer knows are used")

    def _which_chosen(self, number: int, checked: bool) -> None:
        if checked:
            self.folder.setVisible(number == 1)
            self.name_practice(self._practice and number == 0)
            self.fit()

    def _choose_copies(self) -> None:
        title = T("Outside copies to compare with")
        self.use_copies(file_dialogs.choose_files(self, title, self._memory, "papers/copies", _COPIES))

    def _paste(self) -> None:
        pasted = QGuiApplication.clipboard().text()[:_PASTED].strip()
        if pasted and self.copies.count() < _FILES:
            self.copies.add_text(f"{pasted}\n")

    def _choose_keys(self) -> None:
        title = T("Keys from the enrolment sheet")
        file = file_dialogs.choose_file(self, title, self._memory, "papers/copies", "*.txt")
        if file is not None:
            self.use_keys(file)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.question_part.isVisible() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        dropped = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.use_copies(file for file in dropped if file.is_file())
        folder = next((path for path in dropped if path.is_dir()), None)
        if folder is not None:
            self.use_export(folder)
        event.acceptProposedAction()

    # What is done

    def work(self) -> Work[Any] | None:
        self._of_export = self.exported.isChecked()
        supplied = SuppliedEvidence(self.copies.paths(), self.copies.texts(), self._keys)
        if self._of_export:
            self.folder.keep()
            return partial(verify_export, self.folder.folder, supplied)
        return partial(verify_own, self._desk, self._practice, supplied)

    # What it came to

    def _tell(self) -> None:
        self._parts, self._about = column(spacing=STEP + 4), column(spacing=STEP + 4)
        self.faults = QListWidget()
        self.faults.setWordWrap(True)
        self.faults.itemActivated.connect(self._go_to)
        self.faults_label = self.say.label(T("What was found"), TextSize.STRONG)
        self.say.name(self.faults, T("What was found"), lambda: "" if self._of_export else T("Enter shows the entry"))
        self.saved = self.say.line("", TextSize.SMALL, "muted")
        self.copy_result = CopyButton(T("Copy the result"), self._copy)
        self.save_result = self.say.button(T("Save as…"), self._save, icon="export")
        self.again = self.say.button(T("Verify again…"), self.ask_again, icon="refresh")
        for tool in (self.copy_result, self.save_result, self.again):
            self.add_tool(tool)
        self.outcome.addLayout(
            column(self.saved, self._about, self.faults_label, self.faults, self._parts, spacing=STEP + 4)
        )

    def tell(self, value: Verified) -> None:
        self.verification, self._proved = value.verification, value.proved
        self._verified_at = datetime.now().isoformat(sep=" ", timespec="minutes")
        result = verification_text(value.verification)
        self.verdict.show_result(Status(result.tone.value), result.headline, result.sentence)
        empty(self._about)
        empty(self._parts)
        for entry in value.proved[:_TOLD]:
            self._add(self._about, _PartView(about_receipt(entry), "receipt"))
        for part in result.parts:
            self._add(self._parts, _PartView(part, "warning" if part.limits else "info"))
        self.faults.clear()
        for fault in result.faults:
            words = T("{about}: {what}", about=fault_about(fault), what=fault.sentence)
            item = QListWidgetItem(icon("warning" if is_warning(fault) else "cross"), str(words))
            item.setData(_ENTRY_ROLE, fault.first)
            self.faults.addItem(item)
        if result.further_count:
            self.faults.addItem(QListWidgetItem(str(more_words(result.further_count))))
        for widget in (self.faults, self.faults_label):
            widget.setVisible(bool(result.faults))
        height = sum(self.faults.sizeHintForRow(number) for number in range(min(self.faults.count(), _ROWS)))
        self.faults.setFixedHeight(height + STEP)
        self.say(self.saved.setText, "")
        self.saved.hide()

    def _add(self, box: QVBoxLayout, view: QWidget) -> None:
        """Add and show at once: how tall the dialog has to be is asked before Qt would show it."""
        box.addWidget(view)
        view.show()

    def text(self) -> str:
        """The result as a text to be kept: what was verified, with what, and what was found."""
        if self.verification is None:
            return ""
        copies = tuple(self.copies.item(number).text() for number in range(self.copies.count()))
        keys = (plain(self._keys.name, 200),) if self._keys else ()
        about = [about_receipt(entry) for entry in self._proved]
        lines = [str(T("{a} {b}", a=paragraph.title, b=paragraph.meaning)) for paragraph in about]
        return "\n".join([as_text(self.verification, self._verified_at, copies + keys), *lines]).rstrip("\n") + "\n"

    def _go_to(self, item: QListWidgetItem) -> None:
        number = item.data(_ENTRY_ROLE)
        if number and not self._of_export:
            self.entry_wanted.emit(number)

    def _copy(self) -> None:
        copy(self.text())
        self.copy_result.confirm()

    def _save(self) -> None:
        name = f"fanion-verification-{datetime.now():%Y%m%d-%H%M}.txt"
        file = file_dialogs.save_as(self, T("Save the result"), self._memory, "papers/results", name)
        if file is not None:
            work = one_call(file_dialogs.write, file, self.text().encode())
            self._runner.start(self, "verify", work, partial(self._has_saved, file))

    def _has_saved(self, file: Path, end: JobEnd[None]) -> None:
        self.saved.show()
        if isinstance(end, Done):
            self.say(self.saved.setText, T("Saved as {file}.", file=file.name))
        elif isinstance(end, Failed):
            self.say(self.saved.setText, T("{a} {b}", a=end.problem.sentence, b=end.problem.next_step))


class _PartView(QWidget):
    """A paragraph about what the result rests on, with the icon `name`."""

    def __init__(self, part: Paragraph, name: str) -> None:
        super().__init__()
        self.say = Parts(self)
        glyph = StatusIcon(18, Status.AMBER if part.limits else Status.NEUTRAL, name)
        texts = column(
            self.say.label(part.title, TextSize.STRONG, selectable=True),
            self.say.label(part.meaning, kind="muted", selectable=True),
            spacing=STEP // 4,
        )
        row((glyph, 0, Qt.AlignmentFlag.AlignTop), (texts, 1), spacing=STEP + 4, inside=self)


def about_receipt(entry: Entry) -> Paragraph:
    """What a receipt is about, in words to be compared with its page."""
    verdict = describe.verdict(entry)
    title = value_names.VERDICTS[verdict] if verdict is not None else describe.kind(entry)
    description = ", ".join(
        filter(None, (describe.when(entry)[:_MINUTE], describe.phone_with_model(entry), str(title)))
    )
    return Paragraph(
        T("This receipt is about entry {entry}: {told}.", entry=entry.seq, told=description),
        T("Compare that with the page."),
    )


# What is done off the GUI thread


def verify_own(desk: Desk, practice: bool, supplied: SuppliedEvidence, cancel: Cancel, report: Report) -> Verified:
    """Verify a log of this desk. Raises Problem, Cancelled."""
    verification = log_evidence.verify(desk, practice, supplied.files, supplied.keys, report, cancel, supplied.texts)
    if not verification.proved:
        return Verified(verification)
    with desk.read_ledger(practice) as ledger:
        entries = ledger.entries_numbered(list(verification.proved))
    return Verified(
        verification, tuple(entry for entry in entries if entry.leaf_hash == verification.proved[entry.seq])
    )


def verify_export(folder: Path, supplied: SuppliedEvidence, cancel: Cancel, report: Report) -> Verified:
    """Verify what another desk exported. Raises Problem, Cancelled."""
    verification = log_evidence.verify_export(folder, supplied.files, supplied.keys, report, cancel, supplied.texts)
    return Verified(verification, tuple(_exported(folder, verification.proved, cancel)))


def _exported(folder: Path, proved: Mapping[int, bytes], cancel: Cancel) -> Iterator[Entry]:
    """Those records of a verified export that have these hashes, by number: what was changed since is not shown."""
    hashes = dict(proved)
    try:
        with (folder / "leaves.jsonl").open("rb") as file:
            for count in itertools.count(1):
                if not hashes or not (line := file.readline(LEAF_LIMIT + 2)):
                    return
                if count % 4096 == 0:
                    cancel.check()
                match = SEQ.search(line)
                if match and (expected := hashes.pop(int(match[1]), None)):
                    with contextlib.suppress(ValueError, TypeError):
                        yield read_entry(int(match[1]), line.rstrip(b"\n"), expected, {})
    except OSError:
        return
