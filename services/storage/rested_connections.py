"""Connections that died while they rested in the pool: found when they are taken out, and replaced.

A ping at each take-out (SQLAlchemy's `pool_pre_ping`) costs 0.4 ms; whether the driver saw the connection close costs
nothing, and a ping is for those alone that rested so long that a server may have vanished without a word.
"""

import time

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

PINGED_AFTER_SECONDS = 30.0
_RESTS_SINCE = "invito_rests_since"


def replace_dead_connections(engine: Engine) -> None:
    """Have the pool of asyncpg's connections hand out none that is known to be dead."""

    def note(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[_RESTS_SINCE] = time.monotonic()

    def look(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("closed while it rested")
        if time.monotonic() - entry.info.get(_RESTS_SINCE, float("inf")) > PINGED_AFTER_SECONDS:
            _ping(engine, connection)

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", look)


def _ping(engine: Engine, connection: DBAPIConnection) -> None:
    try:
        engine.dialect.do_ping(connection)
    except Exception as problem:  # whatever it is, the connection cannot be used
        raise DisconnectionError("does not answer after its rest") from problem
