"""Mail goes out and comes in: deliveries, what came in and what it said, mailboxes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
# Enums are their names in text.
_ENUM = sa.String(24)
_LONG_AGO = "1970-01-01T00:00:00.000000Z"


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    _extend_follow_up()
    _extend_notification()
    _extend_outbox()
    _create_inbox()
    _create_received_answer()
    _create_proposal()
    _create_mailbox()
    _create_folder_position()
    _create_mailbox_watch()
    _compare_groups_by_id()


def downgrade() -> None:
    op.execute("""UPDATE owner SET first_group = "groups" ->> 0""")
    for table in ("mailbox_watch", "folder_position", "mailbox", "proposal", "received_answer", "inbox"):
        op.drop_table(table)
    for index in ("ix_outbox_ready", "ix_outbox_pair"):
        op.drop_index(index, "outbox")
    for column in ("next_at", "attempts", "claimed_by", "claimed_until", "finished_at", "diagnosis"):
        op.drop_column("outbox", column)
    op.create_index("ix_outbox_unsent", "outbox", ["state", "created_at", "id"])
    op.drop_column("notification", "is_all_day")
    op.drop_column("participant", "held_sequence")
    op.drop_column("follow_up", "rearranged_sequence")
    op.drop_column("follow_up", "moved_sequence")


def _compare_groups_by_id() -> None:
    """Owners' first groups were kept by name, which several groups may have."""
    op.execute(
        sa.text(
            """
            WITH first_groups (owner, container) AS (
                SELECT reference.id, (
                    SELECT member.container_id FROM directory_member AS member
                    JOIN directory_container AS container ON container.id = member.container_id
                    WHERE member.entry_id = entry.id AND container.kind = 'USER_GROUP'
                    ORDER BY member.position, container.name_key, container.id LIMIT 1
                )
                FROM directory_entry AS entry JOIN reference ON reference.text = 'employee:' || entry.id
                WHERE entry.kind = 'EMPLOYEE'
            )
            UPDATE owner SET first_group = (
                SELECT 'user_group:' || container FROM first_groups WHERE first_groups.owner = owner.reference_id
            )
            WHERE reference_id IN (SELECT owner FROM first_groups)
            """
        )
    )


def _extend_follow_up() -> None:
    for column in ("moved_sequence", "rearranged_sequence"):
        op.add_column("follow_up", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    # Which of the earlier changes moved it is not known: no answer came by mail to any of them.
    op.execute("UPDATE follow_up SET moved_sequence = sequence, rearranged_sequence = sequence")
    op.add_column("participant", sa.Column("held_sequence", sa.Integer()))


def _extend_notification() -> None:
    op.add_column("notification", sa.Column("is_all_day", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE notification SET is_all_day = "
        "(SELECT is_all_day FROM follow_up WHERE follow_up.id = notification.follow_up_id)"
    )


def _extend_outbox() -> None:
    op.add_column("outbox", sa.Column("next_at", _INSTANT, nullable=False, server_default=_LONG_AGO))
    op.execute("UPDATE outbox SET next_at = created_at")
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("claimed_by", sa.String(length=36)))
    op.add_column("outbox", sa.Column("claimed_until", _INSTANT))
    op.add_column("outbox", sa.Column("finished_at", _INSTANT))
    op.add_column("outbox", sa.Column("diagnosis", sa.Text()))
    op.drop_index("ix_outbox_unsent", "outbox")
    op.create_index("ix_outbox_ready", "outbox", ["state", "next_at", "id"])
    op.create_index("ix_outbox_pair", "outbox", ["follow_up_id", "reference_id", "state", "id"])


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        _needed("id", _ID),
        _needed("digest", sa.String(length=64)),
        sa.Column("message_id", sa.String(length=998)),
        _needed("origin", _ENUM),
        sa.Column("envelope_from", sa.String(length=320)),
        _needed("envelope_to", sa.JSON()),
        sa.Column("mailbox_owner_id", _ID),
        _needed("raw", sa.LargeBinary()),
        _needed("received_at", _INSTANT),
        sa.Column("claimed_until", _INSTANT),
        _needed("attempts", sa.Integer()),
        sa.Column("understood", sa.Text()),
        sa.Column("outcome", _ENUM),
        sa.Column("reason", sa.String(length=60)),
        _needed("reason_values", sa.JSON()),
        sa.Column("follow_up_id", _ID),
        sa.Column("participant_id", _ID),
        sa.Column("sender", sa.String(length=320)),
        sa.Column("subject", sa.Text()),
        sa.Column("status", _ENUM),
        sa.ForeignKeyConstraint(["mailbox_owner_id"], ["reference.id"]),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"]),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_inbox_follow_up", "inbox", ["follow_up_id", "received_at", "id"])
    op.create_index("ix_inbox_outcome", "inbox", ["outcome", "received_at", "id"])
    op.create_index("ix_inbox_message_id", "inbox", ["message_id"])


def _create_received_answer() -> None:
    op.create_table(
        "received_answer",
        _needed("id", _ID),
        _needed("inbox_id", _ID),
        _needed("participant_id", _ID),
        _needed("recurrence_id", sa.String(length=40)),
        _needed("status", _ENUM),
        sa.Column("reason", sa.Text()),
        _needed("sequence", sa.Integer()),
        _needed("answered_at", _INSTANT),
        _needed("digest", sa.String(length=64)),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"]),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("participant_id", "recurrence_id", "digest", name="uq_received_answer_once"),
    )
    op.create_index("ix_received_answer_inbox", "received_answer", ["inbox_id"])


def _create_proposal() -> None:
    op.create_table(
        "proposal",
        _needed("id", _ID),
        _needed("inbox_id", _ID),
        _needed("participant_id", _ID),
        _needed("start", _INSTANT),
        _needed("end", _INSTANT),
        sa.Column("comment", sa.Text()),
        _needed("received_at", _INSTANT),
        _needed("sequence", sa.Integer()),
        sa.Column("declined_at", _INSTANT),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"]),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("participant_id", "start", "end", "sequence", name="uq_proposal_once"),
    )


def _create_mailbox() -> None:
    op.create_table(
        "mailbox",
        _needed("id", _ID),
        _needed("employee_id", _ID),
        _needed("address", sa.String(length=320)),
        _needed("smtp_url", sa.String(length=500)),
        sa.Column("imap_url", sa.String(length=500)),
        _needed("username", sa.String(length=320)),
        _needed("password", sa.Text()),
        _needed("folder", sa.String(length=300)),
        _needed("state", _ENUM),
        sa.Column("checked_at", _INSTANT),
        sa.Column("last_error", sa.Text()),
        sa.ForeignKeyConstraint(["employee_id"], ["reference.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("employee_id"),
    )


def _create_folder_position() -> None:
    op.create_table(
        "folder_position",
        _needed("mailbox", sa.String(length=40)),
        _needed("folder", sa.String(length=300)),
        _needed("uid_validity", _ID),
        _needed("last_uid", _ID),
        sa.PrimaryKeyConstraint("mailbox", "folder"),
    )


def _create_mailbox_watch() -> None:
    op.create_table(
        "mailbox_watch",
        _needed("mailbox", sa.String(length=40)),
        _needed("watched_by", sa.String(length=36)),
        _needed("watched_until", _INSTANT),
        sa.PrimaryKeyConstraint("mailbox"),
    )
