"""Codes of torch tensors: the method for other devices, run on this one, against the one for arrays."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from checks.errors import BadInput
from checks.solvers.codes import codes, tensors
from checks.solvers.codes.active_set import natural_residual
from checks.solvers.codes.result import TARGET, Outcome
from checks.solvers.codes.tensors import _advance, _begin, codes_on_device, natural_residual_of


def unit(D):
    return D / np.linalg.norm(D, axis=0)


def problem(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), unit(rng.standard_normal((d, k)))


def on_device(x, D, lam, start=None, max_iterations=10_000):
    start = None if start is None else torch.tensor(start)
    return codes_on_device(torch.tensor(x), torch.tensor(D), lam, start, max_iterations)


def assert_same(x, D, lam, start=None, atol=1e-9):
    """Certified by the formula for arrays too; reconstructions, unique where codes may not be, are the same."""
    found = on_device(x, D, lam, start)
    Z = found.Z.numpy()
    lam = np.broadcast_to(np.asarray(lam, dtype=float), len(x))
    assert found.outcome is Outcome.CONVERGED
    assert (Z >= 0).all()
    assert found.residual <= TARGET
    assert natural_residual(x, D, lam, Z).max() <= TARGET
    size = np.linalg.norm(x, axis=1, keepdims=True) + lam[:, None] + 1e-300
    np.testing.assert_allclose(Z @ D.T / size, codes(x, D, lam).Z @ D.T / size, atol=atol)
    return Z


@pytest.mark.parametrize(("n", "d", "k", "lam"), [(300, 16, 32, 0.3), (60, 8, 64, 0.05), (60, 40, 20, 0.01)])
def test_agrees_with_the_solver_for_arrays(n, d, k, lam):
    x, D = problem(n, d, k)
    np.testing.assert_allclose(assert_same(x, D, lam), codes(x, D, lam).Z, atol=1e-9)


@pytest.mark.parametrize("lam", [0.0, 1e-8, 0.1, 3.0])
def test_duplicate_antipodal_and_dependent_atoms(lam):
    x, D = problem(100, 3, 4)
    D = np.hstack([D, D, -D, unit(D[:, :1] + D[:, 1:2]), unit(D[:, :1] + 1e-9 * D[:, 1:2])])
    assert_same(x, D, lam)


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-7, 1e-8, 1e-12])
def test_nearly_equal_atoms(distance):
    x, D = problem(100, 6, 8)
    E = np.random.default_rng(1).standard_normal(D.shape)
    assert_same(x, np.hstack([D, unit(D + distance * E), unit(D - distance * E)]), 0.05)


def test_scales_penalties_per_sample_and_the_dead_zone():
    x, D = problem(301, 5, 12)
    x[::50] = 0.0
    powers = 10.0 ** np.linspace(-150, 150, 301)
    lam = 0.1 * np.linalg.norm(x, axis=1) * powers
    Z = assert_same(x * powers[:, None], D, lam)
    assert not Z[::50].any()
    assert not assert_same(x, D, np.maximum((x @ D).max(axis=1), 0.0)).any()


@pytest.mark.parametrize(("d", "k"), [(12, 7), (7, 30), (6, 6), (1, 2)])
def test_no_penalty(d, k):
    assert_same(*problem(50, d, k), 0.0)


def test_atoms_need_not_be_normalised():
    x, D = problem(50, 8, 20)
    D = D * np.linspace(0.1, 3, 20)
    D[:, 3] = 0.0
    assert not assert_same(x, D, 0.1)[:, 3].any()


def test_any_start_leads_to_the_optimum():
    x, D = problem(60, 8, 20)
    cold, rng = codes(x, D, 0.1).Z, np.random.default_rng(0)
    for start in (cold, rng.exponential(1, cold.shape), np.full(cold.shape, 1e6), cold[::-1].copy()):
        np.testing.assert_allclose(assert_same(x, D, 0.1, start), cold, atol=1e-10)


def test_running_out_is_an_outcome():
    x, D = problem(50, 20, 60)
    stopped = on_device(x, D, 0.01, max_iterations=1)
    assert stopped.outcome is Outcome.OUT_OF_ITERATIONS
    assert stopped.residual > TARGET
    assert stopped.Z.isfinite().all()


def test_the_public_function_takes_either():
    x, D = problem(40, 5, 9)
    lam = np.linspace(0.0, 0.5, 40)
    found = codes(torch.tensor(x, requires_grad=True), torch.tensor(D), torch.tensor(lam))
    assert isinstance(found.Z, torch.Tensor)
    assert found.Z.dtype == torch.float64
    assert (found.Z.numpy() == codes(x, D, lam).Z).all()
    single = codes(torch.tensor(x, dtype=torch.float32), D, 0.1, start=np.zeros((40, 9)))
    assert single.Z.dtype == torch.float64
    assert single.outcome is Outcome.CONVERGED


@pytest.mark.parametrize("run", [codes, lambda x, D, lam, start=None: codes_on_device(x, D, lam, start, 10)])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_rows_are_named(run, bad):
    x, D = map(torch.tensor, problem(10, 3, 4))
    x[7, 1] = bad
    with pytest.raises(BadInput, match="row 7"):
        run(x, D, 0.1)
    with pytest.raises(BadInput, match="D"):
        run(x[:5], D * bad, 0.1)
    with pytest.raises(BadInput, match="λ"):
        run(x[:5], D, [0.1, bad, 0.1, 0.1, 0.1])
    with pytest.raises(BadInput, match="sample 1"):
        run(x[:2], D, [0.1, -1.0])
    with pytest.raises(BadInput, match="rows"):
        run(x[:5], D[:2], 0.1)
    with pytest.raises(BadInput, match="start"):
        run(x[:5], D, 0.1, start=torch.zeros(4, 4))


def test_the_residual_sees_errors_and_what_is_no_number():
    x, D = map(torch.tensor, problem(20, 5, 9))
    lam = torch.full((20,), 0.1, dtype=torch.float64)
    Z = codes(x, D, lam).Z
    assert natural_residual_of(x, D, lam, Z).max() <= 1e-14
    assert natural_residual_of(x, D, lam, Z + 1e-6 * (Z > 0)).max() > 1e-8
    Z[3, 2] = torch.nan
    assert natural_residual_of(x, D, lam, Z)[3].isnan()


# --- devices ---------------------------------------------------------------------------------------------------------


def inner_loop(x, D, lam):
    """Arguments of `_advance`, and the sets it starts from."""
    atoms = torch.cat([D, D.new_zeros(len(D), 1)], dim=1)
    G = atoms.T @ atoms
    return x, atoms, G, lam, _begin(G, D.new_zeros(len(x), D.shape[1]), 4, min(D.shape))


def test_the_inner_loop_stays_on_its_device():
    """Tensors of the device `meta` have no values: to read one, or to meet a tensor of the processor, is an error."""
    x, D = map(torch.tensor, problem(20, 5, 9))
    x, atoms, G, lam, sets = inner_loop(x, D, torch.full((20,), 0.1, dtype=torch.float64))
    away = tensors._Sets(*(part.to("meta") for part in vars(sets).values()))
    after = _advance(x.to("meta"), atoms.to("meta"), G.to("meta"), lam.to("meta"), away, 3)
    assert {part.device.type for part in vars(after).values()} == {"meta"}
    with pytest.raises((RuntimeError, NotImplementedError)):
        _advance(x.to("meta"), atoms.to("meta"), G, lam.to("meta"), away, 1)


class Watch(TorchDispatchMode):
    """Which operations ran, and the most numbers that a result had."""

    def __init__(self):
        super().__init__()
        self.ran, self.largest = set(), 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        self.ran.add(function.overloadpacket.__name__)
        for each in result if isinstance(result, tuple | list) else [result]:
            if isinstance(each, torch.Tensor):
                self.largest = max(self.largest, each.numel())
        return result


# Operations that wait for the device to tell the host a value or a size.
WAITING = {"_local_scalar_dense", "nonzero", "masked_select", "item", "is_nonzero", "unique"}


def test_the_inner_loop_does_not_wait():
    x, D = map(torch.tensor, problem(20, 5, 9))
    ready = inner_loop(x, D, torch.full((20,), 0.1, dtype=torch.float64))
    with Watch() as watch:
        _advance(*ready, 5)
    assert "linalg_cholesky_ex" in watch.ran
    assert not watch.ran & WAITING
    with Watch() as outside:
        codes_on_device(x, D, 0.1, None, 100)
    assert outside.ran & WAITING  # the watch would have seen it


def test_memory_is_that_of_codes_and_chunks(monkeypatch):
    x, D = problem(60, 12, 24)
    monkeypatch.setitem(tensors._CHUNK, "cpu", 6000)
    with Watch() as watch:
        found = on_device(x, D, 0.05)
    assert watch.largest <= 6000
    np.testing.assert_allclose(found.Z.numpy(), codes(x, D, 0.05).Z, atol=1e-10)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 6),
    d=st.integers(1, 5),
    k=st.integers(1, 9),
    share=st.sampled_from([0.0, 1e-6, 0.01, 0.3, 1.0, 2.0]),
    grid=st.booleans(),
)
def test_any_small_problem(seed, n, d, k, share, grid):
    """On a grid of small integers ties, duplicates, dependent and opposite atoms are the rule."""
    rng = np.random.default_rng(seed)
    D = rng.integers(-1, 2, (d, k)).astype(float) if grid else rng.standard_normal((d, k))
    D[0, ~D.any(axis=0)] = 1.0
    D = unit(D)
    x = rng.integers(-2, 3, (n, d)).astype(float) if grid else rng.standard_normal((n, d))
    assert_same(x, D, share * np.abs(x).max(axis=1), atol=1e-7)


@pytest.mark.gpu
def test_on_a_gpu():
    x, D = problem(2000, 16, 32)
    found = codes(torch.tensor(x, device="cuda"), torch.tensor(D, device="cuda"), 0.3)
    assert found.Z.device.type == "cuda"
    assert found.outcome is Outcome.CONVERGED
    np.testing.assert_allclose(found.Z.cpu().numpy(), codes(x, D, 0.3).Z, atol=1e-10)
