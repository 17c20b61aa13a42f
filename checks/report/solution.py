"""What `solve` and `train` found on the user's own data: what is measured of it, its files and how it is printed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from checks.campaigns.solve import Solution, Training, counted
from checks.data.files import aside
from checks.errors import BadInput
from checks.judging.certify import EXACT_ATOMS, EXACT_CODES
from checks.problem.instance import Array, Instance
from checks.report.document import SCHEMA, Json, number
from checks.solvers.codes.result import Outcome
from checks.solvers.dictionary.large import Large

if TYPE_CHECKING:
    from checks.saes.measure import Figures
    from checks.saes.refit import Refit

FIGURE = "{:.6g}".format
RESIDUAL = "{:.1e}".format


# --- an exact optimum ------------------------------------------------------------------------------------------------


def solution_page(result: Solution, file: Path) -> RenderableType:
    """The solution with its certificate, and one line that says whether it is exact."""
    i = result.instance
    rows = [
        ("outcome", f"{result.outcome.value} after {counted(result.steps, 'Newton step')}", ""),
        ("objective", FIGURE(result.objective), ""),
        ("width bound", FIGURE(result.bound), f"a wider dictionary can gain {_percent(result.gain)} at most"),
        ("live atoms", f"{result.live}", f"of {i.k}"),
        _active(result.mean_active),
        ("local minimum", result.minimum, ""),
    ]
    short = result.shortfall
    verdict = f"✘ Not an exact optimum: {short}." if short else "✔ An exact optimum, certified."
    return Group(
        Text(f"{_problem(i)}, {'free bias' if i.bias else 'no bias'}", style="bold"),
        _rows(rows),
        Text(),
        Text("certificate: relative residuals, from the data and the solution alone", style="bold"),
        _rows(_residuals(result)),
        Text(),
        Text(_written(file, result.arrays)),
        Text(verdict, style="bold red" if short else "bold green"),
    )


def _residuals(result: Solution) -> list[tuple[str, str, str]]:
    certificate = result.certificate
    rows = [
        ("codes", certificate.codes, EXACT_CODES, "natural residual"),
        ("duality gap", certificate.gap, None, "of the codes"),
        ("active codes", certificate.act, EXACT_CODES, "slack of the active units"),
        ("atoms", certificate.atoms, EXACT_ATOMS, "stationarity, off the atom"),
        ("scale", certificate.scale, EXACT_ATOMS, "stationarity, along the atom"),
        ("norms", certificate.norms, EXACT_CODES, "distance of ‖atom‖² from 1"),
        ("bias", certificate.bias, EXACT_ATOMS, "stationarity"),
    ]
    kept = rows if result.instance.bias else rows[:-1]
    return [(name, RESIDUAL(value), f"{words}{_limit(value, limit)}") for name, value, limit, words in kept]


def _limit(value: float, limit: float | None) -> str:
    return "" if limit is None else f", {'✔ ≤' if value <= limit else '✘ not ≤'} {limit:.0e}"


def solution_json(result: Solution, provenance: Json, file: Path) -> Json:
    """The document of `solve`."""
    figures = asdict(result.certificate)
    row = figures.pop("bad_row")
    return {
        "schema": SCHEMA,
        "solution": {
            **_problem_json(result.instance),
            "outcome": result.outcome.value,
            "steps": result.steps,
            "objective": number(result.objective),
            "width_bound": number(result.bound),
            "largest_gain": number(result.gain),
            **_usage_json(result.live, result.mean_active),
            "curvature": number(result.curvature),
            "local_minimum": result.minimum,
            "certificate": {**{name: number(value) for name, value in figures.items()}, "bad_row": row},
            "file": str(file),
        },
        "summary": {"agrees": not result.shortfall, "shortfall": result.shortfall or None},
        "provenance": provenance,
    }


def interrupted_json(instance: Instance, found: Large, provenance: Json, file: Path) -> Json:
    """The document of a search that was interrupted: nothing is certified."""
    return {
        "schema": SCHEMA,
        "solution": {
            **_problem_json(instance),
            "outcome": Outcome.INTERRUPTED.value,
            "steps": found.steps,
            "objective": number(found.objective),
            "stationarity": number(found.stationarity),
            "file": str(file),
        },
        "summary": {"agrees": False, "shortfall": Outcome.INTERRUPTED.value},
        "provenance": provenance,
    }


@dataclass(frozen=True, eq=False)
class Begun:
    """A dictionary to go on from, and whether it comes from a full pass over the data, not from mini-batches."""

    D: Array
    b: Array
    full: bool


def begun(file: Path, instance: Instance) -> Begun:
    """What was written of this problem. Raises BadInput if there is nothing, or if it is of another problem."""
    arrays, document = read(file)
    made: Any = document.get("solution", {})
    if not {"D", "b"} <= arrays.keys() or not made:
        raise BadInput(f"{file}: nothing to resume: not written by solve")
    for name, asked in _problem_json(instance).items():
        if name != "data" and made.get(name) != asked:
            raise BadInput(f"{file}: nothing to resume: it is of {name} = {made.get(name)}, asked is {asked}")
    return Begun(arrays["D"], arrays["b"], bool({"Z", "Z_data"} & arrays.keys()))


# --- a trained SAE ---------------------------------------------------------------------------------------------------


def training_page(result: Training, file: Path) -> RenderableType:
    """The SAE's loss, how far its encoder and its training are from optimal, and which latents are dead."""
    found, (d, k), of = result.figures, result.sae.D.shape, result.sae.architecture
    rows = [
        ("loss", FIGURE(found.loss), f"after {counted(result.steps, 'step')}"),
        ("unexplained", _percent(found.fvu), "of the variance"),
        *_compared(result),
        *([("λ read off (A5)", *_read_off(found))] if of.shrinks else []),
        ("violation of A1", *_violation(found)),
        *_refit(result.refit),
        ("active units", f"{found.l0:.2f}", "per sample, on average"),
        ("dead latents", f"{k - found.live.sum()}", f"of {k}, on these data"),
    ]
    price = f"λ = {result.lam:g}, " if of.has_price else ""
    said = f"{result.data}: {result.n} samples × {d}, {counted(k, 'latent')}"
    return Group(
        Text(f"{of.name} SAE, {said}, {price}{'free bias' if result.bias else 'no bias'}", style="bold"),
        _rows(rows),
        Text(),
        Text(_written(file, result.sae.saved)),
    )


def _compared(result: Training) -> list[tuple[str, str, str]]:
    if result.compared is None or result.amortisation_gap is None:
        return []
    where = "" if result.few == result.n else f", on {result.few} samples"
    return [
        ("with optimal codes", FIGURE(result.compared[1]), f"same dictionary and bias{where}"),
        ("amortisation gap", _percent(result.amortisation_gap), "what the encoder loses to optimal codes"),
    ]


def _refit(done: Refit | None) -> list[tuple[str, str, str]]:
    if done is None:
        return []
    died = f"; {counted(done.died, 'latent')} died" if done.died else ""
    kept = f"; {counted(done.kept, 'latent')} left as trained, by too large a gain" if done.kept else ""
    said = f"loss at the codes' own best decoder; gains up to {done.gain:.3g}{died}{kept}"
    return [("refit", f"{done.before:.6g} → {done.after:.6g}", said)]


def _read_off(found: Figures) -> tuple[str, str]:
    read = found.lam[found.live]
    if not read.size:
        return "unknown", "all are dead"
    return FIGURE(np.median(read)), f"median of the live latents, {read.min():.6g} to {read.max():.6g}"


def _violation(found: Figures) -> tuple[str, str]:
    violation = found.violation[found.live]
    if not violation.size:
        return "unknown", "all are dead"
    return RESIDUAL(np.median(violation)), f"median of the live latents, {np.quantile(violation, 0.95):.1e} for 95 %"


def training_metadata(result: Training, document: Json, provenance: Json) -> dict[str, str]:
    """What the file of an SAE says for people, besides what its reader needs."""
    said = {"seed": str(provenance["seed"]), "steps": str(result.steps), "data": result.data}
    return {**said, "versions": json.dumps(provenance["versions"]), "document": _text(document)}


def training_json(result: Training, provenance: Json, file: Path) -> Json:
    """The document of `train`."""
    found, (d, k) = result.figures, result.sae.D.shape
    read, violation = found.lam[found.live], found.violation[found.live]
    has_price = result.sae.architecture.shrinks and read.size
    return {
        "schema": SCHEMA,
        "training": {
            "architecture": result.sae.architecture.name,
            "settings": result.sae.architecture.settings,
            **{"data": result.data, "n": result.n, "d": d, "k": k, "lambda": result.lam, "bias": result.bias},
            "steps": result.steps,
            "loss": number(found.loss),
            "unexplained_variance": number(found.fvu),
            "loss_with_optimal_codes": number(result.compared[1]) if result.compared else None,
            "amortisation_gap": None if result.amortisation_gap is None else number(result.amortisation_gap),
            "compared_on": result.few if result.compared else None,
            "lambda_read_off": [number(share) for share in np.quantile(read, (0, 0.5, 1))] if has_price else None,
            "atom_violation": [number(v) for v in np.quantile(violation, (0.5, 0.95))] if violation.size else None,
            "live_atoms": int(found.live.sum()),
            "mean_active": found.l0,
            "refit": _refit_json(result.refit),
            "file": str(file),
        },
        "provenance": provenance,
    }


def _refit_json(done: Refit | None) -> Json | None:
    if done is None:
        return None
    losses = {"loss_before": number(done.before), "loss_after": number(done.after)}
    largest = {"largest_gain": number(done.gain), "largest_violation": number(done.violation)}
    return {**losses, "died": done.died, "kept": done.kept, **largest}


# --- files -----------------------------------------------------------------------------------------------------------

FORMATS = (".npz", ".safetensors")


def write(file: Path, arrays: Mapping[str, Array], document: Json) -> None:
    """Write arrays, and the document as JSON text beside them: an array `document`, or metadata of .safetensors.

    Raises BadInput if the file cannot be written.
    """
    said = _text(document)
    if file.suffix == ".safetensors":
        from checks.saes.checkpoints.plain import save

        return save(file, arrays, {"document": said})
    beside = aside(file)
    try:
        np.savez(beside, **{**arrays, "document": np.array(said)})  # type: ignore[arg-type]
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadInput(f"{file}: cannot be written ({error})") from None


def _text(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def read(file: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the document of a file that `write` wrote. Raises BadInput if it is none."""
    from safetensors import safe_open
    from safetensors.numpy import load_file

    try:
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as archive:
                arrays = dict(archive)
            return arrays, json.loads(str(arrays.pop("document")))
        with safe_open(file, framework="np") as archive:
            said = archive.metadata()["document"]
        return load_file(file), json.loads(said)
    except Exception as error:  # each library has exceptions of its own for a damaged file
        raise BadInput(f"{file}: cannot be read ({' '.join(str(error).split())})") from None


# --- parts -----------------------------------------------------------------------------------------------------------


def _rows(rows: list[tuple[str, str, str]]) -> Table:
    """Name, figure and what it means."""
    wide = max(len(figure) for _, figure, words in rows if words)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, figure, words in rows:
        table.add_row(f"  {name}", Text.assemble(figure.ljust(wide) if words else figure, "  ", (words, "dim")))
    return table


def _problem(i: Instance) -> str:
    """Of an instance with one λ."""
    return f"{i.name}: {i.n} samples × {i.d}, {counted(i.k, 'atom')}, λ = {i.lam[0]:g}"


def _problem_json(i: Instance) -> Json:
    return {"data": i.name, "n": i.n, "d": i.d, "k": i.k, "lambda": float(i.lam[0]), "bias": i.bias}


def _active(mean: float) -> tuple[str, str, str]:
    return "active units", f"{mean:.2f}", "per sample, on average"


def _usage_json(live: int, active: float) -> Json:
    return {"live_atoms": live, "mean_active": active}


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if math.isfinite(share) else "unknown"


def _written(file: Path, arrays: Mapping[str, Array]) -> str:
    return f"{file}: " + ", ".join(f"{name} {'×'.join(map(str, array.shape))}" for name, array in arrays.items())
