"""Taking a database away, and giving it back."""

import asyncpg


async def shut(database_url: str, *, is_shut: bool) -> None:
    """Let nobody into a PostgreSQL database and end every connection to it, or let them in again."""
    server, _, name = database_url.rpartition("/")
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {not is_shut}')
        if is_shut:
            query = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1"
            await connection.execute(query, name)
    finally:
        await connection.close()
