"""Agreement among reviewers, against published figures and another implementation."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest

from factcheck.model import Verdict
from factcheck.review.agreement import agreement, gwet_ac1, observed_agreement, ordinal_alpha

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SUPPORTED, OVERSTATED, UNSUPPORTED = Verdict

# Four observers, twelve units, five ordered categories: the worked example of Krippendorff,
# "Computing Krippendorff's Alpha-Reliability" (2011), and the data set `cac.raw4raters` of
# Gwet's R package irrCAC. None: not rated.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def counts_of(ratings: Sequence[Sequence[int | None]], categories: int) -> np.ndarray:
    """From raters by units to units by categories."""
    return np.array(
        [[unit.count(k + 1) for k in range(categories)] for unit in zip(*ratings, strict=True)],
        dtype=float,
    )


def once(coefficient: Callable[..., np.ndarray], counts: np.ndarray) -> float:
    return float(coefficient(counts, np.ones((1, len(counts))))[0])


def simulated(units: int, reviewers: int, seed: int) -> list[dict[str, Verdict]]:
    """Reviewers who see a common truth seven times in ten, and miss a third of the claims."""
    dice = random.Random(seed)
    claims = []
    for _ in range(units):
        truth = dice.choices(list(Verdict), [6, 3, 1])[0]
        claims.append(
            {
                f"reviewer {n}": truth if dice.random() < 0.7 else dice.choice(list(Verdict))
                for n in range(reviewers)
                if dice.random() < 0.67
            }
        )
    return claims


def test_krippendorffs_worked_example_comes_out_as_published() -> None:
    alpha = once(ordinal_alpha, counts_of(KRIPPENDORFF_2011, 5))

    assert alpha == pytest.approx(0.815, abs=5e-4)


def test_gwets_example_with_missing_ratings_comes_out_as_published() -> None:
    """irrCAC 1.0, vignette "overview": percent agreement 0.8181818, AC1 0.77544."""
    counts = counts_of(KRIPPENDORFF_2011, 5)

    assert once(observed_agreement, counts) == pytest.approx(0.8181818, abs=5e-8)
    assert once(gwet_ac1, counts) == pytest.approx(0.77544, abs=5e-6)


def test_gwets_two_abstractors_come_out_as_published() -> None:
    """irrCAC 1.0, `cont3x3abstractors`: percent agreement 0.89, AC1 0.8493305 (0.764, 0.935)."""
    table = [
        (SUPPORTED, SUPPORTED, 13),
        (OVERSTATED, OVERSTATED, 20),
        (OVERSTATED, UNSUPPORTED, 7),
        (UNSUPPORTED, OVERSTATED, 4),
        (UNSUPPORTED, UNSUPPORTED, 56),
    ]
    found = agreement([{"1": a, "2": b} for a, b, times in table for _ in range(times)])

    assert found.observed.value == pytest.approx(0.89)
    assert found.ac1.value == pytest.approx(0.8493305, abs=5e-8)
    # The published interval is Gwet's analytic one; the bootstrap comes close to it.
    assert found.ac1.low == pytest.approx(0.764, abs=0.02)
    assert found.ac1.high == pytest.approx(0.935, abs=0.02)
    assert (found.n_units, found.n_reviews) == (100, 200)


@pytest.mark.parametrize("seed", range(20))
def test_alpha_is_that_of_the_krippendorff_package_also_with_missing_reviews(seed: int) -> None:
    claims = simulated(units=12 + 3 * seed, reviewers=2 + seed % 4, seed=seed)
    names = sorted({name for claim in claims for name in claim})
    ratings = [
        [claim[name].severity if name in claim else math.nan for claim in claims] for name in names
    ]

    expected = krippendorff.alpha(ratings, level_of_measurement="ordinal")

    assert agreement(claims).alpha.value == pytest.approx(expected, abs=1e-12)


def test_intervals_hold_their_figure_and_narrow_with_more_claims() -> None:
    few, many = (agreement(simulated(units, 3, seed=1)) for units in (40, 1_000))

    for name in ("observed", "alpha", "ac1"):
        narrow, wide = getattr(many, name), getattr(few, name)
        assert narrow.low < narrow.value < narrow.high
        assert wide.low < wide.value < wide.high
        assert narrow.high - narrow.low < (wide.high - wide.low) / 3


def test_intervals_are_those_of_a_plain_bootstrap_over_claims() -> None:
    claims = simulated(units=80, reviewers=2, seed=5)
    dice = random.Random(0)
    values = sorted(
        sum(len(set(claim.values())) == 1 for claim in drawn if len(claim) == 2)
        / sum(len(claim) == 2 for claim in drawn)
        for drawn in (dice.choices(claims, k=len(claims)) for _ in range(4_000))
    )

    found = agreement(claims).observed

    assert found.low == pytest.approx(values[100], abs=0.03)
    assert found.high == pytest.approx(values[3_900], abs=0.03)


def test_the_same_claims_in_any_order_give_the_same_figures() -> None:
    claims = simulated(units=60, reviewers=3, seed=2)

    assert agreement(claims) == agreement(claims[::-1]) == agreement(list(claims))


@pytest.mark.parametrize(
    "claims",
    [
        [],
        [{}, {"ana": SUPPORTED}],
        [{"ana": SUPPORTED, "ben": OVERSTATED}, {"ana": SUPPORTED}],
    ],
)
def test_fewer_than_two_claims_with_two_reviews_show_no_agreement(
    claims: list[dict[str, Verdict]],
) -> None:
    found = agreement(claims)

    for figure in (found.observed, found.alpha, found.ac1):
        assert (figure.value, figure.low, figure.high) == (None, None, None)
        assert "of 2 claims needed" in str(figure.reason)
    assert found.n_units == sum(len(claim) > 1 for claim in claims)


def test_alpha_is_not_computable_where_every_verdict_is_the_same() -> None:
    found = agreement([{"ana": SUPPORTED, "ben": SUPPORTED}] * 10)

    assert found.alpha.value is None
    assert "same verdict" in str(found.alpha.reason)
    assert (found.observed.value, found.ac1.value) == (1.0, 1.0)


def test_full_agreement_has_no_interval_to_boast_of() -> None:
    found = agreement(
        [{"ana": SUPPORTED, "ben": SUPPORTED}, {"ana": UNSUPPORTED, "ben": UNSUPPORTED}] * 5
    )

    assert (found.observed.value, found.alpha.value) == (1.0, 1.0)
    assert (found.observed.low, found.observed.high) == (None, None)
    assert "no interval" in str(found.observed.reason)


def test_a_single_deviation_is_too_little_for_an_interval_of_alpha() -> None:
    found = agreement(
        [{"ana": SUPPORTED, "ben": SUPPORTED}] * 30 + [{"ana": SUPPORTED, "ben": OVERSTATED}]
    )

    assert found.alpha.value == pytest.approx(0.0, abs=0.02)
    assert (found.alpha.low, found.alpha.high) == (None, None)
    assert "too little variation" in str(found.alpha.reason)
    assert found.observed.low is not None
