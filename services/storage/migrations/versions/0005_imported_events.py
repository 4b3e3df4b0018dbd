"""Which events an imported calendar had, so that a newer file of it can be told from the older."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_event",
        sa.Column("reference", sa.String(length=500), nullable=False),
        sa.Column("calendar", sa.String(length=300), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("reference", "calendar", "event"),
    )


def downgrade() -> None:
    op.drop_table("imported_event")
