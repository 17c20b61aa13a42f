"""Each architecture: its gradients against autograd, what it promises, and that broken twins are caught."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sympy import Indexed, S

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.evaluation.lowering import evaluate
from checks.evaluation.symbols import environment
from checks.judging import approximate
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.checkpoints.plain import read, write
from checks.saes.measure import figures
from checks.saes.promises import STATIONARY_PARAMETERS
from checks.saes.sae import SAE, Batch, architecture, architectures, members, settings_of
from checks.saes.source import InMemory
from checks.saes.train import train
from theory.derive import conditions
from theory.problem import OBJECTIVES, nu
from theory.statement import claimed, discover

NAMES = sorted(architectures())
E, K, D, N = 2, 8, 4, 60
X = planted(200, 4, 8, seed=3, noise=0.05, offset=1.0).x
LAM = 0.2
LAM_OF = {"jumprelu": 0.02}


def kind_of(name):
    """As many units are active as leave something over."""
    return architecture(name, {"K": 2} if "top-k" in name else {})


def ensemble(kind, seed=0):
    """Random parameters and samples, weighted and with a price each."""
    rng = np.random.default_rng(seed)
    normal = lambda *shape: torch.tensor(rng.standard_normal(shape))  # noqa: E731
    p = kind.start(torch.nn.functional.normalize(normal(E, K, D), dim=2), torch.full((E, 1, 1), 0.1).double())
    p = {name: tensor + 0.1 * normal(*tensor.shape) for name, tensor in p.items()}
    if "threshold" in p:
        p["threshold"] = p["threshold"].abs()
    kind.normalise(p)
    lam, w = torch.tensor(rng.random((E, 1, N))), torch.tensor(rng.random(N))
    return p, Batch.of(normal(N, D), 0.3 * lam, w=w)


def by_autograd(kind, p, batch):
    """Gradients of the loss; where atoms have unit norm they are normalised first, so that only the sphere is seen."""
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in p.items()}
    normed = leaves["W_dec"] / leaves["W_dec"].norm(dim=2, keepdim=True)
    used = leaves if kind.objective.has_free_norms else leaves | {"W_dec": normed}
    kind.loss(used, batch).sum().backward()
    return {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}


def assert_gradients(kind):
    p, batch = ensemble(kind)
    expected, (found, _) = by_autograd(kind, p, batch), kind.gradients(p, batch)
    assert found.keys() - {"threshold"} == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-10, atol=1e-12)
        assert found[name].is_contiguous()  # the fused optimiser takes memory as it lies


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_the_loss(name, tied):
    assert_gradients(architecture(name, {"tied": tied}))


@pytest.mark.parametrize("name", ["top-k", "batch-top-k"])
def test_gradients_pass_through_a_gain(name):
    kind = architecture(name)
    p, batch = ensemble(kind)
    p["gain"] = torch.linspace(0.5, 2.0, K, dtype=torch.float64).expand(E, K)[:, :, None]
    expected, (found, _) = by_autograd(kind, p, batch), kind.gradients(p, batch)
    for part in ("W_enc", "b_enc", "W_dec", "b_dec"):
        torch.testing.assert_close(found[part], expected[part], rtol=1e-10, atol=1e-12)


def test_a_threshold_follows_its_straight_through_estimator():
    kind = architecture("jumprelu", {"bandwidth": 0.5})
    p, batch = ensemble(kind)
    found = kind.gradients(p, batch)[0]["threshold"]
    pre = kind.preactivations(p, batch.x)
    r = batch.samples - p["b_dec"] - p["W_dec"].mT @ kind.activate(pre, p)
    for e, j in np.ndindex(E, K):
        theta, total = p["threshold"][e, j, 0], 0.0
        for i in range(N):
            if abs(pre[e, j, i] - theta) < 0.25:
                kernel = 1 / 0.5
                total += batch.w[i] * (theta * kernel * (p["W_dec"][e, j] @ r[e, :, i]) - kernel * batch.lam[e, 0, i])
        assert found[e, j, 0] == pytest.approx(float(total) / N, rel=1e-10)


@dataclass(frozen=True)
class WrongSign(Vanilla):
    def to_atoms(self, seen, p, batch):
        return -super().to_atoms(seen, p, batch)


@dataclass(frozen=True)
class HalfThePrice(Vanilla):
    def slope(self, seen, p, batch):
        return torch.cat([-p["W_dec"], self.per_price(p) / 2], dim=2) @ seen.felt


@dataclass(frozen=True)
class NormsNotProjected(Vanilla):
    def normalise(self, p):
        pass


@pytest.mark.parametrize("twin", [WrongSign(), HalfThePrice()])
def test_a_wrong_gradient_is_caught(twin):
    with pytest.raises(AssertionError):
        assert_gradients(twin)


# --- promises ---


@cache
def trained(kind, **options):
    lam = LAM_OF.get(kind.name, LAM)
    return train(X, K, lam, architecture=kind, **{"steps": 1000, "dtype": "float64"} | options)[0]


def problem_of(kind):
    lam = LAM_OF.get(kind.name, LAM)
    return instance(X, K, lam, bias=True, objective=kind.objective, parameters=kind.numbers(K))


def residual(kind, sae, name, problem=None):
    """Of a condition of its objective, at an SAE; of atoms, with the best multipliers of their unit norms."""
    premise = conditions(kind.objective)[name]
    point = sae.point(problem or problem_of(kind))
    expression = kind.objective.specialise(premise.at(*premise.indices))
    expression = expression.replace(lambda part: isinstance(part, Indexed) and part.base == nu, lambda _: S.Zero)
    found = evaluate(expression, environment(point))
    if name != "atom" or kind.objective.has_free_norms:
        return np.asarray(found.array)
    D = point.D if found.axes[0] == "a" else point.D.T
    axis = found.axes.index("a")
    return found.array - D * (D * found.array).sum(axis=axis, keepdims=True)


def shuffled(sae):
    """The same with each atom in another's place and another bias: a rival that is as good as random."""
    tensors = dict(sae.tensors)
    tensors["W_dec"] = np.roll(tensors["W_dec"], 1, axis=0)
    tensors["b_dec"] = tensors["b_dec"] + 0.3
    return SAE(sae.architecture, tensors)


@pytest.mark.parametrize("name", NAMES)
def test_promises_are_conditions_of_the_objective(name):
    kind = architecture(name)
    assert kind.objective in OBJECTIVES.values()
    assert kind.promises <= STATIONARY_PARAMETERS
    assert kind.promises <= conditions(kind.objective).keys()


def at_random(name, tied):
    """An SAE that is not stationary in anything, the problem it is to solve, and its gradients."""
    kind = architecture(name, {"tied": tied})
    p, batch = ensemble(kind)
    first = {part: tensor[:1] for part, tensor in p.items()}
    batch = replace(batch, lam=batch.lam[:1, :, :1], w=None, x=torch.tensor(np.column_stack([X, np.ones(len(X))]).T))
    batch = replace(batch, share=1 / len(X))
    if name == "batch-top-k":
        first |= kind.settle(first, batch)
    lam = float(batch.lam[0, 0, 0])
    problem = instance(X, K, lam, bias=True, objective=kind.objective, parameters=kind.numbers(K))
    (sae,) = members(kind, first)
    return kind, sae, problem, {part: tensor[0].numpy() for part, tensor in kind.gradients(first, batch)[0].items()}


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_the_conditions_that_are_promised_and_no_other(name):
    """At any point: what training drives to zero is the very residual that the theory derives from the objective."""
    kind, sae, problem, gradient = at_random(name, tied=True)
    b_enc = gradient["b_mag"] if name == "gated" else gradient["b_enc"]
    of_bias = np.allclose(residual(kind, sae, "enc_b", problem), b_enc[:, 0], rtol=1e-9, atol=1e-12)
    of_weights = np.allclose(residual(kind, sae, "enc_w", problem), gradient["W_enc"].T, rtol=1e-9, atol=1e-12)
    assert (of_bias, of_weights) == ("enc_b" in kind.promises, "enc_w" in kind.promises)
    kind, sae, problem, gradient = at_random(name, tied=False)
    of_bias = np.allclose(residual(kind, sae, "bias", problem), gradient["b_dec"][:, 0], rtol=1e-9, atol=1e-12)
    assert of_bias == ("bias" in kind.promises)


@pytest.mark.parametrize("name", NAMES)
def test_promised_conditions_hold_after_training(name):
    """An order of magnitude better than where atoms have changed places."""
    kind = kind_of(name)
    sae = trained(kind, refit=True)
    for condition in sorted(kind.promises - {"unit"}):
        here, there = (np.linalg.norm(residual(kind, each, condition)) for each in (sae, shuffled(sae)))
        assert here <= approximate.NEARER * there, condition
    if "unit" in kind.promises:
        assert np.abs(residual(kind, sae, "unit")).max() <= 8 * np.finfo(float).eps


@pytest.mark.parametrize("name", NAMES)
def test_laws_that_follow_from_the_promises_hold(name):
    """Judged by its own objective, no law that is proved from the promises fails."""
    kind = kind_of(name)
    following = [each for each in claimed(discover(), kind.objective) if each.premises <= kind.promises]
    judged = approximate.judge(following, [trained(kind, refit=True).point(problem_of(kind))])
    assert Verdict.CONFIRMED in {found.verdict for found in judged.values()}
    failed = {identifier: found for identifier, found in judged.items() if found.verdict is Verdict.FALSIFIED}
    assert not failed


@pytest.mark.parametrize("twin", [NormsNotProjected(), HalfThePrice()])
def test_a_broken_twin_breaks_a_law(twin):
    """The atom law of the real thing, and unit norms, tell it from its twins."""
    good, bad = (train(X, K, LAM, architecture=kind, steps=800)[0] for kind in (Vanilla(), twin))
    broken, sound = (figures(replace(sae, architecture=Vanilla()), InMemory(X), LAM) for sae in (bad, good))
    if isinstance(twin, NormsNotProjected):
        drift = [np.abs(residual(Vanilla(), sae, "unit")).max() for sae in (bad, good)]
        assert drift[1] <= 8 * np.finfo(float).eps < np.finfo(np.float32).eps < drift[0]
    else:
        assert np.nanmedian(sound.violation) < 1e-2 < 0.1 < np.nanmedian(broken.violation)


# --- refit ---

BRIEF = 500  # steps: a decoder is refitted for the encoder there is, however far that one has come


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_refitted_decoder_is_optimal_to_rounding(name, bias):
    kind = kind_of(name)
    sae = trained(kind, steps=BRIEF, refit=True, bias=bias)
    found = figures(sae, InMemory(X), LAM_OF.get(name, LAM))
    assert np.nanmax(found.violation) < 1e-9
    if kind.shrinks:
        np.testing.assert_allclose(found.lam[found.live], LAM, rtol=1e-9)
    if bias and name != "matryoshka":
        np.testing.assert_allclose(sae.point(problem_of(kind)).residual.mean(axis=0), 0, atol=1e-10)
    plain = figures(trained(kind, steps=BRIEF, bias=bias), InMemory(X), LAM_OF.get(name, LAM))
    # The gate's own terms are no business of the decoder's.
    assert name == "gated" or found.loss <= plain.loss * (1 + 1e-12)


def test_refit_with_weights_and_a_price_per_sample():
    rng = np.random.default_rng(0)
    lam, weights = rng.uniform(0.1, 0.4, len(X)), rng.uniform(0, 1, len(X))
    (sae,) = train(X, K, lam, weights=weights, steps=500, refit=True)
    found = figures(sae, InMemory(X), lam, weights / weights.sum())
    assert np.nanmax(found.violation) < 1e-9
    assert np.nanmax(figures(sae, InMemory(X), lam).violation) > 1e-3


# --- settings and files ---


def test_settings_are_read_and_refused():
    assert architecture("top-k", settings_of(["K=3", "tied=false"])).settings == {"tied": False, "K": 3}
    for name, words in (
        ("nonsense", []),
        ("vanilla", ["K=3"]),
        ("top-k", ["K=1.5"]),
        ("top-k", ["K=true"]),
        ("top-k", ["K"]),
        ("elastic-net", ["gamma=-1"]),
        ("jumprelu", ["bandwidth=0"]),
    ):
        with pytest.raises(BadInput):
            architecture(name, settings_of(words))
    for kind in (architecture("top-k", {"K": 9}), architecture("matryoshka", {"prefixes": 5})):
        with pytest.raises(BadInput):
            train(X, K, LAM, architecture=kind, steps=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_gives_the_same_sae(name, tmp_path):
    kind = architecture(name, {"tied": False})
    sae = train(X, K, LAM, architecture=kind, steps=5)[0]
    write(tmp_path / "sae.safetensors", sae, LAM, False, {"seed": "0"})
    found = read(tmp_path / "sae.safetensors")
    assert (found.sae.architecture, found.lam, found.bias) == (kind, LAM, False)
    assert found.sae.tensors["W_enc"].shape == (D, K)
    assert found.sae.tensors["W_dec"].shape == (K, D)
    for part, tensor in sae.tensors.items():
        np.testing.assert_array_equal(found.sae.tensors[part], tensor)


@pytest.mark.parametrize("name", NAMES)
def test_norms_in_a_file_are_folded_into_the_codes(name, tmp_path):
    """Where the objective wants unit norms; the reconstruction stays in any case."""
    sae = train(X, K, LAM_OF.get(name, LAM), architecture=architecture(name), steps=50)[0]
    length = np.linspace(0.5, 2, K)
    longer = SAE(sae.architecture, {**sae.tensors, "W_dec": length[:, None] * sae.tensors["W_dec"]})
    write(tmp_path / "sae.safetensors", longer, LAM, True)
    found = read(tmp_path / "sae.safetensors")
    np.testing.assert_allclose(found.norms, np.linalg.norm(longer.D, axis=0))
    np.testing.assert_allclose(found.sae.encode(X) @ found.sae.D.T, longer.encode(X) @ longer.D.T, atol=1e-9)
    np.testing.assert_array_equal(found.sae.encode(X) > 0, longer.encode(X) > 0)
    if name != "norm-weighted":
        np.testing.assert_allclose(np.linalg.norm(found.sae.D, axis=0), 1.0)


@pytest.mark.parametrize("name", ["top-k", "batch-top-k"])
def test_a_gain_is_the_norm_of_an_atom_in_a_file(name, tmp_path):
    """As other programs read it: they know no gain, and take the largest pre-activations."""
    sae = trained(kind_of(name), steps=BRIEF, refit=True)
    write(tmp_path / "sae.safetensors", sae, None, True)
    tensors = load_file(tmp_path / "sae.safetensors")
    assert "gain" not in tensors
    pre = (X - tensors["b_dec"]) @ tensors["W_enc"] + tensors["b_enc"]
    least = np.sort(pre, axis=1)[:, -2:-1] if name == "top-k" else tensors["threshold"]
    there = np.maximum(0, np.where(pre >= least, pre, 0)) @ tensors["W_dec"]
    np.testing.assert_allclose(there, sae.encode(X) @ sae.D.T, atol=1e-9)
    found = read(tmp_path / "sae.safetensors").sae
    np.testing.assert_allclose(found.encode(X), sae.encode(X), atol=1e-9)
    np.testing.assert_allclose(found.tensors["gain"], sae.tensors["gain"], rtol=1e-12)
    assert np.nanmax(figures(found, InMemory(X), 0.0).violation) < 1e-9


def test_other_files_are_refused(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"?")
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"architecture": "nonsense"}, "architecture 'nonsense': there is"),
        ({"settings": "[]"}, "expected an object in JSON"),
        ({"settings": '{"K": 3}'}, "vanilla has no setting 'K'"),
        ({"architecture": "gated"}, "it has no b_gate, b_mag, r_mag"),
        ({"apply_b_dec_to_input": "1"}, "expected true or false"),
        ({"lambda": "-1"}, "expected a number ≥ 0"),
    ],
)
def test_metadata_that_do_not_fit_are_refused(metadata, said, tmp_path):
    write(tmp_path / "sae.safetensors", train(X, K, LAM, steps=1)[0], LAM, True, metadata)
    with pytest.raises(BadInput, match=said):
        read(tmp_path / "sae.safetensors")


# --- codes ---


def test_in_use_the_same_units_are_active_as_in_a_batch_of_all_samples():
    """The threshold lies between two pre-activations: no rounding changes anybody, and it may be a refit's."""
    kind = kind_of("batch-top-k")
    sae = trained(kind, steps=BRIEF, refit=True)
    p, batch = sae.parameters, Batch.of(torch.tensor(X), torch.zeros(1, 1, 1, dtype=torch.float64))
    together = kind.activate(kind.preactivations(p, batch.x), p)[0].T
    np.testing.assert_array_equal(sae.encode(X), together.numpy())
    pre = kind.preactivations(p, batch.x)
    assert (pre - p["threshold"]).abs().min() > 1e-9


def test_codes_are_those_of_the_formula():
    rng = np.random.default_rng(1)
    sae = train(X, K, LAM, steps=3)[0]
    x = rng.standard_normal((5, D))
    by_hand = np.maximum(0, (x - sae.b) @ sae.tensors["W_enc"] + sae.tensors["b_enc"])
    np.testing.assert_allclose(sae.encode(x), by_hand, rtol=1e-12, atol=1e-14)
    for bad in (np.ones((4, 3)), np.ones(2), np.full((1, D), np.nan)):
        with pytest.raises(BadInput):
            sae.encode(bad)


@pytest.mark.parametrize("name", NAMES)
def test_untied_encoders_see_samples_as_they_are(name):
    """In the user's units the same SAE on moved data is the same but for its biases."""
    kind = architecture(name, {"tied": False})
    one, other = (train(x, K, LAM, architecture=kind, steps=20, dtype="float64")[0] for x in (X, X + 5.0))
    np.testing.assert_allclose(other.encode(X + 5.0), one.encode(X), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("name", "K_"), [("top-k", 3), ("batch-top-k", 3)])
def test_as_many_units_are_active_as_may_be(name, K_):
    sae = train(X, K, 0.0, architecture=architecture(name, {"K": K_}), steps=200, dtype="float64")[0]
    active = (sae.encode(X) > 0).sum(axis=1)
    if name == "top-k":
        assert active.max() <= K_
    assert active.mean() == pytest.approx(K_, rel=0.05)
