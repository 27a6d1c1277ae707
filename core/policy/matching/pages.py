"""Pages as apps: what a browser installs so that a page of the web opens like an app (a WebAPK of Android).

Such an app has a random id and the browser's signer, so that no rule's signs find it. Its manifest says at which
address it starts. One that starts at a service of a banned product is told of as a notice: it is not the product's app.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from core.model import App, Evidence, EvidenceKind, Identity, Policy, Rule, WebService

#: What a service adds to what an app was recognised by: the rule, and the evidence.
Page = tuple[Rule, Evidence]


def pages(app: App, identity: Identity | None, policy: Policy) -> tuple[Page, ...]:
    """The rules at one of whose services `app` starts, each once."""
    if identity is None or not identity.start_url or not policy.web:
        return ()
    host = host_of(identity.start_url)
    by_rule: dict[str, Page] = {}
    for service in policy.web:
        rule = policy.rule(service.rule)
        if rule is not None and (at := _within(host, service)):
            evidence = Evidence(EvidenceKind.START_ADDRESS, at, service.confidence, service.source)
            by_rule.setdefault(rule.id, (rule, evidence))
    return tuple(by_rule.values())


def host_of(address: str) -> str:
    """The host of an address as it is compared: in small letters, other letters as IDNA writes them; nothing if it has
    none. Who is named before an @ is no host."""
    try:
        host = (urlsplit(address.strip()).hostname or "").rstrip(".")
        return host.encode("idna").decode().lower() if host else ""
    except (ValueError, UnicodeError):
        return ""  # Nothing is lost: what is no address of the web opens none of its services.


def _within(host: str, service: WebService) -> str:
    """The host itself where it is one of the service's, or below one of them; else nothing."""
    return host if any(f".{host}".endswith(f".{parent}") for parent in service.hosts) else ""
