"""Whose invitations a mail counts among, to whom mails were sent, and what was seen of the service's mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
_ENUM = sa.String(24)


def upgrade() -> None:
    # Empty for what an older version writes beside this one: such mails count for nobody.
    op.add_column("outbox", sa.Column("invited_by_id", _ID))
    op.add_column("outbox", sa.Column("address_key", sa.String(length=320)))
    op.execute("UPDATE outbox SET address_key = lower(to_address)")
    op.create_index("ix_outbox_invited_by", "outbox", ["invited_by_id", "created_at"])
    op.create_index("ix_outbox_address", "outbox", ["address_key", "state", "finished_at"])
    op.create_table(
        "service_mailbox",
        sa.Column("protocol", _ENUM, primary_key=True),
        sa.Column("state", _ENUM, nullable=False),
        sa.Column("checked_at", _INSTANT, nullable=False),
        sa.Column("last_error", sa.Text()),
    )


def downgrade() -> None:
    op.drop_table("service_mailbox")
    op.drop_index("ix_outbox_address", "outbox")
    op.drop_index("ix_outbox_invited_by", "outbox")
    op.drop_column("outbox", "address_key")
    op.drop_column("outbox", "invited_by_id")
