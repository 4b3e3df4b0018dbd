"""What each participant was last told by a notification. Those of before count as told of all that was."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participant", sa.Column("told_sequence", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE participant SET told_sequence = "
        "(SELECT sequence FROM follow_up WHERE follow_up.id = participant.follow_up_id) WHERE removed_at IS NULL"
    )


def downgrade() -> None:
    op.drop_column("participant", "told_sequence")
