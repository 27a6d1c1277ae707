"""What a policy is, at the top of its page: its name, why it is believed, and how it can be told from any other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QWidget

from core import value_names
from core.desk.active_policy import ActivePolicy
from core.model import Layer, Policy, Strength, Trust
from core.policy.layers import layers
from core.policy.wording import long_date
from core.text import N, T, Text, plain
from gui.policy.card_dialog import CardDialog
from gui.policy.page_data import PageData
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.rows_table import CELL, bounded
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import ElidedLabel, copy

#: Milliseconds for which a button says that it did what it was asked to.
_THANKS: Final = 2_000
#: Characters of it that tell two versions of a policy apart at a glance.
_SHA: Final = 12


class PolicyHeader(QFrame):
    """The policy in a few lines, at the top of its page."""

    def __init__(self) -> None:
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self.say(self.setAccessibleName, T("The policy in force"))
        self._policy: Policy | None = None
        self._small = False
        self.title = ElidedLabel(TextSize.TITLE)
        self.scope = ElidedLabel()
        mark(self.scope, "muted")
        self.version = _Fact(self.say, T("Version"), 22)
        self.issued, self.since = _Fact(self.say, T("Issued")), _Fact(self.say, T("In force here since"))
        self.trust, self.sha256 = _Fact(self.say, T("Why it is trusted")), _Fact(self.say, "SHA-256")
        self.copy_button = self.say.button(
            T("Copy"),
            self._copy,
            kind="link",
            name=T("Copy the SHA-256"),
            tip=T("Copy the SHA-256 of the file, to compare it with the one that you were given"),
        )
        files = T("The files that it was made of, each with its version and SHA-256")
        self.parts = self.say.button("", kind="link", tip=files)
        also = T("Apps that can contain other apps, and web addresses of services")
        self.beside = self.say.button(T("More in this policy…"), kind="link", tip=also)
        #: Where there is little room, shows and hides everything but the title.
        details = T("Version, dates, why it is trusted, SHA-256")
        self.details = self.say.button(T("Details"), icon="chevron-down", kind="chip", tip=details, folds=True)
        self.details.toggled.connect(self._show_about)
        by_another = T("Choose which of the policies that come with Fanion this desk uses")
        self.choose = self.say.button(T("Choose a policy…"), kind="link", tip=by_another)
        self._thanks = QTimer(self, singleShot=True, interval=_THANKS)
        self._thanks.timeout.connect(lambda: self.say(self.copy_button.setText, T("Copy")))
        self._about = QWidget()
        facts = (self.version, self.issued, self.since, self.trust, self.sha256)
        self._facts = row(*facts, self.copy_button, spacing=STEP * 2)
        scope = row((self.scope, 1), self.beside, self.parts, self.choose, spacing=STEP * 2)
        column(scope, self._facts, spacing=STEP, inside=self._about)
        self._column = column(row((self.title, 1), self.details), self._about, spacing=STEP // 2, inside=self)
        self.be_small(False)

    def be_small(self, small: bool) -> None:
        """Where there is little room, only the title is shown, until more is asked for."""
        self._small = small
        edge = STEP // 4 if small else STEP * 3 // 2
        self._column.setContentsMargins(STEP * 2, edge, STEP if small else STEP * 2, edge)
        self.details.setVisible(small)
        self._show_about()

    def _show_about(self) -> None:
        self._about.setVisible(not self._small or self.details.isChecked())

    def show_policy(self, page_data: PageData, file: str) -> None:
        """Show what is in force. `file` is the path that the settings name; empty for what comes with Fanion."""
        policy, since = page_data.policy, page_data.since
        self._policy = policy
        self.say(self.title.setText, lambda: bounded(str(policy.title)))
        scope = T("In force for: {scope} ({rules})", scope=policy.scope, rules=counted(policy))
        self.say(self.scope.setText, lambda: bounded(str(scope)))
        self.say(self.version.value.setText, bounded(f"{policy.id} {policy.version}"))
        self.say(self.issued.value.setText, long_date(policy.issued))
        self.say(self.since.value.setText, since.words if since.since is None else moment(since.since))
        self.say(self.trust.value.setText, _trust(page_data.force, file))
        self.choose.setVisible(page_data.choice_locked is None)
        self.beside.setVisible(bool(policy.containers or policy.web))
        files = len(policy.layers)
        self.parts.setVisible(files > 1)
        self.say(self.parts.setText, N("Made of {count} file…", "Made of {count} files…", files))
        self.sha256.value.setText(f"{policy.sha256[:_SHA]}…")
        self.sha256.value.setAccessibleName(policy.sha256)
        self.sha256.value.setToolTip(policy.sha256)
        self._share()

    def _share(self) -> None:
        """Give every fact its part of the width, by what it has to say."""
        for fact in (self.version, self.issued, self.since, self.trust, self.sha256):
            self._facts.setStretchFactor(fact, fact.wish)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._share()

    def _copy(self) -> None:
        if self._policy is not None:
            copy(self._policy.sha256)
            self.say(self.copy_button.setText, T("Copied"))
            self._thanks.start()


class _Fact(QWidget):
    """A value with its name above it."""

    def __init__(self, say: Parts, caption: Translatable, wish: int = 48) -> None:
        super().__init__()
        self.caption = say.line(caption, TextSize.SMALL, "muted")
        self.value = _Value(wish)
        column(self.caption, self.value, spacing=0, inside=self)

    @property
    def wish(self) -> int:
        """Logical pixels of width that the value, or its name, would fill."""
        return max(self.caption.sizeHint().width(), self.value.sizeHint().width(), 1)


class _Value(ElidedLabel):
    """A line that asks for the room of `wish` characters at most: a file's long path leaves its neighbours theirs."""

    def __init__(self, wish: int) -> None:
        super().__init__()
        self._wish = wish

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), self.fontMetrics().averageCharWidth() * self._wish), hint.height())


def counted(policy: Policy) -> Text:
    """How many rules of each strength there are."""
    of = Counter(rule.strength for rule in policy.rules)
    return T(
        "{bans}, {recommendations}, {notices}",
        bans=N("{count} ban", "{count} bans", of[Strength.BAN]),
        recommendations=N("{count} recommendation", "{count} recommendations", of[Strength.RECOMMENDATION]),
        notices=N("{count} notice", "{count} notices", of[Strength.NOTICE]),
    )


def warnings(page_data: PageData, file: str) -> list[Translatable]:
    """What an officer has to be warned of beside the policy, the weightiest first."""
    sentences: list[Translatable] = []
    if page_data.force.base.trust is Trust.UNSIGNED:
        sentences.append(
            T(
                "This policy is not signed: a person who can write the file {file} decides what is banned here.",
                file=plain(Path(file).name) if file else page_data.force.base.source,
            )
        )
    sentences += page_data.force.warnings
    if page_data.stands:
        sentences.append(T("This desk’s own rules are in force: they are not signed."))
    if page_data.unread is not None:
        sentences.append(page_data.unread.sentence)
    return sentences


def moment(when: datetime) -> Text:
    """A time in words, by this computer's clock."""
    local = when.astimezone()
    return T("{date}, {time}", date=long_date(local.date()), time=f"{local:%H:%M}")


def _trust(force: ActivePolicy, file: str) -> Translatable:
    """Why the policy is believed. The desk's own rules, which stand on it, are told apart (:func:`warnings`)."""
    why = value_names.TRUST[force.base.trust]
    if force.accepted is not None:
        day = long_date(force.accepted.expires.astimezone(UTC).date())
        return T("{why}, valid until {date}", why=why, date=day)
    if force.base.trust in (Trust.MACHINE, Trust.UNSIGNED) and file:
        # The file's own name first: what is elided is the end.
        path = Path(file)
        return T("{why}: {file}, in {folder}", why=why, file=plain(path.name), folder=plain(str(path.parent), CELL))
    return why


class PolicyLayersDialog(CardDialog):
    """The files that a policy was made of, the lowest first: why each is believed, and its digest to compare."""

    def __init__(self, policy: Policy, parent: QWidget) -> None:
        super().__init__(T("What the policy was made of"), parent)
        introduction = T("Each is based on the one before: it adds rules, replaces some, or switches some off.")
        cards = [self._layer(number, layer) for number, layer in enumerate(layers(policy), 1)]
        self.lay_out(introduction, *cards, None)
        self.resize(640, 0)

    def _layer(self, number: int, layer: Layer) -> QWidget:
        id, version, source = plain(layer.id), plain(layer.version), plain(layer.source, 200)
        name = T("{number}. {id}, version {version}", number=number, id=id, version=version)
        digest = ElidedLabel(TextSize.SMALL, elide=Qt.TextElideMode.ElideMiddle)
        self.say(digest.setText, T("SHA-256 {digest}", digest=layer.sha256))
        take = self.say.button(
            T("Copy"),
            lambda: copy(layer.sha256),
            icon="copy",
            kind="link",
            name=T("Copy the SHA-256 of {id}", id=id),
        )
        why = T("{why}: {file}", why=value_names.TRUST[layer.trust], file=source)
        return self.card(name, self.say.line(why, kind="muted"), row((digest, 1), take, spacing=-1))
