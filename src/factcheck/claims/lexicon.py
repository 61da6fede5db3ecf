"""Word lists and patterns as data: those that come with factcheck, and a desk's own.

A desk's file has the shape of the bundled one and holds only what it adds: its lists are put
behind those of the same name.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import re
import string
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from factcheck import bundled
from factcheck.errors import UsageError

Made = TypeVar("Made")

Tables = Mapping[str, Any]
"""Tables of a TOML file: lists of strings by name, and tables of such lists.

Those in `lists` are plain words, all others regular expressions, in which `{name}` stands for
any of the words of that name in the table `words`.
"""

Table = Mapping[str, Sequence[str]]
"""Patterns by the reason that they give."""

TOLD = 7
"""How many letters tell the rules apart that are tried on a text."""

_NAME = re.compile(r"\{([a-z_]+)\}")
# A pattern's atoms; letters that nothing repeats are one, and what is in brackets holds no group.
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<?[:=!]|[\w ']+(?![?*+{])|.", re.DOTALL)
_AROUND = ("(?=", "(?!", "(?<")
_EDGES = (r"\b", r"\B", "^")
# How many letters of a start are worth knowing, and how many starts of one pattern.
_LONGEST = 8
_MANY = 2_000
_NOTHING = "(?!)"
_REMEMBERED = 10_000
_KEY = re.compile(r"[a-z][a-z_]*")
# What a capital in a pattern may mean although the text that it sees is in lower case.
_NO_CAPITAL = re.compile(r"\\.|\(\?P?[^)\s]")


def load(
    name: str,
    own: Path | None = None,
    *,
    open_tables: Collection[str] = ("words",),
    cased: Collection[str] = (),
) -> Tables:
    """The tables of `configs/<name>`, with what the desk's file `own`, if it is there, adds.

    A desk can name lists of its own only in `open_tables` and the tables within those. Patterns
    outside the tables `cased` (such as `boilerplate.cased`) see text in lower case.

    Raises UsageError for a file that can't be read or is no TOML, for tables and lists that
    factcheck doesn't know, and for patterns that are no regular expressions or match anything.
    """
    tables = tomllib.loads(bundled.path(f"configs/{name}").read_text(encoding="utf-8"))
    if own is not None and own.exists():
        added = _read(own)
        _check_shape(own, tables, added, open_tables)
        tables = _extended(tables, added)
        _check_patterns(own, added, tables.get("words", {}), cased)
    return tables


def alternatives(patterns: Sequence[str], words: Mapping[str, Sequence[str]]) -> str:
    """One regular expression for any of `patterns`, with the words that they name in place."""
    return "|".join(_spelled_out(pattern, words) for pattern in patterns)


Rule = tuple[str, str]
"""A reason, and a pattern that gives it."""


def rules(table: Table, words: Table, frame: str = "%s") -> list[Rule]:
    """The rules of a table, each pattern spelled out in the place of `%s` in `frame`."""
    return [
        (reason, frame.replace("%s", f"(?:{_spelled_out(pattern, words)})"))
        for reason, patterns in table.items()
        for pattern in patterns
    ]


@functools.cache
def compiled(rule: Rule) -> re.Pattern[str]:
    """The pattern of a single rule; its `lastgroup` is the reason."""
    return any_of([rule])


def any_of(rules: Iterable[Rule], frame: str = "%s") -> re.Pattern[str]:
    """One pattern for all `rules`, in the place of `%s` in `frame`; `lastgroup` is the reason."""
    by_reason: dict[str, list[str]] = {}
    for reason, pattern in rules:
        by_reason.setdefault(reason, []).append(pattern)
    groups = [f"(?P<{reason}>{'|'.join(patterns)})" for reason, patterns in by_reason.items()]
    return re.compile(frame.replace("%s", f"(?:{'|'.join(groups)})") if groups else _NOTHING)


class Beginnings(dict[str, Made]):
    """By the first `TOLD` letters of a text, what is `made` of the rules that it may match.

    A pattern that starts with plain letters, or with a group of alternatives that do, is tried
    only on texts that start with the same: that spares most texts most patterns.
    """

    def __init__(self, rules: Iterable[Rule], made: Callable[[Sequence[Rule]], Made]) -> None:
        super().__init__()
        self._rules = [(rule, _letters(rule[1])) for rule in rules]
        self._starts = {"", *(start for _, starts in self._rules for start in starts)}
        self._made = made
        self._by_start: dict[str, Made] = {}

    def __missing__(self, letters: str) -> Made:
        start = letters
        while start not in self._starts:
            start = start[:-1]
        if start not in self._by_start:
            rules = [rule for rule, starts in self._rules if start.startswith(starts)]
            self._by_start[start] = self._made(rules)
        if len(self) < _REMEMBERED:
            self[letters] = self._by_start[start]
        return self._by_start[start]


class Openings:
    """Rules whose patterns are tried where a text starts."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._patterns = Beginnings(rules, any_of)

    def match(self, text: str, at: int) -> re.Match[str] | None:
        """The match of the first rule that holds at `at`; its `lastgroup` is the reason."""
        return self._patterns[text[at : at + TOLD]].match(text, at)


def _letters(pattern: str) -> tuple[str, ...]:
    """The first few letters of whatever `pattern` matches, an empty text for any."""
    return tuple(sorted({start[:TOLD] for start in _literal_starts(pattern) or {""}}))


class Mentions:
    """Rules whose patterns are tried at a text's start and behind each of its spaces.

    They are tried where letters stand that one of them may start with.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = list(rules)
        starts = [_literal_starts(pattern) or {""} for _, pattern in rules]
        self._openings = Openings(rules)
        self._places = re.compile(f" (?={_any_start(set().union(*starts))})")

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in `text`, behind a space; its `lastgroup` is the reason."""
        text = " " + text
        place = self._places.search(text)
        while place:
            if found := self._openings.match(text, place.end()):
                return found
            place = self._places.search(text, place.end())
        return None


def _any_start(starts: Collection[str]) -> str:
    """A pattern for any of the texts `starts`, which looks at each letter once."""
    if not starts:
        return _NOTHING
    if "" in starts:
        return ""
    behind: dict[str, set[str]] = {}
    for start in sorted(starts):
        behind.setdefault(start[0], set()).add(start[1:])
    ways = "|".join(re.escape(letter) + _any_start(rest) for letter, rest in behind.items())
    return f"(?:{ways})"


def _literal_starts(pattern: str) -> set[str] | None:
    """The letters with one of which whatever `pattern` matches starts, None if they aren't plain.

    What is looked for around the match, such as `(?<=not )`, counts as nothing, and `\\d` as
    0 to 9.
    """
    starts = {letters for letters, _ in _starts_of(pattern)}
    return None if "" in starts else starts


@functools.cache  # the words that patterns name come again and again
def _starts_of(pattern: str) -> frozenset[tuple[str, bool]]:
    """How whatever `pattern` matches may start, and whether that is the whole of the match."""
    starts: set[tuple[str, bool]] = set()
    for alternative in _split(pattern, "|"):
        open_ends = {""}
        for part, repeat in _repeated(_split(alternative)):
            if part.startswith(_AROUND) or part in _EDGES:
                continue
            ways = _ways(part, repeat)
            grown = {
                ((end + letters)[:_LONGEST], whole and len(end + letters) < _LONGEST)
                for end in open_ends
                for letters, whole in ways
            }
            if len(grown) > _MANY:
                break
            starts |= {(end, False) for end, whole in grown if not whole}
            open_ends = {end for end, whole in grown if whole}
            if not open_ends:
                break
        else:
            starts |= {(end, True) for end in open_ends}
            continue
        starts |= {(end, False) for end in open_ends}
    return frozenset(starts)


def _ways(part: str, repeat: str) -> set[tuple[str, bool]]:
    """How one part of a pattern, with what repeats it, may start, and whether it ends there."""
    if part.startswith("(?:"):
        ways = set(_starts_of(part[3:-1]))
    elif part == r"\d":
        ways = {(digit, False) for digit in string.digits}
    elif part not in ".$" and part[0] not in "\\[(":
        ways = {(part, True)}
    elif len(part) == 2 and part[0] == "\\" and not part[1].isalnum():
        ways = {(part[1], True)}
    else:
        ways = {("", False)}
    if repeat not in ("", "?"):
        ways = {(letters, False) for letters, _ in ways}
    if repeat in ("?", "*") or repeat.startswith("{0"):
        ways.add(("", True))
    return ways


def _repeated(parts: Sequence[str]) -> list[tuple[str, str]]:
    """The parts of a pattern, each with the sign that tells how often it may stand."""
    repeated: list[tuple[str, str]] = []
    braces = ""
    for part in parts:
        if braces or part == "{":
            braces += part
            if part == "}":
                repeated[-1] = (repeated[-1][0], braces)
                braces = ""
        elif part in ("?", "*", "+"):
            last, before = repeated[-1]
            repeated[-1] = (last, before or part)
        else:
            repeated.append((part, ""))
    return repeated


def _split(pattern: str, mark: str | None = None) -> list[str]:
    """A pattern parted at each `mark` outside groups; without one, into its groups and atoms."""
    parts: list[list[str]] = [[]]
    depth = 0
    for atom in _ATOM.findall(pattern):
        if depth == 0 and atom == mark:
            parts.append([])
            continue
        if depth == 0 and mark is None:
            parts.append([])
        depth += atom.startswith("(") - (atom == ")")
        parts[-1].append(atom)
    return ["".join(part) for part in parts if part or mark]


def fingerprint(tables: Tables) -> str:
    """Twelve hex digits that change with any pattern or word."""
    canonical = json.dumps(tables, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{file} can't be read: {error.strerror}.",
            hint="It has to be a text file in TOML, or not to be there at all.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} is not valid TOML: {error}.",
            hint="Patterns stand best in single quotes, where a backslash is a backslash: '\\d+'.",
        ) from error


def _extended(tables: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    extended = dict(tables)
    for name, more in added.items():
        if isinstance(more, Mapping):
            extended[name] = _extended(tables.get(name, {}), more)
        else:
            extended[name] = [*tables.get(name, ()), *more]
    return extended


def _check_shape(
    file: Path,
    known: Mapping[str, Any],
    added: Mapping[str, Any],
    open_tables: Collection[str],
    within: str = "",
) -> None:
    for name, more in added.items():
        place = f"{within}.{name}" if within else name
        if name in known:
            if isinstance(known[name], Mapping) != isinstance(more, Mapping):
                should_be = "a table" if isinstance(known[name], Mapping) else "a list"
                raise UsageError(
                    f"In {file}, {place} has to be {should_be}.",
                    hint=f"Write [{place}] above its lists."
                    if isinstance(known[name], Mapping)
                    else f"Write {name} = ['…', '…'].",
                )
        elif isinstance(more, Mapping) or within.partition(".")[0] not in open_tables:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"{file} has {place}, which factcheck doesn't know."
                + (f" Did you mean {near[0]}?" if near else ""),
                hint=f"Here it can have {', '.join(known)}.",
            )
        elif not _KEY.fullmatch(name):
            raise UsageError(
                f"In {file}, {place} is no name that can be used.",
                hint="Use small letters and underscores, such as house_ads.",
            )
        if isinstance(more, Mapping):
            _check_shape(file, known[name], more, open_tables, place)
        elif not (isinstance(more, list) and all(isinstance(word, str) and word for word in more)):
            raise UsageError(
                f"In {file}, {place} has to be a list of words or patterns.",
                hint=f"Write {name} = ['…', '…'].",
            )


def _check_patterns(
    file: Path,
    added: Mapping[str, Any],
    words: Mapping[str, Sequence[str]],
    cased: Collection[str],
    within: str = "",
) -> None:
    for name, more in added.items():
        place = f"{within}.{name}" if within else name
        if place == "lists":
            continue
        if isinstance(more, Mapping):
            _check_patterns(file, more, words, cased, place)
            continue
        for pattern in more:
            if wrong := _wrong_with(pattern, words, lowered=within not in cased):
                raise UsageError(
                    f"In {file}, {place} has the pattern {pattern!r}, {wrong[0]}.", hint=wrong[1]
                )


def _wrong_with(
    pattern: str, words: Mapping[str, Sequence[str]], *, lowered: bool
) -> tuple[str, str] | None:
    """What is wrong with a pattern, if anything is, and what to do about it."""
    try:
        full = _spelled_out(pattern, words)
    except KeyError as missing:
        return (
            f"and there is no list {missing.args[0]} in [words]",
            f"It can name {', '.join(sorted(words))}.",
        )
    except RecursionError:
        return "whose words name each other", "Write out one of them."
    try:
        re.compile(full)
        compiled = re.compile(f"(?:{full})")
    except re.error as error:
        return (
            f"which is no regular expression: {error}",
            "A dot, bracket or plus that means itself needs a backslash before it.",
        )
    if compiled.groups:
        return "which holds a group that captures", "Group with (?:…)."
    if compiled.match(""):
        return "which matches an empty text, so everything", "Make a part of it obligatory."
    if lowered and (plain := _NO_CAPITAL.sub("", pattern)) != plain.lower():
        return (
            "which holds a capital, and the text that it sees is in lower case",
            "Write it in small letters.",
        )
    return None


def _spelled_out(pattern: str, words: Mapping[str, Sequence[str]]) -> str:
    return _NAME.sub(lambda name: f"(?:{alternatives(words[name[1]], words)})", pattern)
