"""Takes a sentence apart into the statements that could get different verdicts.

Rules on words and punctuation, with the word lists under [parts] in `configs/cues.toml`. A word
counts as a verb if the lists say so and its neighbours allow it. A sentence is read once, from
left to right, and the clauses in it that still want a verb are counted: `that`, `who` and `if`
open one, a verb completes one. What a conjunction or a mark joins is a statement of its own if
no verb is owed before it, and a verb with or without a subject of its own follows. Every look
ahead is bounded, so that a text takes no longer than its length.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon
from factcheck.model import Span

# In words: how far ahead a verb is looked for; how long what stands in passing before a subject
# can be; a label before `:`, adverbs in a row and the last item of a list; what `hollow` sees;
# a subject that opens the sentence.
_CLAUSE, _ASIDE, _ITEM, _SEEN, _SUBJECT = 24, 12, 6, 5, 3

_TOKEN = re.compile(r"\w+(?:(?:['’./-]|(?<=\d)[,:–](?=\d))\w+)*%?|[^\w\s]")
_STRAIGHT = str.maketrans("‘’‑–—", "''---")
_MARKS = frozenset(",;:-")
_ENDS = _MARKS | frozenset("()[]")
_MONEY = frozenset("£$€")
_QUOTES = frozenset("\"'“”")
_ORNAMENTS = _QUOTES | frozenset("()[]*•-")
# How a verb that is in no list ends: "personalizes", "upregulates".
_MADE = ("izes", "ises", "ifies", "ulates", "ivates", "itates", "erates", "orates")


@dataclass(frozen=True, slots=True)
class Joints:
    """The word lists of [parts], with the forms of the verbs worked out."""

    lists: Mapping[str, frozenset[str]]
    plain: frozenset[str]
    thirds: frozenset[str]
    pasts: frozenset[str]
    gerunds: frozenset[str]
    ambiguous: frozenset[str]
    hollow: re.Pattern[str]


@functools.cache
def joints(own: Path | None = None) -> Joints:
    """The word lists that come with factcheck, with those of the desk's file `own` if it is there.

    Raises UsageError where that file can't be used.
    """
    tables = lexicon.load("cues.toml", own)
    lists = {name: frozenset(words) for name, words in tables["parts"].items()}
    plain = lists["verbs"] | lists["nouns"] | lists["plain_nouns"]
    hollow = lexicon.alternatives(tables["parts"]["hollow"], tables["words"])
    return Joints(
        lists=lists,
        plain=plain,
        thirds=frozenset(map(_third, plain)),
        pasts=lists["irregular"]
        | lists["participles"]
        | {form for verb in plain for form in _ending_in("ed", verb)},
        gerunds=frozenset(form for verb in plain for form in _ending_in("ing", verb))
        - lists["no_participles"],
        ambiguous=lists["nouns"] | lists["plain_nouns"] | set(map(_third, lists["nouns"])),
        hollow=re.compile(rf"(?:{hollow})\b"),
    )


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
    tokens = list(_TOKEN.finditer(text))
    known = known or joints()
    sentence = _Sentence([token[0].translate(_STRAIGHT) for token in tokens], known)
    starts = list(sentence.statements())
    if not starts:
        return (Span(0, len(text)),)
    joining = _MARKS | {"("} | known.lists["coordinators"]
    spans = []
    for first, end in zip([0, *starts], [*starts, len(tokens)], strict=True):
        last = end - 1
        while end < len(tokens) and last > first and sentence.words[last] in joining:
            last -= 1
        spans.append(Span(tokens[first].start(), tokens[last].end()))
    return tuple(spans)


@dataclass(slots=True)
class _Statement:
    """What has been read of the statement at hand."""

    start: int
    # Clauses that have no verb yet; the form of the last verb; whether one stands behind the
    # last mark or conjunction.
    owed: int = 1
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
    """The words and marks of a sentence, in lower case, and where statements start in it.

    Empty words stand behind the last, and so before the first, for looks around.
    """

    def __init__(self, words: Sequence[str], known: Joints) -> None:
        self.end = len(words)
        self.named = [word[:1].isupper() for word in words]
        self.words = [*map(str.lower, words), *[""] * (2 * _ASIDE)]
        self.known = known
        self.lists = known.lists
        # For each word: whether it opens a clause, and the form of the finite verb that starts
        # there.
        self.opens = [False] * self.end
        self.verbs = [""] * self.end
        self._find_verbs()

    def statements(self) -> Iterator[int]:
        """The places of the words, but the first, with which statements start."""
        start = self._past_opening()
        so_far = _Reading(
            led=self._has_leading_statement(start),
            conditional=self.words[start] in self.lists["conditions"],
            practice=self._is_practice(start),
            statement=_Statement(start),
        )
        for place in range(start, self.end):
            word = self.words[place]
            if word == "," and so_far.conditional and not self._is("coordinators", place + 1):
                so_far.conditional = False
                so_far.practice = self._is_practice(place + 1)
                so_far.statement = _Statement(place)
            if start < place < self.end - 1 and self._starts_statement(place, so_far):
                yield place + self._is("coordinators", place)
                so_far.statement = _Statement(place)
            self._read(place, so_far)

    def _read(self, place: int, so_far: _Reading) -> None:
        word, before = self.words[place], self.words[place - 1]
        statement, verb = so_far.statement, self.verbs[place]
        first = place == statement.start
        if before == "not":
            so_far.not_only |= word == "only"
            statement.corrected |= self._is("after_contrasts", place)
        if word in self.known.gerunds and (first or self._is("before_gerunds", place - 1)):
            statement.joinable = True
        if self._is("pairing", place) and self.words[place + 1][:1].isalnum():
            statement.paired = True
        if word in _MARKS or self._is("coordinators", place):
            statement.fresh = False
        if self.opens[place] and not first:
            statement.owed += 1
        elif verb and not (first and verb == "past"):
            so_far.practice |= bool(statement.owed) and self._is("staff", place - 1)
            so_far.conditional &= bool(statement.owed) or not statement.fresh
            statement.owed = max(0, statement.owed - 1)
            statement.form, statement.fresh = verb, True
        elif before == "to" and word in self.known.plain:
            statement.form = "infinitive"

    def _starts_statement(self, place: int, so_far: _Reading) -> bool:
        before, word, after = self.words[place - 1], self.words[place], self.words[place + 1]
        if word in _MARKS:
            return False
        if self._is("coordinators", place):
            return self._is_joined(place, so_far)
        if before in _MARKS:
            return self._follows(place, so_far)
        if so_far.statement.owed:
            return False
        if so_far.led and self._is("pronouns", place) and self._has_clause(place):
            so_far.led = False
            return True
        if before == "(":
            return self._has_clause(place)
        if word == "so":
            return (
                self._is("pronouns", place + 1)
                and self._has_clause(place + 1)
                and not self._advises(place)
            )
        if word == "which":
            return self._is_noun(place - 1) and not self._is("subjects", place - 1)
        if self._is("reasons", place):
            return not self._is("auxiliaries", place - 1) and self._has_clause(place + 1)
        return (after in self.known.gerunds and self._is("contrasts", place)) or (
            after == "to" and self._is("owing", place)
        )

    def _is_joined(self, joint: int, so_far: _Reading) -> bool:
        """Whether the conjunction at `joint` joins a statement of its own."""
        word, statement = self.words[joint], so_far.statement
        marked = self.words[joint - 1] in _MARKS
        place = self._past_adverbs(self._past_aside(self._past_adverbs(joint + 1)))
        opener = self.words[place]
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
        if opener in self.known.gerunds and (statement.joinable or not marked):
            return statement.joinable and self._is_participle(place)
        if word == "or":
            return False
        if self.words[joint + 1] == "not" or self._is_denied_too(joint + 1, statement.start):
            return True
        if statement.owed or opener == "to" or self._is_hollow(place):
            return False
        if self._is_predicate(place, statement):
            return not so_far.practice
        return (
            self._is("negations", joint + 1)
            or (word != "and" and self._is_contrast(place) and not statement.corrected)
            or (word == "and" and self._is_repeated(joint + 1, statement.start))
            or (statement.form == "be" and self._is_quality(joint - 1) and self._is_quality(place))
            or (self._is("conditions", joint + 1) and self._has_clause(joint + 2))
            or (
                (marked or not self._is("relatives", place))
                and not self._ends_list(joint)
                and self._has_clause(place)
            )
        )

    def _follows(self, joint: int, so_far: _Reading) -> bool:
        """Whether what follows a mark, without a conjunction, is a statement of its own."""
        place = self._past_adverbs(joint)
        opener, verb = self.words[place], self.verbs[place] if place < self.end else ""
        if so_far.led and self._has_clause(place):
            so_far.led = False
            return not self._advises(place)
        if so_far.aside and (verb or self._can_be_verb(place) or self._has_clause(place)):
            so_far.aside = False
            return not self._is("says", place)
        if self._is_denied_too(joint, so_far.statement.start):
            return True
        relative = self._is_relative(joint) and not (opener == "who" and self.named[joint - 2])
        if so_far.statement.owed:
            so_far.aside |= relative
            return False
        if (
            self.words[joint] in _QUOTES
            or opener == "to"
            or self._is_attribution(place)
            or self._is_hollow(joint)
            or self._is_hollow(place)
        ):
            return False
        if relative:
            return True
        if self.words[joint] == "so":
            return self._has_clause(place) and not self._advises(place)
        if self._is("subordinators", place):
            return self._has_clause(place + 1)
        if opener in self.known.gerunds or (
            opener.endswith("ing")
            and not self._is("no_participles", place)
            and self._has_complement(place)
        ):
            return self._is_participle(place)
        if self._is("frequencies", joint):
            return self._is("prepositions", place)
        if opener == "with":
            return self._is("negations", place + 1) or self._has_participle(place + 1)
        if (verb in {"third", "plain"} and opener not in self.known.ambiguous) or (
            so_far.statement.form == "third"
            and opener in self.known.thirds
            and self._is_predicate(place, so_far.statement)
        ):
            return not so_far.practice and so_far.statement.form != "infinitive"
        if self._is("connectives", joint):
            return self._has_clause(self._past_mark(place))
        comma = self.words[joint - 1] == ","
        named = self._is("determiners", place)
        if named and self._is_apposition(place):
            return True
        begins = named or self._is("pronouns", place) or self._is("contractions", place)
        return (begins or not comma) and self._has_clause(place, named=named and comma)

    def _is_predicate(self, place: int, statement: _Statement) -> bool:
        """Whether the word there is a verb that goes on with the subject of the last one.

        One that is a noun as often is, if it has the form of that.
        """
        word, verb = self.words[place], self.verbs[place] if place < self.end else ""
        if verb == "past" or (word in self.known.pasts and word not in self.known.plain):
            return statement.form in {"past", "modal", "be"} or self._has_complement(place)
        if verb:
            return not self._is("contractions", place)
        if statement.form == "third":
            alike = word in self.known.thirds or (word.endswith("s") and self._is_adverb(place - 1))
        else:
            alike = statement.form in {"plain", "modal", "infinitive"} and (
                self._is("plain_nouns", place) or self._is("after_plain", place)
            )
        if alike and self._has_object(place):
            self.verbs[place] = statement.form
            return True
        return False

    def _is_attribution(self, place: int) -> bool:
        """Whether what follows tells whose words came before: "the nurse said", "says Ann"."""
        return (
            self._is("says", place)
            or self._is("says", place + 1)
            or any(
                self._is("says", after) and not self.words[after + 1][:1].isalnum()
                for after in range(place + 2, place + _SEEN)
            )
        )

    def _is_contrast(self, place: int) -> bool:
        return self._is("after_contrasts", place) and self.words[place + 1][:1].isalnum()

    def _is_repeated(self, place: int, start: int) -> bool:
        """Whether the preposition there stood before in the statement: "in rats and in mice"."""
        return self._is("repeated", place) and self._was_said(place, start)

    def _is_denied_too(self, place: int, start: int) -> bool:
        """Whether something is denied there, after something else: "no pain, no scars"."""
        return self.words[place] == "no" and self._was_said(place, start)

    def _was_said(self, place: int, start: int) -> bool:
        return self.words[place] in self.words[max(start, place - _CLAUSE) : place - 1]

    def _is_quality(self, place: int) -> bool:
        """Whether the word there tells what something is, and belongs to no noun behind it."""
        after = self.words[place + 1]
        return self._is("qualities", place) and (
            not after[:1].isalnum()
            or self._is("after_participles", place + 1)
            or self._is("coordinators", place + 1)
        )

    def _ends_list(self, joint: int) -> bool:
        """Whether an item stands between a comma and the conjunction: "nuts, seeds and oats"."""
        for place in range(joint - 1, max(0, joint - _ITEM), -1):
            if self.words[place] == ",":
                return place < joint - 1
            if self.verbs[place]:
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
            if self.words[after] in _ENDS:
                return False
            if self.opens[after]:
                return not (self.words[after] == "who" and self.named[place - 2])
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
            if not self._is_adverb(after):
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
        return self.words[first] in self.known.pasts and self._is("after_participles", first + 1)

    def _is_practice(self, start: int) -> bool:
        """Whether somebody of a clinic is named first: what they do is one practice."""
        return self._is("staff", start) or self._is("staff", start + 1)

    def _advises(self, place: int) -> bool:
        return not self.lists["advice"].isdisjoint(self.words[place : place + _ASIDE])

    def _is_hollow(self, place: int) -> bool:
        return bool(self.known.hollow.match(" ".join(self.words[place : place + _SEEN])))

    def _is(self, name: str, place: int) -> bool:
        return self.words[place] in self.lists[name]

    def _is_adverb(self, place: int) -> bool:
        word = self.words[place]
        return self._is("adverbs", place) or (
            len(word) > 4
            and word.endswith("ly")
            and not self._is("no_adverbs", place)
            and word not in self.known.plain
        )

    def _find_verbs(self) -> None:
        """Tell the finite verbs, and the words that open a clause in which one follows.

        Read from the last word on, for what stands behind a word tells most of it.
        """
        verb = clause = False
        for place in reversed(range(self.end)):
            word = self.words[place]
            if self._is("restrictive", place) and not (
                word == "that" and self._is("before_nouns", place - 1)
            ):
                self.opens[place] = clause
                verb = clause = False
            elif word in _ENDS:
                verb = False
                clause &= word == "," and not self._is_joint(place + 1)
            elif self._is("coordinators", place) or word == "so":
                verb = False
            else:
                self.verbs[place] = self._verb(place, alone=not verb)
                verb = verb or bool(self.verbs[place])
                clause = clause or verb

    def _is_joint(self, place: int) -> bool:
        return self.words[place] == "so" or any(
            self._is(name, place)
            for name in ("coordinators", "connectives", "subordinators", "relatives")
        )

    def _verb(self, place: int, *, alone: bool) -> str:
        """The form of the finite verb that starts there, or nothing.

        It is `alone` if no verb comes behind it, before the next mark or conjunction.
        """
        if self._is_helped(place):
            return ""
        form = self._form(place)
        if form == "past" and self.words[place + 1] == "by":
            amount = self.words[place + 2][:1].isdigit() or self._is_adverb(place + 2)
            return form if amount else ""
        return form or (self._guessed(place) if alone else "")

    def _is_helped(self, place: int) -> bool:
        """Whether an auxiliary stands before: the word goes on with a verb."""
        for before in range(place - 1, max(-1, place - _ITEM), -1):
            if not self._is_adverb(before):
                return self._is("auxiliaries", before) or self._is("helped", before)
        return False

    def _form(self, place: int) -> str:
        """The form of the finite verb there, as far as the words right beside it tell."""
        word, known = self.words[place], self.known
        if self._is("contractions", place):
            return "modal"
        if self._is("before_nouns", place - 1) or self._is_adverb(place):
            return ""
        if self._is("auxiliaries", place):
            return "be" if self._is("being", place) else "modal"
        if self._is("participles", place):
            return ""
        if word in known.ambiguous and not (
            self._is("after_verbs", place + 1)
            or self.words[place + 1].endswith("ly")
            or (self._is("subjects", place - 1) and self.words[place + 1][:1].isalnum())
            or self._is_adverb(place - 1)
        ):
            return ""
        if word in known.pasts or (
            len(word) > 4 and word.endswith("ed") and not word.endswith("eed") and "-" not in word
        ):
            return "past"
        if word in known.thirds or word.endswith(_MADE):
            return "third"
        return "plain" if word in known.plain else ""

    def _guessed(self, place: int) -> str:
        """The form of a verb that is a noun as often, in a clause that has no other verb."""
        word, before = self.words[place], self.words[place - 1]
        if self._is("before_nouns", place - 1) or not self._can_be_verb(place):
            return ""
        if not place or before in _ORNAMENTS:
            return "third" if word in self.known.thirds and self._has_object(place) else ""
        if not self._is_noun(place - 1):
            return ""
        if word in self.known.plain:
            follows = self.words[place + 1][:1].isalnum() and not self._is(
                "coordinators", place + 1
            )
            return "plain" if follows and self._ends_plural(place - 1) else ""
        follows = self._has_object(place) or (
            place <= _SUBJECT and self._is("after_participles", place + 1)
        )
        return "third" if follows and not self._ends_plural(place - 1) else ""

    def _can_be_verb(self, place: int) -> bool:
        return self.words[place] in self.known.plain or self.words[place] in self.known.thirds

    def _has_object(self, place: int) -> bool:
        """Whether the word behind can be what a verb there acts on."""
        after = place + 1
        return (
            (self.words[after][:1].isalnum() or self.words[after] in _MONEY)
            and (after >= self.end or not self.verbs[after])
            and not any(
                self._is(name, after)
                for name in (
                    "after_participles",
                    "prepositions",
                    "coordinators",
                    "restrictive",
                    "auxiliaries",
                )
            )
        )

    def _is_noun(self, place: int) -> bool:
        """Whether the word there is neither a verb nor one that opens anything."""
        word = self.words[place]
        return (
            word[-1:].isalpha()
            and word not in self.known.plain
            and not self._form(place)
            and not self._is_adverb(place)
            and not any(
                self._is(name, place)
                for name in (
                    "restrictive",
                    "before_nouns",
                    "coordinators",
                    "conditions",
                    "subordinators",
                )
            )
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
            if self.words[place] in _ENDS:
                after = self._past_adverbs(self._past_mark(place + 1))
                return (
                    owed == 1
                    and not named
                    and self.words[place] == ","
                    and start + 1 < place
                    and after < self.end
                    and bool(self.verbs[after])
                )
            if self.opens[place] and place > start:
                owed += 1
            elif self._is("contractions", place) or (
                place > start
                and (self.verbs[place] or self._agrees(start, place))
                and not (named and self.verbs[place] == "past" and self._has_complement(place))
            ):
                owed -= 1
            if owed == 0:
                return True
        return False

    def _agrees(self, start: int, place: int) -> bool:
        """Whether the word there can be the verb of what stands before, more than one thing."""
        word = self.words[place]
        return word in self.known.plain and (
            self._ends_plural(place - 1)
            or (
                word not in self.known.ambiguous
                and "and" in self.words[max(start, place - 3) : place]
            )
        )

    def _has_gerund(self, start: int) -> bool:
        return not self.known.gerunds.isdisjoint(self.words[start : start + 3])

    def _has_participle(self, start: int) -> bool:
        for word in self.words[start : start + _CLAUSE]:
            if word in _ENDS:
                return False
            if word in self.known.gerunds or word in self.known.pasts:
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
