"""Carrying home: what is new in the log, and how its rounds stand, is written to a stick for head office."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from core.desk.desk import Desk
from core.desk.papers.carry_home import SETTING, CarriedHome, carry_home, files_here_words, readable_words, recipients
from core.head_office.bundles.encryption import KEYS_LIMIT, short
from core.jobs import Cancel
from core.problem import Problem
from core.text import N, T, Text
from gui.toolkit.forms.form_dialog import JobDialog, WrittenFile
from gui.toolkit.forms.form_fields import CheckBox, FolderField, opener
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: The lane of it: the page is read meanwhile.
_LANE: Final = "carry home"
#: What the folder is remembered by.
_FOLDER: Final = "rounds/carried"


class RecipientsCard(QFrame):
    """Who can read what is carried home: those whose keys are named, or anybody."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.glyph = StatusIcon(20)
        self.headline = self.say.label("", TextSize.STRONG)
        self.sentence = self.say.label("")
        self.source = self.say.label("", TextSize.SMALL)
        texts = column(self.headline, self.sentence, self.source, spacing=STEP // 2)
        row(
            (self.glyph, 0, Qt.AlignmentFlag.AlignTop),
            (texts, 1),
            spacing=STEP + 4,
            inside=self,
            margins=(STEP * 2,) * 4,
        )

    def show_keys(self, keys: tuple[str, ...], source: Text | str = "") -> None:
        """Show that the owners of these keys can read it; `source` says who has set that."""
        if not keys:
            sentence = T(
                "A person who finds the USB key can read the bundle, with serial numbers and names. Head "
                "office’s public key prevents that."
            )
            self._show(Status.AMBER, "warning", T("Not encrypted"), sentence, source)
            return
        sentence = N(
            "It can be read only with the private key of {keys}.",
            "It can be read only with one of the private keys of {keys}.",
            len(keys),
            keys=", ".join(map(short, keys)),
        )
        self._show(Status.GREEN, "lock", T("Encrypted for head office"), sentence, source)
        self.say.long_tip(self, "\n".join(keys))

    def show_wrong(self, problem: Problem) -> None:
        """Show why it is not known who can read the bundle."""
        self._show(Status.RED, "", problem.sentence, problem.next_step, "")

    def _show(self, status: Status, icon: str, headline: Text, sentence: Text, source: Text | str) -> None:
        mark(self, status.value)
        self.glyph.show_status(status, icon)
        self.say(self.headline.setText, headline)
        self.say(self.sentence.setText, sentence)
        self.say(self.source.setText, source)
        self.source.setVisible(bool(source))
        self.say(self.setToolTip, "")
        self.say(self.setAccessibleDescription, "")
        self.say.name(self, lambda: " ".join(filter(None, map(str, (headline, sentence, source)))))


class CarryHomeDialog(JobDialog):
    """Asks for the stick, says who will be able to read what is on it, and writes the bundle."""

    def __init__(
        self, desk: Desk, runner: JobRunner, parent: QWidget, memory: QSettings | None, *, practice: bool
    ) -> None:
        super().__init__(runner, _LANE, T("Send to head office"), T("Write the bundle"), parent, practice=practice)
        self._desk, self._practice = desk, practice
        #: The bundle's folder, once it is written.
        self.bundle_folder = Path()
        self.explain(
            T(
                "What is new in this desk’s log since the last time, with everything needed to verify it, and "
                "the state of its rounds. Damaged or incomplete bundles that are there already are repaired."
            )
        )
        self.folder = FolderField(T("Folder, such as a USB key"), memory, _FOLDER)
        self.whole = CheckBox()
        self.say(self.whole.setText, T("The whole log, also what was sent before"))
        self.card = RecipientsCard()
        self.key = QLineEdit()
        self.key.setMaxLength(KEYS_LIMIT * 64)
        self.say(self.key.setPlaceholderText, T("age1…"))
        self.asked_key = QWidget()
        key_note = self.say.label(T("It is kept for the next time."), TextSize.SMALL, "muted")
        column(
            self.say.label_of(self.key, T("Head office’s public key")), self.key, key_note,
            spacing=STEP // 2, inside=self.asked_key,
        )  # fmt: skip
        self.another_key = self.say.button(T("Another key…"), self._ask_for_key, kind="link")
        for part in (self.folder, self.card, self.asked_key):
            self.form.addWidget(part)
        self.form.addLayout(row(self.another_key, None))
        self.form.addWidget(self.whole)
        self.add_tool(opener(T("Open the folder"), lambda: self.bundle_folder.parent, self.say))
        locked = desk.settings.is_locked(SETTING)
        self.asked_key.setVisible(not locked and not desk.settings.head_office_key)
        self.another_key.setVisible(not locked and bool(desk.settings.head_office_key))
        self.key.textChanged.connect(self._key_changed)
        self._key_changed()

    def _ask_for_key(self) -> None:
        self.another_key.hide()
        self.asked_key.show()
        self.key.setFocus()
        self.fit()

    @property
    def _typed(self) -> str | None:
        """The keys that were typed in; None where none was: then those count that are set."""
        return " ".join(self.key.text().split()) or None

    def _key_changed(self) -> None:
        """Show who can read it, as the form has it now. With a key that is none, nothing is written."""
        try:
            keys = recipients(self._desk, self._typed)
        except Problem as problem:
            self.card.show_wrong(problem)
            self.hold_back(problem.sentence, self.key, beside=False)
        else:
            theirs = self._desk.settings.is_locked(SETTING)
            self.card.show_keys(keys, T("Your organisation has set this.") if theirs else "")
            self.hold_back(None)
        self.fit()

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        return partial(self._carry, self.folder.folder, self.whole.isChecked(), self._typed)

    def _carry(self, folder: Path, whole: bool, typed: str | None, cancel: Cancel, report: Report) -> CarriedHome:
        if typed is not None:
            self._desk.change(head_office_key=typed)
        return carry_home(self._desk, self._practice, folder, whole=whole, report=report, cancel=cancel)

    def tell(self, value: CarriedHome) -> None:
        bundle = value.new_bundle
        self.bundle_folder = bundle.folder
        sentences = [
            T("Entries {first} to {last} are written and were read back.", first=bundle.first, last=bundle.last)
        ]
        if value.mended:
            count = len(value.mended)
            sentences.append(N("{count} earlier bundle was repaired.", "{count} earlier bundles were repaired.", count))
        keys = ", ".join(map(short, bundle.to))
        sentences.append(
            N("Encrypted to the key {keys}.", "Encrypted to the keys {keys}.", len(bundle.to), keys=keys)
            if bundle.to
            else T("Not encrypted: any person who has the folder can read it.")
        )
        if value.readable:
            sentences.append(readable_words(value.readable))
        if value.files_here:
            sentences.append(files_here_words(value.files_here))
        status = Status.GREEN if bundle.to and not value.readable else Status.AMBER
        headline = T("Ready to be sent to head office")
        self.verdict.show_result(status, headline, lambda: " ".join(map(str, sentences)), bundle.folder)
        self.say.again()  # the button tells where the folder is
        message = T("Bundle for head office written: {folder}", folder=bundle.folder.name)
        self.file_written.emit(WrittenFile(message, bundle.folder, bundle.folder.parent))
