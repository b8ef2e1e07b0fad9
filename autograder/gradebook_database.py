"""The gradebook's database: made if there is none, and opened so that writers wait in turn."""

import functools
import os
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from nbgrader import api
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

BUSY_SECONDS = 30


@functools.cache
def newest_version() -> str:
    """The version of nbgrader's tables that a new gradebook has."""
    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


# nbgrader asks the program `alembic` for it, which takes longer to start than all the rest.
api.get_alembic_version = newest_version


def patient(url: URL) -> URL:
    """Wait for another program that holds the gradebook; nbgrader's five seconds are few."""
    if url.get_backend_name() != "sqlite":
        return url
    return url.update_query_dict({"timeout": str(BUSY_SECONDS)})


def create_database(url: URL, course_id: str) -> None:
    """Make the gradebook if there is none, and enter the course, as nbgrader's Gradebook does.

    A file is made under another name first: a kill in the middle would leave tables without the
    version that `nbgrader db upgrade` looks for.
    """
    path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if path is not None and not (path.is_file() and path.stat().st_size):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.unlink(missing_ok=True)
        api.Gradebook(f"sqlite:///{new}", course_id).close()
        os.replace(new, path)
    api.Gradebook(url.render_as_string(hide_password=False), course_id).close()


def connect(url: URL) -> Engine:
    """An engine that opens the database anew for each transaction: no handle outlives a fork."""
    engine = create_engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        # Python's sqlite3 would begin late, and a reader that then writes is not made to wait
        # for another writer, but refused.
        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: Any) -> None:
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def _(connection: Connection) -> None:
            connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine
