"""Tells a claim from a sentence that is none, by the words that stand in `configs/wording.toml`.

Recall comes before precision: whatever no rule recognises is a claim.
"""

from __future__ import annotations

import functools
import re

from factcheck.claims.lines import (
    LABEL_OVER_TEXT,
    LONGEST_SENTENCE,
    POINTERS,
    REMEMBERED,
    ending_of,
    first_word,
    has_words,
    in_title_case,
    is_label,
    marker,
)
from factcheck.claims.wording import BEFORE_REQUESTS, LEAD, Sorting, Wording
from factcheck.model import Kind

# In words: what is longer is no mere lead-in to what stands behind its colon.
_LEAD_IN = 16
# In characters: an enumerator in letters, such as `viii)`, ends before.
_MARKER = 6

# What stands before what is said of it: `Hydration: drink plenty of water.`
_LABEL_BEFORE = re.compile(r"[^:.!?]{1,40}: (?=.{12})")
# A question with who asks it: `Do naps help? -- Sleepless in Utrecht`
_SIGNED_QUESTION = re.compile(r"\? ?(?:--|[–—]) ?[A-Z][^.!?]{1,60}\Z")
# What is stated before a question behind a dash: `Tea has more of it – where's the tea epidemic?`
_STATES = re.compile(
    r"(?!(?:so|but|and|then)? ?(?:if|when|how|what|why|who|where|which|whose|is|are|was|were"
    r"|do|does|did|can|could|will|would|should|has|have|had|may|might)\b)[^–—?]{8,}\b(?:is|are|was|were|has|have"
    r"|had|can|may|will|contains?|causes?|kills?|makes?|helps?|works?|needs?|shows?)\b[^–—?]* [–—] "
    r"(?:(?:so|but|and) )?(?:how|what|where|why|who|when|is|are|do|does)(?:\b|')"
)

_TWO_WORDS = re.compile(rf"(?:(?:{'|'.join(BEFORE_REQUESTS)}) )*([a-z]+(?:['-][a-z]+)*) ([\w']+)")
_CLAUSE_WORD = re.compile(r"(?:(?:and|or|but|even|especially|particularly) )*([a-z]+)\b")
_YOU = re.compile(r"\byou\b")
_NOT = ("don't", "never")
# In characters: a clause before a request is hardly longer, nor is its first word.
_CLAUSE, _OPENER = 120, 24
# The reason of a request to the reader.
_REQUEST = "advice"
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w")

_CLAIM: Sorting = (Kind.CLAIM, "sentence")


@functools.lru_cache(REMEMBERED)
def sort_sentence(sentence: str, words: Wording, completes: bool = False) -> Sorting:
    """What a sentence of prose (normalised) is, or an item that `completes` what leads in to it."""
    if not sentence[:1].isalpha() and not has_words(sentence):
        return Kind.BOILERPLATE, "ornament"
    if "@" in sentence and _ADDRESS.search(sentence):
        return Kind.BOILERPLATE, "contact"
    if len(sentence) > LONGEST_SENTENCE:
        return (Kind.QUESTION, "question") if ending_of(sentence) == "?" else _CLAIM
    ending = ending_of(sentence)
    lowered = sentence.lower()
    plain = (
        sentence[0].isalpha() and "." not in sentence[1:_MARKER] and ")" not in sentence[1:_MARKER]
    )
    at = 0 if plain else first_word(lowered, marker(lowered))
    reason, start = _reason(lowered, at, words)
    checkable = reason is not None and _has_core(lowered[start:], reason, words)
    if not reason or checkable:
        mention = words.mention.search(lowered[at:] if at else lowered)
        if mention and (not reason or _is_boilerplate(mention.lastgroup, words)):
            reason = mention.lastgroup
            checkable = _has_core(lowered[start:], reason, words)
    if (
        (not reason or checkable)
        and ":" in lowered[:40]
        and (label := _LABEL_BEFORE.match(lowered))
    ):
        behind, begins = _reason(lowered, first_word(lowered, label.end()), words)
        if behind:
            reason, start = behind, begins
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
    if sentence[0] in POINTERS and ending not in ".!?" and _is_link(sentence, words):
        return Kind.BOILERPLATE, "navigation"
    if ending == ":" and lowered.count(" ") < _LEAD_IN and words.core.search(lowered) is None:
        return Kind.NONCLAIM, "lead_in"
    return _CLAIM


def _is_link(line: str, words: Wording) -> bool:
    """Whether what stands behind a pointer such as `>` names a page, and states nothing."""
    tokens = line.lstrip(f"{POINTERS} ").split()
    if not tokens or in_title_case(tokens, words):
        return True
    states = any(map(str.isdigit, line)) or not tokens[0][0].isupper()
    return not states and is_label(tokens, words, LABEL_OVER_TEXT)


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
        if found.lastgroup != LEAD:
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
        if told and told.lastgroup != LEAD and words.kinds[str(told.lastgroup)] is Kind.NONCLAIM:
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
