"""What the people of Nordlys AS plan in the weeks around today: enough that some are busy and some have answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from invito.demo.office import Office
from invito.services.follow_ups.commands import CreateFollowUp
from invito.services.follow_ups.values import FollowUpType, ParticipantStatus, Priority, ShowAs, Visibility

_DAYS_BACK, _DAYS_ON = 14, 28
_A_DAY = 6
# Håkon Johansen of the README is busy then.
_CONFLICT_AFTER_DAYS = 7
_HAKON = 19

_MEETINGS = (
    "Prosjektmøte", "Statusmøte", "Kundemøte", "Lønnssamtale", "Idédugnad", "Gjennomgang av tilbud", "Opplæring",
    "Styremøte", "Planlegging", "Befaring", "Evaluering", "Frokostmøte",
)  # fmt: skip
_CALLS = ("Ring om tilbudet", "Oppfølging på telefon", "Avklare leveranse")
_TASKS = ("Skrive referat", "Sende kontrakt", "Lage presentasjon", "Oppdatere prisliste")
_REASONS = ("Er på ferie da.", "Opptatt med et annet møte.", "Kan dessverre ikke.")


@dataclass(frozen=True, slots=True)
class Plan:
    """A follow-up to be: whose it is, what it is, who is invited (references), and how each answers, None as yet."""

    owner: int
    command: CreateFollowUp
    invitees: tuple[str, ...]
    answers: tuple[ParticipantStatus | None, ...]
    reason: str
    is_cancelled: bool = False


def plans(office: Office, today: date, random: Random) -> Iterator[Plan]:
    """The plans of all weekdays around `today`, of which Kari takes part in some, and one that the README tells of."""
    kari = office.employees[0]
    for offset in range(-_DAYS_BACK, _DAYS_ON):
        day = today + timedelta(days=offset)
        if day.weekday() > 4:
            continue
        for number in range(_A_DAY):
            owner = kari if number == 0 else random.choice(office.employees)
            invitees = random.sample(office.employees, random.randint(1, 4))
            if number in (1, 2) and kari not in invitees:
                invitees.append(kari)
            yield _plan(office, random, day, owner, [one for one in invitees if one != owner], offset)
    yield _certain_conflict(office, today + timedelta(days=_CONFLICT_AFTER_DAYS))


def _certain_conflict(office: Office, day: date) -> Plan:
    """What the README's example runs into, whichever day it is tried on."""
    command = CreateFollowUp(
        type=FollowUpType.APPOINTMENT,
        title="Budsjettmøte",
        start=f"{day}T10:00",
        duration="PT1H30M",
        with_open_overviews=False,
    )
    owner, invitee = office.employees[2], office.employees[_HAKON]
    return Plan(owner, command, (f"employee:{invitee}",), (None,), "")


def _plan(office: Office, random: Random, day: date, owner: int, colleagues: list[int], offset: int) -> Plan:
    kind = random.choices(list(FollowUpType), (8, 1, 2))[0]
    title = random.choice({FollowUpType.APPOINTMENT: _MEETINGS, FollowUpType.TASK: _TASKS}.get(kind, _CALLS))
    invitees = [f"employee:{one}" for one in colleagues]
    if random.random() < 0.4:
        invitees.append(f"person:{random.choice(office.persons)}")
    if kind is FollowUpType.APPOINTMENT and random.random() < 0.6:
        invitees.append(f"resource:{random.choice(office.locations[:12])}")
    if random.random() < 0.1:
        invitees.append(f"resource:{random.choice(office.things)}")
    is_all_day = random.random() < 0.04
    start = f"{day}T{random.randint(8, 15):02}:{random.choice(('00', '30'))}"
    command = CreateFollowUp(
        type=kind,
        title=title,
        start=f"{day}T00:00" if is_all_day else start,
        duration=None if is_all_day else random.choice(("PT30M", "PT1H", "PT1H", "PT1H30M", "PT2H")),
        is_all_day=is_all_day,
        priority=random.choice(list(Priority)),
        show_as=ShowAs.FREE if random.random() < 0.08 else ShowAs.BUSY,
        visibility=random.choices(list(Visibility), (7, 2, 1))[0],
        with_open_overviews=False,
        email_invitations=offset > 0 and random.random() < 0.2,
    )
    is_past = offset < 0
    answers = tuple(_answer(random, is_past=is_past) for _ in invitees)
    return Plan(owner, command, tuple(invitees), answers, random.choice(_REASONS), random.random() < 0.03)


def _answer(random: Random, *, is_past: bool) -> ParticipantStatus | None:
    """What is over was answered by most; what is to come waits for half of them."""
    chosen = random.choices(
        (None, ParticipantStatus.SEEN, ParticipantStatus.ACCEPTED, ParticipantStatus.TENTATIVE,
         ParticipantStatus.DECLINED),
        (1, 1, 12, 1, 2) if is_past else (5, 3, 6, 1, 2),
    )  # fmt: skip
    return chosen[0]
