"""Finds articles: in a folder, in a file, in a file of many, on standard input."""

from __future__ import annotations

import bisect
import enum
import hashlib
import html
import io
import json
import os
import re
import stat
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from factcheck.articles.clean import canonical
from factcheck.articles.wordpress import ExportError, Item, is_export, items
from factcheck.errors import UsageError


class Format(enum.StrEnum):
    """How the text of one article is written. WORDPRESS is HTML as WordPress keeps it."""

    TEXT = "text"
    HTML = "html"
    WORDPRESS = "wordpress"
    MARKDOWN = "markdown"
    DOCX = "docx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Entry:
    """One article out of a file that holds many, with what the file says of it, as it says it.

    `format` is TEXT, HTML or WORDPRESS. `sha256` is the hex digest of the line, or of the post.
    """

    body: str
    format: Format
    sha256: str
    title: str | None = None
    url: str | None = None
    author: str | None = None
    published_at: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An article as it was found, not yet read. Cheap to find, and read in any process.

    `source` is its identity: the URL that its file gives for it, or the path below the root
    with `/`, followed by `#` and the article's id if the file holds many. `place` is where to
    look for it: the path, or `export.jsonl, line 12`. `size` counts the bytes of input that
    it takes up. `format` is None where the content has to tell.
    """

    source: str
    place: str
    size: int
    content: Path | bytes | Entry
    format: Format | None = None

    def sha256(self) -> str | None:
        """The hex digest of its bytes, by which to tell whether it was read before.

        None for a file that can't be read: reading it as an article says why.
        """
        if isinstance(self.content, Entry):
            return self.content.sha256
        if isinstance(self.content, bytes):
            return hashlib.sha256(self.content).hexdigest()
        try:
            if not stat.S_ISREG(self.content.stat().st_mode):
                return None
            with self.content.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A piece of the input that is no article, and why. The rest goes on.

    `source` is what it would be known by, as far as that is known, and can be printed.
    """

    source: str
    place: str
    message: str
    hint: str
    size: int


Found = Document | Refusal

_FORMATS = {
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".docx": Format.DOCX,
    ".pdf": Format.PDF,
}
_JSON_LINES = (".jsonl", ".ndjson")
SUFFIXES = (*_FORMATS, *_JSON_LINES)
# Is read if it is an export of WordPress.
_XML = ".xml"
# How much of a file has to be seen to know what it is.
_BEGINNING = 4096
_LONGEST_LOOK = 2**20
# Of so many articles it is remembered where each of them stands.
_RECENT = 20_000

# In bytes. An article of 32 MB is none, and its line is not worth the memory.
LARGEST_ENTRY = 32 * 2**20
# In bytes, for a file that may hold pictures besides its text.
LARGEST_FILE = 256 * 2**20
_LINK = re.compile(rb"<link\b[^<>]*>", re.I)
_CANONICAL = re.compile(rb"""\brel\s*=\s*["']?canonical\b""", re.I)
_HREF = re.compile(rb"""\bhref\s*=\s*["']?([^"'\s>]+)""", re.I)
_HEAD_OF_PAGE = 2**18
# In bytes: what an index of PostgreSQL holds.
_LONGEST_SOURCE = 2000


def documents(path: Path) -> Iterator[Found]:
    """The articles in the file `path`, or in the folder `path` and below, by name.

    Hidden files and folders, links that lead out of the folder, a README, and exports of other
    things than articles are passed over. Files of many articles are read as they are gone
    through, an article at a time. What names an article that was there before is refused.
    Raises UsageError if there is no such path, or no file of articles in it.
    """
    files = _files(path)
    root = path if path.is_dir() else path.parent
    return _distinct(found for file in files for found in _in_file(file, root))


def size_of(path: Path) -> int:
    """The bytes that `documents(path)` goes through, for a progress bar. Raises as it does."""
    return sum(_size(file) for file in _files(path))


def documents_in(stream: BinaryIO, name: str | None = None) -> Iterator[Found]:
    """The articles in `stream`, of which its beginning tells the kind, as in a file `name`.

    Raises UsageError if there is neither a name nor an address in it by which to know them.
    """
    return _distinct(_in_stream(stream, name))


def _distinct(found: Iterator[Found]) -> Iterator[Found]:
    """What is `found`, with a refusal in the place of each source that was there before."""
    names = _Names()
    for each in found:
        if isinstance(each, Document) and (before := names.add(each.source, each.place)):
            yield Refusal(
                each.source,
                each.place,
                f"{each.place} has the same name as {before}: {each.source}",
                "Each article needs a name of its own. Remove one of the two.",
                each.size,
            )
            continue
        yield each


class _Names:
    """The names of any number of articles, in eight bytes each: 64 bits of their digests.

    Of the last ones, it is known where they stand, too.
    """

    def __init__(self) -> None:
        self._recent: dict[int, str] = {}
        self._older: list[array[int]] = []  # each sorted

    def add(self, name: str, place: str) -> str | None:
        """Where an article of this name stood before, if one did."""
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        key = int.from_bytes(digest, "big")
        if key in self._recent:
            return self._recent[key]
        for keys in self._older:
            at = bisect.bisect_left(keys, key)
            if at < len(keys) and keys[at] == key:
                return "one before it"
        self._recent[key] = place
        if len(self._recent) == _RECENT:
            self._older.append(array("Q", sorted(self._recent)))
            self._recent.clear()
        return None


# ---- files


def _files(path: Path) -> list[Path]:
    try:
        path.stat()
    except OSError as error:
        raise UsageError(
            f"{path} can't be opened: {error.strerror}",
            hint="Name a folder of articles, or one file.",
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
                file.suffix.lower() in (*SUFFIXES, _XML)
                and not name.startswith(".")
                and file.stem.lower() != "readme"
                and Path(os.path.realpath(file)).is_relative_to(top)
                and not _holds_something_else(file)
            ):
                found.append(file)
    if not found:
        raise UsageError(
            f"{path} holds no articles",
            hint=f"Articles are read from files that end in {', '.join(SUFFIXES)}, and from "
            "WordPress's exports, in subfolders too.",
        )
    return sorted(found, key=lambda file: file.relative_to(path).as_posix())


def _refuse_folder(error: OSError) -> None:
    raise UsageError(
        f"{error.filename} can't be opened: {error.strerror}",
        hint="Give yourself the right to read this folder, or move it elsewhere.",
    ) from error


def _holds_something_else(file: Path) -> bool:
    """Whether a file in a folder is XML or JSON Lines, and not of articles."""
    suffix = file.suffix.lower()
    if suffix == _XML:
        return not is_export(_beginning(file))
    if suffix not in _JSON_LINES:
        return False
    try:
        record = json.loads(_beginning(file, _LONGEST_LOOK).lstrip().partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False  # whatever it is, each line is told
    return isinstance(record, dict) and not record.keys() & {"id", "url", "text", "html"}


def _beginning(file: Path, length: int = _BEGINNING) -> bytes:
    """The first bytes of a file, none if it can't be read or is no file: it is told later."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return b""
        with file.open("rb") as stream:
            return stream.read(length)
    except OSError:
        return b""


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _in_file(file: Path, root: Path) -> Iterator[Found]:
    name, place, size = file.relative_to(root).as_posix(), str(file), _size(file)
    try:
        name.encode()
    except UnicodeEncodeError:
        printable = place.encode(errors="backslashreplace").decode()
        yield Refusal(
            name.encode(errors="backslashreplace").decode(),
            printable,
            f"{printable}: the file's name is not UTF-8",
            "Rename the file: its name identifies the article in every export.",
            size,
        )
        return
    # The same name is spelled in NFD by macOS and in NFC elsewhere: one article, one id.
    name = unicodedata.normalize("NFC", name)
    suffix = file.suffix.lower()
    if suffix in _FORMATS:
        yield Document(name, place, size, file, _FORMATS[suffix])
    elif suffix in _JSON_LINES or _reader_of(_beginning(file)):
        yield from _in_export(file, name)
    else:
        yield Document(name, place, size, file)


def _in_export(file: Path, name: str) -> Iterator[Found]:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            message = f"{file} is not a regular file"
            hint = "Name a file. What a command writes is read with `-`."
            yield Refusal(name, str(file), message, hint, 0)
            return
        reader = _reader_of(_beginning(file)) or _json_lines
        with file.open("rb") as stream:
            yield from reader(stream, str(file), name)
    except OSError as error:
        yield Refusal(
            name,
            str(file),
            f"{file} can't be read: {error.strerror}",
            "See that the file is still there, and that you have the right to read it.",
            0,
        )


def _reader_of(beginning: bytes) -> Callable[[BinaryIO, str, str | None], Iterator[Found]] | None:
    """What goes through a file of many articles that begins like this. None if it is one."""
    if beginning.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _json_lines
    return _posts if is_export(beginning) else None


def _in_stream(stream: BinaryIO, name: str | None) -> Iterator[Found]:
    reader = io.BufferedReader(cast(io.RawIOBase, stream))
    try:
        if entries := _reader_of(reader.peek(_BEGINNING)):
            yield from entries(reader, name or "standard input", name)
            return
        content = reader.read(LARGEST_FILE + 1)
    finally:
        reader.detach()  # or else it closes the stream
    known_as = name or _address_in(content)
    if known_as is None:
        raise UsageError(
            "What comes from standard input has no name",
            hint="Give it one: it identifies the article in every export.",
        )
    if len(content) > LARGEST_FILE:
        message = f"{known_as} is larger than {LARGEST_FILE >> 20} MB, which no article is"
        yield Refusal(known_as, known_as, message, "Put it in files.", len(content))
    else:
        yield Document(known_as, known_as, len(content), content)


def _address_in(page: bytes) -> str | None:
    """The canonical address that a web page gives for itself."""
    for link in _LINK.findall(page, 0, _HEAD_OF_PAGE):
        href = _HREF.search(link)
        if _CANONICAL.search(link) and href:
            address = _in_a_line(html.unescape(href[1].decode(errors="replace")))
            if address and is_address(address) and len(address.encode()) <= _LONGEST_SOURCE:
                return address
    return None


# ---- JSON Lines


class _EntryError(ValueError):
    """What is wrong with an entry, and what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def _json_lines(stream: BinaryIO, file: str, name: str | None) -> Iterator[Found]:
    """The articles in a JSON Lines stream: one object a line, each with its own refusal."""
    number = 0
    while line := stream.readline(LARGEST_ENTRY + 1):
        number += 1
        place, size = f"{file}, line {number}", len(line)
        try:
            if size > LARGEST_ENTRY and not line.endswith(b"\n"):
                size += _skip_line(stream)
                raise _EntryError(
                    f"is longer than {LARGEST_ENTRY >> 20} MB",
                    "Put each article on a line of its own.",
                )
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip():
                continue
            record = _record(line)
            named = _name(_line_of(record, "url"), _line_of(record, "id"), name)
            yield Document(named, place, size, _entry(record, line))
        except _EntryError as error:
            source = f"{name or file}, line {number}"
            yield Refusal(source, place, f"{place} {error.message}", error.hint, size)


def _skip_line(stream: BinaryIO) -> int:
    skipped = 0
    while part := stream.readline(2**20):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _record(line: bytes) -> dict[str, Any]:
    again = "Export it again: each line is one JSON object, in UTF-8."
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise _EntryError(f"is not valid UTF-8: {error.reason}", again) from error
    except json.JSONDecodeError as error:
        raise _EntryError(
            f"is not valid JSON: {error.msg} at character {error.pos + 1}", again
        ) from error
    except (ValueError, RecursionError) as error:  # digits without end, brackets without end
        raise _EntryError("is not valid JSON: it can't be taken apart", again) from error
    if not isinstance(record, dict):
        raise _EntryError("is no JSON object", again)
    return record


def _name(url: str | None, given: str | None, file: str | None) -> str:
    """The URL of an article, or else the id that it is given within its file."""
    given = given or url
    if given is None:
        raise _EntryError(
            "has neither `url` nor `id`", "Give each article one: it identifies the article."
        )
    if url and is_address(url):
        name = url
    elif file:
        name = f"{file}#{given}"
    else:
        raise _EntryError(
            "has an `id` but no `url`", "Name the input: an id alone is known in its file only."
        )
    if len(name.encode()) > _LONGEST_SOURCE:
        raise _EntryError(
            "has a `url` or `id` that is too long",
            f"It identifies the article; write it in at most {_LONGEST_SOURCE:,} bytes.",
        )
    return name


def is_address(text: str) -> bool:
    """Whether `text` is a web address."""
    return text.lower().startswith(("http://", "https://")) and len(text.split()) == 1


def _entry(record: dict[str, Any], line: bytes) -> Entry:
    text, markup = _text_of(record, "text"), _text_of(record, "html")
    if text is None and markup is None:
        raise _EntryError(
            "has neither `text` nor `html`", "Export the article's text as one of the two."
        )
    return Entry(
        body=text or markup or "",
        format=Format.TEXT if text else Format.HTML,
        sha256=hashlib.sha256(line).hexdigest(),
        title=_line_of(record, "title"),
        url=_line_of(record, "url"),
        author=_line_of(record, "author"),
        published_at=_line_of(record, "published_at"),
        language=_line_of(record, "language"),
    )


def _text_of(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) and value.strip() else None


def _line_of(record: dict[str, Any], key: str) -> str | None:
    """The value of a short field. None if it is no text."""
    value = record.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _in_a_line(value) if isinstance(value, str) else None


def _in_a_line(text: str | None) -> str | None:
    """`text` in canonical form and on one line."""
    return " ".join(canonical(text).split()) or None if text else None


# ---- WordPress


def _posts(stream: BinaryIO, file: str, name: str | None) -> Iterator[Found]:
    """The published posts and pages in an export of WordPress."""
    any_found = False
    try:
        for item, language in items(stream):
            any_found = True
            yield _post(item, language, file, name)
    except ExportError as error:
        place = f"{file}, line {error.line}"
        source = f"{name or file}, line {error.line}"
        yield Refusal(source, place, f"{place} {error}", "Export it from WordPress again.", 0)
    else:
        if not any_found:
            message = f"{file} holds no published post or page"
            yield Refusal(name or file, file, message, "Export them from WordPress.", 0)


def _post(item: Item, language: str | None, file: str, name: str | None) -> Found:
    place = f"{file}, line {item.line}"
    link = _in_a_line(item.fields.get("link"))
    try:
        if item.too_long:
            raise _EntryError(
                f"is longer than {LARGEST_ENTRY >> 20} MB", "Cut the post into articles."
            )
        named = _name(link, _in_a_line(item.fields.get("post_id")), name)
    except _EntryError as error:
        source = f"{name or file}, line {item.line}"
        return Refusal(source, place, f"{place} {error.message}", error.hint, item.size)
    entry = Entry(
        body=item.content,
        format=Format.WORDPRESS,
        sha256=hashlib.sha256(item.content.encode()).hexdigest(),
        title=item.title,
        url=link,
        author=item.author,
        published_at=item.fields.get("post_date_gmt"),
        language=language,
    )
    return Document(named, place, item.size, entry)
