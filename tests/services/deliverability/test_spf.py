"""What is said of a domain's SPF policy (RFC 7208), over DNS as a test says it is."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.deliverability.dns_answers import RecordType
from invito.services.deliverability.findings import Finding, Outcome
from invito.services.deliverability.spf import check_spf
from invito.services.deliverability.spf_policy import MOST_LOOKUPS
from invito.services.deliverability.spf_record import SpfSyntaxError, is_spf, read_spf_record
from tests.services.deliverability.conftest import TableReader

HERE = "office.example"


async def said(dns: TableReader) -> list[tuple[Outcome, str]]:
    return [(one.outcome, one.sentence) for one in await check_spf(dns, HERE, "smtp.office.example")]


async def only(dns: TableReader) -> Finding:
    (finding,) = await check_spf(dns, HERE, "smtp.office.example")
    return finding


async def test_a_policy_that_names_its_senders_is_good() -> None:
    dns = TableReader().host(HERE).txt(HERE, "v=spf1 a include:provider.example -all", "something=else")
    dns.txt("provider.example", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all")

    finding = await only(dns)

    assert finding.outcome is Outcome.GOOD
    assert "(2 of 10 lookups)" in finding.sentence


async def test_without_a_record_the_one_to_publish_is_said() -> None:
    finding = await only(TableReader().txt(HERE, "verification=1"))

    assert finding.outcome is Outcome.WRONG
    assert finding.to_do is not None
    assert '"v=spf1 a:smtp.office.example -all"' in finding.to_do


async def test_of_several_records_none_counts() -> None:
    finding = await only(TableReader().txt(HERE, "v=spf1 mx -all", "V=SPF1 a -all"))

    assert finding.outcome is Outcome.WRONG
    assert "permerror" in finding.sentence


async def test_a_record_of_another_version_is_none() -> None:
    assert "does not say who" in (await only(TableReader().txt(HERE, "v=spf10 -all"))).sentence


@pytest.mark.parametrize(
    ("record", "outcome", "words"),
    [
        ("v=spf1 ip4:192.0.2.1 +all", Outcome.WRONG, "everybody"),
        ("v=spf1 ip4:192.0.2.1 all", Outcome.WRONG, "everybody"),
        ("v=spf1 ip4:192.0.2.1 ?all", Outcome.DOUBTFUL, "neither allowed nor refused"),
        ("v=spf1 ip4:192.0.2.1", Outcome.DOUBTFUL, "neither allowed nor refused"),
        ("v=spf1 -all", Outcome.WRONG, "nobody is named"),
        ("v=spf1 ptr -all", Outcome.DOUBTFUL, "ptr is slow"),
        ("v=spf1 ip4:192.0.2.300 -all", Outcome.WRONG, "is no IPv4 address"),
        ("v=spf1 ip4:192.0.2.0/255.255.255.0 -all", Outcome.WRONG, "no prefix length"),
        ("v=spf1 inclde:provider.example -all", Outcome.WRONG, "nobody knows the term inclde:provider.example"),
        ("v=spf1 include -all", Outcome.WRONG, "names no domain"),
        ("v=spf1 a/33 -all", Outcome.WRONG, "prefix length"),
        ("v=spf1 -all:x", Outcome.WRONG, "takes no value"),
        ("v=spf1 redirect=a.example redirect=b.example", Outcome.WRONG, "twice"),
    ],
)
async def test_what_is_wrong_with_the_record_itself_is_said(record: str, outcome: Outcome, words: str) -> None:
    finding = await only(TableReader().txt(HERE, record))

    assert finding.outcome is outcome
    assert words in finding.sentence
    assert finding.to_do


@pytest.mark.parametrize(("includes", "outcome"), [(5, Outcome.GOOD), (6, Outcome.WRONG)])
async def test_ten_lookups_are_allowed_over_all_that_is_included(includes: int, outcome: Outcome) -> None:
    names = [f"p{number}.example" for number in range(includes)]
    dns = TableReader().txt(HERE, f"v=spf1 {' '.join(f'include:{name}' for name in names)} -all").host(*names)
    for name in names:
        dns.txt(name, "v=spf1 a -all")

    finding = await only(dns)

    assert finding.outcome is outcome
    assert str(2 * includes) in finding.sentence


async def test_a_redirect_counts_and_its_record_stands_for_this_one() -> None:
    dns = TableReader().txt(HERE, "v=spf1 redirect=_spf.provider.example")
    dns.txt("_spf.provider.example", "v=spf1 ip4:192.0.2.1 -all")

    assert await said(dns) == [
        (Outcome.GOOD, "SPF: “v=spf1 redirect=_spf.provider.example” (1 of 10 lookups)."),
    ]


async def test_what_stands_behind_all_is_never_asked_for() -> None:
    dns = TableReader().txt(HERE, "v=spf1 ip4:192.0.2.1 -all include:gone.example redirect=gone.example")

    assert (await only(dns)).outcome is Outcome.GOOD
    assert ("gone.example", RecordType.TXT) not in dns.asked


@pytest.mark.parametrize("term", ["include:gone.example -all", "redirect=gone.example"])
async def test_a_policy_that_refers_to_none_is_broken(term: str) -> None:
    finding = await only(TableReader().txt(HERE, f"v=spf1 ip4:192.0.2.1 {term}"))

    assert finding.outcome is Outcome.WRONG
    assert "gone.example has no SPF record" in finding.sentence


async def test_a_policy_that_goes_round_in_a_circle_is_broken_and_asked_for_once() -> None:
    dns = (
        TableReader().txt(HERE, "v=spf1 include:a.example -all").txt("a.example", "v=spf1 include:office.example -all")
    )

    finding = await only(dns)

    assert "office.example → a.example → office.example" in finding.sentence
    assert max(dns.asked.values()) == 1


@pytest.mark.parametrize(
    ("names", "outcome"), [(("a",), Outcome.DOUBTFUL), (("a", "b"), Outcome.DOUBTFUL), (("a", "b", "c"), Outcome.WRONG)]
)
async def test_names_without_records_are_told_and_more_than_two_are_too_many(
    names: tuple[str, ...], outcome: Outcome
) -> None:
    terms = " ".join(f"a:{name}.gone.example" for name in names)

    finding = await only(TableReader().txt(HERE, f"v=spf1 {terms} -all"))

    assert finding.outcome is outcome
    assert all(f"a:{name}.gone.example" in finding.sentence for name in names)


async def test_a_name_that_depends_on_the_sender_counts_and_is_not_asked_for() -> None:
    dns = TableReader().txt(HERE, "v=spf1 exists:%{i}._spf.%{d} include:%{d2}.provider.example ip4:192.0.2.1 -all")

    finding = await only(dns)

    assert "(2 of 10 lookups)" in finding.sentence
    assert set(dns.asked) == {(HERE, RecordType.TXT)}


async def test_a_server_that_does_not_answer_is_no_missing_record() -> None:
    finding = await only(TableReader(failing=frozenset({HERE})))
    elsewhere = await only(
        TableReader(failing=frozenset({"p.example"})).txt(HERE, "v=spf1 include:p.example ip4:192.0.2.1 -all")
    )

    assert "DNS does not answer for office.example (SERVFAIL)" in finding.sentence
    assert (elsewhere.outcome, "p.example" in elsewhere.sentence) == (Outcome.DOUBTFUL, True)


async def test_more_than_ten_mail_servers_behind_mx_break_it() -> None:
    dns = TableReader().txt(HERE, "v=spf1 mx -all").mx(HERE, *(f"10 mx{n}.office.example." for n in range(11)))

    assert (await only(dns)).outcome is Outcome.WRONG


LABEL = st.text(string.ascii_lowercase, min_size=1, max_size=3)
TERM = st.one_of(
    st.builds("{}include:{}".format, st.sampled_from(["", "-", "~", "?"]), LABEL),
    st.builds("a:{}".format, LABEL),
    st.sampled_from(["mx", "a", "ptr", "ip4:192.0.2.1", "ip6:2001:db8::1", "-all", "~all", "exists:%{i}.x"]),
    st.builds("redirect={}".format, LABEL),
)
RECORD = st.lists(TERM, max_size=6).map(lambda terms: " ".join(["v=spf1", *terms]))


@given(st.text())
def test_any_text_is_a_record_or_breaks_a_rule(text: str) -> None:
    try:
        read_spf_record(text)
    except SpfSyntaxError as problem:
        assert str(problem)
    else:
        assert is_spf(text)


@given(st.dictionaries(LABEL, RECORD, max_size=6), RECORD)
async def test_whatever_policies_refer_to_something_is_said_and_few_questions_are_asked(
    others: dict[str, str], record: str
) -> None:
    dns = TableReader().txt(HERE, record)
    for name, text in others.items():
        dns.txt(name, text)

    findings = await check_spf(dns, HERE, None)

    assert findings
    assert sum(dns.asked.values()) <= 60
    assert max(dns.asked.values()) == 1
    assert all(one.to_do for one in findings if one.outcome is not Outcome.GOOD)


@given(st.integers(0, 20))
async def test_the_count_is_right_for_any_number_of_lookups(count: int) -> None:
    names = [f"h{number}.example" for number in range(count)]
    dns = (
        TableReader().host(*names).txt(HERE, " ".join(["v=spf1", "ip4:192.0.2.1", *(f"a:{n}" for n in names), "-all"]))
    )

    finding = await only(dns)

    assert (finding.outcome is Outcome.GOOD) == (count <= MOST_LOOKUPS)
    assert f"{count} " in finding.sentence
