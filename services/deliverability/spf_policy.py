"""A domain's SPF policy with all that it refers to, as receivers would work through it (RFC 7208 §4.6.4, §5). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from invito.services.deliverability.dns_answers import DnsAnswer, Lookup, RecordType
from invito.services.deliverability.spf_record import Mechanism, SpfRecord, SpfSyntaxError, is_spf, read_spf_record

MOST_LOOKUPS = 10
MOST_VOID_LOOKUPS = 2
MOST_MX_HOSTS = 10
# Of a policy that refers to itself over and over no more is counted.
_COUNTED_TO = 100

Question = tuple[str, RecordType]


class PolicyError(Exception):
    """Receivers take all of the policy as broken (permerror)."""


@dataclass
class Work:
    """What working through a policy costs where no mechanism matches, which is the worst that can be."""

    lookups: int = 0
    void: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)


def questions_of(record: SpfRecord, domain: str) -> Iterator[Question]:
    """What has to be asked to work through a record, but for names that depend on who sends."""
    for one in record.reached:
        name = one.domain or domain
        if not one.asks_dns or one.has_macro or one.name == "ptr":
            continue
        kinds = {"include": (RecordType.TXT,), "mx": (RecordType.MX,), "exists": (RecordType.A,)}
        for kind in kinds.get(one.name, (RecordType.A, RecordType.AAAA)):
            yield name, kind
    if _goes_on(record) and record.redirect is not None and "%" not in record.redirect:
        yield record.redirect.rstrip(".").lower(), RecordType.TXT


def records_in(answer: DnsAnswer) -> list[str]:
    """The SPF records among the TXT records of a name."""
    return [text for text in answer.records if is_spf(text)]


def the_record(answer: DnsAnswer, domain: str) -> SpfRecord:
    """
    :raises PolicyError: there is none, there are several, or it is broken.
    """
    found = records_in(answer)
    if len(found) != 1:
        raise PolicyError(f"{domain} has {'no SPF record' if not found else f'{len(found)} SPF records'}")
    try:
        return read_spf_record(found[0])
    except SpfSyntaxError as problem:
        raise PolicyError(f"the SPF record of {domain} is broken: {problem}") from problem


def work_through(domain: str, answers: Mapping[Question, DnsAnswer]) -> Work:
    """Go through the policy with what DNS answered.

    :raises PolicyError: something that it refers to spoils it.
    """
    work = Work()
    _work(work, domain, answers, (domain,))
    return work


def _work(work: Work, domain: str, answers: Mapping[Question, DnsAnswer], path: tuple[str, ...]) -> None:
    record = the_record(answers[domain, RecordType.TXT], domain)
    for one in record.reached:
        if one.asks_dns:
            _mechanism(work, one, domain, answers, path)
    if _goes_on(record) and record.redirect is not None:
        _count(work)
        if "%" not in record.redirect:
            _enter(work, record.redirect.rstrip(".").lower(), answers, path)


def _mechanism(
    work: Work, one: Mechanism, domain: str, answers: Mapping[Question, DnsAnswer], path: tuple[str, ...]
) -> None:
    _count(work)
    name = one.domain or domain
    if one.has_macro or one.name == "ptr":
        return
    if one.name == "include":
        _enter(work, name, answers, path)
        return
    kinds = {"mx": (RecordType.MX,), "exists": (RecordType.A,)}.get(one.name, (RecordType.A, RecordType.AAAA))
    found = [answers[name, kind] for kind in kinds if (name, kind) in answers]
    if one.name == "mx" and any(len(answer.records) > MOST_MX_HOSTS for answer in found):
        raise PolicyError(f"mx:{name} leads to more than {MOST_MX_HOSTS} hosts")
    if found and all(answer.is_void for answer in found):
        # `exists` has no answer for whom it does not match: that is what it is for.
        work.void.extend([] if one.name == "exists" else [f"{one.name}:{name}"])
    elif any(answer.lookup is Lookup.FAILED for answer in found):
        work.unanswered.append(name)


def _enter(work: Work, name: str, answers: Mapping[Question, DnsAnswer], path: tuple[str, ...]) -> None:
    if name in path:
        raise PolicyError(f"it goes round in a circle: {' → '.join((*path, name))}")
    answer = answers.get((name, RecordType.TXT))
    if answer is None or answer.lookup is Lookup.FAILED:
        work.unanswered.append(name)
        return
    if answer.is_void:
        work.void.append(name)
    _work(work, name, answers, (*path, name))


def _count(work: Work) -> None:
    work.lookups += 1
    if work.lookups >= _COUNTED_TO:
        raise PolicyError(f"it takes {_COUNTED_TO} lookups and more, where {MOST_LOOKUPS} are allowed")


def _goes_on(record: SpfRecord) -> bool:
    """Whether `redirect` counts: not where `all` matches before (§6.1)."""
    return record.catch_all is None
