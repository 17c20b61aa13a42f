"""The audit of a checkpoint: converged SAEs keep their laws, and what is wrong with others is seen."""

import gc
import importlib.util
import json
import weakref
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy import stats
from typer.testing import CliRunner

from checks.campaigns import audit as auditing
from checks.cli import app
from checks.data.files import stream
from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.evaluation import one_pass
from checks.evaluation.one_pass import Pass
from checks.judging.checkpoint import measured, subject
from checks.judging.checkpoint.verdicts import CONFIDENCE, interval_of
from checks.judging.verdict import Verdict
from checks.problem.instance import instance
from checks.saes.architectures.vanilla import Vanilla
from checks.saes.checkpoints.plain import Checkpoint, read, write
from checks.saes.sae import SAE, architecture, architectures
from checks.saes.train import train
from theory.statement import discover

N, K, LAM = 6000, 12, 0.2
X = planted(N, 8, K, seed=0, noise=0.05, offset=1.0).x
STATEMENTS = discover()


@pytest.fixture(scope="module")
def sae():
    torch.set_num_threads(1)
    return train(X, K, LAM, steps=600)[0]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    file = tmp_path_factory.mktemp("data") / "x.npy"
    np.save(file, X.astype(np.float32))
    return file


def changed(sae, **tensors):
    return SAE(sae.architecture, {**sae.tensors, **tensors})


def audited(sae, data, lam=None, **options):
    return auditing.audit(Checkpoint(sae, None, True, np.ones(K)), stream(data), STATEMENTS, lam=lam, **options)


def verdicts(found):
    return {law.statement.id: law.verdict for law in found.laws}


def test_a_converged_sae_keeps_every_promised_law(sae, data):
    found = audited(sae, data, LAM)
    assert {"A1", "A3", "A4", "A5", "B1", "D1", "E1", "E2", "H3"} <= verdicts(found).keys()
    assert set(verdicts(found).values()) == {Verdict.CONFIRMED}
    assert found.agrees
    assert found.lam_interval[0] < LAM < found.lam_interval[1]
    assert np.abs(found.features.lam / LAM - 1).max() < 2e-3
    assert found.features.violation.max() < 1e-2 < found.features.noise.min()


def test_what_no_checkpoint_can_break_is_measured_on_request(sae, data):
    untrained = train(X, K, LAM, steps=1)[0]
    sure = {law.statement.id: law for law in audited(untrained, data, LAM, sure=True).laws}
    usual = audited(untrained, data, LAM)
    more = sure.keys() - verdicts(usual).keys()
    assert {"K6", "W1", "W7", "W8", "W9"} <= more
    assert more <= {statement.id for statement in usual.skipped}
    assert {sure[id].verdict for id in more} <= {Verdict.CONFIRMED, Verdict.VACUOUS}
    assert sure["W7"].violation < 1e-3


def test_figures_are_those_of_the_whole_sample(sae, data):
    found = audited(sae, data)
    point = sae.point(instance(X.astype(np.float32), K, LAM, bias=True))
    pull = (point.residual @ point.D * point.Z).mean(0)
    np.testing.assert_allclose(found.features.lam, pull / point.Z.mean(0), rtol=1e-4)
    np.testing.assert_allclose(found.features.rate, (point.Z > 0).mean(0), atol=2e-3)
    assert found.lam_read == pytest.approx(pull.sum() / point.Z.mean(0).sum(), rel=1e-5)
    assert found.active == pytest.approx((point.Z > 0).sum(1).mean(), rel=1e-3)
    share = (point.residual**2).sum() / ((point.instance.x - point.b) ** 2).sum()
    assert found.explained == pytest.approx(1 - share, rel=1e-4)
    apart = point.residual.T @ point.Z / N - found.lam * point.D * point.Z.mean(0)
    own, half = (apart**2).sum(0), (found.lam * point.Z.mean(0) / 2) ** 2
    np.testing.assert_allclose(found.features.violation, np.sqrt(own / half), rtol=0.05, atol=1e-4)


def test_the_error_of_lambda_is_what_other_samples_show(sae, tmp_path):
    """The jackknife's standard error against the scatter over samples of the same source."""
    reads, errors = [], []
    for seed in range(12):
        rows = np.random.default_rng(seed).integers(N, size=2000)
        np.save(tmp_path / "other.npy", X[rows].astype(np.float32))
        found = audited(sae, tmp_path / "other.npy", LAM)
        reads.append(found.features.lam)
        errors.append(found.features.lam_error)
    ratio = np.median(np.std(reads, axis=0, ddof=1) / np.mean(errors, axis=0))
    assert 0.6 < ratio < 1.6


@pytest.mark.parametrize("count", [2, 8, 32])
def test_an_interval_of_a_mean_is_that_of_student(count):
    values = np.random.default_rng(count).normal(size=count)
    without_one = (values.sum() - values) / (count - 1)
    student = stats.t.interval(CONFIDENCE, count - 1, loc=values.mean(), scale=stats.sem(values))
    assert interval_of(values.mean(), without_one) == pytest.approx(student, rel=1e-12)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_wrong_lambda_is_caught(sae, data, factor):
    found = audited(sae, data, factor * LAM)
    assert not found.agrees
    assert {verdicts(found)[id] for id in ("A1", "A5", "E1", "R4")} == {Verdict.FALSIFIED}
    assert verdicts(found)["B1"] is Verdict.CONFIRMED  # it knows no λ


# --- of any architecture ---

PRICED = {"vanilla", "elastic-net", "matryoshka", "norm-weighted"}


@cache
def made(name, steps):
    lam = None if name in ("top-k", "batch-top-k") else 0.02 if name == "jumprelu" else LAM
    (sae,) = train(X, K, lam or 0.0, architecture=architecture(name), steps=steps, refit=steps > 1)
    return Checkpoint(sae, lam, True, np.ones(K))


@pytest.mark.parametrize("name", sorted(architectures()))
def test_each_architecture_is_judged_by_its_own_objective(name, data):
    good, bad = (auditing.audit(made(name, steps), stream(data), STATEMENTS) for steps in (600, 1))
    judged = {law.verdict for law in good.laws}
    assert Verdict.CONFIRMED in judged
    assert good.agrees, [law for law in good.laws if law.verdict is Verdict.FALSIFIED]
    assert np.isfinite(good.lam_read) == (name in PRICED)
    assert not bad.agrees
    if "A3" in verdicts(good):
        assert verdicts(good)["A3"] is Verdict.CONFIRMED
    if name in PRICED:
        assert good.lam_read == pytest.approx(LAM, rel=1e-3)
        assert np.abs(good.features.lam[good.features.live] / LAM - 1).max() < 2e-2
        assert np.nanmax(good.features.violation) < 2e-2


@pytest.mark.parametrize("name", sorted(PRICED - {"vanilla"}))
def test_a_price_is_that_of_the_objective(name, data):
    """What another objective would read off is not λ, and its laws fail."""
    own = made(name, 600)
    other = SAE(Vanilla(tied=own.sae.architecture.tied), own.sae.tensors)
    found = auditing.audit(Checkpoint(other, LAM, True, own.norms), stream(data), STATEMENTS)
    assert abs(found.lam_read / LAM - 1) > 0.01
    assert not found.agrees


def test_an_untrained_sae_is_caught(data):
    found = audited(train(X, K, LAM, steps=1)[0], data, LAM)
    assert not found.agrees
    assert {verdicts(found)[id] for id in ("A1", "A5", "E2")} == {Verdict.FALSIFIED}


def test_shuffled_codes_are_caught(sae, data):
    """Each latent encodes what another one decodes."""
    W_enc, b_enc = (np.roll(sae.tensors[name], 1, axis=-1) for name in ("W_enc", "b_enc"))
    found = audited(changed(sae, W_enc=W_enc, b_enc=b_enc), data, LAM)
    assert {verdicts(found)[id] for id in ("A1", "A5", "B1", "E1")} == {Verdict.FALSIFIED}


def test_where_nothing_is_active_nothing_is_said(sae, data):
    found = audited(changed(sae, b_enc=np.full(K, -1e3)), data)
    assert set(verdicts(found).values()) == {Verdict.VACUOUS}
    assert np.isnan(found.features.lam).all()
    assert not found.agrees  # as nothing was judged


def test_files_may_be_cut_anywhere(sae, data, tmp_path):
    rows = X.astype(np.float32)
    for n, part in enumerate(np.split(rows, [1, 700, 701, 5000])):
        np.save(tmp_path / f"{n}.npy", part)
    one, other = audited(sae, data, LAM), audited(sae, tmp_path, LAM)
    assert [law.violation for law in one.laws] == [law.violation for law in other.laws]


def test_files_of_any_kind_say_what_their_numbers_say(sae, tmp_path):
    """Halves are judged as the numbers that they are, not in half precision."""
    some = X[:1000]
    tensors = {kind: torch.tensor(some).to(kind) for kind in (torch.bfloat16, torch.float16, torch.float32)}
    for kind, tensor in tensors.items():
        save_file({"x": tensor}, tmp_path / f"{kind}.safetensors")
        np.save(tmp_path / f"{kind}.npy", tensor.float().numpy())
    pairs = [(tmp_path / f"{kind}.safetensors", tmp_path / f"{kind}.npy") for kind in tensors]
    if importlib.util.find_spec("pyarrow"):
        from pyarrow import parquet, table

        parquet.write_table(table({"x": list(some.astype(np.float32))}), tmp_path / "x.parquet")
        pairs.append((tmp_path / "x.parquet", tmp_path / "torch.float32.npy"))
    seen = set()
    for one, other in pairs:
        read, plain = audited(sae, one, LAM), audited(sae, other, LAM)
        assert verdicts(read) == verdicts(plain)
        assert np.array_equal(read.features.lam, plain.features.lam)
        seen.add(float(read.features.lam[0]))
    assert len(seen) == len(tensors)  # each kind rounds in its own way


@pytest.mark.parametrize("device", ["cpu:0", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_tensors_on_a_device_say_the_same(sae, data, device):
    one, other = audited(sae, data, LAM, sure=True), audited(sae, data, LAM, device=device, sure=True)
    assert verdicts(one) == verdicts(other)
    np.testing.assert_allclose(other.features.lam, one.features.lam, rtol=1e-5)


def test_more_atoms_than_are_paired(sae, data, monkeypatch):
    whole = audited(sae, data, LAM, sure=True)
    for module in (subject, measured):
        monkeypatch.setattr(module, "CHOSEN", 5)
    monkeypatch.setattr(measured, "TOGETHER", 5)
    monkeypatch.setattr(one_pass, "WIDE", 32 * 8 * 5)
    monkeypatch.setattr(auditing, "block_length", lambda n, k: 188)
    some = audited(sae, data, LAM, sure=True)
    assert verdicts(some) == verdicts(whole)
    judged = {law.statement.id: law for law in some.laws}
    assert judged["A4"].of == "pairs among 5 latents"
    for id in ("A1", "E2", "H6"):
        (law,) = (law for law in whole.laws if law.statement.id == id)
        assert judged[id].violation == pytest.approx(law.violation, rel=0.02)


def test_an_interrupted_audit_goes_on(sae, data, tmp_path):
    kept, calls = tmp_path / "pass.npz", []

    def stop(what, fraction):
        calls.append(fraction)
        if len(calls) == 5:
            done.save(kept)
            raise KeyboardInterrupt

    prepared = subject.subject_of(Checkpoint(sae, None, True, np.ones(K)), stream(data), STATEMENTS, LAM, "cpu")
    done = Pass(prepared.plan.subject)
    with pytest.raises(KeyboardInterrupt):
        auditing.collect(prepared, stream(data), done, None, stop)
    assert Pass.load(kept).blocks == 5
    resumed = audited(sae, data, LAM, resume=kept)
    assert [law.violation for law in resumed.laws] == [law.violation for law in audited(sae, data, LAM).laws]
    with pytest.raises(BadInput, match="another SAE, other activations or with other settings"):
        audited(sae, data, 2 * LAM, resume=kept)


@pytest.mark.parametrize("other", [1.5 * X, X[: N // 2], np.concatenate([X, X])], ids=["changed", "fewer", "more"])
def test_an_audit_of_other_activations_does_not_go_on(sae, data, tmp_path, other):
    kept = tmp_path / "pass.npz"
    audited(sae, data, LAM, resume=kept)
    np.save(tmp_path / "other.npy", other.astype(np.float32))
    with pytest.raises(BadInput, match="other activations"):
        audited(sae, tmp_path / "other.npy", LAM, resume=kept)


# --- files and the command -------------------------------------------------------------------------------------------


def test_blocks_are_free_once_they_are_taken(sae, data, monkeypatch):
    """At once, and not when cycles are looked for: else memory grows with the number of samples."""
    monkeypatch.setattr(subject, "CHOSEN", 4)
    prepared = subject.subject_of(Checkpoint(sae, None, True, np.ones(K)), stream(data), STATEMENTS, LAM, "cpu")
    done = Pass(prepared.plan.subject)
    gc.disable()
    try:
        blocks = prepared.blocks(next(stream(data).blocks(100)))
        assert blocks[1] is not None
        one_pass.take(done, prepared.plan, *blocks)
        held = [weakref.ref(part) for block in blocks if block for part in (block, block.env.arrays)]
        del blocks
        assert [part() for part in held] == [None] * len(held)
    finally:
        gc.enable()


@pytest.fixture
def file(sae, tmp_path):
    write(tmp_path / "sae.safetensors", sae, LAM, True)
    return tmp_path / "sae.safetensors"


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_file_is_read_as_it_was_written(sae, file):
    found = read(file)
    assert (found.lam, found.bias) == (LAM, True)
    np.testing.assert_allclose(found.sae.encode(X), sae.encode(X), atol=1e-12)


def test_norms_and_the_bias_of_the_input_are_folded(sae, tmp_path):
    length = np.linspace(0.5, 2, K)
    W_enc, b_enc = sae.tensors["W_enc"], sae.tensors["b_enc"]
    parts = {
        "W_enc": W_enc / length,
        "b_enc": (b_enc - sae.b @ W_enc) / length,
        "W_dec": (sae.D * length).T,
        "b_dec": sae.b,
    }
    tensors = {name: torch.tensor(np.ascontiguousarray(value)) for name, value in parts.items()}
    save_file(tensors, tmp_path / "sae.safetensors", metadata={"apply_b_dec_to_input": "false"})
    found = read(tmp_path / "sae.safetensors")
    assert found.lam is None
    np.testing.assert_allclose(found.norms, length)
    np.testing.assert_allclose(found.sae.D, sae.D, atol=1e-12)
    np.testing.assert_allclose(found.sae.encode(X), sae.encode(X), atol=1e-10)


def test_command(file, data, tmp_path):
    result = saelaws("audit", file, data, "--json", tmp_path / "a.json", "--resume", tmp_path / "p.npz")
    assert result.exit_code == 0, result.output
    assert "λ per latent (A5)" in result.output
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert found["audit"]["lambda_from"] == "of the file"
    assert len(found["audit"]["latents"]["lambda"]) == K
    assert {law["verdict"] for law in found["statements"]} == {"CONFIRMED"}
    assert saelaws("audit", file, data, "--lam", 2 * LAM).exit_code == 1
    again = saelaws("audit", file, data, "--resume", tmp_path / "p.npz")
    assert again.output == result.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda parts: parts.pop("b_enc"), "it has no b_enc"),
        (
            lambda parts: parts.update(W_enc=torch.zeros(3, 3)),
            "W_enc has shape (3, 3), a decoder (12, 8) needs (8, 12)",
        ),
        (lambda parts: parts.update(W_dec=torch.zeros(3)), "W_dec has shape (3,), expected (k, d)"),
        (lambda parts: parts["b_dec"].fill_(torch.nan), "b_dec is not finite"),
        (
            lambda parts: parts.update(W_enc=torch.zeros(8, 0), W_dec=torch.zeros(0, 8), b_enc=torch.zeros(0)),
            "W_dec has shape (0, 8): there is nothing in it",
        ),
    ],
)
def test_bad_checkpoints(sae, data, tmp_path, change, said):
    parts = {name: torch.tensor(np.ascontiguousarray(value)) for name, value in sae.tensors.items()}
    change(parts)
    save_file(parts, tmp_path / "sae.safetensors")
    refused("audit", tmp_path / "sae.safetensors", data, said=said)


@pytest.mark.parametrize("saved", [False, True])
def test_an_interrupt_says_what_is_there_to_go_on_with(file, data, tmp_path, monkeypatch, saved):
    def interrupting(*_, resume, **__):
        if saved:
            resume.write_bytes(b"")
        raise KeyboardInterrupt

    monkeypatch.setattr(auditing, "audit", interrupting)
    stopped = saelaws("audit", file, data, "--resume", tmp_path / "pass.npz")
    assert stopped.exit_code == 130
    said = f"interrupted: the same command goes on from {tmp_path / 'pass.npz'}" if saved else "interrupted"
    assert stopped.stderr == f"saelaws: {said}\n"


def test_bad_input(file, data, tmp_path):
    refused("audit", tmp_path / "no.safetensors", data, said="no such file")
    refused("audit", data, data, said="expected .safetensors")
    torch.save({"W_dec": torch.zeros(2, 2)}, tmp_path / "sae.pt")
    refused("audit", tmp_path / "sae.pt", data, said="pickles can run code")
    refused("audit", tmp_path, data, said="is a folder without cfg.json")
    refused("audit", file, tmp_path / "no.npy", said="no such file")
    np.save(tmp_path / "narrow.npy", X[:, :3])
    refused("audit", file, tmp_path / "narrow.npy", said="the samples have 3 dimensions, the SAE 8")
    np.save(tmp_path / "nan.npy", np.where(np.arange(N)[:, None] == 4321, np.nan, X))
    refused("audit", file, tmp_path / "nan.npy", said="row 4321 is not finite")
    np.save(tmp_path / "huge.npy", X * 1e200)
    refused("audit", file, tmp_path / "huge.npy", said="row 0: the residual is not finite")


def test_an_sae_far_from_converged_is_told_so(sae, data, tmp_path):
    """Its λ may read off as negative, where no code is optimal."""
    unit = {name: np.abs(value) for name, value in sae.tensors.items()}
    other = SAE(Vanilla(), unit | {"W_enc": 2 * unit["W_dec"].T, "b_dec": sae.b})
    write(tmp_path / "sae.safetensors", other, None, True)
    result = saelaws("audit", tmp_path / "sae.safetensors", data)
    assert result.exit_code == 1, result.output
    assert "reads off as negative" in " ".join(result.stdout.split())
    assert "amortisation gap " not in result.stdout.split("violation:")[0]


def test_one_sample_shows_no_nan(sae, tmp_path):
    np.save(tmp_path / "one.npy", X[:1])
    write(tmp_path / "sae.safetensors", sae, None, True)
    result = saelaws("audit", tmp_path / "sae.safetensors", tmp_path / "one.npy")
    assert result.exit_code in (0, 1), result.output
    assert "nan" not in result.stdout


def test_samples_that_are_the_bias_show_no_nan(sae, tmp_path):
    np.save(tmp_path / "zero.npy", np.zeros((40, 8)))
    silent = changed(sae, b_dec=np.zeros(8), b_enc=np.full(K, -1.0))
    write(tmp_path / "sae.safetensors", silent, LAM, True)
    result = saelaws("audit", tmp_path / "sae.safetensors", tmp_path / "zero.npy")
    assert result.exit_code == 1, result.output
    assert "nan" not in result.stdout


@pytest.mark.parametrize(("first", "count"), [(7, 1), (21, 1), (14, 3), (21, 3), (35, 2), (70, 2)])
def test_few_samples_break_no_law_of_averages(sae, tmp_path, first, count):
    """What an SAE keeps on thousands of samples it need not keep on these, and they hardly tell by how much.

    At 95 per cent a law may still be said to fail, as two are on the three samples from 28 on.
    """
    np.save(tmp_path / "few.npy", X[first : first + count])
    averages = [law for law in audited(sae, tmp_path / "few.npy", LAM).laws if law.of != "every sample"]
    assert {law.statement.id for law in averages} >= {"A1", "B1", "E1", "R4", "R8"}
    assert not [law.statement.id for law in averages if law.verdict is Verdict.FALSIFIED]


def refused(*arguments, said):
    result = saelaws(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("saelaws: ")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
