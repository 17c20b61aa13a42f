"""One pass says what a dense evaluation of all samples at once says, however the samples are cut."""

import numpy as np
import pytest
import torch
from sympy import Sum

from checks.errors import BadInput
from checks.evaluation.block import block
from checks.evaluation.lowering import SAMPLE, Env, Named, evaluate, order, symbols_of
from checks.evaluation.moment_basis import basis
from checks.evaluation.moments import accumulate, moments_of
from checks.evaluation.one_pass import SHARDS, Pass, Plan, Reducer, take
from checks.evaluation.symbols import environment
from checks.judging.nearby_problems import neighbours
from checks.judging.verdict import claims_of
from theory.expectation import E
from theory.problem import L1, D, D_dot, a, j, l, r, w, z
from theory.statement import claimed, discover

STATEMENTS = claimed(discover(), L1)
SIDES = [side for statement in STATEMENTS for side in claims_of(statement, L1).sides]
BASIS = basis(SIDES)
LARGEST = Reducer("largest residual", lambda env: (env.arrays["r"].array ** 2).sum(1))
PLAN = Plan.of(BASIS.moments, [LARGEST], "test")
arrays = pytest.mark.parametrize("convert", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])


@pytest.fixture(scope="module")
def env(optimum):
    env = environment(optimum)
    return Env({**env.arrays, **neighbours(optimum, symbols_of(tuple(SIDES)))}, env.sizes, env.weights)


def a_block(optimum, env, rows, convert=np.asarray):
    """Some of the samples, with all that the dense environment knows of them."""

    def own(value):
        if not isinstance(value.array, np.ndarray):
            return value
        array = value.array[rows] if SAMPLE in value.axes else value.array
        return Named(convert(np.ascontiguousarray(array)), value.axes)

    i = optimum.instance
    ours = ("x", "z", "D", "b", "r", "xhat", "on", "off", "G")  # these the block makes itself
    more = {name: own(value) for name, value in env.arrays.items() if name not in ours}
    parts = (i.x[rows], optimum.Z[rows], optimum.D, optimum.b, i.weights[rows])
    return block(*map(convert, parts), more=more)


def passed(optimum, env, cuts, convert=np.asarray):
    done = Pass("test")
    for start, stop in zip((0, *cuts), (*cuts, optimum.instance.n)):
        take(done, PLAN, a_block(optimum, env, slice(start, stop), convert))
    return done


def same(one, other, env, tolerance=1e-12):
    array = order(Named(np.asarray(one.array), one.axes), other.axes, env).array
    np.testing.assert_allclose(array, other.array, rtol=tolerance, atol=tolerance)


@arrays
@pytest.mark.parametrize("cuts", [(), (50,), tuple(range(3, 120, 3))], ids=["whole", "two", "forty"])
def test_moments_are_those_of_one_dense_block(optimum, env, cuts, convert):
    found = passed(optimum, env, cuts, convert).means(BASIS.moments)
    assert found.keys() == set(BASIS.moments)
    for moment, expected in accumulate(BASIS.moments, [env]).items():
        same(found[moment], expected, env)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_every_moment_of_every_statement(statement, optimum, env):
    """The means as they are written, from the moments of a pass in pieces."""
    means = BASIS.means(passed(optimum, env, (31, 77)).means(BASIS.moments))
    for side in claims_of(statement, L1).sides:
        for mean in moments_of([side]):
            written = basis([mean])
            at = Env(env.arrays, env.sizes, env.weights, means)
            if all(part in means for part in written.forms[mean].atoms(E)):
                same(evaluate(written.forms[mean], at), evaluate(mean, env), env, 1e-9)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_samples_in_half_precision(optimum, env, kind):
    """They are rounded once, when they are stored: what is summed after that is not."""
    rounded = torch.as_tensor(optimum.instance.x).to(kind)
    y, D, Z = rounded.double().numpy() - optimum.b, optimum.D, optimum.Z
    short = [np.ascontiguousarray(part, dtype=np.float32) for part in (rounded.float().numpy(), Z, D, optimum.b)]
    done = Pass("half")
    (moment,) = basis([next(m for m in BASIS.moments if str(m) == "E[r[a]*z[j]]")]).moments
    take(done, Plan.of([moment], [], "half"), block(*short, np.ones(len(Z), dtype=np.float32)))
    expected = Z.T @ (y - Z @ D.T) / len(Z)
    found = done.means([moment])[moment]
    assert found.array.dtype == np.float64
    np.testing.assert_allclose(found.array, expected, atol=1e-6 * np.abs(y).max() * Z.max())


@arrays
def test_passes_add_up(optimum, env, convert):
    whole, n = passed(optimum, env, (60,), convert), optimum.instance.n
    parts = []
    for rows in (slice(0, 60), slice(60, n)):
        parts.append(Pass("test"))
        take(parts[-1], PLAN, a_block(optimum, env, rows, convert))
    merged = parts[0] + parts[1]
    assert merged.rows == n
    assert merged.largest == whole.largest
    for moment, mean in whole.means(BASIS.moments).items():
        same(merged.means([moment])[moment], mean, env)
    with pytest.raises(BadInput, match="subjects"):
        parts[0] + Pass("another")


@arrays
def test_a_saved_pass_goes_on_as_if_it_had_not_stopped(optimum, env, tmp_path, convert):
    cuts = (40, 80)
    whole, first = passed(optimum, env, cuts, convert), Pass("test")
    for rows in (slice(0, 40), slice(40, 80)):
        take(first, PLAN, a_block(optimum, env, rows, convert))
    first.save(tmp_path / "pass.npz")
    resumed = Pass.load(tmp_path / "pass.npz")
    take(resumed, PLAN, a_block(optimum, env, slice(80, None), convert))
    whole.fetch()
    resumed.fetch()
    assert (resumed.rows, resumed.blocks, resumed.largest) == (whole.rows, whole.blocks, whole.largest)
    for name, sums in whole.shards.items():
        np.testing.assert_array_equal(resumed.shards[name], sums)
    assert not list(tmp_path.glob("*.partial"))


def test_without_the_only_shard_nothing_is_known(optimum, env):
    done = passed(optimum, env, ())
    (mean, *_) = done.means(BASIS.moments, without=[0]).values()
    assert np.isnan(mean.array).all()
    assert np.isnan(done.reduced(LARGEST.name, without=[0]))


@pytest.mark.parametrize("content", [b"", b"not a pass", b"PK\x03\x04"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "pass.npz").write_bytes(content)
    with pytest.raises(BadInput, match="not a saved pass"):
        Pass.load(tmp_path / "pass.npz")


def test_leaving_out_a_shard_is_the_pass_over_the_others(optimum, env):
    n, done, others = optimum.instance.n, Pass("test"), Pass("test")
    for shard in range(0, n, 4):
        take(done, PLAN, a_block(optimum, env, slice(shard, shard + 4)))
        if shard != 20:
            take(others, PLAN, a_block(optimum, env, slice(shard, shard + 4)))
    assert len(done.filled) == min(SHARDS, n // 4)
    left = done.means(BASIS.moments, without=[5])
    for moment, mean in others.means(BASIS.moments).items():
        same(left[moment], mean, env, 1e-10)


def test_the_largest_is_found_with_its_sample(optimum, env):
    value, row = passed(optimum, env, (50,)).largest["largest residual"]
    sizes = (optimum.residual**2).sum(1)
    assert row == np.argmax(sizes)
    assert value == pytest.approx(sizes.max())


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_row_that_is_not_finite_is_named(optimum, env, bad):
    done = Pass("test")
    take(done, PLAN, a_block(optimum, env, slice(0, 50)))
    x = optimum.instance.x[50:].copy()
    x[7, 1] = bad
    broken = block(x, optimum.Z[50:], optimum.D, optimum.b, optimum.instance.weights[50:])
    with pytest.raises(BadInput, match="row 57"):
        take(done, PLAN, broken)
    assert done.rows == 50


@arrays
def test_what_atoms_and_samples_have_for_every_probe_is_taken_probe_by_probe(optimum, env, convert):
    """No statement sets a point of each sample beside a motion of the atoms, but a conjecture may."""
    moment = E(z[j] * Sum(D_dot[a, j] * w[a], a))
    done = Pass("probes")
    take(done, Plan.of([moment], [], "probes"), a_block(optimum, env, slice(None), convert))
    same(done.means([moment])[moment], accumulate([moment], [env])[moment], env)


def test_chosen_atoms_stand_for_all_where_these_are_too_many(optimum, env, monkeypatch):
    from checks.evaluation import one_pass
    from checks.evaluation.block import of_atoms

    monkeypatch.setattr(one_pass, "WIDE", len(optimum.D) * optimum.D.shape[1] * SHARDS - 1)
    chosen = [1, 4]
    moments = [m for m in BASIS.moments if str(m) in ("E[r[a]*z[j]]", "E[z[j]]", "E[on[l]*z[j]]", "E[r[a]]")]
    moments.append(E(Sum(r[a] * D[a, j], a) * Sum(r[a] * D[a, l], a)))  # of pairs, and nothing in it is of active codes
    plan, done = Plan.of(moments, [], "some", chosen), Pass("some")
    for rows in (slice(0, 70), slice(70, None)):
        whole = a_block(optimum, env, rows)
        take(done, plan, whole, of_atoms(whole, np.array(chosen), {}))
    assert {"E[on[l]*z[j]], chosen", "E[r[a]*z[j]], chosen"} <= done.shards.keys()
    expected = accumulate(moments, [env])
    for moment, mean in done.means_of_chosen(moments, chosen).items():
        picked = expected[moment].array
        for n, axis in enumerate(expected[moment].axes):
            picked = np.take(picked, chosen, axis=n) if axis in "jl" else picked
        same(mean, Named(picked, expected[moment].axes), env)
    assert len(done.means_of_chosen(moments, chosen)) == len(moments)
    first = done.means_of_chosen(moments, chosen, without=(1,))
    assert first.keys() == set(moments)
    only = Pass("some")
    whole = a_block(optimum, env, slice(0, 70))
    take(only, plan, whole, of_atoms(whole, np.array(chosen), {}))
    for moment, mean in only.means_of_chosen(moments, chosen).items():
        same(first[moment], mean, env)
