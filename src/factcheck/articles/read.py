"""Finds article files and reads them. Plain text in UTF-8, or in UTF-16 with a byte order mark."""

from __future__ import annotations

import codecs
import os
import shlex
import stat
import unicodedata
from pathlib import Path

from factcheck.articles.clean import canonical
from factcheck.errors import UsageError
from factcheck.model import Article

SUFFIXES = (".txt", ".text")

_TITLE_LENGTH = 120
_SAVE_AS_TEXT = "Save the article as plain text in UTF-8 and ingest that file."
_SIGNATURES = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"{\\rtf": "a rich text document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x1f\x8b": "a compressed file",
}


class ArticleError(UsageError):
    """This file can't be read as an article. Others may: the rest of a run can go on."""


def find_articles(path: Path) -> list[Path]:
    """The article files in the folder `path` and below, sorted, or `path` itself if it is a file.

    Hidden files and folders, and links that lead out of the folder, are passed over. Raises
    `UsageError` if there is no such path, or no article in it.
    """
    try:
        path.stat()
    except OSError as error:
        raise UsageError(
            f"{path} can't be opened: {error.strerror}",
            hint="Name a folder of .txt files, or one such file.",
        ) from error
    if not path.is_dir():
        return [path]
    top = path.resolve()
    found = []
    for folder, subfolders, names in os.walk(path, onerror=_refuse_folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            if (
                file.suffix.lower() in SUFFIXES
                and not name.startswith(".")
                and Path(os.path.realpath(file)).is_relative_to(top)
            ):
                found.append(file)
    if not found:
        raise UsageError(
            f"{path} holds no articles",
            hint="Articles are read from files that end in .txt or .text, in subfolders too.",
        )
    return sorted(found, key=lambda file: file.relative_to(path).as_posix())


def _refuse_folder(error: OSError) -> None:
    raise UsageError(
        f"{error.filename} can't be opened: {error.strerror}",
        hint="Give yourself the right to read this folder, or move it elsewhere.",
    ) from error


def read_article(path: Path, root: Path) -> Article:
    """The article in the file `path`, which is `root` or stands below it.

    Its source is the path from `root` on, with `/`, or the bare name if `root` is the file.
    Raises `ArticleError` if the file can't be read, or holds no text.
    """
    source = _source(path, root)
    text = canonical(_decoded(path, _content(path)))
    if not text.strip():
        raise ArticleError(f"{path} is empty", hint="Put the article's text in it, or remove it.")
    return Article(source=source, title=title_of(text), text=text)


def _source(path: Path, root: Path) -> str:
    source = path.name if path == root else path.relative_to(root).as_posix()
    try:
        source.encode()
    except UnicodeEncodeError:
        raise ArticleError(
            f"{source.encode(errors='backslashreplace').decode()}: the file's name is not UTF-8",
            hint="Rename the file: its name identifies the article in every export.",
        ) from None
    # The same name is spelled in NFD by macOS and in NFC elsewhere: one article, one id.
    return unicodedata.normalize("NFC", source)


def _content(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ArticleError(
                f"{path} is not a regular file", hint="Name a text file, or a folder of them."
            )
        return path.read_bytes()
    except OSError as error:
        raise ArticleError(
            f"{path} can't be read: {error.strerror}",
            hint="See that the file is still there, and that you have the right to read it.",
        ) from error


def _decoded(path: Path, content: bytes) -> str:
    for signature, what in _SIGNATURES.items():
        if content.startswith(signature):
            raise ArticleError(f"{path} is {what}, not plain text", hint=_SAVE_AS_TEXT)
    encoding = "utf-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif (zero := content.find(0)) >= 0:
        raise ArticleError(
            f"{path} looks binary: there is a zero byte at offset {zero}", hint=_SAVE_AS_TEXT
        )
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        name = shlex.quote(path.name)
        raise ArticleError(
            f"{path} is not valid {encoding.upper()}: byte 0x{content[error.start]:02X} "
            f"at offset {error.start}",
            hint=f"Convert it to UTF-8. From Windows-1252, the likeliest, that is "
            f"`iconv -f WINDOWS-1252 -t UTF-8 {name} > converted.txt`.",
        ) from error


def title_of(text: str) -> str:
    """The first line of a canonical text, or the second if the first is the page's label.

    A label is one or two words (`Health`) with a blank line and another headline-like line
    after it. The title is on one line and at most 120 characters long. Empty if `text` is blank.
    """
    lines = [" ".join(line.split()) for line in text.lstrip().split("\n", 8)[:8]]
    title = lines[0]
    if _like_headline(title) and len(title.split()) <= 2 and lines[1:2] == [""]:
        following = next((line for line in lines if line and line is not title), "")
        if _like_headline(following) and len(following.split()) > 2:
            title = following
    title = title.lstrip("# ") or title
    if len(title) <= _TITLE_LENGTH:
        return title
    return title[:_TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


def _like_headline(line: str) -> bool:
    return 0 < len(line) <= _TITLE_LENGTH and line[-1] not in ".!,;:…"
