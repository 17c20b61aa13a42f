"""Everything that the repr of a drawn spec refers to: `from checks.distributions.families import *`, then paste it."""

from checks.distributions.geometry import Duplicates, Gaussian, Helix, Rays, SymmetricDirection
from checks.distributions.hierarchy import ExclusiveGroups, Hierarchy, NestedGroups
from checks.distributions.sparse import CorrelatedSupports, Markov, Sparse
from checks.distributions.spec import Spec
from checks.distributions.stationary import StationaryGrid, StationaryRays
from checks.distributions.values import Bounded, Outliers, Quantised

__all__ = [
    "Bounded",
    "CorrelatedSupports",
    "Duplicates",
    "ExclusiveGroups",
    "Gaussian",
    "Helix",
    "Hierarchy",
    "Markov",
    "NestedGroups",
    "Outliers",
    "Quantised",
    "Rays",
    "Sparse",
    "Spec",
    "StationaryGrid",
    "StationaryRays",
    "SymmetricDirection",
]
