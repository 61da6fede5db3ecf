"""Documents to articles cut into claims, without the database; and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from factcheck.articles.find import Document
from factcheck.articles.read import READING, ArticleError, read_article
from factcheck.claims.context import lead_ins
from factcheck.claims.identity import claim_id
from factcheck.claims.pointing import Pointing
from factcheck.claims.segment import claims_of, rules, segment
from factcheck.claims.wording import wording
from factcheck.model import CutArticle


@dataclass(frozen=True, slots=True)
class Refused:
    """An input that was left out, and why."""

    source: str
    message: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A claim that an edit brought (`new`) or took away (`retired`).

    Or one that has to be reviewed `again`: what it leans on has other words now.
    """

    what: str
    claim_id: str
    claim: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one article; `changes`, in reading order, if it was there before.

    `outcome` is added, changed or unchanged; `remarks` say what was done to read it.
    """

    source: str
    outcome: str
    claims: int
    new: int = 0
    retired: int = 0
    again: int = 0
    changes: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = ()


Settled = Refused | Ingested
"""An input of which it is known what becomes of it."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a desk cuts: with the wording that it adds to factcheck's, if that file is there.

    `pointing` finds what is worth a second look in the claims. Other languages than English are
    refused unless they are taken `as_english`.
    """

    wording: Path | None = None
    pointing: Pointing = field(default_factory=Pointing)
    as_english: bool = False

    @property
    def rules(self) -> str:
        """Names the rules in force: documents of the same bytes are cut alike by the same rules.

        Raises UsageError where the desk's wording can't be used.
        """
        return f"{READING}-{rules(wording(self.wording))}-{self.pointing.rules}"

    def __call__(self, batch: Sequence[Document | Settled]) -> list[CutArticle | Settled]:
        """Each document of `batch` as an article cut into claims, or why it is none.

        What is no document is passed on as it is.
        """
        return [self._cut(one) if isinstance(one, Document) else one for one in batch]

    def _cut(self, document: Document) -> CutArticle | Refused:
        try:
            article = read_article(document, as_english=self.as_english)
        except ArticleError as error:
            return Refused(document.source, error.message, error.hint)
        words = wording(self.wording)
        pieces = segment(article.text, words)
        leads = lead_ins(article.text, pieces, words)
        claims = (
            replace(
                claim,
                lead_in=leads.get(claim.span),
                cues=self.pointing.cues(claim.text),
                parts=self.pointing.parts(claim.text),
            )
            for claim in claims_of(article, pieces)
        )
        return CutArticle(article, tuple(pieces), tuple(claims), self.rules)


def known_as(cut: CutArticle, article_id: str) -> CutArticle:
    """A cut article under this id, which its claims' ids are made of."""
    if cut.article.id == article_id:
        return cut
    return replace(
        cut,
        article=replace(cut.article, known_as=article_id),
        claims=tuple(
            replace(
                claim,
                id=claim_id(article_id, claim.text, claim.occurrence),
                article_id=article_id,
            )
            for claim in cut.claims
        ),
    )


def lost(document: Document | Settled) -> Settled:
    """What becomes of a document whose reading ended the process."""
    if not isinstance(document, Document):
        return document
    return Refused(
        document.source,
        f"{document.place}: reading it ended the process that did, as if it were damaged or "
        "far too large.",
        "Save the article as plain text in UTF-8 and ingest that file.",
    )
