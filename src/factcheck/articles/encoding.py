"""Bytes to text: which encoding they are in, and what is done where that went wrong before."""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from factcheck.articles.clean import without_surrogates

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of Python's codecs, the ones that a page may name. `punycode` or `unicode_escape` are no
# character sets, and some of the others are slow on hostile bytes.
_CHARSETS = re.compile(
    r"(cp|iso8859|iso2022|koi8|mac|ptcp|utf-8|utf-16|utf-32|gb|big5|euc|shift|johab|hz|tis)"
)
# Latin letters, general punctuation and currency: what Western encodings hold.
_WESTERN = re.compile(r"[\x00-\u024f\u02b0-\u02ff\u2000-\u22ff]*")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MOST_CONTROLS = 0.01
_UNDECODED = re.compile("[\udc80-\udcff]")
# An emoji that was cut in UTF-8; one that was cut in UTF-16 is a surrogate.
_CUT_EMOJI = re.compile(rb"\xf0\x9f[\x80-\xbf]?(?![\x80-\xbf])")
_REPLACEMENT = "\ufffd".encode()

# Dashes, curly quotes, bullets, ellipses and no-break spaces come from a writer's keyboard.
# Mojibake always brings other characters with them.
_TYPED = re.compile(r"[\x00-\x7f\xa0\u2010-\u2015\u2018\u2019\u201c\u201d\u2022\u2026\ufeff]*")


class EncodingError(ValueError):
    """The bytes are no text. The message goes on from the file's name: "looks binary: …"."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and a remark on how it was read where that is not plain UTF-8."""

    text: str
    remarks: tuple[str, ...] = ()


def decoded(content: bytes, declared: str | None = None) -> Decoded:
    """`content` as text: by its byte order mark, as UTF-8, as declared, or else by guess.

    UTF-8 with some bytes of Windows-1252 in it, as text from two sources is, is read as both.
    Half an emoji becomes U+FFFD, and two halves of one are put together.
    Raises EncodingError for what is no text.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            try:
                return Decoded(content.decode(encoding))
            except UnicodeDecodeError as error:
                raise EncodingError(
                    f"is not valid {encoding.removesuffix('-sig').upper()}: byte "
                    f"0x{content[error.start]:02X} at offset {error.start}"
                ) from error
    if (zero := content.find(0)) >= 0:
        raise EncodingError(f"looks binary: there is a zero byte at offset {zero}")
    try:
        return Decoded(content.decode())
    except UnicodeDecodeError:
        pass
    try:
        text = _CUT_EMOJI.sub(_REPLACEMENT, content).decode(errors="surrogatepass")
        return Decoded(without_surrogates(text), ("read as UTF-8 with broken emoji",))
    except UnicodeDecodeError:
        pass
    if charset := _charset(declared):
        try:
            return _read_as(charset, content.decode(charset))
        except UnicodeDecodeError:
            pass
    halves = content.decode(errors="surrogateescape")
    strays = len(_UNDECODED.findall(halves))
    if strays <= sum(char > "\x7f" for char in halves) - strays:
        return Decoded(_UNDECODED.sub(_stray, halves), ("read as UTF-8 mixed with Windows-1252",))
    return _guessed(content)


def _charset(declared: str | None) -> str | None:
    """The codec for a declared character set. Latin-1 and ASCII mean Windows-1252 on the web."""
    if not declared or not declared.isascii() or "\0" in declared:
        return None
    try:
        name = codecs.lookup(declared.strip()).name
    except LookupError:
        return None
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    return name if _CHARSETS.match(name) else None


def _stray(half: re.Match[str]) -> str:
    return bytes([ord(half[0]) - 0xDC00]).decode("cp1252", "replace")


def _guessed(content: bytes) -> Decoded:
    # Only here: it takes 20 ms to import, and most files are UTF-8.
    import charset_normalizer

    best = charset_normalizer.from_bytes(content).best()
    encoding = _charset(best.encoding) if best else None
    if not best or not encoding:
        raise EncodingError("is in no encoding that can be recognised")
    text = str(best)
    if _WESTERN.fullmatch(text):
        # Among their Western relatives nothing but frequency tells these two.
        encoding = "mac_roman" if encoding.startswith("mac") else "cp1252"
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text, encoding = str(best), best.encoding
    if len(_CONTROLS.findall(text)) > _MOST_CONTROLS * len(text):
        raise EncodingError("looks binary: it is full of control characters")
    return _read_as(encoding, text)


def _read_as(encoding: str, text: str) -> Decoded:
    if encoding == "utf-8":
        return Decoded(text)
    name = re.sub(r"^cp(?=125\d)", "Windows-", encoding).replace("_", "-")
    return Decoded(text, (f"read as {name if 'Windows' in name else name.upper()}",))


def without_mojibake(text: str) -> Decoded:
    """`text` with characters put right that were decoded wrongly before, and nothing else changed.

    "doesnâ€™t" becomes "doesn’t"; quotes, ligatures, full-width letters and case stay as they are.
    """
    if _TYPED.fullmatch(text):
        return Decoded(text)
    repaired = _mojibake_repair()(text)
    return Decoded(repaired, ("repaired mojibake",)) if repaired != text else Decoded(text)


@functools.cache
def _mojibake_repair() -> Callable[[str], str]:
    import ftfy  # only here: it takes 50 ms

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    return functools.partial(ftfy.fix_text, config=config)
