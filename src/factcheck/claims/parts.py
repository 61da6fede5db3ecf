"""Takes a sentence apart into the statements that could get different verdicts.

A sentence is read once, from left to right, and the clauses in it that still want a verb are
counted: `that`, `who` and `if` open one, a verb completes one. What a conjunction or a mark joins
is a statement of its own if no verb is owed before it, and a verb with or without a subject of its
own follows; or what limits or outdoes what was said. Advice and tales of oneself start none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from factcheck.claims.grammar import (
    ASIDE,
    CLAUSE,
    ENDS,
    ITEM,
    MARKS,
    ORNAMENTS,
    QUOTES,
    TOKEN,
    Vocabulary,
    Words,
    vocabulary,
)
from factcheck.model import Span

# What "and, in some men," has between its conjunction and what is joined, at least.
_QUALIFIED = 3
# How many words `hollow` sees.
_SEEN = 5
# Behind these, a clause can begin; lists of words that belong to neither of the statements they
# join.
_OPENING = MARKS | {"("}
_JOINING = frozenset({"marks", "coordinators"})


def parts(text: str, known: Vocabulary | None = None) -> tuple[Span, ...]:
    """The separately checkable statements in the sentence `text`, in order.

    One span, the whole, if it is simple. What joins two statements, such as `, and`, belongs
    to neither.
    """
    sentence = _Sentence(text, known or vocabulary())
    starts = list(sentence.statements())
    if not starts:
        return (Span(0, len(text)),)
    tokens = list(TOKEN.finditer(text))
    spans = []
    for first, end in zip([0, *starts], [*starts, len(tokens)], strict=True):
        last = end - 1
        while end < len(tokens) and last > first and sentence.joins(last):
            last -= 1
        while first < last and sentence.words[first] in MARKS:
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


class _Sentence(Words):
    """The words of a sentence, and where statements start in it."""

    def __init__(self, text: str, known: Vocabulary) -> None:
        super().__init__(text, known)
        self.hollow = known.hollow
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
            conditional=self._is_conditional(start),
            practice=self._is_practice(start),
            statement=_Statement(start),
        )
        before = ""
        for place, word in enumerate(self.words[start : self.end], start):
            are = self.are[place]
            if word == "," and so_far.conditional and not self.is_a("coordinators", place + 1):
                so_far.conditional = False
                so_far.practice = self._is_practice(place + 1)
                so_far.statement = _Statement(place)
            if (
                ("openers" in are or before in _OPENING)
                and start < place < self.end - 1
                and self._starts_statement(place, so_far)
            ):
                yield place + self.is_a("coordinators", place)
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
        if "gerunds" in are and (
            (first and place > self.start) or self.is_a("before_gerunds", place - 1)
        ):
            statement.joinable = True
        if "pairing" in are and self.words[place + 1][:1].isalnum():
            statement.paired = True
        if "marks" in are or "coordinators" in are:
            statement.fresh = False
        if self.opens[place] and not first:
            statement.owed += 1
        elif verb and not (first and verb == "past"):
            so_far.practice |= bool(statement.owed) and self.is_a("staff", place - 1)
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
        if before in MARKS:
            return self._follows(place, so_far)
        if so_far.statement.owed:
            return False
        if so_far.led and "pronouns" in are and self.has_clause(place):
            so_far.led = False
            return True
        if before == "(":
            return self.has_clause(place)
        word = self.words[place]
        if word == "so":
            return "pronouns" in after and self._is_consequence(place + 1)
        if word == "that":
            return self.opens[place] and self._is_degree(place)
        if word == "which":
            return self.is_noun(place - 1) and not self.is_a("subjects", place - 1)
        if "reasons" in are:
            helped = self.is_helped(place) or self.is_a("contractions", place - 1)
            return not helped and self.has_clause(place + 1)
        if "owing" in are:
            return self.words[place + 1] == "to" and not self.is_a("auxiliaries", place - 1)
        return "contrasts" in are and "gerunds" in after

    def _is_joined(self, joint: int, so_far: _Reading) -> bool:
        """Whether the conjunction at `joint` joins a statement of its own."""
        word, after, statement = self.words[joint], self.words[joint + 1], so_far.statement
        marked = self.words[joint - 1] in MARKS
        place = self.past_adverbs(self._past_aside(self.past_adverbs(joint + 1)))
        if not marked and (so_far.conditional or self.is_a("late_coordinators", joint)):
            return False
        if word == "but" and so_far.not_only:
            so_far.not_only = False
            return True
        if statement.paired and word in {"and", "or"}:
            statement.paired = False
            return False
        if self.is_a("means", place) and self.has_gerund(place + 1):
            so_far.led |= not statement.owed
            return not statement.owed
        if self.is_a("gerunds", place) and (statement.joinable or not marked):
            return (
                statement.joinable
                and word != "or"
                and not self.is_a("gerunds", joint - 1 - marked)
                and self._is_participle(place)
            )
        if word == "or":
            return marked and self.is_a("pronouns", place) and self.has_clause(place)
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
                or (not (marked or self.is_a("auxiliaries", place)) and self._is_bare(joint - 1))
            )
        if (
            self.is_a("negations", joint + 1)
            or self._is_inverted(joint + 1)
            or (word != "and" and self._is_contrast(place) and not statement.corrected)
            or (word == "and" and self._is_repeated(joint + 1, statement.start))
            or (statement.form == "be" and self._is_quality(joint - 1) and self._is_quality(place))
        ):
            return True
        if word == "and" and after == "the" and self._is_called(statement):
            return True
        if self.is_a("restrictive", joint - 1):
            return False
        if self.is_a("conditions", joint + 1) and self.has_clause(joint + 2):
            return True
        return (
            (marked or not (self.is_a("relatives", place) or self._reports(joint, statement)))
            and not self._ends_list(joint)
            and self.has_clause(place)
        )

    def _follows(self, joint: int, so_far: _Reading) -> bool:
        """Whether what follows a mark, without a conjunction, is a statement of its own."""
        place, statement = self.past_adverbs(joint), so_far.statement
        opener, verb, are = self.words[place], self.verbs[place], self.are[place]
        if so_far.led and self.has_clause(place):
            so_far.led = False
            return not self._advises(place)
        if so_far.aside and (verb or self.can_be_verb(place) or self.has_clause(place)):
            so_far.aside = False
            return "says" not in are
        if self.words[joint] == "no" and self._was_said(joint, statement.start):
            return True
        relative = self._is_relative(joint) and not (opener == "who" and self.is_named(joint - 2))
        mark = self.words[joint - 1]
        if statement.owed and mark != ";":
            told = self.is_a("pasts", place) and self.is_a("after_participles", place + 1)
            so_far.aside |= (relative or told) and not self._is_hollow(joint)
            return False
        if (
            self.words[joint] in QUOTES
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
        if self.words[place + 1] == "of" and self.is_a("of_them", place + 2):
            return True
        if self.words[joint] == "so":
            return "conditions" not in are and self._is_consequence(place)
        if "subordinators" in are:
            reported = opener == "as" and self._reports_soon(place + 1)
            return not reported and self.has_clause(place + 1)
        if "gerunds" in are or (
            opener.endswith("ing") and "no_participles" not in are and self.has_complement(place)
        ):
            return not self.is_a("gerunds", joint - 2) and self._is_participle(place)
        if self.is_a("frequencies", joint):
            return "prepositions" in are
        if opener == "with":
            return self.is_a("negations", place + 1) or self.has_participle(place + 1)
        if "ambiguous" not in are and (
            (verb == "third" and self.words[place + 1][:1].isalnum())
            or (verb == "plain" and statement.form in {"plain", "modal"})
        ):
            return not so_far.practice and statement.form != "infinitive"
        if statement.form == "third" and "thirds" in are and self._is_predicate(place, statement):
            return not so_far.practice
        if self.is_a("connectives", joint):
            return self.has_clause(self.past_mark(place))
        named = "determiners" in are
        if named and self._is_apposition(place):
            return True
        if mark != ",":
            limited = "conditions" in are and place > joint  # "– especially when", "– even if"
            return not limited and self.has_clause(place + ("conditions" in are))
        begins = named or "pronouns" in are or "contractions" in are
        return begins and self.has_clause(place, named=named)

    def _is_idle(self, start: int, *, head: bool) -> bool:
        """Whether the statement there gives advice, or tells a tale of oneself."""
        place = self.past_adverbs(start)
        if self.is_a("narrators", place):
            return not self.is_a("opinions", place + 1)
        if head and self.is_a("conditions", place):
            place = self.past_mark(place)
        if self.words[start] == "no" or not (head or self.words[start - 1] in MARKS):
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
            return self.has_complement(place) or (
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
        if alike and self.has_object(place):
            self.verbs[place] = form
            return True
        return False

    def _is_bare(self, place: int) -> bool:
        """Whether a verb there has nothing behind it yet: "see" in "see and feel the heat"."""
        return bool(self.verbs[place]) or (self.is_a("plain", place) and self.is_helped(place))

    def _reports(self, joint: int, statement: _Statement) -> bool:
        """Whether "and" belongs to the subject of what is reported: "show that", without "that"."""
        return (
            self.words[joint] == "and"
            and joint < statement.verb + ITEM
            and self.is_a("reporting", statement.verb)
        )

    def _reports_soon(self, place: int) -> bool:
        return any("reporting" in are for are in self.are[place : place + _SEEN])

    def _is_attribution(self, place: int) -> bool:
        """Whether what follows tells whose words came before: "the nurse said", "says Ann"."""
        if self.is_a("says", place) or self.is_a("says", place + 1):
            return True
        for after in range(place + 2, place + ASIDE):
            if self.words[after] in ENDS:
                return False
            if self.is_a("says", after) and not self.words[after + 1][:1].isalnum():
                return True
        return False

    def _is_consequence(self, place: int) -> bool:
        """Whether a clause there, behind "so", states something, and no aim: "so you can"."""
        aim = self.is_a("pronouns", place) and self.words[place + 1] in {"can", "could"}
        return self.has_clause(place) and not aim and not self._advises(place)

    def _is_contrast(self, place: int) -> bool:
        return self.is_a("after_contrasts", place) and self.words[place + 1][:1].isalnum()

    def _is_repeated(self, place: int, start: int) -> bool:
        """Whether the preposition there stood before in the statement: "in rats and in mice"."""
        return self.is_a("repeated", place) and self._was_said(place, start)

    def _was_said(self, place: int, start: int) -> bool:
        return self.words[place] in self.words[max(start, place - CLAUSE) : place - 1]

    def _is_qualified(self, place: int) -> bool:
        """Whether what is joined holds with a limit of its own: "and, in men, gout", "and even"."""
        if self.words[place] == ",":
            aside = self.past_mark(place + 1) - place
            return aside > _QUALIFIED and not self._is_attribution(place + 1)
        return self.is_a("extremes", place) or (
            self.is_a("frequencies", place) and self.is_a("prepositions", place + 1)
        )

    def _is_degree(self, place: int) -> bool:
        """Whether "that" tells what follows from it: "so rarely that", "so much so that"."""
        return not {"so", "such"}.isdisjoint(self.words[max(0, place - 3) : place - 1])

    def _is_called(self, statement: _Statement) -> bool:
        """Whether it is told what something is: "hay fever is a nuisance and the cause of …"."""
        return statement.form == "be" and self.is_a(
            "determiners", self.past_adverbs(statement.verb + 1)
        )

    def _is_inverted(self, place: int) -> bool:
        """Whether the same is said of something else: "so does barley", "as have the oats"."""
        return self.is_a("alike", place) and self.is_a("auxiliaries", place + 1)

    def _is_proportion(self, joint: int, start: int) -> bool:
        """Whether both sides of a mark are of one statement: "the sooner …, the better …"."""
        return all(
            self.words[place] == "the"
            and (self.is_a("degrees", place + 1) or self.words[place + 1].endswith("er"))
            for place in (start, joint)
        )

    def _is_quality(self, place: int) -> bool:
        """Whether the word there tells what something is, and belongs to no noun behind it."""
        return self.is_a("qualities", place) and (
            not self.words[place + 1][:1].isalnum()
            or self.is_a("after_participles", place + 1)
            or self.is_a("coordinators", place + 1)
        )

    def _ends_list(self, joint: int, *, oxford: bool = False) -> bool:
        """Whether an item stands between a comma and the conjunction: "nuts, seeds and oats".

        With `oxford`, another comma can stand before the conjunction.
        """
        joint -= oxford and self.words[joint - 1] == ","
        for place in range(joint - 1, max(0, joint - ITEM), -1):
            if self.words[place] == ",":
                return place < joint - 1
            if self.verbs[place] or self.is_a("coordinators", place):
                return False
        return False

    def _is_relative(self, place: int) -> bool:
        """Whether `which`, `of whom` or `both of which` is there."""
        return self.is_a("relatives", place) or any(
            self.is_a("relatives", after) and self.is_a("before_relatives", after - 1)
            for after in range(place + 1, min(place + _SEEN, self.end))
        )

    def _is_apposition(self, place: int) -> bool:
        """Whether what is named there is told more of: "an illness that affects", not "a man who".

        Or something is told of it in -ing: "the effect being small".
        """
        for after in range(place + 2, min(self.end, place + ASIDE)):
            if self.words[after] in ENDS or self.words[after] == "or":
                return False
            if self.opens[after]:
                return not (self.words[after] == "who" and self.is_named(place - 2))
            if self.words[after] == "being":
                return True
        return False

    def _past_opening(self) -> int:
        """The place after what opens a sentence without being of it: a bullet, `Moreover,`."""
        place = 0
        while self.words[place] in ORNAMENTS:
            place += 1
        if ":" in self.words[place : place + ITEM] and not self.has_clause(place):
            place = self.words.index(":", place) + 1
        after = self.past_adverbs(place)
        if after > place and self.words[after] == ",":
            return after + 1
        return place + self.is_a("coordinators", place)

    def _past_aside(self, place: int) -> int:
        """The place after a short aside, as in "and, more importantly, it" or "yet in May, it"."""
        if self.words[place] == ",":
            return self.past_mark(place + 1)
        if self.is_a("prepositions", place) or self.is_a("conditions", place):
            return self.past_mark(place)
        return place

    def _has_leading_statement(self, start: int) -> bool:
        """Whether the sentence opens with a statement that a comma will close."""
        start += self.words[start] == "even"
        if self.is_a("means", start):
            return self.has_gerund(start + 1)
        if self._is_time(start):
            return False
        if self.is_a("subordinators", start) or self.words[start] == "where":
            return self.has_clause(start + 1)
        first = self.past_adverbs(start)
        return self.is_a("pasts", first) and self.is_a("after_participles", first + 1)

    def _is_conditional(self, start: int) -> bool:
        """Whether a comma closes what the sentence opens with, and it states nothing."""
        return self._is_time(start) or any(
            self.is_a(name, start) for name in ("conditions", "circumstances", "owing")
        )

    def _is_time(self, start: int) -> bool:
        """Whether "every time" or "as we age" opens the sentence, as "when" does."""
        if self.words[start] == "as":
            return any(self.is_a("passing", place) for place in (start + 2, start + 3))
        return self.is_a("before_times", start) and (
            self.is_a("times", start + 1) or self.is_a("times", start + 2)
        )

    def _is_practice(self, start: int) -> bool:
        """Whether somebody of a clinic is named first: what they do is one practice."""
        return self.is_a("staff", start) or self.is_a("staff", start + 1)

    def _advises(self, place: int) -> bool:
        return any("advice" in are for are in self.are[place : place + ASIDE])

    def _is_hollow(self, place: int) -> bool:
        return bool(self.hollow.match(" ".join(self.words[place : place + _SEEN])))

    def _is_participle(self, place: int) -> bool:
        """Whether the form in -ing there states something: it is no noun and no mere comment."""
        return self.words[place + 1][-1:].isalnum() and not self._is_hollow(place)
