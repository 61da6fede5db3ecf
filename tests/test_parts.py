"""Taking a sentence apart into the statements that could get different verdicts."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factcheck import bundled
from factcheck.claims.grammar import vocabulary
from factcheck.claims.parts import parts
from factcheck.model import Span

# What sentences of health articles are made of, put together in any order.
WORDS = [
    *("Naps", "lower", "stress", "and", "or", "but", "also", "not only", "which", "who", ",", ";"),
    *("by", "reducing", "pain", "it", "is", "however", ":", "—", "-", "(", ")", "the risk of"),
    *("treats", "fever", "1,000", "3–5", "mg/kg", "e.g.", "“", "”", "’", "İ", "\n", "😀", "\u0301"),
    *("because", "due to", "while", "with", "a", "that", "if", "so", "to", "then", "ß", "[", "yet"),
    *("often", "without", "between", "the", "none of", "not", "in", "is", "safe", "being", "said"),
]
wordy = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=30).map(" ".join)


def apart(sentence: str) -> list[str]:
    return [span.of(sentence) for span in parts(sentence)]


@pytest.mark.parametrize(
    ("sentence", "statements"),
    [
        # verbs that are joined
        (
            "Zinc reduces pain, lifts mood and restores sleep.",
            ["Zinc reduces pain", "lifts mood", "restores sleep."],
        ),
        (
            "The tea is cheap but has never been tested.",
            ["The tea is cheap", "has never been tested."],
        ),
        (
            "Naps can sharpen memory and improve balance.",
            ["Naps can sharpen memory", "improve balance."],
        ),
        # clauses
        (
            "Oats lower cholesterol, and barley does the same.",
            ["Oats lower cholesterol", "barley does the same."],
        ),
        (
            "The rash is harmless; it fades within a week.",
            ["The rash is harmless", "it fades within a week."],
        ),
        (
            "Fewer nurses fell ill because the ward had been aired.",
            ["Fewer nurses fell ill", "because the ward had been aired."],
        ),
        (
            "While oats are cheap, they do not suit every gut.",
            ["While oats are cheap", "they do not suit every gut."],
        ),
        (
            "Where pills fail to help, short naps can calm the nerves.",
            ["Where pills fail to help", "short naps can calm the nerves."],
        ),
        (
            "The gel worked at first, however, the swelling came back.",
            ["The gel worked at first", "however, the swelling came back."],
        ),
        # what is said in passing
        (
            "Folate, which is in lentils, prevents anaemia.",
            ["Folate, which is in lentils", "prevents anaemia."],
        ),
        (
            "She took part in the trial of lithium, a salt that calms mania.",
            ["She took part in the trial of lithium", "a salt that calms mania."],
        ),
        (
            "The valve opens, letting the blood flow back.",
            ["The valve opens", "letting the blood flow back."],
        ),
        (
            "By slowing digestion, fibre keeps blood sugar down.",
            ["By slowing digestion", "fibre keeps blood sugar down."],
        ),
        (
            "First sold in 1899, aspirin eases headaches.",
            ["First sold in 1899", "aspirin eases headaches."],
        ),
        (
            "Measles is back in town, with 40 cases reported since May.",
            ["Measles is back in town", "with 40 cases reported since May."],
        ),
        (
            "Goitre, which is rare now, causes no pain.",
            ["Goitre, which is rare now", "causes no pain."],
        ),
        (
            "The cuts heal within days, often without a scar.",
            ["The cuts heal within days", "often without a scar."],
        ),
        (
            "Nine people fainted, none of whom was hurt.",
            ["Nine people fainted", "none of whom was hurt."],
        ),
        (
            "Both salts dissolve well, the blue one being faster.",
            ["Both salts dissolve well", "the blue one being faster."],
        ),
        (
            "The syrup works for a while (most users relapse within a year).",
            ["The syrup works for a while", "most users relapse within a year)."],
        ),
        (
            "Ten children choked, most of them on grapes.",
            ["Ten children choked", "most of them on grapes."],
        ),
        (
            "The moths died out, largely in the south.",
            ["The moths died out", "largely in the south."],
        ),
        # what holds with a limit of its own
        (
            "The syrup eases coughs and, in a few toddlers, croup.",
            ["The syrup eases coughs", "in a few toddlers, croup."],
        ),
        (
            "Sitting all day harms the heart and even the eyes.",
            ["Sitting all day harms the heart", "even the eyes."],
        ),
        # what follows from something
        (
            "The bite is so small that most hikers miss it.",
            ["The bite is so small", "that most hikers miss it."],
        ),
        # the same of something else
        (
            "Rye was banned in 1910, as were the oats.",
            ["Rye was banned in 1910", "as were the oats."],
        ),
        # what is set against something
        (
            "It not only eases the cough but also shortens the cold.",
            ["It not only eases the cough", "also shortens the cold."],
        ),
        (
            "The drops help with itching but not with pain.",
            ["The drops help with itching", "not with pain."],
        ),
        (
            "Rosehip doesn't mend joints, it only dulls the ache.",
            ["Rosehip doesn't mend joints", "it only dulls the ache."],
        ),
        (
            "The seeds are harmless, yet in large amounts, the husks can block the gut.",
            ["The seeds are harmless", "in large amounts, the husks can block the gut."],
        ),
        ("No drill, no noise and no pain", ["No drill", "no noise", "no pain"]),
        # what a conjunction joins, beside verbs
        (
            "The rash was worse in girls and in older women.",
            ["The rash was worse in girls", "in older women."],
        ),
        ("The swab is quick and painless.", ["The swab is quick", "painless."]),
        # clauses within clauses
        (
            "They found that boys who smoke cough more and that girls wheeze.",
            ["They found that boys who smoke cough more", "that girls wheeze."],
        ),
        (
            "Mites live in beds and a dose that kills them can harm cats.",
            ["Mites live in beds", "a dose that kills them can harm cats."],
        ),
        (
            "The plaster peels off in the bath so it needs no scissors.",
            ["The plaster peels off in the bath", "so it needs no scissors."],
        ),
        (
            "The tablets hold salt, starch and wax and the coat is shellac.",
            ["The tablets hold salt, starch and wax", "the coat is shellac."],
        ),
        (
            "The test was dear; when the patent lapsed, prices fell.",
            ["The test was dear", "when the patent lapsed, prices fell."],
        ),
        ("✔ Calms the gut & ends cramps", ["✔ Calms the gut", "ends cramps"]),
        # advice and tales of oneself go with what they stand beside
        (
            "Stir the powder in, as clumps cause choking, and it thickens within a minute.",
            ["Stir the powder in, as clumps cause choking", "it thickens within a minute."],
        ),
        (
            "The jabs are free, I had mine in May, and they last for life.",
            ["The jabs are free, I had mine in May", "they last for life."],
        ),
        (
            "The hum comes at night, or it can be there all day.",
            ["The hum comes at night", "it can be there all day."],
        ),
        (
            "Two in three hear less of it, and 29% report that it stops.",
            ["Two in three hear less of it", "29% report that it stops."],
        ),
        (
            "Rosemary oil can upset the stomach, and eucalyptus oil (3) can slow breathing.",
            ["Rosemary oil can upset the stomach", "eucalyptus oil (3) can slow breathing."],
        ),
        # words that are nouns as often
        (
            "Some people scratch in their sleep, and women report it more.",
            ["Some people scratch in their sleep", "women report it more."],
        ),
        ("The balm cools skin and stops itching.", ["The balm cools skin", "stops itching."]),
        (
            "Patients notice relief and their wives report less snoring.",
            ["Patients notice relief", "their wives report less snoring."],
        ),
        (
            "A swab is a small stick that is tipped with wool; the wool acts as a sponge.",
            ["A swab is a small stick that is tipped with wool", "the wool acts as a sponge."],
        ),
        (
            "The fever dulls the ability to drive and can cause thirst.",
            ["The fever dulls the ability to drive", "can cause thirst."],
        ),
        (
            "Stress further damages the scalp, creating a vicious circle.",
            ["Stress further damages the scalp", "creating a vicious circle."],
        ),
        (
            "Hay fever is a nuisance and the leading cause of lost sleep.",
            ["Hay fever is a nuisance", "the leading cause of lost sleep."],
        ),
        (
            "Pollen target: Cetirizine acts on the lining of the nose, leading to less itch.",
            ["Pollen target: Cetirizine acts on the lining of the nose", "leading to less itch."],
        ),
        (
            "It is working on the nerves and targeting the itch.",
            ["It is working on the nerves", "targeting the itch."],
        ),
        (
            "Given through a tube, the oil soothes the throat.",
            ["Given through a tube", "the oil soothes the throat."],
        ),
        (
            "Cetirizine, primarily used to treat hay fever, relieves itching.",
            ["Cetirizine, primarily used to treat hay fever", "relieves itching."],
        ),
    ],
)
def test_each_statement_is_quoted(sentence: str, statements: list[str]) -> None:
    assert apart(sentence) == statements


@pytest.mark.parametrize(
    "sentence",
    [
        "Naps sharpen memory.",
        "Vitamin C, zinc and echinacea are sold in every pharmacy.",
        "In adults over 60, the vaccine was less effective.",
        "People who smoke have weaker bones.",
        "The study found that tea drinkers lived longer.",
        "When taken with food, the tablets cause less nausea.",
        "The drug opened a new market, offering hope to its makers.",
        "Patients, nurses and doctors wore masks.",
        "Smoking causes cancer, stroke and gangrene.",
        "The pill lowers the risk of stroke and gout.",
        "They say that men and women benefit alike.",
        "Children who wheeze and those who cough were kept at home.",
        "The effects reported by nurses in 1999 and 2004 were mild.",
        "Between ten and twelve patients drop out each year.",
        "The plant is a source of iron, which means it helps.",
        "Fever fell within a day, according to the nurses who kept the charts.",
        "Lime flowers may calm the nerves, so ask your doctor first.",
        "You rinse the cup twice and leave it to dry.",
        "The vote has not yet been counted.",
        "Yarrow tea is bitter, the herbalist said.",
        "Mr Ito, who was not on the team, praised the trial.",
        "The cream was tested on dry, cracked and itchy skin.",
        "The dose was 1,000–1,200 mg a day.",
        "She will look at your teeth, take a swab and write a letter.",
        "Yes, that is right.",
        "Do not chew the seeds, because they hold cyanide.",
        "If a blister bursts, cover it, as germs get in.",
        "I had shingles twice and my neighbour never caught it.",
        "The lotion is our best seller, and it's easy to see why.",
        "Every time the bell rang, the dogs drooled.",
        "The first time she fainted, nobody noticed.",
        "You can hear and feel the click.",
        "The mould, which is known as ergot, grows on rye.",
        "Surveys show tea and cocoa drinkers sleep longer.",
        "The side effects were nausea (9%), hiccups (4%) and raised pressure (2%).",
        "The gel works by cooling, drying and hardening the skin.",
        "Walking is a safe and cheap means of losing weight.",
        "The trial was stopped early, as the nurses reported.",
        "The swab is wetted and then wiped along the gum.",
        "The nerve was cut in rats at Mueller–Hinton.",
        "A survey suggests that massage and neck adjustments could ease migraine.",
        "Conditions like gout, joint disorders, and thyroid problems can trigger it.",
        "The drops are pressed from the seeds, leaves, petals, and other parts of the plant.",
        "A carrier can be a lotion, a balm or anything that you can rub in.",
        "The sooner you rub it in, the better it will work.",
        "Blood levels of sugars and salts of the heart are rising.",
        "Poorly treated traumatic stress disorder (PTSD) is a serious disorder.",
        "Clinics that offer drips supplemented with vitamins and minerals are new.",
        "While taking the pill, some may think about hurting themselves or taking their lives.",
        "",
        "However, due to the low doses used, these effects are rarely strong.",
        "Using filtered light scans, they showed that naps help.",
        "We open at noon, so you can find a time that suits you.",
        "For those who feel stuck after a night of naps, it is a new path.",
        "Opioid crises across the north and elsewhere have claimed many lives.",
        "As the weeks go on, the effects start to fade.",
        "Combing the hair and then washing it is the surest way to find lice.",
        "Itching can feel endless—especially when creams haven’t worked.",
        "Substance abuse and dependency are common in prisons.",
        "The nurse weighs both sides, creating a comprehensive treatment plan.",
        "The itch, also known as prickly heat, comes in June.",
        "The team, led by Ann Lee, counted 40 patients.",
    ],
)
def test_a_simple_sentence_is_one_part(sentence: str) -> None:
    assert parts(sentence) == (Span(0, len(sentence)),)


def test_a_desk_adds_words_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "cues.toml"
    file.write_text("[parts]\nverbs = ['zorp']\nstaff = ['shaman']\n", encoding="utf-8")
    own = vocabulary(file)
    sentence = "Oats zorped the liver and zorped the spleen."
    assert len(parts(sentence)) == 2
    assert len(parts("Moss zorps the gut, and honey zorps it too.")) == 1
    assert len(parts("Moss zorps the gut, and honey zorps it too.", own)) == 2
    assert len(parts("The shaman burns sage and beats a drum.")) == 2
    assert len(parts("The shaman burns sage and beats a drum.", own)) == 1


def test_every_word_of_the_lists_can_be_met() -> None:
    tables = tomllib.loads(bundled.path("configs/cues.toml").read_text(encoding="utf-8"))
    for name, words in tables["parts"].items():
        assert len({*words}) == len(words), name
        if name != "hollow":
            assert all(re.fullmatch(r"[a-z,]+(?:['-][a-z]+)*|&", word) for word in words), name
    assert set(tables["parts"]["verbs"]).isdisjoint(tables["parts"]["nouns"])


def test_parts_are_quoted_from_wrapped_text_with_any_dashes() -> None:
    sentence = "Zinc’s effect is small —\n  and it fades\n  by noon."
    assert apart(sentence) == ["Zinc’s effect is small", "it fades\n  by noon."]


@given(wordy)
@example("not only but")
@example("treats fever, pain and")
@example("Naps Naps Naps Naps Naps 0:- Naps Naps")
@example("Naps 0& none of")
@example("Naps Naps (B Naps Naps")
def test_parts_come_in_order_without_overlap_and_hold_words(sentence: str) -> None:
    spans = parts(sentence)
    assert spans
    assert all(0 <= span.start <= span.end <= len(sentence) for span in spans)
    assert all(one.end <= next_.start for one, next_ in pairwise(spans))
    if len(spans) > 1:
        assert all(span.of(sentence).strip() == span.of(sentence) != "" for span in spans)
        left = " ".join(sentence[one.end : next_.start] for one, next_ in pairwise(spans))
        joints = set(re.findall(r"\w+|[^\w\s]", left.lower()))
        assert joints <= {*",;:-‑–—(&", "and", "or", "but", "yet", "nor", "then"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 50_000,
        "and " * 12_500,
        "also " * 10_000,
        "then however " * 4_000,
        ", " * 25_000,
        "a, " * 17_000,
        "treats pain, " * 4_000,
        "risk of " * 6_000,
        "which is, " * 5_000,
        "by reducing it and " * 2_500,
        "1.1," * 12_500,
        "x.y-" * 12_500,
        "not only but " * 4_000,
        "(" * 50_000,
        "while a b c d e f, " * 2_500,
        "in " * 17_000,
        "that it " * 7_000,
        "the s (the s " * 4_000,
    ],
    ids=lambda text: text[:20].strip(),
)
def test_no_sentence_holds_the_rules_up(hostile: str) -> None:
    """Seconds at most: what grows with the square of the sentence would take minutes."""
    parts(hostile * 4)


def test_compound_sentences_are_found_in_the_gold(gold: list[dict[str, Any]]) -> None:
    claims = [row for row in gold if row["kind"] == "claim"]
    found = [row for row in claims if len(parts(row["text"])) > 1]
    right = sum(row["subclaims"] > 1 for row in found)
    assert right / len(found) >= 0.85
    assert right / sum(row["subclaims"] > 1 for row in claims) >= 0.85
