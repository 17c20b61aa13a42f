"""What is nonnegative by inspection, for monomials."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sympy import Expr

from checks.claims.monomials import Monomial, all_leaves
from theory.manifest import is_nonnegative as is_manifestly_nonnegative
from theory.normal_form import DELTA, DIMENSION, MEAN, Leaf, leaf_name, template
from theory.problem import mu, neg

MULTIPLIER = leaf_name(mu)  # where silent units have a price: elsewhere it has no sign


def template_of(name: str) -> Expr:
    """What the name of a leaf stands for, with symbols _0, _1, … for its indices."""
    if name.startswith("neg("):
        return neg(*template("pos" + name.removeprefix("neg")).args)
    return template(name)


@cache
def is_nonnegative(leaf: Leaf) -> bool:
    if leaf[0] == MEAN:
        return has_sign(leaf[2])
    if leaf[0].startswith((DIMENSION, DELTA, "neg(", "pos(")):
        return True
    shown = template_of(leaf[0])
    return is_manifestly_nonnegative(shown)


def has_sign(powers: Iterable[tuple[Leaf, int]]) -> bool:
    """Whether a monomial is manifestly ≥ 0."""
    return all(power % 2 == 0 or is_nonnegative(leaf) for leaf, power in powers)


def cost_of_sign(monomials: Iterable[Monomial]) -> float:
    """What terms cost for being nonnegative: much if they are so only where silent units have a price."""
    names = {leaf[0] for monomial in monomials for leaf, _ in all_leaves(monomial)}
    return 8.0 if MULTIPLIER in names else 0.5
