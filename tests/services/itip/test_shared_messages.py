"""Real mails of programs, each doing what the index says: the follow-up is fitted to the mail, never the mail."""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from invito.services.addresses import address_key
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.ids import ParticipantId
from invito.services.itip.deciding import decide
from invito.services.itip.known import Arrival, KnownFollowUp, KnownParticipant, Trust
from invito.services.itip.reasons import Reason
from invito.services.itip.understanding import understand
from invito.services.itip.understood import Instant, UnderstoodMail, WholeDay
from invito.services.itip.verdicts import InboundOutcome as Outcome

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
_OBJECT_ADDRESS = re.compile(
    r"^(ATTENDEE|ORGANIZER)\b[^\r\n]*?(?:mailto:|:)([^\s:;]+@\S+)", re.IGNORECASE | re.MULTILINE
)
_STATUS = {
    "ACCEPTED": ParticipantStatus.ACCEPTED,
    "TENTATIVE": ParticipantStatus.TENTATIVE,
    "DECLINED": ParticipantStatus.DECLINED,
    "COMPLETED": ParticipantStatus.ACCEPTED,
}
_WITHOUT_EFFECT = {
    "not-ours": Outcome.NOT_OURS,
    "auto-reply": Outcome.NOT_OURS,
    "broken": Outcome.NOT_UNDERSTOOD,
}


@dataclass(frozen=True)
class Sample:
    file: Path
    kind: str
    method: str
    partstat: str
    expected: str
    note: str

    def mail(self) -> bytes:
        """The file, an object as the text/calendar of a mail from who answers, or asks."""
        raw = self.file.read_bytes()
        if self.kind == "mail":
            return raw
        unfolded = re.sub(r"\r?\n[ \t]", "", raw.decode())
        wanted = "ATTENDEE" if self.method in ("REPLY", "COUNTER", "REFRESH") else "ORGANIZER"
        written = {name.upper(): address for name, address in reversed(_OBJECT_ADDRESS.findall(unfolded))}
        sender = written.get(wanted) or written.get("ORGANIZER") or "somebody@example.org"
        return f"From: {sender}\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n".encode() + raw


def _samples() -> list[Sample]:
    folder = Path(os.environ.get("INVITO_SHARED", "../shared")) / "data" / "itip"
    if not folder.is_dir():
        return []
    with (folder / "index.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        Sample(folder / one["file"], one["kind"], one["method"], one["partstat"], one["expected"], one["note"])
        for one in rows
    ]


def _asked_by(mail: UnderstoodMail) -> KnownFollowUp:
    """The follow-up that such a mail answers."""
    occurrences = [one.recurrence_id for one in mail.components if one.recurrence_id is not None]
    start = START
    if occurrences:
        (only,) = occurrences
        start = (
            only.at if isinstance(only, Instant) else datetime(only.day.year, only.day.month, only.day.day, tzinfo=UTC)
        )
    addresses = dict.fromkeys(
        one.address for component in mail.components for one in component.attendees if one.address
    )
    sequence = max((one.sequence for one in mail.components), default=0)
    return KnownFollowUp(
        uid=mail.uids[0] if mail.uids else "none",
        sequence=sequence,
        moved_sequence=sequence,
        start=start,
        is_all_day=any(isinstance(one, WholeDay) for one in occurrences),
        time_zone="UTC",
        description=mail.components[0].description if mail.components else None,
        participants=tuple(KnownParticipant(ParticipantId(number), (one,)) for number, one in enumerate(addresses, 1)),
    )


def _is_from_the_attendee(sample: Sample, follow_up: KnownFollowUp) -> bool:
    """As the standard library reads From, which is right where nobody means to deceive."""
    head = sample.mail().split(b"\n\r\n")[0].split(b"\n\n")[0]
    written = re.search(rb"^From:(.*(?:\r?\n[ \t].*)*)", head, re.MULTILINE | re.IGNORECASE)
    assert written is not None
    addresses = default.header_factory("From", " ".join(written[1].decode().split())).addresses
    return {address_key(one.addr_spec) for one in addresses} <= follow_up.participant_by_key.keys()


@pytest.fixture
def sample(request: pytest.FixtureRequest, shared: Path) -> Sample:
    found: Sample = request.param
    return found


def _ids(sample: Sample) -> str:
    return sample.file.name


SAMPLES = _samples()


def test_all_of_the_index_is_tried(shared: Path) -> None:
    assert len(SAMPLES) == len((shared / "data" / "itip" / "index.tsv").read_text().splitlines()) - 1
    assert {one.expected for one in SAMPLES} <= {
        "answer",
        "proposal",
        "refresh",
        "bounce",
        "no-calendar",
        *_WITHOUT_EFFECT,
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=_ids, indirect=True)
def test_a_real_mail_does_what_the_index_says(sample: Sample) -> None:
    mail = understand(sample.mail())
    follow_up = _asked_by(mail)

    verdicts = decide(mail, follow_up, Arrival(), Trust())

    outcomes = {one.outcome for one in verdicts}
    if sample.expected in _WITHOUT_EFFECT:
        assert outcomes == {_WITHOUT_EFFECT[sample.expected]}
    elif sample.expected == "bounce":
        assert outcomes == {Outcome.BOUNCE}
        late = "delayed" in sample.note
        assert verdicts[0].why.reason is (Reason.DELIVERY_DELAYED if late else Reason.DELIVERY_FAILED)
    elif sample.expected == "no-calendar":
        may_be_bounce = "may be taken as bounce too" in sample.note
        assert outcomes <= ({Outcome.NOT_OURS, Outcome.BOUNCE} if may_be_bounce else {Outcome.NOT_OURS})
    else:
        assert outcomes == {Outcome.APPLIED if _is_from_the_attendee(sample, follow_up) else Outcome.UNVERIFIED}
        if sample.expected == "answer":
            assert [one.status for one in verdicts] == [_STATUS[one] for one in sample.partstat.split("+")]
        elif sample.expected == "proposal":
            assert all(one.proposal and one.proposal.end for one in verdicts)
        else:
            assert [one.why.reason for one in verdicts] == [Reason.ASKED_FOR_STATE]


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        # 00:00 and 02:00 in Ho Chi Minh City.
        ("bluemind-counter.ics", (2022, 2, 13, 17), (2022, 2, 13, 19)),
        ("google-counter.eml", (2021, 1, 13, 18, 45), (2021, 1, 13, 19, 45)),
        ("google-counter-one-occurrence-utc.ics", (2025, 4, 4, 3), (2025, 4, 4, 4)),
    ],
)
def test_a_real_proposal_is_of_the_time_that_it_says(
    shared: Path, name: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    (sample,) = [one for one in SAMPLES if one.file.name == name]
    mail = understand(sample.mail())

    (verdict,) = decide(mail, _asked_by(mail), Arrival(), Trust(), is_vouched_for=True)

    assert verdict.proposal is not None
    assert (verdict.proposal.start, verdict.proposal.end) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("exchange-reply-windows-tz.ics", "Rebooking to tomorrow at 11:30 AM"),
        ("google-counter-one-occurrence-utc.ics", "ok"),
    ],
)
def test_what_was_said_beside_a_real_answer_arrives(shared: Path, name: str, comment: str) -> None:
    (sample,) = [one for one in SAMPLES if one.file.name == name]
    mail = understand(sample.mail())

    (verdict,) = decide(mail, _asked_by(mail), Arrival(), Trust())

    assert verdict.comment == comment
