"""The command `solve` beyond 2²⁰ codes: sparse codes, bounded memory, interrupted and resumed."""

import re
import signal
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csr_array
from typer.testing import CliRunner

from checks import memory
from checks.campaigns.solve import large_solution
from checks.cli import app
from checks.data.synthetic.planted import planted
from checks.judging.certify import certify
from checks.problem.instance import Instance, instance
from checks.problem.point import Point
from checks.report import solution
from checks.solvers.dictionary import large as module
from checks.solvers.dictionary.large import estimate, large

N, D, K, LAM = 400, 6, 9, 0.2
X = planted(N, D, K, seed=2, noise=0.05, offset=1.0).x
EXACT = {"code", "act", "atom", "scale", "unit", "bias"}


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "x.npy", X.astype(np.float32))
    return tmp_path / "x.npy"


@pytest.fixture
def small_is_large(monkeypatch):
    monkeypatch.setattr(module, "LARGE", 0)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("codes", ["dense", "sparse"])
def test_it_writes_a_certified_optimum(file, tmp_path, small_is_large, suffix, codes):
    out = tmp_path / f"out{suffix}"
    result = saelaws("solve", file, "--k", K, "--lam", LAM, "--bias", "--codes", codes, "--out", out)
    assert result.exit_code == 0, result.output
    assert "✔ An exact optimum, certified." in result.stdout
    assert re.match(r"400 samples × 6 with 9 atoms: about \d+ MB of the .* per pass over the data", result.stderr)
    arrays, document = solution.read(out)
    if codes == "sparse":
        assert "Z" not in arrays
        arrays["Z"] = csr_array((arrays["Z_data"], arrays["Z_indices"], arrays["Z_indptr"]), shape=(N, K)).toarray()
    point = Point(instance(X.astype(np.float32), K, LAM, bias=True), arrays["D"], arrays["b"], arrays["Z"])
    assert certify(point).shortfall(EXACT) == ""
    figures = document["solution"]
    assert figures["objective"] == pytest.approx(point.objective, rel=1e-12)
    assert figures["live_atoms"] == (point.Z > 0).any(axis=0).sum()
    assert figures["mean_active"] == pytest.approx((point.Z > 0).sum(axis=1).mean())
    assert figures["width_bound"] < figures["objective"]
    assert figures["local_minimum"] == "unknown: not tested on so many samples"


def test_small_data_have_sparse_codes_if_asked(file, tmp_path):
    kept = {}
    for codes in ("dense", "sparse"):
        out = tmp_path / f"{codes}.npz"
        assert saelaws("solve", file, "--k", K, "--lam", LAM, "--codes", codes, "--out", out).exit_code == 0
        kept[codes], _ = solution.read(out)
    sparse = csr_array(tuple(kept["sparse"][f"Z_{part}"] for part in ("data", "indices", "indptr")), shape=(N, K))
    np.testing.assert_array_equal(sparse.toarray(), kept["dense"]["Z"])


def test_more_than_there_is_is_refused_in_one_line(file, tmp_path, small_is_large, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1e7)
    result = saelaws("solve", file, "--k", K, "--lam", LAM, "--out", tmp_path / "o.npz")
    assert result.exit_code == 2
    assert re.fullmatch(
        r"saelaws: 400 samples × 6 with 9 atoms needs about .* of memory, 10 MB are available\n", result.stderr
    )


def test_rows_that_are_not_finite_are_named(tmp_path, small_is_large):
    x = X.copy()
    x[7, 1] = np.inf
    np.save(tmp_path / "x.npy", x)
    result = saelaws("solve", tmp_path / "x.npy", "--k", K, "--lam", LAM, "--out", tmp_path / "o.npz")
    assert result.exit_code == 2
    assert f"{tmp_path / 'x.npy'}: rows are not finite, the first is row 7" in result.stderr


@pytest.mark.parametrize("size", ["small", "large"])
def test_resume_refuses_what_is_not_of_this_problem(file, tmp_path, monkeypatch, size):
    if size == "large":
        monkeypatch.setattr(module, "LARGE", 0)
    out = tmp_path / "o.npz"
    options = ("solve", file, "--lam", LAM, "--out", out)
    nothing = saelaws(*options, "--k", K, "--resume")
    assert nothing.exit_code == 2
    assert "cannot be read" in nothing.stderr
    assert saelaws(*options, "--k", K).exit_code == 0
    other = saelaws(*options, "--k", K + 1, "--resume")
    assert other.exit_code == 2
    assert f"nothing to resume: it is of k = {K}, asked is {K + 1}" in other.stderr
    again = saelaws(*options, "--k", K, "--resume")
    assert again.exit_code == 0
    np.savez(out, x=X)
    assert saelaws(*options, "--k", K, "--resume").exit_code == 2


# --- real processes --------------------------------------------------------------------------------------------------

CHILD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background process may have inherited that it is ignored
from checks.cli import main
sys.argv = ["saelaws", *sys.argv[1:]]
main()
"""


def mid_sized(folder, n, d=32, k=64):
    rng = np.random.default_rng(0)
    atoms = rng.standard_normal((k, d))
    atoms /= np.linalg.norm(atoms, axis=1, keepdims=True)
    x = np.lib.format.open_memmap(folder / f"{n}.npy", mode="w+", dtype=np.float32, shape=(n, d))
    for i in range(0, n, 10_000):
        z = (rng.random((min(10_000, n - i), k)) < 4 / k) * rng.exponential(1, (min(10_000, n - i), k))
        x[i : i + 10_000] = z @ atoms + 0.05 * rng.standard_normal((len(z), d))
    x.flush()
    return folder / f"{n}.npy"


def test_interrupted_it_keeps_what_it_has_and_goes_on_from_there(tmp_path):
    data, out = mid_sized(tmp_path, 60_000), tmp_path / "out.npz"
    command = [sys.executable, "-c", CHILD, "solve", str(data), "--k", "64", "--lam", "0.15", "--out", str(out)]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stderr is not None
    assert "per pass over the data" in child.stderr.readline()  # the estimate comes first
    time.sleep(1.0)
    child.send_signal(signal.SIGINT)
    printed, said = child.communicate(timeout=120)
    assert child.returncode == 130, said
    assert said == f"saelaws: interrupted: {out} holds what there is; the same command with --resume goes on from it\n"
    assert printed == ""
    arrays, document = solution.read(out)
    assert document["solution"]["outcome"] == "interrupted"
    np.testing.assert_allclose(np.linalg.norm(arrays["D"], axis=0), 1.0)
    went_on = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert went_on.returncode == 0, went_on.stderr
    assert "An exact optimum, certified" in went_on.stdout
    assert solution.read(out)[1]["solution"]["outcome"] == "converged"


PEAK = r"""
import re, sys
from checks.cli import main
sys.argv = ["saelaws", *sys.argv[1:]]
try:
    main()
finally:
    # Of this process alone: what getrusage says begins with what the parent had when it started this one.
    print("peak", re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
"""
UNITS = {"MB": 1e6, "GB": 1e9}


def peak_and_estimate(data, k):
    """Bytes that a process needed at most to solve it, and what it said before."""
    options = ["solve", str(data), "--k", str(k), "--lam", "0.3", "--max-iterations", "1"]
    command = [sys.executable, "-c", PEAK, *options, "--out", str(data.with_suffix(".npz"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "out of iterations" in done.stdout, done.stderr
    size, unit = re.search(r"about ([\d.]+) ([MG]B) of the", done.stderr).groups()
    return 1024 * int(done.stdout.split()[-1]), float(size) * UNITS[unit]


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")
def test_a_process_needs_no_more_than_it_says(tmp_path):
    peak, said = peak_and_estimate(mid_sized(tmp_path, 20_000, d=16, k=512), 512)
    assert peak < said


def test_memory_grows_with_the_active_codes_alone(tmp_path):
    """What numpy and Python have at once, the mapped file not counted: from search to certificate and arrays."""
    k, few, many = 512, 4_000, 24_000
    peaks, estimates = [], []
    for n in (few, many):
        x = np.load(mid_sized(tmp_path, n, d=16, k=k), mmap_mode="r")
        estimates.append(estimate(x, k, 0.3).memory)
        tracemalloc.start()
        problem = Instance(x, k, np.full(n, 0.3), np.full(n, 1 / n), False, "x")
        large_solution(problem, large(x, k, 0.3, max_iterations=1))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < estimates[1] - estimates[0]
    assert peaks[1] - peaks[0] < 8 * k * (many - few) / 2  # one set of dense codes would need twice that
