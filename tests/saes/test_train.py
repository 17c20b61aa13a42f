import numpy as np
import pytest

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.problem.instance import instance
from checks.saes import train as training
from checks.saes.train import train

PARTS = ("W_enc", "b_enc", "D", "b")


def data(n=60, d=4, k=5):
    return planted(n, d, k, seed=3, noise=0.05, offset=1.0).x


def same(one, other, rtol=0.0):
    for part in PARTS:
        np.testing.assert_allclose(getattr(one, part), getattr(other, part), rtol=rtol, atol=rtol)


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
    (sae,) = train(x, 5, lam, **options, progress=lambda *call: seen.append(call))
    by_hand = 0.0
    for x_i, lam_i, w_i in zip(x, lam, weights / weights.sum()):
        z = np.maximum(0, sae.W_enc @ (x_i - sae.b) + sae.b_enc)
        by_hand += w_i * (0.5 * np.sum((x_i - sae.b - sae.D @ z) ** 2) + lam_i * z.sum())
    assert [call[:2] for call in seen] == [(1, 1)]
    assert seen[0][2] == pytest.approx(by_hand, rel=1e-8)


def test_an_epoch_of_batches_is_the_whole_data():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    problem = instance(rng.standard_normal((12, 2)), 3, rng.random(12), weights=rng.random(12))
    stream = training._batches(problem, 4, [rng, np.random.default_rng(1)], torch.from_numpy)
    x, w, lam = (torch.cat(parts, dim=1).numpy() for parts in zip(*(next(stream) for _ in range(3))))
    for member in range(2):
        order = np.lexsort(x[member].T)
        expected = np.lexsort(problem.x.T)
        np.testing.assert_array_equal(x[member][order], problem.x[expected])
        np.testing.assert_array_equal(lam[member, order, 0], problem.lam[expected])
        np.testing.assert_allclose(w[member, order, 0], 3 * problem.weights[expected])


def test_gradient_is_that_of_the_loss():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    e, n, d, k = 2, 7, 3, 4
    D = rng.standard_normal((e, d, k))
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    arrays = rng.standard_normal((e, k, d)), rng.standard_normal((e, 1, k)), D, rng.standard_normal((e, 1, d))
    members = training._Members(*map(torch.tensor, arrays))
    samples = rng.standard_normal((1, n, d)), rng.random((1, n, 1)), rng.random((1, n, 1))
    x, w, lam = map(torch.tensor, samples)
    members.descend(x, w, lam)

    W, c, D, b = (torch.tensor(a, requires_grad=True) for a in arrays)
    z = torch.relu((x - b) @ W.mT + c)
    r = x - b - z @ (D / D.norm(dim=1, keepdim=True)).mT  # so that autograd, too, only sees the sphere
    (w * (0.5 * (r**2).sum(-1, keepdim=True) + lam * z.sum(-1, keepdim=True))).sum().backward()
    for ours, autograd in zip((members.W, members.c, members.D, members.b), (W, c, D, b)):
        torch.testing.assert_close(ours.grad, autograd.grad)


def test_atoms_have_unit_norm():
    for sae in train(data(), 5, 0.2, steps=30, seeds=[0, 1]):
        np.testing.assert_allclose(np.linalg.norm(sae.D, axis=0), 1.0, rtol=1e-14)


def test_without_bias_b_stays_zero():
    (sae,) = train(data(), 5, 0.2, bias=False, steps=30)
    assert not sae.b.any()


def test_progress_counts_up_and_the_loss_falls():
    seen = []
    train(data(), 5, 0.2, steps=250, progress=lambda *call: seen.append(call))
    steps = [step for step, _, _ in seen]
    assert steps == sorted(set(steps))
    assert steps[-1] == 250
    assert len(steps) <= 101
    assert seen[-1][2] < seen[0][2]


def test_the_last_reported_loss_is_that_of_the_result():
    """It would not be if the atoms were brought back to the sphere only at the end."""
    x, seen = data(), []
    (sae,) = train(x, 5, 0.2, steps=300, lr=0.1, dtype="float64", progress=lambda *call: seen.append(call))
    assert sae.point(instance(x, 5, 0.2, bias=True)).objective == pytest.approx(seen[-1][2], rel=1e-6)


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
    ],
)
def test_bad_input(change):
    with pytest.raises(BadInput):
        train(**{"x": data(), "k": 5, "lam": 0.2, "steps": 1} | change)
