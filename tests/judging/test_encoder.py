"""An SAE's own encoder: claims about it are judged where there is one, and say nothing elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Sum

from checks.campaigns import attack, falsify
from checks.campaigns.attack import PROFILES
from checks.campaigns.verify import findings, trained_points
from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.evidence.codec import as_read
from checks.evidence.place import Place
from checks.evidence.store import Store
from checks.instances.cases import Case
from checks.instances.stationary import StationaryRays
from checks.judging import approximate, exact
from checks.judging.findings import complaints
from checks.judging.subjects import EXACT, TRAINED
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.solvers.optimum import with_optimal_codes
from theory.problem import W_enc, a, b, b_enc, j, pos, x, z
from theory.statement import Eq, Status, discover

BY_ID = {statement.id: statement for statement in discover()}


def encoded(centred=True, times=1):
    inlet = Sum(W_enc[j, a] * (x[a] - b[a] if centred else x[a]), a)
    return Eq(z[j], pos(inlet + times * b_enc[j]))


ENCODES = replace(
    BY_ID["A1"],
    id="T1",
    status=Status.OPEN,
    claim=encoded(),
    proof=None,
    controls={"b not subtracted": encoded(centred=False), "b_enc twice": encoded(times=2)},
)


@pytest.fixture(scope="module")
def trained():
    """An ensemble in units of its own, in which data and bias are far from 1."""
    data = planted(80, 4, 5, seed=0, noise=0.05, offset=1.0)
    return trained_points(instance(100 * data.x, 5, 20.0, bias=True, name="toy"), 60, 0, "cpu")


def test_a_claim_about_the_encoder_is_confirmed_on_trained_saes(trained):
    found = approximate.judge([ENCODES], trained)["T1"]
    assert found.verdict is Verdict.CONFIRMED
    assert found.violation < 1e-6
    assert set(found.controls.values()) == {Verdict.FALSIFIED}


@pytest.mark.parametrize("name", ENCODES.controls)
def test_a_false_one_is_falsified(trained, name):
    false = replace(ENCODES, claim=ENCODES.controls[name], controls={"true": ENCODES.claim, "silence": Eq(z[j], 0)})
    found = approximate.judge([false], trained)["T1"]
    assert found.verdict is Verdict.FALSIFIED
    assert found.controls == {"true": Verdict.CONFIRMED, "silence": Verdict.FALSIFIED}


def test_where_there_is_no_encoder_nothing_is_claimed(trained, optimum):
    for judge, point in ((exact.judge, optimum), (approximate.judge, optimum)):
        judged = judge([ENCODES, BY_ID["A1"]], [point], EXACT.promises(optimum.instance))
        assert judged["T1"].verdict is Verdict.VACUOUS
        assert judged["T1"].where == "it has no encoder of its own"
        assert judged["A1"].verdict is Verdict.CONFIRMED
    assert with_optimal_codes(trained[0]).encoder is None


def test_what_says_nothing_of_exact_optima_is_not_vacuous(trained, optimum):
    found = findings([ENCODES], EXACT, [optimum], seed=0) + findings([ENCODES], TRAINED, trained, seed=0)
    assert [finding.verdict for finding in found] == [Verdict.VACUOUS, Verdict.CONFIRMED]
    assert complaints(found) == []


def test_no_adversary_has_an_encoder():
    case = Case(StationaryRays(n=2, d=2, k=2, seed=0, lam=0.1))
    assert attack.judge_all([ENCODES, BY_ID["A1"]], [case]).statements == [BY_ID["A1"]]
    assert attack.judge_all([ENCODES], [case]).complaints(PROFILES["dev"]) == []
    with pytest.raises(BadInput, match="T1 is about an SAE's own encoder"):
        falsify.judge_case(ENCODES, case)


def test_an_encoder_of_another_shape_is_refused(trained):
    point = trained[0]
    wrong = replace(point.encoder, W_enc=point.encoder.W_enc.T)
    with pytest.raises(BadInput, match=r"W_enc has shape \(4, 5\)"):
        replace(point, encoder=wrong)


def test_the_store_and_another_scale_keep_the_encoder(trained):
    store, place = Store.in_memory(), Place("toy", TRAINED.name, 0)
    store.keep(place, trained, [], {})
    for point, kept in zip(trained, store.points(place), strict=True):
        np.testing.assert_array_equal(kept.encoder.W_enc, point.encoder.W_enc)
        np.testing.assert_array_equal(kept.encoder.b_enc, point.encoder.b_enc)
    scaled = as_read(trained[0]).in_unit_scale
    by_hand = np.maximum(0.0, (scaled.instance.x - scaled.b) @ scaled.encoder.W_enc.T + scaled.encoder.b_enc)
    assert np.abs(trained[0].Z).max() > 10 * np.abs(scaled.Z).max() > 0
    np.testing.assert_allclose(by_hand, scaled.Z, atol=1e-12)
