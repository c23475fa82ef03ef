"""How long the oldest transaction of a PostgreSQL database has been open."""

from datetime import timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from groupbuy.adapters.persistence.session import translated

# A transaction counts from its BEGIN, before it has read a clock or written anything. One that was
# prepared has left the list of sessions; when it began is not known any more, so it counts from
# its preparation. Of other roles PostgreSQL shows nothing here, and they tell no events.
_OLDEST = """
SELECT clock_timestamp() - LEAST(
  (SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()),
  (SELECT min(prepared) FROM pg_prepared_xacts WHERE database = current_database()))
"""


def oldest_open(engine: Engine) -> timedelta:
    """Return its age; the one that asks counts too, so it is never below zero.

    Raises Unavailable.
    """
    try:
        with engine.connect() as connection:
            age = connection.execute(text(_OLDEST)).scalar_one()
    except SQLAlchemyError as error:
        raise translated(error, "reports") from error
    return max(age or timedelta(), timedelta())
