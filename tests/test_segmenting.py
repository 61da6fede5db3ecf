"""Cutting an article into pieces."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.articles.clean import canonical
from factcheck.claims.segment import claims_of, segment
from factcheck.model import Article, Kind, Span
from pieces import cut, kinds_of, sorted_after_title

# What articles of the web are made of, put together in any order.
FRAGMENTS = [
    *("Naps restore memory.", "Naps help", "Dr. Lee et al. (2020) gave 0.5 mg/kg i.v.", "Is it?"),
    *("“It works. It cured me,” he said.", " [24]", "[3, 5]", ".1,2", "1. ", "1.", "(a)", "• "),
    *("- ", "😀", "\u00a0", " ", "  ", "\t", "\n", "\n\n", "…", "...", "?!", "”", "READ ALSO "),
    *("Comments", "About the author", "References", "Related Articles", "Let's explore"),
    *("By Ann Lee", "###", "\u200b", "ß", "東京。", "\u2028", "which runs on to the next line\n"),
]
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=30).map("".join)


@given(hostile)
def test_pieces_cover_every_character_that_is_not_blank_and_never_overlap(text: str) -> None:
    text = canonical(text)
    end = 0
    for piece in segment(text):
        assert not text[end : piece.span.start].strip()
        assert piece.span.start < piece.span.end
        assert piece.span.of(text) == piece.span.of(text).strip()
        assert "\n\n" not in piece.span.of(text)
        end = piece.span.end
    assert not text[end:].strip()


@given(hostile)
def test_a_claim_quotes_its_article_and_claims_are_numbered_in_order(text: str) -> None:
    article = Article("a.txt", "A", canonical(text))
    claims = claims_of(article)
    assert [claim.position for claim in claims] == list(range(1, len(claims) + 1))
    assert [claim.span for claim in claims] == [
        piece.span for piece in segment(article.text) if piece.kind is Kind.CLAIM
    ]
    assert all(claim.text == claim.span.of(article.text) for claim in claims)
    assert claims == claims_of(article, segment(article.text))


@pytest.mark.parametrize(
    "sentences",
    [
        # Abbreviations, decimals, doses and names.
        ["Dr. Lee gave 0.5 mg/kg i.v. to adults.", "They slept at 9 p.m. or later."],
        ["Smith et al. (2020) found p < .05 in mice vs. controls.", "Fig. 3 shows it."],
        ["It costs $3.50 in the U.S. and more abroad.", "Few pay."],
        ["Some wait… and wait.", "Does it help?", "Yes!", "It does."],
        # Words that are no abbreviations, though the sentence model holds them for such.
        ["It restores sleep.", "Patients wake early."],
        ["One nap is not enough at all.", "Naps must be regular.", "This works.", "Naps help."],
        ["She naps once a month.", "Adults with cancer.", "Memory stays low.", "Naps end."],
        # A citation belongs to the sentence before it, however it is set.
        ["Naps restore memory.[24]", "Coffee does not."],
        ["Naps restore memory. [3, 5-7]", "Coffee does not.[8][9]", "Tea may."],
        ["Naps restore memory.¹²", "Coffee does not.1,2", "Tea may [4].", "Juice may not."],
        ["Sales rose until 2001.10", "Tea fell by 1.5 Euros.", "It is 2001.5 on the scale."],
        ["“Naps restore memory.”[2]", "“Coffee does not.” [3]", "“Tea may.”"],
        # An enumerator belongs to the sentence after it.
        ["1. Naps restore memory.", "2. Coffee does not.", "(iii) Tea may."],
        # Quotations of several sentences, the attribution with its own.
        ["“Naps help.", "They helped me,” said Ann Lee.", "She still naps."],
        # Symbols without words stay with the sentence that they follow.
        ["😀 Naps help.", "They last. 😀😀"],
        ["Naps\u00a0help\u00a0Dr.\u00a0Lee.", "They last."],
        ["Naps help!", "They last.", "Nobody knows why?!", "Some do."],
        # An answer that looks like an abbreviation; a percentage spelled out.
        ["Are naps bad?", "No.", "Adults nap safely.", "Trial no. 5 found that."],
        ["Naps cut errors by 9 per cent.", "For most adults that is little."],
        # Units, hours and lettered names at the end of a sentence; names in small letters.
        ["Naps lasted for 2 h.", "Sleep was staged at 3 T.", "It held lipid A.", "It fell by 3 s."],
        ["Nurses slept until 6 a.m.", "Coffee came later.", "They left at 9 p.m. Eastern time."],
        [
            "The level fell.",
            "p53 was lost.",
            "mTOR signalling rose.",
            "It bound PTEN.4–7",
            "It left.",
        ],
        ["It helped nurses to sleep", "It is cheap.", "It ended.", "P.S. The beds were new."],
        # Notes of a wiki, and who is quoted.
        ["Naps are old.[citation needed]", "Romans took them.[a][12]", "Cats do."],
        ["“I wake up fresh.", "I nap daily.” – Ann L., Utrecht"],
        # A name in capitals ends a sentence, an abbreviation in capitals does not.
        ["Naps were approved by the FDA.", "Beds were not.", "Ann works at NAPWELL INC. Utrecht."],
    ],
)
def test_prose_is_cut_into_its_sentences(sentences: list[str]) -> None:
    assert cut("Adults were asked first. " + " ".join(sentences))[1:] == sentences


def test_a_line_feed_after_crlf_counts_once_and_every_offset_counts_code_points() -> None:
    text = canonical("Naps\r\n\r\n😀 Naps help Zoë’s memory.\r\nTea\u00a0does not.\r\n")
    assert kinds_of(text) == [
        ("heading", "Naps"),
        ("claim", "😀 Naps help Zoë’s memory."),
        ("claim", "Tea\u00a0does not."),
    ]
    assert segment(text)[1].span == Span(6, 31)


def test_a_hard_wrapped_paragraph_is_read_as_one_and_keeps_its_offsets() -> None:
    text = (
        "Naps and Memory\n"
        "Naps of half an hour restored memory in a trial of older adults that was\n"
        "run in 2019 by Dr. Ann Lee of Utrecht and her colleagues, among them two\n"
        "Swedish neurologists. The effect was gone by the evening.\n"
        "\n"
        "A nap does not replace the night. People who slept less than five hours\n"
        "did no better after it.\n"
    )
    assert cut(text) == [
        "Naps and Memory",
        (
            "Naps of half an hour restored memory in a trial of older adults that was\n"
            "run in 2019 by Dr. Ann Lee of Utrecht and her colleagues, among them two\n"
            "Swedish neurologists."
        ),
        "The effect was gone by the evening.",
        "A nap does not replace the night.",
        "People who slept less than five hours\ndid no better after it.",
    ]


def test_each_item_of_a_hard_wrapped_list_stands_by_itself() -> None:
    text = (
        "- Naps of half an hour restored memory in a trial of older adults, who\n"
        "  were healthy otherwise and slept as usual in the nights before it all\n"
        "- Coffee did nothing of the kind\n"
    )
    assert cut(text) == [text[: text.index("\n- C")], "- Coffee did nothing of the kind"]


def test_a_wrap_before_a_name_is_seen_by_how_full_the_lines_are() -> None:
    text = (
        "The trial was presented on Saturday at the yearly Congress of Sleep\n"
        "Medicine in Utrecht and will be published in full by the Archives of\n"
        "Napping.\n"
    )
    assert cut(text) == [text.strip()]


def test_items_in_small_letters_are_no_wrapped_lines() -> None:
    text = (
        "Naps and You\n\nAfter a nap in the afternoon, you may:\n"
        "feel groggy for some minutes, or even for the better part of an hour\n"
        "find it hard to talk\n"
        "keep yawning, which is harmless, until you have had something to drink\n"
    )
    assert [kind for kind, _ in kinds_of(text)] == ["heading", "nonclaim", *["claim"] * 3]
    assert len(cut(text)) == 5


def test_lines_that_are_not_wrapped_stay_apart() -> None:
    text = (
        "Naps and Memory\n"
        "Naps of half an hour restored memory in a trial of adults. They were healthy.\n"
        "How long it lasts\n"
        "The effect was gone by the evening, and coffee changed nothing about that.\n"
        "Side effects include:\n"
        "- grogginess for up to half an hour, which doctors call sleep inertia\n"
        "- poor sleep at night in people who nap late in the day\n"
        "Comments"
    )
    assert kinds_of(text) == [
        ("heading", "Naps and Memory"),
        ("claim", "Naps of half an hour restored memory in a trial of adults."),
        ("claim", "They were healthy."),
        ("heading", "How long it lasts"),
        (
            "claim",
            "The effect was gone by the evening, and coffee changed nothing about that.",
        ),
        ("heading", "Side effects include:"),
        ("claim", "- grogginess for up to half an hour, which doctors call sleep inertia"),
        ("claim", "- poor sleep at night in people who nap late in the day"),
        ("boilerplate", "Comments"),
    ]


def test_lines_that_all_start_with_capitals_are_a_list_and_no_wrapped_paragraph() -> None:
    listed = [
        "Naps have many advantages, for example,",
        "No tablets, no doctor, no hospital",
        "A nap takes just 10 to 15 minutes",
        "Fewer headaches, which cost days of work",
    ]
    assert cut("Naps\n\nNaps help.\n\n" + "\n".join(listed))[2:] == listed
    wrapped = (
        "The nurses who took part in the study worked in the hospitals of\n"
        "Utrecht, and were asked to nap for half an hour by Professor Lee of\n"
        "Leiden, who found that they made fewer errors by night than those in\n"
        "Amsterdam."
    )
    assert cut(f"Naps\n\nNaps help.\n\n{wrapped}")[2:] == [wrapped]


def test_boilerplate_of_several_sentences_is_cut_into_them() -> None:
    line = "© Sleep Desk. All rights reserved. Site by Ann."
    assert len(sorted_after_title(line)) == 3


@pytest.mark.slow
def test_segmenting_takes_time_in_proportion_to_the_text() -> None:
    # In one line, a megabyte of prose and of what makes patterns run on. Quadratic work
    # would take hours here: the limit of the test is what fails.
    prose = "Naps of half an hour restored memory in 40 adults. Coffee did not.[24] "
    for unit in (
        prose,
        "a. ",
        "so, ",
        "It fell.[1] ",
        "-" * 90,
        "if you ",
        ". . ",
        "“",
        "x",
        "\u0301",
    ):
        text = unit * (300_000 // len(unit))
        assert cut(text)


def test_the_sentence_model_is_not_loaded_before_something_is_cut() -> None:
    code = (
        "import sys, factcheck.claims.segment, factcheck.claims.context, factcheck.articles.read;"
        "sys.exit('nupunkt' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pieces_and_claims_agree_with_the_reading_by_hand(
    gold: list[dict[str, Any]], shared: Path
) -> None:
    kinds: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for row in gold:
        kinds[row["doc"]][row["start"], row["end"]] = row["kind"]

    claims_found = claims_missed = others_shown = 0
    for document, spans in kinds.items():
        text = (shared / "seeds" / document).read_bytes().decode()
        found = {(piece.span.start, piece.span.end): piece.kind.value for piece in segment(text)}
        assert found.keys() == spans.keys()  # exact-span F1 is 1
        for span, kind in spans.items():
            shown = found[span] == "claim"
            claims_found += shown and kind == "claim"
            claims_missed += not shown and kind == "claim"
            others_shown += shown and kind != "claim"
            assert not (shown and kind in {"boilerplate", "heading"})

    recall = claims_found / (claims_found + claims_missed)
    f1 = 2 * claims_found / (2 * claims_found + claims_missed + others_shown)
    assert recall >= 0.995
    assert f1 >= 0.99
