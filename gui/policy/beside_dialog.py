"""What a policy looks for beside its rules: what can hold other apps, and where services are on the web."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from core import value_names
from core.model import Code, Container, Policy, RuleId, WebService, platforms
from core.text import Bilingual, T, Text, plain
from gui.policy.card_dialog import CardDialog
from gui.toolkit.layouts import ScrollArea, column
from gui.toolkit.theme import STEP, TextSize

#: Characters that are shown: of an id or a class, of a source or several hosts.
_SHOWN: Final = 120
_LONG: Final = 400


class BesideDialog(CardDialog):
    """One card for each, with by what it is known and where that was seen."""

    def __init__(self, policy: Policy, parent: QWidget) -> None:
        super().__init__(T("More in this policy"), parent)
        introduction = T(
            "No decision bans these. A phone with an app that can hold others is amber, as no list shows what is "
            "in it. A page that a browser installed is shown as a notice."
        )
        cards = [self._container(container) for container in policy.containers]
        cards += [self._service(service, policy) for service in policy.web]
        inside = QWidget()
        column(*cards, None, spacing=STEP, inside=inside)
        area = ScrollArea(inside)
        self.say(area.setAccessibleName, T("What else this policy looks for"))
        self.lay_out(introduction, (area, 1))
        self.resize(680, 560)

    def _container(self, container: Container) -> QWidget:
        lines: list[Text] = [
            T(
                "{app} ({platform}): {id}. {source}",
                app=id.product,
                platform=platforms.of(id.platform).phones,
                id=plain(id.id, _SHOWN),
                source=_source(id),
            )
            for id in container.ids
        ]
        lines += [
            T("Code {prefix} – {source}", prefix=plain(code.prefix, _SHOWN), source=_source(code))
            for code in container.code
        ]
        return self._lines(value_names.pair(T("Can contain other apps"), container.product), lines)

    def _service(self, service: WebService, policy: Policy) -> QWidget:
        rule = policy.rule(service.rule)
        product: Bilingual | str = rule.product if rule is not None else plain(service.rule)
        hosts = plain(", ".join(service.hosts), _LONG)
        return self._lines(
            value_names.pair(T("On the web"), product),
            [T("{hosts}. {source}", hosts=hosts, source=_source(service))],
        )

    def _lines(self, title: Text, lines: list[Text]) -> QWidget:
        return self.card(title, *(self.say.label(line, TextSize.SMALL, "muted") for line in lines))


def _source(sign: RuleId | Code | WebService) -> Text:
    """The source of a sign, and how well it is known."""
    return value_names.pair(value_names.CONFIDENCES.get(sign.confidence, sign.confidence), plain(sign.source, _LONG))
