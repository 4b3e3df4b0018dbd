"""Whether the domain says who may send in its name (SPF, RFC 7208): asked, and judged."""

import asyncio
from collections.abc import Mapping

from invito.services.deliverability.dns_answers import DnsAnswer, DnsReader, Lookup, RecordType
from invito.services.deliverability.findings import Finding, doubtful, good, wrong
from invito.services.deliverability.spf_policy import (
    MOST_LOOKUPS,
    MOST_VOID_LOOKUPS,
    PolicyError,
    Question,
    Work,
    questions_of,
    records_in,
    the_record,
    work_through,
)
from invito.services.deliverability.spf_record import SpfRecord

# Beyond it a policy is broken anyway.
_MOST_QUESTIONS = 60
_CONSULT = "Name there only what sends your mail."


async def check_spf(dns: DnsReader, domain: str, way_out: str | None) -> list[Finding]:
    """What is to be said of the domain's policy; `way_out` is the server that mail is handed over to."""
    return judge_spf(domain, await spf_answers(dns, domain), way_out)


async def spf_answers(dns: DnsReader, domain: str) -> dict[Question, DnsAnswer]:
    """All that receivers would ask for to work through the policy of a domain."""
    answers: dict[Question, DnsAnswer] = {}
    waiting = {(domain, RecordType.TXT)}
    while waiting and len(answers) + len(waiting) <= _MOST_QUESTIONS:
        asked = list(waiting)
        found = await asyncio.gather(*(dns.ask(*question) for question in asked))
        answers.update(zip(asked, found, strict=True))
        waiting = {
            question
            for (name, kind), answer in zip(asked, found, strict=True)
            if kind is RecordType.TXT
            for question in _questions(answer, name)
        } - answers.keys()
    return answers


def judge_spf(domain: str, answers: Mapping[Question, DnsAnswer], way_out: str | None) -> list[Finding]:
    """Everything that is wrong or doubtful about it; one sentence that it is good where nothing is. Pure."""
    answer = answers[domain, RecordType.TXT]
    if answer.lookup is Lookup.FAILED:
        return [unanswered("SPF", domain, answer)]
    found = records_in(answer)
    if not found:
        example = f"v=spf1 a:{way_out} -all" if way_out else "v=spf1 mx -all"
        return [
            wrong(
                f"SPF: {domain} does not say who may send in its name.",
                f'Publish a TXT record at {domain}, such as "{example}", or with the include: that your mail provider '
                "names.",
            )
        ]
    if len(found) > 1:
        return [
            wrong(
                f"SPF: {domain} has {len(found)} records, and receivers heed none of several (permerror).",
                f"Make one of them: {' and '.join(f'“{text}”' for text in found)}.",
            )
        ]
    try:
        record = the_record(answer, domain)
        work = work_through(domain, answers)
    except PolicyError as problem:
        return [wrong(f"SPF: receivers take it as broken (permerror): {problem}.", f"Mend the TXT record at {domain}.")]
    findings = [*_about_its_end(domain, record), *_about_its_cost(domain, record, work)]
    return findings or [good(f"SPF: “{found[0]}” ({work.lookups} of {MOST_LOOKUPS} lookups).")]


def unanswered(what: str, name: str, answer: DnsAnswer) -> Finding:
    """DNS did not answer, so nothing can be said."""
    return wrong(
        f"{what}: DNS does not answer for {name} ({answer.words}).",
        "See to the domain's name servers, or name others to ask (INVITO_DNS_SERVERS), and try again.",
    )


def _questions(answer: DnsAnswer, domain: str) -> set[Question]:
    try:
        return set(questions_of(the_record(answer, domain), domain))
    except PolicyError:
        return set()


def _about_its_end(domain: str, record: SpfRecord) -> list[Finding]:
    """What becomes of who is not named in it."""
    end = record.catch_all
    if end == "+":
        return [wrong(f"SPF: +all lets everybody send in the name of {domain}.", "End the record with -all or ~all.")]
    if len(record.reached) == 1 and end is not None:
        return [wrong(f"SPF: nobody is named who may send in the name of {domain}.", _CONSULT)]
    if end == "?" or (end is None and record.redirect is None):
        return [
            doubtful(
                f"SPF: what the record of {domain} does not name is neither allowed nor refused.",
                "End it with -all or ~all.",
            )
        ]
    return []


def _about_its_cost(domain: str, record: SpfRecord, work: Work) -> list[Finding]:
    findings = []
    if work.lookups > MOST_LOOKUPS:
        findings.append(
            wrong(
                f"SPF: it takes {work.lookups} lookups, and receivers give up after {MOST_LOOKUPS} (permerror).",
                f"Take out of the record of {domain} what you no longer send by, or write addresses (ip4:, ip6:) in "
                "place of names.",
            )
        )
    if work.void:
        names = ", ".join(work.void)
        sentence = f"SPF: it refers to names without records: {names}."
        if len(work.void) > MOST_VOID_LOOKUPS:
            sentence = f"SPF: it refers to names without records, more than {MOST_VOID_LOOKUPS} (permerror): {names}."
        to_do = "Take these out of the record, or mend the names."
        findings.append((wrong if len(work.void) > MOST_VOID_LOOKUPS else doubtful)(sentence, to_do))
    if work.unanswered:
        names = ", ".join(work.unanswered)
        findings.append(doubtful(f"SPF: DNS does not answer for {names}, which it refers to.", "Try again later."))
    if any(one.name == "ptr" for one in record.reached):
        findings.append(
            doubtful("SPF: ptr is slow, and many receivers pass it over (RFC 7208 §5.5).", "Write addresses instead.")
        )
    return findings
