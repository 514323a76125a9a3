"""The numbers of docs/specs/trust-and-review.md, sections 3 and 6: intervals of rates, and the sum of denials."""

import math

# The 97.5 % quantile of the normal distribution.
Z = 1.959963984540054
# h: 8 standard deviations, in thousandths.
LIMIT = 8_000


def bound(interval: str, cases: int, total: int) -> float:
    """The upper end of the two-sided interval of 95 %."""
    return wilson(cases, total) if interval == "wilson95" else clopper_pearson(cases, total)


def wilson(cases: int, total: int) -> float:
    """Wilson (1927): the larger root of (p - rate)^2 = z^2 p (1 - p) / n."""
    rate = cases / total
    a, b, c = 1 + Z * Z / total, 2 * rate + Z * Z / total, rate * rate
    return max(rate, min(1.0, (b + math.sqrt(max(0.0, b * b - 4 * a * c))) / (2 * a)))


def clopper_pearson(cases: int, total: int) -> float:
    """The probability at which at most so many cases have the probability of 2.5 %."""
    if cases >= total:
        return 1.0
    low, high = cases / total, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if _at_most(cases, total, middle) > 0.025:
            low = middle
        else:
            high = middle
    return high


def _at_most(cases: int, total: int, p: float) -> float:
    def log_term(count: int) -> float:
        return (math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
                + count * math.log(p) + (total - count) * math.log1p(-p))
    return math.fsum(math.exp(log_term(count)) for count in range(cases + 1))


class Sum:
    """The cumulative sum of denials, in thousandths of a standard deviation of the rate that a stage admits."""

    def __init__(self, criteria: dict, stage: int) -> None:
        name = ["assisted", "assisted", "bounded", "full"][stage]
        p = min(max(criteria["stages"][name]["agent_denials"], 300), 5_000) / 10_000
        deviation = math.sqrt(p * (1 - p))
        self.up = math.floor(((1 - p) / deviation - 0.5) * 1_000 + 0.5)
        self.down = math.floor((p / deviation + 0.5) * 1_000 + 0.5)
        self.value = 0

    def add(self, denied: bool) -> bool:
        """Returns True for an alarm, after which the sum begins anew."""
        self.value = self.value + self.up if denied else max(0, self.value - self.down)
        if self.value <= LIMIT:
            return False
        self.value = 0
        return True
