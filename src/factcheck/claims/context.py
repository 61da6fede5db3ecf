"""What stands around a claim, and what it leans on, so that a reviewer can judge it alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from factcheck.claims.identity import normalised
from factcheck.claims.lines import ITEM, ending_of
from factcheck.claims.paragraphs import paragraphs
from factcheck.claims.wording import Wording
from factcheck.claims.wording import wording as wording_of
from factcheck.model import Kind, Piece, Span

# Characters to each side of the claim.
_LIMIT = 600
# White space in the source shrinks, so more is read than is shown.
_READ = 2 * _LIMIT
# How many paragraphs of boilerplate may stand between a claim and its neighbour.
_APART = 20
_BLANKS = re.compile(r"\s+")
_WIDE = re.compile(r"[^\S ]|  ")  # white space other than single spaces
# Characters of each sentence that a claim leans on, and of a sentence's opening.
_QUOTED, _OPENING = 400, 120


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


def surroundings(
    text: str, pieces: Iterable[Piece], claims: Iterable[Span], reach: int = 1
) -> list[Surroundings]:
    """The surroundings of the `claims` of a canonical text cut into `pieces`, in their order.

    They reach over the claim's own paragraph and `reach` paragraphs of prose to each side, at
    most 600 characters far and not beyond a heading. Boilerplate is left out.
    """
    cuts = _by_paragraph(text, pieces)
    starts = [paragraph[0].span.start for paragraph in cuts]
    headings = list(_headings(text, cuts))
    found = []
    for claim in claims:
        at = max(0, bisect_right(starts, claim.start) - 1)
        above = _neighbours(cuts, range(at - 1, max(-1, at - _APART), -1), reach)
        below = _neighbours(cuts, range(at + 1, min(len(cuts), at + _APART)), reach)
        own = _span(cuts[at])
        found.append(
            Surroundings(
                heading=headings[at],
                before=_before(text, [*reversed(above), Span(own.start, claim.start)]),
                after=_after(text, [Span(claim.end, own.end), *below]),
            )
        )
    return found


def lead_ins(text: str, pieces: Iterable[Piece], wording: Wording | None = None) -> dict[Span, str]:
    """What has to be read before a claim, for each claim of `pieces` that does not stand alone.

    That is the question which the claim's paragraph answers; the line or question that a list
    stands under whose item it is; and the sentence before a claim that opens with `It`, `This`
    or `Yes,`, with the nearest above that names what is meant. An ellipsis stands for what is
    left out between them, or between them and the claim. White space is single spaces.
    """
    words = wording or wording_of()
    said: list[Piece] = []  # all but boilerplate
    named: list[int] = []  # for each of these, the nearest up to it that does not lean
    found: dict[Span, str] = {}
    intro: int | None = None
    for paragraph in _by_paragraph(text, pieces):
        first = len(said)
        question = first - 1 if said and _asks(text, said[-1]) else None
        if not ITEM.match(text, paragraph[0].span.start):
            intro = None
        elif question is not None or (said and _introduces(text, said[-1])):
            intro = first - 1
        for piece in paragraph:
            if piece.kind is Kind.BOILERPLATE:
                continue
            at = len(said)
            leans = at > 0 and _leans(text, piece, words)
            said.append(piece)
            named.append(named[at - 1] if leans else at)
            if piece.kind is not Kind.CLAIM:
                continue
            needed = {above for above in (question, intro) if above is not None}
            if leans:
                needed |= {named[at], at - 1}
            elif at > first and said[at - 1].kind is Kind.QUESTION:
                needed.add(at - 1)
            if needed:
                found[piece.span] = _read_on(text, said, sorted(needed), at)
    return found


def _by_paragraph(text: str, pieces: Iterable[Piece]) -> list[list[Piece]]:
    """`pieces`, which are in order, by the paragraph that they start in."""
    starts = [span.start for span in paragraphs(text)]
    grouped = groupby(pieces, key=lambda piece: bisect_right(starts, piece.span.start))
    return [list(paragraph) for _, paragraph in grouped]


def _span(paragraph: Sequence[Piece]) -> Span:
    return Span(paragraph[0].span.start, paragraph[-1].span.end)


def _headings(text: str, cuts: Sequence[Sequence[Piece]]) -> Iterator[str | None]:
    """For each paragraph, the heading that it stands under."""
    heading = None
    for paragraph in cuts:
        yield heading
        if _is_heading(paragraph):
            heading = " ".join(_span(paragraph).of(text).split())


def _is_heading(paragraph: Sequence[Piece]) -> bool:
    """Whether this is a heading, or a question in a paragraph of its own, as in an FAQ."""
    return {piece.kind for piece in paragraph} <= {Kind.HEADING, Kind.QUESTION}


def _neighbours(cuts: Sequence[Sequence[Piece]], nearest_first: range, wanted: int) -> list[Span]:
    """The spans of the nearest paragraphs of prose, up to a heading."""
    found: list[Span] = []
    for at in nearest_first:
        if len(found) == wanted or _is_heading(cuts[at]):
            break
        if any(piece.kind is not Kind.BOILERPLATE for piece in cuts[at]):
            found.append(_span(cuts[at]))
    return found


def _before(text: str, spans: Sequence[Span]) -> str:
    """The end of what `spans`, the last of which ends where the claim starts, hold."""
    parts = [text[max(span.start, span.end - _READ) : span.end] for span in spans]
    read = _paragraphs_of(parts)
    if len(read) <= _LIMIT and all(len(part) < _READ for part in parts):
        return read
    return _end_of(read, _LIMIT)


def _after(text: str, spans: Sequence[Span]) -> str:
    """The beginning of what `spans`, the first of which starts where the claim ends, hold."""
    parts = [text[span.start : min(span.end, span.start + _READ)] for span in spans]
    read = _paragraphs_of(parts)
    if len(read) <= _LIMIT and all(len(part) < _READ for part in parts):
        return read
    return re.sub(r"(?<=\S)\s+\S*\Z", "", read[:_LIMIT]) + " …"


def _end_of(read: str, limit: int) -> str:
    """The last `limit` characters of `read`, from a word on."""
    return "… " + re.sub(r"\A\S*\s+(?=\S)", "", read[-limit:])


def _paragraphs_of(parts: Sequence[str]) -> str:
    """`parts` with single spaces, a blank line between two."""
    return "\n\n".join(_BLANKS.sub(" ", part) if _WIDE.search(part) else part for part in parts)


def _asks(text: str, piece: Piece) -> bool:
    """Whether this is a question that the paragraph below it answers."""
    if piece.kind is Kind.HEADING:
        return piece.reason != "title" and ending_of(piece.span.of(text)) == "?"
    return piece.kind is Kind.QUESTION


def _introduces(text: str, piece: Piece) -> bool:
    """Whether this leads up to the list below it."""
    return ending_of(piece.span.of(text)) == ":"


def _leans(text: str, piece: Piece, words: Wording) -> bool:
    """Whether this is a sentence that opens with a word for something said before it."""
    if piece.kind not in (Kind.CLAIM, Kind.NONCLAIM):
        return False
    opening = normalised(piece.span.of(text)[:_OPENING]).lower()
    if item := ITEM.match(opening):
        opening = opening[item.end() :]
    return words.leaning.match(opening) is not None


def _read_on(text: str, said: Sequence[Piece], needed: Sequence[int], claim: int) -> str:
    """The pieces `needed`, ascending, before the one that is the `claim`."""
    parts = []
    for at, after in pairwise([*needed, claim]):
        read = " ".join(said[at].span.of(text).split())
        parts.append(read if len(read) <= _QUOTED else _end_of(read, _QUOTED))
        if after != at + 1:
            parts.append("…")
    return " ".join(parts)
