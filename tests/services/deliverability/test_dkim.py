"""What is said of DKIM keys and of the signatures of a mail that came back (RFC 6376)."""

from __future__ import annotations

import base64
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from invito.services.deliverability.dkim import check_dkim_keys, check_dkim_signatures, judge_signatures
from invito.services.deliverability.dkim_record import DkimSignature, DkimSyntaxError, read_dkim_key, signatures_of
from invito.services.deliverability.dmarc import DmarcVerdict
from invito.services.deliverability.dmarc_record import read_dmarc_record
from invito.services.deliverability.findings import Finding, Outcome
from tests.services.deliverability.conftest import TableReader

HERE = "office.example"
NAME = f"s1._domainkey.{HERE}"


@cache
def rsa_key(bits: int) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def ed25519_key() -> str:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def elliptic_key() -> str:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


async def said(*records: str) -> Finding:
    (finding,) = await check_dkim_keys(TableReader().txt(NAME, *records), HERE, ["s1", "s1"])
    return finding


async def test_a_key_that_is_long_enough_is_good() -> None:
    assert (await said(f"v=DKIM1; k=rsa; p={rsa_key(2048)}")).sentence.endswith("(rsa, 2048 bits).")
    assert (await said(f"k=ed25519; p={ed25519_key()};")).outcome is Outcome.GOOD
    # Blanks within the key are none of it.
    assert (await said(f"p={rsa_key(2048)[:40]} \t{rsa_key(2048)[40:]}")).outcome is Outcome.GOOD


@pytest.mark.parametrize(
    ("record", "outcome", "words"),
    [
        ("v=DKIM1; p=", Outcome.WRONG, "revoked"),
        ("v=DKIM1; k=rsa", Outcome.WRONG, "p=, the key itself, is missing"),
        ("v=DKIM2; p=AAAA", Outcome.WRONG, "is not DKIM1"),
        ("v=DKIM1; p=@@@@", Outcome.WRONG, "no base64"),
        ("v=DKIM1; p=AAAA", Outcome.WRONG, "no RSA key"),
        ("v=DKIM1; k=ed25519; p=AAAA", Outcome.WRONG, "no Ed25519 key"),
        ("v=DKIM1; k=dsa; p=AAAA", Outcome.WRONG, "neither rsa nor ed25519"),
        ("v=DKIM1; p=AAAA; p=AAAA", Outcome.WRONG, "twice"),
        (f"p={rsa_key(2048)[:-20]}", Outcome.WRONG, "was a piece of it lost?"),
        (f"p={elliptic_key()}", Outcome.WRONG, "no RSA key"),
        (f"p={rsa_key(1024)}", Outcome.DOUBTFUL, "1024 bits"),
        (f"t=y; p={rsa_key(2048)}", Outcome.DOUBTFUL, "a test"),
        (f"s=tlsrpt; p={rsa_key(2048)}", Outcome.WRONG, "not for mail"),
    ],
    # Each process makes keys of its own, and all have to call the tests the same.
    ids=lambda value: "a key" if isinstance(value, str) and len(value) > 60 else None,
)
async def test_what_is_wrong_with_a_key_is_said(record: str, outcome: Outcome, words: str) -> None:
    finding = await said(record)

    assert finding.outcome is outcome
    assert words in finding.sentence
    assert finding.to_do


async def test_a_key_that_is_not_there_or_there_twice_is_told_with_its_name() -> None:
    nowhere = await said()
    twice = await said("v=DKIM1; p=", "v=DKIM1; p=")
    (unknown,) = await check_dkim_keys(TableReader(failing=frozenset({NAME})), HERE, ["s1"])

    assert NAME in nowhere.sentence
    assert "2 TXT records" in twice.sentence
    assert "does not answer" in unknown.sentence


def signed(*headers: str) -> list[DkimSignature]:
    return signatures_of("".join(f"DKIM-Signature: {header}\r\n" for header in headers).encode() + b"\r\nHello")


def test_signatures_are_read_from_a_mail_folded_as_servers_fold_them() -> None:
    found = signed("v=1; a=rsa-sha256;\r\n\td=Office.Example; s=s1; h=from:to;\r\n bh=x=; b=y=", "nonsense", "v=1; d=x")

    assert found == [DkimSignature("office.example", "s1", "rsa-sha256")]


STRICT = DmarcVerdict([], read_dmarc_record("v=DMARC1; p=none; adkim=s"), HERE)
RELAXED = DmarcVerdict([], read_dmarc_record("v=DMARC1; p=none"), HERE)


@pytest.mark.parametrize(
    ("signers", "dmarc", "outcome"),
    [
        ((), RELAXED, Outcome.WRONG),
        (("office.example",), RELAXED, Outcome.GOOD),
        (("mail.office.example",), RELAXED, Outcome.GOOD),
        (("mail.office.example",), STRICT, Outcome.WRONG),
        (("mail.office.example",), DmarcVerdict([]), Outcome.WRONG),
        (("provider.example",), RELAXED, Outcome.WRONG),
        (("provider.example", "office.example"), RELAXED, Outcome.GOOD),
    ],
)
def test_a_signature_counts_where_it_is_for_the_domain(
    signers: tuple[str, ...], dmarc: DmarcVerdict, outcome: Outcome
) -> None:
    signatures = [DkimSignature(signer, "s1", "rsa-sha256") for signer in signers]

    (finding,) = judge_signatures(HERE, signatures, dmarc)

    assert finding.outcome is outcome


def test_a_signature_with_sha1_counts_for_nothing() -> None:
    (finding,) = judge_signatures(HERE, [DkimSignature(HERE, "s1", "rsa-sha1")], RELAXED)

    assert finding.outcome is Outcome.WRONG


async def test_the_keys_of_a_mails_signatures_are_looked_at() -> None:
    dns = TableReader().txt(NAME, f"v=DKIM1; p={rsa_key(2048)}")

    findings = await check_dkim_signatures(
        dns, HERE, signed(f"a=rsa-sha256; d={HERE}; s=s1", "d=p.example; s=x"), RELAXED
    )

    assert [one.outcome for one in findings] == [Outcome.GOOD, Outcome.GOOD, Outcome.WRONG]
    assert "x._domainkey.p.example" in findings[2].sentence


@given(st.text())
def test_any_text_is_a_key_or_is_refused(text: str) -> None:
    for record in (text, f"v=DKIM1; p={text}"):
        try:
            key = read_dkim_key(record)
        except DkimSyntaxError as problem:
            assert str(problem)
        else:
            assert key.bits is None or key.bits > 0


@given(st.binary(max_size=300))
def test_any_octets_have_signatures_or_none(octets: bytes) -> None:
    for one in signatures_of(b"DKIM-Signature: " + octets):
        assert one.domain
        assert one.selector
