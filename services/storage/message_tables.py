"""What is kept for others to take up: events, notifications, first results, open overviews."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from invito.services.notifications.values import NotificationKind
from invito.services.storage.columns import Base, Id, UtcInstant, enum_column


class EventRow(Base):
    """What happened and a plugin is to be told of.

    Written in the transaction that did it, once for each plugin, and deleted when the plugin was told.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text)
    hook: Mapped[str] = mapped_column(String(100))
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    occurred_at: Mapped[datetime] = mapped_column(UtcInstant)
    # When it is told, at the earliest: after a pause, where that failed. Who tells of it puts this off meanwhile, so
    # that no other replica does at the same time.
    due_at: Mapped[datetime] = mapped_column(UtcInstant)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")

    __table_args__ = (Index("ix_event_due", "plugin", "due_at", "id"),)


class NotificationRow(Base):
    """What somebody is told. It keeps the words that it is made of, since what it is about may vanish from sight."""

    __tablename__ = "notification"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("reference.id"))
    kind: Mapped[NotificationKind] = mapped_column(enum_column(NotificationKind))
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"))
    actor: Mapped[str] = mapped_column(String(300))
    title: Mapped[str] = mapped_column(String(300))
    comment: Mapped[str | None] = mapped_column(Text)
    start: Mapped[datetime] = mapped_column(UtcInstant)
    time_zone: Mapped[str] = mapped_column(String(64))
    is_all_day: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    __table_args__ = (
        Index("ix_notification_recipient", "recipient_id", "created_at", "id"),
        Index("ix_notification_participant", "participant_id", "kind"),
        Index(
            "ix_notification_waiting", "recipient_id", "follow_up_id", "kind", "actor",
            sqlite_where=text("acknowledged_at IS NULL"), postgresql_where=text("acknowledged_at IS NULL"),
        ),
    )  # fmt: skip


class FirstResultRow(Base):
    """What a mutation with an idempotency key did the first time."""

    __tablename__ = "first_result"

    caller: Mapped[str] = mapped_column(String(320), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    input_digest: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, object]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcInstant)


class OpenOverviewRow(Base):
    """An overview of somebody's calendar that an employee has open (F8)."""

    __tablename__ = "open_overview"

    employee: Mapped[str] = mapped_column(String(500), primary_key=True)
    reference: Mapped[str] = mapped_column(String(500), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
