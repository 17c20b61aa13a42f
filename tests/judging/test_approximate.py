"""At trained SAEs a law must be an order of magnitude nearer to the point than any of its controls."""

from dataclasses import replace

import numpy as np
import pytest

from checks.judging import approximate
from checks.judging.findings import has_equality
from checks.judging.verdict import Verdict, claims_of
from theory.problem import L1, TOP_K
from theory.statement import Status, claimed, discover

PROVED = [statement for statement in claimed(discover(), L1) if statement.status is Status.PROVED]
# Equalities that are true of special points only, and never vacuous.
EQUALITIES = [s.id for s in PROVED if has_equality(s) and s.premises - {"unit"} and s.id != "K2"]


def disturbed(point, size, seed=0):
    rng = np.random.default_rng(seed)
    return replace(point, Z=point.Z * (1 + size * rng.standard_normal(point.Z.shape)))


def test_laws_hold_at_an_optimum_and_at_a_slight_disturbance_of_it(optimum, subtests):
    for size in (0.0, 1e-5):
        judged = approximate.judge(PROVED, [disturbed(optimum, size, seed) for seed in range(3)])
        for id, judgement in judged.items():
            # Nothing implies anything here, so that K2 has nothing to say, and no control of D2 is near.
            with subtests.test(id, size=size):
                assert judgement.verdict is (Verdict.VACUOUS if id in ("K2", "D2") else Verdict.CONFIRMED)
            if id in EQUALITIES:
                assert set(judgement.controls.values()) == {Verdict.FALSIFIED}
                assert judgement.interval[0] <= judgement.violation <= judgement.interval[1]


def test_laws_fail_at_a_point_that_has_nothing_to_do_with_them(optimum, subtests):
    rng = np.random.default_rng(0)
    D = rng.standard_normal(optimum.D.shape)
    stranger = replace(optimum, D=D / np.linalg.norm(D, axis=0), Z=rng.permutation(optimum.Z), b=optimum.b + 1)
    for id, judgement in approximate.judge(PROVED, [stranger]).items():
        if id in EQUALITIES:
            with subtests.test(id):
                assert judgement.verdict is Verdict.FALSIFIED


def test_an_ensemble_that_disagrees_is_inconclusive(optimum):
    judged = approximate.judge(PROVED, [optimum, disturbed(optimum, 1.0)])
    assert judged["C1"].verdict is Verdict.INCONCLUSIVE


def test_what_is_not_finite_is_left_out_and_counted(optimum):
    broken = replace(optimum, Z=np.full_like(optimum.Z, np.nan))
    judged = approximate.judge(PROVED, [optimum, broken])
    assert {j.uncertified for j in judged.values()} == {1}
    alone = approximate.judge(PROVED, [broken])
    assert {j.verdict for j in alone.values()} == {Verdict.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("squares", "expected"),
    [
        ([[0.01], [1.0]], [0.1, 10.0]),  # claim against its only control, and the other way round
        ([[0.0], [1.0]], [0.0, np.inf]),
        ([[np.nan], [1.0]], [np.inf, np.inf]),
        ([[0.0, 1.0], [4.0, 0.0]], [np.inf, 0.0]),  # a relation that no control breaks must not be broken
    ],
)
def test_normalised_distance(squares, expected):
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(approximate.normalised(np.array(squares))[: len(expected)], expected)


def test_a_control_that_says_the_same_as_the_claim_tells_nothing(optimum):
    """Half of no price is no price: at such a point the controls hold where the claim does, and would refute it."""
    priced, free = ({s.id: s for s in claimed(discover(), objective)} for objective in (L1, TOP_K))
    for id in ("A1", "A3", "R7"):
        assert approximate.telling(priced[id], L1).controls.keys() == priced[id].controls.keys()
    sizes = {"codes of half the size", "codes of twice the size"}
    assert approximate.telling(free["A1"], TOP_K).controls.keys() == sizes
    assert approximate.telling(free["A3"], TOP_K).controls.keys() == sizes  # no correlation is semidefinite, either way
    assert approximate.telling(free["R7"], TOP_K).controls.keys() == {"the residual alone"}
    assert len(approximate.telling(priced["A3"], L1).relations) == 2
    assert len(approximate.telling(free["A3"], TOP_K).relations) == 1  # that 0 is not negative goes without saying
    kept = approximate.telling(free["A7"], TOP_K).relations  # an equality does not, though no control changes it
    assert kept == claims_of(free["A7"], TOP_K).relations
    problem = replace(optimum.instance, objective=TOP_K, parameters={"K": np.array(float(optimum.instance.k))})
    root = np.sqrt(problem.weights)[:, None]
    fitted = np.linalg.lstsq(root * optimum.Z, root * (problem.x - optimum.b))[0].T  # least squares: E[r z_j] = 0
    judged = approximate.judge(list(free.values()), [replace(optimum, instance=problem, D=fitted)])
    assert judged["A1"].verdict is Verdict.CONFIRMED
    assert set(judged["A1"].controls.values()) == {Verdict.FALSIFIED}
    assert judged["R7"].verdict is Verdict.CONFIRMED
    assert judged["R7"].controls == {"the residual alone": Verdict.FALSIFIED}


def test_no_control_no_verdict():
    assert np.isnan(approximate.normalised(np.zeros((3, 1)))).all()
