"""Phones drawn at random, printed as AOSP prints them and read by Fanion.

    python -m tests.real.aosp_cases --count 1000 --seed 0 [--kind smart] [--sdk 35] [--write FOLDER]

prints each case that Fanion gets wrong, with only those apps that it needs. What is right is decided by `check.py` of
the folder `aosp` beside the project, and what a phone may be by its `models.py`: both are read from there.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.real.aosp_printer import listed, texts

ROOT = Path(__file__).resolve().parents[2]
AOSP = ROOT.parent / "shared" / "aosp"
#: Those of which AOSP's own code printed something; and Android 16 QPR2, whose code was only read.
SDKS = (29, 30, 31, 33, 34, 35, 36)
#: What `models.model` draws: nothing hostile; text that AOSP prints as it is; text that continues the listing.
KINDS: dict[str, dict[str, bool]] = {
    "benign": {"hostile": False},
    "renamed": {"hostile": False, "renames": True},
    "hostile": {"hostile": True},
    "smart": {"hostile": True, "smart": True},
}
MAIN = "android.intent.action.MAIN"
#: What is wrong with a reading: (what, package, what Fanion says, what is true), and the gaps of a benign case.
Faults = tuple[list[tuple[Any, ...]], list[str]]


@dataclass(frozen=True)
class Oracle:
    """`model` draws a phone; `check` compares what Fanion reads of a case with what is true."""

    model: Callable[..., dict[str, Any]]
    check: Callable[[dict[str, Any]], Faults]

    def case(self, sdk: int, kind: str, seed: int) -> dict[str, Any]:
        """The phone number `seed` of its kind, printed."""
        options, rng = KINDS[kind], random.Random(f"{kind} {sdk} {seed}")
        model = self.model(rng, sdk, **options)
        while not real(model):
            model = self.model(rng, sdk, **options)
        if sdk >= 36:
            for package in model["packages"]:
                package["developerVerification"] = rng.choice([None, None, "DeveloperVerificationStatus{1}"])
        return made(model, options["hostile"], f"{kind}, SDK {sdk}, seed {seed}")


def real(model: dict[str, Any]) -> bool:
    """Whether each profile lists an app and some app has a screen: no phone is without, and Fanion says so of one."""
    has_app = all(any(listed(model, user["id"])) for user in model["users"])
    return has_app and any(MAIN in each["actions"] for each in model["activities"])


def made(model: dict[str, Any], hostile: bool, about: str) -> dict[str, Any]:
    """A case as `check` takes it."""
    case = {"sdk": model["sdk"], "about": about, "hostile": hostile, "model": model, "texts": texts(model)}
    if not hostile:  # a benign case has no key for what it is not
        del case["hostile"]
    return case


def oracle(aosp: Path) -> Oracle:
    """`check.py` and `models.py` of the folder `aosp`, as modules."""
    before = sys.argv, list(sys.path)
    sys.argv = [str(aosp / "check.py"), str(ROOT)]  # it takes the project from its command line
    try:
        check = _module(aosp / "check.py")
    finally:
        sys.argv, sys.path[:] = before[0], before[1]
        models = sys.modules.pop("models")
    return Oracle(models.model, check.check)


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"aosp_{file.stem}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def golden(file: Path) -> dict[str, Any]:
    """One case that AOSP's own code printed."""
    case: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return case


def wrong(faults: Faults) -> bool:
    """Whether anything is wrong, but that an app was accused of another's class: a class with a line break plants a
    screen on another app without leaving a sign. It acquits none, and the app's own file does not have the class."""
    return any(not _only_accuses(*each) for each in faults[0]) or bool(faults[1])


def _only_accuses(what: str, package: str, read: Any, true: Any) -> bool:
    return what == "components" and set(read) > set(true)


def described(faults: Faults) -> str:
    """Each fault on a line."""
    differences, gaps = faults
    lines = [f"a gap: {gap[:200]}" for gap in gaps]
    lines += [" | ".join(str(part)[:100] for part in each) for each in differences]
    return "\n".join(lines)


def reduced(judge: Callable[[dict[str, Any]], Faults], case: dict[str, Any]) -> dict[str, Any]:
    """The case without the apps and screens that its first kind of fault does not need."""
    first = _kinds(judge(case))
    for field in ("packages", "activities"):
        size = len(case["model"][field])
        while size:
            start = 0
            while start < len(case["model"][field]) and len(case["model"]["packages"]) > 1:
                smaller = _without(case, field, start, start + size)
                if real(smaller["model"]) and first & _kinds(judge(smaller)):
                    case = smaller
                else:
                    start += size
            size //= 2
    return case


def _kinds(faults: Faults) -> set[str]:
    return {str(each[0]) for each in faults[0]} | {gap.partition(":")[0][:60] for gap in faults[1]}


def _without(case: dict[str, Any], field: str, start: int, end: int) -> dict[str, Any]:
    model = dict(case["model"])
    model[field] = model[field][:start] + model[field][end:]
    names = {each["name"] for each in model["packages"]}
    model["activities"] = [each for each in model.get("activities", []) if each["package"] in names]
    model["hiddenPackages"] = [each for each in model["hiddenPackages"] if each["name"] in names]
    model["renamed"] = {name: real for name, real in model["renamed"].items() if name in names}
    return {**case, "model": model, "texts": texts(model)}


def failing(tried: Oracle, wanted: Iterator[tuple[int, str, int]]) -> Iterator[dict[str, Any]]:
    """The cases that Fanion gets wrong."""
    for sdk, kind, seed in wanted:
        case = tried.case(sdk, kind, seed)
        if wrong(tried.check(case)):
            yield case


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real.aosp_cases")
    parser.add_argument("--count", type=int, default=300, help="phones of each kind and Android")
    parser.add_argument("--seed", type=int, default=0, help="number of the first phone")
    parser.add_argument("--kind", choices=tuple(KINDS), action="append")
    parser.add_argument("--sdk", type=int, choices=SDKS, action="append")
    parser.add_argument("--write", type=Path, help="keep each reduced case in this folder, with its texts")
    parser.add_argument("--aosp", type=Path, default=AOSP)
    parser.add_argument("--first", type=int, default=20, help="end after so many")
    arguments = parser.parse_args()
    tried = oracle(arguments.aosp)
    wanted = (
        (sdk, kind, seed)
        for seed in range(arguments.seed, arguments.seed + arguments.count)
        for kind in arguments.kind or KINDS
        for sdk in arguments.sdk or SDKS
    )
    count = 0
    for count, case in enumerate(failing(tried, wanted), 1):
        least = reduced(tried.check, case)
        left, hurt = least["model"]["packages"], []
        hurt = [f"{each['name'][:60]}: {', '.join(each['hurt'])}" for each in left if each.get("hurt")]
        print(f"BAD {case['about']}: {len(left)} of {len(case['model']['packages'])} apps; hurt: {'; '.join(hurt)}")
        print("    " + described(tried.check(least)).replace("\n", "\n    "))
        if arguments.write:
            folder = arguments.write / case["about"].replace(", ", "-").replace(" ", "")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "case.json.gz").write_bytes(gzip.compress(json.dumps(least).encode()))
            for name, text in least["texts"].items():
                (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        if count == arguments.first:
            break
    print(f"{count} wrong", file=sys.stderr)
    return bool(count)


if __name__ == "__main__":
    sys.exit(main())
