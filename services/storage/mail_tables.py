"""Mail: what is to be sent, what came in and what it said, and the mailboxes of both."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from invito.services.follow_ups.values import ParticipantStatus
from invito.services.inbox.values import MailOrigin
from invito.services.itip.verdicts import InboundOutcome
from invito.services.mail.values import MailMethod, MailState
from invito.services.mailboxes.values import MailboxState, Protocol
from invito.services.storage.columns import Base, Id, UtcInstant, enum_column


class OutboxRow(Base):
    """One mail to one invitee. Its Message-ID is made here and never changes, so that a repeat can be recognised.

    Nobody sends it before `next_at`. `claimed_by` is the worker that is sending it, or that ended while it was: such a
    mail may have gone out, so it is sent again as it is and never changed or taken back.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    reference_id: Mapped[int] = mapped_column(ForeignKey("reference.id"))
    method: Mapped[MailMethod] = mapped_column(enum_column(MailMethod))
    sequence: Mapped[int] = mapped_column(Integer)
    stamped_at: Mapped[datetime] = mapped_column(UtcInstant)
    recurrence_id: Mapped[str] = mapped_column(String(40), default="")
    message_id: Mapped[str] = mapped_column(String(255), unique=True)
    to_address: Mapped[str] = mapped_column(String(320))
    to_name: Mapped[str] = mapped_column(String(300))
    comment: Mapped[str | None] = mapped_column(Text)
    state: Mapped[MailState] = mapped_column(enum_column(MailState))
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    next_at: Mapped[datetime] = mapped_column(UtcInstant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(36))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcInstant)
    # When it was handed over, or given up, and what the server said last.
    finished_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    diagnosis: Mapped[str | None] = mapped_column(Text)
    # The owner among whose invitations it counts: set for who holds no invitation yet, not for what changes one.
    invited_by_id: Mapped[int | None] = mapped_column(Id)
    # What addresses are compared by (`address_key`).
    address_key: Mapped[str | None] = mapped_column(String(320))

    __table_args__ = (
        UniqueConstraint(
            "follow_up_id", "reference_id", "recurrence_id", "method", "sequence", "stamped_at", name="uq_outbox_once"
        ),
        Index("ix_outbox_ready", "state", "next_at", "id"),
        Index("ix_outbox_pair", "follow_up_id", "reference_id", "state", "id"),
        Index("ix_outbox_invited_by", "invited_by_id", "created_at"),
        Index("ix_outbox_address", "address_key", "state", "finished_at"),
        # A mail that is taken back leaves its number to no other: people know mails by it.
        {"sqlite_autoincrement": True},
    )


class InboxRow(Base):
    """One mail that came in, kept before it is understood. `digest` is of its Message-ID, sender and body.

    `outcome` is empty until it was understood; `understood` is what it says, as JSON; `reason` why it did so: the
    name of a reason, with `reason_values` for the places in its sentence.
    """

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[str | None] = mapped_column(String(998))
    origin: Mapped[MailOrigin] = mapped_column(enum_column(MailOrigin))
    envelope_from: Mapped[str | None] = mapped_column(String(320))
    envelope_to: Mapped[list[str]] = mapped_column(JSON)
    # The employee in whose own mailbox it lay: it counts for what is theirs alone.
    mailbox_owner_id: Mapped[int | None] = mapped_column(ForeignKey("reference.id"))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcInstant)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcInstant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    understood: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[InboundOutcome | None] = mapped_column(enum_column(InboundOutcome))
    reason: Mapped[str | None] = mapped_column(String(60))
    reason_values: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    follow_up_id: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"))
    sender: Mapped[str | None] = mapped_column(String(320))
    subject: Mapped[str | None] = mapped_column(Text)
    status: Mapped[ParticipantStatus | None] = mapped_column(enum_column(ParticipantStatus))

    __table_args__ = (
        Index("ix_inbox_follow_up", "follow_up_id", "received_at", "id"),
        Index("ix_inbox_outcome", "outcome", "received_at", "id"),
        Index("ix_inbox_message_id", "message_id"),
    )


class ReceivedAnswerRow(Base):
    """What one mail said for one participant, about the follow-up or one occurrence of it (`recurrence_id`).

    Only those that are believed are here; which of a participant's answers stands is decided over all of them. `digest`
    tells the same answer from another, and decides between two that were given at the same moment.
    """

    __tablename__ = "received_answer"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inbox.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    recurrence_id: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[ParticipantStatus] = mapped_column(enum_column(ParticipantStatus))
    reason: Mapped[str | None] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(Integer)
    answered_at: Mapped[datetime] = mapped_column(UtcInstant)
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("participant_id", "recurrence_id", "digest", name="uq_received_answer_once"),
        Index("ix_received_answer_inbox", "inbox_id"),
    )


class ProposalRow(Base):
    """A counter-proposal: another time that a participant asked for (F28).

    It is open until the owner declines it, or the time changes beyond the follow-up's `sequence` of then.
    """

    __tablename__ = "proposal"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inbox.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"))
    start: Mapped[datetime] = mapped_column(UtcInstant)
    end: Mapped[datetime] = mapped_column(UtcInstant)
    is_all_day: Mapped[bool] = mapped_column(Boolean, default=False)
    comment: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcInstant)
    sequence: Mapped[int] = mapped_column(Integer)
    declined_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    __table_args__ = (UniqueConstraint("participant_id", "start", "end", "sequence", name="uq_proposal_once"),)


class MailboxRow(Base):
    """A viewer's own mailbox. The password is encrypted with the settings' newest key."""

    __tablename__ = "mailbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # A reference of the employee whose it is.
    employee_id: Mapped[int] = mapped_column(ForeignKey("reference.id"), unique=True)
    address: Mapped[str] = mapped_column(String(320))
    smtp_url: Mapped[str] = mapped_column(String(500))
    imap_url: Mapped[str | None] = mapped_column(String(500))
    username: Mapped[str] = mapped_column(String(320))
    password: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(String(300))
    state: Mapped[MailboxState] = mapped_column(enum_column(MailboxState))
    checked_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    last_error: Mapped[str | None] = mapped_column(Text)


class ServiceMailboxRow(Base):
    """What was seen last of one of the servers of the service's mailbox; whose they are, the settings say."""

    __tablename__ = "service_mailbox"

    protocol: Mapped[Protocol] = mapped_column(enum_column(Protocol), primary_key=True)
    state: Mapped[MailboxState] = mapped_column(enum_column(MailboxState))
    checked_at: Mapped[datetime] = mapped_column(UtcInstant)
    last_error: Mapped[str | None] = mapped_column(Text)


class FolderPositionRow(Base):
    """How far an IMAP folder was read: `mailbox` is "service" or a mailbox's id."""

    __tablename__ = "folder_position"

    mailbox: Mapped[str] = mapped_column(String(40), primary_key=True)
    folder: Mapped[str] = mapped_column(String(300), primary_key=True)
    uid_validity: Mapped[int] = mapped_column(Id)
    last_uid: Mapped[int] = mapped_column(Id)


class MailboxWatchRow(Base):
    """Which process watches a mailbox, and until when nobody else may; `mailbox` as in FolderPositionRow."""

    __tablename__ = "mailbox_watch"

    mailbox: Mapped[str] = mapped_column(String(40), primary_key=True)
    watched_by: Mapped[str] = mapped_column(String(36))
    watched_until: Mapped[datetime] = mapped_column(UtcInstant)
