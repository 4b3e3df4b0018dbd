"""The database: one set of tables and repositories for SQLite and PostgreSQL."""
