"""What statements take for granted, each of which can be dropped by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from checks.judging.subjects import BEST_CODES, OF_THE_BIAS, OPTIMAL_CODES


class Penalty(Enum):
    """What the codes really pay at a point: the conditions are those of this penalty, whatever a claim says."""

    L1 = "L1"
    SIGNED = "λ|z| of signed codes"
    CURVED = "another member of the family"


@dataclass(frozen=True)
class Assumption:
    """What is taken for granted: its name, the conditions that go with it and the penalty where it is dropped.

    What implies a dropped condition is dropped too: codes that are optimal are stationary along every encoder.
    """

    name: str
    conditions: frozenset[str] = frozenset()
    without: Penalty = Penalty.L1

    @property
    def leaves_an_encoder(self) -> bool:
        """Whether the codes are no longer optimal, but still stationary along an encoder."""
        return "code" in self.conditions and "enc_w" not in self.conditions


NONE = Assumption("nothing")  # all are kept: the control
NONNEGATIVE_CODES = Assumption("nonnegative codes", without=Penalty.SIGNED)
LINEAR_PENALTY = Assumption("linear penalty", without=Penalty.CURVED)
ASSUMPTIONS = (
    Assumption("optimal codes", BEST_CODES),
    Assumption("stationary encoder", OPTIMAL_CODES - {"unit"}),
    Assumption("stationary atoms", frozenset({"atom"})),
    Assumption("stationary bias", OF_THE_BIAS),
    Assumption("unit norm", frozenset({"unit"})),
    NONNEGATIVE_CODES,
    LINEAR_PENALTY,
)
