"""The table of `history`, below the gradebook's connections: whoever opens one makes it."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)

_METADATA = MetaData()
HISTORY = Table(
    "autograder_history",
    _METADATA,
    # The order of events: a clock may go backwards.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("event", String(20), nullable=False),
    Column("assignment", Text, nullable=False),
    Column("student", Text, nullable=False),
    Column("package_version", Text, nullable=False),
    Column("engine_version", Text, nullable=False),
    Column("assignment_key", Text, nullable=False),
    Column("submission_key", Text, nullable=False),
    Column("score", Float),
    Column("max_score", Float),
    Column("penalty", Float),
    Column("checks", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("settled", Text, nullable=False),
    Index("autograder_history_of", "assignment", "student", "sequence"),
    sqlite_autoincrement=True,  # no number is given twice, whatever is deleted
)


def create_history(connection: Connection) -> None:
    """Make the table if it is missing."""
    if not inspect(connection).has_table(HISTORY.name):
        _METADATA.create_all(connection)
