"""What the files of apps said, in a capture: written down without names, and told again when it is played."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from core.capture.android_names import AndroidNames
from core.capture.capture_file import Capture, CapturedCertificate, CapturedIdentity
from core.capture.iphone_anonymous import IphoneAnonymiser
from core.jobs import Cancel
from core.model import App, Certificate, Check, Identity, id_key
from core.policy.matching.pages import host_of
from core.text import Text

_NOT_KNOWN: Final = "The phone did not give the parts of the app's file that were asked for."
#: The places in a reason in which a name of the phone's stands.
_PLACES: Final = re.compile(r"\{(\w+)\}")


def of_android(names: AndroidNames, check: Check) -> tuple[CapturedIdentity, ...]:
    """What was read of each app that was looked into. What a rule names of it is kept."""
    captured = []
    for identity in check.identities.values():
        names.app = identity.package
        label = identity.label
        if label and not names.unchanged.has_label(label):
            label = names.pseudonyms.name(f"label of {names.app} {label}").replace(".", " ").capitalize()
        app = CapturedIdentity(
            names.name(identity.package),
            int(names.number(str(identity.version_code))) if identity.version_code is not None else None,
            label,
            _certificates(names, identity.certificates),
            _certificates(names, identity.lineage),
            classes=tuple(names.name(name) for name in identity.components if names.unchanged.has_code(name)),
            code=tuple(map(names.name, identity.code)),
            files=identity.files,
            start_url=_address(names, identity.start_url),
            because=identity.why.message if identity.why is not None else "",
        )
        captured.append(app)
    return tuple(sorted(captured, key=lambda app: app.package))


def of_iphone(anonymiser: IphoneAnonymiser, check: Check) -> tuple[CapturedIdentity, ...]:
    """The same of an iPhone's apps: for which teams they are signed."""
    captured = [
        CapturedIdentity(
            anonymiser.id(identity.package),
            label=anonymiser.label(identity.label, identity.package),
            teams=tuple(anonymiser.team(team, identity.package) for team in identity.teams),
            because=identity.why.message if identity.why is not None else "",
        )
        for identity in check.identities.values()
    ]
    return tuple(sorted(captured, key=lambda app: app.package))


def _certificates(names: AndroidNames, certificates: Iterable[Certificate]) -> tuple[CapturedCertificate, ...]:
    """Each digest is replaced as in the phone's lists, but those that a rule names."""
    return tuple(
        CapturedCertificate(names.digest(c.sha256), names.digest(c.sha1), names.digest(c.md5), names.hash(c.hash))
        for c in certificates
    )


def _address(names: AndroidNames, address: str) -> str:
    """The address of a page: the service of a rule is kept, and nothing else of it."""
    host = host_of(address)
    service = names.unchanged.host(host) if host else ""
    before, host_text, after = address.partition(service) if service else (address, "", "")
    scheme, colon, rest = before.partition("://")
    first = scheme if scheme in ("http", "https") else names.free_text(scheme)
    return f"{first}{colon}{names.free_text(rest)}{host_text}{names.free_text(after)}"


def by_package(capture: Capture) -> dict[str, Identity]:
    """What a capture says of apps, by their ids as its platform compares them."""
    return {
        id_key(app.package, capture.head.platform): Identity(
            app.package,
            app.version_code,
            app.label,
            tuple(Certificate(c.sha256, c.sha1, c.md5, c.hash) for c in app.certificates),
            tuple(Certificate(c.sha256, c.sha1, c.md5, c.hash) for c in app.earlier),
            app.classes,
            Text(app.because, tuple((place, "…") for place in _PLACES.findall(app.because))) if app.because else None,
            code=app.code,
            files=app.files,
            start_url=app.start_url,
            teams=app.teams,
        )
        for app in capture.apps
    }


def give(
    by_package_name: Mapping[str, Identity],
    apps: Sequence[App],
    cancel: Cancel,
    on_identity: Callable[[Identity], None] | None,
) -> dict[str, Identity]:
    """What is known of each of `apps`; `on_identity` hears it. Raises Cancelled."""
    identities: dict[str, Identity] = {}
    for app in apps:
        cancel.check()
        identity = by_package_name.get(app.package) or by_package_name.get(app.package.casefold())
        identities[app.package] = identity = identity or Identity(app.package, why=Text(_NOT_KNOWN))
        if on_identity is not None:
            on_identity(identity)
    return identities
