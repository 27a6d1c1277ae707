"""The dialog that saves the policy in a format that others speak, and tells what the format could not say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from core import value_names
from core.jobs import Cancel
from core.model import Policy, Strength
from core.policy import convert
from core.policy.convert import LeftOut, PolicyFormat
from core.text import N, T, Text, plain
from gui.toolkit import file_dialogs
from gui.toolkit.form_dialog import JobDialog, WrittenFile
from gui.toolkit.form_fields import CheckBox, opener
from gui.toolkit.icons import icon
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.theme import Status, TextSize
from gui.toolkit.widgets import WrappedLabel

_LANE: Final = "policy export"
_FOLDER: Final = "papers/policy"
#: Rows of what was left out, and how many of them are seen at once.
_ROWS: Final = 500
_SEEN: Final = 6

#: What each is good for.
_ABOUT: Final[Mapping[str, Text]] = {
    "intune": T("A list for Microsoft Intune, which blocks these apps on managed phones."),
    "apple": T("A profile for iPhones and iPads that are supervised: it keeps these apps from being used."),
    "android-management": T("A part of an Android Management API policy: it blocks these apps on managed phones."),
    "stix2": T("Indicators that other security tools look for, MVT among them."),
    "stalkerware": T("A list as stalkerware-indicators has it, for tools that read that."),
}


def formats() -> Mapping[str, PolicyFormat]:
    """The formats, by their names."""
    return convert.FORMATS


@dataclass(frozen=True, slots=True)
class Saved:
    """The file, and what is not in it."""

    file: Path
    left_out: tuple[LeftOut, ...]


class ExportSheet(JobDialog):
    """Asks which rules are to be in it, and where; saves it; tells what it could not say."""

    def __init__(
        self, policy: Policy, format: str, runner: JobRunner, memory: QSettings | None, parent: QWidget
    ) -> None:
        """`format` is a key of :func:`formats`."""
        self._format = formats()[format]
        super().__init__(runner, _LANE, T("Save for device management"), T("Save…"), parent)
        self._policy, self._memory = policy, memory
        self._file = Path()
        title, about, bans = WrappedLabel(TextSize.STRONG), WrappedLabel(), WrappedLabel()
        self.say(title.setText, T("Format: {format}", format=self._format.title))
        self.say(about.setText, _ABOUT.get(format, self._format.title))
        self.say(bans.setText, T("What is banned is in it. What else?"))
        for part in (title, about, bans):
            self.form.addWidget(part)
        self.more: dict[Strength, CheckBox] = {}
        for strength in (Strength.RECOMMENDATION, Strength.NOTICE):
            tick = self.more[strength] = CheckBox()
            self.say(tick.setText, value_names.STRENGTHS[strength])
            self.form.addWidget(tick)
        self.left_out = QListWidget()
        self.left_out.setWordWrap(True)
        self.left_out.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.say(self.left_out.setAccessibleName, T("What the format could not say"))
        self.told_left = WrappedLabel(TextSize.STRONG)
        self.outcome.addWidget(self.told_left)
        self.outcome.addWidget(self.left_out)
        self.open_folder = opener(T("Open the folder"), lambda: self._file.parent, self.say)
        self.add_tool(self.open_folder)
        self.fit()

    def work(self) -> Work[Any] | None:
        name = f"{self._policy.id}-{self._format.name}{self._format.suffix}".replace("+", "-")
        file = file_dialogs.choose_new(
            self, T("Save for device management"), file_dialogs.remembered(self._memory, _FOLDER) / name
        )
        if file is None:
            return None
        file_dialogs.remember(self._memory, _FOLDER, file.parent)
        strengths = (Strength.BAN, *(strength for strength, tick in self.more.items() if tick.isChecked()))
        return partial(_export, self._policy, self._format.name, strengths, file)

    def tell(self, value: Saved) -> None:
        self._file = value.file
        count = len(value.left_out)
        all_of_it = T("All that the chosen rules say is in it.")
        self.verdict.show_result(
            Status.AMBER if count else Status.GREEN,
            T("The policy is saved"),
            T("It says less than the policy does: see below.") if count else all_of_it,
            value.file,
        )
        left = N(
            "{count} thing that the policy says is not in it:",
            "{count} things that the policy says are not in it:",
            count,
        )
        self.say(self.told_left.setText, left)
        self.left_out.clear()
        for why, ones in _by_reason(value.left_out[:_ROWS]).items():
            self.left_out.addItem(QListWidgetItem(icon("info"), str(why)))
            for one in ones:
                rule = self._policy.rule(one.rule)
                name = plain(str(rule.product), 80) if rule is not None else plain(one.rule)
                self.left_out.addItem(f"    {value_names.pair(name, plain(one.value, 80))}")
        if count > _ROWS:
            self.left_out.addItem(str(N("and {count} more.", "and {count} more.", count - _ROWS)))
        rows = sum(max(self.left_out.sizeHintForRow(n), 24) for n in range(min(self.left_out.count(), _SEEN)))
        self.left_out.setFixedHeight(rows + 8)
        for part in (self.told_left, self.left_out):
            part.setVisible(bool(count))
        self.say.again()
        told = T("Policy saved: {file}", file=plain(value.file.name, 120))
        self.made.emit(WrittenFile(told, value.file, value.file.parent))


def _by_reason(left_out: Iterable[LeftOut]) -> dict[Text, list[LeftOut]]:
    """What was left out, each reason once."""
    found: dict[Text, list[LeftOut]] = {}
    for one in left_out:
        found.setdefault(one.why, []).append(one)
    return found


def _export(
    policy: Policy, format: str, strengths: tuple[Strength, ...], file: Path, cancel: Cancel, report: Report
) -> Saved:
    exported = convert.export(policy, format, strengths=strengths)
    cancel.check()
    file_dialogs.write(file, exported.data)
    return Saved(file, exported.left_out)
