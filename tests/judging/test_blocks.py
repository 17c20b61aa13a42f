"""Judged in blocks of samples, a trained SAE gets the verdicts that it gets from all of them at once."""

from dataclasses import replace
from math import ceil

import numpy as np
import pytest
import torch

from checks.data.images import digits, patches
from checks.data.synthetic.planted import planted
from checks.evaluation import quantifiers
from checks.evaluation.lowering import SAMPLE, Named, symbols_of
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.quantifiers import blocks_of_rows, drawn, probes
from checks.evaluation.symbols import blocks_of, environment, rounding_unit
from checks.judging import approximate
from checks.judging.approximate import sum_of_squares, violation_where_judged
from checks.judging.nearby_problems import neighbours
from checks.judging.verdict import claims_at
from checks.problem.instance import instance
from checks.saes.train import train
from theory.statement import discover

STATEMENTS = discover()
DATA = {
    "planted": lambda: (planted(300, 8, 12, seed=0, noise=0.05, offset=1.0).x, 12, 0.2),
    "digits": lambda: (digits()[:200], 32, 2.0),
    "patches": lambda: (patches(200, 6, seed=0), 24, 0.1),
}


@pytest.fixture(scope="module", params=DATA)
def trained(request):
    torch.set_num_threads(1)
    x, k, lam = DATA[request.param]()
    return train(x, k, lam, steps=300)[0].point(instance(x, k, lam, bias=True))


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(quantifiers, "ROOM", 1 << 12)


def all_at_once(point, claims, share=1.0):
    """Squared violations as they are written, in one environment that has all symbols of all samples.

    share: of the samples of each block that violations are averaged over.
    """
    rounding, point = rounding_unit(point), point.in_unit_scale
    sides = tuple(side for claim in claims for side in claim.sides)
    env = environment(point)
    env = replace(env, arrays={**env.arrays, **neighbours(point, symbols_of(sides))})
    kept = np.concatenate([rows[: ceil(share * len(rows))] for rows in blocks_of_rows(*point.Z.shape)])
    weights = env.weights * np.isin(np.arange(len(env.weights)), kept)
    env = replace(env, means=accumulate(moments_of(sides), [env]), weights=weights / weights.sum())
    return [
        np.array(
            [
                [squares(relation, claim.given, env, rounding) for relation in relations]
                for relations in (claim.relations, *claim.controls.values())
            ]
        )
        for claim in claims
    ]


def squares(relation, given, env, rounding):
    return sum_of_squares(violation_where_judged(relation, given, env), env.weights, rounding)


def test_violations_are_those_of_all_samples_at_once(trained, small_blocks):
    claims, _ = claims_at(STATEMENTS, trained)
    assert len(list(blocks_of_rows(*trained.Z.shape))) > 3
    found = approximate.squared_violations(trained, list(claims.values()))
    for id, squares, expected in zip(claims, found, all_at_once(trained, list(claims.values())), strict=True):
        np.testing.assert_allclose(squares, expected, rtol=1e-6, atol=1e-20, err_msg=id)


def test_a_claim_with_too_many_entries_is_measured_on_some_of_the_samples(trained, small_blocks, monkeypatch):
    monkeypatch.setattr(approximate, "ENTRIES", 1 << 14)
    claims = {claim: id for id, claim in claims_at(STATEMENTS, trained)[0].items()}
    n, k = trained.Z.shape
    shares = approximate._by_share([(claim, None) for claim in claims], environment(trained), n)
    by_id = {claims[claim]: share for share, chosen in shares for claim, _ in chosen}
    assert by_id["R1"] == 1  # one entry for each sample, and 8 probes of k atoms, and k² pairs
    assert by_id["W2"] == (1 << 14) / (n * 8 * k)
    assert by_id["X12"] == (1 << 14) / (n * k**2)
    found = dict(zip(claims, approximate.squared_violations(trained, list(claims))))
    for share, chosen in shares:
        some = [claim for claim, _ in chosen]
        for claim, expected in zip(some, all_at_once(trained, some, share)):
            np.testing.assert_allclose(found[claim], expected, rtol=1e-6, atol=1e-20, err_msg=claims[claim])


def test_verdicts_do_not_depend_on_the_blocks(trained, monkeypatch):
    whole = approximate.judge(STATEMENTS, [trained])
    monkeypatch.setattr(quantifiers, "ROOM", 1 << 12)
    blocks = approximate.judge(STATEMENTS, [trained])
    assert {id: each.verdict for id, each in blocks.items()} == {id: each.verdict for id, each in whole.items()}
    assert {id: each.controls for id, each in blocks.items()} == {id: each.controls for id, each in whole.items()}


def test_probes_of_some_samples_are_those_of_all(trained, small_blocks):
    whole, some = probes(trained), np.arange(7, 19)
    for name, value in drawn(trained).at(some).items():
        np.testing.assert_allclose(value().array, whole[name].array[some], rtol=1e-12, atol=1e-15, err_msg=name)


def test_symbols_of_blocks_are_those_of_all(trained, small_blocks):
    point = trained.in_unit_scale
    whole, blocks = environment(point), list(blocks_of(point, {})())
    assert set(blocks[0].arrays) == set(whole.arrays)
    for name, value in whole.arrays.items():
        parts = [block.arrays[name].array for block in blocks]
        joined = np.concatenate(parts) if SAMPLE in value.axes else parts[0]
        np.testing.assert_allclose(joined, value.array, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("axes", [(SAMPLE,), ("j",), ("j", SAMPLE)])
def test_what_is_not_a_number_is_a_violation(axes):
    values = np.array([0.0, 1e-20, np.nan, 1e-20])
    values = values if len(axes) == 1 else np.stack([values, 0 * values])
    assert np.isnan(sum_of_squares(Named(values, axes), np.full(4, 0.25), 1e-12))
    assert sum_of_squares(Named(np.nan_to_num(values), axes), np.full(4, 0.25), 1e-12) == 0
