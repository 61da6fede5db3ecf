"""What is asked of the database, as plain functions over a session.

None of them opens or ends a transaction. `as_of` asks for the database as it stood then: what
it had learned by that time.
"""

from __future__ import annotations

from factcheck.store.queries.articles import (
    LiveRevision,
    StoredArticle,
    add_revisions,
    claims,
    current_revisions,
    find_article,
    ids_of_sources,
    last_revisions,
    live_claims,
    live_revisions,
    read_again,
    revisions_of_claims,
    sources,
    sources_of_texts,
    stored_article,
)
from factcheck.store.queries.bulk import chunks, insert, standing
from factcheck.store.queries.leaning import last_lead_ins, outdated_tasks, reads_alike
from factcheck.store.queries.reviews import (
    contradicted_claims,
    decision_of,
    decisions,
    doubtful_claims,
    judgement_of,
    known_reviews,
    ruling_of,
    rulings,
)
from factcheck.store.queries.tasks import (
    Standing,
    last_run,
    ledger,
    live_project,
    revivable_tasks,
    standing_of,
    waiting_claims,
)

__all__ = [
    "LiveRevision",
    "Standing",
    "StoredArticle",
    "add_revisions",
    "chunks",
    "claims",
    "contradicted_claims",
    "current_revisions",
    "decision_of",
    "decisions",
    "doubtful_claims",
    "find_article",
    "ids_of_sources",
    "insert",
    "judgement_of",
    "known_reviews",
    "last_lead_ins",
    "last_revisions",
    "last_run",
    "ledger",
    "live_claims",
    "live_project",
    "live_revisions",
    "outdated_tasks",
    "read_again",
    "reads_alike",
    "revisions_of_claims",
    "revivable_tasks",
    "ruling_of",
    "rulings",
    "sources",
    "sources_of_texts",
    "standing",
    "standing_of",
    "stored_article",
    "waiting_claims",
]
