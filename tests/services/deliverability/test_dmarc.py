"""What is said of a domain's DMARC policy (RFC 7489)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.deliverability.dmarc import check_dmarc
from invito.services.deliverability.dmarc_record import (
    Disposition,
    DmarcSyntaxError,
    is_aligned,
    is_dmarc,
    mailbox_of_uri,
    places_of,
    read_dmarc_record,
)
from invito.services.deliverability.findings import Outcome
from tests.services.deliverability.conftest import TableReader

HERE = "mail.office.example"


def dns(text: str, at: str = HERE) -> TableReader:
    return TableReader().txt(f"_dmarc.{at}", text)


async def said(reader: TableReader) -> list[tuple[Outcome, str, str]]:
    return [(one.outcome, one.sentence, one.to_do or "") for one in (await check_dmarc(reader, HERE)).findings]


async def test_a_policy_that_refuses_forged_mail_and_reports_is_good() -> None:
    ((outcome, sentence, _),) = await said(dns(f"v=DMARC1; p=reject; rua=mailto:dmarc@{HERE}"))

    assert (outcome, f"_dmarc.{HERE}" in sentence) == (Outcome.GOOD, True)


async def test_without_one_the_record_to_publish_is_said() -> None:
    ((outcome, _, to_do),) = await said(TableReader().txt(f"_dmarc.{HERE}", "something else"))

    assert outcome is Outcome.WRONG
    assert f'TXT record at _dmarc.{HERE}: "v=DMARC1; p=none; rua=mailto:postmaster@{HERE}"' in to_do


async def test_the_policy_of_the_organization_counts_for_its_subdomains() -> None:
    record = "v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@office.example"

    verdict = await check_dmarc(dns(record, "office.example"), HERE)

    assert (verdict.organization, verdict.findings[0].outcome) == ("office.example", Outcome.DOUBTFUL)
    assert "sp=none" in verdict.findings[0].sentence


async def test_a_record_of_its_own_comes_before_the_organizations() -> None:
    reader = dns(f"v=DMARC1; p=reject; rua=mailto:a@{HERE}").txt("_dmarc.office.example", "v=DMARC1; p=none")

    assert (await check_dmarc(reader, HERE)).organization == HERE
    assert ("_dmarc.office.example", "TXT") not in {(name, kind.value) for name, kind in reader.asked}


@pytest.mark.parametrize(
    ("record", "outcome", "words"),
    [
        (f"v=DMARC1; p=none; rua=mailto:a@{HERE}", Outcome.DOUBTFUL, "p=none"),
        (f"v=DMARC1; p=quarantine; pct=20; rua=mailto:a@{HERE}", Outcome.DOUBTFUL, "pct=20"),
        ("v=DMARC1; p=quarantine", Outcome.DOUBTFUL, "nobody gets reports"),
        ("v=DMARC1; p=quarantine; rua=https://office.example/x", Outcome.DOUBTFUL, "nobody gets reports"),
        ("v=DMARC1; rua=mailto:a@b.example", Outcome.WRONG, "p= is missing"),
        ("v=DMARC1; p=block", Outcome.WRONG, "p=block"),
        ("v=DMARC1; p=reject; adkim=x", Outcome.WRONG, "adkim=x"),
        ("v=DMARC1; p=reject; p=none", Outcome.WRONG, "twice"),
        ("v=DMARC1 p=reject", Outcome.WRONG, "neither"),
    ],
)
async def test_what_is_wrong_with_it_is_said(record: str, outcome: Outcome, words: str) -> None:
    ((found, sentence, to_do),) = await said(dns(record))

    assert found is outcome
    assert words in sentence
    assert to_do


async def test_of_several_records_none_counts() -> None:
    ((outcome, sentence, _),) = await said(
        TableReader().txt(f"_dmarc.{HERE}", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    )

    assert (outcome, "2 records" in sentence) == (Outcome.WRONG, True)


async def test_who_is_to_get_reports_from_outside_has_to_agree() -> None:
    record = "v=DMARC1; p=reject; rua=mailto:a@reports.example!10m,mailto:b@sub.mail.office.example"
    reader = dns(record)

    refused = await said(reader)
    agreed = await said(reader.txt(f"{HERE}._report._dmarc.reports.example", "v=DMARC1"))

    assert [outcome for outcome, *_ in refused] == [Outcome.GOOD, Outcome.DOUBTFUL]
    assert f"{HERE}._report._dmarc.reports.example" in refused[1][2]
    assert [outcome for outcome, *_ in agreed] == [Outcome.GOOD]


async def test_a_server_that_does_not_answer_is_no_missing_policy() -> None:
    ((outcome, sentence, _),) = await said(TableReader(failing=frozenset({f"_dmarc.{HERE}"})))

    assert (outcome, "does not answer" in sentence) == (Outcome.WRONG, True)


@pytest.mark.parametrize(
    ("signer", "is_strict", "counts"),
    [
        ("mail.office.example", False, True), ("office.example", False, True), ("OTHER.office.example.", False, True),
        ("badoffice.example", False, False), ("example", False, False),
        ("office.example", True, False), ("mail.office.example", True, True),
    ],
)  # fmt: skip
def test_who_is_aligned(signer: str, is_strict: bool, counts: bool) -> None:
    assert is_aligned(signer, HERE, "office.example", is_strict=is_strict) is counts


def test_the_way_up_ends_below_the_top() -> None:
    assert list(places_of("a.b.office.example")) == ["a.b.office.example", "b.office.example", "office.example"]
    assert len(list(places_of(".".join(["x"] * 100)))) <= 8


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for record in (text, f"v=DMARC1; {text}"):
        try:
            read = read_dmarc_record(record)
        except DmarcSyntaxError as problem:
            assert str(problem)
        else:
            assert 0 <= read.percent <= 100


@given(
    st.sampled_from(list(Disposition)), st.one_of(st.none(), st.sampled_from(list(Disposition))),
    st.integers(0, 100), st.booleans(),
)  # fmt: skip
def test_what_is_written_is_read(policy: Disposition, below: Disposition | None, percent: int, is_strict: bool) -> None:
    alignment = "s" if is_strict else "r"
    text = (
        f"v=DMARC1;p={policy.value.upper()} ; pct={percent};adkim={alignment}; rua = mailto:a@b.example!1m ,mailto:c@d"
    )
    text += f";sp={below.value};" if below else ""

    read = read_dmarc_record(text)

    assert is_dmarc(text)
    assert (read.policy, read.subdomains) == (policy, below or policy)
    assert (read.percent, read.is_strict_dkim) == (percent, is_strict)
    assert [mailbox_of_uri(uri) for uri in read.reports] == ["a@b.example", "c@d"]
