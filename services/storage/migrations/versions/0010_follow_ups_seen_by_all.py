"""What everybody sees, in the orders of lists: a page of somebody who sees little else begins there."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


_SEEN_BY_ALL = sa.text("visibility = 'ALL'")


def upgrade() -> None:
    for name, column in (("ix_follow_up_all_start", "start"), ("ix_follow_up_all_updated", "updated_at")):
        op.create_index(name, "follow_up", [column, "id"], sqlite_where=_SEEN_BY_ALL, postgresql_where=_SEEN_BY_ALL)


def downgrade() -> None:
    op.drop_index("ix_follow_up_all_updated", "follow_up")
    op.drop_index("ix_follow_up_all_start", "follow_up")
