"""Cuts an article into pieces and sorts them: lines, then sentences, then kinds."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from factcheck.claims import checkworthy
from factcheck.claims.checkworthy import ITEM, Listing, Place, Reach, Section, Sorting, Wording
from factcheck.claims.identity import claim_id, normalised
from factcheck.model import Article, Claim, Kind, Piece, Span

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

VERSION = 5
"""Counts up whenever the same text and wording are cut or sorted in another way."""

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

# In characters: among twice as many there is a space wherever people write.
_RUN = 250
_BLOB = re.compile(rf"\S{{{2 * _RUN},}}(?=\S\S)")

# What may end a sentence with another behind it in the same paragraph.
_DOUBT = re.compile(r"[.!?…](?!\w)(?:[^\w\0]{0,20}\w|[^\w\0]{21})")

# Stands between paragraphs when sentences are looked for: no pattern reaches across it.
_BETWEEN = "\n\0\n"
_GAP_BETWEEN = re.compile(_BETWEEN)
_ASKED = ("? ", "! ")

# How many lines above the article's first sentence may be its titles for where they stand: a
# kicker, the title, and a line or two below it.
_TITLES = 3
# In words: a longer paragraph is no item of a list, and a longer one with a full stop is prose.
_ITEM, _PROSE = 30, 12
# Lists whose items are no requests, though they may be worded like one: `Lower your pulse`.
_COMPLETED = (Listing.ITEMS, Listing.FACTS)
# So many sentences stand below a picture, with its credit in brackets behind them.
_CAPTION = 3
# So many paragraphs of prose in a row behind a list of references are the article again.
_RESUMED = 2
_GAP = re.compile(r"(?<=\S)(?: {3,}|\t+)(?=\S)")

# So many words before a full stop are remembered.
_PLAIN_WORDS = 50_000
# So many paragraphs are remembered, those that are shorter than so many characters.
_REMEMBERED, _LONG = 5_000, 2_000
# In characters: a shorter word before a full stop may be an abbreviation.
_SHORTEST = 3
# In letters: a word of so many capitals is a name, as `FDA` is, whose full stop ends a sentence.
_ACRONYM = 3
# In characters: what is longer is no marker of a list's item.
_MARKER = 11

# What belongs to the sentence behind it.
_NUMBER = re.compile(
    rf"{ITEM.pattern}|(?:Figure|Fig\.|Table|Box|Step) \d{{1,3}}[.:]|(?:P\.){{1,2}}S\.|N\.B\."
)

# A line that ends like this goes on, whatever the next one starts with.
_LEFT_OPEN = re.compile(
    r"(?:,|\b(?:an?|the|of|and|or|to|in|for|with|by|from|at|on|as|than|that|which|who|their|its"
    r"|is|are|was|were|be|been|has|have|had|can|may|will|not"
    r"|(?:Drs?|Prof|Mrs?|Ms|St|vs|cf|Figs?|e\.g|i\.e)\.))\Z"
)
# A figure that ends a sentence rather than counts an item: `bringing the total to / 87. Six …`.
_FIGURE = re.compile(r"(?!1\b)\d+\. ?\S")
_BEFORE_FIGURE = re.compile(r"\b(?:to|of|than|by|from|at|for|only|over|in|is|was|were)\Z")
# In characters, with what is before it.
_LAST_WORD = 8
_ABBREVIATED = re.compile(r"\b[A-Za-z]\.[A-Za-z]\.\Z")

# Notes behind a full stop: `works.[24] Then`, `works. [3, 5] Then`, `works.[citation needed] Then`,
# `works.¹ Then`, `works.1,2 Then`.
_CITATION = re.compile(
    r"""[.!?…]["”’')]*(?:\s?(?:\[(?:\d+(?:[,;–-]\s?\d+)*|[a-z]|(?:[\w-]{1,20} ){1,3}needed"""
    r"""|(?:note|nb) \d+|(?:who|when|where|which|why|according to whom|dubious|edit)\??)\]\s?)+"""
    r"""|[¹²³⁰⁴-⁹]+(?:[,–][¹²³⁰⁴-⁹]+)*(?=\s)"""
    r"""|(?<=[a-z]{3}[.!?])\d{1,3}(?:[,–-]\d{1,3})*(?=\s)"""
    r"""|(?<=[A-Z]{3}[.!?])\d{1,3}(?:[,–-]\d{1,3})*(?=\s[A-Z]))"""
)
_NEW_SENTENCE = re.compile(r"""\s*["“‘'(]?(?:[^\W_a-zß-öø-ÿ])""")
# Where a sentence may end before a capital, with a space or without.
_STOP = re.compile(r"""[.!?]["”’')\]]*(\s*)(?=["“‘'(]*[A-Z])""")
# A name in small letters with which a sentence may start, as genes have: `fell. p53 was lost`.
_SMALL_NAME = re.compile(r"""[.!?]["”)]?\s(?=[a-z]{1,3}[A-Z][\w-]*[ ,]|[a-z]{1,4}-?\d[\w-]*[ ,])""")
# What starts a sentence although nothing ends the one before it: `feel less pain It is cheap`.
_UNENDED = re.compile(
    r"(?:It|They|This|There|He|She|Then (?:it|they|he|she)|Yes,? I) "
    r"(?:is|are|was|were|do|does|did|has|have|had|can|will|may|should|must|would|could)\b"
)
# What a sentence whose space is missing starts with; not the end of an address.
_GLUED = re.compile(
    r"""["“‘'(]*(?!(?:Com|Org|Net|Gov|Edu|Info|Co|Io|Js|Ai)\b)(?:[A-Z][a-z’']+|[AI])\b(?![/@]|\.\w)"""
)
_LOWER_WORD = re.compile("[a-z]{3} ")
_WORD = re.compile(r"\W*(\w[\w’'-]*)")
# What goes on behind a full stop that ends no sentence: `cat. no. 33`, `(tea, etc.). and coffee`.
_GOES_ON = re.compile(r"(?:nos?|vols?|pp?|figs?|secs?|arts?|eds?|chs?)\.? ?\d")
_DASH = re.compile(r"(?:--|[–—]) ?[a-z]")
# Who said it, behind a quotation: `“It works.” – Ann Lee, Utrecht`
_SIGNED = re.compile(r"(?:--|[-–—~]) ?[A-Z][^!?\0\n]{0,60}(?=[\n\0]|\Z)")
_CONJUNCTION = re.compile(r"(?:and|or|but|nor)\b")
# Who spoke, behind a quotation that ends in a mark of its own: `“It works!” Ann Lee said.`
_ATTRIBUTION = re.compile(
    r"(?:(?:Drs?|Prof|Mrs?|Ms)\.? )?[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,3},? "
    r"(?:said|says|ask(?:s|ed)|add(?:s|ed)|told|tells|wrote|writes|explain(?:s|ed)|not(?:es|ed)"
    r"|recall(?:s|ed)|repl(?:ies|ied)|continue[sd]|joke[sd]|warn(?:s|ed)|insist(?:s|ed))\b"
)


def rules(wording: Wording | None = None) -> str:
    """What names the rules in force, such as `2-0f3a91c4d7e2`: other rules, another name.

    An article whose pieces were made under another name is worth cutting again.
    """
    return f"{VERSION}-{(wording or checkworthy.wording()).fingerprint}"


def claims_of(article: Article, pieces: Iterable[Piece] | None = None) -> tuple[Claim, ...]:
    """The claims of an article, numbered from 1 in the order in which they stand.

    `pieces` are those of its text, for a caller that has segmented it already.
    """
    seen: Counter[str] = Counter()
    claims: list[Claim] = []
    for piece in segment(article.text) if pieces is None else pieces:
        if piece.kind is not Kind.CLAIM:
            continue
        text = piece.span.of(article.text)
        words = normalised(text)
        claims.append(
            Claim(
                id=claim_id(article.id, text, seen[words]),
                article_id=article.id,
                text=text,
                span=piece.span,
                position=len(claims) + 1,
                occurrence=seen[words],
            )
        )
        seen[words] += 1
    return tuple(claims)


def segment(text: str, wording: Wording | None = None) -> list[Piece]:
    """Every sentence, heading and leftover line of `text` (LF line ends), in order, sorted.

    The pieces don't overlap, have no white space at their ends, and together cover every
    character that is not white space. None goes across a blank line.
    """
    words = wording or checkworthy.wording()
    page = _Page(text, words)
    pieces: list[Piece] = []
    for index, sentences in enumerate(_sentences(text, page.spans, words)):
        pieces += page.sorted(index, sentences)
    return pieces


class _Page:
    """Sorts an article's lines, one after the other, by their words and by where they stand."""

    def __init__(self, text: str, words: Wording) -> None:
        self.text = text
        self.words = words
        self.spans = paragraphs(text)
        self.lines = [_as_line(span.of(text)) for span in self.spans]
        self.section: Section | None = None
        self.opened = False  # by the line at hand
        self.prose = 0  # paragraphs in a row that are the article's, in a section that is not
        self.foot: str | None = None  # where a release or a page says who stands behind it
        self.below_short = False  # the line above does not end like a sentence
        self.untitled = True
        self.titles_left = _TITLES
        self.listing: Listing | None = None  # what the items are that may follow

    def sorted(self, index: int, sentences: Sequence[Span]) -> Iterable[Piece]:
        """The pieces of a line, which is one piece as a whole or else its `sentences`."""
        span, line = self.spans[index], self.lines[index]
        sorting = self._as_a_whole(index, line)
        standing = None if sorting else self._standing(line)
        if len(sentences) == 1:
            plain = [line]
        elif len(line) == span.end - span.start:  # then normalising has moved nothing
            plain = [line[one.start - span.start : one.end - span.start] for one in sentences]
        else:
            plain = [normalised(one.of(self.text)) for one in sentences]
        if sorting:
            self._after_a_whole(line, sorting)
            return _whole_or_cut(span, sorting, sentences, plain, self.words)
        short = checkworthy.ending_of(line) not in ".!?"
        completes = (
            self.listing in _COMPLETED
            and len(sentences) == 1
            and (short or line[:1].islower() or ITEM.match(line) is not None)
        )
        words = self.words
        pieces = [
            Piece(one, *(standing or checkworthy.sort_sentence(said, words, completes)))
            for one, said in zip(sentences, plain, strict=True)
        ]
        if pieces[0].reason == "rhetoric" and self._answers(index, plain[0]):
            pieces[0] = Piece(sentences[0], Kind.CLAIM, "sentence")
        if 1 < len(pieces) <= _CAPTION and line[-1] == ")" and pieces[-1].reason == "credit":
            pieces = [Piece(one, Kind.BOILERPLATE, "caption") for one in sentences]
        self._after_prose(line, pieces, short=short, standing=standing is not None)
        return pieces

    def _answers(self, index: int, sentence: str) -> bool:
        """Whether the sentence that opens a paragraph replies to the question above it."""
        first = _WORD.match(sentence)
        asked = index > 0 and checkworthy.ending_of(self.lines[index - 1]) == "?"
        return asked and first is not None and first[1].lower() in self.words.replies

    def _as_a_whole(self, index: int, line: str) -> Sorting | None:
        """What a line is if it is one piece."""
        if line[:1] == "#" and checkworthy.ends_section(line):
            self.section = None
        if len(line) > checkworthy.LONGEST_LINE or (
            self.section is None and line[-1:] == "." and line.count(" ") >= _PROSE
        ):
            return None  # prose
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if opened := checkworthy.section_opened_by(line, self.words):
            self.section, self.opened = opened, True
            return Kind.BOILERPLATE, opened.reason
        if index == 0 and following and checkworthy.is_category(line, following, self.words):
            return Kind.BOILERPLATE, "category"
        place = Place(
            preceding=self.lines[index - 1] if index else None,
            following=following,
            section=self.section,
            untitled=self.untitled,
            titles_left=self.titles_left,
            heads_list=following is not None and self._heads_list(index),
            listing=self.listing,
            stacked=self.below_short and self._touches_next(index - 1),
            stacks=following is not None and self._touches_next(index),
            after_end=self.foot == "press",
        )
        return checkworthy.sort_line(line, place, self.words)

    def _standing(self, line: str) -> Sorting | None:
        """What all sentences of a paragraph are for where it stands."""
        if self.listing is Listing.CONDITIONS and (
            line[:1].islower() or ITEM.match(line) or checkworthy.ending_of(line) not in ".!?"
        ):
            return Kind.NONCLAIM, "listing"
        if self.section and self.section.reach is Reach.ONE_PARAGRAPH:
            reason, self.section = self.section.reason, None
            return Kind.BOILERPLATE, reason
        if (
            self.foot
            and not ITEM.match(line)
            and checkworthy.is_standing(line, self.foot, self.words)
        ):
            return Kind.BOILERPLATE, "about_organisation"
        return None

    def _after_a_whole(self, line: str, sorting: Sorting) -> None:
        self.below_short = checkworthy.ending_of(line) not in ".!?"
        self.prose = 0
        if self.section and self.section.reach is Reach.ONE_PARAGRAPH and not self.opened:
            # An address in lines: what follows on it stands by itself.
            self.section = Section(self.section.reason, Reach.UNTIL_PROSE)
        self.opened = False
        if opened := checkworthy.foot_opened_by(line, sorting, self.words):
            self.foot = opened
        elif sorting[0] is Kind.HEADING:
            self.foot = None
        if sorting[1] == "heading":
            self.listing = checkworthy.listing_under(line, self.words)
        if sorting[0] is Kind.HEADING:
            self.untitled = False
            if self.listing is Listing.FACTS:
                self.titles_left = 0
            elif sorting[1] != "heading":
                self.titles_left -= 1

    def _after_prose(
        self, line: str, pieces: Sequence[Piece], *, short: bool, standing: bool
    ) -> None:
        self.below_short = short
        before_text = self.untitled or self.titles_left
        if before_text and any(piece.kind is not Kind.BOILERPLATE for piece in pieces):
            self.untitled, self.titles_left = False, 0
        if self.foot and not standing and not ITEM.match(line):
            self.foot = None
        if line.endswith(":") or (short and _LEFT_OPEN.search(line, len(line) - _LAST_WORD)):
            listing = checkworthy.listing_under(line, self.words)
            self.listing = listing or (Listing.ITEMS if line.endswith(":") else None)
        elif line.endswith("?") and (
            checkworthy.listing_under(line, self.words) is Listing.CONDITIONS
        ):
            self.listing = Listing.CONDITIONS
        elif self.listing and (
            line.count(" ") >= _ITEM or (self.listing is Listing.CONDITIONS and not standing)
        ):
            self.listing = None
        if self.section:
            self.prose = self.prose + 1 if len(pieces) > 1 else 0
            resumed = self.section.reason == "references" and self.prose >= _RESUMED
            if resumed or self.section.reach is Reach.UNTIL_PROSE:
                self.section = None

    def _heads_list(self, index: int) -> bool:
        """Whether items of a deeper list follow on this one."""
        item, following = self.spans[index], self.spans[index + 1]
        if self.lines[index][:3].isalpha():
            return False
        if not (ITEM.match(self.text, item.start) and ITEM.match(self.text, following.start)):
            return False
        return _indentation(self.text, following) > _indentation(self.text, item)

    def _touches_next(self, index: int) -> bool:
        """Whether no blank line parts a line from the next."""
        above, below = self.spans[index].end, self.spans[index + 1].start
        return self.text.count("\n", above, below) < 2


def _whole_or_cut(
    span: Span, sorting: Sorting, sentences: Sequence[Span], plain: Sequence[str], words: Wording
) -> Iterator[Piece]:
    """A line (sorted), cut where each of its sentences is boilerplate by itself."""
    if len(sentences) > 1 and sorting[0] is Kind.BOILERPLATE and sorting[1] != "references":
        cut = [checkworthy.sort_sentence(said, words) for said in plain]
        if all(kind is Kind.BOILERPLATE for kind, _ in cut):
            yield from (Piece(one, *own) for one, own in zip(sentences, cut, strict=True))
            return
    yield Piece(span, *sorting)


def _as_line(text: str) -> str:
    """`text` normalised, with ` | ` where several spaces or a tab part the cells of a bar.

    A wiki's `[edit]` behind a heading is left off.
    """
    if "   " in text or "\t" in text:
        text = _GAP.sub(" | ", text)
    return normalised(text).removesuffix("[edit]")


def _indentation(text: str, line: Span) -> int:
    return line.start - 1 - text.rfind("\n", 0, line.start)


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
        and not _LEFT_OPEN.search(text, max(line.start, line.end - _LAST_WORD), line.end)
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
    if checkworthy.ending_of(last) != "." or (len(block) < _FILLED and last.count(" ") > _SHORT):
        return False
    widest = max(line.end - line.start for line in block)
    return _NARROW <= widest <= _WIDE and all(
        _filled_to(text, line, after) >= widest
        and checkworthy.ending_of(line.of(text)).isalnum()
        and not ITEM.match(text, after.start)
        for line, after in pairwise(block)
    )


def _runs_on(text: str, line: Span, after: Span) -> bool:
    """Whether a sentence goes on from one line to the line after it."""
    if line.end - line.start < _WRAPPED:
        return False
    if ITEM.match(text, after.start):
        return _FIGURE.match(text, after.start) is not None and (
            _BEFORE_FIGURE.search(text, max(line.start, line.end - _LAST_WORD), line.end)
            is not None
        )
    if _LEFT_OPEN.search(text, max(line.start, line.end - _LAST_WORD), line.end):
        return True
    if not text[after.start].islower():
        return False
    return (
        checkworthy.ending_of(line.of(text)) not in ".!?:"
        or _ABBREVIATED.search(text, max(line.start, line.end - _LAST_WORD), line.end) is not None
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
        checkworthy.ending_of(line.of(text)) not in ".!?"
        or after.end - after.start >= _FULL * width
        or checkworthy.ending_of(after.of(text)) in ".!?,;:"
        or text[after.start].isdigit()
    )


@functools.cache
def _tokenizer(
    abbreviations: frozenset[str], no_abbreviations: frozenset[str]
) -> PunktSentenceTokenizer:
    """nupunkt's sentence model, put right where it doesn't know what an abbreviation is."""
    import nupunkt  # only here: it takes 0.1 s, and most commands cut nothing

    tokenizer = nupunkt.load_default_model()
    tokenizer.add_abbreviations(sorted(abbreviations))
    for word in no_abbreviations:
        tokenizer.remove_abbreviation(word)
    return tokenizer


@functools.cache
def _remembered(words: Wording) -> dict[str, list[tuple[int, int]]]:  # noqa: ARG001 - what it is kept for
    """Where the sentences of paragraphs stand that were cut before: much returns on a site."""
    return {}


def _sentences(text: str, spans: Sequence[Span], words: Wording) -> list[list[Span]]:
    """The sentences of each of the paragraphs `spans`, without the white space around them."""
    known = _remembered(words)
    if len(known) > _REMEMBERED:
        known.clear()
    paragraphs = [span.of(text) for span in spans]
    new = [one for one in dict.fromkeys(paragraphs) if one not in known]
    cut = dict(zip(new, _cut([one.replace("\n", " ") for one in new], words), strict=True))
    known.update((one, own) for one, own in cut.items() if len(one) < _LONG)
    return [
        [Span(span.start + start, span.start + end) for start, end in cut.get(one) or known[one]]
        for span, one in zip(spans, paragraphs, strict=True)
    ]


def _cut(paragraphs: Sequence[str], words: Wording) -> Iterator[list[tuple[int, int]]]:
    """Where the sentences of each paragraph start and end in it."""
    joined = _BETWEEN.join(paragraphs)
    starts = _starts(joined, words)
    at = index = 0
    for paragraph in paragraphs:
        end = at + len(paragraph)
        own = [at]
        while index < len(starts) and starts[index] < end:
            if starts[index] > at:
                own.append(starts[index])
            index += 1
        yield [(0, len(paragraph))] if len(own) == 1 else _wholes(joined, own, end, -at)
        at = end + len(_BETWEEN)


def _wholes(text: str, starts: list[int], end: int, shift: int) -> list[tuple[int, int]]:
    """Starts and ends of what is between `starts`, moved by `shift`, the last up to `end`.

    What has no word of its own goes with its neighbour: a lone enumerator (`1.`) with the
    sentence after it, citations, closing quotes and symbols with the one before.
    """
    wholes: list[tuple[int, int]] = []
    begun: int | None = None
    for start, after in zip(starts, [*starts[1:], end], strict=True):
        if begun is None and after - start > 2 * _MARKER and text[start].isalpha():
            last = after - 1 if text[after - 1].isspace() else after
            if not text[last - 1].isspace():
                wholes.append((start + shift, last + shift))
                continue
        sentence = text[start:after].strip()
        if not sentence:
            continue
        first = start if text[start] == sentence[0] else text.index(sentence[0], start)
        last = first + len(sentence) + shift
        if begun is None and wholes and not (sentence[0].isalnum() or _has_word(sentence)):
            wholes[-1] = (wholes[-1][0], last)
            continue
        if begun is None:
            begun = first + shift
        if len(sentence) > _MARKER or not _NUMBER.fullmatch(sentence):
            wholes.append((begun, last))
            begun = None
    if begun is not None:
        wholes.append((begun, end + shift))
    return wholes


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))


def _starts(text: str, words: Wording) -> list[int]:
    """Where sentences start: as the sentence model says, put right."""
    stops = {stop.end(): stop for stop in _STOP.finditer(text)}
    starts = _plain_starts(text, stops, words)
    starts.update(_doubtful_starts(text, list(starts), words))
    missed = [start for start in stops.keys() - starts if _ends_sentence(text, stops[start], words)]
    starts -= {start for start in starts if _is_inside(text, start, stops.get(start))}
    starts.update(missed)
    starts.update(
        name.end()
        for name in _SMALL_NAME.finditer(text)
        if not _abbreviates(text[max(0, name.start() - 40) : name.start()], words)
    )
    starts.update(
        begun.start()
        for begun in _UNENDED.finditer(text)
        if _LOWER_WORD.fullmatch(text, begun.start() - 4, begun.start())
    )
    for citation in _CITATION.finditer(text):
        end = citation.end()
        starts.difference_update(range(citation.start() + 1, end + 1))
        if _NEW_SENTENCE.match(text, end):
            starts.add(end)
    return sorted(starts)


def _plain_starts(text: str, stops: Mapping[int, re.Match[str]], words: Wording) -> set[int]:
    """Where sentences start with a capital beyond doubt.

    That is behind a full stop after a word that is no abbreviation, and behind `!` and `?`.
    """
    plain = _plain_words(words)
    starts = set()
    for start, stop in stops.items():
        mark = stop[0]
        if mark == ". ":
            if plain[text[text.rfind(" ", 0, start - 2) + 1 : start - 2]]:
                starts.add(start)
        elif mark in _ASKED and text[start - 3].isalnum() and text[start].isalpha():
            starts.add(start)
    return starts


@functools.cache
def _plain_words(words: Wording) -> _Plain:
    return _Plain(_tokenizer(words.abbreviations, words.no_abbreviations))


class _Plain(dict[str, bool]):
    """Whether the sentence model ends a sentence behind a word whatever follows it."""

    def __init__(self, tokenizer: PunktSentenceTokenizer) -> None:
        super().__init__()
        self._abbreviations = tokenizer.parameters.abbrev_types
        self._collocated = {first for first, _ in tokenizer.parameters.collocations}

    def __missing__(self, word: str) -> bool:
        lowered = word.lower()
        last = lowered.rpartition("-")[2]
        plain = (
            len(last) > 1
            and word.isascii()
            and word.replace("-", "").isalpha()
            and lowered not in self._abbreviations
            and last not in self._abbreviations
            and lowered not in self._collocated
        )
        if len(self) < _PLAIN_WORDS:
            self[word] = plain
        return plain


def _doubtful_starts(text: str, plain: Iterable[int], words: Wording) -> Iterator[int]:
    """Where sentences start, as the sentence model says, between the `plain` starts."""
    starts = sorted([0, *plain, *(gap.end() for gap in _GAP_BETWEEN.finditer(text)), len(text)])
    doubtful = [(start, end) for start, end in pairwise(starts) if _DOUBT.search(text, start, end)]
    joined = _BETWEEN.join([text[start:end] for start, end in doubtful])
    tokenizer = _tokenizer(words.abbreviations, words.no_abbreviations)
    chunks = iter(doubtful)
    at = until = start = 0
    for found, _ in tokenizer.span_tokenize(_without_blobs(joined)):
        while found >= until:
            start, end = next(chunks)
            at, until = until, until + end - start + len(_BETWEEN)
        if found < until - len(_BETWEEN):
            yield start + found - at


def _without_blobs(text: str) -> str:
    """`text` with letters for what runs on without a space, on which the model takes forever."""
    if all(" " in text[at : at + _RUN] for at in range(0, len(text) - _RUN, _RUN)):
        return text
    return _BLOB.sub(lambda blob: "x" * len(blob[0]), text)


_DASHES = ("-", "–", "—", "~")
_SIGNABLE = ('"', "”", "’", "'", "»", "?", "!", ".")


def _is_inside(text: str, start: int, stop: re.Match[str] | None) -> bool:
    """Whether the sentence before `start` goes on there, which the sentence model didn't see."""
    if text.startswith(_DASHES, start) and (
        text[max(0, start - 4) : start].rstrip()[-1:] in _SIGNABLE
    ):
        return _SIGNED.match(text, start) is not None
    if stop:
        return text[stop.start()] != "." and _ATTRIBUTION.match(text, start) is not None
    if not text[start : start + 1].islower():
        return _DASH.match(text, start) is not None
    if _GOES_ON.match(text, start):
        return True
    in_brackets = text[max(0, start - 8) : start].rstrip().endswith(").")
    return in_brackets and _CONJUNCTION.match(text, start) is not None


def _abbreviates(before: str, words: Wording) -> bool:
    """Whether the last word of `before` is an abbreviation, short or known."""
    word = before.split()[-1].strip("\"“‘'([.!?)]”’").lower()
    known = _tokenizer(words.abbreviations, words.no_abbreviations).parameters.abbrev_types
    return len(word) < _SHORTEST or "." in word or word in known


def _ends_sentence(text: str, stop: re.Match[str], words: Wording) -> bool:
    """Whether a sentence ends at a `stop` where the sentence model saw none end."""
    before = text[max(0, stop.start() - 40) : stop.start()].split()
    word = before[-1].lstrip("\"“‘'([") if before and not text[stop.start() - 1].isspace() else ""
    if not stop[1]:
        known = _tokenizer(words.abbreviations, words.no_abbreviations).parameters.abbrev_types
        return (
            _GLUED.match(text, stop.end()) is not None
            and re.search(r"[a-z]{2}$|\d[\d)\]]$|[)\]”]$", word) is not None
            and not re.search(r"[/@.]|www", word)
            and word.lower() not in known
        )
    abbreviation = word.lower()
    if word in words.units and len(before) > 1 and before[-2][-1].isdigit():
        return True
    if len(word) == 1 and word.isupper() and len(before) > 1:
        return before[-2].lower() in words.lettered
    if len(word) >= _ACRONYM and word.isalpha() and word.isupper():
        return abbreviation not in words.capital_abbreviations
    if abbreviation in words.hours:
        opener = _WORD.match(text, stop.end())
        return opener is None or opener[1].lower() not in words.after_hours
    if abbreviation in words.final_abbreviations or abbreviation in words.answers:
        return True
    opener = _WORD.match(text, stop.end())
    return (
        abbreviation in words.often_final_abbreviations
        and opener is not None
        and opener[1].lower() in words.openers
    )
