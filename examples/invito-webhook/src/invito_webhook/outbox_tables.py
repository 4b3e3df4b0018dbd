"""The tables of the outbox, in a database of its own: Invito's is Invito's."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Instant(TypeDecorator[datetime]):
    """An instant in UTC; SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData()


class DeliveryRow(Base):
    """One message to one endpoint. What it was asked for last, and what came of it, is kept for whoever looks."""

    __tablename__ = "invito_webhook_delivery"

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40))
    endpoint: Mapped[str] = mapped_column(String(50))
    type: Mapped[str] = mapped_column(String(50))
    follow_up_uid: Mapped[str] = mapped_column(String(255))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(
        EnumColumn(
            DeliveryState, native_enum=False, length=20, values_callable=lambda kind: [one.value for one in kind]
        )
    )
    attempts: Mapped[int] = mapped_column(default=0)
    # Since when it is tried: it is given up some days later.
    waits_since: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime] = mapped_column(Instant)
    # Who posts it has a claim of its own making; it is for the taking again after `claimed_until`.
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(String(200))
    excerpt: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        UniqueConstraint("message_id", "endpoint", name="uq_invito_webhook_delivery_message"),
        Index("ix_invito_webhook_delivery_due", "endpoint", "state", "next_at"),
        Index("ix_invito_webhook_delivery_order", "endpoint", "follow_up_uid", "state", "occurred_at", "number"),
    )


class GoneEndpointRow(Base):
    """An endpoint that answered 410 Gone: nothing is posted to it until somebody says that it is back."""

    __tablename__ = "invito_webhook_gone"

    endpoint: Mapped[str] = mapped_column(String(50), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
