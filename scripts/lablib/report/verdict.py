"""Which side to choose, by a rule that is printed beside the choice.

The score is the geometric mean of the ratios of footprint and cost to the base, both weighing the
same. A side is chosen over the base only when its whole interval lies below 1 − MARGIN and no run
failed.
"""

import dataclasses
import math

from lablib.report import sides

MARGIN = 0.02  # less than this is not worth a deployment


@dataclasses.dataclass
class Candidate:
    """A side with its ratios; `failed` counts runs that did not end as meant; `whole` is false where
    it lacks a ratio that others have, so that its score is of something else."""

    side: str
    footprint: sides.Ratio
    cost: sides.Ratio
    failed: int = 0
    whole: bool = True

    @property
    def score(self):
        """(value, low, high) of the geometric mean; the interval is the widest that both allow."""
        known = [each for each in (self.footprint, self.cost) if each]
        return tuple(math.exp(sum(math.log(getattr(each, part)) for each in known) / len(known))
                     for part in ("value", "low", "high"))


def candidates(names, footprint, cost, failed):
    """Returns the Candidates of which at least one ratio is known, best score first."""
    found = [Candidate(name, footprint.get(name), cost.get(name), failed.get(name, 0))
             for name in names if footprint.get(name) or cost.get(name)]
    both = any(each.footprint and each.cost for each in found)
    for each in found:
        each.whole = bool(each.footprint and each.cost) or not both
    return sorted(found, key=lambda each: (not each.whole, each.score))


def choose(found, base):
    """Returns (the chosen Candidate, why) of non-empty `found`."""
    found = [each for each in found if each.whole]
    sound = [each for each in found if not each.failed]
    own = next((each for each in found if each.side == base), None)
    better = [each for each in sound if each.side != base and each.score[2] < 1 - MARGIN]
    if better:
        return better[0], f"its score is more than {MARGIN:.0%} below {base}'s over the whole interval"
    if own is None or own.failed:
        first = (sound or found)[0]
        return first, f"{base} did not end all its runs; this is the lowest score of those that did"
    if len(found) == 1:
        return own, "nothing else was measured"
    return own, f"no other side's score is more than {MARGIN:.0%} below {base}'s over its whole interval"


def frontier(found):
    """The names of Candidates that no other beats in both footprint and cost."""
    known = [each for each in found if each.footprint and each.cost]
    return [each.side for each in known if not any(
        other.footprint.value <= each.footprint.value and other.cost.value <= each.cost.value
        and (other.footprint.value, other.cost.value) != (each.footprint.value, each.cost.value)
        for other in known)]
