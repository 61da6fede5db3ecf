"""How far reviewers agree, told with its uncertainty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factcheck.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RESAMPLES = 2_000
_SEED = 20_110_125
_LOST = 0.05  # share of resamples that may lack a value before an interval says nothing


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient with its 95% interval, `low <= high`.

    None stands for "not computable", and `reason` then says why. A value can stand without
    an interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Three views of one set of reviews, and how much they rest on.

    `n_units` counts the claims with two or more verdicts, `n_reviews` the verdicts on them.
    """

    observed: Figure
    alpha: Figure
    ac1: Figure
    n_units: int
    n_reviews: int


def agreement(units: Sequence[Mapping[str, Verdict]]) -> Agreement:
    """Agreement among reviewers; each unit is a claim, and maps its reviewers to verdicts.

    Intervals are percentiles of a bootstrap over claims, with a fixed seed: the same units
    in any order give the same figures. Claims with fewer than two verdicts show no
    agreement; those with one still tell AC1 how common each verdict is.
    """
    import numpy as np

    patterns = Counter(
        tuple(votes[verdict] for verdict in Verdict)
        for votes in (Counter(unit.values()) for unit in units if unit)
    )
    pairable = {pattern: n for pattern, n in patterns.items() if sum(pattern) > 1}
    n_units = sum(pairable.values())
    n_reviews = sum(sum(pattern) * n for pattern, n in pairable.items())
    if n_units < 2:
        missing = Figure(None, reason=f"{n_units} of 2 claims needed have two or more reviews")
        return Agreement(missing, missing, missing, n_units, n_reviews)

    # Claims with the same tally are alike to every coefficient here, so that drawing as many
    # claims as there are, with replacement, is one multinomial draw over the tallies.
    counts = np.array(sorted(patterns), dtype=float)
    weights = np.array([patterns[pattern] for pattern in sorted(patterns)], dtype=float)
    total = int(weights.sum())
    draws = np.random.default_rng(_SEED).multinomial(total, weights / total, size=RESAMPLES)
    resamples = draws.astype(float)

    def figure(coefficient: Callable[[Array, Array], Array]) -> Figure:
        value = float(coefficient(counts, weights[None, :])[0])
        if np.isnan(value):
            return Figure(None, reason="every review has the same verdict, chance is undefined")
        values = coefficient(counts, resamples)
        usable = values[~np.isnan(values)]
        if len(usable) < (1 - _LOST) * RESAMPLES:
            return Figure(value, reason="too little variation for an interval")
        low, high = (float(edge) for edge in np.percentile(usable, [2.5, 97.5]))
        if low == high:
            return Figure(value, reason="no variation between claims, so no interval")
        return Figure(value, low, high)

    return Agreement(
        observed=figure(observed_agreement),
        alpha=figure(ordinal_alpha),
        ac1=figure(gwet_ac1),
        n_units=n_units,
        n_reviews=n_reviews,
    )


def observed_agreement(counts: Array, weights: Array) -> Array:
    """The share of agreeing pairs of reviewers in a unit, on average over units.

    `counts` has shape (units, categories) and says how many reviewers chose each category;
    `weights` has shape (samples, units) and says how often a sample holds each unit. Returns
    one value for each sample, NaN where it is undefined. Units with one review count for
    nothing.
    """
    import numpy as np

    reviews = counts.sum(axis=1)
    pairable = reviews > 1
    pairs = np.where(pairable, reviews * (reviews - 1), 1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / pairs
    return _ratio(weights @ (agreeing * pairable), weights @ pairable.astype(float))


def ordinal_alpha(counts: Array, weights: Array) -> Array:
    """Krippendorff's alpha for ordered categories; shapes as in `observed_agreement`.

    From coincidences, with the ordinal difference made of the marginals of each sample:
    K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011),
    https://repository.upenn.edu/asc_papers/43. NaN where all values are the same: then
    nothing is known of how reviewers would tell categories apart.
    """
    import numpy as np

    reviews = counts.sum(axis=1)
    pairable = reviews > 1
    categories = counts.shape[1]
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(categories)
    pairs *= (pairable / np.where(pairable, reviews - 1, 1))[:, None, None]
    coincidences = np.tensordot(weights, pairs, axes=1)  # (samples, categories, categories)
    marginals = coincidences.sum(axis=2)

    # The ordinal difference of c and k is the square of how many values lie between the
    # middles of both categories.
    middles = np.cumsum(marginals, axis=1) - marginals / 2
    differences = (middles[:, :, None] - middles[:, None, :]) ** 2
    chance = marginals[:, :, None] * marginals[:, None, :]  # differences are 0 where c is k
    observed = (coincidences * differences).sum(axis=(1, 2))
    expected = (chance * differences).sum(axis=(1, 2))
    return 1 - _ratio(observed * (marginals.sum(axis=1) - 1), expected)


def gwet_ac1(counts: Array, weights: Array) -> Array:
    """Gwet's AC1 for any number of reviewers; shapes as in `observed_agreement`.

    K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high
    agreement", British Journal of Mathematical and Statistical Psychology 61 (2008), 29-48.
    Units with missing reviews as in his Handbook of Inter-Rater Reliability (2014): those
    with one review take part in the prevalences. All categories of the scale count, also
    those that nobody chose. Every unit needs at least one review.
    """
    categories = counts.shape[1]
    shares = counts / counts.sum(axis=1, keepdims=True)
    prevalences = (weights @ shares) / weights.sum(axis=1, keepdims=True)
    chance = (prevalences * (1 - prevalences)).sum(axis=1) / (categories - 1)
    agreed: Array = (observed_agreement(counts, weights) - chance) / (1 - chance)
    return agreed


def _ratio(numerators: Array, denominators: Array) -> Array:
    """Element by element, NaN where the denominator is 0."""
    import numpy as np

    undefined = np.full_like(numerators, np.nan)
    return np.divide(numerators, denominators, out=undefined, where=denominators != 0)
