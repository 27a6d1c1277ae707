"""The dialog that saves the policy in a format that others speak, and tells what the format could not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from core import value_names
from core.jobs import Cancel
from core.model import Policy, Strength
from core.policy import convert
from core.policy.convert import LeftOut
from core.text import N, T, Text, plain
from gui.policy.short_list import ShortList
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_dialog import JobDialog, WrittenFile
from gui.toolkit.forms.form_fields import CheckBox, opener
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
    "stalkerware": T("A list in the format of stalkerware-indicators, for tools that read it."),
}


@dataclass(frozen=True, slots=True)
class Saved:
    """The file that was written, and what of the policy is not in it."""

    file: Path
    left_out: tuple[LeftOut, ...]


class ExportPolicyDialog(JobDialog):
    """Asks which rules are to be in the file, and where; saves it; tells what it could not say."""

    def __init__(
        self, policy: Policy, format: str, runner: JobRunner, memory: QSettings | None, parent: QWidget
    ) -> None:
        """`format` is a key of :data:`core.policy.convert.FORMATS`."""
        self._format = convert.FORMATS[format]
        super().__init__(runner, _LANE, T("Save for device management"), T("Save…"), parent)
        self._policy, self._memory = policy, memory
        self._file = Path()
        title = T("Format: {format}", format=self._format.title)
        self.form.addWidget(self.say.label(title, TextSize.STRONG))
        self.form.addWidget(self.say.label(_ABOUT.get(format, self._format.title)))
        self.form.addWidget(self.say.label(T("Banned apps are included. What else?")))
        self.further: dict[Strength, CheckBox] = {}
        for strength in (Strength.RECOMMENDATION, Strength.NOTICE):
            tick = self.further[strength] = CheckBox()
            self.say(tick.setText, value_names.STRENGTHS[strength])
            self.form.addWidget(tick)
        self.left_out = ShortList()
        self.say(self.left_out.setAccessibleName, T("What the format cannot contain"))
        self.told_left = WrappedLabel(TextSize.STRONG)
        self.outcome.addWidget(self.told_left)
        self.outcome.addWidget(self.left_out)
        self.open_folder = opener(T("Open the folder"), lambda: self._file.parent, self.say)
        self.add_tool(self.open_folder)
        self.fit()

    def work(self) -> Work[Any] | None:
        name = f"{self._policy.id}-{self._format.name}{self._format.suffix}".replace("+", "-")
        file = file_dialogs.save_as(self, T("Save for device management"), self._memory, _FOLDER, name)
        if file is None:
            return None
        strengths = (Strength.BAN, *(strength for strength, tick in self.further.items() if tick.isChecked()))
        return partial(_export, self._policy, self._format.name, strengths, file)

    def tell(self, value: Saved) -> None:
        self._file = value.file
        count = len(value.left_out)
        self.verdict.show_result(
            Status.AMBER if count else Status.GREEN,
            T("The policy is saved"),
            T("It contains less than the policy: see below.")
            if count
            else T("Everything in the chosen rules is in it."),
            value.file,
        )
        left_out = N(
            "{count} thing that the policy says is not in it:",
            "{count} things that the policy says are not in it:",
            count,
        )
        self.say(self.told_left.setText, left_out)
        self.told_left.setVisible(bool(count))
        self.left_out.show_lines(self._lines(value.left_out[:_ROWS]), count - _ROWS, _SEEN)
        self.say.again()
        message = T("Policy saved: {file}", file=plain(value.file.name, 120))
        self.file_written.emit(WrittenFile(message, value.file, value.file.parent))

    def _lines(self, left_out: Iterable[LeftOut]) -> Iterator[tuple[str, str]]:
        """What was left out: each reason once, with the icon of a line, and under it what it is about."""
        by_reason: dict[Text, list[LeftOut]] = {}
        for item in left_out:
            by_reason.setdefault(item.why, []).append(item)
        for why, items in by_reason.items():
            yield "info", str(why)
            for item in items:
                rule = self._policy.rule(item.rule)
                name = plain(str(rule.product), 80) if rule is not None else plain(item.rule)
                yield "", f"    {value_names.pair(name, plain(item.value, 80))}"


def _export(
    policy: Policy, format: str, strengths: tuple[Strength, ...], file: Path, cancel: Cancel, report: Report
) -> Saved:
    exported = convert.export(policy, format, strengths=strengths)
    cancel.check()
    file_dialogs.write(file, exported.data)
    return Saved(file, exported.left_out)
