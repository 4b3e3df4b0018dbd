"""The directory: entries, their containers and members, what is searched, and what an administrator sets.

Whatever is there for searching alone is named `search_…`: SQLite's FTS5 tables and PostgreSQL's trigram indexes are
none of the models, and the comparison with the models leaves that prefix out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = sa.Text(collation="C").with_variant(sa.Text(collation="BINARY"), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")

# The name of what searches, the table and its column of words.
_SEARCHED = (
    ("search_entry_name", "directory_entry", "name_words"),
    ("search_entry_title", "directory_entry", "title_words"),
    ("search_container_name", "directory_container", "name_words"),
)


def upgrade() -> None:
    _create_entries()
    _create_containers()
    _create_settings()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        # A walk in name order that reads the words without the row. PostgreSQL's index entries are too short for it.
        op.create_index("search_entry_walk", "directory_entry", ["kind", "name_key", "id", "name_words"])
    else:
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for search, table, column in _SEARCHED:
        if is_sqlite:
            _create_full_text(search, table, column)
        else:
            op.execute(f"CREATE INDEX {search} ON {table} USING gin ({column} gin_trgm_ops)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for search, _, _ in _SEARCHED:
            op.execute(f"DROP TABLE {search}")
    # The triggers and the trigram indexes go with their tables; the extension may be somebody else's too.
    for table in (
        "imported_calendar",
        "source_setting",
        "unavailable_entry",
        "directory_member",
        "directory_container",
        "directory_entry",
    ):
        op.drop_table(table)


def _create_entries() -> None:
    op.create_table(
        "directory_entry",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("name_key", _KEY, nullable=False),
        sa.Column("name_words", sa.Text(), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("email_key", sa.String(320)),
        sa.Column("title", sa.String(300)),
        sa.Column("title_words", sa.Text(), nullable=False),
        sa.Column("organization_id", _ID, sa.ForeignKey("directory_entry.id")),
        sa.Column("resource_type", sa.String(24)),
        sa.Column("address", sa.Text()),
        sa.Column("capacity", sa.Integer()),
        sa.Column("language", sa.String(24)),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("import_key", sa.String(500), unique=True),
    )
    op.create_index("ix_directory_entry_order", "directory_entry", ["kind", "name_key", "id"])
    op.create_index("ix_directory_entry_email", "directory_entry", ["email_key"])
    op.create_index("ix_directory_entry_organization", "directory_entry", ["organization_id", "name_key", "id"])


def _create_containers() -> None:
    op.create_table(
        "directory_container",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("name_key", _KEY, nullable=False),
        sa.Column("name_words", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("saved_search", sa.JSON()),
        sa.Column("import_key", sa.String(500), unique=True),
    )
    op.create_index("ix_directory_container_order", "directory_container", ["kind", "name_key", "id"])
    op.create_table(
        "directory_member",
        sa.Column("container_id", _ID, sa.ForeignKey("directory_container.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("entry_id", _ID, sa.ForeignKey("directory_entry.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_directory_member_entry", "directory_member", ["entry_id", "position"])


def _create_settings() -> None:
    op.create_table("unavailable_entry", sa.Column("reference", sa.String(500), primary_key=True))
    op.create_table(
        "source_setting",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer()),
    )
    op.create_table(
        "imported_calendar",
        sa.Column("reference", sa.String(500), primary_key=True),
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("imported_at", _INSTANT, nullable=False),
    )


def _create_full_text(search: str, table: str, column: str) -> None:
    """An index of prefixes without a copy of the text, kept by triggers; the words are folded already."""
    op.execute(
        f"CREATE VIRTUAL TABLE {search} USING fts5({column}, content='{table}', content_rowid='id',"
        " tokenize='unicode61 remove_diacritics 0', prefix='1 2 3 4')"
    )
    added = f"INSERT INTO {search}(rowid, {column}) VALUES (new.id, new.{column});"
    removed = f"INSERT INTO {search}({search}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
    op.execute(f"CREATE TRIGGER {search}_insert AFTER INSERT ON {table} BEGIN {added} END")
    op.execute(f"CREATE TRIGGER {search}_delete AFTER DELETE ON {table} BEGIN {removed} END")
    op.execute(f"CREATE TRIGGER {search}_update AFTER UPDATE OF {column} ON {table} BEGIN {removed} {added} END")
