"""Cutting an article into pieces, and telling claims from the rest."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck import bundled
from factcheck.articles.clean import canonical
from factcheck.claims.segment import claims_of, segment
from factcheck.claims.wording import wording
from factcheck.model import Article, Kind, Piece, Span

# What articles of the web are made of, put together in any order.
FRAGMENTS = [
    *("Naps restore memory.", "Naps help", "Dr. Lee et al. (2020) gave 0.5 mg/kg i.v.", "Is it?"),
    *("“It works. It cured me,” he said.", " [24]", "[3, 5]", ".1,2", "1. ", "1.", "(a)", "• "),
    *("- ", "😀", "\u00a0", " ", "  ", "\t", "\n", "\n\n", "…", "...", "?!", "”", "READ ALSO "),
    *("Comments", "About the author", "References", "Related Articles", "Let's explore"),
    *("By Ann Lee", "###", "\u200b", "ß", "東京。", "\u2028", "which runs on to the next line\n"),
]
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=30).map("".join)


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


@pytest.mark.parametrize(
    "line",
    [
        "Side Effects of Napping",
        "Side effects",
        "CONCLUSION",
        "How it works in adults",
        "Naps: What the Evidence Says",
        "What Is a Nap?",
        "## Side effects",
        "3. Naps at work",
        "Key points:",
        "FAQs",
    ],
)
def test_a_line_that_is_a_label_is_a_heading(line: str) -> None:
    assert [(piece.kind, piece.reason) for piece in sorted_after_title(line)] == [
        (Kind.HEADING, "heading")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Is a nap good for you?",
        "1. How Long Should a Nap Last?",
        "Does it help, and if so, whom?",
        "“But is it safe?” 🤔",
        "Does that mean a nap every day?!",
    ],
)
def test_a_sentence_that_asks_is_a_question(line: str) -> None:
    assert [piece.kind for piece in sorted_after_title(line)] == [Kind.QUESTION]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("READ ALSO\u00a0 Ten Pillows We Love", "related"),
        ("See also: What Your Pillow Says About You", "related"),
        ("Related: Is Your Pillow Too Soft?", "related"),
        ("For more information, visit www.example.org.", "related"),
        ("Related searches: naps near me, naps for adults", "related"),
        ("Full article at http://example.org/naps", "related"),
        ("(More sound sleep stories.)", "navigation"),
        ("Tap to Add to Home Screen.", "navigation"),
        ("Picture of a cat on a pillow.", "credit"),
        ("This article is reviewed by a team of sleep nurses.", "provenance"),
        ("Note: This article is for informational purposes only.", "disclaimer"),
        ("Northern Sleep Care, LLC.", "contact"),
        ("Lee, A. B., & Wu, C. (2019). Naps in adults: a trial. Sleep Notes, 23.", "references"),
        ("Lee AB, Wu C, and Roe D. Naps in adults. J Sleep Notes. 2012; 5(1): 5–13.", "references"),
        (
            (
                "Lee, A., Wu, C., Roe, D., Poe, E., & Orr, G. (2020). A double-blind study of long "
                "and of short naps in the treatment of tired adults who work at night in five "
                "small towns by the sea. Sleep Notes, 42(5), 387-395."
            ),
            "references",
        ),
        ("Naps in Adults; Lee et al. J Sleep. 2021 Mar 18;384(11):989-1002.", "references"),
        ("(Shutterstock)", "credit"),
        ("Lifestyle | July 3, 2024, 9:53 p.m.", "navigation"),
        ("You might also love: My honest review of the Doze pillow", "related"),
        ("More about sleep and work", "related"),
        ("To know more about naps for nurses, click the link in the box below.", "related"),
        ("← Older: Five Pillows Newer: Meet Our Nurse →", "related"),
        ("About the author: Ann Lee writes about beds and pillows.", "bio"),
        ("Picture: my own bed, Utrecht, 6 a.m.", "credit"),
        ("Text: Utrecht University press office.", "credit"),
        ("Call (918) 555-0127 or stop by on weekdays.", "contact"),
        ("Order in the next 20 minutes and you'll get two pillows for one.", "offer"),
        ("Spots for my spring nap group are almost gone.", "offer"),
        ("Walk-ins welcome seven days a week", "offer"),
        ("£10 could pay for a pillow for a child.", "offer"),
        ("Pop your email in the box below!", "newsletter"),
        ("Share with friends in social networks!", "share"),
        ("A replay will be archived for 90 days on our pages.", "press"),
        ("The FDA has not evaluated statements made on this page.", "disclaimer"),
        ("Results not typical.", "disclaimer"),
        ("Names and photos changed to protect privacy.", "disclaimer"),
        ("Terms and conditions apply.", "disclaimer"),
        ("These pages can't take the place of a visit to your own nurse.", "disclaimer"),
        ("By Ann Lee, MD", "byline"),
        ("Medically reviewed by Dr. Ann Lee on March 3, 2024", "byline"),
        ("By the Sleep Desk staff | 4 min read", "byline"),
        ("Posted in Body & Mind | 4 min read", "byline"),
        ("Last updated: 3 March 2024", "date"),
        ("2024-03-03", "date"),
        ("Photo: Ann Lee / Getty Images", "credit"),
        ("© 2024 Sleep Desk. All rights reserved.", "credit"),
        ("Facebook Twitter LinkedIn", "share"),
        ("Share this article on Facebook", "share"),
        ("Your email address will not be published. Required fields are marked *", "comment_form"),
        ("Name *", "comment_form"),
        ("We use cookies to make this site work.", "cookies"),
        ("Accept all cookies", "cookies"),
        ("Subscribe to our newsletter for more.", "newsletter"),
        ("This article is for informational purposes only.", "disclaimer"),
        ("Advertisement", "advertisement"),
        ("↑ Back to top", "navigation"),
        ("Home > Health > Sleep", "navigation"),
        ("English | Español | 中文", "navigation"),
        ("https://www.example.org/naps?id=3", "url"),
        ("For Immediate Release", "press"),
        ("NEWS RELEASE 3-MAR-2024", "press"),
        ("Embargoed until Thursday 3 March, 00:01 GMT", "press"),
        ("Media contact: Ann Lee, 555-0100, press@example.org", "contact"),
        ("Sleep » Adults » Napping", "navigation"),
        ("Call us | Patient portal | Our team", "navigation"),
        ("Donate   Get involved   Helpline 555 0100", "navigation"),
        ("March 3 · By Ann Lee, press office", "byline"),
        ("Medically reviewed by Ann Lee, MD.", "byline"),
        ("Naps redirects here.", "wiki"),
        ("This nap article is a stub.", "wiki"),
        ("Materials provided by Utrecht University.", "provenance"),
        ("The interview was edited and condensed.", "provenance"),
        ("Registered charity no. 000000.", "provenance"),
        ("Next review due in March.", "provenance"),
        ("Nothing on this site replaces your doctor.", "disclaimer"),
        ("Our pillows are not meant to treat any disease.", "disclaimer"),
        ("Did you find this page helpful?", "comment_form"),
        ("Warm regards,", "signature"),
        ("###", "ornament"),
        ("* * *", "ornament"),
    ],
)
def test_what_the_page_carries_besides_its_article_is_boilerplate(line: str, reason: str) -> None:
    pieces = sorted_after_title(line)
    assert {piece.kind for piece in pieces} == {Kind.BOILERPLATE}
    assert {piece.reason for piece in pieces} == {reason}


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("In this article, we look at how naps work.", "meta"),
        ("So, let’s explore what a nap can do.", "meta"),
        ("Buckle up!", "meta"),
        ("The short answer is, yes!", "rhetoric"),
        ("We do ask that you nap alone.", "advice"),
        ("Whatever you need for a nap, we’ve got you covered.", "address"),
        ("Now that we know what a nap is, let’s begin.", "meta"),
        ("We’ll also provide some helpful tips for napping.", "meta"),
        ("Regardless, it’s essential to have a quiet room.", "advice"),
        ("From desk to bed, discover new ways to nap.", "advice"),
        ("It’s like your personal bodyguard against noise.", "rhetoric"),
        ("This detailed guide explores how naps work.", "meta"),
        ("Before delving into naps, it is important to know what they are.", "meta"),
        ("To learn more about naps, we spoke with Ann Lee.", "meta"),
        ("This is where a nap comes into the picture.", "transition"),
        ("Anyone who naps will tell you how hard it is.", "rhetoric"),
        ("That does not mean there is no way out.", "rhetoric"),
        ("If you have any questions, please get in touch and we will be happy to help.", "advice"),
        ("If nappers feel dizzy, they're advised to contact a nurse.", "advice"),
        ("Read on to learn more.", "meta"),
        ("Thank you for reading.", "meta"),
        ("Always talk to your doctor first.", "advice"),
        ("If you feel tired all day, see your doctor.", "advice"),
        ("You should speak openly with a sleep specialist.", "advice"),
        ("Wear an eye mask and leave the phone in the hall.", "advice"),
        ("Never stop a medicine on your own.", "advice"),
        ("Wear something soft and skip coffee for four hours.", "advice"),
        ("Plan on ninety minutes.", "advice"),
        ("Before bed, dim the lights.", "advice"),
        ("When you feel tired, rest in a dark room.", "advice"),
        ("Adults who want to take part can email the clinic.", "address"),
        ("You have probably heard of naps.", "address"),
        ("Here at Sleep Desk, we believe everyone should nap.", "address"),
        ("You don’t have to lie awake.", "address"),
        ("“Honestly, I was sceptical,” said Ann Lee.", "feeling"),
        ("It’s exhausting, and it’s not your fault.", "address"),
        ("The key is to find your own rhythm.", "value"),
        ("Good question!", "rhetoric"),
        ("Honestly, it depends who you ask.", "rhetoric"),
        ("The study has some limitations.", "meta"),
        ("Even if it is short, and even if it is late, take a nap.", "advice"),
        ("“If you nap late, set an alarm,” she said.", "advice"),
        ("What strikes me is how little they slept.", "feeling"),
        ("Night shifts have been neglected for far too long.", "value"),
        ("But I digress.", "meta"),
        ("Stay well, everyone.", "leave"),
        ("We hope that you sleep well tonight.", "address"),
        ("To understand naps, it’s essential to know what sleep is.", "transition"),
        ("Another interesting question is how naps affect mood.", "transition"),
        ("That’s where the nap comes in.", "transition"),
        ("Napping isn’t without challenges.", "transition"),
        ("This highlights the importance of further research into naps.", "value"),
        ("No one should have to lie awake.", "value"),
        ("The future of napping looks bright.", "rhetoric"),
        ("Insomnia can feel like an uphill battle.", "rhetoric"),
        ("For most nurses we suggest once a week.", "advice"),
        ("However, it is important to discuss naps with the whole ward.", "advice"),
        ("Before you buy a pillow, it’s best to try it in the shop.", "advice"),
        ("Therefore, it is always best to ask a nurse about pillows.", "advice"),
        ("Their role in healthy ageing is particularly noteworthy.", "value"),
        ("Good sleep is more important than ever.", "value"),
        ("There are several steps we will go over to help you choose a bed.", "meta"),
        ("Other than that, we will be discussing two or three beds.", "meta"),
        ("Now, who wants to lie awake.", "rhetoric"),
        ("A shocking number!", "rhetoric"),
        ("But it’s the cause that counts and that’s where the nap comes in.", "transition"),
        ("You can call 111 for help.", "advice"),
        ("If you nap at work, message the office.", "advice"),
        ("Ask, don't guess – a diary, a clock, a pen.", "advice"),
        ("I really believe it is.", "feeling"),
        ("Our friendly staff will be happy to show you the beds.", "feeling"),
        ("“Today is a landmark day for nappers,” said Ann Lee.", "feeling"),
        ("Assuming you liked this article, send it on.", "meta"),
        ("Thank you to Ann Lee for checking this page.", "meta"),
    ],
)
def test_talk_about_the_text_advice_and_rhetoric_are_no_claims(sentence: str, reason: str) -> None:
    pieces = sorted_after_title(f"Naps restore memory. {sentence}")
    assert [(piece.kind, piece.reason) for piece in pieces] == [
        (Kind.CLAIM, "sentence"),
        (Kind.NONCLAIM, reason),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        # Worded like advice, talk or rhetoric, with something to check in it.
        "In this article we show that naps cure insomnia in 90% of adults.",
        "Avoid long naps because they triple the risk of a stroke.",
        "Avoid late naps, which keep 52% of people awake.",
        "It is important to note that naps lower blood pressure.",
        "Keep in mind that naps can be addictive.",
        "Ask any doctor: naps have no side effects.",
        "That’s where naps come in, since they are proven to heal.",
        "Napping is not without risks.",
        # Words that open advice or boilerplate, as what they mean elsewhere.
        "Talk therapy fails most patients.",
        "Contact with light at night is common.",
        "Wear and tear of the joints follows.",
        "Thanks to naps, pilots stay alert.",
        "Like with any habit, it has a price.",
        "Reviewed by the agency in 2019, the drug was found safe.",
        "By blocking adenosine, coffee keeps people awake.",
        "Schedule III drugs have accepted medical uses.",
        "The study was published in Sleep.",
        "You can see the effects within the hour.",
        "Patients should always be watched by a doctor.",
        "Dr. Lee told us to let sleepers lie.",
        "Use in children has not been studied.",
        "Separate trials found nothing.",
        "Steep declines in sleep trigger headaches.",
        "Drink that contains caffeine keeps people awake.",
        "In mice, use of the drug shrank tumours.",
        "Release of dopamine drives sleep.",
        "The plant material should not be used in pregnancy.",
        # Advice with what follows from it, or on a condition.
        "Take the pillow away and the pain returns.",
        "Don’t nap late, it keeps you awake.",
        "Avoid long naps if you are pregnant.",
        "We were surprised by how long the effect lasted.",
        "“I was sceptical, but my pain was gone in two days,” said Ann Lee.",
        "You probably know that naps raise blood pressure.",
        # Attributed, short, negated, comparative.
        "“It changed my life,” says Ann Lee.",
        "Yes.",
        "Unlike coffee, naps carry no addiction risk.",
        # A line that lacks its full stop.
        "Napping is not addictive",
        "• No serious side effects",
        "Take a nap early in the day and you lower your blood pressure.",
        "We suggest that naps raise the level of adenosine.",
        "It is important to note that naps are risky in heart failure.",
        "You can take the tablets with water and with or without food.",
        "When naps are long, it is the brain that they help.",
        "You can take one at home, at work, in a parked car, on a train, and on a flight as well:",
        "Here's the good news: naps do not cause headaches.",
        "The surgeon says that I couldn't believe it: it fell from 9mm to 2mm.",
        "More about half of all nurses nap, the survey found.",
        "Results in older adults may vary with the dose, but naps lowered pain in all of them.",
        "Spots on the skin are almost gone after a week of naps.",
        "Photos of the brain were taken after each nap.",
        "- 12% of adults nap at work",
        "A trial of nurses on night shift with naps of half an hour",
    ],
)
def test_a_sentence_with_something_to_check_is_a_claim(sentence: str) -> None:
    assert [piece.kind for piece in sorted_after_title(sentence)] == [Kind.CLAIM]


def test_a_label_above_the_title_is_boilerplate_and_a_sentence_may_be_the_title() -> None:
    text = "Health\n\nNaps keep nurses awake, a trial finds\n\nNaps were tested on nurses."
    assert [(piece.kind, piece.reason) for piece in segment(text)] == [
        (Kind.BOILERPLATE, "category"),
        (Kind.HEADING, "title"),
        (Kind.CLAIM, "sentence"),
    ]


def test_lines_between_a_title_and_the_text_are_titles_too() -> None:
    text = (
        "NEWS RELEASE 3-MAR-2024\n\nNaps keep nurses awake, a trial finds\n\n"
        "Half an hour was enough for most of the night, but not for the morning\n\n"
        "Naps were tested on nurses.\n\nNaps are good for pilots\n\nThey were tested too."
    )
    assert [piece.reason for piece in segment(text)] == [
        "press", "title", "deck", "sentence", "sentence", "sentence",
    ]  # fmt: skip


def test_lines_below_benefits_are_claims_and_below_what_a_clinic_treats_are_none() -> None:
    listed = "Deeper, more restful sleep\nFewer headaches after work\nInsomnia"
    text = "Naps\n\nNaps help.\n\n{}\n" + listed + "\n\nMore\n\nNaps are cheap."
    for heading, kind in (("Benefits of naps", "claim"), ("Conditions we treat", "nonclaim")):
        found = kinds_of(text.format(heading))
        assert found[2] == ("heading", heading)
        assert [kind for kind, _ in found[3:6]] == [kind] * 3
        assert found[6] == ("heading", "More")


def test_on_what_condition_to_seek_help_is_no_claim_and_what_may_happen_is_one() -> None:
    text = "Naps\n\nNaps help.\n\n{}:\n- snore loudly\n- wake up choking\n\nNaps are cheap."
    for lead, kind in (("Tell your doctor if you", "nonclaim"), ("Nappers may", "claim")):
        assert [kind for kind, _ in kinds_of(text.format(lead))][-3:-1] == [kind] * 2


def test_a_condition_that_gives_its_reason_is_a_claim_among_those_that_give_none() -> None:
    text = """All about naps

Naps are safe for most.

Ask a nurse before you nap if you:

• are pregnant
• have asthma, as a nap can slow your breathing
• take pills - some can make a nap last all day
• are over 80
"""
    assert [str(piece.kind) for piece in segment(text)][3:] == [
        "nonclaim", "claim", "claim", "nonclaim",
    ]  # fmt: skip


def test_sentences_that_lead_in_to_a_list_are_no_title() -> None:
    text = "FAQ\n\nNaps are safe. They work best for those who:\n\nSleep badly\nWork at night"
    assert [str(piece.kind) for piece in segment(text)][1:] == [
        "claim", "nonclaim", "claim", "claim",
    ]  # fmt: skip


def test_what_leads_in_to_a_list_is_no_item_of_one() -> None:
    lead_in = (
        "Now that we know what a nap is, here are the three that we will look at in turn below:"
    )
    text = f"All about naps\n\nNaps are short.\n\nBenefits of naps\n\n{lead_in}"
    assert kinds_of(text)[-1] == ("nonclaim", lead_in)


def test_myths_are_headings_over_what_refutes_them() -> None:
    text = "All about naps\n\nMyth 2: Naps hurt\n\nFact: Naps do not hurt.\n\nMyth #3: Naps harm."
    assert [str(piece.kind) for piece in segment(text)] == [
        "heading", "heading", "claim", "heading",
    ]  # fmt: skip


def test_what_a_reader_may_recognise_is_no_claim() -> None:
    listed = "You sleep nine hours and wake up tired\nYour hair comes out in the shower"
    text = "Naps\n\nNaps help.\n\n{}\n" + listed + "\n\nNaps are cheap. They are old."
    for lead, kind in (("Does this sound like you?", "nonclaim"), ("Signs of bad naps:", "claim")):
        assert [kind for kind, _ in kinds_of(text.format(lead))][3:5] == [kind] * 2


def test_a_name_right_above_prose_is_a_heading_and_the_items_of_a_list_are_claims() -> None:
    text = "Naps\n\nNaps help.\n\nHerbs that nurses drink before a nap are:\n{}\n{}\nMore"
    prose = "Valerian is a herb of damp meadows. It has been drunk for ages."
    assert ("heading", "Valerian") in kinds_of(text.format("Valerian", prose))
    listed = text.format("Valerian, which smells", "Hops")
    assert ("claim", "Valerian, which smells") in kinds_of(listed)


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


def test_particulars_in_lines_are_no_headings() -> None:
    text = (
        "Naps\n\nNaps help.\n\nMain Ingredient – Valerian\nSide Effects – None\n\nThey are cheap."
    )
    assert [kind for kind, _ in kinds_of(text)][2:4] == ["claim", "claim"]


def test_statements_behind_pointers_are_claims_and_links_are_not() -> None:
    text = "Naps\n\nNaps help.\n\n> no coffee late, it blunts sleep\n\n> Pillows that we love"
    assert [kind for kind, _ in kinds_of(text)][2:] == ["claim", "boilerplate"]


def test_items_that_complete_their_lead_in_are_no_advice() -> None:
    text = "Naps\n\nNaps help.\n\nA nap may\n- lower your pulse\n- keep you awake at night"
    assert [kind for kind, _ in kinds_of(text)][-2:] == ["claim", "claim"]


def test_what_stands_behind_the_end_of_a_release_is_its_own() -> None:
    text = (
        "Naps Help Nurses\n\nNaps help nurses. They work.\n\n{}\n\n"
        "The study was funded by the Pillow Fund. The authors have no competing interests.\n\n"
        "Ann Lee\nUtrecht University"
    )
    assert {piece.kind for piece in segment(text.format("###"))[3:]} == {Kind.BOILERPLATE}
    about = [kind for kind, _ in kinds_of(text.format("About the study"))]
    assert about[4:6] == ["claim", "claim"]


def test_boilerplate_of_several_sentences_is_cut_into_them() -> None:
    line = "© Sleep Desk. All rights reserved. Site by Ann."
    assert len(sorted_after_title(line)) == 3


def test_the_article_goes_on_behind_a_box_of_sources() -> None:
    text = (
        "Naps\n\nNaps help.\n\nSources\n\nLee A. Naps. J Naps. 2019;12(3):45-50.\n\n"
        "Naps are old. Romans took them.\n\nThey are cheap. Anybody can take them.\n\n"
        "Napping is not addictive\n\nEnd."
    )
    assert segment(text)[-2].kind is Kind.CLAIM


def test_a_lone_line_is_a_claim_rather_than_a_title() -> None:
    assert kinds_of("Napping has no addiction risk") == [("claim", "Napping has no addiction risk")]


def test_the_answers_of_an_faq_are_claims_and_its_numbered_questions_are_not() -> None:
    text = "Naps\n\nFAQs\n\n1. Are naps safe?\n\nYes, for adults.\n\n2. When?\n\nBefore 3 p.m."
    assert [kind for kind, _ in kinds_of(text)] == [
        "heading", "heading", "question", "claim", "question", "claim",
    ]  # fmt: skip


def test_links_below_popular_posts_are_boilerplate_and_prose_there_is_not() -> None:
    text = (
        "Naps\n\nNaps help.\n\nPopular posts from this blog\n\nTen Pillows We Love\n\n"
        "Is Your Mattress Too Soft?\n\nA comment came in. It says that naps cure asthma.\n\n"
        "More Pillows"
    )
    assert [kind for kind, _ in kinds_of(text)] == [
        "heading", "claim", "boilerplate", "boilerplate", "boilerplate", "claim", "claim",
        "boilerplate",
    ]  # fmt: skip


def test_a_list_of_links_in_mid_article_ends_where_prose_goes_on() -> None:
    text = (
        "Naps\n\nNaps help.\n\nRelated Articles\n\nTen Pillows We Love\n\n"
        "Naps are old. Romans took them.\n\nWho naps\n\n- nurses on night shift"
    )
    assert [kind for kind, _ in kinds_of(text)] == [
        "heading", "claim", "boilerplate", "boilerplate", "claim", "claim", "heading", "claim",
    ]  # fmt: skip


def test_references_and_the_paragraph_about_the_author_are_kept_from_reviewers() -> None:
    text = (
        "Naps\n\nNaps help.\n\nAbout the author\n\nAnn Lee is a nurse. She lives in Ohio.\n\n"
        "She has not read this.\n\nReferences\n\n"
        "1. Lee A, Doe K. Naps and memory. J Naps. 2019;12(3):45-50.\n"
        "2. Doe K, et al. Coffee. https://doi.org/10.1000/1"
    )
    assert [piece.reason for piece in segment(text)] == [
        "title", "sentence", "about_author", "about_author", "about_author", "sentence",
        "references", "references", "references",
    ]  # fmt: skip


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


def test_the_bundled_wording_passes_the_check_that_a_desks_own_goes_through() -> None:
    """Among others: patterns that see text in lower case hold no capitals."""
    wording(bundled.path("configs/wording.toml"))


def test_a_figure_right_below_a_question_is_its_answer() -> None:
    text = "Naps\n\nNaps are short.\n\nHow long do they last?\n\n30 minutes on average"
    assert kinds_of(text)[-1] == ("claim", "30 minutes on average")


def test_a_numbered_line_over_bullets_is_a_heading() -> None:
    text = "Naps\n\n1. About naps\n\nNaps are short.\n\n2. Key facts\n\n• Naps take half an hour."
    assert ("heading", "2. Key facts") in kinds_of(text)


def test_a_line_over_questions_is_no_item_of_the_list_above() -> None:
    text = """Tea is old, and much has been said of it in many countries for a long time by now.

Risks in brief

Strong tea can keep people awake. It may raise blood pressure for an hour.

FAQs

1. How long does a cup work?

That depends on your weight and the leaves."""
    assert [(str(p.kind), p.span.of(text)) for p in segment(text)][-3:] == [
        ("heading", "FAQs"),
        ("question", "1. How long does a cup work?"),
        ("claim", "That depends on your weight and the leaves."),
    ]


@pytest.mark.parametrize("answer", ["Not really.", "No, seriously.", "That all depends."])
def test_an_answer_says_something_where_the_same_words_elsewhere_do_not(answer: str) -> None:
    def kinds(text: str) -> list[str]:
        return [str(p.kind) for p in segment(text) if p.span.of(text) == answer]

    opening = "Tea\n\nGreen tea has been drunk for centuries."
    assert kinds(f"{opening}\n\nIs it a drug?\n\n{answer}") == ["claim"]
    assert kinds(f"{opening} It is a drug. {answer}") == ["nonclaim"]


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
