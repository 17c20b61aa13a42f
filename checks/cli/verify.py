"""`saelaws verify`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.data.datasets import Dataset
    from checks.evidence.store import Store
    from checks.judging.findings import Finding
from checks.cli.app import app, complain
from checks.cli.chosen import by_name, chosen_statements
from checks.cli.options import Force, From, Hard, HtmlFile, Ids, JsonFile, JunitFile, MarkdownFile, On
from checks.cli.output import check_writable, publish, told_of_arrays
from checks.cli.progress import progress_bar


@app.command()
def verify(
    ids: Ids = None,
    on: Annotated[list[On] | None, typer.Option("--on", help="Exact optima, or trained SAEs; both by default.")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option("--data", metavar="NAME", help="A dataset, or your own: a file as for solve. All by default."),
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
    force: Force = False,
) -> None:
    """Judge statements on exact optima and on trained SAEs, and compare with what their proofs promise."""
    files = (json_file, html_file, markdown_file, junit_file)
    check_writable(*files, replaced=force)
    check_writable(evidence_file, replaced=True)  # which is added to
    from checks.campaigns.attack import ADVERSARIAL
    from checks.campaigns.verify import Request, evidence_for
    from checks.data.datasets import STANDARD
    from checks.evidence.parallel import Workers
    from checks.evidence.store import Store
    from checks.report import document
    from checks.report.provenance import provenance

    statements = chosen_statements(ids, folders)
    datasets, hardness = _data_sets(data, profile, k, lam)
    kinds = tuple(dict.fromkeys(kind.value for kind in on or On))
    if hardness and On.solver not in kinds:
        raise BadInput(f"--data {ADVERSARIAL}: consists of exact optima, which --on sae leaves out")
    request = Request(statements, kinds, datasets, hardness, seed, device)
    origin = provenance(seed=seed, device=device)
    workers = Workers(jobs, cluster, tuple(folder.resolve() for folder in folders or ()))
    with Store.write(evidence_file) if evidence_file else Store.in_memory() as store, _keeping(store, evidence_file):
        with progress_bar() as report:
            found = evidence_for(request, store, origin, workers=workers, progress=report)
        evidence = replace(found, notes=_notes(store, found.findings, evidence_file))
    sizes = {} if k is None or lam is None else {each.name: (k, lam) for each in datasets if each not in STANDARD}
    repro = partial(document.command, folders=folders or (), device=device, profile=hardness, own=sizes)
    publish(evidence, origin, repro, *files)


def _data_sets(
    names: Sequence[str] | None, profile: Hard | None, k: int | None = None, lam: float | None = None
) -> tuple[list[Dataset], str | None]:
    """The datasets of these names or files, all by default, and the profile of the attack if there is to be one."""
    from checks.campaigns.attack import ADVERSARIAL
    from checks.data.datasets import STANDARD

    known: dict[str, Dataset | None] = {dataset.name: dataset for dataset in STANDARD}
    known[ADVERSARIAL] = None
    for name in names or ():
        if name.casefold() not in known and Path(name).exists():
            known[name] = _own_data(Path(name), k, lam)
    chosen = by_name(names, known, "dataset", f"known are {', '.join(known)}")
    attacked = profile or (Hard.ci if names and None in chosen else None)
    return [dataset for dataset in chosen if dataset], attacked.value if attacked else None


def _own_data(path: Path, k: int | None, lam: float | None) -> Dataset:
    """The user's own samples with a free bias, as a dataset on which SAEs are trained too."""
    from checks.data import files
    from checks.data.datasets import Dataset
    from checks.problem.instance import instance

    if k is None or lam is None:
        raise BadInput(f"--data {path}: say --k and --lam too")
    problem = instance(files.load(path), k, lam, bias=True, name=str(path))
    return Dataset(str(path), "your own samples", lambda seed: problem, steps=4000)


@contextmanager
def _keeping(store: Store, file: Path | None) -> Iterator[None]:
    """Whoever interrupts a campaign is told what is left of it."""
    try:
        yield
    except KeyboardInterrupt:
        if file is None:
            raise
        said = f"interrupted: {store.added} more verdicts are in {file}; the same command goes on from there"
        raise typer.Exit(complain(said, 130)) from None


def _notes(store: Store, findings: Sequence[Finding], file: Path | None) -> list[str]:
    """What a file was good for."""
    if file is None:
        return []
    resumed = f"resumed: {store.reused} of {store.reused + store.added} verdicts from {file}"
    kept = f"{store.added} verdicts added to {file}"
    return [resumed if store.reused else kept, *told_of_arrays(findings, file)]
