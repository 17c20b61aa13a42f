"""The convex refit of a decoder: a minimum by a certificate of its own, at which nothing has become worse."""

import math
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.saes import refit, train
from checks.saes.measure import figures
from checks.saes.memory import needed
from checks.saes.refit import GroupLasso, Refit, group_lasso, minimiser, moments
from checks.saes.sae import Architecture, Batch, architecture, architectures, members
from checks.saes.source import InMemory
from checks.saes.start import task

X = planted(400, 6, 12, seed=3, noise=0.05, offset=1.0).x
K, LAM = 10, 0.3
BATCHES = {"steps": 40, "batch": 50}
LONGER = {"steps": 400, "batch": 50}  # after which no gain is too large
PRICES = {"top-k": 0.0, "batch-top-k": 0.0, "jumprelu": 0.02}
NAMES = sorted(architectures())
COMPETING = ["batch-top-k", "top-k"]


def problem(rng, k=9, d=4, n=40, price=0.3):
    """Moments of sparse codes, with prices that some units are not worth."""
    z = rng.exponential(size=(k, n)) * (rng.random((k, n)) < 0.4)
    x = torch.tensor(rng.standard_normal((d, n)))
    z = torch.tensor(z)
    p = price * torch.tensor(rng.uniform(0.1, 2.0, k)) * z.mean(dim=1)
    return GroupLasso(z @ z.T / n, z @ x.T / n, p, 0.5 * x.square().sum() / n), x, z


def in_their_own_units(lam):
    """The task of the samples as they are."""
    posed = task(InMemory(X), np.array([[lam]]), None, True, 1, torch.device("cpu"), torch.float64)
    return replace(posed, centre=np.zeros_like(posed.centre), unit=1.0, lam=np.array([[lam]]))


def duality_gap(x, z, p, A):
    """F less the dual objective at the residual, shortened to where it is feasible: no less than F − min F."""
    n = x.shape[1]
    r = x - A.T @ z
    pull = (z @ r.T / n).norm(dim=1)
    r = r * min(1.0, float((p / pull).min()))
    value = 0.5 * (x - A.T @ z).square().sum() / n + (p * A.norm(dim=1)).sum()
    return float(value - (x.square().sum() - (x - r).square().sum()) / (2 * n))


@pytest.mark.parametrize("seed", range(4))
def test_the_minimum_has_no_duality_gap(seed):
    rng = np.random.default_rng(seed)
    posed, x, z = problem(rng)
    A = minimiser(posed, torch.tensor(rng.standard_normal((9, 4))))
    assert duality_gap(x, z, posed.p, A) <= 1e3 * np.finfo(float).eps * float(posed.constant)
    assert float(posed.violation(A).max()) < 1e-10


def test_what_is_not_worth_its_price_is_left_out_and_found_again():
    posed, _, _ = problem(np.random.default_rng(0), price=1.0)
    A = minimiser(posed, torch.ones(9, 4, dtype=torch.float64))
    out = A.norm(dim=1) == 0
    assert 0 < out.sum() < len(out)
    again = minimiser(posed, torch.zeros_like(A))
    torch.testing.assert_close(again, A, rtol=1e-8, atol=1e-12)
    nothing = minimiser(replace(posed, p=1e3 * posed.p), A)
    assert not nothing.any()


def test_a_broken_twin_leaves_a_gap():
    """A minimiser that forgets what some atoms pay is told by the gap and by the violation."""
    posed, x, z = problem(np.random.default_rng(1))
    unpaid = torch.where(torch.arange(9) % 2 == 0, posed.p, 0.0)
    A = minimiser(replace(posed, p=unpaid), torch.ones(9, 4, dtype=torch.float64))
    assert duality_gap(x, z, posed.p, A) > 1e-4 * float(posed.constant)
    assert float(posed.violation(A).max()) > 0.1


def test_a_minimiser_of_singular_moments():
    """Units that fire together, units that never do, and as many as there are samples."""
    rng = np.random.default_rng(2)
    _, x, z = problem(rng, k=9, n=6)
    z[1], z[2] = z[0], 0.0
    posed = GroupLasso(z @ z.T / 6, z @ x.T / 6, 0.1 * z.mean(dim=1), 0.5 * x.square().sum() / 6)
    start = torch.tensor(rng.standard_normal((9, 4)))
    for each in (posed, replace(posed, p=torch.zeros(9, dtype=torch.float64))):
        A = minimiser(each, start)
        assert float(each.violation(A).max()) < 1e-6
        torch.testing.assert_close(A[2], start[2])


@pytest.mark.parametrize("seed", range(3))
def test_rounding_does_not_decide_what_samples_leave_open(seed):
    """Of units that are active on the same single sample, at no price, only a sum is decided."""
    rng = np.random.default_rng(seed)
    posed, x, z = problem(rng, k=20, d=8, n=60)
    z[:4] = 0.0
    z[0, 0], z[1, 0], z[2, 1], z[3, 1] = 0.5, 0.7, 0.4, 0.9
    posed = GroupLasso(z @ z.T / 60, z @ x.T / 60, torch.zeros_like(posed.p), posed.constant)
    A = minimiser(posed, torch.tensor(rng.standard_normal((20, 8))))
    assert float(posed.violation(A).max()) < refit.SMALL
    torch.testing.assert_close(A.T @ z, x @ torch.linalg.pinv(z) @ z)


def test_next_to_nothing_left_over_is_no_obstacle():
    """Where all is reconstructed the objective is rounding, by which no step can be told from the next one."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        posed, _, z = problem(rng)
        A = torch.tensor(rng.standard_normal((9, 4)))
        x = A.T @ z
        free = torch.zeros(9, dtype=torch.float64)
        posed = GroupLasso(posed.H, z @ x.T / z.shape[1], free, 0.5 * x.square().sum() / z.shape[1])
        found = minimiser(posed, A + 1e-8 * torch.tensor(rng.standard_normal((9, 4))))
        assert float(posed.violation(found).max()) < 1e-12


def test_few_active_codes_give_the_moments_of_all(monkeypatch):
    found = []
    for share in (0.0, 1.0):
        monkeypatch.setattr(refit, "DENSE", share)
        kind = architecture("vanilla")
        (sae,) = train.train(X, K, LAM, refit=False, **BATCHES)
        posed = in_their_own_units(LAM)
        found.append(moments(kind, sae.parameters, posed, lambda now: None))
    for name, value in vars(found[0]).items():
        torch.testing.assert_close(value, vars(found[1])[name], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_never_rises_and_the_atom_law_holds(name):
    kind, lam = architecture(name), PRICES.get(name, LAM)
    told = []
    (before,) = train.train(X, K, lam, architecture=kind, refit=False, **BATCHES)
    (after,) = train.train(X, K, lam, architecture=kind, progress=told.append, **BATCHES)
    one, other = (figures(sae, InMemory(X), lam) for sae in (before, after))
    assert isinstance(told[-1], Refit)
    assert told[-1].share == 1.0
    assert told[-1].after < told[-1].before
    # Losses of gates and thresholds have terms that are no business of the decoder's.
    if name not in ("gated", "jumprelu"):
        assert told[-1].before == pytest.approx(one.loss, rel=1e-9)
        assert told[-1].after == pytest.approx(other.loss, rel=1e-9)
    assert np.nanmax(one.violation) > 1e-3
    assert told[-1].violation < 1e-9
    assert np.count_nonzero(other.violation[other.live] < 1e-9) == other.live.sum() - told[-1].kept
    if kind.shrinks:
        read = np.abs(other.lam[other.live] / lam - 1)
        assert np.count_nonzero(read < 1e-9) == other.live.sum() - told[-1].kept


@pytest.mark.parametrize("name", [name for name in NAMES if architecture(name).shrinks])
def test_a_unit_that_is_best_left_out_is_silent(name):
    """Trained at a low price and refitted at a high one."""
    kind = architecture(name)
    told = []
    (sae,) = train.train(X, K, LAM, architecture=kind, refit=False, **BATCHES)
    p = refit.refitted(kind, sae.parameters, in_their_own_units(8 * LAM), True, told.append)
    (found,) = members(kind, p)
    live = figures(found, InMemory(X), 8 * LAM).live
    gone = figures(sae, InMemory(X), 8 * LAM).live & ~live
    assert told[-1].died == gone.sum() > 0
    assert figures(found, InMemory(X), 8 * LAM).loss == pytest.approx(told[-1].after, rel=1e-9)


@pytest.mark.parametrize("name", ["vanilla", "norm-weighted", "top-k"])
def test_the_largest_gain_is_told(name):
    """Of contributions, as atoms may be free in norm."""
    kind, told = architecture(name), []
    (sae,) = train.train(X, K, 0.0, architecture=kind, refit=False, **BATCHES)
    p = {part: tensor.clone() for part, tensor in sae.parameters.items()}
    for part in ("W_enc", "b_enc"):
        p[part][0, 0] *= 0.6
    faint = members(kind, p)[0]
    p = refit.refitted(kind, p, in_their_own_units(0.0), True, told.append)
    (found,) = members(kind, p)
    one, other = (each.encode(X).sum(axis=0) * np.linalg.norm(each.D, axis=0) for each in (faint, found))
    gains = (other / np.where(one > 0, one, 1.0))[one > 0]
    assert told[-1].gain == pytest.approx(gains.max(), rel=1e-6)
    assert name == "top-k" or told[-1].gain > 1.5


@pytest.mark.parametrize("name", COMPETING)
def test_who_is_chosen_stays(name):
    """Though atoms were refitted, and the bias that a tied encoder subtracts."""
    kind = architecture(name)
    before, after = (train.train(X, K, 0.0, architecture=kind, refit=each, **BATCHES)[0] for each in (False, True))
    one, other = before.encode(X), after.encode(X)
    assert np.ptp(after.tensors["gain"]) > 0.1
    assert np.abs(after.b - before.b).max() > 0.01
    np.testing.assert_array_equal(other > 0, one > 0)
    np.testing.assert_allclose(other, after.tensors["gain"] * one, atol=1e-9)
    p = refit.refitted(kind, after.parameters, in_their_own_units(0.0), True, lambda now: None)
    (again,) = members(kind, p)
    np.testing.assert_allclose(again.encode(X), other, atol=1e-9)


def in_the_encoder(kind):
    """A broken twin: the encoder takes over the gains, so that others are chosen."""

    class InTheEncoder(type(kind)):
        def rescaled(self, p, s, b_dec):
            return Architecture.rescaled(self, p, s, b_dec)

    return InTheEncoder(**kind.settings)


@pytest.mark.parametrize("name", COMPETING)
def test_gains_in_the_encoder_would_choose_others(name):
    kind = architecture(name)
    (sae,) = train.train(X, K, 0.0, architecture=kind, refit=False, **LONGER)
    worst = []
    for each in (kind, in_the_encoder(kind)):
        p = refit.refitted(each, sae.parameters, in_their_own_units(0.0), True, lambda now: None)
        (found,) = members(kind, p)
        worst.append(np.nanmax(figures(found, InMemory(X), 0.0).violation))
    assert worst[0] < 1e-9 < 1e-3 < worst[1]


# --- what few samples decide ---

SEEN, UNSEEN = np.split(planted(800, 6, 12, seed=3, noise=0.05, offset=1.0).x, 2)


def with_a_latent_of_one_sample(kind, lam):
    """A trained SAE of which one latent is faintly active on a single sample, but less so on others; and which."""
    (sae,) = train.train(SEEN, K, lam, architecture=kind, refit=False, **LONGER)
    p = sae.parameters
    pre, other = (kind.preactivations(p, Batch.of(torch.tensor(x), torch.ones(1)).x)[0] for x in (SEEN, UNSEEN))
    rare = int((other.amax(dim=1) - pre.amax(dim=1)).argmax())
    p["b_enc"][0, rare, 0] += 4e-4 - pre[rare].max()
    (found,) = members(kind, p)
    assert np.count_nonzero(found.encode(SEEN)[:, rare]) == 1
    return found, rare


@pytest.mark.parametrize("name", ["elastic-net", "matryoshka", "norm-weighted", "vanilla"])
def test_what_one_sample_decides_does_no_harm_to_others(name, monkeypatch):
    """Without a limit it does; with one the latent stays, and the others are at their best beside it."""
    kind, lam, told = architecture(name), 0.05, []
    sae, rare = with_a_latent_of_one_sample(kind, lam)
    posed = replace(in_their_own_units(lam), source=InMemory(SEEN))
    (found,) = members(kind, refit.refitted(kind, sae.parameters, posed, True, told.append))
    before, seen = (figures(each, InMemory(SEEN), lam) for each in (sae, found))
    assert told[-1].kept == 1
    assert told[-1].gain < refit.GAIN_OF_FEW
    np.testing.assert_allclose(found.D[:, rare], sae.D[:, rare], rtol=1e-12)
    np.testing.assert_allclose(found.encode(SEEN)[:, rare], sae.encode(SEEN)[:, rare], atol=1e-12)
    assert seen.violation[rare] > 1
    assert max(told[-1].violation, np.nanmax(np.delete(seen.violation, rare))) < 1e-9
    assert seen.loss == pytest.approx(told[-1].after, rel=1e-9)
    assert seen.loss < before.loss

    monkeypatch.setattr(refit, "GAIN_OF_FEW", math.inf)
    (unlimited,) = members(kind, refit.refitted(kind, sae.parameters, posed, True, told.append))
    assert told[-1].kept == 0
    assert told[-1].gain > 100
    losses = [figures(each, InMemory(UNSEEN), lam).loss for each in (sae, found, unlimited)]
    assert losses[1] < losses[0] < losses[2] / 10


def test_many_samples_may_decide_more_than_few():
    found = moments(*with_moments(np.ones(len(X))))
    first = torch.ones(K, 6, dtype=torch.float64)
    few = refit.longest(replace(found, samples=torch.full((K,), refit.FEW - 1.0)), first)
    many = refit.longest(replace(found, samples=torch.full((K,), float(refit.FEW))), first)
    torch.testing.assert_close(few, refit.GAIN_OF_FEW * first.norm(dim=1))
    torch.testing.assert_close(many, refit.GAIN * first.norm(dim=1))


def with_moments(weights):
    """What `moments` takes, of a trained SAE on weighted samples."""
    kind = architecture("vanilla")
    (sae,) = train.train(X, K, LAM, refit=False, **BATCHES)
    posed = task(InMemory(X), np.array([[LAM]]), weights / weights.sum(), True, 1, torch.device("cpu"), torch.float64)
    posed = replace(posed, centre=np.zeros_like(posed.centre), unit=1.0, lam=np.array([[LAM]]))
    return kind, sae.parameters, posed, lambda now: None


def test_how_many_samples_decide_an_atom():
    weights = np.random.default_rng(0).uniform(0.1, 1, len(X))
    kind, p, posed, tell = with_moments(weights)
    (sae,) = members(kind, p)
    shares = weights[:, None] * sae.encode(X) ** 2
    expected = shares.sum(axis=0) ** 2 / (shares**2).sum(axis=0)
    np.testing.assert_allclose(moments(kind, p, posed, tell).samples.numpy(), expected, rtol=1e-9)
    one = np.where(np.arange(len(X)) == shares[:, 0].argmax(), 1.0, 1e-12)
    kind, p, posed, tell = with_moments(one)
    assert float(moments(kind, p, posed, tell).samples[0]) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_minimum_beside_rows_that_stay_has_no_duality_gap(seed):
    """Rows beyond their limit are first rows again; the others are the minimum for what these leave over."""
    rng = np.random.default_rng(seed)
    posed, x, z = problem(rng, price=0.1)
    first = torch.tensor(rng.standard_normal((9, 4)))
    length = minimiser(posed, first).norm(dim=1)
    limit = torch.where(length > length.median(), length / 2, math.inf)
    A, kept = refit.within(posed, first, limit)
    assert kept.any()
    assert (A[~kept].norm(dim=1) > 0).any()
    torch.testing.assert_close(A[kept], first[kept], rtol=0, atol=0)
    assert (A[~kept].norm(dim=1) <= limit[~kept]).all()
    left = x - first[kept].T @ z[kept]
    assert duality_gap(left, z[~kept], posed.p[~kept], A[~kept]) <= 1e4 * np.finfo(float).eps * float(posed.constant)


def test_latents_that_stayed_are_counted_over_all_members(monkeypatch):
    monkeypatch.setattr(refit, "GAIN", 0.0)
    monkeypatch.setattr(refit, "GAIN_OF_FEW", 0.0)
    told = []
    plain = train.train(X, K, LAM, seeds=[0, 1], refit=False, **BATCHES)
    found = train.train(X, K, LAM, seeds=[0, 1], progress=told.append, **BATCHES)
    live = [(each.encode(X) > 0).any(axis=0) for each in plain]
    assert told[-1].kept == sum(each.sum() for each in live)
    for one, other, alive in zip(plain, found, live):
        np.testing.assert_allclose(other.D[:, alive], one.D[:, alive], rtol=1e-12)


# --- what it leaves alone ---


def test_a_silent_gate_lets_nothing_through():
    kind = architecture("gated")
    (sae,) = train.train(X, K, LAM, architecture=kind, refit=False, **BATCHES)
    p = sae.parameters
    s = torch.ones(1, K, 1, dtype=torch.float64)
    s[0, 3] = 0.0
    (found,) = members(kind, kind.rescaled(p, s, p["b_dec"] + 0.1))
    assert sae.encode(X)[:, 3].any()
    assert not found.encode(X)[:, 3].any()


def test_batches_are_refitted_if_nothing_is_said():
    plan = train.Plan(architecture("vanilla"), K, (0,))
    assert not plan.refits
    assert replace(plan, batch=50).refits
    assert not replace(plan, batch=50, refit=False).refits
    assert replace(plan, refit=True).refits


def test_an_interrupted_refit_is_resumed_to_the_last_bit(tmp_path, monkeypatch):
    (whole,) = train.train(X, K, LAM, **BATCHES)
    (plain,) = train.train(X, K, LAM, refit=False, **BATCHES)
    pressed = []
    monkeypatch.setattr(train, "_patient", lambda: nullcontext(lambda: bool(pressed)))
    press = lambda now: pressed.append(1) if isinstance(now, Refit) else None  # noqa: E731
    with pytest.raises(train.Interrupted) as stopped:
        train.train(X, K, LAM, keep=tmp_path / "run", progress=press, **BATCHES)
    np.testing.assert_array_equal(stopped.value.saes[0].D, plain.D)
    pressed.clear()
    (resumed,) = train.train(X, K, LAM, keep=tmp_path / "run", resume=True, **BATCHES)
    for name, tensor in whole.tensors.items():
        np.testing.assert_array_equal(resumed.tensors[name], tensor)


def test_not_finite_is_refused():
    posed = in_their_own_units(LAM)
    p = train.train(X, K, LAM, refit=False, **BATCHES)[0].parameters
    p["W_enc"][0, 0, 0] = math.nan
    with pytest.raises(BadInput, match="not finite"):
        refit.refitted(architecture("vanilla"), p, posed, True, lambda now: None)


def test_memory_of_moments_is_counted():
    source = InMemory(X)
    more = needed(source, 20_000, 1, 50, True) - needed(source, 20_000, 1, 50, False)
    assert more >= 8 * 6 * 20_000**2


class DroppedSquares(type(architecture("elastic-net"))):
    """A broken twin: the refit does not see what codes pay for their squares."""

    def paid(self, z, p, batch):
        return Architecture.paid(self, z, p, batch)


class TwiceTheGain(type(architecture("norm-weighted"))):
    """A broken twin: codes take over a gain that their atoms keep as well."""

    def rescaled(self, p, s, b_dec):
        return super().rescaled(p, 2 * s, b_dec)


@pytest.mark.parametrize(("twin", "name"), [(DroppedSquares, "elastic-net"), (TwiceTheGain, "norm-weighted")])
def test_a_broken_twin_breaks_the_atom_law(twin, name):
    (sae,) = train.train(X, K, LAM, architecture=architecture(name), refit=False, **LONGER)
    posed = in_their_own_units(LAM)
    worst = []
    for kind in (architecture(name), twin()):
        p = refit.refitted(kind, sae.parameters, posed, True, lambda now: None)
        (found,) = members(architecture(name), p)
        worst.append(np.nanmax(figures(found, InMemory(X), LAM).violation))
    assert worst[0] < 1e-9 < 1e-3 < worst[1]


def test_the_bias_is_at_its_best():
    kind = architecture("matryoshka")
    (sae,) = train.train(X, K, LAM, architecture=kind, **BATCHES)
    posed = in_their_own_units(LAM)
    found = moments(kind, sae.parameters, posed, lambda now: None)
    A = sae.parameters["W_dec"][0]
    np.testing.assert_allclose(refit.best_bias(kind, found, A).numpy(), sae.b, atol=1e-9)
    assert float(group_lasso(kind, found, True).violation(A).max()) < 1e-9
