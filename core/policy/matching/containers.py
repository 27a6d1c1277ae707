"""What can hold other apps: an app that runs apps inside its own data, where no listing of the phone shows them.

No rule bans it, and what is in it is not known. So it is no finding but a gap, as every part of a phone that was not
seen: with it the phone is not green, and a person looks inside by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from core.model import App, Code, Container, Gap, Identity, Inventory, Policy, id_forms, id_key, platforms
from core.policy.matching.per_policy import per_policy
from core.policy.matching.prefixes import Prefixes
from core.text import T

_NONE: Final[Mapping[str, Identity]] = {}


class _Containers:
    """What a policy knows of what holds other apps, on one platform."""

    def __init__(self, policy: Policy, platform: str) -> None:
        self._platform = platforms.of(platform)
        self.ids: dict[str, Container] = {}
        code: list[tuple[str, tuple[Container, Code]]] = []
        for container in policy.containers:
            self.ids |= {id_key(id.id, platform): container for id in container.ids if id.platform == platform}
            if not self._platform.by_team:
                code += ((entry.prefix, (container, entry)) for entry in container.code)
        self.code = Prefixes(code)

    def of(self, app: App, identity: Identity | None) -> Container | None:
        """What `app` is, by its id, or by the classes that stand for the screens of the apps inside."""
        by_id = [self.ids[id] for id in id_forms(app.package, self._platform.id) if id in self.ids]
        if by_id:
            return by_id[0]
        inside: Iterable[str] = identity.components if identity is not None else ()
        for name in (*self.code.of_interest(app.components), *self.code.of_interest(inside)):
            # An app that a policy knows to have these classes too is a container as much: an id acquits of nothing.
            for container, _ in self.code.of(name):
                return container
        return None


_containers_of: Final = per_policy(_Containers)


def held_apart(inventory: Inventory, policy: Policy, identities: Mapping[str, Identity] = _NONE) -> tuple[Gap, ...]:
    """A gap for each app that can hold others, in each profile that has it, with how a person looks inside.

    `identities` is what was read from the files of some of the apps.
    """
    if not policy.containers:
        return ()
    containers = _containers_of(policy, inventory.phone.platform)
    gaps: list[Gap] = []
    for app in inventory.apps:
        container = containers.of(app, identities.get(app.package))
        profiles = [state.profile for state in app.states if state.present]
        if container is None or not profiles:
            continue  # Nothing is lost: it is no such app, or nowhere on the phone.
        identity = identities.get(app.package)
        name = (identity.label if identity is not None else "") or app.label or app.package
        sentence = T("{app} can hold apps that no list shows ({product}).", app=name, product=container.product)
        how = T(
            "Open {app} on the phone and look through the apps in it. If a banned app is in it, remove it "
            "there; if its holder does not need {app}, remove {app} itself.",
            app=name,
        )
        gaps += (Gap(sentence, how, profile) for profile in profiles)
    return tuple(gaps)
