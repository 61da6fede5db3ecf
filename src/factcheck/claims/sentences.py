"""Cuts paragraphs into sentences: a sentence model where it is needed, and what puts it right."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from factcheck.claims.lines import ITEM
from factcheck.claims.wording import Wording
from factcheck.model import Span

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

# In characters: among twice as many there is a space wherever people write.
_RUN = 250
_BLOB = re.compile(rf"\S{{{2 * _RUN},}}(?=\S\S)")
# What may end a sentence with another behind it in the same paragraph.
_DOUBT = re.compile(r"[.!?…](?!\w)(?:[^\w\0]{0,20}\w|[^\w\0]{21})")
# Stands between paragraphs when sentences are looked for: no pattern reaches across it.
_BETWEEN = "\n\0\n"
_GAP_BETWEEN = re.compile(_BETWEEN)
_ASKED = ("? ", "! ")
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
# Notes behind a full stop: `works.[24] Then`, `works. [3, 5] Then`, `works.[citation needed] Then`,
# `works.¹ Then`, `works.1,2 Then`, `in 2001.10 Then`.
_CITATION = re.compile(
    r"""[.!?…]["”’')]*(?:\s?(?:\[(?:\d+(?:[,;–-]\s?\d+)*|[a-z]|(?:[\w-]{1,20} ){1,3}needed"""
    r"""|(?:note|nb) \d+|(?:who|when|where|which|why|according to whom|dubious|edit)\??)\]\s?)+"""
    r"""|[¹²³⁰⁴-⁹]+(?:[,–][¹²³⁰⁴-⁹]+)*(?=\s)"""
    r"""|(?<=[a-z]{3}[.!?])\d{1,3}(?:[,–-]\d{1,3})*(?=\s)"""
    r"""|(?<=[A-Z]{3}[.!?])\d{1,3}(?:[,–-]\d{1,3})*(?=\s[A-Z])"""
    r"""|(?<=\b(?:19|20)\d\d[.])\d{1,3}(?=\s[A-Z]))"""
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
_DASHES = ("-", "–", "—", "~")
_SIGNABLE = ('"', "”", "’", "'", "»", "?", "!", ".")


def sentences_of(text: str, spans: Sequence[Span], words: Wording) -> list[list[Span]]:
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


@functools.cache
def _remembered(words: Wording) -> dict[str, list[tuple[int, int]]]:  # noqa: ARG001 - what it is kept for
    """Where the sentences of paragraphs stand that were cut before: much returns on a site."""
    return {}


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
