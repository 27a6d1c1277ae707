"""Are the records of this exported log there, in their place and as they were sealed? Needs only Python 3.8 or later.
python3 verify_log.py [SIZE ROOT]      SIZE and ROOT as a receipt has them, or another copy from outside"""

import heapq
import json
import sys
from base64 import b64decode
from functools import reduce
from hashlib import sha256
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHOSEN = (HERE / "hashes.txt").exists()  # only some records are here; line N of hashes.txt has the hash of record N


def lines(name):
    with open(HERE / name, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(500_000), b""), 1):
            if not line.endswith(b"\n") or line.endswith(b"\r\n"):
                raise ValueError(f"{name}, line {number}: the end of the line was cut off or changed")
            yield line[:-1]


def hashes():  # of all records, from number 1 on
    number, others = 0, (bytes.fromhex(line.decode()) for line in lines("hashes.txt")) if CHOSEN else iter(())
    for line in lines("leaves.jsonl"):
        seq, found = int(json.loads(line)["seq"]), sha256(b"\0" + line).digest()
        yield from islice(others, max(seq - number - 1, 0))
        number = max(number + 1, seq) if CHOSEN else number + 1
        if seq != number or (CHOSEN and next(others, b"") != found):
            raise ValueError(f"record {number} is missing, changed or not in its place")
        yield found
    yield from others


if len(sys.argv) not in (1, 3):  # --help, or one of the two was forgotten
    sys.exit(sys.stdout.write(f"{__doc__}\n") and sys.argv[1] not in ("-h", "--help"))
tree, count, good = [], 0, 0  # the tree of RFC 9162, section 2.1.1, as the hashes of its complete subtrees
try:
    _, size, root, *signatures = map(bytes.decode, lines("checkpoint"))
    notes = (json.loads(line)["note"].split("\n") for line in lines("seals.jsonl"))
    outside = [(int(sys.argv[1]), sys.argv[2], "the copy from outside")] if sys.argv[1:] else []
    copies = heapq.merge(((int(n[1]), n[2], "seals.jsonl") for n in notes), [(int(size), root, "checkpoint")], outside)
    copy = next(copies)
    for count, leaf in enumerate(hashes(), 1):
        tree.append(leaf)
        for _ in range((count & -count).bit_length() - 1):
            tree[-2:] = [sha256(b"\1" + tree[-2] + tree[-1]).digest()]
        while copy and copy[0] == count:
            if reduce(lambda right, left: sha256(b"\1" + left + right).digest(), reversed(tree)) != b64decode(copy[1]):
                raise ValueError(f"records {good + 1} to {count} are not those of {copy[2]}")
            good, copy = count, next(copies, None)
    if copy or good < count:
        raise ValueError(f"{copy[2]} is over {copy[0]} records" if copy else f"only {good} records are sealed")
except (ValueError, TypeError, LookupError, RecursionError, OSError) as error:
    sys.exit(f"NOT OK: {error} (read up to record {count})")
here = f"{sum(1 for _ in lines('leaves.jsonl'))} of {count} records are here, each as it was" if CHOSEN else ""
sys.stdout.write(f"OK: {here or f'{count} records, as they were'} sealed. NOT checked: by whom (README.md: openssl).\n")
