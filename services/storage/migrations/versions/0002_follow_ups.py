"""Follow-ups, their participants and busy spans; events, mails, notifications and first results."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
# Enums are their names in text.
_ENUM = sa.String(24)


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    _create_reference()
    _create_owner()
    _create_follow_up()
    _create_busy_span()
    _create_participant()
    _create_event()
    _create_first_result()
    _create_open_overview()
    _create_outbox()
    _create_notification()


def downgrade() -> None:
    for table in (
        "notification",
        "outbox",
        "open_overview",
        "first_result",
        "event",
        "participant",
        "busy_span",
        "follow_up",
        "owner",
        "reference",
    ):
        op.drop_table(table)


def _create_reference() -> None:
    op.create_table(
        "reference",
        _needed("id", _ID),
        _needed("text", sa.String(length=500)),
        _needed("identity_id", _ID),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("text"),
    )
    op.create_index("ix_reference_identity_id", "reference", ["identity_id"])


def _create_owner() -> None:
    op.create_table(
        "owner",
        _needed("reference_id", _ID),
        _needed("name", sa.String(length=300)),
        sa.Column("email", sa.String(length=320)),
        _needed("groups", sa.JSON()),
        sa.Column("first_group", sa.String(length=300)),
        sa.ForeignKeyConstraint(["reference_id"], ["reference.id"]),
        sa.PrimaryKeyConstraint("reference_id"),
    )


def _create_follow_up() -> None:
    op.create_table(
        "follow_up",
        _needed("id", _ID),
        _needed("uid", sa.String(length=255)),
        _needed("sequence", sa.Integer()),
        _needed("version", sa.Integer()),
        _needed("revision", sa.Integer()),
        _needed("type", _ENUM),
        _needed("title", sa.String(length=300)),
        _needed("title_words", sa.Text()),
        sa.Column("description", sa.Text()),
        _needed("start", _INSTANT),
        _needed("end", _INSTANT),
        _needed("time_zone", sa.String(length=64)),
        _needed("is_all_day", sa.Boolean()),
        sa.Column("location", sa.Text()),
        _needed("priority", _ENUM),
        _needed("show_as", _ENUM),
        _needed("visibility", _ENUM),
        _needed("owner_reference_id", _ID),
        _needed("is_completed", sa.Boolean()),
        _needed("is_cancelled", sa.Boolean()),
        _needed("stamped_at", _INSTANT),
        _needed("created_at", _INSTANT),
        _needed("updated_at", _INSTANT),
        sa.ForeignKeyConstraint(["owner_reference_id"], ["owner.reference_id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uid"),
    )
    op.create_index("ix_follow_up_owner", "follow_up", ["owner_reference_id", "start", "id"])
    op.create_index("ix_follow_up_start", "follow_up", ["start", "id"])
    op.create_index("ix_follow_up_updated", "follow_up", ["updated_at", "id"])


def _create_busy_span() -> None:
    op.create_table(
        "busy_span",
        _needed("id", _ID),
        _needed("reference_id", _ID),
        _needed("start", sa.BigInteger()),
        _needed("end", sa.BigInteger()),
        _needed("length_class", sa.SmallInteger()),
        sa.Column("follow_up_id", _ID),
        sa.Column("calendar", sa.String(length=300)),
        sa.Column("title", sa.String(length=300)),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"]),
        sa.ForeignKeyConstraint(["reference_id"], ["reference.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_busy_span_follow_up", "busy_span", ["follow_up_id", "reference_id"])
    op.create_index("ix_busy_span_reference", "busy_span", ["reference_id", "start", "end"])
    op.create_index("ix_busy_span_time", "busy_span", ["length_class", "start", "end", "reference_id"])


def _create_participant() -> None:
    op.create_table(
        "participant",
        _needed("id", _ID),
        _needed("follow_up_id", _ID),
        _needed("reference_id", _ID),
        _needed("position", sa.Integer()),
        sa.Column("source", sa.String(length=100)),
        _needed("kind", _ENUM),
        _needed("role", _ENUM),
        _needed("name", sa.String(length=300)),
        sa.Column("email", sa.String(length=320)),
        _needed("is_location", sa.Boolean()),
        _needed("status", _ENUM),
        _needed("status_origin", _ENUM),
        sa.Column("status_changed_at", _INSTANT),
        sa.Column("decline_reason", sa.Text()),
        _needed("was_seen", sa.Boolean()),
        _needed("wants_email", sa.Boolean()),
        _needed("email_delivery", _ENUM),
        sa.Column("email_sent_at", _INSTANT),
        sa.Column("email_error", sa.Text()),
        _needed("invited_at", _INSTANT),
        sa.Column("removed_at", _INSTANT),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"]),
        sa.ForeignKeyConstraint(["reference_id"], ["reference.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("follow_up_id", "reference_id", name="uq_participant_reference"),
    )
    op.create_index("ix_participant_inbox", "participant", ["reference_id", "invited_at", "id"])
    op.create_index("ix_participant_order", "participant", ["follow_up_id", "position", "id"])


def _create_event() -> None:
    op.create_table(
        "event",
        _needed("id", _ID),
        _needed("hook", sa.String(length=100)),
        _needed("content", sa.JSON()),
        _needed("occurred_at", _INSTANT),
        sa.Column("claimed_until", _INSTANT),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_first_result() -> None:
    op.create_table(
        "first_result",
        _needed("caller", sa.String(length=320)),
        _needed("key", sa.String(length=255)),
        _needed("input_digest", sa.String(length=64)),
        _needed("result", sa.JSON()),
        _needed("created_at", _INSTANT),
        sa.PrimaryKeyConstraint("caller", "key"),
    )


def _create_open_overview() -> None:
    op.create_table(
        "open_overview",
        _needed("employee", sa.String(length=500)),
        _needed("reference", sa.String(length=500)),
        _needed("position", sa.Integer()),
        sa.PrimaryKeyConstraint("employee", "reference"),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _needed("id", _ID),
        _needed("follow_up_id", _ID),
        _needed("reference_id", _ID),
        _needed("method", _ENUM),
        _needed("sequence", sa.Integer()),
        _needed("stamped_at", _INSTANT),
        _needed("recurrence_id", sa.String(length=40)),
        _needed("message_id", sa.String(length=255)),
        _needed("to_address", sa.String(length=320)),
        _needed("to_name", sa.String(length=300)),
        sa.Column("comment", sa.Text()),
        _needed("state", _ENUM),
        _needed("created_at", _INSTANT),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"]),
        sa.ForeignKeyConstraint(["reference_id"], ["reference.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "follow_up_id", "reference_id", "recurrence_id", "method", "sequence", "stamped_at", name="uq_outbox_once"
        ),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_outbox_unsent", "outbox", ["state", "created_at", "id"])


def _create_notification() -> None:
    op.create_table(
        "notification",
        _needed("id", _ID),
        _needed("recipient_id", _ID),
        _needed("kind", _ENUM),
        _needed("follow_up_id", _ID),
        sa.Column("participant_id", _ID),
        _needed("actor", sa.String(length=300)),
        _needed("title", sa.String(length=300)),
        sa.Column("comment", sa.Text()),
        _needed("start", _INSTANT),
        _needed("time_zone", sa.String(length=64)),
        _needed("created_at", _INSTANT),
        sa.Column("acknowledged_at", _INSTANT),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"]),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"]),
        sa.ForeignKeyConstraint(["recipient_id"], ["reference.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notification_participant", "notification", ["participant_id", "kind"])
    op.create_index("ix_notification_recipient", "notification", ["recipient_id", "created_at", "id"])
