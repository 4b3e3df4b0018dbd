"""No number of a mail is given to another one, on SQLite too, where the table is written anew for it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rewrite(is_counted=True)


def downgrade() -> None:
    _rewrite(is_counted=False)


def _rewrite(*, is_counted: bool) -> None:
    # PostgreSQL counts by a sequence as it is.
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("outbox", recreate="always", table_kwargs={"sqlite_autoincrement": is_counted}):
            pass
