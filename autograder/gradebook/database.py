"""The gradebook's database, SQLite or PostgreSQL: made if there is none, and opened for writers.

nbgrader takes any database that SQLAlchemy knows (`c.CourseDirectory.db_url`). Where the two that
are tested here differ:

- *one writer at a time.* SQLite: `BEGIN IMMEDIATE`, so that a reader that then writes is made to
  wait for another writer, not refused. PostgreSQL has no such lock; its default, READ COMMITTED,
  would let two of our writers both find that a student is missing and both enter her. So a
  transaction begins with an advisory lock, which ends with it, however it ends; and rows that are
  read to be overwritten are read `FOR UPDATE`, because Formgrader knows nothing of our lock.
- *patience*: SQLite's `timeout`, PostgreSQL's `lock_timeout`.
- *connections.* SQLite's file is opened anew for each transaction: no handle outlives a fork.
  A PostgreSQL connection costs milliseconds and a process of the server's, so one is kept; the
  coordinator starts its processes by spawning, never by forking.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from nbgrader import api
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from autograder.assignment.errors import UserError
from autograder.gradebook.history_table import create_history

BUSY_SECONDS = 30
WRITES = "autograder_writes"
"""Execution option of a transaction that is going to write."""
_LOCK = 0x6E62_6772_6164_6572
"""The advisory lock of a database's writers ("nbgrader"); PostgreSQL keeps it by database."""


@functools.cache
def newest_version() -> str:
    """The version of nbgrader's tables that a new gradebook has."""
    return str(_versions().get_current_head())


@functools.cache
def _versions() -> ScriptDirectory:
    return ScriptDirectory(ALEMBIC_DIR)


# nbgrader asks the program `alembic` for it, which takes longer to start than all the rest.
api.get_alembic_version = newest_version


def gradebook_url(db_url: str) -> URL:
    """Read nbgrader's `db_url`.

    raises: UserError if it is no database's address
    """
    try:
        return make_url(db_url)
    except (ArgumentError, ValueError) as error:
        raise UserError(
            "The gradebook's db_url is no address of a database, as sqlite:////DIR/gradebook.db or "
            "postgresql://USER@HOST/NAME are."
        ) from error


def shown_url(url: URL) -> str:
    """The database as a person knows it: a file, or an address without its password."""
    if is_sqlite(url):
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


def is_sqlite(url: URL) -> bool:
    """Whether the gradebook is a file."""
    return url.get_backend_name() == "sqlite"


def patient(url: URL) -> URL:
    """Wait for another program that holds the gradebook; nbgrader's five seconds are few."""
    if is_sqlite(url):
        return url.update_query_dict({"timeout": str(BUSY_SECONDS)})
    return url


def create_database(url: URL, course_id: str) -> None:
    """Make the gradebook if there is none, and enter the course, as nbgrader's Gradebook does.

    A kill in the middle would leave tables without the version that `nbgrader db upgrade` looks
    for. So a file is made under another name first, and PostgreSQL's tables in one transaction.
    raises: UserError if the tables are of another version of nbgrader's; nothing is changed then
    """
    path = Path(url.database or "") if is_sqlite(url) else None
    if path is not None and not (path.is_file() and path.stat().st_size):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.unlink(missing_ok=True)
        api.Gradebook(f"sqlite:///{new}", course_id).close()
        os.replace(new, path)
    engine = connect(url)
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            if not inspect(connection).get_table_names():
                _create_tables(connection)
            _refuse_other_version(url, connection)
            course = api.Course.__table__
            if connection.execute(select(course.c.id).filter_by(id=course_id)).first() is None:
                connection.execute(course.insert().values(id=course_id))
            create_history(connection)
    finally:
        engine.dispose()


def _create_tables(connection: Connection) -> None:
    api.Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    stamp = text("INSERT INTO alembic_version (version_num) VALUES (:version)")
    connection.execute(stamp, {"version": newest_version()})


def _refuse_other_version(url: URL, connection: Connection) -> None:
    """nbgrader itself would add the tables that are missing, and fail at the first column."""
    version = None
    if inspect(connection).has_table("alembic_version"):
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == newest_version():
        return
    if version is not None and version not in {s.revision for s in _versions().walk_revisions()}:
        raise UserError(
            f"{shown_url(url)}: the gradebook was made by a newer nbgrader than the one that is "
            "installed; install that one here too. Nothing was changed.",
            exit_code=1,
        )
    raise UserError(
        f"{shown_url(url)}: the gradebook was made by an older nbgrader; nothing was changed. Run "
        f"`nbgrader db upgrade --db '{url.set(query={}).render_as_string(hide_password=True)}'` "
        "(it keeps a copy of a file), then the same command again.",
        exit_code=1,
    )


def connect(url: URL) -> Engine:
    """An engine for `url`; see the module for how its transactions begin.

    raises: UserError if the database's driver is not installed
    """
    if is_sqlite(url):
        engine = create_engine(url, poolclass=NullPool)
        event.listen(engine, "connect", _leave_transactions_to_us)
    else:
        try:
            engine = create_engine(url, pool_size=1, max_overflow=1, pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise UserError(
                f"{shown_url(url)}: the driver of this database is not installed: for PostgreSQL, "
                "`pip install 'psycopg[binary]'`."
            ) from error
    event.listen(engine, "begin", _begin)
    return engine


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Python's sqlite3 would begin late


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(BUSY_SECONDS * 1000)}")
        if writes:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def gradebook_exists(db_url: str) -> bool:
    """Whether there is a gradebook; SQLite would make an empty one when it is opened."""
    url = gradebook_url(db_url)
    return not is_sqlite(url) or Path(url.database or "").is_file()


@contextlib.contextmanager
def reading(db_url: str) -> Iterator[Connection]:
    """A connection to a gradebook that is only read.

    raises: UserError if there is none, or if it cannot be read
    """
    url = gradebook_url(db_url)
    if not gradebook_exists(db_url):
        raise UserError(f"{url.database}: there is no gradebook yet; `autograder grade` makes it.")
    engine = connect(patient(url))
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise UserError(f"{shown_url(url)}: cannot be read ({reason}).", exit_code=1) from error
    finally:
        engine.dispose()
