"""A claim's id: the same for the same words, and untouched by edits elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.articles.clean import canonical
from factcheck.claims.identity import claim_id, normalised
from factcheck.claims.segment import claims_of
from factcheck.model import Article


def ids_of(text: str, source: str = "naps.txt") -> list[str]:
    return [claim.id for claim in claims_of(Article(source, "Naps", canonical(text)))]


@given(st.text() | st.text("e\u0301\u200d\u00ad\u00a0’“” \n\ufeff\u2009a"))
def test_normalised_text_stays_as_it_is_when_normalised_again(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  It\u00a0 works\n today. ", "It works today."),
        ("It’s “safe”", 'It\'s "safe"'),
        ("neuro\u00adplasticity", "neuroplasticity"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("cafe\u0301", "café"),
        ("e\u200d\u0301", "é"),
        ("Naps HELP", "Naps HELP"),
    ],
)
def test_differences_that_no_reader_sees_are_normalised_away(written: str, read: str) -> None:
    assert normalised(written) == read


def test_an_id_is_known_to_the_letter() -> None:
    # Ids stand in Label Studio and in every export: a change here orphans them all.
    assert claim_id("naps-1f0c2a9b", "Naps “restore” memory.", 0) == "ce7defd8740efe69c"


def test_an_id_depends_on_article_words_and_occurrence() -> None:
    ids = {
        claim_id("a", "Naps help.", 0),
        claim_id("b", "Naps help.", 0),
        claim_id("a", "Naps Help.", 0),
        claim_id("a", "Naps help.", 1),
    }
    assert len(ids) == 4
    assert all(re.fullmatch(r"c[0-9a-f]{16}", name) for name in ids)


def test_curly_quotes_line_breaks_and_soft_hyphens_leave_an_id_alone() -> None:
    plain = ids_of("The nap's effect on long memory is real, and it lasts for a day or two.")
    typeset = ids_of(
        "The nap’s effect on long mem\u00adory is real,\nand it lasts for a\u00a0day or two."
    )
    assert plain == typeset


def test_the_same_sentence_twice_in_an_article_makes_two_claims() -> None:
    text = "Naps help memory. Coffee does not.\n\nNaps help memory."
    claims = claims_of(Article("naps.txt", "Naps", text))
    assert [(claim.text, claim.occurrence, claim.position) for claim in claims] == [
        ("Naps help memory.", 0, 1),
        ("Coffee does not.", 0, 2),
        ("Naps help memory.", 1, 3),
    ]
    assert len({claim.id for claim in claims}) == 3


def test_the_same_sentence_in_two_articles_has_two_ids() -> None:
    assert ids_of("Naps help memory.", "a.txt") != ids_of("Naps help memory.", "b.txt")


sentences = st.builds(
    "{} {} {} in {}.".format,
    st.sampled_from(["Naps", "Dr. Lee says that naps", "“Short” naps", "🌿 Long naps"]),
    st.sampled_from(["restore", "may harm", "do not change"]),
    st.sampled_from(["memory", "mood, e.g. joy,", "1.5 of 3 test scores"]),
    st.integers(1800, 9999),
)
prose = st.lists(sentences, min_size=1, max_size=3).map(" ".join)
edits = (
    st.sampled_from(
        [
            "",
            "Comments",
            "Related Articles",
            "A Heading",
            "Is it so?",
            "- an item",
            "###",
            "a line,\nand more",
        ]
    )
    | prose
    | st.text()
)


@given(st.lists(prose, min_size=2, max_size=6), st.data())
def test_editing_a_paragraph_leaves_the_ids_of_the_others_alone(
    paragraphs: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(paragraphs) - 1))
    edited = [*paragraphs]
    edited[at] = data.draw(edits)
    others = set(ids_of("\n\n".join(paragraphs[:at] + paragraphs[at + 1 :])))
    assert others <= set(ids_of("\n\n".join(edited)))


@given(st.lists(prose | st.sampled_from(["Naps help.", "Naps  help."]), max_size=6))
def test_no_two_claims_of_an_article_share_an_id(paragraphs: list[str]) -> None:
    ids = ids_of("\n\n".join(paragraphs))
    assert len(set(ids)) == len(ids)
