import numpy as np
import pytest

from checks.errors import BadInput
from checks.problem.instance import instance
from checks.saes.vanilla import SAE


def sae(k=3, d=2):
    rng = np.random.default_rng(0)
    D = rng.standard_normal((d, k))
    return SAE(rng.standard_normal((k, d)), rng.standard_normal(k), D / np.linalg.norm(D, axis=0), np.ones(d))


def test_encode_is_relu_of_an_affine_map():
    model, x = sae(), np.random.default_rng(1).standard_normal((5, 2))
    by_hand = [[max(0.0, w @ (s - model.b) + c) for w, c in zip(model.W_enc, model.b_enc)] for s in x]
    np.testing.assert_allclose(model.encode(x), by_hand, rtol=1e-12)


def test_point_carries_the_amortised_codes():
    model, x = sae(), np.random.default_rng(1).standard_normal((5, 2))
    point = model.point(instance(x, 3, 0.1, bias=True))
    np.testing.assert_array_equal(point.Z, model.encode(x))
    np.testing.assert_allclose(point.residual, x - model.b - model.encode(x) @ model.D.T)


def test_shapes_must_agree():
    good = sae()
    with pytest.raises(BadInput, match="b_enc has shape"):
        SAE(good.W_enc, good.b_enc[:2], good.D, good.b)


@pytest.mark.parametrize("x", [np.ones((4, 3)), np.ones(2), np.full((1, 2), np.nan)])
def test_encode_refuses_other_data(x):
    with pytest.raises(BadInput):
        sae().encode(x)
