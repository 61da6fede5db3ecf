"""Articles into the database, cut into claims."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlalchemy.orm import Session

from factcheck.articles.find import Document, Refusal, documents, documents_in, size_of
from factcheck.model import Claim, CutArticle
from factcheck.review.cutting import (
    Change,
    Cutting,
    Ingested,
    Refused,
    Settled,
    known_as,
    lost,
)
from factcheck.review.settle import Policy, settle, withdraw
from factcheck.review.workers import spread
from factcheck.store import queries
from factcheck.store.engine import Database
from factcheck.store.queries import StoredArticle, reads_alike

# One batch is one piece of work for a process and one transaction.
_BATCH_BYTES = 2**20
_BATCH_DOCUMENTS = 200

# Of what happened to single articles a report lists so many; its counts are of all.
_LISTED = 1000

_Any = TypeVar("_Any")


@dataclass(slots=True)
class IngestReport:
    """What one run of ingest did: counts of everything, and the first 1,000 of each kind.

    `claims` are those of all articles that were read. `new` and `retired` are claims, too, and
    so are those to be reviewed `again`, since what they lean on has other words now.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0
    claims: int = 0
    new: int = 0
    retired: int = 0
    again: int = 0
    articles: list[Ingested] = field(default_factory=list)
    without_claims: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def take(self, one: Settled) -> None:
        """Count one more, and list it while there is room."""
        if isinstance(one, Refused):
            self.left_out += 1
            _list(self.refused, one)
            return
        setattr(self, one.outcome, getattr(self, one.outcome) + 1)
        self.claims += one.claims
        self.new += one.new
        self.retired += one.retired
        self.again += one.again
        _list(self.articles, one)
        if not one.claims:
            _list(self.without_claims, one.source)


def ingest(
    database: Database,
    inputs: Path | BinaryIO,
    policy: Policy,
    cutting: Cutting | None = None,
    *,
    name: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> IngestReport:
    """Read the articles in a file, a folder or a stream, and cut them into claims.

    `name` is that of a stream's article; `progress` is told of bytes. Each batch of articles
    is a transaction: an input that can't be used is reported, and the rest goes on. What was
    decided of a claim that leans on other words after an edit is decided anew by the desk's
    `policy`: no verdict stands on what its reviewers did not see. Raises UsageError where there
    is nothing to read at all.
    """
    cutting = cutting or Cutting()
    report = IngestReport()
    rules = cutting.rules
    sizes: deque[int] = deque()
    if isinstance(inputs, Path):
        found, total = documents(inputs), size_of(inputs)
    else:
        found, total = documents_in(inputs, name), 0
    done = 0
    progress(done, total)
    for batch in spread(cutting, _batches(database, found, rules, sizes), lost):
        with database.sessions.begin() as session:
            for one in _take_in(session, policy, batch):
                report.take(one)
        done += sizes.popleft()
        progress(done, max(done, total))
    return report


def _batches(
    database: Database, found: Iterable[Document | Refusal], rules: str, sizes: deque[int]
) -> Iterator[list[Document | Settled]]:
    """What was `found` in batches, the bytes of each noted in `sizes`.

    Documents that were read before, from the same bytes and by the same rules, are settled.
    """
    batch: list[Document | Refusal] = []
    size = 0
    for one in found:
        batch.append(one)
        size += one.size
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_DOCUMENTS:
            sizes.append(size)
            yield _settled(database, batch, rules)
            batch, size = [], 0
    if batch:
        sizes.append(size)
        yield _settled(database, batch, rules)


def _settled(
    database: Database, batch: Sequence[Document | Refusal], rules: str
) -> list[Document | Settled]:
    sources = [one.source for one in batch if isinstance(one, Document)]
    with database.reading() as session:
        live = queries.live_revisions(session, sources)
    settled: list[Document | Settled] = []
    for one in batch:
        if isinstance(one, Refusal):
            settled.append(Refused(one.place, one.message, one.hint))
            continue
        there = live.get(one.source)
        known = there and there.cut_with == rules and there.original_sha256 == one.sha256()
        settled.append(Ingested(one.source, "unchanged", there.claims) if there and known else one)
    return settled


def _take_in(
    session: Session, policy: Policy, batch: Sequence[CutArticle | Settled]
) -> list[Settled]:
    """Store what is new or changed in a batch, and say what became of each of it."""
    ids = queries.ids_of_sources(
        session, [one.article.source for one in batch if isinstance(one, CutArticle)]
    )
    batch = [
        known_as(one, ids[one.article.source]) if isinstance(one, CutArticle) else one
        for one in batch
    ]
    cuts = [one for one in batch if isinstance(one, CutArticle)]
    live = queries.live_revisions(session, [cut.article.source for cut in cuts])
    twins = queries.sources_of_texts(session, [cut.article.sha256 for cut in cuts])
    outcomes: list[Settled | _Fresh] = []
    for one in batch:
        if not isinstance(one, CutArticle):
            outcomes.append(one)
            continue
        source, digest = one.article.source, one.article.sha256
        there = live.get(source)
        stored = queries.stored_article(session, there.id) if there else None
        if there and stored and _same(stored, one):
            queries.read_again(session, there.id, one)
            outcomes.append(Ingested(source, "unchanged", len(one.claims)))
            continue
        if twins.setdefault(digest, source) != source:
            outcomes.append(_twin(source, twins[digest]))
            continue
        if there and there.sha256 != digest and twins.get(there.sha256) == source:
            del twins[there.sha256]  # this text is free for another article from now on
        outcomes.append(_Fresh(one, stored))
    again = _store(session, policy, [one for one in outcomes if isinstance(one, _Fresh)])
    return [_outcome(one, again) if isinstance(one, _Fresh) else one for one in outcomes]


@dataclass(frozen=True, slots=True)
class _Fresh:
    """An article that is new or changed, and how it stood before."""

    cut: CutArticle
    before: StoredArticle | None


def _store(session: Session, policy: Policy, fresh: Sequence[_Fresh]) -> set[str]:
    """Make these the live revisions; the claims that have to be reviewed again."""
    if not fresh:
        return set()
    now = datetime.now(UTC)
    leaning = _leaning_otherwise(session, [one.cut for one in fresh if one.before is not None])
    judged = {*queries.known_reviews(session, leaning), *queries.rulings(session, leaning)}
    queries.add_revisions(session, [one.cut for one in fresh], now)
    if not leaning:
        return set()
    withdraw(session, leaning, now)
    settle(session, policy, leaning)
    return judged - queries.known_reviews(session, leaning).keys()


def _leaning_otherwise(session: Session, cuts: Sequence[CutArticle]) -> list[str]:
    """The claims that lean on other words than they did in the last text that held them."""
    claims = {claim.id: (cut.article.sha256, claim.lead_in) for cut in cuts for claim in cut.claims}
    last = queries.last_lead_ins(session, list(claims))
    return [
        claim_id
        for claim_id, (sha256, lead_in) in claims.items()
        if claim_id in last
        and last[claim_id][0] != sha256
        and not reads_alike(last[claim_id][1], lead_in)
    ]


def _same(stored: queries.StoredArticle, cut: CutArticle) -> bool:
    return (stored.article, stored.pieces, stored.claims) == (cut.article, cut.pieces, cut.claims)


def _twin(source: str, twin: str) -> Refused:
    return Refused(
        source,
        f"{source} has the same text as {twin}, which is at the desk already.",
        "It was left out, so that no claim is reviewed twice. Delete one of the two files; "
        "if the article has moved, keep its first name.",
    )


def _outcome(one: _Fresh, again: Collection[str]) -> Ingested:
    cut, before = one.cut, one.before
    changes = _changes(before.claims, cut.claims, again) if before is not None else ()
    return Ingested(
        cut.article.source,
        "added" if before is None else "changed",
        claims=len(cut.claims),
        new=len(cut.claims) if before is None else sum(c.what == "new" for c in changes),
        retired=sum(change.what == "retired" for change in changes),
        again=sum(change.what == "again" for change in changes),
        changes=changes,
        remarks=cut.article.remarks,
    )


def _changes(
    before: Sequence[Claim], after: Sequence[Claim], again: Collection[str]
) -> tuple[Change, ...]:
    """What an edit did to claims, in reading order: each retired one where it stood."""
    kept = {claim.id for claim in before} & {claim.id for claim in after}
    retired: defaultdict[str, list[Change]] = defaultdict(list)
    above = ""
    for claim in before:
        if claim.id in kept:
            above = claim.id
        else:
            retired[above].append(Change("retired", claim.id, claim.text))
    changes = retired[""]
    for claim in after:
        if claim.id not in kept:
            changes.append(Change("new", claim.id, claim.text))
            continue
        if claim.id in again:
            changes.append(Change("again", claim.id, claim.text))
        changes += retired[claim.id]
    return tuple(changes)


def _list(listed: list[_Any], one: _Any) -> None:
    if len(listed) < _LISTED:
        listed.append(one)
