"""The ledger of tasks held against what is on the server, as a pure comparison.

`push` acts on it, and `sync --full` tells it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from factcheck.model import PostedTask
from factcheck.store.tables import Task


@dataclass(slots=True)
class Comparison:
    """Every task of the ledger and of the project in exactly one place.

    `standing` pairs a task of the ledger with the claim's task on the server, whose id may be
    another one; `superseded` pairs those whose claim has another task by now. `gone` are on the
    ledger alone, and the others on the server alone: `orphaned` show a claim that the desk knows
    and has no task of on the ledger, `doubled` are further tasks of a claim, each after the one
    that stands, and `foreign` were made by people.
    """

    standing: list[tuple[Task, PostedTask]] = field(default_factory=list)
    superseded: list[tuple[Task, PostedTask]] = field(default_factory=list)
    gone: list[Task] = field(default_factory=list)
    orphaned: list[PostedTask] = field(default_factory=list)
    doubled: list[tuple[PostedTask, PostedTask]] = field(default_factory=list)
    foreign: list[PostedTask] = field(default_factory=list)


def compare(
    ledger: Iterable[Task], posted: Iterable[PostedTask], claims: Container[str]
) -> Comparison:
    """Hold the project's ledger against its tasks; `claims` are all that the desk knows.

    Where a claim has several tasks one stands that shows what was pushed; of these a reviewed
    one, before the one that the ledger has: nobody's work is for nothing.
    """
    found = Comparison()
    by_claim: defaultdict[str, list[PostedTask]] = defaultdict(list)
    ledger = list(ledger)
    past = {(t.server_id, t.content_hash): t for t in ledger if t.superseded_at is not None}
    for one in posted:
        if task := past.pop((one.id, one.content_hash or ""), None):
            found.superseded.append((task, one))
        elif one.claim_id is not None and one.content_hash is not None and one.claim_id in claims:
            by_claim[one.claim_id].append(one)
        else:
            found.foreign.append(one)
    tasks = {task.claim_id: task for task in ledger if task.superseded_at is None}
    for claim_id, there in by_claim.items():
        task = tasks.pop(claim_id, None)
        first, *others = sorted(there, key=lambda one: _rank(one, task))
        if task is None:
            found.orphaned.append(first)
        else:
            found.standing.append((task, first))
        found.doubled += [(first, other) for other in others]
    found.gone = [*tasks.values(), *past.values()]
    return found


def _rank(one: PostedTask, task: Task | None) -> tuple[bool, bool, bool, int]:
    """The lower, the sooner this one of a claim's tasks stands; `task` is the ledger's."""
    other = task is not None and one.content_hash != task.content_hash
    return other, not is_reviewed(one), task is None or one.id != task.server_id, one.id


def is_reviewed(task: PostedTask) -> bool:
    """Whether somebody has reviewed or skipped it."""
    return task.reviews + task.skipped > 0
