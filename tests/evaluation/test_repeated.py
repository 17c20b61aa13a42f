"""Repeated on other blocks, a computation gives what it would give if it were read from its expressions again."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from checks.data.datasets import STANDARD
from checks.evaluation.lowering import Env, Named, evaluate, symbols_of
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.repeated import Repeated, _Tape
from checks.evaluation.symbols import environment, of_rows
from checks.judging.nearby_problems import neighbours
from checks.judging.verdict import claims_of
from checks.problem.point import Point
from theory.problem import OBJECTIVES, W_enc, b_enc, j, z
from theory.statement import claimed, discover

STATEMENTS = discover()


@pytest.fixture(scope="module")
def problems():
    datasets = {dataset.name: dataset for dataset in STANDARD}
    posed = [datasets["family"].build(0), *datasets["family"].others(0), datasets["hierarchy"].build(0)]
    return {problem.objective.key: problem for problem in posed}


def some_point(problem):
    rng = np.random.default_rng(0)
    D = rng.standard_normal((problem.d, problem.k))
    Z = np.maximum(0.0, rng.standard_normal((problem.n, problem.k)))
    return Point(problem, D / np.linalg.norm(D, axis=0), problem.x.mean(axis=0), Z)


def cut(env, *lengths):
    ends = np.cumsum([0, *lengths])
    return [of_rows(env, np.arange(first, last), {}) for first, last in pairwise(ends)]


@pytest.mark.parametrize("objective", ["l1", "lp", "tanh", "matryoshka"])  # all kinds of arrays and functions
def test_all_sides_of_all_claims_are_what_they_are_when_read_again(problems, objective):
    point = some_point(problems[objective])
    own = claimed(STATEMENTS, OBJECTIVES[objective])
    sides = [side for statement in own for side in claims_of(statement, OBJECTIVES[objective]).sides]
    sides = [side for side in dict.fromkeys(sides) if symbols_of((side,)).isdisjoint({str(W_enc), str(b_enc)})]
    env = environment(point)
    env = replace(env, arrays={**env.arrays, **neighbours(point, symbols_of(tuple(sides)))})
    env = replace(env, means=accumulate(moments_of(sides), [env]))
    repeated = Repeated(lambda block: (evaluate(side, block) for side in sides))
    for block in cut(env, 9, 9, 4):
        with np.errstate(divide="ignore", invalid="ignore"):
            for side, found in zip(sides, repeated(block), strict=True):
                expected = evaluate(side, block)
                assert found.axes == expected.axes
                np.testing.assert_allclose(found.array, expected.array, rtol=1e-12, atol=1e-14, err_msg=str(side))


def codes(*rows):
    return Env({"z": Named(np.array(rows), ("sample",)), "G": Named(np.eye(2))}, {"k": 2}, np.full(len(rows), 0.5))


def test_expressions_are_read_once():
    read = []

    def computation(env):
        read.append(env)
        yield evaluate(z[j] ** 2, env)

    repeated = Repeated(computation)
    for rows in ([[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0], [7.0, np.nan]]):
        (found,) = repeated(codes(*rows))
        np.testing.assert_array_equal(found.array, np.array(rows) ** 2)
    assert len(read) == 1


def test_no_step_is_taken_twice():
    tape = _Tape()
    env = tape.recording(codes([1.0, 2.0]))
    values = env.arrays["z"].array
    doubled, steps = 2.0 * values, len(tape.steps)
    assert (2.0 * values).place == doubled.place
    assert len(tape.steps) == steps
    assert (3.0 * values).place != doubled.place
    assert len(tape.steps) == steps + 1
    assert (np.float64(3.0) * doubled).place != (3.0 * doubled[0]).place
    assert np.sum(doubled, axis=0).place != np.sum(doubled, axis=1).place
    one, other = np.zeros(5000), np.zeros(5000)
    other[2500] = 1.0  # which is not written out
    assert repr(one) == repr(other)
    assert (one * doubled[0, 0]).place != (other * doubled[0, 0]).place


def test_what_depends_on_the_values_of_a_block_cannot_be_repeated():
    with pytest.raises(TypeError, match="values in a block"):
        list(Repeated(lambda env: [Named(1.0)] if env.arrays["z"].array[0, 0] > 0 else [])(codes([1.0, 2.0])))
