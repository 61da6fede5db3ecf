"""The word lists and patterns as data, and a desk's own beside them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from factcheck import bundled
from factcheck.claims import lexicon
from factcheck.claims.lexicon import Mentions, Openings
from factcheck.claims.segment import rules, segment
from factcheck.claims.wording import wording
from factcheck.errors import UsageError
from factcheck.model import Kind

ARTICLE = "Naps and Memory\n\nNaps restore memory in adults. {} The effect lasts for hours."

Own = Callable[[str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """Writes a desk's own wording."""

    def write(text: str) -> Path:
        file = tmp_path / "wording.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def sorted_as(sentence: str, file: Path | None = None) -> tuple[Kind, str]:
    text = ARTICLE.format(sentence)
    (piece,) = [p for p in segment(text, wording(file)) if p.span.of(text) == sentence]
    return piece.kind, piece.reason


def refusal(file: Path) -> str:
    with pytest.raises(UsageError) as refused:
        wording(file)
    assert str(file) in refused.value.message
    assert refused.value.hint
    return refused.value.message


def test_a_desk_adds_patterns_under_reasons_of_its_own_and_under_known_ones(own: Own) -> None:
    advertised, opined = "Our sleep shop has pillows.", "Honestly, naps are lovely."
    assert {sorted_as(advertised)[0], sorted_as(opined)[0]} == {Kind.CLAIM}
    file = own(
        "[boilerplate.opening]\nhouse_ads = ['our {goods} shop\\b']\n"
        "[words]\ngoods = ['sleep', 'tea']\n"
        "[nonclaim.opening]\nrhetoric = ['honestly\\b']\n"
    )
    assert sorted_as(advertised, file) == (Kind.BOILERPLATE, "house_ads")
    assert sorted_as(opined, file) == (Kind.NONCLAIM, "rhetoric")


def test_a_desk_adds_words_to_the_bundled_groups_and_lists(own: Own) -> None:
    file = own("[words]\nnetwork = ['napster']\n[lists]\nabbreviations = ['slp']\n")
    text = ARTICLE.format("") + "\n\nShare on Napster"
    assert segment(text, wording(file))[-1].reason == "share"
    measured = "Naps\n\nNurses had 2 slp. units of rest."
    assert [len(segment(measured, wording(own))) for own in (None, file)] == [3, 2]


def test_a_desk_without_a_file_of_its_own_has_the_bundled_wording(tmp_path: Path) -> None:
    assert wording(tmp_path / "wording.toml").fingerprint == wording().fingerprint


def test_the_name_of_the_rules_changes_with_any_word(own: Own) -> None:
    assert re.fullmatch(r"\d+-[0-9a-f]{12}", rules())
    assert rules(wording(own("[lists]\nverbs = ['snoozes']\n"))) != rules()


def test_wording_travels_to_another_process(own: Own) -> None:
    words = wording(own("[nonclaim.opening]\nrhetoric = ['honestly\\b']\n"))
    text = ARTICLE.format("Honestly, naps are lovely. Let us begin.")
    assert segment(text, pickle.loads(pickle.dumps(words))) == segment(text, words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[boilerplate.opening\n", "is not valid TOML"),
        ("[boilerplat.opening]\na = ['x']\n", "boilerplat, which factcheck doesn't know. Did"),
        ("[boilerplate.openings]\na = ['x']\n", "Did you mean opening?"),
        ("[lists]\nverb = ['naps']\n", "lists.verb, which factcheck doesn't know. Did you mean v"),
        ("[core.anywhere]\nhouse = ['x']\n", "core.anywhere.house, which factcheck doesn't know"),
        ("lists = ['x']\n", "lists has to be a table"),
        ("[lists.verbs]\na = ['x']\n", "lists.verbs has to be a list"),
        ("[lists]\nverbs = 'naps'\n", "lists.verbs has to be a list of words"),
        ("[lists]\nverbs = ['']\n", "lists.verbs has to be a list of words"),
        ("[words]\nThings = ['x']\n", "words.Things is no name"),
        ("[boilerplate.line]\nads = ['(shop']\n", "'(shop', which is no regular expression"),
        ("[boilerplate.line]\nads = ['shop)|(?:x']\n", "which is no regular expression"),
        ("[boilerplate.line]\nads = ['(?i)shop']\n", "which is no regular expression"),
        ("[boilerplate.line]\nads = ['(a|b) shop']\n", "which holds a group that captures"),
        ("[boilerplate.line]\nads = ['shop|']\n", "which matches an empty text"),
        ("[boilerplate.line]\nads = ['our Shop']\n", "which holds a capital"),
        ("[boilerplate.line]\nads = ['{shops}']\n", "there is no list shops in [words]"),
        ("[words]\na = ['{b}']\nb = ['{a}']\n", "whose words name each other"),
        ("[nonclaim.opening]\nshare = ['x']\n", "gives the reason share to nonclaim"),
        ("[boilerplate.line]\nheading = ['x']\n", "gives the reason heading to boilerplate"),
    ],
)
def test_wording_that_cannot_be_used_is_refused_by_file_table_and_pattern(
    own: Own, text: str, said: str
) -> None:
    assert said in refusal(own(text))


def test_wording_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wording.toml").mkdir()
    assert "can't be read" in refusal(tmp_path / "wording.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    assert "is not valid TOML" in refusal(binary)


def test_the_bundled_wording_passes_what_a_desks_own_has_to_pass() -> None:
    file = bundled.path("configs/wording.toml")
    doubled = lexicon.load("wording.toml", file, cased=("boilerplate.cased",))
    assert len(doubled["lists"]["verbs"]) == 2 * len(set(doubled["lists"]["verbs"]))


BUNDLED = lexicon.load("wording.toml")
OPENING = [
    rule
    for table in (
        *(BUNDLED["boilerplate"][name] for name in ("whole", "line", "opening")),
        *BUNDLED["section"].values(),
        BUNDLED["nonclaim"]["opening"],
    )
    for rule in lexicon.rules(table, BUNDLED["words"])
]
ALL_OPENINGS = Openings(OPENING)
ALL_MENTIONS = Mentions(lexicon.rules(BUNDLED["nonclaim"]["anywhere"], BUNDLED["words"]))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_no_rule_is_passed_over_for_the_letters_that_a_text_starts_with(
    data: st.DataObject,
) -> None:
    _, pattern = data.draw(st.sampled_from(OPENING))
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    assume(re.match(pattern, text))  # beyond ASCII, a word may end elsewhere
    assert ALL_OPENINGS.match(text, 0)


@pytest.mark.parametrize(
    "pattern",
    [
        *("colou?r", "x?yz", "a{2}b", "a{0,1}b", "(?:ab)?c", "(?:a|b)*c", "(?:the )?(?:x|y)s?"),
        *(r"\d{1,2}a", r"\d?a", "[ab]c", ".b", "(?!x)ab", "don.t", "ab|cd", "(?:ab|c?d)e", r"\.a"),
        *("(?:a(?:b|c)|d)", "(?:)a", r"\bab", "é", "a+b", "ab*c", "(?:a?b?)c", r"(?:\w+ )?x"),
        *(
            "(?:a|ab|abc) ?x",
            "(?:ab|a)bc",
            "a{2,3}b",
            "(?:ab){2}",
            "x(?: y|z.)? a",
            "(?:a|b)(?:c|d)e",
        ),
        *(r"(?:a|\d)b", "(?:ab)+c", "(?<=x)ab", "a(?=b)b", "abcdexyzab"),
    ],
)
@given(data=st.data())
def test_whatever_a_pattern_matches_is_tried_on_it(pattern: str, data: st.DataObject) -> None:
    beside = Openings([("reason", pattern), ("other", "zz"), ("third", "ab")])
    examples = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    text = data.draw(examples | st.text("abcdexyz 1."))
    assert bool(beside.match(text, 0)) == bool(re.match(f"{pattern}|zz|ab", text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("naps are not without challenges.", "transition"),
        ("look no further than naps", "rhetoric"),
    ],
)
def test_a_mention_is_found_at_the_start_and_behind_a_space(text: str, reason: str) -> None:
    found = ALL_MENTIONS.search(text)
    assert found is not None
    assert found.lastgroup == reason
    assert ALL_MENTIONS.search(text.replace(" ", "x")) is None
