"""The nouns of the road: frozen values that pass from reading a phone to proving what was found.

Nothing here does anything; nothing here knows where a value came from.
"""

from __future__ import annotations

from core.model.app_evidence import AppEvidence, FileHash, HashedBy
from core.model.can_return import ProductReturn, Return, ReturnReason
from core.model.check import Check, Evidence, EvidenceKind, Excepted, Finding, Match, Verdict
from core.model.health import (
    IOS_AMBER_DAYS,
    HealthAnswer,
    HealthReadings,
    HealthRules,
    HealthSignal,
    IosRelease,
    Light,
)
from core.model.management import AndroidManagement, IphoneManagement, ManagementReading, PhoneOwner, Restrictions
from core.model.phone import (
    NOTHING_SOUGHT,
    Admin,
    App,
    AppState,
    Certificate,
    Enabled,
    Gap,
    Identity,
    Inventory,
    Labels,
    Phone,
    PhoneIdentity,
    Place,
    Profile,
    ProfileKind,
    Signed,
    SoughtInFiles,
    id_forms,
    id_key,
)
from core.model.policy import (
    RULE_STRENGTHS,
    Authority,
    Code,
    Container,
    Label,
    Layer,
    Policy,
    Rule,
    RuleFile,
    RuleId,
    Signer,
    Strength,
    Team,
    Trust,
    WebService,
)
from core.model.signals import SIGNALS, Signal
from core.model.visit import Afterwards, Attested, HandBack, Paper
from core.problem import Cancelled, Problem
