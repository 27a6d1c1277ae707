"""The dialog that imports a signed policy from a USB stick: it is accepted, or refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSettings, QStorageInfo, Signal
from PySide6.QtWidgets import QWidget

from core.desk.desk import Desk
from core.desk.policy import policy_import
from core.desk.settings.settings import MACHINE_FILE
from core.jobs import Cancel
from core.policy.trust import refusals
from core.policy.trust.accepted import Accepted
from core.policy.trust.usb_stick import FOLDER
from core.policy.wording import long_date
from core.text import T
from gui.policy.edit.change_dialogs import LANE
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import FolderField
from gui.toolkit.jobs import Done, JobEnd, JobRunner, Report, Work
from gui.toolkit.layouts import Part, column, row
from gui.toolkit.theme import STEP, Status, TextSize
from gui.toolkit.widgets import copy

_KEY: Final = "papers/stick"
#: A lane of its own: a medium that does not answer keeps nothing else waiting.
_LOOK: Final = "policy media"
#: Where systems put what is plugged in.
_REMOVABLE: Final = ("/media/", "/run/media/", "/Volumes/", "/mnt/")


@dataclass(frozen=True, slots=True)
class PolicyImport:
    """The policy that was accepted, and whether it was in force already."""

    accepted: Accepted
    was_in_force: bool


class ImportPolicyDialog(JobDialog):
    """Chooses a folder, has it verified, and shows the result."""

    #: A policy was accepted and is in force.
    imported = Signal()

    def __init__(self, desk: Desk, runner: JobRunner, memory: QSettings | None, parent: QWidget) -> None:
        super().__init__(runner, LANE, T("Import a signed policy"), T("Verify and accept"), parent)
        self._desk = desk
        explained = T(
            "The policy team’s USB key has a folder named “metadata”. Every signature on it is verified; if "
            "anything is wrong, nothing changes on this computer."
        )
        self.folder = FolderField(T("Folder with the signed policy"), memory, _KEY)
        self._chosen = False
        self.folder.changed.connect(self._choose)
        self.form.addWidget(self.say.label(explained))
        self.form.addWidget(self.folder)
        self.resize(640, 0)
        if not desk.settings.policy_root:
            no_root = refusals.no_root(str(MACHINE_FILE))
            self.complain(no_root)
            self.hold_back(no_root.sentence, beside=False)
        self.fit()
        runner.start(self, _LOOK, _removable, self._take_folder)

    def _choose(self) -> None:
        self._chosen = True

    def _take_folder(self, end: JobEnd[Path | None]) -> None:
        if isinstance(end, Done) and end.value is not None and not self._chosen:
            self.folder.use(end.value)
            self._chosen = False

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        return partial(_import, self._desk, self.folder.folder)

    def tell(self, value: PolicyImport) -> None:
        accepted = value.accepted
        about = T(
            "{id}, version {version}, valid until {date}.",
            id=accepted.policy_id,
            version=accepted.policy_version,
            date=long_date(accepted.expires.astimezone(UTC).date()),
        )
        title = T("It was in force already") if value.was_in_force else T("The signed policy is in force")
        self.verdict.show_result(Status.GREEN, title, about)
        self._show_keys(accepted)
        self.imported.emit()

    def _show_keys(self, accepted: Accepted) -> None:
        """Show whose keys have signed the policy, to be compared with what the policy team says."""
        parts: list[Part] = []
        for title, keys in (
            (T("Keys of the policy team"), accepted.root_keys),
            (T("Keys that say which version is current"), accepted.online_keys),
        ):
            parts.append(self.say.line(title, TextSize.SMALL, "muted"))
            for key in keys:
                take = self.say.button(
                    T("Copy"), lambda checked=False, key=key: copy(key), kind="link", name=T("{what}: copy", what=title)
                )
                parts.append(row((self.say.line(key), 1), take))
        self.keys = QWidget()
        column(*parts, spacing=STEP // 2, inside=self.keys)
        self.outcome.addWidget(self.keys)
        self.keys.show()


def _import(desk: Desk, folder: Path, cancel: Cancel, report: Report) -> PolicyImport:
    before = desk.accepted()
    accepted = policy_import.import_policy(desk, folder, cancel)
    return PolicyImport(accepted, accepted == before)


def _removable(cancel: Cancel, report: Report) -> Path | None:
    """A medium that is plugged in: the one with a signed policy, else any; None if there is none."""
    places = [Path(volume.rootPath()) for volume in QStorageInfo.mountedVolumes() if volume.isReady()]
    system = Path(QStorageInfo.root().rootPath())
    plugged = [
        place
        for place in places
        if place != system and (str(place).startswith(_REMOVABLE) or (place.drive and place.drive != system.drive))
    ]
    for place in plugged:
        cancel.check()
        for folder in (place / FOLDER, place):
            if (folder / "metadata").is_dir():
                return folder
    return plugged[0] if plugged else None
