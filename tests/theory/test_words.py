"""What titles and docstrings say in words, checked in numbers by closed forms that share nothing with the proofs."""

import numpy as np
import pytest

STEP = 1e-3


def unit(angle):
    return np.array([np.cos(angle), np.sin(angle)])


def pos(t):
    return np.maximum(0.0, t)


def huber(t, lam):
    return np.where(t <= lam, t**2 / 2, lam * t - lam**2 / 2)


def optimal_code(D, x, lam):
    """Of one sample and up to two atoms: the best of all supports whose code is nonnegative."""
    codes = [np.zeros(D.shape[1])]
    for support in ([0], [1], [0, 1])[: 2 * D.shape[1] - 1]:
        S = D[:, support]
        code = np.zeros(D.shape[1])
        code[support] = np.linalg.lstsq(S.T @ S, S.T @ x - lam, rcond=None)[0]
        codes += [code] if (code >= 0).all() else []
    return min(codes, key=lambda code: cost(D, code, x, lam))


def cost(D, code, x, lam):
    return ((x - D @ code) ** 2).sum() / 2 + lam * code.sum()


# --- H7: one atom on two rays ---------------------------------------------------------------------------------------


def between(turn, angle, lam, length=1.0):
    """The loss of one atom turned off the middle of two rays, with optimal codes."""
    reach = [length * np.cos(angle / 2 + side * turn) for side in (1, -1)]
    return length**2 / 2 - sum(pos(each - lam) ** 2 for each in reach) / 4


@pytest.mark.parametrize("angle", [0.3, 0.9, 1.3])
@pytest.mark.parametrize("length", [1.0, 3.0])
@pytest.mark.parametrize(("share", "minimum"), [(0.5, True), (0.99, True), (1.01, False), (1.5, False)])
def test_h7_the_middle_is_a_local_minimum_up_to_the_threshold(angle, length, share, minimum):
    threshold = length * np.cos(angle) / np.cos(angle / 2)
    lam = min(share * threshold, 0.999 * length * np.cos(angle / 2))
    rise = between(STEP, angle, lam, length) - between(0.0, angle, lam, length)
    assert (rise > 0) == minimum


@pytest.mark.parametrize("angle", [0.3, 0.9, 1.3])
def test_h7_a_ray_is_better_before_the_threshold_but_not_long_before(angle):
    threshold = np.cos(angle) / np.cos(angle / 2)
    turns = np.linspace(0, angle / 2, 2001)
    best = {share: turns[np.argmin(between(turns, angle, share * threshold))] for share in (0.9, 0.999)}
    assert best[0.9] == 0
    assert best[0.999] > angle / 4


# --- D2: an atom with an antipodal partner, on a line with the best bias ----------------------------------------------


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("lam", [0.05, 0.5])
def test_d2_an_atom_with_an_antipodal_partner_fires_at_most_half_of_the_time(seed, lam):
    x = np.random.default_rng(seed).exponential(1, 201) ** 2  # skewed
    low, high = 0.0, x.max()
    for _ in range(100):  # the slope in b of the mean Huber function rises
        b = (low + high) / 2
        low, high = (b, high) if np.clip(x - b, -lam, lam).mean() > 0 else (low, b)
    right, left = (x - b > lam).mean(), (b - x > lam).mean()
    assert right > 0
    assert left > 0
    assert max(right, left) <= 0.5
    assert abs(right - left) <= 1 - right - left


def test_d2_an_atom_alone_may_fire_more_often():
    x, b, lam = np.array([-2.0, 2.0, 8.0]), 0.0, 1.0  # X8
    r = x - b - pos(x - b - lam)
    assert r.sum() == 0
    assert (x - b > lam).mean() > 0.5
    assert r[0] == -lam * 2 / (1 / 3) / 3  # D1: −λp/(1−p)


# --- H1: absorption is optimal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lam", [0.1, 0.6])
@pytest.mark.parametrize("rate", [0.2, 0.7])
def test_h1_no_two_atoms_beat_the_parent_and_the_absorbed_child(lam, rate):
    parent, both = np.array([1.0, 0.0]), np.array([1.0, 1.0])
    absorbed = np.array([0.0, np.pi / 4])

    def total(angles):
        D = unit(angles)
        return sum(w * cost(D, optimal_code(D, x, lam), x, lam) for w, x in ((1 - rate, parent), (rate, both)))

    bound = (1 - rate) * huber(1.0, lam) + rate * huber(np.sqrt(2), lam)
    assert total(absorbed) == pytest.approx(bound, rel=1e-12)
    assert optimal_code(unit(absorbed), both, lam)[0] == 0
    grid = np.linspace(0, 2 * np.pi, 33)  # has both rays
    found = {(i, o): total(np.array([i, o])) for n, i in enumerate(grid[:-1]) for o in grid[n + 1 : -1]}
    best = min(found, key=found.get)
    np.testing.assert_allclose(best, absorbed, atol=1e-12)
    assert sorted(found.values())[1] > bound * (1 + 1e-3)


# --- H2, H5: the price of a hierarchy --------------------------------------------------------------------------------


@pytest.mark.parametrize("cosine", [0.0, 0.6, -0.3])
def test_h2_two_active_atoms_cost_what_the_docstring_says(cosine):
    D, amplitudes, lam = np.array([[1.0, cosine], [0.0, np.sqrt(1 - cosine**2)]]), np.array([2.0, 3.0]), 0.4
    x = D @ amplitudes
    code = optimal_code(D, x, lam)
    assert (code > 0).all()
    assert cost(D, code, x, lam) == pytest.approx(lam * amplitudes.sum() - lam**2 / (1 + cosine), rel=1e-12)
    spread = lam * code.prod() * (1 - cosine) / code.sum()
    assert cost(D, code, x, lam) - huber(np.linalg.norm(x), lam) >= spread  # H5


# --- H6: the best angle of a split -----------------------------------------------------------------------------------


def test_h6_the_best_split_lowers_the_loss_by_what_the_docstring_says():
    K, P = 1.3, 0.4
    angles = np.linspace(0, np.pi / 2, 100_001)
    change = K * (1 - np.cos(angles)) - P * np.sin(angles)
    assert change.min() == pytest.approx(K - np.hypot(K, P), rel=1e-9)
    assert np.tan(angles[change.argmin()]) == pytest.approx(P / K, rel=1e-4)
    assert ((change < 0) == (np.tan(angles / 2) < P / K))[1:].all()


# --- R2: the residual is a projection --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_r2_no_point_of_the_polytope_is_nearer_to_the_sample(seed):
    rng = np.random.default_rng(seed)
    D, x, lam = unit(rng.uniform(0, 2 * np.pi, 2)), rng.normal(0, 2, 2), 0.5
    r = x - D @ optimal_code(D, x, lam)
    points = rng.uniform(-5, 5, (20_000, 2))
    inside = points[(points @ D <= lam).all(axis=1)]
    assert len(inside) > 100
    assert (D.T @ r <= lam + 1e-12).all()
    assert np.linalg.norm(x - inside, axis=1).min() >= np.linalg.norm(x - r) - 1e-12


# --- W4: scalings; S1, S2: the threshold of a fixed price ------------------------------------------------------------


def test_w4_the_best_scaling_costs_the_penalty():
    activation = 0.7
    scales = np.linspace(0.01, 3, 100_001)
    squares = scales**2 + activation**2 / scales**2
    assert squares.min() == pytest.approx(2 * activation, rel=1e-8)
    assert scales[squares.argmin()] ** 2 == pytest.approx(activation, rel=1e-3)


@pytest.mark.parametrize(("share", "active"), [(0.9, False), (0.999, False), (1.001, True), (1.1, True)])
def test_s1_and_s2_a_fixed_price_is_a_threshold_for_active_and_silent_units(share, active):
    lam = 0.8
    threshold = np.sqrt(2 * lam)
    x, codes = share * threshold, np.linspace(0, 3, 30_001)  # of one unit-norm atom, by L0
    best = codes[((x - codes) ** 2 / 2 + lam * (codes > 0)).argmin()]
    assert (best >= threshold - 1e-3) == active
    assert (best == 0) == (not active)
    assert (codes[1:] / 2 + lam / codes[1:]).min() == pytest.approx(threshold, rel=1e-6)


# --- W5: a Huber median ----------------------------------------------------------------------------------------------


def test_w5_a_stationary_bias_at_saturation_is_a_huber_median():
    rng = np.random.default_rng(0)
    x, lam, b = rng.normal((1.0, -2.0), 2, (60, 2)), 0.5, np.zeros(2)

    def size(b):
        return np.linalg.norm(x - b, axis=1)

    for _ in range(500):
        r = lam * (x - b) / np.maximum(size(b), lam)[:, None]  # at saturation, W7
        b = b + r.mean(axis=0)
    assert np.abs(r.mean(axis=0)).max() < 1e-9
    for shift in rng.normal(0, 1, (50, 2)):
        assert huber(size(b + shift), lam).mean() > huber(size(b), lam).mean()
