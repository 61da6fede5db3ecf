"""The words and patterns that tell a claim from what is none: `configs/wording.toml`, compiled."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon
from factcheck.claims.lexicon import Mentions, Openings, any_of, rules
from factcheck.errors import UsageError
from factcheck.model import Kind

Sorting = tuple[Kind, str]
"""A kind and the reason for it, such as `(Kind.BOILERPLATE, "comment_form")`."""

# The frame of patterns that are the whole of a line.
_TO_THE_END = r"%s\W{0,9}\Z"
# The reason of what may stand before the words that decide, and what parts a section's name.
LEAD, REASON = "_lead", "__"
# What may stand before a request to the reader.
BEFORE_REQUESTS = ("then", "just", "simply", "also", "always", "please")

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
    """What the short lines below a heading or lead-in are: what the text is about, on what
    condition to seek help, the rest of the sentence that leads in, names of what somebody offers,
    or statements."""

    TOPICS = "topics"
    CONDITIONS = "conditions"
    ITEMS = "items"
    NAMES = "names"
    FACTS = "facts"


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
            (f"{reach}{REASON}{reason}", pattern)
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
                *rules({LEAD: [*named["lead"], *named["linking"]]}, named, r"%s\b,? \W{0,9}"),
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
        requesting=lists["commands"] | lists["acts"] | lists["clauses"] | {*BEFORE_REQUESTS},
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
