"""Points at wording worth a second look, by the words that stand in `configs/cues.toml`.

A cue is a pointer, never a verdict: a claim with many may be true, and one with none false.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon
from factcheck.claims.lexicon import TOLD, Beginnings
from factcheck.model import Cue, CueKind, Span

# In characters: how far before a cue stands what takes it back ("is not a", "by no means").
_REACH = 40

# How strong the cues of each table under [cue] are, the strongest first, and what makes an
# overstatement.
_STRENGTHS = {"strong": 3, "fair": 2, "weak": 1, "plain": 0}
_ENOUGH = 2

# Rules of cues are told apart by kind and strength, and from those of what sobers.
_SOBER, _OF = "sober", "__"

# What a cue may begin with.
_WORD = re.compile(r"\w+|[^\w\s,.;:'\"()-]")

# What the patterns see in place of a character; nothing here moves an offset.
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\t\n\v\f\r\u00a0\u2007\u2009\u200a\u202f\u2028\u2029", " "),
        **dict.fromkeys("‘’ʼ′", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("‐‑", "-"),
    }
)


@dataclass(frozen=True, slots=True)
class Cueing:
    """The patterns of `configs/cues.toml`, compiled; kinds without patterns are left out.

    A cue is given by its kind's patterns of `starts` at the start of a word, unless that of
    `before` ends where the cue starts, that of `after` starts where it ends, or that of `absent`
    is in the sentence; the reason that its pattern gives is its strength. For each reason of
    [sober] that it holds, a sentence says less with the same words.
    """

    starts: Beginnings[list[re.Pattern[str]]]
    before: Mapping[CueKind, re.Pattern[str]]
    after: Mapping[CueKind, re.Pattern[str]]
    absent: Mapping[CueKind, re.Pattern[str]]


@functools.cache
def cueing(own: Path | None = None) -> Cueing:
    """The patterns that come with factcheck, with those of the desk's file `own` if it is there.

    Raises UsageError where that file can't be used.
    """
    tables = lexicon.load("cues.toml", own)
    named, unless, given = tables["words"], tables["unless"], tables["cue"]
    reasons = {f"{_SOBER}{_OF}{reason}": patterns for reason, patterns in tables["sober"].items()}
    for kind in CueKind:  # of two rules of a kind that hold, the first gives the cue
        for strength in _STRENGTHS:
            reasons[f"{kind}{_OF}{strength}"] = given[strength].get(kind, ())
    return Cueing(
        starts=Beginnings(
            lexicon.rules(reasons, named), lambda rules: [*map(lexicon.compiled, rules)]
        ),
        before=_compiled(unless["before"], named, r"\b(?:%s)\Z"),
        after=_compiled(unless["after"], named, r"(?:%s)"),
        absent=_compiled(unless["anywhere"], named, r"\b(?:%s)"),
    )


def _compiled(
    table: Mapping[str, Sequence[str]], named: Mapping[str, Sequence[str]], frame: str
) -> dict[CueKind, re.Pattern[str]]:
    return {
        CueKind(kind): re.compile(frame.replace("%s", lexicon.alternatives(patterns, named)))
        for kind, patterns in table.items()
        if patterns
    }


def cues(text: str, wording: Cueing | None = None) -> tuple[Cue, ...]:
    """The wording of the claim `text` that is worth a second look, in the order of its spans.

    Cues of one kind don't overlap: a stronger one stands in the place of a weaker one that
    begins before it. Those of two kinds can.
    """
    wording = wording or cueing()
    plain, places = _plain(text)
    starts = wording.starts
    found: dict[CueKind, list[Cue]] = {}
    taken_away: dict[CueKind, bool] = {}
    sober: set[str] = set()
    for word in _WORD.finditer(plain):
        start = word.start()
        for pattern in starts[plain[start : start + TOLD]]:
            match = pattern.match(plain, start)
            if match is None:
                continue
            of, _, reason = str(match.lastgroup).partition(_OF)
            if of == _SOBER:
                sober.add(reason)
                continue
            kind = CueKind(of)
            others = found.setdefault(kind, [])
            overlaps = bool(others) and start < others[-1].span.end
            if overlaps and _STRENGTHS[reason] <= others[-1].strength:
                continue
            if _is_taken_back(kind, match, wording):
                continue
            if kind not in taken_away:
                absent = wording.absent.get(kind)
                taken_away[kind] = bool(absent and absent.search(plain))
            if taken_away[kind]:
                continue
            if overlaps:
                others.pop()
            others.append(Cue(kind, Span(start, match.end()), _STRENGTHS[reason]))
    flat = [
        Cue(
            cue.kind,
            Span(places[cue.span.start], places[cue.span.end - 1] + 1) if places else cue.span,
            max(0, cue.strength - len(sober)),
        )
        for others in found.values()
        for cue in others
    ]
    return tuple(sorted(flat, key=lambda cue: (cue.span, cue.kind)))


def _is_taken_back(kind: CueKind, match: re.Match[str], wording: Cueing) -> bool:
    """Whether the words right before or behind a cue leave nothing of it."""
    start, end = match.span()
    before, after = wording.before.get(kind), wording.after.get(kind)
    return bool(
        (before and before.search(match.string, max(0, start - _REACH), start))
        or (after and after.match(match.string, end))
    )


def overstates(found: Iterable[Cue]) -> bool:
    """Whether the cues of one claim together go beyond what evidence usually allows.

    Their strengths are added up; of cues that share words, only the strongest counts.
    """
    total = strongest = end = 0
    for cue in sorted((cue for cue in found if cue.strength), key=lambda cue: cue.span):
        if cue.span.start >= end:
            total, strongest = total + strongest, 0
        strongest, end = max(strongest, cue.strength), max(end, cue.span.end)
    return total + strongest >= _ENOUGH


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """`text` as the patterns see it, and the place in `text` of each of its characters.

    No places stand for the same places.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(
            small if len(small := character.lower()) == 1 else character for character in text
        )
    plain = lowered.translate(_STRAIGHT)
    if "  " not in plain:
        return plain, ()
    places = [
        place
        for place, character in enumerate(plain)
        if character != " " or not plain.startswith(" ", place - 1) or not place
    ]
    return "".join(plain[place] for place in places), places
