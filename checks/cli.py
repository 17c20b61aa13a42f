"""The command line.

Exit status: 0 the evidence agrees with every statement; 1 it does not; 2 bad usage or input, with one line on stderr;
130 interrupted. Nothing heavy is imported here: each command imports what it runs.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.campaign import Finding
    from checks.evidence import Store
    from checks.instance import Array
    from checks.needed import Need
    from checks.report.document import Proof
    from checks.report.summary import Evidence
    from checks.solvers.joint import Joint
    from checks.workloads import Workload
    from theory.problem import Objective
    from theory.statement import Statement

T = TypeVar("T")
UsageError = typer.BadParameter.__base__
Progress = Callable[[str, float], None]


class OneLineErrors(TyperGroup):
    """Commands whose errors are one line on stderr."""

    def main(self, *args: Any, **options: Any) -> Any:
        try:
            status = super().main(*args, **(options | {"standalone_mode": False}))
        except UsageError as error:  # type: ignore[misc]
            status = _error(f"{error.format_message()} (see saelaws --help)")
        sys.exit(status or 0)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (BadInput, MemoryError) as error:
            raise typer.Exit(_error(str(error) or "out of memory")) from None
        except KeyboardInterrupt:
            raise typer.Exit(_error("interrupted", 130)) from None


def _error(message: str, status: int = 2) -> int:
    print(f"saelaws: {' '.join(message.split())}", file=sys.stderr)
    return status


app = typer.Typer(
    cls=OneLineErrors,
    help="Executable theory of sparse autoencoders: what must hold, its proofs, and the evidence.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


class On(StrEnum):
    """Subjects, by how they are obtained."""

    solver = "solver"
    sae = "sae"


class Hard(StrEnum):
    """Profiles, by how hard they attack."""

    dev = "dev"
    ci = "ci"
    deep = "deep"


Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Statements, such as A1; all by default.")]
From = Annotated[list[Path] | None, typer.Option("--from", metavar="FOLDER", help="A folder of further statements.")]
Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="Samples as rows: .npy, .npz, .safetensors, .parquet, or a folder.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the result as a page.")]
MarkdownFile = Annotated[
    Path | None, typer.Option("--markdown", metavar="FILE", help="Write the result as Markdown, for a CI summary.")
]
JunitFile = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write the result as JUnit XML, for a CI server.")
]


@app.callback(invoke_without_command=True)
def _saelaws(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        from checks.report.provenance import DISTRIBUTION, installed

        print(f"saelaws {installed(DISTRIBUTION) or '(not installed)'}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


@app.command("list")
def list_(folders: From = None) -> None:
    """List all statements: id, status, rank and title."""
    from checks.report.catalogue import printed, statements_table

    printed(statements_table(_statements(folders)))


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A statement, such as A1.")],
    search: Annotated[
        bool, typer.Option("--search/--no-search", help="Search for a counterexample without each assumption.")
    ] = True,
    penalty: Annotated[
        str | None,
        typer.Option("--objective", metavar="NAME", help="Write the law for this objective, such as elastic-net."),
    ] = None,
    folders: From = None,
) -> None:
    """Show a statement: its claim, its proof and what that needs, where it should hold, its controls."""
    from checks.report import terminal
    from checks.report.catalogue import printed

    (statement,) = _chosen([identifier], folders)
    objective = _objective(statement, penalty)
    needs: list[Need] = []
    if search:
        from checks.needed import FEW_DRAWS, needed

        with _progress() as report:
            needs = needed(statement, draws=FEW_DRAWS, progress=report)
    printed(terminal.statement_page(statement, needs, objective))


def _objective(statement: Statement, name: str | None) -> Objective | None:
    from theory.problem import OBJECTIVES
    from theory.statement import reservation, under

    if name is None:
        return None
    if name.lower() not in OBJECTIVES:
        raise BadInput(f"--objective {name}: there is {', '.join(OBJECTIVES)}")
    objective = OBJECTIVES[name.lower()]
    if under(statement, objective) is None:
        raise BadInput(
            f"--objective {name}: {statement.id} is not claimed of it: {reservation(statement, 0, objective)}"
        )
    return objective


@app.command()
def prove(
    ids: Ids = None,
    independent: Annotated[
        bool, typer.Option("--independent", help="Also prove each claim anew at small dimensions, by an SMT solver.")
    ] = False,
    find: Annotated[
        bool, typer.Option("--find", help="Search certificates instead, hiding those that there are, and print them.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0, help="With --find, processor time for each statement.")] = 60.0,
    degree: Annotated[int, typer.Option(min=1, help="With --find, how many rounds of terms to try.")] = 6,
    folders: From = None,
    json_file: JsonFile = None,
    markdown_file: MarkdownFile = None,
) -> None:
    """Check the certificate of every statement by algebra, and its file for completeness."""
    _check_writable(json_file, markdown_file)
    if find:
        if independent or json_file:
            raise BadInput("--find goes with --markdown, not with --independent or --json")
        _search_proofs(ids, folders, seconds, degree, markdown_file)
        return
    if markdown_file:
        raise BadInput("--markdown goes with --find")
    from checks.report import document, terminal
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance

    attempt = _attempt_twice if independent else _attempt
    statements = _chosen(ids, folders)
    with _progress() as report:
        results = [attempt(statement) for statement in _reporting(statements, report)]
    printed(terminal.proofs_table(results))
    if json_file:
        document.write(json_file, document.proofs(results, provenance()))
    _finish(agrees=not any(result.failed for result in results))


@app.command()
def verify(
    ids: Ids = None,
    on: Annotated[list[On] | None, typer.Option("--on", help="Exact optima, or trained SAEs; both by default.")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option("--data", metavar="NAME", help="A data set, or your own: a file as for solve. All by default."),
    ] = None,
    k: Annotated[int | None, typer.Option("--k", min=1, help="Number of atoms, for your own data.")] = None,
    lam: Annotated[float | None, typer.Option("--lam", min=0.0, help="λ, for your own data.")] = None,
    profile: Annotated[
        Hard | None,
        typer.Option(help="Also attack: judge on adversarial instances, a few, some hundred or some thousand."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of data, solver and training.")] = 0,
    device: Annotated[str, typer.Option(help="Where SAEs are trained, such as cuda.")] = "cpu",
    jobs: Annotated[int, typer.Option(min=1, help="How many processes share the work.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask cluster to do the work, such as tcp://host:8786.")
    ] = None,
    evidence_file: Annotated[
        Path | None,
        typer.Option("--evidence", metavar="FILE", help="Keep every verdict here, and reuse those that are there."),
    ] = None,
    folders: From = None,
    json_file: JsonFile = None,
    html_file: HtmlFile = None,
    markdown_file: MarkdownFile = None,
    junit_file: JunitFile = None,
) -> None:
    """Judge statements on exact optima and on trained SAEs, and compare with what their proofs promise."""
    files = (json_file, html_file, markdown_file, junit_file)
    _check_writable(*files, evidence_file)
    from checks import attack, campaign
    from checks.evidence import Store
    from checks.report import document
    from checks.report.provenance import provenance
    from checks.report.summary import Evidence
    from checks.workers import Workers

    statements = _chosen(ids, folders)
    workloads, hardness = _data_sets(data, profile, k, lam)
    kinds = tuple(dict.fromkeys(kind.value for kind in on or On))
    if hardness and On.solver not in kinds:
        raise BadInput(f"--data {attack.ADVERSARIAL}: consists of exact optima, which --on sae leaves out")
    origin = provenance(seed=seed, device=device)
    asked = {
        "statements": [statement.id for statement in statements],
        "on": kinds,
        "data": [workload.name for workload in workloads],
        "profile": hardness,
        "seed": seed,
        "device": device,
    }
    shared: Any = {
        "seed": seed,
        "workers": Workers(jobs, cluster, tuple(folder.resolve() for folder in folders or ())),
    }
    with Store.write(evidence_file) if evidence_file else Store.in_memory() as store, _keeping(store, evidence_file):
        store.begin(asked, origin)
        shared["store"] = store
        with _progress() as report:
            judged = campaign.verify(
                statements, on=kinds, workloads=workloads, device=device, progress=report, **shared
            )
            findings = list(judged)
        complaints: list[str] = []
        if hardness:
            with _progress() as report:
                ledger = attack.attack(statements, attack.PROFILES[hardness], progress=report, **shared)
            findings += ledger.findings(seed)
            complaints = ledger.complaints(attack.PROFILES[hardness])
        store.finish()
        notes = _notes(store, findings, evidence_file)
    evidence = Evidence(findings, [*campaign.complaints(findings), *complaints], notes)
    repro = partial(document.command, folders=folders or (), device=device, profile=hardness)
    _publish(evidence, origin, repro, *files)


@app.command("report")
def report_(
    evidence_file: Annotated[Path, typer.Argument(metavar="FILE", help="Evidence that verify has kept.")],
    folders: From = None,
    counterexamples: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the arrays of every counterexample there, as .npz."),
    ] = None,
    json_file: JsonFile = None,
    html_file: HtmlFile = None,
    markdown_file: MarkdownFile = None,
    junit_file: JunitFile = None,
) -> None:
    """Show the evidence that a file holds, of the code that wrote to it last. Nothing is judged."""
    files = (json_file, html_file, markdown_file, junit_file)
    _check_writable(*files)
    from checks.evidence import Store
    from checks.report import document
    from checks.report.recorded import recorded, write_counterexamples

    statements = _statements(folders)
    with Store.read(evidence_file) as store:
        found = recorded(store, statements)
        written = write_counterexamples(store, found.evidence, counterexamples) if counterexamples else []
    told = [f"written: {file}" for file in written] or _arrays(found.evidence.findings, evidence_file)
    evidence = replace(found.evidence, notes=[*found.evidence.notes, *told])
    repro = partial(document.command, folders=folders or (), device=found.device, profile=found.profile)
    _publish(evidence, found.provenance, repro, *files)


@app.command()
def falsify(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A statement, such as A1.")],
    seconds: Annotated[float, typer.Option(min=0.0, help="When to stop.")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is drawn, unless there is a database.")] = 0,
    places: Annotated[
        list[str] | None,
        typer.Option(
            "--database", metavar="PLACE", help="A folder or redis:// address that shares counterexamples; or several."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="Judge this case alone, as an earlier search names it.")
    ] = None,
    folders: From = None,
    json_file: JsonFile = None,
) -> None:
    """Search for the smallest counterexample to a statement, or see how close to failing it comes."""
    _check_writable(json_file)
    from checks import falsify as search
    from checks.cases import case_of
    from checks.report import document
    from checks.report import search as report_of
    from checks.report.provenance import provenance

    (statement,) = _chosen([identifier], folders)
    if name is not None:
        found = search.judge_case(statement, case_of(name))
    else:
        database = search.example_database(places or ())
        with _progress() as report:
            found = search.falsify(statement, seconds=seconds, seed=seed, database=database, progress=report)
    repro = partial(report_of.repro, statement, folders or ())
    report_of.show(found, repro)
    if json_file:
        document.write(json_file, report_of.search_json(found, repro, provenance(seed=seed)))
    if found.interrupted:
        raise KeyboardInterrupt
    _finish(agrees=found.agrees)


@app.command()
def discover(
    points: Annotated[int, typer.Option(min=2, help="How many random minima to look at.")] = 24,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the data.")] = 0,
    seconds: Annotated[float, typer.Option(min=0, help="How long to search for each proof.")] = 10.0,
    attack: Annotated[float, typer.Option(min=0, help="How long to attack what is not proved.")] = 5.0,
    folders: From = None,
    markdown_file: MarkdownFile = None,
) -> None:
    """Look for laws: relations between moments that hold at exact optima, proved or falsified."""
    _check_writable(markdown_file)
    from checks.campaigns import discover as campaign
    from checks.report import discovered, document

    with _progress() as report:
        laws = campaign.discover(
            statements=_statements(folders),
            points=points,
            seed=seed,
            seconds=seconds,
            attack=attack,
            progress=report,
        )
    command = f"saelaws discover --points {points} --seed {seed}"
    print(discovered.markdown(laws, command))
    if markdown_file:
        document.write_text(markdown_file, discovered.markdown(laws, f"{command} --markdown {markdown_file}"))


@app.command()
def solve(
    data: Data,
    k: Annotated[int, typer.Option("--k", min=1, help="Number of atoms.")],
    lam: Annotated[float, typer.Option("--lam", min=0.0, help="The sparsity coefficient λ.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write D, b, Z as .npz or .safetensors.")],
    bias: Annotated[bool, typer.Option(help="Whether the decoder bias is free, else 0.")] = False,
    restarts: Annotated[int, typer.Option(min=1, help="Starts, of which the best optimum is kept.")] = 1,
    max_iterations: Annotated[int, typer.Option(min=0, help="Newton steps of each start.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the starts.")] = 0,
    device: Annotated[str, typer.Option(help="Where it is solved, such as cuda.")] = "cpu",
    json_file: JsonFile = None,
) -> None:
    """Solve dictionary learning on your data: a certified optimum, and what a wider dictionary could gain."""
    _check_output(out, (".npz", ".safetensors"), data)
    _check_writable(json_file)
    from checks.distributions import files
    from checks.instance import instance
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance

    problem = instance(files.load(data), k, lam, bias=bias, name=str(data))
    steps = 0
    with _progress() as report:

        def step(_: int, objective: float, stationarity: float) -> None:
            nonlocal steps
            steps += 1
            # Newton's method halves the distance in digits, so that this shows how far it is.
            done = min(1.0, max(0.0, math.log10(max(stationarity, 1e-9)) / -9))
            report(f"step {steps}: objective {objective:.6g}, stationarity {stationarity:.0e}", done)

        found = _solver(device)(
            problem.x, k, lam, bias=bias, restarts=restarts, seed=seed, max_iterations=max_iterations, progress=step
        )
        report("certificate", 1.0)
        result = solution.solution(problem, found, steps)
    made = solution.solution_json(result, provenance(seed=seed, device=device), out)
    solution.write(out, solution.solution_arrays(result), made)
    if json_file:
        document.write(json_file, made)
    printed(solution.solution_page(result, out))
    _finish(agrees=not result.shortfall)


def _solver(device: str) -> Callable[..., Joint[Array]]:
    """The joint solver on a device; for the processor without torch, whose import takes seconds."""
    if device == "cpu":
        from checks.solvers.joint import joint

        return joint
    from checks.solvers.joint_torch import joint_on

    return partial(joint_on, device)


@app.command()
def train(
    data: Data,
    k: Annotated[int, typer.Option("--k", min=1, help="Number of latents.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write the SAE as .safetensors.")],
    lam: Annotated[
        float | None,
        typer.Option("--lam", min=0.0, help="The sparsity coefficient λ; top-k and batch-top-k have none."),
    ] = None,
    kind: Annotated[
        str, typer.Option("--architecture", metavar="NAME", help="vanilla, gated, top-k, ...; any other lists them.")
    ] = "vanilla",
    settings: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME=VALUE", help="A setting of the architecture, such as K=8 or tied=false."),
    ] = None,
    bias: Annotated[bool, typer.Option(help="Whether the decoder bias is free, else 0.")] = True,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of Adam; 4000 by default.")] = None,
    epochs: Annotated[float | None, typer.Option(min=0.0, help="The same as passes over the data.")] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Samples per step; all of up to 8192 by default, else 2048.")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Highest learning rate, for data of unit variance.")] = None,
    lam_warm_up: Annotated[float, typer.Option(min=0.0, help="Share of the run in which λ rises to its value.")] = 0.0,
    average: Annotated[float, typer.Option(min=0.0, help="Last share of the run whose parameters are averaged.")] = 0.0,
    revive: Annotated[
        bool, typer.Option("--revive", help="Let dead latents start anew, in the first half of the run.")
    ] = False,
    polish: Annotated[
        bool, typer.Option("--polish", help="Make the decoder exactly optimal in the end, by Newton's method.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run, whose state is beside the output.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first atoms.")] = 0,
    device: Annotated[str, typer.Option(help="Where it is trained, such as cuda.")] = "cpu",
    json_file: JsonFile = None,
) -> None:
    """Train an SAE on your data, and measure how far its training and its encoder are from optimal."""
    _check_output(out, (".safetensors",), data)
    _check_writable(json_file)
    from checks.report import document, solution
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.saes import memory, source
    from checks.saes.checkpoints import plain
    from checks.saes.sae import architecture, settings_of
    from checks.saes.train import Interrupted, Report
    from checks.saes.train import train as trained

    chosen = architecture(kind, settings_of(settings or ()))
    if lam is None and chosen.has_price:
        raise BadInput(f"--lam: {chosen.name} needs a sparsity coefficient")
    price = lam or 0.0
    samples = source.opened(data)
    size = source.default_batch(samples.n) if batch is None else batch
    if epochs is not None and steps is not None:
        raise BadInput("--epochs and --steps say the same: give one of them")
    count = steps or (4000 if epochs is None else max(1, math.ceil(epochs * samples.n / (size or samples.n))))
    need = memory.needed(samples, k, 1, size, polish)
    if memory.is_large(need):
        print(f"saelaws: {count} steps of {size or samples.n} samples, {memory.checked(need, device)}", file=sys.stderr)
    state = out.with_suffix(".run")
    plan: dict[str, Any] = {
        "lr": lr,
        "lam_warm_up": lam_warm_up,
        "average": average,
        "revive": revive,
        "polish": polish,
    }
    stopped = 0
    with _progress() as report:

        def step(now: Report) -> None:
            report(str(now), now.step / now.steps)

        try:
            (sae,) = trained(
                samples,
                k,
                price,
                architecture=chosen,
                bias=bias,
                seeds=[seed],
                steps=count,
                batch=size,
                device=device,
                keep=state,
                resume=resume,
                progress=step,
                **plan,
            )
        except Interrupted as interrupted:
            (sae,), stopped = interrupted.saes, interrupted.step
        report("measuring", 1.0)
        result = solution.training(str(data), samples, sae, price, bias, stopped or count, device)
    origin = provenance(seed=seed, device=device)
    made = solution.training_json(result, origin, out)
    said = solution.training_metadata(result, made, origin)
    plain.write(out, sae, price if chosen.has_price else None, bias, said)
    if json_file:
        document.write(json_file, made)
    printed(solution.training_page(result, out))
    if stopped:
        raise typer.Exit(_error(f"interrupted after step {stopped} of {count}; --resume goes on from {state}", 130))
    state.unlink(missing_ok=True)


@app.command()
def audit(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="SAE", help="An SAE: .safetensors with W_enc, b_enc, W_dec, b_dec.")
    ],
    activations: Annotated[
        Path,
        typer.Argument(metavar="ACTIVATIONS", help="Samples as rows: .npy, .npz, .safetensors, .parquet, or a folder."),
    ],
    lam: Annotated[
        float | None,
        typer.Option("--lam", min=0.0, help="λ at which laws are judged; that of the file, else what is read off."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="FILE", help="Keep the pass here, and go on with what is there.")
    ] = None,
    sure: Annotated[bool, typer.Option("--sure", help="Also measure the laws that no checkpoint can break.")] = False,
    device: Annotated[str, typer.Option(help="Where samples are encoded, such as cuda.")] = "cpu",
    folders: From = None,
    json_file: JsonFile = None,
) -> None:
    """Audit a checkpoint on its activations: its λ, how converged it is, and which laws it keeps."""
    _check_writable(json_file, resume)
    if lam is not None and not math.isfinite(lam):
        raise BadInput(f"--lam {lam}: expected a number ≥ 0")
    from checks.campaigns import audit as measuring
    from checks.distributions import files
    from checks.report import audit as report_of
    from checks.report import document
    from checks.report.catalogue import printed
    from checks.report.provenance import provenance
    from checks.saes.checkpoints import plain

    sae, samples = plain.read(checkpoint), files.stream(activations)
    try:
        with _progress() as report:
            found = measuring.audit(
                sae, samples, _statements(folders), lam=lam, device=device, resume=resume, sure=sure, progress=report
            )
    except KeyboardInterrupt:
        if resume is None:
            raise
        raise typer.Exit(_error(f"interrupted: the same command goes on from {resume}", 130)) from None
    printed(report_of.audit_page(found, checkpoint.name))
    if json_file:
        document.write(json_file, report_of.audit_json(found, provenance(device=device)))
    _finish(agrees=found.agrees)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The claim in words, such as atoms_are_means.")],
    folder: Annotated[Path, typer.Option("--in", metavar="FOLDER", help="Where the file goes.")] = Path(),
) -> None:
    """Write the file of a new statement, with blanks to fill in."""
    from checks import scaffold

    print(scaffold.next_steps(scaffold.new(name, folder)))


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Unicode shows ?
    app(prog_name="saelaws")


# --- statements and data by name -------------------------------------------------------------------------------------


def _statements(folders: Sequence[Path] | None) -> list[Statement]:
    """All statements. Raises BadInput if those of a folder cannot be loaded."""
    from checks.conjectures import load

    for folder in folders or ():
        if not folder.is_dir():
            raise BadInput(f"--from {folder}: no such folder")
    return load(folders or ())


def _chosen(ids: Sequence[str] | None, folders: Sequence[Path] | None) -> list[Statement]:
    """The statements with these ids, in the order of all; all of them if none is named."""
    found = _statements(folders)
    chosen = _named(ids, {statement.id: statement for statement in found}, "statement", "saelaws list")
    return [statement for statement in found if statement in chosen]


def _data_sets(
    names: Sequence[str] | None, profile: Hard | None, k: int | None = None, lam: float | None = None
) -> tuple[list[Workload], str | None]:
    """The workloads of these names or files, all by default, and the profile of the attack if there is to be one."""
    from checks.attack import ADVERSARIAL
    from checks.workloads import STANDARD

    known: dict[str, Workload | None] = {workload.name: workload for workload in STANDARD}
    known[ADVERSARIAL] = None
    for name in names or ():
        if name.casefold() not in known and Path(name).exists():
            known[name] = _own_data(Path(name), k, lam)
    chosen = _named(names, known, "data set", f"known are {', '.join(known)}")
    attacked = profile or (Hard.ci if names and None in chosen else None)
    return [workload for workload in chosen if workload], attacked.value if attacked else None


def _own_data(path: Path, k: int | None, lam: float | None) -> Workload:
    """The user's own samples with a free bias, as a workload on which SAEs are trained too."""
    from checks.distributions import files
    from checks.instance import instance
    from checks.workloads import Workload

    if k is None or lam is None:
        raise BadInput(f"--data {path}: say --k and --lam too")
    problem = instance(files.load(path), k, lam, bias=True, name=str(path))
    return Workload(str(path), "your own samples", lambda seed: problem, steps=4000)


def _named(names: Sequence[str] | None, known: dict[str, T], what: str, where: str) -> list[T]:
    """The things of these names, whatever the case of letters, each once. Raises BadInput, naming the nearest."""
    folded = {name.casefold(): name for name in known}
    for name in names or ():
        if name.casefold() not in folded:
            near = get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(folded[key] for key in near)}?" if near else f"see {where}"
            raise BadInput(f"no {what} {name!r}: {hint}")
    return [known[folded[key]] for key in dict.fromkeys(name.casefold() for name in names or known)]


# --- running ---------------------------------------------------------------------------------------------------------


def _attempt(statement: Statement) -> Proof:
    """Prove a statement and lint its file. What an OPEN statement lacks is no complaint."""
    from checks.report.document import Proof
    from theory.certificate import NotProved
    from theory.statement import Status, lint

    start = time.perf_counter()
    complaints = lint(statement)
    failure = None
    try:
        statement.prove()
    except (NotProved, TypeError, ValueError) as error:
        failure = str(error)
    if failure and statement.status is not Status.OPEN:
        complaints.append(failure)
    return Proof(statement, failure is None, time.perf_counter() - start, complaints)


def _search_proofs(
    ids: Sequence[str] | None,
    folders: Sequence[Path] | None,
    seconds: float,
    degree: int,
    markdown_file: Path | None,
) -> None:
    """Search a certificate of each claim, print what is found, and exit with 1 if one has none.

    Refuted claims are tried only if they are named.
    """
    from checks.claims.find import attempt
    from checks.report import certificates, document
    from theory.statement import Status

    statements = [each for each in _chosen(ids, folders) if ids or each.status is not Status.REFUTED]
    with _progress() as report:
        made = [attempt(each, seconds=seconds, degree=degree) for each in _reporting(statements, report)]
    print(certificates.certificates(made))
    if markdown_file:
        command = " ".join(["saelaws prove", *(ids or ()), "--find --markdown", str(markdown_file)])
        document.write_text(markdown_file, certificates.markdown(made, command))
    _finish(agrees=all(each.is_complete for each in made))


def _attempt_twice(statement: Statement) -> Proof:
    """By certificate and by solver. A counterexample to a PROVED statement is a complaint."""
    from checks.independent import Result, attempts
    from theory.statement import Status

    proof = _attempt(statement)
    found = attempts(statement)
    refuted = [each for each in found if each.result is Result.SAT and statement.status is Status.PROVED]
    complaints = [f"the solver finds a counterexample with (n, d, k) = {each.shape}: {each.model}" for each in refuted]
    return replace(proof, independent=found, complaints=[*proof.complaints, *complaints])


def _reporting(statements: Sequence[Statement], report: Progress) -> Iterator[Statement]:
    for done, statement in enumerate(statements):
        report(statement.id, done / len(statements))
        yield statement


@contextmanager
def _keeping(store: Store, file: Path | None) -> Iterator[None]:
    """Whoever interrupts a campaign is told what is left of it."""
    try:
        yield
    except KeyboardInterrupt:
        if file is None:
            raise
        said = f"interrupted: {store.added} more verdicts are in {file}; the same command goes on from there"
        raise typer.Exit(_error(said, 130)) from None


def _notes(store: Store, findings: Sequence[Finding], file: Path | None) -> list[str]:
    """What a file was good for."""
    if file is None:
        return []
    resumed = f"resumed: {store.reused} of {store.reused + store.added} verdicts from {file}"
    kept = f"{store.added} verdicts added to {file}"
    return [resumed if store.reused else kept, *_arrays(findings, file)]


def _arrays(findings: Sequence[Finding], file: Path) -> list[str]:
    from checks.report.document import is_counterexample

    told = f"the arrays of each counterexample: saelaws report {file} --counterexamples FOLDER"
    return [told] if any(map(is_counterexample, findings)) else []


def _publish(
    evidence: Evidence,
    origin: dict[str, object],
    repro: Callable[[Finding], str],
    json_file: Path | None,
    html_file: Path | None,
    markdown_file: Path | None,
    junit_file: Path | None,
) -> None:
    """Print the evidence, write it wherever it is wanted, and exit with its status."""
    from checks.report import document, junit, markdown, terminal
    from checks.report.catalogue import printed

    printed(terminal.verification(evidence, repro))
    if json_file:
        document.write(json_file, document.verification(evidence, origin, repro))
    if html_file:
        from checks.report import page

        document.write_text(html_file, page.verification(evidence, origin, repro))
    if markdown_file:
        document.write_text(markdown_file, markdown.verification(evidence, origin, repro))
    if junit_file:
        document.write_text(junit_file, junit.verification(evidence, origin, repro))
    _finish(agrees=evidence.agrees)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on stderr while something runs; nothing if stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, fraction: bar.update(task, description=what, completed=fraction)


def _check_writable(*files: Path | None) -> None:
    """Raises BadInput before the work rather than after it."""
    for file in filter(None, files):
        if file.is_dir():
            raise BadInput(f"{file}: is a folder, expected a file to write")
        if not file.parent.is_dir():
            raise BadInput(f"{file}: there is no folder {file.parent}")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise BadInput(f"{file}: cannot be written")


def _check_output(file: Path, suffixes: Sequence[str], data: Path) -> None:
    """Raises BadInput if the file is of another kind, cannot be written, or would replace or join the data."""
    if file.suffix not in suffixes:
        raise BadInput(f"--out {file}: expected a {' or '.join(suffixes)} file")
    _check_writable(file)
    if data.resolve() in (file.resolve(), file.resolve().parent):
        raise BadInput(f"--out {file}: is among the data {data}")


def _finish(*, agrees: bool) -> None:
    if not agrees:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
