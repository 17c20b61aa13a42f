"""Broken twins of a solver: each must fail, and say why."""

import numpy as np
from tiny_dictionaries import alternating, dictionary

from checks.laws import parametrize_with_laws
from checks.problem.instance import instance

SMALL = [instance(np.random.default_rng(0).exponential(size=(40, 4)), 3, 0.2, name="small")]


def twice_the_penalty(x, k, lam):
    return alternating(x, k, 2 * lam)


def not_a_number(x, k, lam):
    D, b, Z = alternating(x, k, lam)
    return D, b, Z * np.nan


def other_data(x, k, lam):
    return alternating(x[::-1].copy(), k, lam)


@parametrize_with_laws(twice_the_penalty, instances=SMALL)
def test_twice_the_penalty(law):
    law.check()


@parametrize_with_laws(not_a_number, instances=SMALL)
def test_not_a_number(law):
    law.check()


@parametrize_with_laws(other_data, instances=SMALL)
def test_other_data(law):
    law.check()


@parametrize_with_laws(dictionary, instances=SMALL)
def test_stops_early(law):
    law.check()


@parametrize_with_laws(alternating, expected_failures={"A1": "stale: it holds"})
def test_stale(law):
    law.check()
