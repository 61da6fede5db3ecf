"""Takes a sentence apart into the statements that could get different verdicts.

Rules on words and punctuation, with the word lists under [parts] in `configs/cues.toml`. A word
counts as a verb if the lists say so and its neighbours allow it. A sentence is read once, from
left to right, and the clauses in it that still want a verb are counted: `that`, `who` and `if`
open one, a verb completes one. What a conjunction or a mark joins is a statement of its own if
no verb is owed before it, and a verb with or without a subject of its own follows; or what limits
or outdoes what was said. Advice and tales of oneself start none. Every look ahead is bounded, so
that a text takes no longer than its length.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon
from factcheck.model import Span

# In words: how far ahead a verb is looked for; how long what stands in passing before a subject
# can be; a label before `:`, adverbs in a row and the last item of a list; what `hollow` sees;
# a subject that opens the sentence.
_CLAUSE, _ASIDE, _ITEM, _SEEN, _SUBJECT = 24, 12, 6, 5, 3
# How many empty words stand behind the last, and so before the first, for looks around.
_BEHIND = 2 * _ASIDE
# What "and, in some men," has between its conjunction and what is joined, at least.
_QUALIFIED = 3

_TOKEN = re.compile(r"\w+(?:(?:['’./&‑–-]|-\n|(?<=\d)[,:](?=\d))\w+)*%?|[^\w\s]")
_STRAIGHT = str.maketrans("‘’‑–—", "''---")
_MARKS = frozenset(",;:-")
_ENDS = _MARKS | frozenset("()[]")
_MONEY = frozenset("£$€")
_QUOTES = frozenset("\"'“”")
_ORNAMENTS = _QUOTES | frozenset("()[]*•-")
# How a verb that is in no list ends: "personalizes", "upregulates".
_MADE = ("izes", "ises", "ifies", "ulates", "ivates", "itates", "erates", "orates")
_VERBAL = ("ed", *_MADE)

# Behind these, a clause can begin; lists of words that ...
_OPENING = _MARKS | {"("}
# open a clause behind a comma,
_OPENING_CLAUSES = frozenset({"coordinators", "connectives", "subordinators", "relatives"})
# stand before a verb that is not finite,
_HELPING = frozenset({"auxiliaries", "helped"})
# are no adverbs in -ly,
_NO_ADVERB = frozenset({"no_adverbs", "plain"})
# are no nouns,
_NO_NOUN = frozenset(
    {"plain", "restrictive", "before_nouns", "coordinators", "conditions", "subordinators"}
)
# are nothing that a verb acts on,
_NO_OBJECT = frozenset(
    {"after_participles", "prepositions", "coordinators", "restrictive", "auxiliaries", "pasts"}
)
# and belong to neither of the statements they join.
_JOINING = frozenset({"marks", "coordinators"})
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
class Joints:
    """For each word of [parts], the lists it is in, with the forms of the verbs worked out.

    Those are in `plain`, `thirds`, `pasts` and `gerunds`; `ambiguous` are nouns as often. Marks
    are in `marks`, and what ends a clause is in `ends`.
    """

    lists: Mapping[str, frozenset[str]]
    hollow: re.Pattern[str]


@functools.cache
def joints(own: Path | None = None) -> Joints:
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
        "marks": _MARKS,
        "ends": _ENDS,
    }
    for name, names in _UNIONS.items():
        lists[name] = _all_of(lists, names)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, words in lists.items():
        for word in words:
            found[word].add(name)
    return Joints(
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


def parts(text: str, known: Joints | None = None) -> tuple[Span, ...]:
    """The separately checkable statements in the sentence `text`, in order.

    One span, the whole, if it is simple. What joins two statements, such as `, and`, belongs
    to neither.
    """
    sentence = _Sentence(_TOKEN.findall(text), known or joints())
    starts = list(sentence.statements())
    if not starts:
        return (Span(0, len(text)),)
    tokens = list(_TOKEN.finditer(text))
    spans = []
    for first, end in zip([0, *starts], [*starts, len(tokens)], strict=True):
        last = end - 1
        while end < len(tokens) and last > first and sentence.joins(last):
            last -= 1
        while first < last and sentence.words[first] in _MARKS:
            first += 1
        spans.append(Span(tokens[first].start(), tokens[last].end()))
    return tuple(spans)


@dataclass(slots=True)
class _Statement:
    """What has been read of the statement at hand."""

    start: int
    # Clauses that have no verb yet; the form of the last verb; whether one stands behind the
    # last mark or conjunction.
    owed: int = 1
    verb: int = 0
    form: str = ""
    fresh: bool = False
    # It has a form in -ing to which another can be joined; "between" waits for its "and", "not
    # in" for its "but".
    joinable: bool = False
    paired: bool = False
    corrected: bool = False


@dataclass(slots=True)
class _Reading:
    """What has been read of a sentence, and the statement at hand."""

    # It opened with a statement that a comma will close, or with a condition; somebody of a
    # clinic does what it tells; something said in passing waits for its comma, "not only" for
    # its "but".
    led: bool
    conditional: bool
    practice: bool
    statement: _Statement
    aside: bool = False
    not_only: bool = False


class _Sentence:
    """The words and marks of a sentence, in lower case, and where statements start in it."""

    def __init__(self, words: Sequence[str], known: Joints) -> None:
        self.end = len(words)
        self.written = words
        self.hollow = known.hollow
        # All at once, for speed: no word has a space in it.
        joined = " ".join(words).lower()
        if not joined.isascii():
            joined = joined.translate(_STRAIGHT)
        self.words = joined.split(" ")
        # For each word: the lists it is in; whether it is an adverb; whether it opens a clause; and
        # the form of the finite verb that starts there.
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
        self.start = self._past_opening()

    def statements(self) -> Iterator[int]:
        """The places of the words, but the first, with which statements start.

        What states nothing to be checked starts none, and goes with what stands before it; at the
        head of the sentence, with what follows.
        """
        idle = self._is_idle(self.start, head=True)
        for place in self._starts():
            if self._is_idle(place, head=False):
                continue
            if not idle:
                yield place
            idle = False

    def joins(self, place: int) -> bool:
        """Whether the word or mark there belongs to neither of the statements that it joins."""
        return self.words[place] == "(" or not _JOINING.isdisjoint(self.are[place])

    def _starts(self) -> Iterator[int]:
        start = self.start
        so_far = _Reading(
            led=self._has_leading_statement(start),
            conditional=self._is("conditions", start) or self._is_time(start),
            practice=self._is_practice(start),
            statement=_Statement(start),
        )
        before = ""
        for place, word in enumerate(self.words[start : self.end], start):
            are = self.are[place]
            if word == "," and so_far.conditional and not self._is("coordinators", place + 1):
                so_far.conditional = False
                so_far.practice = self._is_practice(place + 1)
                so_far.statement = _Statement(place)
            if (
                ("openers" in are or before in _OPENING)
                and start < place < self.end - 1
                and self._starts_statement(place, so_far)
            ):
                yield place + self._is("coordinators", place)
                so_far.statement = _Statement(place)
            if "noted" in are or self.verbs[place] or before == "not":
                self._read(place, so_far)
            before = word

    def _read(self, place: int, so_far: _Reading) -> None:
        are, before = self.are[place], self.words[place - 1]
        statement, verb = so_far.statement, self.verbs[place]
        first = place == statement.start
        if before == "not":
            so_far.not_only |= self.words[place] == "only"
            statement.corrected |= "after_contrasts" in are
        if "gerunds" in are and (first or self._is("before_gerunds", place - 1)):
            statement.joinable = True
        if "pairing" in are and self.words[place + 1][:1].isalnum():
            statement.paired = True
        if "marks" in are or "coordinators" in are:
            statement.fresh = False
        if self.opens[place] and not first:
            statement.owed += 1
        elif verb and not (first and verb == "past"):
            so_far.practice |= bool(statement.owed) and self._is("staff", place - 1)
            so_far.conditional &= bool(statement.owed) or not statement.fresh
            statement.owed = max(0, statement.owed - 1)
            statement.form, statement.fresh, statement.verb = verb, True, place
        elif before == "to" and "plain" in are:
            statement.form = "infinitive"

    def _starts_statement(self, place: int, so_far: _Reading) -> bool:
        are, before, after = self.are[place], self.words[place - 1], self.are[place + 1]
        if "marks" in are:
            return False
        if "coordinators" in are:
            return self._is_joined(place, so_far)
        if before in _MARKS:
            return self._follows(place, so_far)
        if so_far.statement.owed:
            return False
        if so_far.led and "pronouns" in are and self._has_clause(place):
            so_far.led = False
            return True
        if before == "(":
            return self._has_clause(place)
        word = self.words[place]
        if word == "so":
            return "pronouns" in after and self._is_consequence(place + 1)
        if word == "that":
            return self.opens[place] and self._is_degree(place)
        if word == "which":
            return self._is_noun(place - 1) and not self._is("subjects", place - 1)
        if "reasons" in are:
            helped = self._is_helped(place) or self._is("contractions", place - 1)
            return not helped and self._has_clause(place + 1)
        if "owing" in are:
            return self.words[place + 1] == "to" and not self._is("auxiliaries", place - 1)
        return "contrasts" in are and "gerunds" in after

    def _is_joined(self, joint: int, so_far: _Reading) -> bool:
        """Whether the conjunction at `joint` joins a statement of its own."""
        word, after, statement = self.words[joint], self.words[joint + 1], so_far.statement
        marked = self.words[joint - 1] in _MARKS
        place = self._past_adverbs(self._past_aside(self._past_adverbs(joint + 1)))
        if not marked and (so_far.conditional or self._is("late_coordinators", joint)):
            return False
        if word == "but" and so_far.not_only:
            so_far.not_only = False
            return True
        if statement.paired and word in {"and", "or"}:
            statement.paired = False
            return False
        if self._is("means", place) and self._has_gerund(place + 1):
            so_far.led |= not statement.owed
            return not statement.owed
        if self._is("gerunds", place) and (statement.joinable or not marked):
            return (
                statement.joinable
                and word != "or"
                and not self._is("gerunds", joint - 1 - marked)
                and self._is_participle(place)
            )
        if word == "or":
            return marked and self._is("pronouns", place) and self._has_clause(place)
        if self._is_qualified(joint + 1) or after == "not":
            return True
        if after in {"that", "no"} and self._was_said(joint + 1, statement.start):
            return after == "no" or self.opens[joint + 1]
        if statement.owed or self.words[place] == "to" or self._is_hollow(place):
            return False
        if self._is_predicate(place, statement):
            return not (
                so_far.practice
                or "then" in self.words[joint + 1 : place]
                or (not marked and self._is_bare(joint - 1))
            )
        if (
            self._is("negations", joint + 1)
            or self._is_inverted(joint + 1)
            or (word != "and" and self._is_contrast(place) and not statement.corrected)
            or (word == "and" and self._is_repeated(joint + 1, statement.start))
            or (statement.form == "be" and self._is_quality(joint - 1) and self._is_quality(place))
        ):
            return True
        if self._is("restrictive", joint - 1):
            return False
        if self._is("conditions", joint + 1) and self._has_clause(joint + 2):
            return True
        return (
            (marked or not (self._is("relatives", place) or self._reports(joint, statement)))
            and not self._ends_list(joint)
            and self._has_clause(place)
        )

    def _follows(self, joint: int, so_far: _Reading) -> bool:
        """Whether what follows a mark, without a conjunction, is a statement of its own."""
        place, statement = self._past_adverbs(joint), so_far.statement
        opener, verb, are = self.words[place], self.verbs[place], self.are[place]
        if so_far.led and self._has_clause(place):
            so_far.led = False
            return not self._advises(place)
        if so_far.aside and (verb or self._can_be_verb(place) or self._has_clause(place)):
            so_far.aside = False
            return "says" not in are
        if self.words[joint] == "no" and self._was_said(joint, statement.start):
            return True
        relative = self._is_relative(joint) and not (opener == "who" and self._is_named(joint - 2))
        mark = self.words[joint - 1]
        if statement.owed and mark != ";":
            so_far.aside |= relative and not self._is_hollow(joint)
            return False
        if (
            self.words[joint] in _QUOTES
            or opener == "to"
            or self._is_attribution(place)
            or self._is_hollow(joint)
            or self._is_hollow(place)
        ):
            return False
        if relative or self._is_inverted(joint):
            return True
        if self._is_proportion(joint, statement.start):
            return False
        if self.words[place + 1] == "of" and self._is("of_them", place + 2):
            return True
        if self.words[joint] == "so":
            return "conditions" not in are and self._is_consequence(place)
        if "subordinators" in are:
            reported = opener == "as" and self._reports_soon(place + 1)
            return not reported and self._has_clause(place + 1)
        if "gerunds" in are or (
            opener.endswith("ing") and "no_participles" not in are and self._has_complement(place)
        ):
            return not self._is("gerunds", joint - 2) and self._is_participle(place)
        if self._is("frequencies", joint):
            return "prepositions" in are
        if opener == "with":
            return self._is("negations", place + 1) or self._has_participle(place + 1)
        if "ambiguous" not in are and (
            (verb == "third" and self.words[place + 1][:1].isalnum())
            or (verb == "plain" and statement.form in {"plain", "modal"})
        ):
            return not so_far.practice and statement.form != "infinitive"
        if statement.form == "third" and "thirds" in are and self._is_predicate(place, statement):
            return not so_far.practice
        if self._is("connectives", joint):
            return self._has_clause(self._past_mark(place))
        named = "determiners" in are
        if named and self._is_apposition(place):
            return True
        if mark != ",":
            return self._has_clause(place + ("conditions" in are))
        begins = named or "pronouns" in are or "contractions" in are
        return begins and self._has_clause(place, named=named)

    def _is_idle(self, start: int, *, head: bool) -> bool:
        """Whether the statement there gives advice, or tells a tale of oneself."""
        place = self._past_adverbs(start)
        if self._is("narrators", place):
            return not self._is("opinions", place + 1)
        if head and self._is("conditions", place):
            place = self._past_mark(place)
        if self.words[start] == "no" or not (head or self.words[start - 1] in _MARKS):
            return False
        return self.words[place] in {"don't", "please"} or (
            self.verbs[place] == "plain" or self.words[place : place + 2] == ["do", "not"]
        )

    def _is_predicate(self, place: int, statement: _Statement) -> bool:
        """Whether the word there is a verb that goes on with the subject of the last one.

        One that is a noun as often is, if it has the form of that.
        """
        are, verb, form = self.are[place], self.verbs[place], statement.form
        if verb == "past" or ("pasts" in are and "plain" not in are):
            return self._has_complement(place) or (
                form in {"past", "modal", "be"} and not self._ends_list(place - 1, oxford=True)
            )
        if verb:
            return "contractions" not in are
        if form == "third":
            alike = "thirds" in are or (self.words[place].endswith("s") and self.adverbs[place - 1])
        else:
            alike = form in {"plain", "modal", "infinitive"} and (
                "plain_nouns" in are or "after_plain" in are
            )
        if alike and self._has_object(place):
            self.verbs[place] = form
            return True
        return False

    def _is_bare(self, place: int) -> bool:
        """Whether a verb there has nothing behind it yet: "see" in "see and feel the heat"."""
        return bool(self.verbs[place]) or (self._is("plain", place) and self._is_helped(place))

    def _reports(self, joint: int, statement: _Statement) -> bool:
        """Whether "and" belongs to the subject of what is reported: "show that", without "that"."""
        return (
            self.words[joint] == "and"
            and joint < statement.verb + _ITEM
            and self._is("reporting", statement.verb)
        )

    def _reports_soon(self, place: int) -> bool:
        return any("reporting" in are for are in self.are[place : place + _SEEN])

    def _is_attribution(self, place: int) -> bool:
        """Whether what follows tells whose words came before: "the nurse said", "says Ann"."""
        if self._is("says", place) or self._is("says", place + 1):
            return True
        for after in range(place + 2, place + _ASIDE):
            if self.words[after] in _ENDS:
                return False
            if self._is("says", after) and not self.words[after + 1][:1].isalnum():
                return True
        return False

    def _is_consequence(self, place: int) -> bool:
        """Whether a clause there, behind "so", states something."""
        return self._has_clause(place) and not self._advises(place)

    def _is_contrast(self, place: int) -> bool:
        return self._is("after_contrasts", place) and self.words[place + 1][:1].isalnum()

    def _is_repeated(self, place: int, start: int) -> bool:
        """Whether the preposition there stood before in the statement: "in rats and in mice"."""
        return self._is("repeated", place) and self._was_said(place, start)

    def _was_said(self, place: int, start: int) -> bool:
        return self.words[place] in self.words[max(start, place - _CLAUSE) : place - 1]

    def _is_qualified(self, place: int) -> bool:
        """Whether what is joined holds with a limit of its own: "and, in men, gout", "and even"."""
        if self.words[place] == ",":
            aside = self._past_mark(place + 1) - place
            return aside > _QUALIFIED and not self._is_attribution(place + 1)
        return self._is("extremes", place) or (
            self._is("frequencies", place) and self._is("prepositions", place + 1)
        )

    def _is_degree(self, place: int) -> bool:
        """Whether "that" tells what follows from it: "so rarely that", "so much so that"."""
        return not {"so", "such"}.isdisjoint(self.words[max(0, place - 3) : place - 1])

    def _is_inverted(self, place: int) -> bool:
        """Whether the same is said of something else: "so does barley", "as have the oats"."""
        return self._is("alike", place) and self._is("auxiliaries", place + 1)

    def _is_proportion(self, joint: int, start: int) -> bool:
        """Whether both sides of a mark are of one statement: "the sooner …, the better …"."""
        return all(
            self.words[place] == "the"
            and (self._is("degrees", place + 1) or self.words[place + 1].endswith("er"))
            for place in (start, joint)
        )

    def _is_quality(self, place: int) -> bool:
        """Whether the word there tells what something is, and belongs to no noun behind it."""
        return self._is("qualities", place) and (
            not self.words[place + 1][:1].isalnum()
            or self._is("after_participles", place + 1)
            or self._is("coordinators", place + 1)
        )

    def _ends_list(self, joint: int, *, oxford: bool = False) -> bool:
        """Whether an item stands between a comma and the conjunction: "nuts, seeds and oats".

        With `oxford`, another comma can stand before the conjunction.
        """
        joint -= oxford and self.words[joint - 1] == ","
        for place in range(joint - 1, max(0, joint - _ITEM), -1):
            if self.words[place] == ",":
                return place < joint - 1
            if self.verbs[place] or self._is("coordinators", place):
                return False
        return False

    def _is_relative(self, place: int) -> bool:
        """Whether `which`, `of whom` or `both of which` is there."""
        return self._is("relatives", place) or any(
            self._is("relatives", after) and self._is("before_relatives", after - 1)
            for after in range(place + 1, min(place + _SEEN, self.end))
        )

    def _is_apposition(self, place: int) -> bool:
        """Whether what is named there is told more of: "an illness that affects", not "a man who".

        Or something is told of it in -ing: "the effect being small".
        """
        for after in range(place + 2, min(self.end, place + _ASIDE)):
            if self.words[after] in _ENDS or self.words[after] == "or":
                return False
            if self.opens[after]:
                return not (self.words[after] == "who" and self._is_named(place - 2))
            if self.words[after] == "being":
                return True
        return False

    def _past_opening(self) -> int:
        """The place after what opens a sentence without being of it: a bullet, `Moreover,`."""
        place = 0
        while self.words[place] in _ORNAMENTS:
            place += 1
        if ":" in self.words[place : place + _ITEM] and not self._has_clause(place):
            place = self.words.index(":", place) + 1
        after = self._past_adverbs(place)
        if after > place and self.words[after] == ",":
            return after + 1
        return place + self._is("coordinators", place)

    def _past_aside(self, place: int) -> int:
        """The place after a short aside, as in "and, more importantly, it" or "yet in May, it"."""
        if self.words[place] == ",":
            return self._past_mark(place + 1)
        if self._is("prepositions", place) or self._is("conditions", place):
            return self._past_mark(place)
        return place

    def _past_mark(self, place: int) -> int:
        """The place after the next mark, if one comes soon."""
        for after in range(place, min(self.end, place + _ASIDE)):
            if self.words[after] in _MARKS:
                return after + 1
        return place

    def _past_adverbs(self, place: int) -> int:
        for after in range(place, place + _ITEM):
            if not self.adverbs[after]:
                return after
        return place + _ITEM

    def _has_leading_statement(self, start: int) -> bool:
        """Whether the sentence opens with a statement that a comma will close."""
        start += self.words[start] == "even"
        if self._is("means", start):
            return self._has_gerund(start + 1)
        if self._is("subordinators", start):
            return self._has_clause(start + 1)
        first = self._past_adverbs(start)
        return self._is("pasts", first) and self._is("after_participles", first + 1)

    def _is_time(self, start: int) -> bool:
        """Whether "every time" or "the last time" opens the sentence, as "when" does."""
        return self._is("before_times", start) and (
            self._is("times", start + 1) or self._is("times", start + 2)
        )

    def _is_practice(self, start: int) -> bool:
        """Whether somebody of a clinic is named first: what they do is one practice."""
        return self._is("staff", start) or self._is("staff", start + 1)

    def _advises(self, place: int) -> bool:
        return any("advice" in are for are in self.are[place : place + _ASIDE])

    def _is_hollow(self, place: int) -> bool:
        return bool(self.hollow.match(" ".join(self.words[place : place + _SEEN])))

    def _is(self, name: str, place: int) -> bool:
        return name in self.are[place]

    def _is_named(self, place: int) -> bool:
        return self.written[place][:1].isupper()

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
                self.words[place] == "that" and self._is("before_nouns", place - 1)
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
        if not (form or alone) or self._is_helped(place):
            return ""
        if form == "past":
            if self.words[place + 1] == "by":
                amount = self.words[place + 2][:1].isdigit() or self.adverbs[place + 2]
                return form if amount else ""
            if self._is("passives", place) and self._is("after_participles", place + 1):
                return ""
        return form or self._guessed(place)

    def _is_helped(self, place: int) -> bool:
        """Whether an auxiliary stands before: the word goes on with a verb."""
        for before in range(place - 1, max(-1, place - _ITEM), -1):
            if not self.adverbs[before]:
                return not _HELPING.isdisjoint(self.are[before])
        return False

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
        if "thirds" in are or word.endswith(_MADE):
            noun = self.words[place + 1] == "of" and "with_of" not in are
            return "" if noun else "third"
        return "plain" if "plain" in are else ""

    def _is_described(self, place: int) -> bool:
        """Whether the word there belongs to a noun: "the most studied", "giving detailed"."""
        if self._is("degrees", place - 1) or self.adverbs[place - 1]:
            return self._is("before_nouns", place - 2) or self._is("gerunds", place - 2)
        return self._is("gerunds", place - 1) and self._is("pasts", place)

    def _shows_verb(self, place: int) -> bool:
        """Whether a word that is a noun as often is a verb, to judge by its neighbours."""
        after = self.words[place + 1]
        return (
            self._is("after_verbs", place + 1)
            or after.endswith("ly")
            or (
                self._is("subjects", place - 1)
                and after[:1].isalnum()
                # not "shows that rest and sleep help"
                and not (self._is("reporting", place - 2) and self._is("coordinators", place + 1))
            )
            or self.adverbs[place - 1]
        )

    def _guessed(self, place: int) -> str:
        """The form of a verb that is a noun as often, in a clause that has no other verb."""
        are, before = self.are[place], self.words[place - 1]
        if not self._can_be_verb(place) or self._is("before_nouns", place - 1):
            return ""
        if not place or before in _ORNAMENTS:
            return "third" if "thirds" in are and self._has_object(place) else ""
        if not self._is_noun(place - 1):
            return ""
        if "plain" in are:
            follows = self.words[place + 1][:1].isalnum() and not self._is(
                "coordinators", place + 1
            )
            return "plain" if follows and self._ends_plural(place - 1) else ""
        follows = self._has_object(place) or (
            place <= _SUBJECT
            and self.words[place + 1] != "of"
            and self._is("after_participles", place + 1)
        )
        return "third" if follows and not self._ends_plural(place - 1) else ""

    def _can_be_verb(self, place: int) -> bool:
        return self._is("plain", place) or self._is("thirds", place)

    def _has_object(self, place: int) -> bool:
        """Whether the word behind can be what a verb there acts on."""
        after = place + 1
        return (
            (self.words[after][:1].isalnum() or self.words[after] in _MONEY)
            and not self.verbs[after]
            and self.words[after] != "like"
            and _NO_OBJECT.isdisjoint(self.are[after])
        )

    def _is_noun(self, place: int) -> bool:
        """Whether the word there is neither a verb nor one that opens anything."""
        return (
            self.words[place][-1:].isalpha()
            and _NO_NOUN.isdisjoint(self.are[place])
            and not self._form(place)
            and not self.adverbs[place]
        )

    def _ends_plural(self, place: int) -> bool:
        word = self.words[place]
        return self._is("plurals", place) or (
            len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
        )

    def _has_clause(self, start: int, *, named: bool = False) -> bool:
        """Whether a subject and its verb follow, before the next mark or behind an aside.

        Behind a subject that is `named` by another, "sold in May" is no verb.
        """
        owed = 1
        for place in range(start, min(self.end, start + _CLAUSE)):
            are, verb = self.are[place], self.verbs[place]
            if not (are or verb):
                continue
            if "ends" in are and not self._is_note(place, start):
                closed = self._past_mark(place + 1)
                return (
                    owed == 1
                    and not named
                    and self.words[place] == ","
                    and start + 1 < place < closed - 1
                    and bool(self.verbs[self._past_adverbs(closed)])
                )
            if self.opens[place] and place > start:
                owed += 1
            elif "contractions" in are or (
                place > start
                and not self._is("coordinators", place - 1)
                and (verb or self._agrees(start, place))
                and not (named and verb == "past" and self._has_complement(place))
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
        return self._is("plain", place) and (
            self._ends_plural(place - 1)
            or self.words[place - 1][:1].isdigit()
            or (
                not self._is("ambiguous", place)
                and "and" in self.words[max(start, place - 3) : place]
            )
        )

    def _has_gerund(self, start: int) -> bool:
        return any("gerunds" in are for are in self.are[start : start + 3])

    def _has_participle(self, start: int) -> bool:
        for are in self.are[start : start + _CLAUSE]:
            if "ends" in are:
                return False
            if "gerunds" in are or "pasts" in are:
                return True
        return False

    def _is_participle(self, place: int) -> bool:
        """Whether the form in -ing there states something: it is no noun and no mere comment."""
        return self.words[place + 1][-1:].isalnum() and not self._is_hollow(place)

    def _has_complement(self, place: int) -> bool:
        return (
            self._is("after_verbs", place + 1)
            or self._is("after_participles", place + 1)
            or self.words[place + 1].endswith("ly")
        )
