"""Cuts an article into pieces and sorts them: lines, then sentences, then kinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from factcheck.claims import lines
from factcheck.claims.checkworthy import sort_sentence
from factcheck.claims.identity import claim_id, normalised
from factcheck.claims.lines import ITEM, Place
from factcheck.claims.paragraphs import LAST_WORD, LEFT_OPEN, paragraphs
from factcheck.claims.sentences import sentences_of
from factcheck.claims.wording import Listing, Reach, Section, Sorting, Wording
from factcheck.claims.wording import wording as wording_of
from factcheck.model import Article, Claim, Kind, Piece, Span

VERSION = 9
"""Counts up whenever the same text and wording are cut or sorted in another way."""

# How many lines above the article's first sentence may be its titles for where they stand: a
# kicker, the title, and a line or two below it.
_TITLES = 3
# In words: a longer paragraph is no item of a list, and a longer one with a full stop is prose.
_ITEM, _PROSE = 30, 12
# Lists whose items are no requests, though they may be worded like one: `Lower your pulse`.
_COMPLETED = (Listing.ITEMS, Listing.FACTS)
# Lists whose items state nothing by themselves.
_KEPT_BACK = (Listing.TOPICS, Listing.CONDITIONS)
# So many sentences stand below a picture, with its credit in brackets behind them.
_CAPTION = 3
# So many paragraphs of prose in a row behind a list of references are the article again.
_RESUMED = 2
# Who opens an entry in a list of references, unless a figure ends it: `Lee, A. (2019). Naps.`,
# `Lee A, Li B. Naps.`
_AUTHOR = re.compile(r"(?:\d{1,3}[.)] )?[A-Z][\w'’-]+,? [A-Z]{1,3}[.,]")
_FIRST_WORD = re.compile(r"\W*(\w[\w’'-]*)")
_GAP = re.compile(r"(?<=\S)(?: {3,}|\t+)(?=\S)")


def rules(wording: Wording | None = None) -> str:
    """What names the rules in force, such as `2-0f3a91c4d7e2`: other rules, another name.

    An article whose pieces were made under another name is worth cutting again.
    """
    return f"{VERSION}-{(wording or wording_of()).fingerprint}"


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
    words = wording or wording_of()
    page = _Page(text, words)
    pieces: list[Piece] = []
    for index, sentences in enumerate(sentences_of(text, page.spans, words)):
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
        short = lines.ending_of(line) not in ".!?"
        completes = (
            self.listing in _COMPLETED
            and len(sentences) == 1
            and line[-1] != ":"
            and (short or line[:1].islower() or ITEM.match(line) is not None)
        )
        words = self.words
        pieces = [
            Piece(one, *(standing or sort_sentence(said, words, completes)))
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
        first = _FIRST_WORD.match(sentence)
        asked = index > 0 and lines.ending_of(self.lines[index - 1]) == "?"
        return asked and first is not None and first[1].lower() in self.words.replies

    def _as_a_whole(self, index: int, line: str) -> Sorting | None:
        """What a line is if it is one piece."""
        if line[:1] == "#" and lines.ends_section(line):
            self.section = None
        if len(line) > lines.LONGEST_LINE or (
            self.section is None
            and line[-1:] == "."
            and line.count(" ") >= _PROSE
            and not _may_be_reference(line)
        ):
            return None  # prose
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if opened := lines.section_opened_by(line, self.words):
            self.section, self.opened = opened, True
            return Kind.BOILERPLATE, opened.reason
        if index == 0 and following and lines.is_category(line, following, self.words):
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
        return lines.sort_line(line, place, self.words)

    def _standing(self, line: str) -> Sorting | None:
        """What all sentences of a paragraph are for where it stands."""
        if self.listing in _KEPT_BACK and self.words.core.search(line.lower()) is None:
            item, ending = ITEM.match(line) is not None, lines.ending_of(line)
            if self.listing is Listing.TOPICS:
                states_nothing = item and ending not in ".!"
            else:
                states_nothing = item or line[:1].islower() or ending not in ".!?"
            if states_nothing:
                return Kind.NONCLAIM, "listing"
        if self.section and self.section.reach is Reach.ONE_PARAGRAPH:
            reason, self.section = self.section.reason, None
            return Kind.BOILERPLATE, reason
        if self.foot and not ITEM.match(line) and lines.is_standing(line, self.foot, self.words):
            return Kind.BOILERPLATE, "about_organisation"
        return None

    def _after_a_whole(self, line: str, sorting: Sorting) -> None:
        self.below_short = lines.ending_of(line) not in ".!?"
        self.prose = 0
        if self.section and self.section.reach is Reach.ONE_PARAGRAPH and not self.opened:
            # An address in lines: what follows on it stands by itself.
            self.section = Section(self.section.reason, Reach.UNTIL_PROSE)
        self.opened = False
        if opened := lines.foot_opened_by(line, sorting, self.words):
            self.foot = opened
        elif sorting[0] is Kind.HEADING:
            self.foot = None
        if sorting[1] == "heading":
            self.listing = lines.listing_under(line, self.words)
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
        kept_back = self.listing in _KEPT_BACK and (standing or ITEM.match(line) is not None)
        left_open = short and not kept_back and LEFT_OPEN.search(line, len(line) - LAST_WORD)
        if line.endswith(":") or left_open:
            listing = lines.listing_under(line, self.words)
            self.listing = listing or (Listing.ITEMS if line.endswith(":") else None)
        elif line.endswith("?") and (lines.listing_under(line, self.words) is Listing.CONDITIONS):
            self.listing = Listing.CONDITIONS
        elif self.listing in _KEPT_BACK:
            if not kept_back:
                self.listing = None
        elif self.listing and line.count(" ") >= _ITEM:
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
        cut = [sort_sentence(said, words) for said in plain]
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


def _may_be_reference(line: str) -> bool:
    return line[-2:-1].isdigit() or _AUTHOR.match(line) is not None


def _indentation(text: str, line: Span) -> int:
    return line.start - 1 - text.rfind("\n", 0, line.start)
