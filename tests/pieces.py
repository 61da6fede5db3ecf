"""How a text is cut and sorted, in the fewest words for a test."""

from __future__ import annotations

from factcheck.claims.segment import segment
from factcheck.model import Piece


def kinds_of(text: str) -> list[tuple[str, str]]:
    return [(piece.kind.value, piece.span.of(text)) for piece in segment(text)]


def cut(text: str) -> list[str]:
    return [piece.span.of(text) for piece in segment(text)]


def sorted_after_title(line: str) -> list[Piece]:
    """The pieces of a line that stands below a title and a paragraph, above another."""
    opening = "Naps and Memory\n\nNaps restore memory in adults.\n\n"
    text = f"{opening}{line}\n\nThe effect lasts for hours. It fades by night."
    return [
        piece
        for piece in segment(text)
        if len(opening) <= piece.span.start < len(opening) + len(line)
    ]
