"""What is judged of a claim: entries at which all that it supposes holds, and which have a value."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, Sum

from checks.campaigns import attack, falsify
from checks.campaigns.outcome import outcome_at
from checks.evaluation.lowering import evaluate, order, symbols_of
from checks.evaluation.moment_basis import most_axes
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.symbols import environment
from checks.instances.cases import Case
from checks.instances.companions import with_split_atom
from checks.instances.stationary import StationaryGrid
from checks.judging import approximate, exact
from checks.judging.nearby_problems import neighbours
from checks.judging.subjects import EXACT, OPTIMAL_CODES
from checks.judging.verdict import Verdict, claims_of, lean
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.codes import codes
from theory.expectation import E
from theory.problem import L1, D, Q, a, alpha, apart, b, c, j, l, x, z
from theory.statement import Eq, Ge, Gt, Status, claimed, discover

BY_ID = {statement.id: statement for statement in discover()}
LIVE = [Gt(E(z[j]), 0)]


def conjecture(claim, given=(), controls=None):
    return replace(
        BY_ID["A1"], id="T1", status=Status.OPEN, claim=claim, given=given, proof=None, controls=controls or {}
    )


def with_dead_atom(point):
    """An atom more, at right angles to all samples, so that it is dead and the point as stationary as before."""
    i, n = point.instance, point.instance.n
    x = np.column_stack([i.x, np.zeros(n)])
    D = np.zeros((i.d + 1, i.k + 1))
    D[:-1, :-1], D[-1, -1] = point.D, 1.0
    return Point(replace(i, x=x, k=i.k + 1), D, np.append(point.b, 0.0), np.column_stack([point.Z, np.zeros(n)]))


def judged(statement, point, premises=EXACT.premises):
    return exact.judge([statement], [point], premises)[statement.id]


# --- entries that are not judged -------------------------------------------------------------------------------------


def test_what_is_not_claimed_of_dead_atoms_holds_of_the_others(optimum):
    dead = with_dead_atom(optimum)
    ratio = E(z[j] ** 2) / E(z[j])
    assert judged(conjecture(Ge(ratio, 0), LIVE), dead).verdict is Verdict.CONFIRMED
    assert judged(conjecture(Ge(0, ratio), LIVE), dead).verdict is Verdict.FALSIFIED
    assert np.isfinite(judged(conjecture(Ge(ratio, 0), LIVE), dead).bound)


def test_a_law_without_its_proof_is_judged_alike_beside_a_dead_atom(optimum):
    A5 = replace(BY_ID["A5"], status=Status.OPEN, proof=None)
    for point in (optimum, with_dead_atom(optimum)):
        assert judged(A5, point).verdict is Verdict.CONFIRMED
        assert set(judged(A5, point).controls.values()) == {Verdict.FALSIFIED}


def test_unjudged_entries_do_not_stretch_the_tolerance(optimum):
    """An entry that is far larger, but not judged, must not excuse the others."""
    given = [Gt(10, E(x[a] ** 2))]
    i = optimum.instance
    wide = Point(
        replace(i, x=np.column_stack([i.x, np.full(i.n, 1e6)])),
        np.vstack([optimum.D, np.zeros(i.k)]),
        np.append(optimum.b, 1e6),
        optimum.Z,
    )
    slightly_wrong = Eq(E(x[a]) * (1 + Rational(1, 10**7)), E(x[a]))
    assert judged(conjecture(slightly_wrong), wide).verdict is Verdict.FALSIFIED
    assert judged(conjecture(slightly_wrong, given), wide).verdict is Verdict.FALSIFIED


# --- entries that have no value --------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [Ge(E(z[j] ** 2) / E(z[j]), 0), Ge(0, -E(z[j] ** 2) / E(z[j]))])
def test_what_is_not_finite_is_neither_confirmed_nor_falsified(optimum, claim):
    found = judged(conjecture(claim), with_dead_atom(optimum))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.where == f"not finite at j={optimum.instance.k}"


def test_a_finite_entry_that_fails_outweighs_one_that_is_not_finite(optimum):
    found = judged(conjecture(Ge(0, E(z[j] ** 2) / E(z[j]))), with_dead_atom(optimum))
    assert found.verdict is Verdict.FALSIFIED
    assert np.isfinite(found.violation)


GRID = Case(StationaryGrid(d=2, k=1, seed=0, lam=0.3))
UNDEFINED = conjecture(Eq(E(z[j]) / b[a], 0))


def test_what_is_not_finite_is_no_counterexample():
    search = falsify.judge_case(UNDEFINED, GRID)
    assert search.counterexample is None
    assert search.closest is None
    assert not search.agrees


def test_what_is_not_finite_is_a_complaint_of_its_own():
    ledger = attack.judge_all([UNDEFINED], [GRID])
    assert not ledger.falsified["T1"]
    (line,) = ledger.undecided["T1"]
    assert line.startswith("T1 INCONCLUSIVE at Case(StationaryGrid")
    assert line in ledger.complaints(attack.PROFILES["dev"])
    (line,) = outcome_at(UNDEFINED, GRID).complaints
    assert "not finite" in line
    assert "REFUTED" not in line


def test_what_is_not_finite_on_a_trained_sae_is_inconclusive(optimum):
    found = approximate.judge(
        [conjecture(Ge(E(z[j] ** 2) / E(z[j]), 0), controls={"less": Ge(0, E(z[j]))})], [with_dead_atom(optimum)]
    )["T1"]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.where == "not finite in 1 of 1 members"


# --- hypotheses that fail --------------------------------------------------------------------------------------------


def test_a_hypothesis_that_fails_allows_nothing():
    """The proof of H2 spends that x − b = Dα, which is out of reach where the atoms do not span the samples."""
    rng = np.random.default_rng(0)
    x, atoms = rng.standard_normal((12, 3)), rng.standard_normal((3, 3))
    atoms /= np.linalg.norm(atoms, axis=0)
    false = replace(BY_ID["H2"], claim=BY_ID["H2"].controls["twice"])
    for k, holds, fails in ((3, Verdict.CONFIRMED, Verdict.FALSIFIED), (2, Verdict.VACUOUS, Verdict.VACUOUS)):
        D = atoms[:, :k]
        point = Point(instance(x, k, 0.1), D, np.zeros(3), codes(x, D, 0.1).Z)
        assert judged(BY_ID["H2"], point, OPTIMAL_CODES).verdict is holds
        assert judged(false, point, OPTIMAL_CODES).verdict is fails


def test_what_is_not_given_is_not_excused(optimum):
    """K2 is about atoms one of which implies the other, and false of any two."""
    any_two = replace(BY_ID["K2"], given=[Gt(apart[j, l], 0)])
    assert judged(any_two, optimum).verdict is Verdict.FALSIFIED
    assert judged(any_two, with_split_atom(optimum)).verdict is Verdict.FALSIFIED
    assert judged(BY_ID["K2"], optimum).verdict is Verdict.VACUOUS
    assert judged(BY_ID["K2"], with_split_atom(optimum)).verdict is Verdict.CONFIRMED


def test_what_is_claimed_of_every_representation_is_judged_where_there_is_one():
    rng = np.random.default_rng(0)
    atoms = np.linalg.qr(rng.standard_normal((3, 3)))[0][:, :2]
    spanned, other = atoms @ rng.standard_normal((2, 6)), rng.standard_normal((3, 6))
    represents = conjecture(Eq(Sum(D[a, j] * alpha[j], j), x[a]))
    for samples, verdict in ((spanned, Verdict.CONFIRMED), (other, Verdict.VACUOUS)):
        point = Point(instance(samples.T, 2, 100.0), atoms, np.zeros(3), np.zeros((6, 2)))
        assert judged(represents, point, {"code"}).verdict is verdict


def test_a_constraint_that_holds_leaves_all_to_be_judged(optimum):
    turned = conjecture(Eq(Sum(Q[c, a] ** 2, c), 1))
    assert judged(turned, optimum).verdict is Verdict.CONFIRMED
    twice = conjecture(Eq(Sum(Q[c, a] ** 2, c), 2))
    assert judged(twice, optimum).verdict is Verdict.FALSIFIED


# --- ensembles -------------------------------------------------------------------------------------------------------


def test_members_that_say_nothing_are_left_out_and_counted(optimum):
    K2 = BY_ID["K2"]
    silent = replace(optimum, Z=0 * optimum.Z)
    A1 = BY_ID["A1"]
    alone, beside = approximate.judge([A1], [optimum])["A1"], approximate.judge([A1], [silent, optimum, silent])["A1"]
    assert alone.verdict is beside.verdict is Verdict.CONFIRMED
    assert beside.violation == alone.violation
    assert beside.where == "all entries of 1 of 3 members"
    assert approximate.judge([A1], [silent, silent])["A1"].verdict is Verdict.VACUOUS
    assert approximate.judge([K2], [optimum, optimum])["K2"].verdict is Verdict.VACUOUS


def test_lean_forms_say_what_claims_say(optimum):
    """Of every law, at the sizes of rounding: with fewer axes, where a claim is written with more than it needs."""
    env = environment(optimum)
    leaner = set()
    for statement in claimed(list(BY_ID.values()), L1):
        written, form = claims_of(statement, L1), lean(claims_of(statement, L1))
        own = replace(env, arrays={**env.arrays, **neighbours(optimum, symbols_of(tuple(written.sides)))})
        own = replace(own, means=accumulate(moments_of([*written.sides, *form.sides]), [own]))
        for side, other in zip(written.sides, form.sides, strict=True):
            assert most_axes(other) <= most_axes(side)
            expected, found = evaluate(side, own), evaluate(other, own)
            array = order(found, expected.axes, own).array
            np.testing.assert_allclose(array, expected.array, rtol=1e-9, atol=1e-12, err_msg=statement.id)
            if other != side:
                leaner.add(statement.id)
    assert {"H1", "W7"} <= leaner
