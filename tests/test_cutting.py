"""Properties of cutting that hold for any text whatever."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.articles.clean import canonical
from factcheck.claims.identity import normalised
from factcheck.claims.paragraphs import paragraphs
from factcheck.claims.segment import claims_of, segment
from factcheck.claims.wording import wording
from factcheck.model import Article, Kind, Span

# What articles of the web, PDF files and hostile hands are made of.
FRAGMENTS = [
    *("Naps restore memory.", "Naps help", "Dr. Lee et al. (2020) gave 0.5 mg/kg i.v. Adults"),
    *("It costs more in the U.S. The", "vitamin D. Studies", "at 9 p.m. They", "ended.Then"),
    *("“It works. It cured me,” he said.", "“Why?” Ann Lee asked.", "(It does. It", "etc.). and "),
    *(" [24]", "[3, 5]", ".1,2", "¹", "1. ", "1.", "2.)", "(a)", "• ", "- ", "* ", "## ", " | "),
    *("😀", "\U0001f469\u200d\u2695\ufe0f", "\u00a0", "\u3000", " ", "  ", "\t", "\n", "\n\n"),
    *("\n  - ", "…", "...", ". . .", "?!", "!", "”", '"', "'", ")", "READ ALSO ", "Share", "###"),
    *("Comments", "About the author", "About Acme", "References", "Related Articles", "Source: "),
    *("By Ann Lee, MD", "Let's explore", "You should see your doctor", "What is a nap?", "a.B"),
    *(
        "\u200b",
        "\u00ad",
        "\u0301",
        "ß",
        "İ",
        "東京。",
        "\u2028",
        "\x1c",
        "\x85",
        "\x0b",
        "x" * 600,
    ),
    *("which runs on to the next line\n", "and ends in a word such as the\n", "Always ", "If you "),
    *("3 Comments", "Figure 1.", "| "),
]
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=40).map("".join)

SENTENCES = st.builds(
    "{} {} the {} of {} adults in {}.".format,
    st.sampled_from(["Naps", "Short naps of half an hour", "Dr. Lee found that they"]),
    st.sampled_from(["restored", "did not change", "may have harmed"]),
    st.sampled_from(["memory", "mood and sleep, as far as anyone could tell,", "test scores"]),
    st.sampled_from(["old", "young", "12", "0.5 mg/kg i.v. treated"]),
    st.integers(1800, 2030),
)
PROSE = st.lists(SENTENCES, min_size=2, max_size=6).map(" ".join)


@given(hostile)
def test_every_character_that_is_not_blank_is_in_one_piece_and_pieces_are_in_order(
    text: str,
) -> None:
    text = canonical(text)
    end = 0
    for piece in segment(text):
        assert not text[end : piece.span.start].strip()
        said = piece.span.of(text)
        assert said
        assert said == said.strip()
        assert "\n\n" not in said
        end = piece.span.end
    assert not text[end:].strip()


@given(hostile)
def test_every_piece_has_a_kind_and_a_reason_for_it(text: str) -> None:
    kinds = wording().kinds
    assert all(kinds[piece.reason] is piece.kind for piece in segment(canonical(text)))


@given(hostile)
def test_a_claim_is_what_stands_at_its_place(text: str) -> None:
    article = Article("a.txt", "A", canonical(text))
    for claim in claims_of(article):
        assert article.text[claim.span.start : claim.span.end] == claim.text


@given(hostile)
def test_no_piece_goes_from_one_paragraph_into_another(text: str) -> None:
    text = canonical(text)
    spans = paragraphs(text)
    assert spans == sorted(spans)
    for piece in segment(text):
        assert any(span.start <= piece.span.start and piece.span.end <= span.end for span in spans)


@given(hostile, PROSE, PROSE)
def test_a_text_is_cut_and_sorted_alike_whatever_prose_stands_before_it(
    text: str, one: str, other: str
) -> None:
    def below(prose: str) -> list[tuple[int, int, Kind, str]]:
        opening = f"Naps and Memory\n\n{prose}\n\n"
        start = len(opening)
        return [
            (piece.span.start - start, piece.span.end - start, piece.kind, piece.reason)
            for piece in segment(opening + canonical(text))
            if piece.span.start >= start
        ]

    assert below(one) == below(other)


@given(hostile, hostile, PROSE)
def test_a_paragraph_of_prose_is_cut_alike_whatever_stands_around_it(
    before: str, after: str, prose: str
) -> None:
    opening = f"Naps and Memory\n\nNaps help.\n\n{canonical(before)}\n\n"
    text = f"{opening}{prose}\n\n{canonical(after)}"
    own = Span(len(opening), len(opening) + len(prose))
    cut = [piece.span for piece in segment(text) if own.start <= piece.span.start < own.end]
    alone = f"Naps and Memory\n\nNaps help.\n\n{prose}"
    shift = len(opening) - (len(alone) - len(prose))
    assert cut == [
        Span(piece.span.start + shift, piece.span.end + shift) for piece in segment(alone)[2:]
    ]


@given(PROSE, st.integers(50, 100))
def test_a_hard_wrap_changes_no_sentence_and_moves_no_offset(prose: str, width: int) -> None:
    wrapped = textwrap.fill(prose, width, break_long_words=False, break_on_hyphens=False)
    flat, broken = (f"Naps and Memory\n\n{text}" for text in (prose, wrapped))
    assert [piece.span for piece in segment(broken)] == [piece.span for piece in segment(flat)]
    assert [normalised(piece.span.of(broken)) for piece in segment(broken)] == [
        piece.span.of(flat) for piece in segment(flat)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "Naps of half an hour restored memory in 40 adults. Coffee did not.[24] ",
        *("a. ", "so, ", "It fell.[1] ", "[1,", "-" * 90, "if you ", "always please ", ". . ", "?"),
        *("!?", '"?', "ended.Then ", "“It works!” Ann Bo Cy Di ", "the thing, ", "Ann Lee, ", "x"),
        *("U.S. ", "1. ", "12 High ", "a@b.", "9am - ", "\u0301", "“", "(", "\n- a", "a,\n"),
        *("A | B\n", "a\n\nb"),
    ],
)
def test_a_megabyte_of_anything_takes_seconds(unit: str) -> None:
    # Quadratic work would take hours here: the limit of the test is what fails.
    text = unit * (1_000_000 // len(unit))
    assert segment(text)
