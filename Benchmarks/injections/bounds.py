"""Exact bounds of a share, one-sided, at 95 % (Clopper and Pearson)."""

from math import exp, lgamma, log, log1p

CONFIDENCE = 0.95


def at_most(successes: int, of: int, share: float) -> float:
    """The probability of at most so many successes."""
    if share in (0, 1):
        return 1.0 if share == 0 or successes == of else 0.0
    return sum(exp(lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log1p(-share))
               for k in range(successes + 1))


def root(is_below) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2


def upper(successes: int, of: int) -> float:
    """The largest share at which so few successes are not surprising."""
    return 1.0 if successes == of else root(lambda share: at_most(successes, of, share) > 1 - CONFIDENCE)


def lower(successes: int, of: int) -> float:
    """The smallest share at which so many successes are not surprising."""
    return 1 - upper(of - successes, of)
