"""An index for what waits for an owner already, which is looked for at each mail that they are told of."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WAITS = sa.text("acknowledged_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_notification_waiting", "notification", ["recipient_id", "follow_up_id", "kind", "actor"],
        sqlite_where=_WAITS, postgresql_where=_WAITS,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_notification_waiting", "notification")
