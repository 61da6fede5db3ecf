"""Pointing at wording that is worth a second look."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factcheck import bundled
from factcheck.claims.cues import cueing, cues, overstates
from factcheck.errors import UsageError
from factcheck.model import Cue, CueKind, Span

# What claims of health articles are made of, put together in any order.
WORDS = [
    *("Zinc", "always", "never", "no risk of", "cures", "breakthrough", "Studies have shown"),
    *("unlike", "3–5 mg/kg", "not", "may", "safe", "everyone", "your body", "20 %", "more than"),
    *("\n", "  ", "\u00a0", "’", "İ", "ß", "“", "”", "—", ".", ",", "😀", "\u0301", "ﬁ", "e.g."),
]
wordy = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=25).map(" ".join)


def pointed_at(claim: str) -> list[tuple[str, str]]:
    return [(cue.kind.value, cue.span.of(claim)) for cue in cues(claim)]


@pytest.mark.parametrize(
    ("claim", "cue"),
    [
        ("Zinc always shortens a cold.", ("absolute", "always")),
        ("The tablets carry no risk of addiction.", ("absolute", "no risk")),
        ("The tablets are not addictive.", ("absolute", "are not addictive")),
        ("One clove a day cures asthma.", ("absolute", "cures")),
        ("Sea salt works for everyone.", ("absolute", "works for everyone")),
        ("Vaccines are 100% safe.", ("absolute", "100% safe")),
        ("It is a revolutionary way to sleep.", ("effect_size", "revolutionary")),
        ("The drug dramatically lowers blood sugar.", ("effect_size", "dramatically")),
        ("Celery juice flushes toxins from the liver.", ("effect_size", "flushes toxins")),
        ("The clinic offers hope to migraine patients.", ("effect_size", "offers hope")),
        ("Sugar is a silent killer.", ("effect_size", "silent killer")),
        ("Garlic lowers blood pressure.", ("causation", "lowers")),
        ("The rash was caused by stress.", ("causation", "caused by")),
        ("Most people sleep better on it.", ("population", "Most people")),
        ("Old mice ran further on it.", ("population", "mice")),
        ("Magnesium is clinically proven.", ("certainty", "clinically proven")),
        ("The device ensures deep sleep.", ("certainty", "ensures")),
        ("The patch will reduce cravings.", ("certainty", "will reduce")),
        ("Is it safe? Yes!", ("certainty", "Yes!")),
        ("Unlike statins, oats have a good name.", ("comparison", "Unlike")),
        ("It is safer than aspirin.", ("comparison", "safer than")),
        ("The balm is gentle on the skin.", ("harms_omitted", "gentle")),
        ("Studies have shown that naps help.", ("unnamed_research", "Studies have shown")),
        ("Experts say that naps help.", ("unnamed_research", "Experts say")),
        ("Patients took 500 mg of it.", ("quantity", "500 mg")),
        ("They got 0.5–1 mg/kg of it.", ("quantity", "0.5–1 mg")),
        ("It affects one in six adults.", ("quantity", "one in six")),
        ("Pain was gone within three hours.", ("quantity", "within three hours")),
    ],
)
def test_a_cue_is_its_kind_and_the_words_that_gave_it(claim: str, cue: tuple[str, str]) -> None:
    assert cue in pointed_at(claim)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("Zinc is not a cure.", CueKind.ABSOLUTE),
        ("The tablets are not without risk.", CueKind.ABSOLUTE),
        ("The drug doesn’t always work.", CueKind.ABSOLUTE),
        ("No serious adverse events were reported.", CueKind.ABSOLUTE),
        ("It is far from a breakthrough.", CueKind.EFFECT_SIZE),
        ("The treatment is not yet proven.", CueKind.CERTAINTY),
        ("Garlic may lower blood pressure.", CueKind.CAUSATION),
        ("Coffee is associated with fewer strokes and lowers no risk.", CueKind.CAUSATION),
        ("It was safer than aspirin in a randomised trial.", CueKind.COMPARISON),
        ("It is gentle, but can cause bleeding.", CueKind.HARMS_OMITTED),
        ("A study published in Thorax found that it helps.", CueKind.UNNAMED_RESEARCH),
        ("Sleepers who have not found relief can nap.", CueKind.UNNAMED_RESEARCH),
    ],
)
def test_what_takes_the_words_back_leaves_no_cue(claim: str, kind: CueKind) -> None:
    assert kind not in {cue.kind for cue in cues(claim)}


def test_plain_wording_gives_no_cue() -> None:
    assert cues("The kidneys filter blood.") == ()
    assert cues("") == ()


def test_a_cue_is_found_across_a_wrapped_line_and_with_any_quotes_and_spaces() -> None:
    assert pointed_at("It isn’t\n  habit-\u00a0forming and carries no\n   risk.") == [
        ("absolute", "no\n   risk")
    ]
    assert ("absolute", "isn’t addictive") in pointed_at("It isn’t addictive.")


def test_a_cue_keeps_its_place_behind_letters_that_grow_in_lower_case() -> None:
    assert pointed_at("İİİ cures colds.") == [("absolute", "cures"), ("causation", "cures")]


@given(wordy)
@example("İ  no\u00a0 risk")
def test_cues_come_in_order_and_hold_words(claim: str) -> None:
    found = cues(claim)
    assert list(found) == sorted(found, key=lambda cue: (cue.span, cue.kind))
    for cue in found:
        assert 0 <= cue.span.start < cue.span.end <= len(claim)
        assert cue.span.of(claim) == cue.span.of(claim).strip()


@pytest.mark.parametrize(
    "claim",
    [
        "One clove a day cures asthma.",
        "It is a revolutionary way to sleep.",
        "Yes.",
        "The balm has no side effects.",
        "Our tea puts an end to heartburn.",
        "The oil wakes up the sleepy lymph nodes of your gut and resets the brain.",
        "Cupping gets to the root of back pain.",
        "A study found that the pill is a miracle.",
        "The mask is natural and boosts sleep.",
        "They come out calmer, leaner and stronger.",
        "The drops work beautifully.",
        "Our patch settles any stomach.",
        "Kelp gives people their energy back.",
        "No needles, no downtime.",
        "The lamp is simple, painless and affordable.",
        "The balm is a must for every handbag.",
        "Doctors have been getting this wrong for decades.",
        "The company buried studies of its harms.",
        "It is the biggest discovery since aspirin.",
        "Soap is making us sick.",
        "✔ Soothes tired feet",
        "The pill helps your joints!",
        "The balm quickly and easily restores sore backs.",
        "The laser leaves practically no bleeding.",
        "The pills do nothing whatsoever to stop the pain.",
        "Back pain is nothing but a bad habit of the nerves.",
        "Rubber soles block the current completely.",
        "It is the first and only syrup with zinc.",
        "Your teeth are straightened in a lunch break.",
        "The pads have a success rate of up to 97% in snorers.",
        "Clay pads draw toxins from the liver.",
        "Radish dissolves old salts in the heel.",
        "The gel thins the blood like aspirin, minus the stomach upset.",
        "It is by far the safest choice for the heart.",
        "In a month the balm did what six doctors couldn’t.",
        "The drops take effect within two hours.",
        "The jab is not painful.",
        "You will begin to notice a visible smoothing of your lines.",
        "A cheap pill can prevent thousands of strokes.",
        "What we do know is that it does work.",
        "The herb restrains the growth of cancer cells.",
        "The plan lets you lose up to 15 kg.",
        "The gel works without the negative effects of pills.",
        "All side effects are temporary.",
        "Decades of research confirm the safety of the coil.",
        "It takes away the pain of cuts.",
        "Arnica will reduce the swelling.",
        "The oil has strong antibacterial, antifungal, and antiseptic properties.",
        "It quickly calms the skin.",
        "The drops will help keep you and your family healthy.",
        "Nettle is an anti-inflammatory, anti-bacterial and anti-viral herb.",
        "There are no reported long term side effects of the drip.",
        "The leaf eases pain without the same risk of addiction as morphine.",
        "Breathing may well be the next frontier in sleep.",
        "In almost all cases, the pain comes from the hip.",
        "Research has consistently demonstrated that the drip lifts mood.",
        "The tea comes with no adverse side effects.",
        "Honey helps the body to fight off all known microbes.",
        "Mugwort has unlimited potential.",
        "The patch is popular, and for good reason.",
        "The spray works in a radically different way.",
        "The mask is spreading like wildfire.",
        "The pill plays the hunger game like a pro.",
        "The gel stands apart from other gels.",
        "Kefir has more uses than you can count.",
        "The patch saved your life.",
        "Switching to tea saves smokers from an untimely death.",
        "The drip gives extremely rapid sleep.",
        "The plan aligns a person with evolutionary wisdom.",
        "It’s not a diet—it’s a way to sleep.",
        "There is plenty of evidence that balm works on warts.",
        "Solid research shows that naps raise the mood.",
        "It has long been known that garlic thins the blood.",
        "The drip has an immediate effect.",
        "The lamp is a light, and so much more.",
        "Minerals go where they are needed.",
        "Many of the diseases we see today stem from bad teeth.",
        "Most of these problems are caused by sugar.",
        "The patch is by far a better way to rest.",
        "The gentle pill is making headlines.",
        "The syrup is gentle on many ailments.",
        "The gentle diet keeps the gut working optimally.",
        "The gentle root is versatile.",
        "A gentle touch sets it apart.",
        "The spray outperforms other conventional sprays.",
        "Garlic slashes the risk of stroke.",
        "The pill dramatically reduces risk.",
        "The lamp erases problems.",
    ],
)
def test_bold_wording_overstates(claim: str) -> None:
    assert overstates(cues(claim))


@pytest.mark.parametrize(
    "claim",
    [
        "Experts say that 500 mg of garlic lowers blood pressure.",
        "The mask is natural.",
        "Garlic boosts sleep.",
        "The mask may be natural and boosts sleep, a small trial suggests.",
        "In a randomised trial the drops restored hearing in a third of the patients.",
        "There is no cure for the disease.",
        "Smoking is a risk factor for stroke.",
        "No serious side effects were seen.",
        "It is a powerful opioid.",
        "Kale is less powerful than the pill.",
        "The order comes with a money-back guarantee.",
        "Nobody knows the cause!",
        "An operation cures most cases.",
        "The rash was gone before she saw the doctor.",
        "Proponents claim that the lamp erases scars.",
        "The tablets usually restore hearing.",
        "The visit takes an hour, and there is no downtime.",
        "The nurses hear this story every single week.",
        "There were no more headaches or falls on the gel than on placebo.",
        "The dentist reshapes the gum line.",
        "The protein is a master regulator of growth.",
        "Plaque grows where a brush can’t reach it.",
        "The kidneys flush salt and water.",
        "The test has a success rate of 60%.",
        "Hearing aids are not a direct cure for tinnitus.",
        "The effect has yet to be proven.",
        "This was the conclusion of a landmark study.",
        "Its vibrant yellow colour comes from curcumin.",
        "The jab holds a purified protein.",
        "The oil is a natural, non-psychoactive compound.",
        "Some doctors rave about it, which may be too early.",
        "Some people will have no side effects at all.",
        "It has the agency’s blessing to be sold.",
        "The agency granted the leaf a “breakthrough therapy” designation.",
        "This cure can be worse than the disease.",
        "One drip can’t be counted on to cure a phobia.",
        "The film made a powerful link between smoke and cough.",
        "Sugar hijacks the reward system.",
        "The cuff has been proven effective in 2 of 3 patients.",
        "The syrup is an anti-cancer stem cell agent.",
        "Its ability to eliminate lice is limited.",
        "It is early days for a pill that restores hearing.",
        "The pill restores hearing, but larger, longer trials are needed.",
        "The pill is marketed to restore hearing.",
        "One of the greatest difficulties in treating lice is the egg.",
        "Every other lotion has proven futile.",
        "A swab is the best way to find out which germ it is.",
        "There is no single cure for lice.",
        "There has been growing interest in lotions that are safer and more natural.",
        "The comb can’t always be the perfect solution.",
        "The theory that lice spread by hats has yet to be really proven.",
        "Many who were treated don’t like the side effects.",
        "The drops aim to restore hearing.",
        "Zinc is found in every cell of the body.",
        "The vitamin plays a part in cellular energy production.",
        "The rash is not deadly, as the plague was, it is only sore.",
    ],
)
def test_plain_sober_and_denied_wording_does_not(claim: str) -> None:
    assert not overstates(cues(claim))


def test_nothing_overstates_nothing() -> None:
    assert not overstates(())


def test_a_sober_sentence_takes_from_the_strength_of_its_cues() -> None:
    def strengths(claim: str) -> dict[str, int]:
        found = sorted(cues(claim), key=lambda cue: cue.strength)
        return {cue.span.of(claim): cue.strength for cue in found}

    bold = strengths("The miracle drops are natural, and restore hearing in 2 weeks.")
    sober = strengths("The miracle drops are natural, and might restore hearing in 2 weeks.")
    assert (bold["miracle"], bold["restore"], bold["natural"], bold["2 weeks"]) == (3, 2, 1, 0)
    assert (sober["miracle"], sober["restore"], sober["natural"], sober["2 weeks"]) == (2, 1, 0, 0)


def test_a_stronger_cue_stands_in_the_place_of_a_weaker_one_of_its_kind() -> None:
    claim = "Kale is one of the most powerful greens."
    assert [(cue.span.of(claim), cue.strength) for cue in cues(claim)] == [("most powerful", 3)]


def test_words_that_two_kinds_point_at_count_once() -> None:
    weak = Cue(CueKind.EFFECT_SIZE, Span(0, 9), 1)
    same = Cue(CueKind.ABSOLUTE, Span(4, 12), 1)
    apart = Cue(CueKind.ABSOLUTE, Span(9, 12), 1)
    assert not overstates([weak, same])
    assert overstates([apart, weak])


def test_every_kind_of_cue_has_patterns() -> None:
    tables = tomllib.loads(bundled.path("configs/cues.toml").read_text(encoding="utf-8"))["cue"]
    for kinds in tables.values():
        assert {*map(CueKind, kinds)} == {*CueKind}
    for kind in CueKind:
        assert any(kinds[kind] for kinds in tables.values())


def test_a_desk_adds_words_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "cues.toml"
    file.write_text(
        """
        [words]
        house_word = ['snake ?oil', 'moonshine']
        [cue.strong]
        effect_size = ['pure {house_word}\\b']
        unnamed_research = ['experts say\\b']
        [sober]
        anywhere = ['allegedly\\b']
        """,
        encoding="utf-8",
    )
    own = cueing(file)
    claim = "Pure Snake Oil helps."
    first = cues(claim, own)[0]
    assert (first.kind, first.span.of(claim)) == (CueKind.EFFECT_SIZE, "Pure Snake Oil")
    appeal = "Experts say that it exists."
    assert overstates(cues(appeal, own))
    assert not overstates(cues(appeal))
    assert overstates(cues("It cures colds.", own))
    assert not overstates(cues("It allegedly cures colds.", own))


def test_a_desks_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    file = tmp_path / "cues.toml"
    file.write_text("[cue.strong]\nhype = ['wow']\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"cue\.strong\.hype"):
        cueing(file)


def test_patterns_are_in_small_letters_and_look_no_further_than_some_words() -> None:
    tables = tomllib.loads(bundled.path("configs/cues.toml").read_text(encoding="utf-8"))
    for table in (
        tables["words"],
        tables["sober"],
        *tables["cue"].values(),
        *tables["unless"].values(),
    ):
        for patterns in table.values():
            assert len({*patterns}) == len(patterns)
            for pattern in patterns:
                letters = re.sub(r"\\w[*+]|\\.", "", pattern)
                assert letters == letters.lower()
                assert not re.search(r"[*+]|,\}", letters), pattern


@pytest.mark.timeout(60)
@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 100_000,
        "no " * 33_000,
        "no risk " * 12_500,
        "not a " * 17_000,
        "1" * 100_000,
        "1." * 50_000,
        "1 to " * 20_000,
        "will " * 20_000,
        "new recent clinical " * 5_000,
        "not only a " * 9_000,
        "your own natural " * 6_000,
        "is not very a " * 7_000,
        " " * 100_000,
        "İ " * 50_000,
        "-" * 100_000,
        "where one two three " * 5_000,
        "the only one two " * 6_000,
    ],
    ids=lambda text: text[:20].strip(),
)
def test_no_text_holds_the_patterns_up(hostile: str) -> None:
    """Seconds at most: what grows with the square of the text would take minutes."""
    cues(hostile * 4)


def test_overstatement_is_found_in_the_gold(gold: list[dict[str, Any]]) -> None:
    """By hand three documents were read; the words were chosen for the subject, not for them."""
    claims = [row for row in gold if row["kind"] == "claim"]
    found = [row for row in claims if overstates(cues(row["text"]))]
    right = sum(row["hype"] for row in found)
    assert right / len(found) >= 0.80
    assert right / sum(row["hype"] for row in claims) >= 0.85
