"""Where the files of a release come from: a statement of in-toto's with SLSA's provenance of version 1.

In a real release GitHub makes it and signs it with Sigstore (`.github/workflows/release.yml`, actions/attest). This one
has the same form and says of itself that it is of a rehearsal. https://in-toto.io/Statement/v1 and
https://slsa.dev/provenance/v1 are the specifications.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://slsa.dev/provenance/v1"
#: Neither is the name of anything that builds releases.
BUILD_TYPE: Final = "https://fanion.ca/TEST-rehearsal/v1"
BUILDER: Final = "https://fanion.ca/TEST-rehearsal"
REPOSITORY: Final = "git+https://github.com/OWNER/fanion"


def statement(
    subjects: Mapping[str, str], requirements: Mapping[str, str], version: str, commit: str, epoch: int
) -> dict[str, Any]:
    """The statement on files, each with its SHA-256, that were made of a commit and of the packages that the files
    of `requirements`, each with its SHA-256, pin."""
    tag = f"refs/tags/v{version}"
    source = {"uri": f"{REPOSITORY}@{tag}", "digest": {"gitCommit": commit}}
    pinned = [
        {"name": name, "uri": f"{REPOSITORY}@{tag}#{name}", "digest": {"sha256": digest}}
        for name, digest in sorted(requirements.items())
    ]
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"about": f"TEST: a rehearsal of Fanion {version}, not a release", "ref": tag},
                "internalParameters": {"python": platform.python_version(), "system": platform.platform()},
                "resolvedDependencies": [source, *pinned],
            },
            "runDetails": {
                "builder": {"id": BUILDER},
                "metadata": {"finishedOn": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")},
            },
        },
    }


def text(content: Mapping[str, Any]) -> str:
    """The statement as a file."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
