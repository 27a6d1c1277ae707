"""The tree against the published vectors, and against the definition of RFC 9162 written down as it stands there."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.records.leaf import leaf_hash
from core.ledger.tlog.tree import (
    EMPTY_ROOT,
    TILE,
    Frontier,
    Subtree,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    node_hash,
    range_root,
)
from tests.examples import examples
from tests.unit.ledger.conftest import root_of

# The well-known leaves, roots and proofs of Certificate Transparency:
# https://github.com/google/certificate-transparency python/ct/crypto/merkle_test.py and
# https://github.com/transparency-dev/merkle proof/verify_test.go (leaves are counted from 1 there).
LEAVES = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
#: Leaf (from 0), size, path.
INCLUSION: list[tuple[int, int, list[str]]] = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
#: Old size, new size, path.
CONSISTENCY: list[tuple[int, int, list[str]]] = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]
#: Among 3,630,887 leaves of a real log.
REAL_LEAF = "7a395c866d5ecdb0cccb623e011dbc392cd348d1d1d72776174e127a24b09c78"
REAL_ROOT = "78316a05c9bcf14a3a4548f5b854a9adfcd46a4c034401b3ce7eb7ac2f1d0ecb"
REAL_PATH = [
    "1a208aeebcd1b39fe2de247ee8db9454e1e93a312d206b87f6ca9cc6ec6f1ddd",
    "0a1b78b383f580856f433c01a5741e160d451c185910027f6cc9f828687a40c4",
    "3d1745789bc63f2da15850de1c12a5bf46ed81e1cc90f086148b1662e79aab3d",
    "9095b61e14d8990acf390905621e62b1714fb8e399fbb71de5510e0aef45affe",
    "0a332b91b8fab564e6afd1dd452449e04619b18accc0ff9aa8393cd4928451f2",
    "2336f0181d264aed6d8f3a6507ca14a8d3b3c3a23791ac263e845d208c1ee330",
    "b4ce56e300590500360c146c6452edbede25d4ed83919278749ee5dbe178e048",
    "933f6ddc848ea562e4f9c5cfb5f176941301dad0c6fdb9d1fbbe34fac1be6966",
    "b95a6222958a86f74c030be27c44f57dbe313e5e7c7f4ffb98bcbd3a03bb52f2",
    "daeeb3ce5923defd0faeb8e0c210b753b85b809445d7d3d3cd537a9aabaa9c45",
    "7fadd0a13e9138a2aa6c3fdec4e2275af233b94812784f66bcca9aa8e989f2bc",
    "1864e6ba3e32878610546539734fb5eeae2529991f130c575c73a7e25a2a7c56",
    "12842d1202b1dc6828a17ab253c02e7ce9409b5192430feba44189f39cc02d66",
    "29af64b16fa3053c13d02ac63aa75b23aa468506e44c3a2315edc85d2dc22b11",
    "b527b99934a0bd9edd154e449b0502e2c499bba783f3bc3dfe23364b6b532009",
    "4584db8ae8e351ace08e01f306378a92bfd43611714814f3d834a2842d69faa8",
    "86a9a41573b0d6e4292f01e93243d6cc65b30f06606fc6fa57390e7e90ed580f",
    "a88b98fbe84d4c6aae8db9d1605dfac059d9f03fe0fcb0d5dff1295dacba09e6",
    "06326dc617a6d1f7021dc536026dbfd5fffc6f7c5531d48ef6ccd1ed1569f2a1",
    "f41fe8fdc3a2e4e8345e30216e7ebecffee26ff266eeced208a6c2a3cf08f960",
    "40cf5bde8abb76983f3e98ba97aa36240402975674e120f234b3448911090f8d",
    "b3222dc8658538079883d980d7fdc2bef9285344ea34338968f736b04aeb387a",
]

HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def mth(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, over leaf hashes."""
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = power_below(len(hashes))
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def path(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(hashes) == 1:
        return []
    k = power_below(len(hashes))
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def proof(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PROOF of section 2.1.4.1."""

    def subproof(m: int, hashes: Sequence[bytes], whole: bool) -> list[bytes]:
        if m == len(hashes):
            return [] if whole else [mth(hashes)]
        k = power_below(len(hashes))
        if m <= k:
            return [*subproof(m, hashes[:k], whole), mth(hashes[k:])]
        return [*subproof(m - k, hashes[k:], False), mth(hashes[:k])]

    return subproof(m, hashes, True)


def power_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def made(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(count)]


def subtree_of(hashes: Sequence[bytes]) -> Subtree:
    """Looks a complete subtree up, and insists that only those inside the tree are asked for."""

    def subtree(level: int, position: int) -> bytes:
        start, end = position << level, (position + 1) << level
        assert 0 <= start < end <= len(hashes)
        return mth(hashes[start:end])

    return subtree


sizes = st.integers(1, 300)


def test_the_published_roots() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == Frontier().root() == range_root(0, 0, subtree_of([])) == EMPTY_ROOT
    assert [root_of(HASHES[:n]).hex() for n in range(1, 9)] == ROOTS


def test_the_published_hashes_of_a_leaf_and_of_a_node() -> None:
    leaf = bytes.fromhex("101112131415161718191a1b1c1d1e1f")
    assert leaf_hash(leaf).hex() == "3bfb960453ebaebf33727da7a1f4db38acc051d381b6da20d6d4e88f0eabfd7a"
    node = node_hash(bytes(range(32)), bytes(range(32, 64)))
    assert node.hex() == "1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"


@pytest.mark.parametrize(("index", "size", "steps"), INCLUSION)
def test_the_published_inclusion_proofs(index: int, size: int, steps: list[str]) -> None:
    made_path = inclusion_path(index, size, subtree_of(HASHES[:size]))
    assert [step.hex() for step in made_path] == steps
    assert is_included(HASHES[index], index, size, made_path, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new", "steps"), CONSISTENCY)
def test_the_published_consistency_proofs(old: int, new: int, steps: list[str]) -> None:
    made_path = consistency_path(old, new, subtree_of(HASHES[:new]))
    assert [step.hex() for step in made_path] == steps
    assert is_consistent(old, bytes.fromhex(ROOTS[old - 1]), new, bytes.fromhex(ROOTS[new - 1]), made_path)


def test_a_proof_from_a_real_log_of_millions() -> None:
    steps = [bytes.fromhex(step) for step in REAL_PATH]
    leaf, root = bytes.fromhex(REAL_LEAF), bytes.fromhex(REAL_ROOT)
    assert is_included(leaf, 848_049, 3_630_887, steps, root)
    assert not is_included(leaf, 848_048, 3_630_887, steps, root)


@given(st.integers(0, 300))
def test_the_frontier_is_the_tree_of_the_definition(count: int) -> None:
    hashes = made(count)
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    assert frontier.size == count
    assert frontier.root() == mth(hashes) == range_root(0, count, subtree_of(hashes))
    assert len(frontier.hashes) == 32 * count.bit_count()


@given(st.integers(0, 300), st.integers(0, 40))
def test_a_frontier_goes_on_from_what_was_kept_of_it(count: int, more: int) -> None:
    hashes = made(count + more)
    first = Frontier()
    for hashed in hashes[:count]:
        first.append(hashed)
    second = Frontier(first.size, first.hashes)
    for hashed in hashes[count:]:
        second.append(hashed)
    assert (second.size, second.root()) == (count + more, mth(hashes))


@given(st.integers(0, 300), st.integers(0, 300))
def test_many_leaves_at_once_make_the_same_tree(count: int, more: int) -> None:
    hashes = made(count + more)
    frontier = Frontier()
    frontier.extend(b"".join(hashes[:count]))
    frontier.extend(b"".join(hashes[count:]))
    assert (frontier.size, frontier.root()) == (count + more, mth(hashes))


@given(st.integers(-3, 40), st.binary(max_size=200))
def test_a_frontier_refuses_hashes_that_do_not_fit_its_size(size: int, kept: bytes) -> None:
    if size >= 0 and len(kept) == 32 * size.bit_count():
        assert Frontier(size, kept).hashes == kept
    else:
        with pytest.raises(ValueError, match="complete subtrees"):
            Frontier(size, kept)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000])
def test_what_is_kept_are_the_subtrees_of_whole_tiles(count: int) -> None:
    frontier, plain, kept = Frontier(), Frontier(), dict[tuple[int, int], bytes]()
    hashes = made(count)
    for hashed in hashes:
        for level, position, hash_ in frontier.append(hashed):
            assert (level, position) not in kept
            kept[level, position] = hash_
        plain.append(hashed)
    assert (frontier.size, frontier.hashes) == (plain.size, plain.hashes)
    wanted = {(level, p) for level in (TILE, 2 * TILE, 3 * TILE) for p in range(count >> level)}
    assert kept.keys() == wanted
    assert all(hash_ == root_of(hashes[p << level : (p + 1) << level]) for (level, p), hash_ in kept.items())


@examples(60)
@given(st.data(), sizes)
def test_an_inclusion_proof_is_the_one_of_the_definition_and_holds(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = made(size)
    steps = inclusion_path(index, size, subtree_of(hashes))
    assert list(steps) == path(index, hashes)
    assert is_included(hashes[index], index, size, steps, mth(hashes))


@examples(60)
@given(st.data(), sizes)
def test_a_consistency_proof_is_the_one_of_the_definition_and_holds(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    hashes = made(new)
    steps = consistency_path(old, new, subtree_of(hashes))
    assert list(steps) == proof(old, hashes)
    assert is_consistent(old, mth(hashes[:old]), new, mth(hashes), steps)


@examples(150)
@given(st.data(), st.integers(2, 200))
def test_a_wrong_inclusion_proof_is_refused(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = made(size)
    leaf, root, steps = hashes[index], mth(hashes), list(path(index, hashes))
    match data.draw(st.sampled_from(["bit", "root", "leaf", "index", "size", "shorter", "longer", "order"])):
        case "bit":
            at = data.draw(st.integers(0, len(steps) - 1))
            steps[at] = flipped(data, steps[at])
        case "root":
            root = flipped(data, root)
        case "leaf":
            leaf = flipped(data, leaf)
        case "index":
            index = data.draw(st.integers(-2, size + 2).filter(lambda other: other != index))
        case "size":
            # Another size can have a path of the same form; but not a taller tree, nor one without the leaf.
            size = data.draw(st.sampled_from([0, index, 2 * power_below(size) * 2 + 1, 10**18]))
        case "shorter":
            del steps[data.draw(st.integers(0, len(steps) - 1))]
        case "longer":
            steps.insert(data.draw(st.integers(0, len(steps))), data.draw(st.binary(min_size=32, max_size=32)))
        case "order":
            steps.reverse()
            if len(steps) < 2:
                steps = []
    assert not is_included(leaf, index, size, steps, root)


@examples(150)
@given(st.data(), st.integers(2, 200))
def test_a_wrong_consistency_proof_is_refused(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    hashes = made(new)
    before, after, steps = mth(hashes[:old]), mth(hashes), proof(old, hashes)
    match data.draw(st.sampled_from(["bit", "before", "after", "swapped", "old", "shorter", "longer", "none"])):
        case "bit":
            at = data.draw(st.integers(0, len(steps) - 1))
            steps[at] = flipped(data, steps[at])
        case "before":
            before = flipped(data, before)
        case "after":
            after = flipped(data, after)
        case "swapped":
            before, after = after, before
        case "old":
            old = data.draw(st.integers(-1, new + 2).filter(lambda other: other != old))
        case "shorter":
            del steps[data.draw(st.integers(0, len(steps) - 1))]
        case "longer":
            steps.insert(data.draw(st.integers(0, len(steps))), data.draw(st.binary(min_size=32, max_size=32)))
        case "none":
            steps = []
    assert not is_consistent(old, before, new, after, steps)


def test_two_trees_of_one_size_are_consistent_only_if_they_are_the_same() -> None:
    one, other = mth(made(5)), mth(made(6))
    assert is_consistent(5, one, 5, one, [])
    assert not is_consistent(5, one, 5, other, [])
    assert not is_consistent(5, one, 5, one, [one])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(index, size, subtree_of(made(size)))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3), (0, 0)])
def test_no_tree_grows_out_of_one_that_is_larger_or_empty(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not grow"):
        consistency_path(old, new, subtree_of(made(new)))
    assert not is_consistent(old, mth(made(max(old, 0))), new, mth(made(new)), [])


def flipped(data: st.DataObject, value: bytes) -> bytes:
    bit = data.draw(st.integers(0, 8 * len(value) - 1))
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
