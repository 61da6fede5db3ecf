"""Reading articles: canonical text, finding files, and files that can't be read."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import pickle
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import found, read, write
from factcheck.articles.clean import canonical
from factcheck.articles.find import (
    LARGEST_ENTRY,
    Document,
    Refusal,
    documents,
    documents_in,
    size_of,
)
from factcheck.articles.read import ArticleError, read_article, title_of
from factcheck.errors import UsageError
from factcheck.model import Article

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text(
    "\r\n\v\f\x85\u2028\ufeff\0\ud83d\ude00e\u0301 "
)


@given(ANY_TEXT)
def test_canonical_text_stays_as_it_is_when_made_canonical_again(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@given(ANY_TEXT)
def test_canonical_text_can_be_encoded_and_has_no_other_control_character_than_tab_and_lf(
    text: str,
) -> None:
    once = canonical(text)
    once.encode()
    assert not {char for char in once if ord(char) < 32} - {"\t", "\n"}
    assert not set(once) & set("\x7f\x85\u2028\u2029\ufeff")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_a_line_feed(end: str) -> None:
    assert canonical(f"one{end}two") == "one\ntwo"


def test_canonical_text_is_composed_and_keeps_what_the_writer_typed() -> None:
    assert canonical("cafe\u0301") == "café"
    typed = "“Relief”\u00a0comes…\tfast – 😀"
    assert canonical(typed) == typed


def test_half_an_emoji_is_marked_and_two_halves_are_put_together() -> None:
    assert canonical("a\ud83d.") == "a\ufffd."
    assert canonical("a\ud83d\ude00.") == "a😀."


def test_an_article_is_read_with_its_title_and_a_source_relative_to_the_root(
    tmp_path: Path,
) -> None:
    file = write(tmp_path / "sleep" / "naps.txt", "Why We Nap\r\n\r\nNaps are short.\r\n")
    (document,) = found(tmp_path)
    article = read_article(document)
    assert document.place == str(file)
    assert document.size == size_of(tmp_path) == 31
    assert article.source == "sleep/naps.txt"
    assert article.title == "Why We Nap"
    assert article.text == "Why We Nap\n\nNaps are short.\n"


def test_the_source_of_a_single_file_is_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "naps.txt", "Naps are short.")
    assert read(file).source == "naps.txt"


def test_a_source_is_the_same_however_the_file_system_spells_its_accents(tmp_path: Path) -> None:
    write(tmp_path / "cafe\u0301.txt", "Coffee keeps people awake.")
    assert read(tmp_path).source == "café.txt"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_is_read_with_and_without_a_byte_order_mark_and_utf16_with_one(
    tmp_path: Path, encoding: str
) -> None:
    file = write(tmp_path / "a.txt", "Élan vital 😀 is a myth.".encode(encoding))
    assert read(file).text == "Élan vital 😀 is a myth."


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "is empty", "article's text"),
        (b" \r\n\t\n\xc2\xa0", "is empty", "article's text"),
        (b"Sleep\0less", "zero byte at offset 5", "plain text"),
        ("Sleep".encode("utf-16-le"), "zero byte at offset 1", "plain text"),
        (b"%PDF-1.7 ...", "is a PDF document", "plain text"),
        (b"PK\x03\x04...", "an office document", "plain text"),
        (b"\xff\xfeS\x00l", "is not valid UTF-16", "plain text"),
        (b"\x1f\x8b\x08...", "a compressed file", "plain text"),
    ],
)
def test_a_file_that_holds_no_readable_text_is_refused_with_a_way_out(
    tmp_path: Path, content: bytes, message: str, hint: str
) -> None:
    file = write(tmp_path / "a.txt", content)
    with pytest.raises(ArticleError) as caught:
        read(file)
    assert "a.txt" in caught.value.message
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(ArticleError, match="not a regular file"):
        read(tmp_path / "pipe.txt")
    (refusal,) = documents(tmp_path / "pipe.jsonl")
    assert isinstance(refusal, Refusal)
    assert "not a regular file" in refusal.message


def test_a_file_that_has_gone_is_an_error_of_that_article_alone(tmp_path: Path) -> None:
    (document,) = found(write(tmp_path / "gone.txt", "Text."))
    (tmp_path / "gone.txt").unlink()
    with pytest.raises(ArticleError, match="can't be read: No such file"):
        read_article(document)


def test_a_file_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        write(tmp_path / name, "Coffee keeps people awake.")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    write(tmp_path / "tea.txt", "Tea keeps people awake.")
    refusal, document = documents(tmp_path)
    assert isinstance(refusal, Refusal)
    assert "name is not UTF-8" in refusal.message
    assert refusal.source == r"caf\udce9.txt"
    assert document.source == "tea.txt"


def test_a_folder_is_searched_for_files_of_articles_in_a_fixed_order(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/z.text",
        "a.TXT",
        "README.md",
        "picture.png",
        "notes.doc",
        ".hidden.txt",
        ".git/c.txt",
    ):
        write(tmp_path / name, "Text.")
    export(tmp_path / "reviews.jsonl", {"article": "b.txt", "verdict": "supported"})
    (tmp_path / "folder.txt").mkdir()
    assert [document.source for document in found(tmp_path)] == ["a.TXT", "a/z.text", "b.txt"]


def test_a_link_that_leads_out_of_the_folder_is_passed_over(tmp_path: Path) -> None:
    outside = write(tmp_path / "secret.txt", "Not for the desk.")
    inside = write(tmp_path / "desk" / "a.txt", "Text.")
    (tmp_path / "desk" / "out.txt").symlink_to(outside)
    (tmp_path / "desk" / "in.txt").symlink_to(inside)
    (tmp_path / "desk" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert [document.source for document in found(tmp_path / "desk")] == ["a.txt", "in.txt"]


def test_a_single_file_is_found_whatever_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "draft.article", "Text.")
    assert [document.content for document in found(file)] == [file]


def test_a_missing_path_and_a_folder_without_articles_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be opened: No such file") as missing:
        documents(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no articles") as bare:
        documents(tmp_path)
    assert missing.value.hint is not None
    assert bare.value.hint is not None
    assert ".txt" in bare.value.hint


def export(path: Path, *lines: object) -> Path:
    """A JSON Lines file; bytes stand for a line as it is."""
    return write(
        path,
        b"".join(
            (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n"
            for line in lines
        ),
    )


NAPS = {
    "id": 7,
    "url": "https://example.org/naps",
    "title": "Why We Nap",
    "text": "Naps are short.\n\nThey help.",
    "published_at": "2024-05-06T07:08:09+02:00",
    "author": "A. Writer",
    "language": "en-GB",
}


def test_each_line_of_an_export_is_an_article_with_what_the_line_says_of_it(
    tmp_path: Path,
) -> None:
    file = export(tmp_path / "export.jsonl", NAPS, {"id": "b", "text": "Tea is hot."})
    first, second = found(file)
    article = read_article(first)
    assert first.place == f"{file}, line 1"
    assert first.size + second.size == size_of(file)
    assert article == Article(
        source="https://example.org/naps",
        title="Why We Nap",
        text="# Why We Nap\n\nNaps are short.\n\nThey help.",
        url="https://example.org/naps",
        author="A. Writer",
        published_at=datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC),
        language="en",
        original_sha256=hashlib.sha256(json.dumps(NAPS).encode() + b"\n").hexdigest(),
    )
    assert read_article(second).source == "export.jsonl#b"
    assert read_article(second).title == "Tea is hot."


def test_a_line_that_is_no_article_is_refused_by_its_number_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    lines = {
        b'{"id": 1, "text": ': "is not valid JSON",
        b"[" * 100_000: "is not valid JSON",
        b'{"id": ' + b"9" * 5000 + b"}": "is not valid JSON",
        b'{"id": 1, "text": "caf\xe9"}': "is not valid UTF-8",
        b"[1]": "is no JSON object",
        b'{"id": 1, "title": "Tea"}': "has neither `text` nor `html`",
        b'{"id": 1, "text": 5}': "has neither `text` nor `html`",
        b'{"text": "Tea is hot."}': "has neither `url` nor `id`",
        b'{"id": "' + b"x" * 2000 + b'", "text": "Tea."}': "has a `url` or `id` that is too long",
    }
    file = export(tmp_path / "export.jsonl", *lines, b" ", NAPS)
    *refusals, document = documents(file)
    for number, (refusal, message) in enumerate(zip(refusals, lines.values(), strict=True), 1):
        assert isinstance(refusal, Refusal)
        assert f"export.jsonl, line {number} {message}" in refusal.message
        assert refusal.hint
    assert document.source == NAPS["url"]


def test_a_line_without_end_is_passed_over_without_being_kept(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    with file.open("wb") as stream:
        stream.write(b'{"text": "')
        stream.seek(LARGEST_ENTRY + 10)
        stream.write(b'"}\n' + json.dumps(NAPS).encode())
    refusal, document = documents(file)
    assert isinstance(refusal, Refusal)
    assert "line 1 is longer than 32 MB" in refusal.message
    assert refusal.size + document.size == size_of(file)
    assert document.place.endswith("line 2")


def test_half_an_emoji_in_an_export_is_marked_and_never_reaches_the_database(
    tmp_path: Path,
) -> None:
    line = {"id": "a\ud83d", "title": "T\ude00", "text": "Tea \ud83d is hot.", "author": "\ud83d"}
    (document,) = found(export(tmp_path / "export.jsonl", line))
    article = read_article(pickle.loads(pickle.dumps(document)))
    assert article.source == "export.jsonl#a\ufffd"
    assert article.text == "# T\ufffd\n\nTea \ufffd is hot."
    assert article.author == "\ufffd"


def test_an_article_that_is_there_twice_is_refused_with_both_its_places(tmp_path: Path) -> None:
    export(tmp_path / "a.jsonl", NAPS)
    export(tmp_path / "b.ndjson", {"id": 1, "text": "Tea."}, NAPS | {"text": "Naps are long."})
    first, tea, again = documents(tmp_path)
    assert isinstance(again, Refusal)
    assert f"{tmp_path / 'b.ndjson'}, line 2" in again.message
    assert f"{tmp_path / 'a.jsonl'}, line 1" in again.message
    assert [first.source, tea.source] == [NAPS["url"], "b.ndjson#1"]


def test_an_article_is_told_from_fifty_thousand_others_in_few_bytes() -> None:
    numbers = [*range(50_000), 7, 49_998, 50_000]
    lines = (json.dumps({"id": number, "text": "Naps help."}).encode() for number in numbers)
    found = documents_in(io.BytesIO(b"\n".join(lines)), "export.jsonl")
    assert len(list(itertools.islice(found, 100))) == 100
    tracemalloc.start()
    try:
        seen = sum(isinstance(one, Document) for one in itertools.islice(found, 49_900))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == 49_900
    assert held < 5_000_000
    older, recent, new = found
    assert isinstance(older, Refusal)
    assert "line 50001 has the same name as one before it: export.jsonl#7" in older.message
    assert isinstance(recent, Refusal)
    assert "line 50002 has the same name as export.jsonl, line 49999" in recent.message
    assert isinstance(new, Document)


def test_standard_input_is_told_by_its_beginning() -> None:
    (line,) = documents_in(io.BytesIO(json.dumps(NAPS).encode()))
    assert line.source == NAPS["url"]
    (text,) = documents_in(io.BytesIO(b"Naps are short."), "naps")
    assert isinstance(text, Document)
    assert read_article(text).text == "Naps are short."
    assert text.source == "naps"


def test_what_comes_without_any_name_is_told_to_have_one() -> None:
    with pytest.raises(UsageError, match="has no name"):
        list(documents_in(io.BytesIO(b"Naps are short.")))
    (refusal,) = documents_in(io.BytesIO(b'{"id": 1, "text": "Tea."}'))
    assert isinstance(refusal, Refusal)
    assert "has an `id` but no `url`" in refusal.message


def test_a_stream_is_left_open() -> None:
    stream = io.BytesIO(b"Naps are short.")
    list(documents_in(stream, "naps"))
    assert not stream.closed


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        ("2024-05-06 07:08", datetime(2024, 5, 6, 7, 8, tzinfo=UTC)),
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("Mon, 06 May 2024 07:08:09 -0400", datetime(2024, 5, 6, 11, 8, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("last week", None),
        ("", None),
    ],
)
def test_dates_are_read_as_iso_8601_or_as_in_mail_and_are_in_utc(
    tmp_path: Path, said: str, moment: datetime | None
) -> None:
    article = read(export(tmp_path / "export.jsonl", NAPS | {"published_at": said}))
    assert article.published_at == moment


GERMAN = (
    "Ketamin ist ein Narkosemittel, das in der Medizin seit den sechziger Jahren eingesetzt wird. "
    "Es wirkt schnell und kann in niedrigen Dosen gegen Depressionen helfen."
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "German"),
        ("氯胺酮是一种麻醉药，用于治疗抑郁症，也用于缓解疼痛。患者应咨询医生。", "Chinese"),
        (
            "Ketamine is een verdovingsmiddel dat snel werkt en kan helpen tegen depressie.",
            "Dutch",
        ),
    ],
)
def test_another_language_is_named_and_read_only_as_english(
    tmp_path: Path, text: str, language: str
) -> None:
    file = write(tmp_path / "a.txt", text)
    with pytest.raises(ArticleError, match=f"a.txt is in {language}, not in English") as caught:
        read(file)
    assert caught.value.hint is not None
    assert "--as-english" in caught.value.hint
    (document,) = found(file)
    assert read_article(document, as_english=True).text == text


@pytest.mark.parametrize(
    "text",
    [
        "Ketamine relieves pain. Patients recover within hours. Doctors recommend six infusions.",
        "Ketamine 50 mg/ml; esketamine 28 mg; midazolam 5 mg/ml; propofol 10 mg/ml; ketorolac",
        "Schlaf gut.",
        "12 34 56 78 90 " * 20,
        "x" * 300,
    ],
)
def test_what_is_terse_short_or_no_language_is_not_taken_for_a_foreign_one(
    tmp_path: Path, text: str
) -> None:
    assert read(write(tmp_path / "a.txt", text)).language in (None, "en")


def test_pages_lie_about_their_language_and_the_text_is_believed(tmp_path: Path) -> None:
    english = "Naps are short, and they help those who have been awake for most of the night."
    export(tmp_path / "a.jsonl", NAPS | {"text": english, "language": "de"})
    assert read(tmp_path).language == "en"
    export(tmp_path / "a.jsonl", NAPS | {"title": "", "text": GERMAN, "language": "en"})
    with pytest.raises(ArticleError, match="German"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("encoding", "remark"),
    [
        ("cp1252", "read as Windows-1252"),
        ("mac_roman", "read as MAC-ROMAN"),
        ("utf-32", None),
    ],
)
def test_other_encodings_are_recognised_and_remarked_on(
    tmp_path: Path, encoding: str, remark: str | None
) -> None:
    text = "“It doesn’t hurt,” she said – and naïve patients agreed that it’s been worth it."
    article = read(write(tmp_path / "a.txt", text.encode(encoding)))
    assert article.text == text
    assert article.remarks == ((remark,) if remark else ())


def test_a_cyrillic_encoding_is_not_taken_for_a_western_one(tmp_path: Path) -> None:
    text = "Кетамин помогает больным депрессией быстрее других лекарств, говорят врачи."
    (document,) = found(write(tmp_path / "a.txt", text.encode("cp1251")))
    assert read_article(document, as_english=True).text == text


def test_text_of_two_sources_is_read_in_both_encodings(tmp_path: Path) -> None:
    content = "Café culture is “old”. ".encode() + "It’s everywhere.".encode("cp1252")
    article = read(write(tmp_path / "a.txt", content))
    assert article.text == "Café culture is “old”. It’s everywhere."
    assert article.remarks == ("read as UTF-8 mixed with Windows-1252",)
    assert article.original_sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"Naps help \xf0\x9f\x98", "Naps help \ufffd"),
        (b"Naps \xf0\x9f. \xf0\x9f\x98\x80", "Naps \ufffd. 😀"),
        ("It’s \ud83d cheap.".encode("utf-8", "surrogatepass"), "It’s \ufffd cheap."),
        ("Naps \ud83d\ude00 help.".encode("utf-8", "surrogatepass"), "Naps 😀 help."),
    ],
)
def test_half_an_emoji_in_a_file_is_marked_and_two_halves_are_put_together(
    tmp_path: Path, content: bytes, text: str
) -> None:
    article = read(write(tmp_path / "a.txt", content))
    assert article.text == text
    assert article.remarks == ("read as UTF-8 with broken emoji",)


def test_mojibake_is_repaired_and_nothing_else_is_touched(tmp_path: Path) -> None:
    article = read(write(tmp_path / "a.txt", "It doesnâ€™t hurt. ﬁne ‘x’ ＡＢ &amp; It's ë"))
    assert article.text == "It doesn’t hurt. ﬁne ‘x’ ＡＢ &amp; It's ë"
    assert article.remarks == ("repaired mojibake",)


def test_plain_text_loads_no_library_for_other_formats(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.txt", "It’s been shown that the naps of children are – as a rule – short."
    )
    probe = (
        "import sys; from pathlib import Path; from factcheck.articles import find, read;"
        f"read.read_article(next(find.documents(Path({str(file)!r})))); print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    heavy = {"charset_normalizer", "ftfy", "lxml", "mammoth", "markdown_it", "numpy", "py3langid"}
    assert not {"trafilatura", "pypdfium2", *heavy} & set(ran.stdout.split())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n\n  Naps  at \u00a0 Work\n\nNaps are short.", "Naps at Work"),
        ("Health\n\nWhat a Nap Does to You\n\nNaps are short.", "What a Nap Does to You"),
        ("Mental Health\n\nWhat a Nap Does to You\n\nText.", "What a Nap Does to You"),
        ("Napping\n\nNaps are short.", "Napping"),
        ("Napping\nWhy We Sleep by Day\n\nText.", "Napping"),
        ("# Napping\n\nNaps are short.", "Napping"),
        ("word " * 60, "word " * 23 + "word…"),
        ("x" * 200, "x" * 120 + "…"),
    ],
)
def test_the_title_is_the_first_line_that_is_no_label_of_the_page(text: str, title: str) -> None:
    assert title_of(text) == title


def test_in_a_folder_a_readme_and_lines_of_other_things_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "naps.md").write_text("# Naps\n\nA nap lifts the mood.\n")
    (tmp_path / "README.md").write_text("# These articles\n\nThey are five.\n")
    (tmp_path / "reviews.jsonl").write_text('{"claim": "A nap lifts the mood."}\n')
    (tmp_path / "export.jsonl").write_text('{"id": "a", "text": "A nap is short."}\n')
    found = [one.source for one in documents(tmp_path) if isinstance(one, Document)]
    assert found == ["export.jsonl#a", "naps.md"]
    (alone,) = documents(tmp_path / "README.md")
    assert isinstance(alone, Document)
