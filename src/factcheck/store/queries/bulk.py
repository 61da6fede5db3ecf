"""What all queries share: many rows at a time, and rows as of a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from factcheck.store import tables

T = TypeVar("T")

# SQLite takes 32,766 variables in a statement, PostgreSQL 65,535.
MANY = 10_000


def chunks(items: Iterable[T], size: int = MANY) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def insert(session: Session, table: type[tables.Base], rows: Sequence[dict[str, Any]]) -> None:
    """Add `rows`, which all have the same columns, in one statement."""
    # Through Core: the ORM would part the rows wherever another column is None.
    if rows:
        core = table.metadata.tables[table.__tablename__]
        session.connection().execute(sa.insert(core), rows)


def standing(
    since: InstrumentedAttribute[datetime],
    until: InstrumentedAttribute[datetime | None],
    as_of: datetime | None = None,
) -> sa.ColumnElement[bool]:
    """Rows that no later one has superseded, now or `as_of` a time."""
    if as_of is None:
        return until.is_(None)
    return (since <= as_of) & (until.is_(None) | (until > as_of))
