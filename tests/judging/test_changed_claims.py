"""Every proved claim is seen to be false as soon as one thing in it is changed, and every inequality to one per cent.

The instances are the smallest that show it, most of them with codes and atoms in closed form, and small optima of every
objective, so that each claim is changed where it speaks. A changed claim that no instance contradicts is listed with
the reason why; whatever is listed in vain fails.
"""

from dataclasses import replace
from functools import cache

import pytest
from sympy import Eq

from checks.data.datasets import STANDARD
from checks.instances.companions import with_split_atom
from checks.instances.sharp import (
    Antipodes,
    Anything,
    FreeNorm,
    OneForTwoRays,
    OneRay,
    OnOrOff,
    SharedLimit,
    Twins,
    TwoForOneRay,
)
from checks.instances.stationary import StationaryGrid, StationaryRays
from checks.judging import exact
from checks.judging.subjects import EXACT, JOINTLY_OPTIMAL, OPTIMAL_CODES
from checks.judging.verdict import Verdict
from checks.solvers.optimum import exact_optimum
from tests.mutants.neighbours import neighbours
from theory.problem import L1
from theory.statement import Status, discover

PROVED = {statement.id: statement for statement in discover() if statement.status is Status.PROVED}
UNBIASED = JOINTLY_OPTIMAL - {"bias", "tied"}
NOTHING, UNIT = frozenset(), frozenset({"unit"})

# What each instance satisfies, beyond the optimum of the other tests.
INSTANCES = {
    Antipodes(1.9, 1.0): JOINTLY_OPTIMAL,
    Antipodes(1.9, 0.5): JOINTLY_OPTIMAL,
    Antipodes(1.9, 1.2): JOINTLY_OPTIMAL,
    Antipodes(3.9, 1.0, d=4): JOINTLY_OPTIMAL,
    StationaryGrid(d=3, k=2, seed=0, lam=0.5): JOINTLY_OPTIMAL,
    StationaryRays(n=12, d=3, k=3, seed=0, lam=0.5): UNBIASED,
    OneRay((1.99,), (0.2,)): UNBIASED,
    OneRay((1.99,), (1.5,)): UNBIASED,
    OneRay((1.5,), (0.5,)): UNBIASED,
    OneRay((1.9, 1.4, 1.0), (1.0, 0.5, 0.5)): UNBIASED,
    OneRay((3.9, 3.9, 3.9), (0.05, 0.5, 1.9), d=4): UNBIASED,
    OneForTwoRays(0.002, 1.0001, 1.0): UNBIASED,
    OneForTwoRays(0.02, 1.99, 1.8): UNBIASED,
    OneRay((1.99,), (0.2,), atom=1.3): OPTIMAL_CODES - UNIT,
    OneRay((1.99,), (1.2,), atom=0.8): OPTIMAL_CODES - UNIT,
    TwoForOneRay(0.05, 0.5, 0.9): OPTIMAL_CODES,
    OnOrOff(2.0): UNBIASED,
    Twins(1.9): JOINTLY_OPTIMAL,
    SharedLimit(1.9): UNBIASED,
    FreeNorm(1.9, 0.5, 1.3): UNBIASED - UNIT,
    Anything(n=1, d=2, k=2, seed=4, unit=True): UNIT,
    Anything(n=1, d=2, k=2, seed=11, unit=True): UNIT,
    Anything(n=6, d=2, k=3, seed=0): NOTHING,
}

# Each inequality with a right side: where it is nearest to equality, and how near.
SHARPEST = {
    "C1.0": (Antipodes(1.9, 1.0), 1.0),
    "C2.0": (Antipodes(1.9, 1.0), 1.0),
    "C3.0": (OneRay((1.9, 1.4, 1.0), (1.0, 0.5, 0.5)), 1.0),
    "D2.0": (Antipodes(1.9, 1.0), 1.0),
    "H1.0": (Antipodes(1.9, 1.0), 1.0),
    "H1.1": (Antipodes(1.9, 1.0), 1.0),
    "H1.2": (OneForTwoRays(0.02, 1.99, 1.8), 1.0),
    "H5.0": (TwoForOneRay(0.05, 0.5, 0.9), 0.9997),
    "K3.0": (Antipodes(1.9, 1.0), 1.0),
    "K6.0": (Antipodes(1.9, 1.0), 1.0),
    "N1.1": (FreeNorm(1.9, 0.5, 1.3), 1.0),
    "R2.0": (OneRay((1.99,), (0.2,)), 1.0),
    "R2.1": (OneRay((1.9, 1.4, 1.0), (1.0, 0.5, 0.5)), 1.0),
    "R3.0": (Antipodes(1.9, 1.0), 1.0),
    "R5.0": (OneRay((1.5,), (0.5,)), 1.0),
    "R6.0": (Antipodes(1.9, 1.0), 1.0),
    "S1.0": (OnOrOff(2.0), 1.0),
    "S2.0": (OnOrOff(2.0), 1.0),
    "S3.0": (Twins(1.9), 1.0),
    "S4.0": (SharedLimit(1.9), 1.0),
    "W1.0": (Antipodes(1.9, 1.0), 1.0),
    "W2.0": (OneRay((1.5,), (0.5,)), 1.0),
    "W4.0": (OneRay((1.5,), (0.5,)), 1.0),
    "W5.0": (Antipodes(3.9, 1.0, d=4), 0.99999),
    "W8.0": (OneForTwoRays(0.002, 1.0001, 1.0), 0.997),
    "W9.0": (Antipodes(1.9, 1.0), 1.0),
    "W9.1": (Antipodes(1.9, 1.0), 1.0),
    "W10.0": (Antipodes(1.9, 1.0), 1.0),
}

SAME_SIDE = "the sides then are the same, up to what holds by construction"
ORTHOGONAL = "in a term that vanishes, as ḋ_j ⟂ d_j"
WIDER = "true as well: its right side is a mean over more samples of what is never negative"
WEAKER = "true as well: no smaller where λ is the same for all units of a sample"
POSITIVE = "true as well: its right side is never negative, and the left side then 0"
BALL = "true as well: ‖w‖ ≤ 1 makes it weaker"
LARGE = "weaker unless codes or gaps are large, and there the claim is not sharp"
SHORT = "weaker unless some d_j·u is more than 1 + λ, and the directions that are tried are shorter"
UNSEEN = {
    "A3.1 left without E[r_a x̂_c]": "true as well: (Σ_a u_a)² ≥ 0",
    "D2.0 right without 1{z_j = 0} (2)": WEAKER,
    "D2.0 right without 1{z_j = 0} (3)": WEAKER,
    "H5.0 left without ‖w‖²": BALL,
    "H6.0 left without σ_j²": SAME_SIDE,
    "H6.0 left without z_j² (3)": ORTHOGONAL,
    "H6.0 left without z_j (6)": ORTHOGONAL,
    "H6.0 left without σ_j (3)": ORTHOGONAL,
    "H6.0 left without ‖ḋ_j‖² (4)": ORTHOGONAL,
    "H6.0 left without Ḋ_cj (2)": ORTHOGONAL,
    "H7.0 left without 1{z_j > 0}": SAME_SIDE,
    "H7.0 left without 1{z_j > 0} (3)": SAME_SIDE,
    "H7.0 right without 1{z_j > 0}": SAME_SIDE,
    "H7.0 left without z_j (3)": ORTHOGONAL,
    "H7.0 left without ḋ_j·r (3)": ORTHOGONAL,
    "H7.0 left without r_c (2)": ORTHOGONAL,
    "H7.0 left without Ḋ_cj (3)": ORTHOGONAL,
    "K1.1 left without φ'(z_l) − d_l·r": "true as well: an indicator is not negative",
    "K1.1 left without 1{z_l = 0}": "true as well: it is C1",
    "K3.0 left without G_lj": "true as well: its left side is 0",
    "K3.0 right without 1{z_l = 0}": WIDER,
    "K3.0 right without 1{z_l = 0} (2)": WIDER,
    "K3.0 right without 1{z_l = 0} (3)": WIDER,
    "K4.0 right without 1 − G_lj": SAME_SIDE,
    "K5.0 right without 1{z_l = 0}": SAME_SIDE,
    "K5.0 right without 1 − G_lj": SAME_SIDE,
    "K6.0 left without G_lj": "true as well: its left side is 0",
    "K6.0 right without 1{z_l = 0}": WIDER,
    "K6.0 right without 1{z_l = 0} (2)": WIDER,
    "K6.0 right without 1{z_l = 0} (3)": WIDER,
    "K6.0 right without 1{z_l > 0}": WIDER,
    "N1.2 left without ‖d_j‖": "true as well: what is 0 is 0 without it too",
    "R2.0 right without (d_j·u − λ)₊": SHORT,
    "R5.0 right without 1{z_j > 0}": WIDER,
    "S1.0 right without z_j (2)": LARGE,
    "S2.0 right without 1{z_l = 0}": POSITIVE,
    "S3.0 right without 1{z_l = 0}": POSITIVE,
    "W1.0 right without ‖w‖²": BALL,
    "W5.0 right without x_a − b_a − Σ_m D_am z_m": "true as well: E[r] = 0 leaves the penalty alone",
    "W8.0 right without z_j": LARGE,
    "W8.0 right without z'_j": LARGE,
    "W8.0 right without ‖w‖²": BALL,
    "W8.0 right without ‖w'‖²": BALL,
}
# Too long a name for the table.
GAPS = "W8.0 right without λ² ‖w‖² / 2 + "  # the sum of both gaps: LARGE


@cache
def changed():
    """Every neighbour of every claim, as a statement with the proof of the claim."""
    return list(_changed())


def _changed():
    for statement in PROVED.values():
        for n, (claim, proof) in enumerate(zip(statement.claims, statement.proofs, strict=True)):
            for name, neighbour in neighbours(claim).items():
                yield replace(statement, claim=neighbour, proof=proof, controls={}, id=f"{statement.id}.{n} {name}")


@pytest.fixture(scope="module")
def others():
    """An optimum of each objective but L1, of which there are points enough, as the main job poses it."""
    problems = [problem for dataset in STANDARD if not dataset.steps for problem in dataset.instances(0)]
    return [exact_optimum(problem, 0) for problem in problems if problem.objective is not L1]


@pytest.fixture(scope="module")
def unseen(optimum, others):
    """The neighbours that no instance contradicts."""
    left = {statement.id: statement for statement in changed()}
    points = [(point, EXACT.promises(point.instance)) for point in (optimum, with_split_atom(optimum), *others)]
    for point, promises in [*((spec.point(), promises) for spec, promises in INSTANCES.items()), *points]:
        judged = exact.judge([each for each in left.values() if each.premises <= promises], [point], promises)
        assert not any(judgement.uncertified for judgement in judged.values()), point.instance.name
        left = {name: s for name, s in left.items() if name not in judged or not _fails(judged[name])}
    return set(left)


def _fails(judgement):
    return judgement.verdict is Verdict.FALSIFIED


def test_a_changed_claim_is_falsified_or_listed(unseen):
    assert len(changed()) > 900
    assert {name for name in unseen if not name.startswith(GAPS)} == set(UNSEEN)


@pytest.mark.parametrize("spec", INSTANCES, ids=repr)
def test_what_is_proved_holds_at_the_instances(spec):
    promises = INSTANCES[spec]
    judged = exact.judge([s for s in PROVED.values() if s.premises <= promises], [spec.point()], promises)
    assert {judgement.verdict for judgement in judged.values()} <= {Verdict.CONFIRMED, Verdict.VACUOUS}
    assert Verdict.CONFIRMED in {judgement.verdict for judgement in judged.values()}


@pytest.mark.parametrize("name", SHARPEST)
def test_an_inequality_is_sharp(name):
    spec, kept = SHARPEST[name]
    identifier, n = name.split(".")
    statement, n = PROVED[identifier], int(n)
    alone = replace(statement, claim=statement.claims[n], proof=statement.proofs[n], controls={})
    nearby = neighbours(statement.claims[n])
    (more,) = (nearby[key] for key in nearby if key.endswith("a hundredth more"))
    point, promises = spec.point(), INSTANCES[spec]
    held = exact.judge([alone], [point], promises)[identifier]
    assert held.verdict is Verdict.CONFIRMED
    assert held.tightness >= kept * (1 - 1e-9)
    assert _fails(exact.judge([replace(alone, claim=more)], [point], promises)[identifier])


def test_no_inequality_is_without_its_sharpest_instance():
    inequalities = {
        f"{statement.id}.{n}"
        for statement in PROVED.values()
        for n, claim in enumerate(statement.claims)
        if not isinstance(claim, Eq) and claim.rhs != 0
    }
    assert inequalities == set(SHARPEST)
