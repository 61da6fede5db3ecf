"""Cuts a text into paragraphs: its lines, those that a hard wrap has parted joined again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from factcheck.claims.lines import ITEM, ending_of
from factcheck.model import Span

# A line that a hard wrap has ended is at least this long, and none is longer than the other, in
# characters.
_WRAPPED, _WRAPPED_AT_MOST = 30, 150
# How full a line must be, of the longest that runs on, to have been ended for its length.
_FULL, _OVERFULL = 0.85, 1.2
# A block of so many lines, as wide as a mail or a release is wrapped, may be wrapped wherever
# a name happens to start the line.
_FILLED, _NARROW, _WIDE = 3, 55, 100
# So many lines in a row hardly start with a capital unless each stands for itself.
_LISTED = 3
# In spaces: what is left over for the second of two lines.
_SHORT = 2
# A line that ends like this goes on, whatever the next one starts with.
LEFT_OPEN = re.compile(
    r"(?:,|\b(?:an?|the|of|and|or|to|in|for|with|by|from|at|on|as|than|that|which|who|their|its"
    r"|is|are|was|were|be|been|has|have|had|can|may|will|not"
    r"|(?:Drs?|Prof|Mrs?|Ms|St|vs|cf|Figs?|e\.g|i\.e)\.))\Z"
)
# A figure that ends a sentence rather than counts an item: `bringing the total to / 87. Six …`.
_FIGURE = re.compile(r"(?!1\b)\d+\. ?\S")
_BEFORE_FIGURE = re.compile(r"\b(?:to|of|than|by|from|at|for|only|over|in|is|was|were)\Z")
# In characters, with what is before it.
LAST_WORD = 8
_ABBREVIATED = re.compile(r"\b[A-Za-z]\.[A-Za-z]\.\Z")


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of `text`, without the white space around them.

    Blank lines part them, and so does each line break, unless the lines are hard-wrapped.
    """
    found: list[Span] = []
    block: list[Span] = []
    for line in _lines(text):
        if line:
            block.append(line)
        else:
            found += _unwrapped(text, block)
            block = []
    return found + _unwrapped(text, block)


def _lines(text: str) -> Iterator[Span | None]:
    """Each line without the white space around it, None for a blank one."""
    start = 0
    for line in text.split("\n"):
        if stripped := line.strip():
            first = start + (0 if line[0] == stripped[0] else line.index(stripped))
            yield Span(first, first + len(stripped))
        else:
            yield None
        start += len(line) + 1


def _unwrapped(text: str, block: list[Span]) -> list[Span]:
    """The paragraphs in a block of lines: those that a hard wrap has parted are joined.

    A break in mid-sentence gives a wrap away. Where there is one, other lines of the block
    that are as full are taken for wrapped too. Only this block is looked at, so that an edit
    elsewhere in the article changes nothing here.
    """
    if len(block) < 2:
        return block
    widest = max(line.end - line.start for line in block)
    if widest > _WRAPPED_AT_MOST or (widest < _NARROW and _all_small(text, block)):
        return block
    listed = _listed_from(text, block)
    if listed:
        return _unwrapped(text, block[:listed]) + block[listed:]
    if len(block) > _LISTED and all(text[line.start].isupper() for line in block[1:]):
        return block if not _is_filled(text, block) else [Span(block[0].start, block[-1].end)]
    breaks = [(line, after, _runs_on(text, line, after)) for line, after in pairwise(block)]
    width = max((line.end - line.start for line, _, runs_on in breaks if runs_on), default=0)
    if not width and _is_filled(text, block):
        return [Span(block[0].start, block[-1].end)]
    if not width or any(
        runs_on
        and not LEFT_OPEN.search(text, max(line.start, line.end - LAST_WORD), line.end)
        and _filled_to(text, line, after) < _FULL * width
        for line, after, runs_on in breaks
    ):
        return block  # lines that go on in small letters where there was room are a list
    joined = [block[0]]
    for line, after, runs_on in breaks:
        if runs_on or _is_full(text, line, after, width):
            joined[-1] = Span(joined[-1].start, after.end)
        else:
            joined.append(after)
    return joined


def _all_small(text: str, block: Sequence[Span]) -> bool:
    """Whether all lines start in small letters and none ends a sentence: a list on its own."""
    return all(text[line.start].islower() and text[line.end - 1] not in ".!?" for line in block)


def _listed_from(text: str, block: Sequence[Span]) -> int:
    """From which line on a block is a list in small letters under its lead-in, 0 if it is none."""
    first = len(block)
    while first > 1 and text[block[first - 1].start].islower():
        first -= 1
    for index in range(first, len(block) - 1):
        if text[block[index - 1].end - 1] == ":":
            return index
    return 0


def _filled_to(text: str, line: Span, after: Span) -> int:
    """How long a line would have been with the first word of the line after it."""
    return line.end - line.start + 1 + len(after.of(text).split(None, 1)[0])


def _is_filled(text: str, block: Sequence[Span]) -> bool:
    """Whether only the last line of a block ends a sentence, and no other had room for more."""
    last = block[-1].of(text)
    if ending_of(last) != "." or (len(block) < _FILLED and last.count(" ") > _SHORT):
        return False
    widest = max(line.end - line.start for line in block)
    return _NARROW <= widest <= _WIDE and all(
        _filled_to(text, line, after) >= widest
        and ending_of(line.of(text)).isalnum()
        and not ITEM.match(text, after.start)
        for line, after in pairwise(block)
    )


def _runs_on(text: str, line: Span, after: Span) -> bool:
    """Whether a sentence goes on from one line to the line after it."""
    if line.end - line.start < _WRAPPED:
        return False
    if ITEM.match(text, after.start):
        return _FIGURE.match(text, after.start) is not None and (
            _BEFORE_FIGURE.search(text, max(line.start, line.end - LAST_WORD), line.end) is not None
        )
    if LEFT_OPEN.search(text, max(line.start, line.end - LAST_WORD), line.end):
        return True
    if not text[after.start].islower():
        return False
    return (
        ending_of(line.of(text)) not in ".!?:"
        or _ABBREVIATED.search(text, max(line.start, line.end - LAST_WORD), line.end) is not None
    )


def _is_full(text: str, line: Span, after: Span, width: int) -> bool:
    """Whether the line broke off for its length, where others broke off at `width`."""
    length = line.end - line.start
    room = _filled_to(text, line, after)
    if not _FULL * width <= room or length > _OVERFULL * width:
        return False
    if ITEM.match(text, after.start):
        return False
    # Behind the end of a sentence, a short line without an end of its own is a heading.
    return (
        ending_of(line.of(text)) not in ".!?"
        or after.end - after.start >= _FULL * width
        or ending_of(after.of(text)) in ".!?,;:"
        or text[after.start].isdigit()
    )
