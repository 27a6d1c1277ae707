"""Notes, checkpoints, cosignatures and proofs, against C2SP's own examples and rules."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from core.ledger.tlog.notes import (
    COSIGNATURE,
    ED25519,
    NOTE_LIMIT,
    PATH_LIMIT,
    PROOF_HEAD,
    SIGNATURES_LIMIT,
    Checkpoint,
    Note,
    NoteError,
    NoteSignature,
    NoteSigner,
    Proof,
    Verifier,
    cosigned,
)
from tests.examples import examples
from tests.unit.ledger.conftest import with_signatures

# https://c2sp.org/signed-note@v1.0.0
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()
# https://c2sp.org/tlog-cosignature@v1.0.1; the first six lines are the example of tlog-checkpoint@v1.0.0.
BEHIND_THE_SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe"
    "+mbIUBkBIfZ+qnA==\n"
).encode()
# https://c2sp.org/tlog-proof@v1, with signatures where the example has none that are whole.
FANCY_HEAD = (
    "index 73894\n"
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
    "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
    "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n\n"
)
EXTRA = "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\n"
FANCY_NOTE = (
    "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n"
    "— example.com/fancylog hI2DJwAAAAAAAA==\n"
)

NAME = "example.org/desk-4/0123456789abcdef"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SIGNER = NoteSigner(NAME, KEY)
COSIGNER = NoteSigner(NAME, OTHER_KEY, COSIGNATURE)
TEXT = Checkpoint(NAME, 12, bytes(32)).text


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def note(text: str = TEXT, *signers: NoteSigner) -> Note:
    return Note(text, tuple(signer.sign(text) for signer in signers or (SIGNER,)))


def refused(parse: Callable[[], object]) -> str:
    with pytest.raises(NoteError) as error:
        parse()
    assert str(error.value) == str(error.value.why)
    return str(error.value)


def test_the_example_of_a_signed_note_verifies() -> None:
    verifier, found = Verifier.parse(VKEY), Note.parse(EXAMPLE)
    assert (verifier.name, verifier.type, verifier.id.hex()) == ("example.com/foo", ED25519, "530d903a")
    assert found.text == "This is an example message.\n"
    assert verifier.has_signed(found)
    assert (str(verifier), bytes(found)) == (VKEY, EXAMPLE)


def test_the_example_with_another_text_does_not_verify() -> None:
    changed = Note.parse(EXAMPLE.replace(b"message", b"massage"))
    assert not Verifier.parse(VKEY).has_signed(changed)


@pytest.mark.parametrize("whole", [EXAMPLE, POEM, BEHIND_THE_SOFA])
def test_the_examples_are_read_and_written_as_they_are(whole: bytes) -> None:
    assert bytes(Note.parse(whole)) == whole


def test_the_text_may_have_empty_lines_in_it() -> None:
    found = Note.parse(POEM)
    assert found.text.endswith("sole:\n\ned è subito sera.\n")
    assert [s.name for s in found.signatures] == ["quasimodo.example/salvatore"]


def test_the_example_of_a_checkpoint_with_a_cosignature_is_read() -> None:
    found = Note.parse(BEHIND_THE_SOFA)
    checkpoint = Checkpoint.parse(found.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert b64(checkpoint.root) == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert checkpoint.text == found.text
    witness = found.signatures[1]
    assert (witness.name, len(witness.signature)) == ("witness.example.com/w1", 8 + 64)
    assert int.from_bytes(witness.signature[:8], "big") == 1679315147


def test_what_a_cosigner_signs_is_the_message_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned(text, 1679315147).decode() == f"cosignature/v1\ntime 1679315147\n{text}"


@pytest.mark.parametrize("extra", ["", EXTRA])
def test_the_example_of_a_proof_is_read(extra: str) -> None:
    found = Proof.parse(f"{PROOF_HEAD}\n{extra}{FANCY_HEAD}{FANCY_NOTE}".encode())
    assert (found.index, len(found.path), found.checkpoint.size) == (73894, 5, 109482)
    assert b64(found.path[0]) == "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="
    assert bytes(found) == f"{PROOF_HEAD}\n{FANCY_HEAD}{FANCY_NOTE}".encode()


@given(st.binary(min_size=32, max_size=32), st.sampled_from([ED25519, COSIGNATURE]), st.text("abc/.é1", min_size=1))
def test_a_verifier_is_read_as_it_is_written(public: bytes, type: int, name: str) -> None:
    verifier = Verifier(name, type, public)
    assert Verifier.parse(str(verifier)) == verifier


def test_the_same_key_has_another_number_for_another_type() -> None:
    public = SIGNER.verifier.public
    assert Verifier(NAME, ED25519, public).id != Verifier(NAME, COSIGNATURE, public).id


@pytest.mark.parametrize(
    ("vkey", "why"),
    [
        ("", "name"),
        ("example.com/foo", "kind"),
        (VKEY.removeprefix("example.com/foo"), "name"),
        (VKEY.replace("example.com", "example com"), "name"),
        (VKEY.replace("example.com", "example\u00a0com"), "name"),
        (VKEY.replace("example.com", "example\u2003com"), "name"),
        (VKEY.replace("example.com", "example\x01com"), "name"),
        (VKEY.replace("530d903a", "530d903b"), "short number"),
        (VKEY.replace("530d903a", "530D903A"), "short number"),
        (VKEY.replace("530d903a", "530d90"), "short number"),
        (VKEY.replace("foo", "fee"), "short number"),
        (VKEY[:-1], "base64"),
        (VKEY[:-4], "kind"),
        (VKEY[:-1] + "l", "short number"),
        (VKEY + "AAAA", "kind"),
        (VKEY.replace("+Aeky", "+Auky"), "kind"),
        (VKEY.replace("+Aeky", "+Beky"), "kind"),
        (f"{VKEY} {VKEY}", "base64"),
        ("\ud800" + VKEY, "name"),
    ],
)
def test_a_verifier_that_is_none_is_refused(vkey: str, why: str) -> None:
    assert why in refused(lambda: Verifier.parse(vkey))


@pytest.mark.parametrize("control", [chr(n) for n in range(0x20) if chr(n) != "\n"])
def test_control_characters_are_refused(control: str) -> None:
    for place in ("This", "— ", "Uw2Q"):
        whole = EXAMPLE.decode().replace(place, control + place).encode()
        assert "control" in refused(lambda whole=whole: Note.parse(whole))  # type: ignore[misc]


GOOD = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="


@pytest.mark.parametrize(
    ("whole", "why"),
    [
        (b"", "no signed text"),
        (b"\n", "no signed text"),
        (b"\n\n", "no signed text"),
        (b"\n\n\n", "no signed text"),
        (b"text\n", "no signed text"),
        (f"text\n— a {GOOD}\n".encode(), "no signed text"),
        (f"\n— a {GOOD}\n".encode(), "no signed text"),
        (f"\n\n— a {GOOD}\n".encode(), "no signed text"),
        (b"text\n\n", "cut off"),
        (EXAMPLE[:-1], "cut off"),
        (EXAMPLE + b"\n", "cut off"),
        (EXAMPLE + b"more\n", "no signature"),
        (EXAMPLE.replace("— ".encode(), b"- "), "no signature"),
        (EXAMPLE.replace("— ".encode(), "—".encode()), "no signature"),
        (EXAMPLE.replace("— ".encode(), "—  ".encode()), "no signature"),
        (EXAMPLE.replace(b"foo Uw", b"f+o Uw"), "no signature"),
        (EXAMPLE.replace(b"foo Uw", "f\u00a0o Uw".encode()), "no signature"),
        (EXAMPLE.replace(b"foo Uw", "f\u3000o Uw".encode()), "no signature"),
        (EXAMPLE.replace(b"foo Uw", b"foo"), "cut off"),
        (EXAMPLE.replace(b"foo Uw", b"foo  Uw"), "base64"),
        (EXAMPLE.replace(b"QM=\n", b"QM= \n"), "base64"),
        (EXAMPLE.replace(b"QM=\n", b"QM\n"), "base64"),
        (EXAMPLE.replace(b"QM=\n", b"QM==\n"), "base64"),
        (EXAMPLE.replace(b"QM=\n", b"QN=\n"), "base64"),  # the same bytes, written in another way
        (EXAMPLE.replace(b"Uw2Q", b"U_2Q"), "base64"),
        (EXAMPLE.replace(b"Uw2Q", "Uwé2Q".encode()), "base64"),
        ("text\n\n— a AAAAAA==\n".encode(), "cut off"),
        ("text\n\n— a \n".encode(), "cut off"),
        (EXAMPLE.replace(b"This", b"\xff\xfe"), "not text"),
        (EXAMPLE.replace(b"This", b"\xed\xa0\x80"), "not text"),
        (b"x" * (NOTE_LIMIT + 1), "too long"),
        (("text\n\n" + f"— a {GOOD}\n" * (SIGNATURES_LIMIT + 1)).encode(), "too many"),
    ],
)
def test_a_note_that_is_none_is_refused(whole: bytes, why: str) -> None:
    assert why in refused(lambda: Note.parse(whole))


def test_sixteen_signatures_are_taken_as_the_specification_asks() -> None:
    signers = [NoteSigner(f"a{n}", Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in range(16)]
    found = Note.parse(bytes(note(TEXT, *signers)))
    assert all(s.verifier.has_signed(found) for s in signers)


def test_a_large_signature_of_a_kind_to_come_is_taken() -> None:
    whole = f"{TEXT}\n{SIGNER.sign(TEXT)}— {NAME} {b64(b'next' + bytes(5_000))}\n".encode()
    found = Note.parse(whole)
    assert SIGNER.verifier.has_signed(found)
    assert bytes(found) == whole


def test_signatures_of_unknown_keys_do_not_matter() -> None:
    """The same name with another number, and the same number under another name, are other keys."""
    id = SIGNER.verifier.id
    others = (NoteSignature(NAME, b"\0\0\0\0", bytes(64)), NoteSignature("example.org/other", id, bytes(64)))
    found = Note(TEXT, (others[0], SIGNER.sign(TEXT), others[1]))
    assert SIGNER.verifier.has_signed(Note.parse(bytes(found)))
    assert not SIGNER.verifier.has_signed(Note(TEXT, others))


def test_of_two_signatures_by_one_key_both_have_to_be_true() -> None:
    false = NoteSignature(NAME, SIGNER.verifier.id, bytes(64))
    for signatures in ((false,), (SIGNER.sign(TEXT), false), (false, SIGNER.sign(TEXT))):
        assert not SIGNER.verifier.has_signed(Note(TEXT, signatures))


@pytest.mark.parametrize("length", [1, 63, 65, 72, 2_420])
def test_a_signature_of_another_length_is_false(length: int) -> None:
    for signer in (SIGNER, COSIGNER):
        if signer is COSIGNER and length == 72:
            continue
        verifier = signer.verifier
        assert not verifier.has_signed(Note(TEXT, (NoteSignature(NAME, verifier.id, bytes(length)),)))


def test_a_signature_does_not_go_with_another_text_or_name() -> None:
    other_text = Checkpoint(NAME, 13, bytes(32)).text
    assert not SIGNER.verifier.has_signed(Note(other_text, note().signatures))
    assert not NoteSigner("example.org/other", KEY).verifier.has_signed(note())


def test_a_cosignature_says_when_and_is_bound_to_it() -> None:
    signature = COSIGNER.cosign(TEXT, 1_679_315_147)
    assert signature.signature[:8] == (1_679_315_147).to_bytes(8, "big")
    found = with_signatures(note(), signature)
    assert COSIGNER.verifier.has_signed(Note.parse(bytes(found)))
    later = NoteSignature(NAME, signature.id, (1_679_315_148).to_bytes(8, "big") + signature.signature[8:])
    assert not COSIGNER.verifier.has_signed(with_signatures(note(), later))


def test_a_time_beyond_what_the_specification_allows_is_no_cosignature() -> None:
    signature = COSIGNER.cosign(TEXT, 2**63)
    assert not COSIGNER.verifier.has_signed(with_signatures(note(), signature))
    assert COSIGNER.verifier.has_signed(with_signatures(note(), COSIGNER.cosign(TEXT, 2**63 - 1)))


def test_a_cosignature_is_no_signature_of_the_log_and_the_other_way_round() -> None:
    """One key used for both: what is signed is told apart."""
    both = NoteSigner(NAME, KEY, COSIGNATURE)
    plain = NoteSignature(NAME, both.verifier.id, bytes(8) + KEY.sign(TEXT.encode()))
    assert not both.verifier.has_signed(Note(TEXT, (plain,)))
    cosignature = both.cosign(TEXT, 5)
    as_log = NoteSignature(NAME, SIGNER.verifier.id, cosignature.signature[8:])
    assert not SIGNER.verifier.has_signed(Note(TEXT, (as_log,)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a checkpoint"),
        ("\n", "not a checkpoint"),
        ("a\n", "not a checkpoint"),
        ("a\n1\n", "not a checkpoint"),
        (TEXT.rstrip("\n"), "not a checkpoint"),
        (TEXT + "\n", "not a checkpoint"),
        ("\n" + TEXT, "not a checkpoint"),
        (TEXT.replace("\n12\n", "\n\n12\n"), "not a checkpoint"),
        (TEXT.replace("\n12\n", "\n012\n"), "how many"),
        (TEXT.replace("\n12\n", "\n-12\n"), "how many"),
        (TEXT.replace("\n12\n", "\n+12\n"), "how many"),
        (TEXT.replace("\n12\n", "\n12 \n"), "how many"),
        (TEXT.replace("\n12\n", "\n1_2\n"), "how many"),
        (TEXT.replace("\n12\n", "\n１２\n"), "how many"),
        (TEXT.replace("\n12\n", "\n0x1\n"), "how many"),
        (TEXT.replace("\n12\n", f"\n{2**63}\n"), "how many"),
        (TEXT.replace("\n12\n", f"\n{'9' * 5_000}\n"), "how many"),
        (TEXT.replace("=", ""), "base64"),
        (TEXT.replace("A=", "B="), "base64"),
        (f"a\n1\n{b64(bytes(31))}\n", "length"),
        (f"a\n1\n{b64(bytes(33))}\n", "length"),
    ],
)
def test_a_checkpoint_that_is_none_is_refused(text: str, why: str) -> None:
    assert why in refused(lambda: Checkpoint.parse(text))


def test_the_checkpoint_of_an_empty_log_and_one_with_more_lines_are_read() -> None:
    assert Checkpoint.parse(f"a\n0\n{b64(bytes(32))}\n").size == 0
    assert Checkpoint.parse(TEXT + "more\nlines\n") == Checkpoint.parse(TEXT)
    assert Checkpoint.parse(TEXT.replace("\n12\n", f"\n{2**63 - 1}\n")).size == 2**63 - 1


@given(st.text("abc /+é", min_size=1), st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_is_written(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("", "form"),
        ("c2sp.org/tlog-proof@v2\nindex 1\n", "form"),
        (f" {PROOF_HEAD}\nindex 1\n", "form"),
        (f"{PROOF_HEAD}\n", "which entry"),
        (f"{PROOF_HEAD}\nextra AAAA\n", "which entry"),
        (f"{PROOF_HEAD}\nextra AAAA\nextra AAAA\nindex 1\n", "which entry"),
        (f"{PROOF_HEAD}\nindex\n", "which entry"),
        (f"{PROOF_HEAD}\nindex -1\n", "which entry"),
        (f"{PROOF_HEAD}\nindex 01\n", "which entry"),
        (f"{PROOF_HEAD}\nindex 1 \n", "which entry"),
        (f"{PROOF_HEAD}\nindex  1\n", "which entry"),
        (f"{PROOF_HEAD}\nindex {'1' * 5_000}\n", "which entry"),
        (f"{PROOF_HEAD}\nindex 1\nAAAA\n", "length"),
        (f"{PROOF_HEAD}\nindex 1\n{b64(bytes(32))[:-1]}\n", "base64"),
        (f"{PROOF_HEAD}\nindex 1\n{b64(bytes(32))} \n", "base64"),
        (f"{PROOF_HEAD}\nindex 1\n" + f"{b64(bytes(32))}\n" * (PATH_LIMIT + 1), "too long"),
        (f"{PROOF_HEAD}\nindex 1\r\n", "which entry"),
    ],
)
def test_a_proof_that_is_none_is_refused(head: str, why: str) -> None:
    assert why in refused(lambda: Proof.parse(f"{head}\n".encode() + bytes(note())))


def test_a_proof_over_a_note_that_is_none_is_refused() -> None:
    assert refused(lambda: Proof.parse(f"{PROOF_HEAD}\nindex 1\n".encode()))
    assert refused(lambda: Proof.parse(f"{PROOF_HEAD}\nindex 1\n\n".encode()))
    assert refused(lambda: Proof.parse(f"{PROOF_HEAD}\nindex 1\n\ntext\n\n— a AAAA\n".encode()))
    assert refused(lambda: Proof.parse(b"\xff\n\n" + bytes(note())))
    assert refused(lambda: Proof.parse(b"x" * (NOTE_LIMIT + 1)))


@given(st.integers(0, 2**62), st.lists(st.binary(min_size=32, max_size=32), max_size=PATH_LIMIT))
def test_a_proof_is_read_as_it_is_written(index: int, path: list[bytes]) -> None:
    proof = Proof(index, tuple(path), note())
    assert Proof.parse(bytes(proof)) == proof


# What is nearly a note is more of a trial than what is nothing at all.
LINES = st.sampled_from(
    [
        "",
        "text",
        NAME,
        "12",
        b64(bytes(32)),
        f"— {NAME} {b64(bytes(68))}",
        "— a AAAAAAA=",
        "— a +",
        PROOF_HEAD,
        "index 3",
        "extra AAAA",
        "é",
        "\ufeff",
        "\u2028",
    ]
)
NEARLY = st.lists(LINES, max_size=12).map(lambda lines: "\n".join(lines).encode())


@examples(400)
@given(st.one_of(st.binary(max_size=300), NEARLY, NEARLY.map(lambda data: data + b"\n")))
@example(EXAMPLE)
@example(b"a\n\n\n\xe2\x80\x94 a AAAAAAA=\n")
def test_whatever_is_parsed_is_what_is_written_or_is_refused(data: bytes) -> None:
    try:
        found = Note.parse(data)
    except NoteError:
        pass
    else:
        assert bytes(found) == data
        assert not SIGNER.verifier.has_signed(found)
    try:
        proof = Proof.parse(data)
    except NoteError:
        pass
    else:
        assert Proof.parse(bytes(proof)) == proof


@examples(300)
@given(st.one_of(st.text(), st.text("a+/=\n 019"), NEARLY.map(bytes.decode)))
@example("\ud800\n1\nAAAA\n")
def test_no_text_breaks_the_reading_of_checkpoints_and_keys(text: str) -> None:
    for parse in (Checkpoint.parse, Verifier.parse):
        try:
            found = parse(text)
        except NoteError:
            continue
        assert parse(getattr(found, "text", None) or str(found)) == found


@examples(200)
@given(st.data())
def test_a_bit_that_is_changed_anywhere_is_noticed(data: st.DataObject) -> None:
    whole = bytearray(bytes(note()))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    try:
        found = Note.parse(bytes(whole))
    except NoteError:
        return
    assert not SIGNER.verifier.has_signed(found)
