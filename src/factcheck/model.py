"""The words of the house: articles, claims, reviews and decisions, as plain values.

Nothing here reads or writes anything. Offsets count code points in an article's
canonical text, spans are half-open, times are aware and in UTC.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple


class Verdict(enum.StrEnum):
    """How far the evidence bears a claim out; ordered, the mildest first."""

    SUPPORTED = "supported"
    OVERSTATED = "overstated"
    UNSUPPORTED = "unsupported"

    @property
    def severity(self) -> int:
        """0 for supported, 1 for overstated, 2 for unsupported."""
        return list(Verdict).index(self)


class Reason(enum.StrEnum):
    """Why a claim is overstated."""

    ABSOLUTE = "absolute"
    EFFECT_SIZE = "effect_size"
    CAUSATION = "causation"
    POPULATION = "population"
    CERTAINTY = "certainty"
    COMPARISON = "comparison"
    HARMS_OMITTED = "harms_omitted"
    OTHER = "other"


class Kind(enum.StrEnum):
    """What a piece of an article is. Only claims go to reviewers."""

    CLAIM = "claim"
    HEADING = "heading"
    QUESTION = "question"
    BOILERPLATE = "boilerplate"
    NONCLAIM = "nonclaim"


class CueKind(enum.StrEnum):
    """What kind of wording makes a claim worth a second look. Never a verdict."""

    ABSOLUTE = "absolute"
    EFFECT_SIZE = "effect_size"
    CAUSATION = "causation"
    POPULATION = "population"
    CERTAINTY = "certainty"
    COMPARISON = "comparison"
    HARMS_OMITTED = "harms_omitted"
    UNNAMED_RESEARCH = "unnamed_research"
    QUANTITY = "quantity"


class Status(enum.StrEnum):
    """Where a claim stands at the desk."""

    PENDING = "pending"
    DECIDED = "decided"
    DISPUTED = "disputed"
    DROPPED = "dropped"
    STALE = "stale"


class Provenance(enum.StrEnum):
    """How a decision came about."""

    UNANIMOUS = "unanimous"
    MAJORITY = "majority"
    STRICTEST = "strictest"
    ADJUDICATED = "adjudicated"


class Rule(enum.StrEnum):
    """How the desk turns several reviews of a claim into one decision."""

    UNANIMOUS = "unanimous"
    MAJORITY = "majority"
    STRICTEST = "strictest"


class Problem(enum.StrEnum):
    """Why a submitted review is set aside: stored and reported, never counted."""

    UNKNOWN_VERDICT = "unknown_verdict"
    NO_VERDICT = "no_verdict"
    SEVERAL_VERDICTS = "several_verdicts"
    UNKNOWN_REASON = "unknown_reason"
    NO_REASON = "no_reason"
    NO_CORRECTION = "no_correction"
    CONTRADICTORY = "contradictory"
    TEXT_CHANGED = "text_changed"
    REVIEWED_TWICE = "reviewed_twice"
    MALFORMED = "malformed"


class Span(NamedTuple):
    """A half-open range `[start, end)` of code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The part of `text` that this span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Article:
    """One revision of an article: where it comes from and its canonical text.

    `source` is the path relative to the ingest root (with `/`), or a URL. What the document
    said of itself stands beside it, as far as it did: its own address, author, language (a
    code such as `en`) and date. `original_sha256` is the hex digest of the bytes that the text
    was read from, and `remarks` say what was done to them, such as "read as Windows-1252": an
    article is the same whatever it was read from. `known_as` is its id where another article has
    the one that its source gives.
    """

    source: str
    title: str
    text: str
    url: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    original_sha256: str | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)
    known_as: str | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """A readable name made from the source, so that revisions share it."""
        return self.known_as or article_id(self.source)

    @property
    def sha256(self) -> str:
        """Hex digest of the canonical text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def article_id(source: str) -> str:
    """`effects-on-sleep-1f0c2a9b`: a slug of the source's last part and 32 bits of its digest."""
    return article_ids(source)[0]


def article_ids(source: str) -> tuple[str, ...]:
    """The ids that the article from a source may have, of which it has the first that is free.

    Of some ten thousand articles in one file two may share 32 bits of their digests; 60 bits
    are a second choice, and all of them the last.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(source).stem.lower()).strip("-")[:48]
    digest = hashlib.sha256(source.encode()).hexdigest()
    return (*(f"{slug}-{digest[:length]}".lstrip("-") for length in (8, 15)), digest)


class Piece(NamedTuple):
    """A stretch of an article: a claim, or something else and the reason why not.

    `reason` is a code of the segmenter, such as `sentence`, `heading` or `comment_form`.
    """

    span: Span
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Cue:
    """Wording worth a second look: its kind, and the words that gave it.

    `span` counts code points of the claim's own text. `strength` tells how far such words go
    beyond what evidence usually allows: 0 for not at all, 1 for in company, 2 for by themselves.
    """

    kind: CueKind
    span: Span
    strength: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkable statement, quoted: `article.text[span.start:span.end] == text`.

    `position` counts the claims of the article from 1. `occurrence` tells claims of the
    same words in one article apart, from 0. `lead_in` is what has to be read before a claim
    that does not stand alone. `cues` and `parts`, the statements in it that could get different
    verdicts, count code points of its own text; they point at a claim and are no part of it.
    """

    id: str
    article_id: str
    text: str
    span: Span
    position: int
    occurrence: int
    lead_in: str | None = None
    cues: tuple[Cue, ...] = field(default=(), compare=False)
    parts: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class CutArticle:
    """An article with its pieces and the claims among them, both in the order of the text.

    `cut_with` names the rules that cut it.
    """

    article: Article
    pieces: tuple[Piece, ...]
    claims: tuple[Claim, ...]
    cut_with: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one reviewer said of one claim, or why it can't be counted.

    Exactly one of `verdict`, `not_checkable` and `problem` says something, apart from
    `TEXT_CHANGED` and `REVIEWED_TWICE`: those set a judgement aside that is whole in itself.
    """

    verdict: Verdict | None = None
    not_checkable: bool = False
    reasons: tuple[Reason, ...] = ()
    problem_words: tuple[str, ...] = ()
    correction: str | None = None
    evidence: tuple[str, ...] = ()
    note: str | None = None
    problem: Problem | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A counted review of a claim: whole, submitted, and the only one of its reviewer."""

    reviewer: str
    judgement: Judgement
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownReview:
    """A submitted review as the database has it, whole or set aside, and where it stands.

    `id` is factcheck's own; `task_id` is Label Studio's, in the project `project_id` there.
    """

    id: str
    claim_id: str
    project_id: int
    task_id: int
    reviewer: str
    judgement: Judgement
    ground_truth: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """An editor's word on a claim. It overrides the reviews and needs a note.

    `verdict` is None where the editor ruled that this is no checkable claim.
    """

    editor: str
    verdict: Verdict | None
    note: str
    at: datetime
    correction: str | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the desk says of a claim, and how that came about.

    `status` is pending, decided, disputed or dropped: whether a claim is stale depends on
    the article, not on its reviews. `contradicted_by` names reviewers whose later reviews
    differ from a ruling.
    """

    status: Status
    verdict: Verdict | None = None
    provenance: Provenance | None = None
    tally: dict[Verdict, int] = field(default_factory=dict)
    not_checkable: int = 0
    reasons: tuple[Reason, ...] = ()
    problem_words: tuple[str, ...] = ()
    correction: str | None = None
    evidence: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    note: str | None = None
    contradicted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim, the article revision it is quoted from, and all that the desk says of it.

    For a stale claim the revision is the last one that held it, so that
    `article.text[claim.span.start:claim.span.end] == claim.text` holds there too.
    `reviews` are the counted ones, by reviewer; `set_aside` counts those that are not.
    """

    article: Article
    claim: Claim
    status: Status
    decision: Decision
    reviews: tuple[Review, ...]
    ruling: Ruling | None
    set_aside: int
    decided_at: datetime | None
    updated_at: datetime


class Order(enum.StrEnum):
    """Which claims are put before the reviewers first: as in the articles, or by their cues."""

    ARTICLE = "article"
    CUES = "cues"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claim as it is put before the reviewers, with what surrounds it in the article.

    `lead_in` is what has to be read before a claim that does not stand alone. The `cues`, how
    many of them are `overstating`, and the number of `parts` that can be checked one by one
    point reviewers to claims; they are no part of what is judged.
    """

    claim_id: str
    claim: str
    article_title: str
    article_source: str
    position: int
    claims_in_article: int
    heading: str | None
    before: str
    after: str
    lead_in: str | None
    cues: tuple[Cue, ...]
    overstating: int
    parts: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A task as it goes to the annotation server; `content_hash` is of what reviewers will see.

    `data` is in the server's own terms.
    """

    claim_id: str
    content_hash: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ServerProject:
    """The desk's project as the annotation server has it.

    `description` holds the desk's marker, `labeling` is the page's XML; `tasks`, `reviews` and
    `skipped` are counts, and `reviews` leaves the skipped ones out.
    """

    id: int
    description: str
    labeling: str
    reviews_per_claim: int
    tasks: int
    reviews: int
    skipped: int


@dataclass(frozen=True, slots=True)
class PostedTask:
    """A task on the annotation server: whose claim it says it is, and how much was said of it.

    `claim_id` is None for a task that is not factcheck's. `content_hash` is of what it was
    pushed with, which is not always what it shows now.
    """

    id: int
    claim_id: str | None
    content_hash: str | None
    updated_at: datetime
    reviews: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Changes:
    """The tasks that changed, the earliest change first.

    `asked_at` is the server's own clock when it was asked, None where it does not say.
    """

    tasks: list[PostedTask]
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedReview:
    """One reviewer's submission as the server has it; `said` is the server's own record."""

    annotation_id: int
    reviewer: str
    skipped: bool
    judgement: Judgement
    ground_truth: bool
    created_at: datetime
    updated_at: datetime
    said: list[Any]


@dataclass(frozen=True, slots=True)
class ReceivedTask:
    """A task with the whole set of its reviews.

    `content_hash` is of what it shows now, `pushed_hash` of what it was pushed with.
    """

    id: int
    claim_id: str | None
    content_hash: str
    pushed_hash: str | None
    updated_at: datetime
    reviews: tuple[ReceivedReview, ...]

    @property
    def posted(self) -> PostedTask:
        """The same task without what was said of it."""
        skipped = sum(review.skipped for review in self.reviews)
        return PostedTask(
            id=self.id,
            claim_id=self.claim_id,
            content_hash=self.pushed_hash,
            updated_at=self.updated_at,
            reviews=len(self.reviews) - skipped,
            skipped=skipped,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a project's tasks, and the server's clock when it was asked for them."""

    tasks: list[ReceivedTask]
    asked_at: datetime | None
