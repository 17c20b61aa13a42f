"""What a claim asks of the samples, read from its own expressions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from sympy import Expr

from theory.expectation import E, depends_on_sample
from theory.statement import Statement


class Kind(Enum):
    """How a claim is judged in a pass over the samples."""

    MOMENTS = "from moments over all samples"
    SAMPLES = "sample by sample"
    BOTH = "sample by sample, beside moments: in a second pass"
    ATOMS = "from the dictionary alone"


def kind_of(statement: Statement) -> Kind:
    """How a statement's claims and conditions are judged."""
    relations = (*statement.claims, *statement.given)
    return kind_of_sides(side for relation in relations for side in relation.args)


def kind_of_sides(sides: Iterable[Expr]) -> Kind:
    """How a relation between expressions is judged."""
    sides = tuple(sides)
    sampled, averaged = any(map(depends_on_sample, sides)), any(side.has(E) for side in sides)
    if sampled:
        return Kind.BOTH if averaged else Kind.SAMPLES
    return Kind.MOMENTS if averaged else Kind.ATOMS
