"""Tells a claim from what is none, by the words that stand in `configs/wording.toml`.

Recall comes before precision: whatever no rule recognises is a claim.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon
from factcheck.claims.lexicon import Mentions, Openings, any_of, rules
from factcheck.errors import UsageError
from factcheck.model import Kind

Sorting = tuple[Kind, str]
"""A kind and the reason for it, such as `(Kind.BOILERPLATE, "comment_form")`."""

# In words: what is longer is no title, heading, label in sentence case, or link.
_TITLE, _HEADING, _LABEL, _LABEL_OVER_TEXT, _LINK, _REFERENCE = 30, 16, 7, 10, 20, 60
# In words: what is no longer may name what the text right below it is about.
_NAME = 2
# Nor is what is longer a mere lead-in to what stands behind its colon.
_LEAD_IN = 16
_REMEMBERED = 10_000
# In characters: an enumerator in letters, such as `viii)`, ends before.
_MARKER = 6
# In characters: what is longer is prose, and is not tried against the patterns.
LONGEST_LINE = 300
_SENTENCE = 600

ITEM = re.compile(
    r"(?:[-–—*•‣◦▪●○■□➤➢►✓✔✅→·⁃]+"
    r"|(?:[*•·] )?\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]{1,2})(?=\s|$)"
)
"""What opens an item of a list: a bullet, or an enumerator such as `1.`, `(a)` or `iv)`."""

_MARKDOWN_HEADING = re.compile(r"#{1,6} \S")
# What stands before what is said of it: `Hydration: drink plenty of water.`
_LABEL_BEFORE = re.compile(r"[^:.!?]{1,40}: (?=.{12})")
# What is measured or told to be absent is stated: `Mortality -> 5%`, `No side effects`.
_MEASURED = re.compile(r"%|->|→| = | [<>≤≥] ?\d|\A(?:no|zero|fewer|less|non-?\w+)\b", re.IGNORECASE)
_PAIR = re.compile(r"[A-Z][\w&/'-]*(?: [\w&/'-]+){0,3} ?[–—] ?\S")
_SYMBOLS = re.compile(r"[^\w©]{0,9}")
# A question with who asks it: `Do naps help? -- Sleepless in Utrecht`
_SIGNED_QUESTION = re.compile(r"\? ?(?:--|[–—]) ?[A-Z][^.!?]{1,60}\Z")
# What is stated before a question behind a dash: `Tea has more of it – where's the tea epidemic?`
_STATES = re.compile(
    r"(?!(?:so|but|and|then)? ?(?:if|when|how|what|why|who|where|which|whose|is|are|was|were"
    r"|do|does|did|can|could|will|would|should|has|have|had|may|might)\b)[^–—?]{8,}\b(?:is|are|was|were|has|have"
    r"|had|can|may|will|contains?|causes?|kills?|makes?|helps?|works?|needs?|shows?)\b[^–—?]* [–—] "
    r"(?:(?:so|but|and) )?(?:how|what|where|why|who|when|is|are|do|does)(?:\b|')"
)
_BEFORE_REQUESTS = ("then", "just", "simply", "also", "always", "please")
_TWO_WORDS = re.compile(rf"(?:(?:{'|'.join(_BEFORE_REQUESTS)}) )*([a-z]+(?:['-][a-z]+)*) ([\w']+)")
_CLAUSE_WORD = re.compile(r"(?:(?:and|or|but|even|especially|particularly) )*([a-z]+)\b")
_YOU = re.compile(r"\byou\b")
_NOT = ("don't", "never")
# In characters: a clause before a request is hardly longer, nor is its first word.
_CLAUSE, _OPENER = 120, 24
# The reason of a request to the reader.
_REQUEST = "advice"
# The frame of patterns that are the whole of a line.
_TO_THE_END = r"%s\W{0,9}\Z"
# The reason of what may stand before the words that decide, and what parts a section's name.
_LEAD, _REASON = "_lead", "__"
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w")
_CITATION = re.compile(r"\[(?:[\d,;–\- ]+|[a-z]|[\w -]{1,30} needed|edit)\]$")
# Not behind `St.` or `Dr.`.
_TITLE_BREAK = re.compile(r"\w{4}[.!?][\"')\]]* \S")
_SENTENCE_BREAK = re.compile(r"[.!?][\"')\]]* \S")


_CLAIM: Sorting = (Kind.CLAIM, "sentence")
_TITLE_HERE: Sorting = (Kind.HEADING, "title")
# What stands before a link.
_POINTERS = ">»›«"
# Between the cells of a table's row, and of a bar of links or of an article's particulars.
_CELLS = " | "
_BAR = re.compile(r" (?:[|•·‖¦»›]|>(?! \d)|/(?=.* / )) ")

# The reasons that rules of layout give.
_REASONS = {
    "sentence": Kind.CLAIM,
    "question": Kind.QUESTION,
    "title": Kind.HEADING,
    "deck": Kind.HEADING,
    "heading": Kind.HEADING,
    "listing": Kind.NONCLAIM,
    "lead_in": Kind.NONCLAIM,
    "ornament": Kind.BOILERPLATE,
    "category": Kind.BOILERPLATE,
    "slogan": Kind.BOILERPLATE,
    "caption": Kind.BOILERPLATE,
    "about_organisation": Kind.BOILERPLATE,
    "press": Kind.BOILERPLATE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """The patterns and word lists of `configs/wording.toml`, compiled.

    Where a pattern matches, `lastgroup` is the reason, and `kinds` says of what kind that is.
    """

    kinds: Mapping[str, Kind]
    whole: Openings
    line: Openings
    part: Mentions
    cased: re.Pattern[str]
    sections: Openings
    reference: re.Pattern[str]
    foot: Openings
    standing: Mapping[str, re.Pattern[str]]
    sentence: Openings
    mention: Mentions
    core: re.Pattern[str]
    cores: Mapping[str, re.Pattern[str]]
    leaning: re.Pattern[str]
    listings: Mapping[Listing, re.Pattern[str]]
    minor_words: frozenset[str]
    verbs: frozenset[str]
    nouns: frozenset[str]
    question_words: frozenset[str]
    list_words: frozenset[str]
    commands: frozenset[str]
    acts: frozenset[str]
    objects: frozenset[str]
    no_objects: frozenset[str]
    clauses: frozenset[str]
    requesting: frozenset[str]
    abbreviations: frozenset[str]
    no_abbreviations: frozenset[str]
    final_abbreviations: frozenset[str]
    capital_abbreviations: frozenset[str]
    answers: frozenset[str]
    replies: frozenset[str]
    often_final_abbreviations: frozenset[str]
    lettered: frozenset[str]
    openers: frozenset[str]
    units: frozenset[str]
    hours: frozenset[str]
    after_hours: frozenset[str]
    fingerprint: str


class Reach(enum.StrEnum):
    """How far a section of boilerplate goes."""

    TO_THE_END = "to_the_end"
    UNTIL_PROSE = "until_prose"
    ONE_PARAGRAPH = "one_paragraph"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that is not the article's, under a heading such as `Comments`."""

    reason: str
    reach: Reach


class Listing(enum.StrEnum):
    """What the short lines below a heading or lead-in are: on what condition to seek help, the
    rest of the sentence that leads in, names of what somebody offers, or statements."""

    CONDITIONS = "conditions"
    ITEMS = "items"
    NAMES = "names"
    FACTS = "facts"


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


@functools.cache
def wording(own: Path | None = None) -> Wording:
    """The wording that comes with factcheck and what the desk's file `own` adds, read once.

    Raises UsageError, naming file, table and pattern, where the desk's file can't be used.
    """
    tables = lexicon.load(
        "wording.toml",
        own,
        open_tables=("words", "boilerplate", "section", "nonclaim"),
        cased=("boilerplate.cased",),
    )
    named = tables["words"]
    lists = {name: frozenset(words) for name, words in tables["lists"].items()}
    boilerplate, nonclaim = tables["boilerplate"], tables["nonclaim"]
    whole = rules(boilerplate["whole"], named, _TO_THE_END)
    opening = rules(boilerplate["opening"], named)
    leads = "|".join(lexicon.alternatives(named[name], named) for name in ("lead", "linking"))
    return Wording(
        kinds=_kinds(tables, own),
        whole=Openings(whole),
        line=Openings([*whole, *rules(boilerplate["line"], named), *opening]),
        part=Mentions(rules(boilerplate["anywhere"], named)),
        cased=any_of(rules(boilerplate["cased"], named), r"(?i:\W{0,9}%s\W{0,9}\Z)"),
        sections=Openings(
            (f"{reach}{_REASON}{reason}", pattern)
            for reach in Reach
            for reason, pattern in rules(tables["section"][reach], named, _TO_THE_END)
        ),
        reference=any_of(rules(tables["reference"]["anywhere"], named)),
        foot=Openings(rules(tables["foot"]["whole"], named, _TO_THE_END)),
        standing={
            reason: any_of(rules({reason: patterns}, named), r"\b%s")
            for reason, patterns in tables["foot"]["anywhere"].items()
        },
        sentence=Openings(
            [
                *opening,
                *whole,
                *rules(nonclaim["whole"], named, _TO_THE_END),
                *rules(nonclaim["opening"], named),
                *rules({_LEAD: [*named["lead"], *named["linking"]]}, named, r"%s\b,? \W{0,9}"),
            ]
        ),
        mention=Mentions(
            [*rules(boilerplate["within"], named), *rules(nonclaim["anywhere"], named)]
        ),
        core=any_of(rules(tables["core"]["anywhere"], named), r"\b%s"),
        cores={
            reason: any_of(rules(table, named), r"\b%s")
            for reason, table in tables["core"].items()
            if reason != "anywhere"
        },
        leaning=any_of(
            rules(tables["leaning"]["opening"], named), rf"\W{{0,9}}(?:(?:{leads})\b,? )*%s"
        ),
        listings={
            listing: any_of(rules({listing: tables["listing"][listing]}, named), r"\b%s")
            for listing in Listing
        },
        minor_words=lists["minor_words"],
        verbs=lists["verbs"],
        nouns=lists["nouns"],
        question_words=lists["question_words"],
        list_words=lists["list_words"],
        **{name: lists[name] for name in ("commands", "acts", "objects", "no_objects", "clauses")},
        requesting=lists["commands"] | lists["acts"] | lists["clauses"] | {*_BEFORE_REQUESTS},
        abbreviations=lists["abbreviations"],
        no_abbreviations=lists["no_abbreviations"],
        final_abbreviations=lists["final_abbreviations"],
        capital_abbreviations=lists["capital_abbreviations"],
        answers=lists["answers"],
        replies=lists["replies"],
        often_final_abbreviations=lists["often_final_abbreviations"],
        lettered=lists["lettered"],
        openers=lists["openers"],
        units=lists["units"],
        hours=lists["hours"],
        after_hours=lists["after_hours"],
        fingerprint=lexicon.fingerprint(tables),
    )


def _kinds(tables: lexicon.Tables, own: Path | None) -> dict[str, Kind]:
    """The kind that each reason stands for."""
    kinds = dict(_REASONS)
    for kind, part in (
        (Kind.BOILERPLATE, tables["boilerplate"]),
        (Kind.BOILERPLATE, tables["section"]),
        (Kind.NONCLAIM, tables["nonclaim"]),
    ):
        for reason in (reason for table in part.values() for reason in table):
            if kinds.setdefault(reason, kind) is not kind:
                raise UsageError(
                    f"{own} gives the reason {reason} to {kind}, but it is one of {kinds[reason]}.",
                    hint="Give it another name, such as one that starts with your desk's.",
                )
    return kinds


@functools.lru_cache(_REMEMBERED)
def section_opened_by(line: str, words: Wording) -> Section | None:
    """The section of boilerplate that `line` (normalised) is the heading of, if any."""
    if len(line) <= LONGEST_LINE and line.count(" ") < _HEADING:
        lowered = line.lower()
        if found := words.sections.match(lowered, _first_word(lowered)):
            reach, _, reason = str(found.lastgroup).partition(_REASON)
            return Section(reason, Reach(reach))
    return None


def sort_line(line: str, place: Place, words: Wording) -> Sorting | None:
    """What a paragraph (normalised) is as a whole, or None if its sentences are to be sorted."""
    if len(line) > LONGEST_LINE:
        return None
    ending = ending_of(line)
    if reason := _furniture(line, ending, words):
        return Kind.BOILERPLATE, reason
    if place.section and _belongs_to(place.section, line, ending, words):
        return Kind.BOILERPLATE, place.section.reason
    if ending not in ".!?" and _is_bar(line, place):
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


@functools.lru_cache(_REMEMBERED)
def _furniture(line: str, ending: str, words: Wording) -> str | None:
    """Why a line is the page's own by its words, if it is. Pages of a site share many lines."""
    if not _has_words(line):
        return "ornament"
    lowered = line.lower()
    at = _first_word(lowered)
    if ending == ".":
        found = words.whole.match(lowered, at)
    else:
        found = words.line.match(lowered, at) or words.part.search(lowered)
    if not found and line.count(" ") < _TITLE:
        found = words.cased.match(line)
    return str(found.lastgroup) if found else None


@functools.lru_cache(_REMEMBERED)
def sort_sentence(sentence: str, words: Wording, completes: bool = False) -> Sorting:
    """What a sentence of prose (normalised) is, or an item that `completes` what leads in to it."""
    if not sentence[:1].isalpha() and not _has_words(sentence):
        return Kind.BOILERPLATE, "ornament"
    if "@" in sentence and _ADDRESS.search(sentence):
        return Kind.BOILERPLATE, "contact"
    if len(sentence) > _SENTENCE:
        return (Kind.QUESTION, "question") if ending_of(sentence) == "?" else _CLAIM
    ending = ending_of(sentence)
    lowered = sentence.lower()
    plain = (
        sentence[0].isalpha() and "." not in sentence[1:_MARKER] and ")" not in sentence[1:_MARKER]
    )
    at = 0 if plain else _first_word(lowered, _marker(lowered))
    reason, start = _reason(lowered, at, words)
    checkable = reason is not None and _has_core(lowered[start:], reason, words)
    if not reason or checkable:
        mention = words.mention.search(lowered[at:] if at else lowered)
        if mention and (not reason or _is_boilerplate(mention.lastgroup, words)):
            reason = mention.lastgroup
            checkable = _has_core(lowered[start:], reason, words)
    if not reason and ":" in lowered[:40] and (label := _LABEL_BEFORE.match(lowered)):
        reason, start = _reason(lowered, _first_word(lowered, label.end()), words)
        checkable = _has_core(lowered[start:], reason, words)
    if not reason and (quoted := lowered.find(': "', 0, _CLAUSE)) > 0:
        reason, start = _reason(lowered, quoted + 3, words)
        checkable = _has_core(lowered[start:], reason, words)
    if reason and _is_boilerplate(reason, words):
        return Kind.BOILERPLATE, reason
    if ending == "?" or (_SIGNED_QUESTION.search(sentence) if ending.isalpha() else False):
        states = _STATES.match(lowered, at) if "–" in lowered or "—" in lowered else None
        return _CLAIM if states else (Kind.QUESTION, "question")
    if reason and not completes and not checkable:
        return Kind.NONCLAIM, reason
    if sentence[0] in _POINTERS and ending not in ".!?" and _is_link(sentence, words):
        return Kind.BOILERPLATE, "navigation"
    if ending == ":" and lowered.count(" ") < _LEAD_IN and words.core.search(lowered) is None:
        return Kind.NONCLAIM, "lead_in"
    return _CLAIM


def _is_link(line: str, words: Wording) -> bool:
    """Whether what stands behind a pointer such as `>` names a page, and states nothing."""
    tokens = line.lstrip(f"{_POINTERS} ").split()
    if not tokens or _in_title_case(tokens, words):
        return True
    states = any(map(str.isdigit, line)) or not tokens[0][0].isupper()
    return not states and _is_label(tokens, words, _LABEL_OVER_TEXT)


def _is_boilerplate(reason: str | None, words: Wording) -> bool:
    return reason is not None and words.kinds[reason] is Kind.BOILERPLATE


def _has_core(lowered: str, reason: str | None, words: Wording) -> bool:
    """Whether there is something to check in what is worded like advice, opinion or talk."""
    if reason is None or _is_boilerplate(reason, words):
        return False
    of_its_own = words.cores.get(reason)
    return words.core.search(lowered) is not None or (
        of_its_own is not None and of_its_own.search(lowered) is not None
    )


def _reason(lowered: str, at: int, words: Wording) -> tuple[str | None, int]:
    """Why what begins at `at`, or behind what may stand before it, is no claim, if it is none.

    And from where on anything to check in it would make it one nevertheless.
    """
    begins = at
    while found := words.sentence.match(lowered, at):
        if found.lastgroup != _LEAD:
            return found.lastgroup, at
        at = found.end()
    if (request := _request(lowered, at, words)) is not None:
        return _REQUEST, request if request > at else begins
    return None, begins


def _request(lowered: str, at: int, words: Wording) -> int | None:
    """Where what asks the reader to do something begins: at `at`, or behind a clause."""
    opener = lowered[at : at + _OPENER].split(" ", 1)[0]
    if opener not in words.requesting or not (opening := _TWO_WORDS.match(lowered, at)):
        return None
    first, second = opening.groups()
    if first in words.commands:
        return None if second in words.no_objects else at
    if first in words.acts:
        return at if _is_object(second, words) else None
    if first not in words.clauses:
        return None
    comma = lowered.find(", ", at, at + _CLAUSE)
    while comma >= 0:
        clause = _CLAUSE_WORD.match(lowered, comma + 2)
        if clause and clause[1] in words.clauses:  # "If it hurts, and even if it doesn't, …"
            comma = lowered.find(", ", comma + 2, at + _CLAUSE)
            continue
        told = words.sentence.match(lowered, comma + 2)  # "Before you buy, it is best to …"
        if told and told.lastgroup != _LEAD and words.kinds[str(told.lastgroup)] is Kind.NONCLAIM:
            return comma + 2
        if not (opening := _TWO_WORDS.match(lowered, comma + 2)):
            return None
        begins = at if first == "to" else comma + 2  # "To sleep well, …" says what it is good for
        first, second = opening.groups()
        you = first in words.acts and _YOU.search(lowered, at, comma)
        if first in words.commands or you:
            return None if second in words.no_objects else begins
        asks = first in _NOT or (first in words.acts and _is_object(second, words))
        return begins if asks else None
    return None


def _is_object(word: str, words: Wording) -> bool:
    return word in words.objects or word[0].isdigit()


def _first_word(text: str, at: int = 0) -> int:
    """Where a word starts, behind quotes and symbols."""
    if text[at : at + 1].isalnum():
        return at
    symbols = _SYMBOLS.match(text, at)
    return symbols.end() if symbols else at


def ends_section(line: str) -> bool:
    """Whether a line that opens no section of boilerplate ends the one that it stands in."""
    return _MARKDOWN_HEADING.match(line) is not None


@functools.lru_cache(_REMEMBERED)
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
    lowered = paragraph[:_SENTENCE].lower()
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


def ending_of(line: str) -> str:
    """The last character of `line` that is a letter, a digit or a mark such as `.` or `:`.

    So quotes, brackets, symbols and citations such as `[24]` behind it are looked through.
    Full stops of other scripts and `…` count as `.`; a space if there is no such character.
    """
    if line and line[-1] in ".?":
        return line[-1]
    end = len(line)
    while end:
        last = line[end - 1]
        if last.isalnum() or last in ".!?,;:%":
            return last
        if last in "。…！？":
            return {"！": "!", "？": "?"}.get(last, ".")
        citation = _CITATION.search(line, max(0, end - 40), end) if last == "]" else None
        end = citation.start() if citation else end - 1
    return " "


def _has_words(text: str) -> bool:
    """Whether `text` says anything: it has a letter, or a figure that is not alone."""
    return any(map(str.isalpha, text)) or (
        any(map(str.isdigit, text)) and not text.strip(" .()[]#-").isdigit()
    )


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
    if ITEM.match(line) and line[_marker(line) :][:1].islower():
        return False
    if _in_title_case(line.split(), words):
        return True
    return ending not in ".!?" and not _SENTENCE_BREAK.search(line)


def _is_heading(line: str, ending: str, place: Place, words: Wording) -> bool:
    if _MARKDOWN_HEADING.match(line):
        return True
    if _CELLS in line and _is_row(line, place):
        return False
    item = ITEM.match(line)
    if ending in ".,;" and not (line.endswith(("...", "…")) and place.stacks):
        return False
    if item and _is_bulleted(line):
        labels = place.heads_list and ":" not in line[:-1]
        return labels and _is_label(line[item.end() :].split(), words)
    tokens = line[item.end() :].split() if item else line.split()
    if place.untitled and place.following is not None and not item:
        return len(tokens) <= _TITLE
    if len(tokens) > _HEADING or (tokens and tokens[0].islower() and tokens[0].isalpha()):
        return False
    if line.endswith(")") and (bare := line[: line.rfind(" (")]) and not item:
        ending, tokens = ending_of(bare), bare.split()
    if _is_pair(line) and any(map(_is_pair, (place.preceding, place.following))):
        return False
    if any(map(str.isdigit, line)) and (_CELLS in line or "->" in line or "→" in line):
        return False
    if _in_title_case(tokens, words):
        return not item or ending != "?"
    if line[0] in _POINTERS or _MEASURED.search(line) or _is_stacked(place):
        return False
    if ending in "!?" or (item and not _is_prose(place.following) and not _heads_part(place)):
        return False
    longest = _LABEL_OVER_TEXT if _stands_over_text(place) else _LABEL
    return ": " not in line and _is_label(tokens, words, longest)


def _is_stacked(place: Place) -> bool:
    """Whether a line in sentence case stands right below a short line and over no text: an item."""
    return (
        place.stacked
        and not place.titles_left
        and not (place.stacks and _is_prose(place.following))
    )


def _is_pair(line: str | None) -> bool:
    """Whether a line gives something's particulars: `Main ingredient – Nettle`."""
    return line is not None and _PAIR.match(line) is not None


def _heads_part(place: Place) -> bool:
    """Whether a numbered line stands by itself, over another heading: no list goes on there."""
    return (
        place.following is not None
        and not ITEM.match(place.following)
        and not (place.preceding and ITEM.match(place.preceding))
        and place.following.count(" ") < _LABEL
        and ending_of(place.following) not in ".,;:"
    )


def _stands_over_text(place: Place) -> bool:
    """Whether a line parts one paragraph from another paragraph or a list."""
    return (
        place.preceding is not None
        and place.following is not None
        and _is_prose(place.preceding)
        and (_is_prose(place.following) or ITEM.match(place.following) is not None)
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


def _is_slogan(line: str, words: Wording) -> bool:
    """Whether a line above the article's text is a site's motto: `Sleep Well. Live Well.`"""
    return (
        line.count(" ") < _LABEL
        and _SENTENCE_BREAK.search(line) is not None
        and _in_title_case(line.split(), words)
    )


def _is_bar(line: str, place: Place) -> bool:
    """Whether a line is a row of links or of an article's particulars, and not of a table."""
    if _BAR.search(line) is None or "%" in line or _SENTENCE_BREAK.search(line):
        return False
    neighbours = (place.preceding, place.following)
    return not any(other and _CELLS in other and _CELLS in line for other in neighbours)


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
        return (place.stacked or not _is_prose(place.following)) and _is_label(tokens, words)
    if len(tokens) > 1 and _in_title_case(tokens, words):
        return False
    if place.listing is Listing.ITEMS and place.stacked:
        heads = len(tokens) <= _NAME and place.stacks and _is_prose(place.following)
        return not (heads and _in_title_case(tokens, words))
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
    return _is_label(line[at:].split(), words)


def _is_row(line: str, place: Place) -> bool:
    """Whether a line of several cells is a row of a table, and not the one at its head."""
    if place.preceding and _CELLS in place.preceding:
        return True
    below = place.following is not None and _CELLS in place.following
    return below and any(map(str.isdigit, line))


def _is_label(tokens: Sequence[str], words: Wording, longest: int = _LABEL) -> bool:
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


def _marker(line: str) -> int:
    """Where the words of a list's item start, 0 where the line is no item."""
    item = ITEM.match(line)
    return len(line) - len(line[item.end() :].lstrip()) if item else 0


def _is_prose(line: str | None) -> bool:
    return line is not None and ending_of(line) in ".!?" and not ITEM.match(line)


def _in_title_case(tokens: Sequence[str], words: Wording) -> bool:
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
