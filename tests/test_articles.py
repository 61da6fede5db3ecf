"""Reading articles: canonical text, finding files, and files that can't be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.articles.clean import canonical
from factcheck.articles.read import ArticleError, find_articles, read_article, title_of
from factcheck.errors import UsageError

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text(
    "\r\n\v\f\x85\u2028\ufeff\0\ud83d\ude00e\u0301 "
)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


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
    article = read_article(file, tmp_path)
    assert article.source == "sleep/naps.txt"
    assert article.title == "Why We Nap"
    assert article.text == "Why We Nap\n\nNaps are short.\n"


def test_the_source_of_a_single_file_is_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "naps.txt", "Naps are short.")
    assert read_article(file, file).source == "naps.txt"


def test_a_source_is_the_same_however_the_file_system_spells_its_accents(tmp_path: Path) -> None:
    file = write(tmp_path / "cafe\u0301.txt", "Coffee keeps people awake.")
    assert read_article(file, tmp_path).source == "café.txt"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf8_is_read_with_and_without_a_byte_order_mark_and_utf16_with_one(
    tmp_path: Path, encoding: str
) -> None:
    file = write(tmp_path / "a.txt", "Élan vital 😀 is a myth.".encode(encoding))
    assert read_article(file, tmp_path).text == "Élan vital 😀 is a myth."


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "is empty", "article's text"),
        (b" \r\n\t\n\xc2\xa0", "is empty", "article's text"),
        (b"Sleep\0less", "zero byte at offset 5", "plain text"),
        ("Sleep".encode("utf-16-le"), "zero byte at offset 1", "plain text"),
        (b"%PDF-1.7 ...", "is a PDF document", "plain text"),
        (b"PK\x03\x04...", "an office document", "plain text"),
        ("Caf\xe9 culture".encode("cp1252"), "byte 0xE9 at offset 3", "iconv -f WINDOWS-1252"),
        (b"\xff\xfeS\x00l", "is not valid UTF-16", "Convert"),
    ],
)
def test_a_file_that_holds_no_readable_text_is_refused_with_a_way_out(
    tmp_path: Path, content: bytes, message: str, hint: str
) -> None:
    file = write(tmp_path / "a.txt", content)
    with pytest.raises(ArticleError) as caught:
        read_article(file, tmp_path)
    assert "a.txt" in caught.value.message
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path / "pipe.txt", tmp_path):
        with pytest.raises(ArticleError, match="not a regular file"):
            read_article(path, tmp_path)


def test_a_file_that_has_gone_is_an_error_of_that_article_alone(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="can't be read: No such file"):
        read_article(tmp_path / "gone.txt", tmp_path)


def test_a_file_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        write(tmp_path / name, "Coffee keeps people awake.")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    with pytest.raises(ArticleError, match="name is not UTF-8"):
        read_article(tmp_path / name, tmp_path)


def test_a_folder_is_searched_for_text_files_in_a_fixed_order(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/z.text",
        "a.TXT",
        "README.md",
        "notes.pdf",
        ".hidden.txt",
        ".git/c.txt",
    ):
        write(tmp_path / name, "Text.")
    found = [file.relative_to(tmp_path).as_posix() for file in find_articles(tmp_path)]
    assert found == ["a.TXT", "a/z.text", "b.txt"]


def test_a_link_that_leads_out_of_the_folder_is_passed_over(tmp_path: Path) -> None:
    outside = write(tmp_path / "secret.txt", "Not for the desk.")
    inside = write(tmp_path / "desk" / "a.txt", "Text.")
    (tmp_path / "desk" / "out.txt").symlink_to(outside)
    (tmp_path / "desk" / "in.txt").symlink_to(inside)
    (tmp_path / "desk" / "up").symlink_to(tmp_path, target_is_directory=True)
    names = [file.name for file in find_articles(tmp_path / "desk")]
    assert names == ["a.txt", "in.txt"]


def test_a_single_file_is_found_whatever_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "draft.article", "Text.")
    assert find_articles(file) == [file]


def test_a_missing_path_and_a_folder_without_articles_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be opened: No such file") as missing:
        find_articles(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no articles") as bare:
        find_articles(tmp_path)
    assert missing.value.hint is not None
    assert bare.value.hint is not None
    assert ".txt" in bare.value.hint


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
