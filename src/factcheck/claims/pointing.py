"""Where a claim is worth a second look: its cues and its separately checkable parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from factcheck.claims.cues import cueing, cues
from factcheck.claims.parts import joints, parts
from factcheck.model import Cue, Span


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
            joints(self.own)

    def cues(self, claim: str) -> tuple[Cue, ...]:
        """The wording of `claim` that is worth a second look."""
        return cues(claim, cueing(self.own))

    def parts(self, claim: str) -> tuple[Span, ...]:
        """The statements in `claim` that could get different verdicts."""
        return parts(claim, joints(self.own))
