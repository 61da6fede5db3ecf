"""Where a claim is worth a second look: its cues and its separately checkable parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from factcheck.claims.cues import Cueing, cueing, cues
from factcheck.claims.parts import Joints, joints, parts
from factcheck.model import Cue, Span


@dataclass(frozen=True, slots=True)
class Pointing:
    """How a desk points, with what it adds in its file `own` if that is there.

    Raises UsageError where that file can't be used.
    """

    own: Path | None = None
    _cueing: Cueing = field(init=False, repr=False)
    _joints: Joints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cueing", cueing(self.own))
        object.__setattr__(self, "_joints", joints(self.own))

    def cues(self, claim: str) -> tuple[Cue, ...]:
        """The wording of `claim` that is worth a second look."""
        return cues(claim, self._cueing)

    def parts(self, claim: str) -> tuple[Span, ...]:
        """The statements in `claim` that could get different verdicts."""
        return parts(claim, self._joints)
