"""For which plugins an event is kept, and how often they were told. Those of before are for all."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("owed_to", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("event", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("event", "attempts")
    op.drop_column("event", "owed_to")
