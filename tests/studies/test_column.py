"""The column is in the order that the theory gives, and a column that is not is told."""

import numpy as np
import pytest

from checks.data.synthetic.planted import planted
from checks.problem.instance import instance
from checks.saes.train import train
from checks.studies.common.column import BOUND, CODES, ERROR, OPTIMUM, POLISHED, TRAINED, TRUTH, column, out_of_order


@pytest.fixture(scope="module")
def made():
    data = planted(200, 6, 9, seed=0)
    (sae,) = train(data.x, 9, 0.2, bias=False, steps=100)
    return column(instance(data.x, 9, 0.2), sae, truth=data.D)


def test_the_column_is_in_order(made):
    row = made.row
    assert list(out_of_order(row)) == []
    assert row[BOUND] < row[POLISHED] < row[CODES] < row[TRAINED]
    assert row[BOUND] < row[OPTIMUM] < row[TRUTH]
    assert made.amortisation > 0
    assert made.optimisation > 0


def test_the_error_is_certified(made):
    assert 0 <= made.error < 1e-12


@pytest.mark.parametrize(("low", "high"), [(POLISHED, CODES), (CODES, TRAINED), (BOUND, POLISHED), (OPTIMUM, TRUTH)])
def test_a_column_out_of_order_is_told(made, low, high):
    broken = made.row | {low: made.row[high] * (1 + 1e-9)}
    assert any(line.startswith(low) for line in out_of_order(broken))


def test_a_column_that_is_not_a_number_is_told(made):
    assert list(out_of_order(made.row | {POLISHED: np.nan}))
    assert list(out_of_order(made.row | {ERROR: np.nan}))


def test_with_a_bias_and_samples_of_unequal_weight_it_is_in_order():
    data = planted(150, 5, 5, seed=1, offset=1.0)
    weights = np.random.default_rng(0).random(150)
    (sae,) = train(data.x, 5, 0.2, weights=weights, steps=100)
    assert list(out_of_order(column(instance(data.x, 5, 0.2, weights=weights, bias=True), sae).row)) == []
