"""Canonical text: the one form of an article that every offset and digest counts in."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# What is left of C0 after tab and the line ends, DEL, and the byte order mark.
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff]+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def canonical(text: str) -> str:
    """`text` in NFC with LF line ends, and without control characters other than tab.

    A surrogate pair becomes the character it stands for, half a pair becomes U+FFFD, so
    the result can always be encoded. `canonical(canonical(x)) == canonical(x)`.
    """
    text = _DROPPED.sub("", text)
    text = _LINE_ENDS.sub("\n", text)
    return unicodedata.normalize("NFC", without_surrogates(text))


def without_surrogates(text: str) -> str:
    """`text` with the character that a surrogate pair stands for, and U+FFFD for half a pair."""
    if _SURROGATES.search(text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
