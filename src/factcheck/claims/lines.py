"""What a line of an article is as a whole, by its words and by where it stands."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from factcheck.claims.wording import REASON, Listing, Reach, Section, Sorting, Wording
from factcheck.model import Kind

# In words: what is longer is no title, heading, label in sentence case, or link.
_TITLE, _HEADING, _LABEL, LABEL_OVER_TEXT, _LINK, _REFERENCE = 30, 16, 7, 10, 20, 60
# What is no longer may name what the text right below it is about.
_NAME = 2
# So many lines and sentences are remembered with what they are.
REMEMBERED = 10_000

# In characters: what is longer is prose, and is not tried against the patterns.
LONGEST_LINE = 300
LONGEST_SENTENCE = 600

ITEM = re.compile(
    r"(?:[-–—*•‣◦▪●○■□➤➢►✓✔✅→·⁃]+"
    r"|(?:[*•·] )?\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]{1,2})(?=\s|$)"
)
"""What opens an item of a list: a bullet, or an enumerator such as `1.`, `(a)` or `iv)`."""

_MARKDOWN_HEADING = re.compile(r"#{1,6} \S")
# What is measured or told to be absent is stated: `Mortality -> 5%`, `No side effects`.
_MEASURED = re.compile(r"%|->|→| = | [<>≤≥] ?\d|\A(?:no|zero|fewer|less|non-?\w+)\b", re.IGNORECASE)
_PAIR = re.compile(r"[A-Z][\w&/'-]*(?: [\w&/'-]+){0,3} ?[–—] ?\S")
_SYMBOLS = re.compile(r"[^\w©]{0,9}")
_CITATION = re.compile(r"\[(?:[\d,;–\- ]+|[a-z]|[\w -]{1,30} needed|edit)\]$")
# Not behind `St.` or `Dr.`.
_TITLE_BREAK = re.compile(r"\w{4}[.!?][\"')\]]* \S")
_SENTENCE_BREAK = re.compile(r"[.!?][\"')\]]* \S")

_TITLE_HERE: Sorting = (Kind.HEADING, "title")
# What an article is about to refute: `Myth 2: Naps are for children`.
_MYTH = re.compile(r"(?:myth|misconception)(?: ?#?\d{1,2})? ?[:–—]", re.IGNORECASE)
# What stands before a link.
POINTERS = ">»›«"
# Between the cells of a table's row, and of a bar of links or of an article's particulars.
_CELLS = " | "
_BAR = re.compile(r" (?:[|•·‖¦»›]|>(?! \d)|/(?=.* / )) ")
# A bar of particulars may end in a time: `Health | May 3, 2024, 9 p.m.`
_HALF_DAYS = ("a.m.", "p.m.")


@dataclass(slots=True)
class Place:
    """Where a line stands: between which others (normalised), and in which section.

    `untitled` says that the article's title has not come yet, `titles_left` how many lines may
    still be titles before its first sentence, `heads_list` that the line is an item with items
    of its own, `listing` what the items are below the last heading, `stacked` that it stands
    right below another short line, `stacks` right above its neighbour, `after_end` that a
    release is over.
    """

    preceding: str | None = None
    following: str | None = None
    section: Section | None = None
    untitled: bool = False
    titles_left: int = 0
    heads_list: bool = False
    listing: Listing | None = None
    stacked: bool = False
    stacks: bool = False
    after_end: bool = False


@functools.lru_cache(REMEMBERED)
def section_opened_by(line: str, words: Wording) -> Section | None:
    """The section of boilerplate that `line` (normalised) is the heading of, if any."""
    if len(line) <= LONGEST_LINE and line.count(" ") < _HEADING:
        lowered = line.lower()
        if found := words.sections.match(lowered, first_word(lowered)):
            reach, _, reason = str(found.lastgroup).partition(REASON)
            return Section(reason, Reach(reach))
    return None


def ends_section(line: str) -> bool:
    """Whether a line that opens no section of boilerplate ends the one that it stands in."""
    return _MARKDOWN_HEADING.match(line) is not None


@functools.lru_cache(REMEMBERED)
def listing_under(line: str, words: Wording) -> Listing | None:
    """What the items are that `line`, a heading or lead-in, announces, as far as it says so."""
    if len(line) <= LONGEST_LINE:
        lowered = line.lower()
        for listing, pattern in words.listings.items():
            if pattern.search(lowered):
                return listing
    return None


def foot_opened_by(line: str, sorting: Sorting, words: Wording) -> str | None:
    """Whether paragraphs about who published the article may follow on a line (sorted).

    `press` after the end of a release, `about_organisation` under a heading that says so.
    """
    if sorting[0] is Kind.HEADING or sorting[1] in ("ornament", "press"):
        found = words.foot.match(line.lower(), 0)
        return found.lastgroup if found else None
    return None


def is_standing(paragraph: str, foot: str, words: Wording) -> bool:
    """Whether a paragraph at the `foot` of an article is about who published it or paid for it."""
    lowered = paragraph[:LONGEST_SENTENCE].lower()
    return any(
        pattern.search(lowered)
        for reason, pattern in words.standing.items()
        if reason in (foot, "about_organisation")
    )


def is_category(line: str, following: str, words: Wording) -> bool:
    """Whether `line` is the page's label above the title that is `following`."""
    return (
        line.count(" ") < 2 < following.count(" ") + 2
        and ending_of(line) not in ".!?:"
        and sort_line(following, Place(following="", untitled=True), words) == _TITLE_HERE
    )


def sort_line(line: str, place: Place, words: Wording) -> Sorting | None:
    """What a paragraph (normalised) is as a whole, or None if its sentences are to be sorted."""
    if len(line) > LONGEST_LINE:
        return None
    ending = ending_of(line)
    if reason := _furniture(line, ending, words):
        return Kind.BOILERPLATE, reason
    if place.section and _belongs_to(place.section, line, ending, words):
        return Kind.BOILERPLATE, place.section.reason
    if (ending not in ".!?" or line.endswith(_HALF_DAYS)) and _is_bar(line, place):
        return Kind.BOILERPLATE, "navigation"
    if place.after_end and ending not in ".!?" and not ITEM.match(line):
        return Kind.BOILERPLATE, "press"
    if place.listing and _is_item(line, ending, place, words):
        return (Kind.NONCLAIM, "listing") if place.listing is Listing.NAMES else None
    if place.titles_left > 0 and _is_slogan(line, words):
        return Kind.BOILERPLATE, "slogan"
    if _is_heading(line, ending, place, words):
        return Kind.HEADING, "title" if place.untitled else "heading"
    if place.titles_left > 0 and _is_title(line, ending, place):
        return Kind.HEADING, "deck"
    return None


@functools.lru_cache(REMEMBERED)
def _furniture(line: str, ending: str, words: Wording) -> str | None:
    """Why a line is the page's own by its words, if it is. Pages of a site share many lines."""
    if not has_words(line):
        return "ornament"
    lowered = line.lower()
    at = first_word(lowered)
    if ending == ".":
        found = words.whole.match(lowered, at)
    else:
        found = words.line.match(lowered, at) or words.part.search(lowered)
    if not found and line.count(" ") < _REFERENCE:
        found = words.cased.match(line)
    return str(found.lastgroup) if found else None


def _belongs_to(section: Section, line: str, ending: str, words: Wording) -> bool:
    spaces = line.count(" ")
    if (
        section.reason == "references"
        and spaces < _REFERENCE
        and words.reference.search(line.lower())
    ):
        return True
    if spaces >= _LINK:
        return False
    if ITEM.match(line) and line[marker(line) :][:1].islower():
        return False
    if in_title_case(line.split(), words):
        return True
    return ending not in ".!?" and not _SENTENCE_BREAK.search(line)


def _is_bar(line: str, place: Place) -> bool:
    """Whether a line is a row of links or of an article's particulars, and not of a table."""
    if _BAR.search(line) is None or "%" in line or _SENTENCE_BREAK.search(line):
        return False
    neighbours = (place.preceding, place.following)
    return not any(other and _CELLS in other and _CELLS in line for other in neighbours)


def _is_slogan(line: str, words: Wording) -> bool:
    """Whether a line above the article's text is a site's motto: `Sleep Well. Live Well.`"""
    return (
        line.count(" ") < _LABEL
        and _SENTENCE_BREAK.search(line) is not None
        and in_title_case(line.split(), words)
    )


def _is_title(line: str, ending: str, place: Place) -> bool:
    """Whether a line above the article's first sentence may be a title for where it stands."""
    return (
        place.following is not None
        and ending not in ".,;:!?"
        and not ITEM.match(line)
        and line.count(" ") < _TITLE
        and not _TITLE_BREAK.search(line)
    )


def _is_heading(line: str, ending: str, place: Place, words: Wording) -> bool:
    if _MARKDOWN_HEADING.match(line):
        return True
    if _MYTH.match(line) and ending != "?" and not _SENTENCE_BREAK.search(line):
        return line.count(" ") < _LINK
    if _CELLS in line and _is_row(line, place):
        return False
    item = ITEM.match(line)
    if ending in ".,;" and not (line.endswith(("...", "…")) and place.stacks):
        return False
    if item and _is_bulleted(line):
        labels = place.heads_list and ":" not in line[:-1]
        return labels and is_label(line[item.end() :].split(), words)
    tokens = line[item.end() :].split() if item else line.split()
    if place.untitled and place.following is not None and not item:
        return len(tokens) <= _TITLE and not (ending == ":" and ". " in line)
    if len(tokens) > _HEADING or (tokens and tokens[0].islower() and tokens[0].isalpha()):
        return False
    if line.endswith(")") and (bare := line[: line.rfind(" (")]) and not item:
        if not is_label(line[len(bare) + 2 : -1].split(), words):
            return False  # states something in brackets: `Migraine (relieved in a day)`
        ending, tokens = ending_of(bare), bare.split()
    if _is_pair(line) and any(map(_is_pair, (place.preceding, place.following))):
        return False
    if any(map(str.isdigit, line)) and (_CELLS in line or "->" in line or "→" in line):
        return False
    if line[0].isdigit() and not item and place.preceding and ending_of(place.preceding) == "?":
        return False  # so many are the answer
    if in_title_case(tokens, words):
        return not item or ending != "?"
    if line[0] in POINTERS or _MEASURED.search(line) or _is_stacked(place):
        return False
    if ending in "!?" or (item and not _is_prose(place.following) and not _heads_part(place)):
        return False
    longest = LABEL_OVER_TEXT if _stands_over_text(place) else _LABEL
    return ": " not in line and is_label(tokens, words, longest)


def _is_stacked(place: Place) -> bool:
    """Whether a line in sentence case stands right below a short line and over no text: an item."""
    return (
        place.stacked
        and not place.titles_left
        and not (place.stacks and _is_prose(place.following))
    )


def _heads_part(place: Place) -> bool:
    """Whether a numbered line stands over bullets, or by itself over another heading."""
    following = place.following
    if following is None:
        return False
    return _is_bulleted(following) or (
        not ITEM.match(following)
        and not (place.preceding and ITEM.match(place.preceding))
        and following.count(" ") < _LABEL
        and ending_of(following) not in ".,;:"
    )


def _stands_over_text(place: Place) -> bool:
    """Whether a line parts one paragraph from another paragraph or a list."""
    return (
        place.preceding is not None
        and place.following is not None
        and _is_prose(place.preceding)
        and (_is_prose(place.following) or ITEM.match(place.following) is not None)
    )


def _is_pair(line: str | None) -> bool:
    """Whether a line gives something's particulars: `Main ingredient – Nettle`."""
    return line is not None and _PAIR.match(line) is not None


def _is_row(line: str, place: Place) -> bool:
    """Whether a line of several cells is a row of a table, and not the one at its head."""
    if place.preceding and _CELLS in place.preceding:
        return True
    below = place.following is not None and _CELLS in place.following
    return below and any(map(str.isdigit, line))


def _is_item(line: str, ending: str, place: Place, words: Wording) -> bool:
    """Whether a line is an item of the list that its heading or lead-in announced."""
    item = ITEM.match(line)
    if ending in ".!?:" or line.count(" ") >= _HEADING or _heads_facts(line, place, words):
        return False
    if not item and place.following and ending_of(place.following) == "?":
        return False  # it stands over the questions of an FAQ
    neighbours = [line for line in (place.preceding, place.following) if line]
    if not item and any(_is_bulleted(other) for other in neighbours):
        return False
    if item:
        return (
            _is_bulleted(line)
            and place.listing is Listing.NAMES
            and _names(line, item.end(), words)
        )
    if _MARKDOWN_HEADING.match(line) or (place.following and section_opened_by(line, words)):
        return False
    tokens = line.split()
    if tokens[0].lower() in words.question_words:
        return False
    if place.listing is Listing.NAMES:
        return (place.stacked or not _is_prose(place.following)) and is_label(tokens, words)
    if len(tokens) > 1 and in_title_case(tokens, words):
        return False
    if place.listing is Listing.ITEMS and place.stacked:
        heads = len(tokens) <= _NAME and place.stacks and _is_prose(place.following)
        return not (heads and in_title_case(tokens, words))
    return not _is_prose(place.following) or (place.stacked and not place.stacks)


def _heads_facts(line: str, place: Place, words: Wording) -> bool:
    """Whether a line that parts blocks names what the lines below it are: `Side effects`."""
    return (
        not place.stacked
        and place.following is not None
        and (place.stacks or ending_of(place.following) in ".:")
        and line.count(" ") < _LABEL
        and listing_under(line, words) is not None
    )


def _is_bulleted(line: str) -> bool:
    item = ITEM.match(line)
    return item is not None and not line[: item.end()].strip("().").isalnum()


def _names(line: str, at: int, words: Wording) -> bool:
    return is_label(line[at:].split(), words)


def is_label(tokens: Sequence[str], words: Wording, longest: int = _LABEL) -> bool:
    """Whether a few words in sentence case name something and state nothing."""
    if len(tokens) > longest or (len(tokens) > _LABEL and any(map(str.isdigit, "".join(tokens)))):
        return False
    if tokens and tokens[0].lower() in words.list_words:
        return True
    for token in map(str.lower, tokens):
        if token in words.question_words:
            return True
        if token in words.verbs and not (token in words.nouns and token == tokens[-1].lower()):
            return False
    return True


def in_title_case(tokens: Sequence[str], words: Wording) -> bool:
    """Whether four of five words start with a capital, small words and figures aside."""
    capitals = others = 0
    for word in tokens:
        if not word[0].isalpha():
            word = word.lstrip("\"'([{*_#")
            if not word[:1].isalpha():
                continue
        if word.lower() not in words.minor_words:
            if word[0].isupper():
                capitals += 1
            else:
                others += 1
                if 4 * others > len(tokens):
                    return False
    return capitals >= 4 * others


def _is_prose(line: str | None) -> bool:
    return line is not None and ending_of(line) in ".!?" and not ITEM.match(line)


def ending_of(line: str) -> str:
    """The last character of `line` that is a letter, a digit or a mark such as `.` or `:`.

    So quotes, brackets, symbols and citations such as `[24]` behind it are looked through.
    Full stops of other scripts and `…` count as `.`, and `?!` as `?`; a space if there is no
    such character.
    """
    if line and line[-1] in ".?":
        return line[-1]
    end = len(line)
    while end:
        last = line[end - 1]
        if last.isalnum() or last in ".!?,;:%":
            return "?" if line.startswith("?!", end - 2) else last
        if last in "。…！？":
            return {"！": "!", "？": "?"}.get(last, ".")
        citation = _CITATION.search(line, max(0, end - 40), end) if last == "]" else None
        end = citation.start() if citation else end - 1
    return " "


def has_words(text: str) -> bool:
    """Whether `text` says anything: it has a letter, or a figure that is not alone."""
    return any(map(str.isalpha, text)) or (
        any(map(str.isdigit, text)) and not text.strip(" .()[]#-").isdigit()
    )


def first_word(text: str, at: int = 0) -> int:
    """Where a word starts, behind quotes and symbols."""
    if text[at : at + 1].isalnum():
        return at
    symbols = _SYMBOLS.match(text, at)
    return symbols.end() if symbols else at


def marker(line: str) -> int:
    """Where the words of a list's item start, 0 where the line is no item."""
    item = ITEM.match(line)
    return len(line) - len(line[item.end() :].lstrip()) if item else 0
