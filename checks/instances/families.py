"""What the repr of a drawn spec or metamorphic relation refers to, to be imported by star before it is pasted."""

from checks.data.synthetic.geometry import Duplicates, Gaussian, Helix, Rays, SymmetricDirection
from checks.data.synthetic.hierarchy import ExclusiveGroups, Hierarchy, NestedGroups
from checks.data.synthetic.sparse import CorrelatedSupports, Markov, Sparse
from checks.data.synthetic.values import Bounded, Outliers, Quantised
from checks.instances.metamorphic import (
    AppendZeros,
    Duplicate,
    Embed,
    Permute,
    PermuteAtoms,
    Rotate,
    Scale,
    Translate,
)
from checks.instances.spec import Spec
from checks.instances.stationary import (
    FreeNorms,
    StationaryBetween,
    StationaryGrid,
    StationaryNest,
    StationaryOverlap,
    StationaryRays,
    StationarySelection,
)

__all__ = [
    "AppendZeros",
    "Bounded",
    "CorrelatedSupports",
    "Duplicate",
    "Duplicates",
    "Embed",
    "ExclusiveGroups",
    "FreeNorms",
    "Gaussian",
    "Helix",
    "Hierarchy",
    "Markov",
    "NestedGroups",
    "Outliers",
    "Permute",
    "PermuteAtoms",
    "Quantised",
    "Rays",
    "Rotate",
    "Scale",
    "Sparse",
    "Spec",
    "StationaryBetween",
    "StationaryGrid",
    "StationaryNest",
    "StationaryOverlap",
    "StationaryRays",
    "StationarySelection",
    "SymmetricDirection",
    "Translate",
]
