"""Follow-ups, their participants, and who is busy when."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from invito.plugins.contract import ParticipantKind
from invito.services.follow_ups.values import (
    EmailDelivery,
    FollowUpType,
    ParticipantRole,
    ParticipantStatus,
    Priority,
    ShowAs,
    StatusOrigin,
    Visibility,
)
from invito.services.storage.columns import Base, Id, UtcInstant, enum_column

_SEEN_BY_ALL = text("visibility = 'ALL'")


class ReferenceRow(Base):
    """A reference, text outside and an integer inside. `identity_id` is shared by all references of the same one."""

    __tablename__ = "reference"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    text: Mapped[str] = mapped_column(String(500), unique=True)
    identity_id: Mapped[int] = mapped_column(Id, index=True)


class OwnerRow(Base):
    """What is kept of an employee who owns follow-ups, so that they stay whole without the directory.

    `groups` are names; `first_group` is what *the* group is compared by (`Entry.group_keys`).
    """

    __tablename__ = "owner"

    reference_id: Mapped[int] = mapped_column(ForeignKey("reference.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(320))
    groups: Mapped[list[str]] = mapped_column(JSON)
    first_group: Mapped[str | None] = mapped_column(String(300))


class FollowUpRow(Base):
    """An appointment, task or phone call: iCalendar at heart."""

    __tablename__ = "follow_up"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(255), unique=True)
    sequence: Mapped[int] = mapped_column(Integer)
    # The SEQUENCE in which the time last changed, and that in which time or place did (ITIP.md).
    moved_sequence: Mapped[int] = mapped_column(Integer)
    rearranged_sequence: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    type: Mapped[FollowUpType] = mapped_column(enum_column(FollowUpType))
    title: Mapped[str] = mapped_column(String(300))
    title_words: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    start: Mapped[datetime] = mapped_column(UtcInstant)
    end: Mapped[datetime] = mapped_column(UtcInstant)
    time_zone: Mapped[str] = mapped_column(String(64))
    is_all_day: Mapped[bool] = mapped_column(Boolean)
    location: Mapped[str | None] = mapped_column(Text)
    # The reference of the resource whose place that is, if nobody typed it.
    location_from: Mapped[str | None] = mapped_column(String(500))
    priority: Mapped[Priority] = mapped_column(enum_column(Priority))
    show_as: Mapped[ShowAs] = mapped_column(enum_column(ShowAs))
    visibility: Mapped[Visibility] = mapped_column(enum_column(Visibility))
    owner_reference_id: Mapped[int] = mapped_column(ForeignKey("owner.reference_id"))
    is_completed: Mapped[bool] = mapped_column(Boolean)
    is_cancelled: Mapped[bool] = mapped_column(Boolean)
    # What RFC 5546 calls DTSTAMP: when the invitation's text last changed.
    stamped_at: Mapped[datetime] = mapped_column(UtcInstant)
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    updated_at: Mapped[datetime] = mapped_column(UtcInstant)

    __table_args__ = (
        Index("ix_follow_up_start", "start", "id"),
        Index("ix_follow_up_updated", "updated_at", "id"),
        Index("ix_follow_up_all_start", "start", "id", sqlite_where=_SEEN_BY_ALL, postgresql_where=_SEEN_BY_ALL),
        Index("ix_follow_up_all_updated", "updated_at", "id", sqlite_where=_SEEN_BY_ALL, postgresql_where=_SEEN_BY_ALL),
        Index("ix_follow_up_owner", "owner_reference_id", "start", "id"),
    )


class ParticipantRow(Base):
    """A participant, with the copy of name, kind and address that keeps it whole; kept after removal (`removed_at`)."""

    __tablename__ = "participant"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    reference_id: Mapped[int] = mapped_column(ForeignKey("reference.id"))
    position: Mapped[int] = mapped_column(Integer)
    source: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[ParticipantKind] = mapped_column(enum_column(ParticipantKind))
    role: Mapped[ParticipantRole] = mapped_column(enum_column(ParticipantRole))
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(320))
    is_location: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[ParticipantStatus] = mapped_column(enum_column(ParticipantStatus))
    status_origin: Mapped[StatusOrigin] = mapped_column(enum_column(StatusOrigin))
    status_changed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    decline_reason: Mapped[str | None] = mapped_column(Text)
    was_seen: Mapped[bool] = mapped_column(Boolean)
    wants_email: Mapped[bool] = mapped_column(Boolean)
    email_delivery: Mapped[EmailDelivery] = mapped_column(enum_column(EmailDelivery))
    # When the last mail was handed over, and the SEQUENCE of the REQUEST that the participant holds.
    email_sent_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    held_sequence: Mapped[int | None] = mapped_column(Integer)
    # The SEQUENCE of what the participant was last told by a notification.
    told_sequence: Mapped[int | None] = mapped_column(Integer)
    email_error: Mapped[str | None] = mapped_column(Text)
    invited_at: Mapped[datetime] = mapped_column(UtcInstant)
    removed_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    __table_args__ = (
        UniqueConstraint("follow_up_id", "reference_id", name="uq_participant_reference"),
        Index("ix_participant_order", "follow_up_id", "position", "id"),
        Index("ix_participant_inbox", "reference_id", "invited_at", "id"),
    )


class BusySpanRow(Base):
    """When somebody is busy, in seconds since 1970 (UTC), half-open. `reference_id` is an identity.

    `length_class` tells how long the span may be (`services.busy.spans`), so that a search looks back only that far.
    `follow_up_id` is empty for a time that came from an imported calendar (`calendar`), which has a title of its own.
    """

    __tablename__ = "busy_span"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference_id: Mapped[int] = mapped_column(ForeignKey("reference.id"))
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    length_class: Mapped[int] = mapped_column(SmallInteger)
    follow_up_id: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"))
    calendar: Mapped[str | None] = mapped_column(String(300))
    title: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        Index("ix_busy_span_time", "length_class", "start", "end", "reference_id"),
        Index("ix_busy_span_reference", "reference_id", "start", "end"),
        Index("ix_busy_span_follow_up", "follow_up_id", "reference_id"),
    )
