"""Reads the words of a sentence: which are verbs, which open a clause, where a clause follows.

Rules on words and punctuation, with the word lists under [parts] in `configs/cues.toml`. A word
counts as a verb if the lists say so and its neighbours allow it. Every look ahead is bounded, so
that a text takes no longer than its length.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon

# In words: how far ahead a verb is looked for; how long what stands in passing before a subject
# can be; a label before `:`, adverbs in a row and the last item of a list; a subject that opens the
# sentence.
CLAUSE, ASIDE, ITEM, _SUBJECT = 24, 12, 6, 3
# How many empty words stand behind the last, and so before the first, for looks around.
_BEHIND = 2 * ASIDE

TOKEN = re.compile(r"\w+(?:(?:['’./&‑–-]|-\n|(?<=\d)[,:](?=\d))\w+)*%?|[^\w\s]")
_STRAIGHT = str.maketrans("‘’‑–—", "''---")
MARKS = frozenset(",;:-")
ENDS = MARKS | frozenset("()[]")
_MONEY = frozenset("£$€")
QUOTES = frozenset("\"'“”")
ORNAMENTS = QUOTES | frozenset("()[]*•-")
# How a verb that is in no list ends: "personalizes", "upregulates".
_MADE = ("izes", "ises", "ifies", "ulates", "ivates", "itates", "erates", "orates")
_VERBAL = ("ed", *_MADE)

# Lists of words that open a clause behind a comma,
_OPENING_CLAUSES = frozenset({"coordinators", "connectives", "subordinators", "relatives"})
# stand before a verb that is not finite,
_HELPING = frozenset({"auxiliaries", "helped"})
# are no adverbs in -ly,
_NO_ADVERB = frozenset({"no_adverbs", "plain"})
# are no nouns,
_NO_NOUN = frozenset(
    {"plain", "restrictive", "before_nouns", "coordinators", "conditions", "subordinators"}
)
# and are nothing that a verb acts on.
_NO_OBJECT = frozenset(
    {"after_participles", "prepositions", "coordinators", "restrictive", "auxiliaries", "pasts"}
)
# Lists put together, so that most words can be passed over.
_UNIONS = {
    "verbal": ("plain", "thirds", "pasts", "auxiliaries", "contractions"),
    "structural": ("verbal", "restrictive", "ends", "coordinators", "so"),
    "noted": ("gerunds", "plain", "pairing", "marks", "coordinators", "restrictive"),
    "openers": (
        *("coordinators", "reasons", "owing", "contrasts", "pronouns"),
        *("so", "that", "which"),
    ),
}
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """For each word of [parts], the lists it is in, with the forms of the verbs worked out.

    Those are in `plain`, `thirds`, `pasts` and `gerunds`; `ambiguous` are nouns as often. Marks
    are in `marks`, and what ends a clause is in `ends`.
    """

    lists: Mapping[str, frozenset[str]]
    hollow: re.Pattern[str]


@functools.cache
def vocabulary(own: Path | None = None) -> Vocabulary:
    """The word lists that come with factcheck, with those of the desk's file `own` if it is there.

    Raises UsageError where that file can't be used.
    """
    tables = lexicon.load("cues.toml", own)
    lists: dict[str, Iterable[str]] = {**tables["parts"]}
    del lists["hollow"]
    hollow = lexicon.alternatives(tables["parts"]["hollow"], tables["words"])
    nouns = {*lists["nouns"], *lists["plain_nouns"]}
    plain = {*lists["verbs"], *nouns}
    pasts = {form for verb in plain for form in _ending_in("ed", verb)}
    gerunds = {form for verb in plain for form in _ending_in("ing", verb)}
    lists |= {
        "plain": plain,
        "thirds": {*map(_third, plain)},
        "pasts": {*lists["irregular"], *lists["participles"], *pasts},
        "gerunds": gerunds.difference(lists["no_participles"]),
        "ambiguous": {*nouns, *map(_third, lists["nouns"])},
        "marks": MARKS,
        "ends": ENDS,
    }
    for name, names in _UNIONS.items():
        lists[name] = _all_of(lists, names)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, words in lists.items():
        for word in words:
            found[word].add(name)
    return Vocabulary(
        lists={word: frozenset(names) for word, names in found.items()},
        hollow=re.compile(rf"(?:{hollow})\b"),
    )


def _all_of(lists: Mapping[str, Iterable[str]], names: Iterable[str]) -> set[str]:
    """The words in the lists of those names; a name that no list has is a word."""
    return {word for name in names for word in lists.get(name, (name,))}


def _third(verb: str) -> str:
    if re.search(r"(?:s|x|z|ch|sh|[^aeiou]o)\Z", verb):
        return f"{verb}es"
    return re.sub(r"(?<=[^aeiou])y\Z", "ie", verb) + "s"


def _ending_in(ending: str, verb: str) -> Iterable[str]:
    """`verb` with -ed or -ing, and with its last letter doubled: one of them is the word."""
    if verb.endswith("ie") and ending == "ing":
        return (f"{verb[:-2]}ying",)
    if verb.endswith("e") and not verb.endswith("ee"):
        return (verb[:-1] + ending,)
    if ending == "ed" and re.search(r"[^aeiou]y\Z", verb):
        return (f"{verb[:-1]}ied",)
    return verb + ending, verb + verb[-1] + ending


class Words:
    """The words and marks of a sentence, in lower case, and what each is.

    A place is the index of a word. `are` has the lists it is in, `adverbs` whether it is one,
    `opens` whether it opens a clause, and `verbs` the form of the finite verb that starts there:
    "past", "third", "plain", "be", "modal" or nothing.
    """

    def __init__(self, text: str, known: Vocabulary) -> None:
        self.written: list[str] = TOKEN.findall(text)
        self.end = len(self.written)
        # All at once, for speed: no word has a space in it.
        joined = " ".join(self.written).lower()
        if not joined.isascii():
            joined = joined.translate(_STRAIGHT)
        self.words = joined.split(" ")
        self.are = list(map(known.lists.get, self.words, itertools.repeat(_NONE)))
        self.adverbs = [
            "adverbs" in are or (word[-2:] == "ly" and len(word) > 4 and _NO_ADVERB.isdisjoint(are))
            for word, are in zip(self.words, self.are, strict=True)
        ]
        self.opens = [False] * self.end
        self.verbs = [""] * (self.end + _BEHIND)
        self.words += [""] * _BEHIND
        self.are += [_NONE] * _BEHIND
        self.adverbs += [False] * _BEHIND
        self._find_verbs()

    def is_a(self, name: str, place: int) -> bool:
        """Whether the word there is in the list of that name."""
        return name in self.are[place]

    def is_named(self, place: int) -> bool:
        """Whether the word there is written with a capital."""
        return self.written[place][:1].isupper()

    def past_mark(self, place: int) -> int:
        """The place after the next mark, if one comes soon."""
        for after in range(place, min(self.end, place + ASIDE)):
            if self.words[after] in MARKS:
                return after + 1
        return place

    def past_adverbs(self, place: int) -> int:
        for after in range(place, place + ITEM):
            if not self.adverbs[after]:
                return after
        return place + ITEM

    def is_helped(self, place: int) -> bool:
        """Whether an auxiliary stands before: the word goes on with a verb."""
        for before in range(place - 1, max(-1, place - ITEM), -1):
            if not self.adverbs[before]:
                return not _HELPING.isdisjoint(self.are[before])
        return False

    def is_noun(self, place: int) -> bool:
        """Whether the word there is neither a verb nor one that opens anything."""
        return (
            self.words[place][-1:].isalpha()
            and _NO_NOUN.isdisjoint(self.are[place])
            and not self._form(place)
            and not self.adverbs[place]
        )

    def can_be_verb(self, place: int) -> bool:
        return self.is_a("plain", place) or self.is_a("thirds", place)

    def ends_plural(self, place: int) -> bool:
        word = self.words[place]
        return self.is_a("plurals", place) or (
            len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
        )

    def has_object(self, place: int) -> bool:
        """Whether the word behind can be what a verb there acts on."""
        after = place + 1
        return (
            (self.words[after][:1].isalnum() or self.words[after] in _MONEY)
            and not self.verbs[after]
            and self.words[after] != "like"
            and _NO_OBJECT.isdisjoint(self.are[after])
        )

    def has_complement(self, place: int) -> bool:
        return (
            self.is_a("after_verbs", place + 1)
            or self.is_a("after_participles", place + 1)
            or self.words[place + 1].endswith("ly")
        )

    def has_gerund(self, start: int) -> bool:
        return any("gerunds" in are for are in self.are[start : start + 3])

    def has_participle(self, start: int) -> bool:
        for are in self.are[start : start + CLAUSE]:
            if "ends" in are:
                return False
            if "gerunds" in are or "pasts" in are:
                return True
        return False

    def has_clause(self, start: int, *, named: bool = False) -> bool:
        """Whether a subject and its verb follow, before the next mark or behind an aside.

        Behind a subject that is `named` by another, "sold in May" is no verb.
        """
        owed = 1
        for place in range(start, min(self.end, start + CLAUSE)):
            are, verb = self.are[place], self.verbs[place]
            if not (are or verb):
                continue
            if "ends" in are and not self._is_note(place, start):
                closed = self.past_mark(place + 1)
                return (
                    owed == 1
                    and not named
                    and self.words[place] == ","
                    and start + 1 < place < closed - 1
                    and bool(self.verbs[self.past_adverbs(closed)])
                )
            if self.opens[place] and place > start:
                owed += 1
            elif "contractions" in are or (
                place > start
                and not self.is_a("coordinators", place - 1)
                and (verb or self._agrees(start, place))
                and not (named and verb == "past" and self.has_complement(place))
            ):
                owed -= 1
                if owed == 0:
                    return True
        return False

    def _is_note(self, place: int, start: int) -> bool:
        """Whether a bracket there, from `start` on, is around one word: "the oil (3) can harm"."""
        words = self.words
        return (words[place] == "(" and words[place + 2] == ")") or (
            words[place] == ")" and place >= start + 2 and words[place - 2] == "("
        )

    def _agrees(self, start: int, place: int) -> bool:
        """Whether the word there can be the verb of what stands before, more than one thing."""
        return self.is_a("plain", place) and (
            self.ends_plural(place - 1)
            or self.words[place - 1][:1].isdigit()
            or (
                not self.is_a("ambiguous", place)
                and "and" in self.words[max(start, place - 3) : place]
            )
        )

    def _find_verbs(self) -> None:
        """Tell the finite verbs, and the words that open a clause in which one follows.

        Read from the last word on, for what stands behind a word tells most of it.
        """
        verb = clause = False
        for place in reversed(range(self.end)):
            are = self.are[place]
            if not ("structural" in are or (not are and self.words[place].endswith(_VERBAL))):
                continue
            if "restrictive" in are and not (
                self.words[place] == "that" and self.is_a("before_nouns", place - 1)
            ):
                self.opens[place] = clause
                verb = clause = False
            elif "ends" in are:
                verb = False
                clause = (
                    clause
                    and self.words[place] == ","
                    and self.words[place + 1] != "so"
                    and _OPENING_CLAUSES.isdisjoint(self.are[place + 1])
                )
            elif "coordinators" in are or self.words[place] == "so":
                verb = False
            else:
                form = self._verb(place, alone=not verb)
                if form:
                    self.verbs[place] = form
                    verb = clause = True

    def _verb(self, place: int, *, alone: bool) -> str:
        """The form of the finite verb that starts there, or nothing.

        It is `alone` if no verb comes behind it, before the next mark or conjunction.
        """
        form = self._form(place)
        if not (form or alone) or self.is_helped(place):
            return ""
        if form == "past":
            if self.words[place + 1] == "by":
                amount = self.words[place + 2][:1].isdigit() or self.adverbs[place + 2]
                return form if amount else ""
            if self.is_a("passives", place) and self.is_a("after_participles", place + 1):
                return ""
        return form or self._guessed(place)

    def _form(self, place: int) -> str:
        """The form of the finite verb there, as far as the words right beside it tell."""
        word, are, before = self.words[place], self.are[place], self.are[place - 1]
        if "contractions" in are:
            return "modal"
        if "before_nouns" in before or self.adverbs[place]:
            return ""
        if "auxiliaries" in are:
            return "be" if "being" in are else "modal"
        if "participles" in are or self._is_described(place):
            return ""
        if "ambiguous" in are and (
            not self._shows_verb(place) or ("plain" in are and "singulars" in before)
        ):
            return ""
        if "pasts" in are or (
            word.endswith("ed") and len(word) > 4 and not word.endswith("eed") and "-" not in word
        ):
            return "past"
        if "thirds" in are or (word.endswith(_MADE) and "plurals" not in are):
            noun = self.words[place + 1] == "of" and "with_of" not in are
            return "" if noun else "third"
        return "plain" if "plain" in are else ""

    def _is_described(self, place: int) -> bool:
        """Whether the word there belongs to a noun: "the most studied", "giving detailed"."""
        if self.is_a("degrees", place - 1) or self.adverbs[place - 1]:
            return self.is_a("before_nouns", place - 2) or self.is_a("gerunds", place - 2)
        return self.is_a("gerunds", place - 1) and self.is_a("pasts", place)

    def _shows_verb(self, place: int) -> bool:
        """Whether a word that is a noun as often is a verb, to judge by its neighbours."""
        after = self.words[place + 1]
        return (
            self.is_a("after_verbs", place + 1)
            or after.endswith("ly")
            or (
                self.is_a("subjects", place - 1)
                and after[:1].isalnum()
                # not "shows that rest and sleep help"
                and not (self.is_a("reporting", place - 2) and self.is_a("coordinators", place + 1))
            )
            or self.adverbs[place - 1]
        )

    def _guessed(self, place: int) -> str:
        """The form of a verb that is a noun as often, in a clause that has no other verb."""
        are, before = self.are[place], self.words[place - 1]
        if not self.can_be_verb(place) or self.is_a("before_nouns", place - 1):
            return ""
        if not place or before in ORNAMENTS:
            return "third" if "thirds" in are and self.has_object(place) else ""
        if not self.is_noun(place - 1):
            return ""
        if "plain" in are:
            follows = self.words[place + 1][:1].isalnum() and not self.is_a(
                "coordinators", place + 1
            )
            return "plain" if follows and self.ends_plural(place - 1) else ""
        follows = self.has_object(place) or (
            (place <= _SUBJECT or not {";", ":"}.isdisjoint(self.words[place - _SUBJECT : place]))
            and self.words[place + 1] != "of"
            and self.is_a("after_participles", place + 1)
        )
        return "third" if follows and not self.ends_plural(place - 1) else ""
