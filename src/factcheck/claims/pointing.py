"""Where a claim is worth a second look: its cues and its separately checkable parts."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from factcheck.claims import lexicon
from factcheck.claims.cues import cueing, cues
from factcheck.claims.grammar import vocabulary
from factcheck.claims.parts import parts
from factcheck.model import Cue, Span

# Which of the ways to point that there have been, apart from the words: a new number has ingest
# read every document again, although it has not changed.
VERSION = 4


@dataclass(frozen=True, slots=True)
class Pointing:
    """How a desk points, with what it adds in its file `own` if that is there.

    Raises UsageError where that file can't be used. What comes with factcheck is loaded when it
    is first needed: that takes a third of a second.
    """

    own: Path | None = None

    def __post_init__(self) -> None:
        if self.own is not None and self.own.exists():
            cueing(self.own)
            vocabulary(self.own)

    @property
    def rules(self) -> str:
        """Names the rules in force, such as `1-0f3a91c4`: by the same rules a claim's are alike."""
        return f"{VERSION}-{_fingerprint(self.own)}"

    def cues(self, claim: str) -> tuple[Cue, ...]:
        """The wording of `claim` that is worth a second look."""
        return cues(claim, cueing(self.own))

    def parts(self, claim: str) -> tuple[Span, ...]:
        """The statements in `claim` that could get different verdicts."""
        return parts(claim, vocabulary(self.own))


@functools.cache
def _fingerprint(own: Path | None) -> str:
    return lexicon.fingerprint(lexicon.load("cues.toml", own))[:8]
