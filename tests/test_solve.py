"""The commands `solve` and `train`: what they print, write and refuse."""

import json
import os
import signal

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from checks.campaigns import solve
from checks.cli import app
from checks.data.synthetic.planted import planted
from checks.judging.certify import certify
from checks.problem.instance import instance
from checks.problem.point import Point
from checks.report import solution
from checks.saes import refit
from checks.saes import train as training
from checks.saes.checkpoints import plain
from checks.solvers import dictionary
from checks.solvers.dictionary import joint
from checks.solvers.dictionary.newton import smallest_curvature
from checks.solvers.dictionary.result import Joint
from checks.solvers.optimum import with_optimal_codes

N, D, K, LAM = 120, 5, 7, 0.2
X = planted(N, D, K, seed=2, noise=0.05, offset=1.0).x
EXACT = {"code", "act", "atom", "scale", "unit", "bias"}


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words(output):
    return " ".join(output.split())


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "x.npy", X)
    return tmp_path / "x.npy"


def contents(path):
    """Arrays and document of a file that a command wrote."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        return arrays, json.loads(str(arrays.pop("document")))
    with safe_open(path, framework="np") as archive:
        return load_file(path), json.loads(archive.metadata()["document"])


# --- solve ---


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("bias", [False, True])
def test_solve_writes_a_certified_optimum(file, tmp_path, suffix, bias):
    out, made = tmp_path / f"out{suffix}", tmp_path / "out.json"
    free = ("--bias",) if bias else ()
    result = saelaws("solve", file, "--k", K, "--lam", LAM, *free, "--out", out, "--json", made)
    assert result.exit_code == 0, result.output
    assert "✔ An exact optimum, certified." in result.output
    arrays, document = contents(out)
    assert document == json.loads(made.read_text(encoding="utf-8"))
    problem = instance(X, K, LAM, bias=bias)
    point = Point(problem, arrays["D"], arrays["b"], arrays["Z"])
    assert certify(point).shortfall(EXACT if bias else EXACT - {"bias"}) == ""
    np.testing.assert_array_equal(arrays["lam"], problem.lam)
    figures = document["solution"]
    assert figures["objective"] == pytest.approx(point.objective, rel=1e-12)
    assert figures["outcome"] == "converged"
    assert figures["certificate"]["codes"] == certify(point).codes
    assert figures["live_atoms"] == (arrays["Z"] > 0).any(axis=0).sum()
    assert figures["mean_active"] == pytest.approx((arrays["Z"] > 0).sum(axis=1).mean())
    assert figures["width_bound"] < figures["objective"]
    assert figures["local_minimum"].startswith("yes")
    assert figures["curvature"] > 0
    assert bias == arrays["b"].any()


def test_solve_is_the_solver(file, tmp_path):
    out = tmp_path / "out.npz"
    saelaws("solve", file, "--k", K, "--lam", LAM, "--bias", "--seed", 4, "--restarts", 2, "--out", out)
    found = joint(X, K, LAM, bias=True, seed=4, restarts=2)
    arrays, _ = contents(out)
    for name in "DbZ":
        np.testing.assert_array_equal(arrays[name], getattr(found, name))


def test_solve_prints_every_residual(file, tmp_path):
    options = ("--k", K, "--lam", LAM, "--force", "--out", tmp_path / "out.npz")
    with_bias, without = (words(saelaws("solve", file, *options, *free).output) for free in (("--bias",), ()))
    for name in ("natural residual", "duality gap", "off the atom", "along the atom", "norms", "width bound"):
        assert name in with_bias
        assert name in without
    assert "bias" in with_bias.partition("certificate")[2]
    assert "bias" not in without.partition("certificate")[2]
    assert f"{N} samples × {D}, {K} atoms, λ = {LAM}, free bias" in with_bias


def test_solve_the_bound_is_reached_by_the_widest(file, tmp_path):
    out = tmp_path / "out.npz"
    assert saelaws("solve", file, "--k", N, "--lam", LAM, "--out", out).exit_code in (0, 1)
    figures = contents(out)[1]["solution"]
    assert figures["width_bound"] <= figures["objective"] * (1 + 1e-12)
    assert figures["largest_gain"] < 0.1


def test_solve_out_of_iterations(file, tmp_path):
    out, made = tmp_path / "out.npz", tmp_path / "out.json"
    result = saelaws("solve", file, "--k", K, "--lam", LAM, "--max-iterations", 1, "--out", out, "--json", made)
    assert result.exit_code == 1
    assert "✘ Not an exact optimum: out of iterations." in result.output
    assert "✘ not ≤ 1e-08" in words(result.output)
    document = json.loads(made.read_text(encoding="utf-8"))
    assert document["solution"]["outcome"] == "out of iterations"
    assert document["solution"]["curvature"] is None
    assert document["summary"] == {"agrees": False, "shortfall": "out of iterations"}
    assert contents(out)[0]["D"].shape == (D, K)


def test_solve_does_not_trust_the_solver(file, tmp_path, monkeypatch):
    def liar(*arguments, **options):
        found = joint(*arguments, **options)
        return Joint(found.D, found.b, 1.001 * found.Z, found.objective, 0.0, found.outcome)

    monkeypatch.setattr(dictionary, "joint", liar)
    result = saelaws("solve", file, "--k", K, "--lam", LAM, "--out", tmp_path / "out.npz")
    assert result.exit_code == 1
    assert "Not an exact optimum: codes residual" in words(result.output)


def test_solve_reads_a_folder_of_shards(tmp_path):
    (tmp_path / "shards").mkdir()
    np.save(tmp_path / "shards" / "0.npy", X[:70])
    save_file({"x": X[70:]}, tmp_path / "shards" / "1.safetensors")
    out = tmp_path / "out.npz"
    assert saelaws("solve", tmp_path / "shards", "--k", K, "--lam", LAM, "--out", out).exit_code == 0
    np.testing.assert_array_equal(contents(out)[0]["Z"], joint(X, K, LAM).Z)


@pytest.mark.parametrize("x", [np.zeros((4, 3)), np.ones((1, 1)), 1e-150 * X, 1e150 * X], ids=lambda x: f"{x.max():g}")
def test_solve_strange_data(tmp_path, x):
    np.save(tmp_path / "x.npy", x)
    lam = LAM * x.max()
    result = saelaws("solve", tmp_path / "x.npy", "--k", 2, "--lam", lam, "--out", tmp_path / "out.npz")
    assert result.exit_code == 0, result.output
    assert "nan" not in result.output


def test_solve_without_a_penalty(file, tmp_path):
    result = saelaws("solve", file, "--k", 1, "--lam", 0, "--out", tmp_path / "out.npz")
    assert result.exit_code == 0, result.output
    assert contents(tmp_path / "out.npz")[1]["solution"]["certificate"]["gap"] < 1e-9


# --- is it a minimum? ---


def point(x, atoms, Z, lam):
    return Point(instance(x, atoms.shape[1], lam), atoms, np.zeros(len(atoms)), np.asarray(Z, dtype=float))


def test_a_saddle_is_named():
    """One atom between two equal groups of samples: turning it to either gains."""
    x, atom = np.eye(2) * 4.0, np.full((2, 1), np.sqrt(0.5))
    Z = np.full((2, 1), 4.0 * np.sqrt(0.5) - 0.1)
    curvature, minimum = solve._minimum(point(x, atom, Z, 0.1))
    assert curvature < 0
    assert minimum.startswith("no, a saddle point")


def test_equal_atoms_are_undecided():
    found = joint(X, K, LAM)
    twice = point(X, np.column_stack([found.D, found.D[:, :1]]), np.column_stack([found.Z, found.Z[:, 0]]), LAM)
    twice.Z[:, [0, -1]] /= 2
    assert solve._minimum(twice)[1].startswith("undecided")


def test_codes_on_the_brink_are_counted():
    """The second sample's part along the second atom is exactly λ."""
    assert (
        solve._on_the_brink(
            point(np.array([[3.0, 0.0], [3.0, 1.0], [0.0, 5.0]]), np.eye(2), [[2, 0], [2, 0], [0, 4]], 1.0)
        )
        == 1
    )


def test_too_large_is_not_tested(monkeypatch):
    monkeypatch.setattr(solve, "AFFORDABLE", 10)
    found = joint(X, K, LAM)
    curvature, minimum = solve._minimum(point(X, found.D, found.Z, LAM))
    assert np.isnan(curvature)
    assert minimum.startswith("unknown")


def test_curvature_is_the_solvers(file, tmp_path):
    out = tmp_path / "out.npz"
    saelaws("solve", file, "--k", K, "--lam", LAM, "--bias", "--out", out)
    arrays, document = contents(out)
    expected = smallest_curvature(X, arrays["D"], LAM, b=arrays["b"], bias=True)
    assert document["solution"]["curvature"] == pytest.approx(expected, rel=1e-6)


# --- train ---


@pytest.mark.parametrize("bias", [False, True])
def test_train_writes_the_sae(file, tmp_path, bias):
    out, made = tmp_path / "sae.safetensors", tmp_path / "sae.json"
    free = "--bias" if bias else "--no-bias"
    result = saelaws("train", file, "--k", K, "--lam", LAM, free, "--steps", 300, "--out", out, "--json", made)
    assert result.exit_code == 0, result.output
    arrays, document = contents(out)
    assert document == json.loads(made.read_text(encoding="utf-8"))
    sae = plain.read(out).sae
    amortised = sae.point(instance(X, K, LAM, bias=bias))
    figures = document["training"]
    assert figures["loss"] == pytest.approx(amortised.objective, rel=1e-12)
    optimal = with_optimal_codes(amortised).objective
    assert figures["loss_with_optimal_codes"] == pytest.approx(optimal, rel=1e-12)
    assert figures["amortisation_gap"] == pytest.approx(amortised.objective / optimal - 1, rel=1e-6)
    assert figures["amortisation_gap"] > 0
    low, middle, high = figures["lambda_read_off"]
    assert low <= middle <= high
    assert middle == pytest.approx(LAM, rel=0.02)
    assert bias == arrays["b_dec"].any()
    for name in ("loss", "amortisation gap", "λ read off (A5)", "dead latents", "active units"):
        assert name in words(result.output)


@pytest.mark.parametrize("lam", [0, LAM])
def test_train_reads_lambda_as_the_formula_says(file, tmp_path, lam):
    out = tmp_path / "sae.safetensors"
    options = ("--steps", 50, "--batch", 30, "--no-refit", "--seed", 1)
    saelaws("train", file, "--k", K, "--lam", lam, *options, "--out", out)
    _, document = contents(out)
    p = plain.read(out).sae.point(instance(X, K, lam, bias=True))
    read = ((p.residual @ p.D) * p.Z).mean(axis=0) / p.Z.mean(axis=0)
    expected = [read.min(), np.median(read), read.max()]
    np.testing.assert_allclose(document["training"]["lambda_read_off"], expected, rtol=1e-10)


def test_train_where_all_die(file, tmp_path):
    result = saelaws("train", file, "--k", 2, "--lam", 1e3, "--steps", 5, "--out", tmp_path / "sae.safetensors")
    assert result.exit_code == 0, result.output
    assert "all are dead" in result.output
    assert "nan" not in result.output


def test_train_another_architecture(file, tmp_path):
    out = tmp_path / "sae.safetensors"
    options = ("--architecture", "top-k", "--with", "K=2", "--steps", 20, "--batch", 30, "--average", 0.2)
    result = saelaws("train", file, "--k", K, *options, "--out", out)
    assert result.exit_code == 0, result.output
    assert (plain.read(out).sae.encode(X) > 0).sum(axis=1).max() <= 2
    assert contents(out)[1]["training"]["architecture"] == "top-k"
    assert "λ" not in result.output  # it has none
    assert not (tmp_path / "sae.run").exists()


def test_a_refitted_sae_obeys_the_atom_law(file, tmp_path):
    out = tmp_path / "sae.safetensors"
    result = saelaws("train", file, "--k", K, "--lam", LAM, "--epochs", 50, "--refit", "--out", out)
    assert result.exit_code == 0, result.output
    found = contents(out)[1]["training"]
    assert found["steps"] == 50  # of full batches
    assert max(found["atom_violation"]) < 1e-9
    assert found["loss"] == pytest.approx(found["refit"]["loss_after"], rel=1e-9)
    assert found["refit"]["loss_after"] < found["refit"]["loss_before"]
    assert "refit" in words(result.output)


def test_latents_that_a_refit_leaves_as_trained_are_told(file, tmp_path, monkeypatch):
    """Here all, as none may become longer."""
    options = ("train", file, "--k", K, "--lam", LAM, "--steps", 20, "--batch", 30)
    result = saelaws(*options, "--out", tmp_path / "some.safetensors")
    assert contents(tmp_path / "some.safetensors")[1]["training"]["refit"]["kept"] == 0
    assert "left as trained" not in words(result.output)
    monkeypatch.setattr(refit, "GAIN", 0.0)
    monkeypatch.setattr(refit, "GAIN_OF_FEW", 0.0)
    result = saelaws(*options, "--out", tmp_path / "all.safetensors")
    found = contents(tmp_path / "all.safetensors")[1]["training"]
    assert found["refit"]["kept"] == found["live_atoms"] > 0
    assert f"{found['live_atoms']} latents left as trained" in words(result.output)


def test_batches_end_with_a_refit_unless_they_are_not_to(file, tmp_path):
    options = ("train", file, "--k", K, "--lam", LAM, "--steps", 20, "--batch", 30)
    refits = []
    for more in ((), ("--no-refit",)):
        out = tmp_path / f"{len(more)}.safetensors"
        assert saelaws(*options, *more, "--out", out).exit_code == 0
        refits.append(contents(out)[1]["training"]["refit"])
    assert refits[0]["largest_violation"] < 1e-9
    assert refits[1] is None


def test_a_training_that_is_interrupted_while_it_is_measured_says_how_it_goes_on(file, tmp_path, monkeypatch):
    options = ("train", file, "--k", K, "--lam", LAM, "--steps", 20, "--out", tmp_path / "sae.safetensors")

    def interrupting(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(solve, "training", interrupting)
    stopped = saelaws(*options)
    assert stopped.exit_code == 130
    assert stopped.stderr == f"saelaws: interrupted: --resume goes on from {tmp_path / 'sae.run'}\n"
    monkeypatch.undo()
    assert saelaws(*options, "--resume").exit_code == 0


def test_an_interrupted_training_keeps_what_it_has(file, tmp_path, monkeypatch):
    out = tmp_path / "sae.safetensors"
    options = ("train", file, "--k", K, "--lam", LAM, "--steps", 60, "--out", out)
    whole = saelaws(*options)
    assert whole.exit_code == 0
    expected = plain.read(out).sae
    advance = training.State.advance

    def interrupting(state, *arguments):
        advance(state, *arguments)
        if state.step == 25:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(training.State, "advance", interrupting)
    refused(*options, said="sae.safetensors: exists already: --force replaces it")
    stopped = saelaws(*options, "--force")
    assert stopped.exit_code == 130
    assert "interrupted after step 25 of 60" in words(stopped.stderr)
    assert contents(out)[1]["training"]["steps"] == 25
    monkeypatch.setattr(training.State, "advance", advance)
    assert saelaws(*options, "--resume").exit_code == 0
    refused(*options, "--resume", said="exists already")  # as there is nothing more to go on with
    for name, tensor in plain.read(out).sae.tensors.items():
        np.testing.assert_array_equal(tensor, expected.tensors[name])


def test_what_cannot_fit_is_refused_in_one_line(file, tmp_path):
    options = ("--lam", 1, "--out", tmp_path / "o.safetensors")
    refused("train", file, "--k", 10**10, *options, said="GiB are free")


def test_train_refuses_what_makes_no_sense(file, tmp_path):
    options = ("--k", 2, "--out", tmp_path / "o.safetensors")
    refused("train", file, *options, said="needs a sparsity coefficient")
    for name in ("top-k", "batch-top-k"):
        refused("train", file, *options, "--lam", 1, "--architecture", name, said=f"{name} has no sparsity coefficient")
    refused("train", file, *options, "--lam", 1, "--architecture", "nonsense", said="there is batch-top-k")
    refused("train", file, *options, "--lam", 1, "--steps", 3, "--epochs", 3, said="give one of them")
    refused("train", file, *options, "--lam", 1, "--with", "K=3", said="no setting 'K'")


# --- bad input ---


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.where(np.arange(N)[:, None] == 17, np.nan, X), "the first is row 17"),
        (np.empty((0, 3)), "empty"),
        (X[0], "2-d array"),
        (X.astype(complex), "real numbers"),
    ],
    ids=["nan", "empty", "1-d", "complex"],
)
@pytest.mark.parametrize("command", ["solve", "train"])
def test_bad_data(tmp_path, command, x, said):
    np.save(tmp_path / "x.npy", x)
    refused(command, tmp_path / "x.npy", "--k", 2, "--lam", 1, "--out", tmp_path / "out.safetensors", said=said)
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize("command", ["solve", "train"])
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--k": 0}, "--k"),
        ({"--lam": -1}, "--lam"),
        ({"--lam": "nan"}, ""),
        ({"--lam": "inf"}, "λ = inf"),
        ({"--seed": -1}, "--seed"),
        ({"--out": "out.txt"}, "expected a"),
        ({"--out": "/no/such/folder/out.safetensors"}, "there is no folder"),
        ({"--json": "/no/such/folder/out.json"}, "there is no folder"),
    ],
    ids=str,
)
def test_bad_options(file, tmp_path, command, changed, said):
    options = {"--k": 2, "--lam": 1, "--out": tmp_path / "out.safetensors", **changed}
    refused(command, file, *(part for pair in options.items() for part in pair), said=said)


@pytest.mark.parametrize("command", ["solve", "train"])
def test_missing_data_and_options(tmp_path, command):
    out = tmp_path / "out.safetensors"
    refused(command, tmp_path / "no.npy", "--k", 2, "--lam", 1, "--out", out, said="no such file")
    refused(command, tmp_path / "no.npy", "--lam", 1, "--out", out, said="--k")
    refused(command, tmp_path / "no.npy", "--k", 2, "--lam", 1, said="--out")
    refused(command, "--k", 2, "--lam", 1, "--out", out, said="DATA")


def test_solve_on_a_device(file, tmp_path):
    options = (file, "--k", K, "--lam", LAM, "--out", tmp_path / "out.npz")
    for device in ("moon", "meta"):
        refused("solve", *options, "--device", device, said=f"device '{device}' cannot be used")
    assert saelaws("solve", *options, "--device", "cpu:0").exit_code == 0
    np.testing.assert_array_equal(contents(tmp_path / "out.npz")[0]["D"], joint(X, K, LAM).D)


@pytest.mark.parametrize("scale", [1e160, 1e-160, 1e-60], ids=str)
def test_train_refuses_samples_whose_squares_or_prices_are_out_of_range(tmp_path, scale):
    np.save(tmp_path / "x.npy", scale * X)
    options = ("--k", 2, "--lam", 1, "--steps", 5, "--out", tmp_path / "out.safetensors")
    refused("train", tmp_path / "x.npy", *options, said="out of the range of float32")


def test_train_has_more_to_refuse(file, tmp_path):
    options = (file, "--k", 2, "--lam", 1, "--out", tmp_path / "out.safetensors")
    refused("train", *options, "--batch", N + 1, said=f"batch ≤ n = {N}")
    refused("train", *options, "--device", "moon", said="device 'moon' cannot be used")
    refused("train", *options, "--steps", 0, said="--steps")


def test_output_is_checked_before_the_work(tmp_path):
    """The data are missing too: were they read first, the error would name them."""
    refused(
        "solve", tmp_path / "no.npy", "--k", 2, "--lam", 1, "--out", tmp_path, said="expected a .npz or .safetensors"
    )
    refused("solve", tmp_path / "no.npy", "--k", 2, "--lam", 1, "--out", "/no/folder/o.npz", said="there is no folder")


def test_more_than_memory_is_one_line(file, tmp_path, monkeypatch):
    def fills(*_, **__):
        raise MemoryError("Unable to allocate 14.0 TiB")

    monkeypatch.setattr(dictionary, "joint", fills)
    refused("solve", file, "--k", 2, "--lam", 1, "--out", tmp_path / "o.npz", said="Unable to allocate 14.0 TiB")


def test_the_data_are_not_overwritten(tmp_path):
    save_file({"x": X}, tmp_path / "x.safetensors")
    before = (tmp_path / "x.safetensors").read_bytes()
    for data in (tmp_path / "x.safetensors", tmp_path):
        refused("train", data, "--k", 2, "--lam", 1, "--out", tmp_path / "x.safetensors", said="is among the data")
    assert (tmp_path / "x.safetensors").read_bytes() == before


def test_a_disk_that_refuses_is_one_line(tmp_path):
    for name in ("out.npz", "out.safetensors"):
        with pytest.raises(ValueError, match="cannot be written"):
            solution.write(tmp_path / "gone" / name, {"D": X}, {})


def refused(*arguments, said):
    result = saelaws(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("saelaws: ")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_one_sample_has_no_share_of_a_variance(tmp_path):
    np.save(tmp_path / "one.npy", X[:1])
    done = saelaws(
        "train", tmp_path / "one.npy", "--k", 2, "--lam", 1, "--steps", 2, "--out", tmp_path / "s.safetensors"
    )
    assert done.exit_code == 0, done.output
    assert "nan" not in done.output.replace(str(tmp_path), "")
