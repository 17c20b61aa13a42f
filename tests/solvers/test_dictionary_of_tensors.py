"""Joint optima of torch tensors: the way of other devices, on this one and on one that is not there, against arrays."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from checks.errors import BadInput
from checks.judging.certify import certify
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.solvers.codes import codes, tensors
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary import joint, joint_on
from checks.solvers.dictionary.many import _measure, joint_batch
from checks.solvers.dictionary.newton import _Model, _Problem, smallest_curvature
from checks.solvers.dictionary.result import TARGET, Search
from checks.solvers.dictionary.tensors import _TensorProblem, joint_on_device
from tests.pretend_device import AWAY, Away, away
from tests.solvers.planted import planted, unit

EXACT = {"code", "act", "atom", "scale", "unit"}


def on_device(x, k, lam, *, weights=None, bias=False, start=None, seed=0, restarts=1, max_iterations=500, told=None):
    search = Search(seed, restarts, max_iterations, told)
    return joint_on_device(torch.tensor(x), k, lam, weights, bias, start, search)


def assert_joint_optimum(x, k, lam, solved, *, weights=None, bias=False):
    """By the certificate, and by what numpy measures."""
    D, b, Z = (part.numpy() for part in (solved.D, solved.b, solved.Z))
    point = Point(instance(x, k, lam, weights=weights, bias=bias), D, b, Z)
    assert certify(point).shortfall(EXACT | ({"bias"} if bias else set())) == ""
    assert solved.outcome is Outcome.CONVERGED
    assert solved.objective == pytest.approx(point.objective, rel=1e-12, abs=1e-300)
    i = point.instance
    (stationarity,) = _measure(*(each[None] for each in (x, i.lam, i.weights, D, b, Z)), bias)[1]
    assert max(solved.stationarity, stationarity) <= TARGET


rng = np.random.default_rng(1)
PER_SAMPLE = {"lam": rng.exponential(0.15, 500), "weights": rng.exponential(1, 500) * (rng.random(500) < 0.9)}


@pytest.mark.parametrize(
    "given",
    [{"lam": 0.1}, {"lam": 0.1, "bias": True, "seed": 1}, {**PER_SAMPLE, "bias": True}],
    ids=["plain", "bias", "a penalty and a weight per sample"],
)
def test_agrees_with_the_solver_for_arrays(given):
    x = planted(500, 8, 12)
    found, expected = on_device(x, 12, **given), joint(x, 12, **given)
    given.pop("seed", None)
    assert_joint_optimum(x, 12, solved=found, **given)
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)
    np.testing.assert_allclose(found.D.numpy(), expected.D, atol=1e-7)


def test_small_penalties():
    x = planted(100, 4, 5)
    found, expected = on_device(x, 5, 1e-3, bias=True), joint(x, 5, 1e-3, bias=True)
    assert_joint_optimum(x, 5, 1e-3, found, bias=True)
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)


def test_without_a_penalty():
    x = planted(60, 4, 1)
    found, expected = on_device(x, 1, 0.0), joint(x, 1, 0.0)
    assert_joint_optimum(x, 1, 0.0, found)
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "x", [np.zeros((5, 3)), np.ones((5, 3)), np.eye(4), np.array([[1.0], [2.0], [-3.0]])], ids=lambda x: str(x[0])
)
def test_degenerate_data(x, bias):
    for k, lam in ((1, 0.05), (7, 0.05), (3, 100.0)):
        assert_joint_optimum(x, k, lam, on_device(x, k, lam, bias=bias), bias=bias)


@pytest.mark.parametrize("scale", [1e-140, 1e100])
def test_scale(scale):
    x = planted(60, 4, 6)
    plain, scaled = on_device(x, 6, 0.1), on_device(scale * x, 6, scale * 0.1)
    np.testing.assert_allclose(scaled.D.numpy(), plain.D.numpy(), atol=1e-7)
    assert scaled.outcome is Outcome.CONVERGED


def test_running_out_is_an_outcome_and_progress_is_told():
    told = []
    x = planted(100, 5, 7)
    stopped = on_device(x, 7, 0.1, max_iterations=1, told=lambda *row: told.append(row))
    assert stopped.outcome is Outcome.OUT_OF_ITERATIONS
    assert stopped.stationarity > TARGET
    assert told[-1][1:] == (stopped.objective, stopped.stationarity)


def test_the_model_is_that_for_arrays():
    """With no, few and many active atoms, and one sample without weight."""
    x, rng = planted(80, 9, 20), np.random.default_rng(0)
    x[:3], lam, w = 0.0, np.linspace(0.5, 1e-3, 80), rng.dirichlet(np.ones(80))
    w[4] = 0.0
    D, b, V, c = unit(rng.standard_normal((9, 20))), np.zeros(9), rng.standard_normal((9, 20)), rng.standard_normal(9)
    of_arrays = _Problem(x, lam, w, True)
    of_tensors = _TensorProblem(*map(torch.tensor, (x, lam, w)), True)
    state, other = of_arrays.at(D, b), of_tensors.at(torch.tensor(D), torch.tensor(b))
    assert len({*(state.Z > 0).sum(axis=1)} & {0, 1, 9}) == 3
    expected, model = _Model(of_arrays, state).hessian((V, c)), _Model(of_tensors, other)
    assert len(model.supports.blocks) > 1
    for found, wanted in zip(model.hessian((torch.tensor(V), torch.tensor(c))), expected):
        np.testing.assert_allclose(found.numpy(), wanted, atol=1e-9 * abs(wanted).max())


# --- devices ---------------------------------------------------------------------------------------------------------


def test_the_device_that_is_not_there_notices():
    x = torch.ones(3, 3)
    with away() as told:
        y = Away(x)
        assert (y @ y).device == AWAY
        assert not told
        assert float(y[0, 0]) == 1.0
        assert told == [1]
        with pytest.raises(RuntimeError, match="two devices"):
            y @ x
        with pytest.raises(RuntimeError, match="two devices"):
            y + torch.zeros(3, 3, device="cpu")
    with pytest.raises(AssertionError):
        y + y


@pytest.mark.parametrize("bias", [False, True])
def test_on_another_device(bias):
    """The host is told single numbers, one of each atom at most, and at the start twice which samples count."""
    x, w = planted(60, 3, 4), np.arange(1.0, 61.0)
    with away() as told:
        found = joint(Away(torch.tensor(x)), 4, 0.1, bias=bias, weights=w)
    expected = joint(x, 4, 0.1, bias=bias, weights=w)
    assert {part.device for part in (found.D, found.b, found.Z)} == {AWAY}
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)
    assert found.stationarity <= TARGET
    assert set(told) <= {*range(5), 60}
    assert told.count(60) == 2  # usable samples, and those with weight


def test_codes_on_another_device():
    x, D = planted(50, 5, 7), unit(np.random.default_rng(1).standard_normal((5, 7)))
    with away() as told:
        found = codes(Away(torch.tensor(x)), D, 0.1)
    np.testing.assert_allclose(found.Z.values.numpy(), codes(x, D, 0.1).Z, atol=1e-10)
    assert set(told) == {1}


def test_products_with_the_hessian_do_not_wait():
    x, rng = planted(80, 5, 7), np.random.default_rng(0)
    with away() as told:
        x, lam, w, D, V = (
            Away(torch.tensor(each))
            for each in (x, np.full(80, 0.1), np.full(80, 1 / 80), unit(rng.standard_normal((5, 7))), np.ones((5, 7)))
        )
        problem = _TensorProblem(x, lam, w, False)
        model = _Model(problem, problem.at(D, 0.0 * x[0]))
        told.clear()
        model.hessian((V, 0.0 * x[0]))
        assert not told


class Largest(TorchDispatchMode):
    """The most numbers that a result had."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        sizes = [each.numel() for each in tree_leaves(result) if isinstance(each, torch.Tensor)]
        self.numbers = max(self.numbers, *sizes, 0)
        return result


@pytest.mark.parametrize("n", [30, 120])
def test_memory_is_that_of_codes_and_chunks(monkeypatch, n):
    monkeypatch.setitem(tensors._CHUNK, "cpu", 2000)
    x, rng = torch.tensor(planted(n, 8, 16)), np.random.default_rng(0)
    D = torch.tensor(unit(rng.standard_normal((8, 16))))
    problem = _TensorProblem(x, torch.full((n,), 0.05, dtype=x.dtype), torch.full((n,), 1 / n, dtype=x.dtype), False)
    with Largest() as largest:
        _Model(problem, problem.at(D, 0.0 * x[0])).hessian((D, 0.0 * x[0]))
    assert largest.numbers <= max(n * 17, 2000) < n * 8 * 16


@pytest.mark.gpu
def test_on_a_gpu():
    x = planted(2000, 16, 32)
    found, expected = joint(torch.tensor(x, device="cuda"), 32, 0.1, bias=True), joint(x, 32, 0.1, bias=True)
    assert found.D.device.type == "cuda"
    assert found.stationarity <= TARGET
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)
    moved = joint_on("cuda", x, 32, 0.1, bias=True)
    assert isinstance(moved.D, np.ndarray)


# --- the public functions --------------------------------------------------------------------------------------------


def test_the_public_function_takes_either():
    x, lam = planted(60, 4, 6), np.linspace(0.05, 0.2, 60)
    D, b = unit(np.random.default_rng(1).standard_normal((4, 6))), np.full(4, 0.1)
    expected = joint(x, 6, lam, weights=lam, bias=True, start=(D, b))
    X, L = torch.tensor(x, requires_grad=True), torch.tensor(lam)
    found = joint(X, 6, L, weights=L, bias=True, start=(torch.tensor(D), torch.tensor(b)))
    for letter in "DbZ":
        assert getattr(found, letter).dtype == torch.float64
        assert (getattr(found, letter).numpy() == getattr(expected, letter)).all()
    assert (found.objective, found.stationarity) == (expected.objective, expected.stationarity)
    single = joint(X.detach().to(torch.bfloat16), 6, 0.1)
    assert single.D.dtype == torch.float64
    assert single.outcome is Outcome.CONVERGED
    assert smallest_curvature(x, found.D.numpy(), lam, b=found.b.numpy(), weights=lam, bias=True) > -1e-6


def test_many_tiny_problems():
    x, w = np.stack([planted(30, 3, 4, seed) for seed in range(5)]), np.linspace(0, 1, 30)
    expected = joint_batch(x, 4, 0.1, weights=w, bias=True)
    found = joint_batch(torch.tensor(x), 4, torch.full((5,), 0.1), weights=torch.tensor(w), bias=True)
    for name, part in vars(expected).items():
        assert isinstance(getattr(found, name), torch.Tensor)
        np.testing.assert_allclose(getattr(found, name).numpy(), part, atol=1e-6)  # λ was single precision


def test_arrays_solved_on_a_device():
    x = planted(60, 4, 6)
    x.flags.writeable = False
    found, expected = joint_on("cpu", x, 6, 0.1, bias=True), joint(x, 6, 0.1, bias=True)
    assert (found.D == expected.D).all()
    assert isinstance(found.Z, np.ndarray)
    for device in ("moon", "meta"):
        with pytest.raises(BadInput, match=f"device '{device}' cannot be used"):
            joint_on(device, x, 6, 0.1)


@pytest.mark.parametrize("run", [lambda x, *rest, **named: joint(torch.tensor(x), *rest, **named), on_device])
def test_bad_input(run):
    x = planted(10, 3, 4)
    with pytest.raises(BadInput, match="k = 0"):
        run(x, 0, 0.1)
    with pytest.raises(BadInput, match="weights: all are zero"):
        run(x, 2, 0.1, weights=np.zeros(10))
    with pytest.raises(BadInput, match="weights = -1"):
        run(x, 2, 0.1, weights=-np.ones(10))
    with pytest.raises(BadInput, match="λ = -1"):
        run(x, 2, -1.0)
    with pytest.raises(BadInput, match="start"):
        run(x, 2, 0.1, start=torch.ones(3, 3))
    with pytest.raises(BadInput, match="direction"):
        run(x, 2, 0.1, start=np.zeros((3, 2)))
    x[4] = np.nan
    with pytest.raises(BadInput, match="row 4"):
        run(x, 2, 0.1)


def test_tensors_on_two_devices():
    x, elsewhere = torch.tensor(planted(10, 3, 4)), torch.ones(10, device="meta")
    for named in ({"weights": elsewhere}, {"start": (torch.ones(3, 2), elsewhere[:3])}):
        with pytest.raises(BadInput, match=f"^{next(iter(named))} is on device meta, the samples are on cpu$"):
            joint(x, 2, 0.1, **named)
    with pytest.raises(BadInput, match="λ is on device meta"):
        joint(x, 2, elsewhere)
    with pytest.raises(BadInput, match="lam is on device meta"):
        joint_batch(x[None], 2, elsewhere)
    with pytest.raises(BadInput, match="D is on device meta"):
        codes(x, torch.ones(3, 2, device="meta"), 0.1)
