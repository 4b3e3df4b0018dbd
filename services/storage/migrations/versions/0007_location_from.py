"""Which resource a follow-up's place is of. Of those of before it is not known, as if somebody had typed them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("location_from", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("follow_up", "location_from")
