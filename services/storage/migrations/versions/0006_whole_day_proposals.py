"""Whether a proposed time is whole days; and what was kept of viewers' own mailboxes about nothing of theirs goes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("proposal", sa.Column("is_all_day", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Those of before were taken as the follow-up is.
    op.execute(
        """UPDATE proposal SET is_all_day = (
            SELECT follow_up.is_all_day FROM follow_up
            JOIN participant ON participant.follow_up_id = follow_up.id
            WHERE participant.id = proposal.participant_id
        )"""
    )
    op.execute(
        """DELETE FROM inbox
        WHERE mailbox_owner_id IS NOT NULL AND follow_up_id IS NULL AND outcome IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM received_answer WHERE received_answer.inbox_id = inbox.id)
        AND NOT EXISTS (SELECT 1 FROM proposal WHERE proposal.inbox_id = inbox.id)"""
    )


def downgrade() -> None:
    op.drop_column("proposal", "is_all_day")
