"""What stands around a claim, so that a reviewer can judge it without the whole article."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from factcheck.claims.segment import Paragraph, cut
from factcheck.model import Kind, Span

# Characters to each side of the claim.
_LIMIT = 600
# White space in the source shrinks, so more is read than is shown.
_READ = 2 * _LIMIT
# How many paragraphs of boilerplate may stand between a claim and its neighbour.
_APART = 20


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A claim's neighbourhood: `before + claim + after` reads as the article does.

    `heading` is the nearest above; where that is the question of an FAQ, the claim is part of
    its answer. `before` ends and `after` starts with what parts them from the claim: a space
    within a paragraph, a blank line between two. An ellipsis stands where they are cut short.
    """

    heading: str | None
    before: str
    after: str


def surroundings(text: str, spans: Iterable[Span], paragraphs: int = 1) -> list[Surroundings]:
    """The surroundings of the claims at `spans` of a canonical text, in the same order.

    They reach over the claim's own paragraph and as many `paragraphs` of prose to each side,
    at most 600 characters far and not beyond a heading. Boilerplate is left out.
    """
    cuts = cut(text)
    starts = [paragraph.span.start for paragraph in cuts]
    headings = list(_headings(text, cuts))
    found = []
    for claim in spans:
        at = max(0, bisect_right(starts, claim.start) - 1)
        above = _neighbours(cuts, range(at - 1, max(-1, at - _APART), -1), paragraphs)
        below = _neighbours(cuts, range(at + 1, min(len(cuts), at + _APART)), paragraphs)
        own = cuts[at].span
        found.append(
            Surroundings(
                heading=headings[at],
                before=_before(text, [*reversed(above), Span(own.start, claim.start)]),
                after=_after(text, [Span(claim.end, own.end), *below]),
            )
        )
    return found


def _headings(text: str, cuts: Sequence[Paragraph]) -> Iterator[str | None]:
    """For each paragraph, the heading that it stands under."""
    heading = None
    for paragraph in cuts:
        yield heading
        if _is_heading(paragraph):
            heading = " ".join(paragraph.span.of(text).split())


def _is_heading(paragraph: Paragraph) -> bool:
    """Whether this is a heading, or a question in a paragraph of its own, as in an FAQ."""
    return {piece.kind for piece in paragraph.pieces} <= {Kind.HEADING, Kind.QUESTION}


def _neighbours(cuts: Sequence[Paragraph], nearest_first: range, wanted: int) -> list[Span]:
    """The spans of the nearest paragraphs of prose, up to a heading."""
    found: list[Span] = []
    for at in nearest_first:
        if len(found) == wanted or _is_heading(cuts[at]):
            break
        if any(piece.kind is not Kind.BOILERPLATE for piece in cuts[at].pieces):
            found.append(cuts[at].span)
    return found


def _before(text: str, spans: Sequence[Span]) -> str:
    """The end of what `spans`, the last of which ends where the claim starts, hold."""
    parts = [text[max(span.start, span.end - _READ) : span.end] for span in spans]
    read = _paragraphs_of(parts)
    if len(read) <= _LIMIT and all(len(part) < _READ for part in parts):
        return read
    return "… " + re.sub(r"\A\S*\s+(?=\S)", "", read[-_LIMIT:])


def _after(text: str, spans: Sequence[Span]) -> str:
    """The beginning of what `spans`, the first of which starts where the claim ends, hold."""
    parts = [text[span.start : min(span.end, span.start + _READ)] for span in spans]
    read = _paragraphs_of(parts)
    if len(read) <= _LIMIT and all(len(part) < _READ for part in parts):
        return read
    return re.sub(r"(?<=\S)\s+\S*\Z", "", read[:_LIMIT]) + " …"


def _paragraphs_of(parts: Sequence[str]) -> str:
    """`parts` with single spaces, a blank line between two."""
    return "\n\n".join(re.sub(r"\s+", " ", part) for part in parts)
