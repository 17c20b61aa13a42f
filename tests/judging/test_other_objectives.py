"""Statements about other objectives are judged on exact points of those, and the L1 form fails there."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
import torch
from sympy import Rational

from checks.campaigns.verify import findings
from checks.data.datasets import STANDARD
from checks.errors import BadInput
from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, order
from checks.evaluation.symbols import environment, specialised
from checks.instances.stored import stored_counterexample
from checks.judging import approximate, exact
from checks.judging.certify import certify
from checks.judging.findings import complaints, expected
from checks.judging.subjects import EXACT
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.optimum import exact_optimum
from theory.expectation import E
from theory.problem import (
    BATCH_TOP_K,
    ELASTIC_NET,
    L0,
    L1,
    LP,
    MATRYOSHKA,
    NORM_WEIGHTED,
    OBJECTIVES,
    TOP_K,
    lam,
    marginal,
    mu,
    nu,
    signless,
)
from theory.statement import Status, claimed, discover

STATEMENTS = {statement.id: statement for statement in discover()}
PROVED = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
DATASETS = {dataset.name: dataset for dataset in STANDARD}
NEW = ("E4", "M1", "M2", "M3", "M4", "N1", "N2", "R6", "S1", "S2", "S3", "S4")


@pytest.fixture(scope="module")
def points():
    """A certified point of every objective."""
    family = DATASETS["family"]
    problems = [family.build(0), *family.others(0), DATASETS["hierarchy"].build(0)]
    return {problem.objective: exact_optimum(problem, 0) for problem in problems}


def by_key(objective):
    return objective.key


def verdict(statement, point):
    return exact.judge([statement], [point], EXACT.promises(point.instance))[statement.id].verdict


def test_every_statement_is_claimed_of_an_objective_that_the_main_job_poses(points):
    assert set(points) == set(OBJECTIVES.values())
    judged = {statement.id for objective in points for statement in claimed(PROVED, objective)}
    assert judged == {statement.id for statement in PROVED}


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=by_key)
def test_what_is_claimed_of_an_objective_holds_at_its_optimum(points, objective, subtests):
    point = points[objective]
    promises = EXACT.promises(point.instance)
    judged = exact.judge(PROVED, [point], promises)
    theirs = {statement.id for statement in claimed(PROVED, objective)}
    for statement in PROVED:
        with subtests.test(statement.id):
            found = judged[statement.id].verdict
            if statement.id not in theirs:
                assert found is Verdict.VACUOUS
            elif statement.premises <= promises:
                # Nothing implies anything but in the hierarchy.
                assert found in (Verdict.CONFIRMED, Verdict.VACUOUS)
                assert found is Verdict.CONFIRMED or statement.id == "K2"
                assert Verdict.INCONCLUSIVE not in judged[statement.id].controls.values()


def held_by(objective):
    return {statement.id for statement in claimed(PROVED, objective)}


def with_slope_of_l1(statement):
    """The law as it reads for L1, taken to be one of all objectives."""
    l1_form = lambda part: part.replace(marginal, lambda value: lam)  # noqa: E731
    claims = tuple(c.func(*map(l1_form, c.args), evaluate=False) for c in statement.claims)
    return replace(statement, claim=claims)


@pytest.mark.parametrize(
    "objective", [o for o in OBJECTIVES.values() if o is not L1 and claimed([STATEMENTS["S1"]], o)], ids=by_key
)
@pytest.mark.parametrize("identifier", ["A1", "A2", "A5", "C1", "R1", "R4"])
def test_the_form_of_l1_fails_elsewhere(points, objective, identifier):
    l1_form = with_slope_of_l1(STATEMENTS[identifier])
    assert verdict(l1_form, points[L1]) is Verdict.CONFIRMED
    assert verdict(l1_form, points[objective]) is Verdict.FALSIFIED


def where_claimed(identifier, points):
    """The point at which a new statement says most: that of its own objective."""
    statement = STATEMENTS[identifier]
    if statement.about:
        return points[statement.about]
    return points[TOP_K if identifier == "S3" else L0 if identifier in ("S1", "S2") else ELASTIC_NET]


@pytest.mark.parametrize("identifier", [i for i in NEW if i != "E4"])
def test_a_changed_sign_or_direction_is_falsified(points, identifier):
    statement = STATEMENTS[identifier]
    for position, claim in enumerate(statement.claims):
        if claim.rhs == 0:
            continue  # nothing has no sign
        sides = (-claim.lhs, claim.rhs) if isinstance(claim, sympy.Eq) else (claim.rhs, claim.lhs)
        changed = list(statement.claims)
        changed[position] = claim.func(*sides, evaluate=False)
        wrong = replace(statement, claim=tuple(changed))
        assert verdict(wrong, where_claimed(identifier, points)) is Verdict.FALSIFIED


@pytest.mark.parametrize("identifier", ["M1", "M2", "M3", "M4", "N1", "N2", "R6"])
def test_an_equality_wrong_by_one_per_cent_is_falsified(points, identifier):
    statement = STATEMENTS[identifier]
    for position, claim in enumerate(statement.claims):
        if not isinstance(claim, sympy.Eq) or claim.rhs == 0:
            continue
        changed = list(statement.claims)
        changed[position] = claim.func(claim.lhs * Rational(101, 100), claim.rhs, evaluate=False)
        wrong = replace(statement, claim=tuple(changed))
        assert verdict(wrong, where_claimed(identifier, points)) is Verdict.FALSIFIED


@pytest.mark.parametrize("identifier", NEW)
def test_controls_of_new_statements_are_caught(points, identifier):
    point = where_claimed(identifier, points)
    judged = exact.judge([STATEMENTS[identifier]], [point], EXACT.promises(point.instance))[identifier]
    assert judged.verdict is Verdict.CONFIRMED
    assert set(judged.controls.values()) == {Verdict.FALSIFIED}


# --- what a point of an objective must satisfy ------------------------------------------------------------------------


BROKEN = {
    "codes off by 1e-6": lambda p: replace(p, Z=p.Z * (1 + 1e-6)),
    "wrong sign": lambda p: replace(p, D=-p.D),
    "negative codes": lambda p: replace(p, Z=p.Z - 1e-3),
    "not a number": lambda p: replace(p, Z=np.where(p.Z > 0, np.nan, p.Z)),
    "another dictionary": lambda p: replace(p, D=np.roll(p.D, 1, axis=0)),
}


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=by_key)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_point_confirms_nothing(points, objective, fault):
    broken = BROKEN[fault](points[objective])
    judged = exact.judge(PROVED, [broken], EXACT.promises(broken.instance))
    assert {j.verdict for j in judged.values()} == {Verdict.INCONCLUSIVE}


@pytest.mark.parametrize("objective", [o for o in OBJECTIVES.values() if o not in (L1, NORM_WEIGHTED)], ids=by_key)
def test_an_optimum_of_one_objective_is_none_of_l1(points, objective):
    point = points[objective]
    other = replace(point.instance, objective=L1, parameters={})
    assert certify(Point(other, point.D, point.b, point.Z)).shortfall({"code", "atom", "scale"}) != ""


def test_more_units_than_allowed_are_no_solution(points):
    for objective in (TOP_K, BATCH_TOP_K):
        point = points[objective]
        assert certify(replace(point, Z=np.where(point.Z > 0, point.Z, 1e-3))).codes == np.inf


def test_the_worse_of_two_atoms_is_no_solution():
    """Stationary in all, but another atom would do better: only the comparison with other codes notices."""
    x = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 2.0], [1.0, -2.0]])
    Z = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0], [1.0, 0.0]])
    problem = instance(x, 2, 0.0, objective=TOP_K, parameters={"K": 1})
    point = Point(problem, np.eye(2), np.zeros(2), Z)
    assert certify(point).shortfall({"code", "atom", "scale", "unit"}) == ""
    assert "other codes" in certify(point).shortfall({"swap"})
    assert verdict(STATEMENTS["S3"], point) is Verdict.INCONCLUSIVE
    judged = exact.judge([STATEMENTS["S3"]], [point], {"code", "comp", "unit"})
    assert judged["S3"].verdict is Verdict.FALSIFIED


def test_a_bias_that_is_not_promised_is_seen_missing(points):
    point = points[ELASTIC_NET]
    judged = exact.judge([STATEMENTS["E4"]], [replace(point, b=point.b + 0.1)], {"unit"})
    assert judged["E4"].verdict is Verdict.FALSIFIED


# --- refuted beyond their objective, and the main job -----------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["X15", "X6", "X7"])
def test_a_stored_counterexample_is_a_point_of_its_objective(identifier):
    statement = STATEMENTS[identifier]
    found = findings([statement], EXACT, [stored_counterexample(statement)], seed=0)
    assert [finding.verdict for finding in found] == [Verdict.FALSIFIED]
    assert complaints(found) == []


def test_children_imply_their_parent_in_a_solved_nested_dictionary(points):
    judged = exact.judge([STATEMENTS["M4"], STATEMENTS["X15"]], [points[MATRYOSHKA]], EXACT.premises - {"bias", "tied"})
    assert judged["M4"].verdict is Verdict.CONFIRMED
    assert judged["X15"].verdict is Verdict.FALSIFIED


def test_findings_are_about_what_is_claimed(points):
    found = findings(list(STATEMENTS.values()), EXACT, [points[MATRYOSHKA]], seed=0)
    assert {"M1", "M4", "X15"} <= {finding.statement.id for finding in found}
    assert not {"A1", "N1", "S4"} & {finding.statement.id for finding in found}
    assert expected(STATEMENTS["M1"], EXACT) is Verdict.CONFIRMED


# --- the objective that is derived is the one that is minimised -------------------------------------------------------


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=by_key)
def test_autograd_of_the_lowered_objective_is_the_lowered_derivation(points, objective):
    point = points[objective]
    i, rng = point.instance, np.random.default_rng(0)
    # No particular point, but one with the same active units.
    D = rng.standard_normal(point.D.shape)
    elsewhere = Point(i, D, rng.standard_normal(i.d), point.Z * rng.uniform(0.5, 1.5, point.Z.shape))
    leaves = {n: torch.tensor(v, requires_grad=True) for n, v in (("D", D), ("b", elsewhere.b), ("z", elsewhere.Z))}
    env = environment(elsewhere)
    arrays = {name: Named(torch.as_tensor(value.array), value.axes) for name, value in env.arrays.items()}
    arrays |= {name: Named(leaf, (SAMPLE,) if name == "z" else ()) for name, leaf in leaves.items()}
    in_torch = Env(arrays, env.sizes, torch.as_tensor(i.weights), einsum=torch.einsum)
    loss = evaluate(E(objective.specialise(objective.loss())), in_torch).array
    gradients = dict(zip(leaves, torch.autograd.grad(loss, leaves.values()), strict=True))
    gradients["z"] = gradients["z"] / torch.as_tensor(i.weights)[:, None]  # the codes' problem is per sample
    for name, leaf, axes in (("atom", "D", ("a", "j")), ("bias", "b", ("a",)), ("code", "z", (SAMPLE, "j"))):
        premise = specialised(objective)[name]
        free = {symbol[index]: 0 for symbol in (mu, signless, nu) for index in premise.indices}
        derived = order(evaluate(premise.residual.subs(free), env), axes, env).array
        counts = elsewhere.Z > 0 if leaf == "z" and not objective.prices_silent_units else True
        np.testing.assert_allclose(derived * counts, gradients[leaf].numpy() * counts, rtol=1e-9, atol=1e-12)


# --- what a problem must say ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "parameters", "complaint"),
    [
        (ELASTIC_NET, {}, "elastic net needs gamma besides λ, got nothing"),
        (L1, {"gamma": 1.0}, "L1 needs nothing besides λ, got gamma"),
        (ELASTIC_NET, {"gamma": -1.0}, "a number ≥ 0"),
        (ELASTIC_NET, {"gamma": np.nan}, "a number ≥ 0"),
        (LP, {"p": 1.5}, "between 0 and 1"),
        (TOP_K, {"K": 0}, "a whole number"),
        (TOP_K, {"K": 1.5}, "a whole number"),
        (MATRYOSHKA, {"M": [[1, 0]]}, "zeros or ones"),
        (MATRYOSHKA, {"M": [[1, 0.5, 1]]}, "zeros or ones"),
    ],
)
def test_numbers_of_an_objective_are_checked(objective, parameters, complaint):
    with pytest.raises(BadInput, match=complaint):
        instance(np.eye(3), 3, 0.1, objective=objective, parameters=parameters)


def test_one_limit_for_all_needs_equal_weights():
    with pytest.raises(BadInput, match="equal weights"):
        instance(np.eye(2), 1, 0.0, weights=[1, 2], objective=BATCH_TOP_K, parameters={"K": 1})


def test_the_loss_of_another_objective_is_not_that_of_l1(points):
    with pytest.raises(ValueError, match="log"):
        _ = points[OBJECTIVES["log"]].objective


UNPRICED = (TOP_K, BATCH_TOP_K, L0)  # φ' = 0, so that controls by the penalty say what the claim says


@pytest.mark.parametrize("objective", UNPRICED, ids=by_key)
def test_where_activation_has_no_price_laws_are_judged_by_the_size_of_codes(points, objective, subtests):
    """Best codes leave nothing of themselves in the residual; halved ones leave as much as there is of them."""
    point = points[objective]
    halved = replace(point, Z=point.Z / 2)
    statements = [STATEMENTS[id] for id in ("A1", "A2", "A3", "A4", "A5", "A8", "E1", "H4", "R4")]
    best, worse = (approximate.judge(statements, [each]) for each in (point, halved))
    for statement in claimed(statements, objective):
        with subtests.test(statement.id):
            assert best[statement.id].verdict is Verdict.CONFIRMED
            assert best[statement.id].controls["codes of half the size"] is Verdict.FALSIFIED
            assert best[statement.id].controls["codes of twice the size"] is Verdict.FALSIFIED
            assert worse[statement.id].verdict is Verdict.FALSIFIED
