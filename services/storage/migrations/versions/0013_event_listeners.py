"""An event is kept once for each plugin that is to be told of it. Those of before are gone: they name nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    op.drop_table("event")
    _create_event(
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_event_due", "event", ["plugin", "due_at", "id"])


def downgrade() -> None:
    op.drop_table("event")
    _create_event(
        sa.Column("claimed_until", _INSTANT),
        sa.Column("owed_to", sa.JSON(none_as_null=True)),
    )


def _create_event(*columns: sa.Column[object]) -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hook", sa.String(length=100), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("occurred_at", _INSTANT, nullable=False),
        *columns,
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
