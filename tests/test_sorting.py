"""Telling claims from headings, questions, the page's own lines and what states nothing."""

from __future__ import annotations

import pytest

from factcheck import bundled
from factcheck.claims.segment import segment
from factcheck.claims.wording import wording
from factcheck.model import Kind
from pieces import kinds_of, sorted_after_title


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
        ("Written on .", "byline"),
        ("Posted in , , , .", "byline"),
        ("Photo: Ann Lee / Getty Images", "credit"),
        ("© 2024 Sleep Desk. All rights reserved.", "credit"),
        ("Facebook Twitter LinkedIn", "share"),
        ("Share this article on Facebook", "share"),
        ("Your email address will not be published. Required fields are marked *", "comment_form"),
        ("Name *", "comment_form"),
        ("You are commenting using your Sleepbook account.", "comment_form"),
        ("Log Out /  Change )", "comment_form"),
        ("We use cookies to make this site work.", "cookies"),
        ("Accept all cookies", "cookies"),
        ("Subscribe to our newsletter for more.", "newsletter"),
        ("This article is for informational purposes only.", "disclaimer"),
        ("Advertisement", "advertisement"),
        ("Sponsored Links |", "advertisement"),
        ("↑ Back to top", "navigation"),
        ("Post Navigation", "navigation"),
        ("Read the entire article here:", "navigation"),
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
        ("Top of page", "navigation"),
        ("Swipe up to learn more.", "navigation"),
        ("This story is based on an article that a clinic sent us.", "provenance"),
        ("The original content used for this article is located at naps.example.", "provenance"),
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
        ("Actually, we have often written about naps and other ways to rest.", "meta"),
        ("Thanks to everyone who napped for us.", "meta"),
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
        ("We strongly recommend that sleepers be seen by a nurse.", "advice"),
        ("Despite the fuss about naps, ask a nurse first.", "advice"),
        ("However, this article contains useful tips on naps.", "meta"),
        ("Frequently asked questions.", "meta"),
        ("Working at night is not a choice to be taken lightly.", "value"),
        ("Rest and quiet are our main concerns.", "value"),
        ("A quiet ward is our top priority.", "value"),
        ("We need better answers for people who lie awake.", "value"),
        ("Maybe you have tried it too.", "address"),
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
        "Let’s not sugarcoat it—the wards are in a crisis.",
        "Enter valerian, now quietly changing how nurses sleep.",
        "Look at the wards: errors fall by half.",
        "In this article we showed that naps are safe.",
        "Let me tell you, this nap works.",
        "Thanks to the success of trials, naps are back in hospitals.",
        "Thanks to our longer naps, errors fell by half.",
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


def test_what_the_text_will_go_through_is_no_claim_and_a_list_of_facts_is_one() -> None:
    listed = (
        "- What naps are, and what they are not for\n- How naps reset the brain\n- Why they matter"
    )
    text = "Naps\n\nNaps help.\n\n{}\n" + listed + "\n\nNaps are cheap. They are old."
    leads = {
        "In this short guide, we’ll explore:": "nonclaim",
        "This article covers:": "nonclaim",
        "This post also discusses:": "nonclaim",
        "This post explores:": "nonclaim",
        "You’ll learn about:": "nonclaim",
        "Benefits of naps that we’ll cover in this article:": "claim",
    }
    for lead, kind in leads.items():
        found = [kind for kind, _ in kinds_of(text.format(lead))]
        assert found[3:] == [*[kind] * 3, "claim", "claim"]


@pytest.mark.parametrize("item", ["Naps halve errors.", "Naps reduced errors by 40% in nurses"])
def test_an_item_that_states_something_is_a_claim_among_those_that_name_topics(item: str) -> None:
    text = f"Naps\n\nNaps help.\n\nWe will discuss:\n- Naps at work\n- {item}"
    assert [kind for kind, _ in kinds_of(text)][-2:] == ["nonclaim", "claim"]


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


def test_a_line_that_states_something_in_brackets_is_no_heading() -> None:
    text = "Naps\n\nNaps help.\n\n{}\n\nThey are cheap. They are old."
    for line, kind in (
        ("Headaches (often dramatically reduced after just one cup)", "claim"),
        ("Headaches (in the morning)", "heading"),
    ):
        assert (kind, line) in kinds_of(text.format(line))


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


@pytest.mark.parametrize(
    "line",
    [
        "The authors acknowledge funding from the Sleep Trust.",
        "The study is freely available here.",
        "The Nap Society, the largest of its kind, is a not-for-profit chartered by the crown.",
    ],
)
def test_who_paid_and_who_publishes_stand_at_the_foot_of_a_release(line: str) -> None:
    pieces = segment(f"Naps\n\nNaps help.\n\n###\n\n{line}\n")
    assert [piece.kind for piece in pieces[2:]] == [Kind.BOILERPLATE, Kind.BOILERPLATE]


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
