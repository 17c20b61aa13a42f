import os
import signal

import numpy as np
import pytest

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.problem.instance import instance
from checks.saes.sae import architecture
from checks.saes.source import batch_of_step
from checks.saes.train import Interrupted, train


def data(n=60, d=4, k=5):
    return planted(n, d, k, seed=3, noise=0.05, offset=1.0).x


def same(one, other, rtol=0.0):
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        np.testing.assert_allclose(tensor, other.tensors[name], rtol=rtol, atol=rtol)


def atom_law(sae, x, lam, weights=None):
    """‖E[r z_j] − λE[z_j]d_j‖ over all atoms, relative to the right-hand side (THEORY A1; λ may vary by sample)."""
    point = sae.point(instance(x, sae.D.shape[1], lam, weights=weights, bias=True))
    problem = point.instance
    observed = (point.residual * problem.weights[:, None]).T @ point.Z
    predicted = sae.D * ((problem.weights * problem.lam) @ point.Z)
    return np.linalg.norm(observed - predicted) / np.linalg.norm(predicted)


@pytest.mark.parametrize("batch", [None, 16])
def test_same_seed_same_sae(batch):
    one, other = (train(data(), 5, 0.2, steps=50, batch=batch, seeds=[7])[0] for _ in range(2))
    same(one, other)


@pytest.mark.parametrize("batch", [None, 16])
def test_seeds_differ(batch):
    one, other = train(data(), 5, 0.2, steps=20, batch=batch, seeds=[0, 1])
    assert np.abs(one.D - other.D).max() > 1e-3


@pytest.mark.parametrize("batch", [None, 16])
def test_member_of_an_ensemble_equals_training_alone(batch):
    kwargs = {"steps": 100, "batch": batch, "dtype": "float64"}
    together = train(data(), 5, 0.2, seeds=[0, 1, 2], **kwargs)
    for seed, member in enumerate(together):
        same(member, train(data(), 5, 0.2, seeds=[seed], **kwargs)[0], rtol=1e-9)


@pytest.mark.parametrize("bias", [True, False])
def test_loss_is_the_formula(bias):
    """The loss reported in the first step is the objective of the initial SAE, which a tiny step does not move."""
    rng = np.random.default_rng(0)
    x, lam, weights = data(), rng.uniform(0.1, 0.3, 60), rng.uniform(0, 1, 60)
    seen = []
    options = {"weights": weights, "bias": bias, "steps": 1, "lr": 1e-12, "dtype": "float64"}
    (sae,) = train(x, 5, lam, **options, progress=seen.append)
    by_hand = 0.0
    for x_i, lam_i, w_i in zip(x, lam, weights / weights.sum()):
        z = np.maximum(0, (x_i - sae.b) @ sae.tensors["W_enc"] + sae.tensors["b_enc"])
        by_hand += w_i * (0.5 * np.sum((x_i - sae.b - sae.D @ z) ** 2) + lam_i * z.sum())
    assert [(report.step, report.steps) for report in seen] == [(1, 1)]
    assert seen[0].loss == pytest.approx(by_hand, rel=1e-8)


def test_an_epoch_of_batches_is_the_whole_data_but_for_an_incomplete_batch():
    first, second = ([batch_of_step(step, 14, 4, order=0) for step in steps] for steps in (range(3), range(3, 6)))
    for epoch in (first, second):
        rows = np.concatenate(epoch)
        assert len(set(rows.tolist())) == 12
        assert set(rows.tolist()) <= set(range(14))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], batch_of_step(0, 14, 4, order=1))


def test_atoms_have_unit_norm():
    for sae in train(data(), 5, 0.2, steps=30, seeds=[0, 1]):
        np.testing.assert_allclose(np.linalg.norm(sae.D, axis=0), 1.0, rtol=1e-14)


def test_without_bias_b_stays_zero():
    (sae,) = train(data(), 5, 0.2, bias=False, steps=30)
    assert not sae.b.any()


def test_progress_counts_up_and_the_loss_falls():
    seen = []
    train(data(), 5, 0.2, steps=250, progress=seen.append)
    steps = [report.step for report in seen]
    assert steps == sorted(set(steps))
    assert steps[-1] == 250
    assert len(steps) <= 101
    assert seen[-1].loss < seen[0].loss
    assert seen[-1].violation < seen[0].violation
    assert all(np.isfinite([report.l0, report.fvu, report.dead, report.lam]).all() for report in seen)


def test_the_last_reported_loss_is_that_of_the_result():
    """It would not be if the atoms were brought back to the sphere only at the end."""
    x, seen = data(), []
    (sae,) = train(x, 5, 0.2, steps=300, lr=0.1, dtype="float64", progress=seen.append)
    assert sae.point(instance(x, 5, 0.2, bias=True)).objective == pytest.approx(seen[-1].loss, rel=1e-6)


def test_converges_to_its_own_moment_laws():
    """The point of full-batch training with a decaying rate: A1 and B1 hold to a fraction of a per cent."""
    x = data(200, 4, 6)
    (sae,) = train(x, 6, 0.2, steps=2000)
    assert atom_law(sae, x, 0.2) < 2e-3
    residual = sae.point(instance(x, 6, 0.2, bias=True)).residual
    assert np.linalg.norm(residual.mean(axis=0)) < 1e-3 * np.linalg.norm(residual, axis=1).mean()


def test_converges_with_weights_and_a_penalty_per_sample():
    rng = np.random.default_rng(0)
    x, lam, weights = data(200, 4, 6), rng.uniform(0.1, 0.4, 200), rng.uniform(0, 1, 200)
    (sae,) = train(x, 6, lam, weights=weights, steps=2000)
    assert atom_law(sae, x, lam, weights) < 2e-3
    assert atom_law(sae, x, lam) > 2e-2


def test_an_untrained_sae_breaks_the_laws():
    x = data(200, 4, 6)
    assert atom_law(train(x, 6, 0.2, steps=1)[0], x, 0.2) > 0.1


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e6, 1e150])
def test_any_scale_of_the_data_trains_alike(scale):
    one = train(data(), 5, 0.2, steps=20, dtype="float64")[0]
    other = train(scale * data(), 5, scale * 0.2, steps=20, dtype="float64")[0]
    np.testing.assert_allclose(other.D, one.D, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(other.b / scale, one.b, rtol=1e-7, atol=1e-9)


# --- exact resume ---

LONG = {"steps": 40, "batch": 16, "average": 0.5, "revive": True, "lam_warm_up": 0.2}


@pytest.mark.parametrize("stop", [1, 17, 25, 39])
@pytest.mark.parametrize("name", ["vanilla", "gated", "jumprelu", "batch-top-k"])
def test_a_resumed_run_is_the_run_to_the_last_bit(tmp_path, name, stop):
    options = LONG | {"architecture": architecture(name), "seeds": [0, 1]}
    whole = train(data(), 5, 0.2, **options)
    with pytest.raises(Interrupted) as stopped:
        train(data(), 5, 0.2, **options, keep=tmp_path / "run", progress=interrupting_at(stop))
    assert len(stopped.value.saes) == 2
    resumed = train(data(), 5, 0.2, **options, keep=tmp_path / "run", resume=True)
    for one, other in zip(whole, resumed):
        same(one, other)


def interrupting_at(step):
    return lambda report: os.kill(os.getpid(), signal.SIGINT) if report.step == step else None


def test_another_run_is_not_resumed(tmp_path):
    train(data(), 5, 0.2, **LONG, keep=tmp_path / "run")
    for change, said in (({"lam": 0.3}, "data"), ({"steps": 41}, "steps"), ({"seeds": [1]}, "seeds")):
        arguments = {"x": data(), "k": 5, "lam": 0.2, **LONG, **change}
        with pytest.raises(BadInput, match=said):
            train(**arguments, keep=tmp_path / "run", resume=True)
    (tmp_path / "damaged").write_bytes(b"?")
    with pytest.raises(BadInput, match="cannot be read"):
        train(data(), 5, 0.2, **LONG, keep=tmp_path / "damaged", resume=True)


# --- dead latents, averages ---


def test_dead_latents_start_anew():
    """Far from all data, no gradient ever reaches them."""
    x = data(200, 4, 6)
    # Two directions only, so that equal first atoms die of each other; what they leave over revives them.
    lam = 0.9 * np.linalg.norm(x - x.mean(axis=0), axis=1).max()
    silent, revived = (
        train(x, 12, lam, steps=400, lam_warm_up=0.0, revive=revive, lr=0.3)[0] for revive in (False, True)
    )
    dead = [int((sae.encode(x).max(axis=0) == 0).sum()) for sae in (silent, revived)]
    assert dead[1] <= dead[0]


def test_averaged_parameters_are_the_mean_of_the_last_steps():
    x = data()
    states = [train(x, 5, 0.2, steps=20, dtype="float64")[0]]
    (mean,) = train(x, 5, 0.2, steps=20, average=0.05, dtype="float64")
    same(mean, states[0], rtol=1e-12)  # of one step, the last one
    (longer,) = train(x, 5, 0.2, steps=20, average=0.5, dtype="float64")
    assert np.abs(longer.D - mean.D).max() > 1e-6


def test_the_penalty_warms_up():
    """While it does, less is paid: the first steps differ, and with them the result."""
    x = data()
    one, other = (train(x, 5, 0.2, steps=20, lam_warm_up=share)[0] for share in (0.0, 0.5))
    assert np.abs(one.D - other.D).max() > 1e-6
    (long,) = train(x, 5, 0.2, steps=2000, lam_warm_up=0.5)
    assert atom_law(long, x, 0.2) < 5e-3  # of the full penalty


@pytest.mark.parametrize("x", [np.ones((1, 1)), np.zeros((3, 2)), np.ones((4, 2))])
@pytest.mark.parametrize("lam", [0.5, 1e50, 1e-50])
def test_data_without_spread(x, lam):
    (sae,) = train(x, 3, lam, steps=5)
    np.testing.assert_allclose(sae.b, x[0], atol=1e-12)
    assert not sae.encode(x).any()


def test_samples_of_no_weight_do_not_matter():
    x = data()
    weights = np.r_[np.ones(40), np.zeros(20)]
    corrupted = np.r_[x[:40], 1e60 * x[40:]]
    one, other = (train(y, 5, 0.2, weights=weights, steps=50)[0] for y in (x, corrupted))
    same(one, other)


def test_device_is_used():
    torch = pytest.importorskip("torch")
    with pytest.raises(BadInput, match="device"):
        train(data(), 5, 0.2, steps=1, device="nonsense")
    if not torch.cuda.is_available():
        with pytest.raises(BadInput, match="device"):
            train(data(), 5, 0.2, steps=1, device="cuda")
    same(train(data(), 5, 0.2, steps=5)[0], train(data(), 5, 0.2, steps=5, device="cpu")[0])


def test_divergence_is_an_error():
    with pytest.raises(BadInput, match="diverged"):
        train(data(), 5, 0.2, steps=5, lr=1e38)


@pytest.mark.parametrize(
    "change",
    [
        {"k": 0},
        {"lam": -1.0},
        {"lam": [0.1, 0.2]},
        {"x": [[np.nan, 1.0]]},
        {"weights": [1.0]},
        {"seeds": []},
        {"seeds": [-1]},
        {"steps": 0},
        {"batch": 0},
        {"batch": 61},
        {"lr": 0.0},
        {"lr": np.nan},
        {"dtype": "float16"},
        {"average": 1.0},
        {"lam_warm_up": -0.1},
    ],
)
def test_bad_input(change):
    with pytest.raises(BadInput):
        train(**{"x": data(), "k": 5, "lam": 0.2, "steps": 1} | change)
