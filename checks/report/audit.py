"""What an audit found, printed and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from checks.judging.approximate import NEARER
from checks.judging.verdict import Verdict
from checks.report.document import SCHEMA, Json, number

if TYPE_CHECKING:
    from checks.campaigns.audit import Audit
    from checks.judging.checkpoint.verdicts import Law
    from checks.problem.instance import Array

FIGURE = "{:.4g}".format
MARKS = {
    Verdict.CONFIRMED: ("✔", "green"),
    Verdict.FALSIFIED: ("✘", "red"),
    Verdict.INCONCLUSIVE: ("?", "yellow"),
    Verdict.VACUOUS: ("–", "dim"),
}
LEGEND = "✔ holds   ✘ fails   ? the samples are too few to tell   – nothing to judge"


def audit_page(found: Audit, name: str) -> RenderableType:
    """The figures of the checkpoint, its laws, and one line that says what they come to."""
    return Group(
        Text(f"{name}: {found.architecture} SAE, {found.k} latents on {found.rows} samples × {found.d}", style="bold"),
        _figures(found),
        Text(),
        _laws(found),
        Text(LEGEND, style="dim"),
        *_remarks(found),
        Text(),
        _verdict(found),
    )


def _figures(found: Audit) -> Table:
    features, live = found.features, found.features.live
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", style="dim")
    if np.isfinite(found.lam_read):
        low, high = found.lam_interval
        known = np.isfinite([low, high]).all()
        interval = f"95 %: {FIGURE(low)} to {FIGURE(high)}, " if known else "too few samples for an interval, "
        interval += "all latents together"
        table.add_row("  λ read off", FIGURE(found.lam_read), interval)
        middle = _quantiles(features.lam[live])
        spread = f"median of the latents; quartiles {FIGURE(middle[0])} to {FIGURE(middle[2])}"
        error = _middle(features.lam_error[live])
        errors = f"; median standard error {FIGURE(error)}" if np.isfinite(error) else ""
        table.add_row("  λ per latent (A5)", FIGURE(middle[1]), f"{spread}{errors}")
    table.add_row("  λ for the laws", FIGURE(found.lam) if np.isfinite(found.lam) else "unknown", found.lam_from)
    if np.isfinite(violation := _middle(features.violation[live])):
        noise = _middle(features.noise[live])
        certificate = "median of the latents" + (
            f"; sampling alone would show {FIGURE(noise)}" if np.isfinite(noise) else ""
        )
        table.add_row("  convergence (A1)", FIGURE(violation), certificate)
    if found.gap_samples and np.isfinite(found.gap):
        gap = f"on {found.gap_samples} samples, to optimal codes"
        table.add_row("  amortisation gap", f"{100 * found.gap:.3g} %", gap)
    table.add_row("  active latents", f"{found.active:.4g}", "per sample, on average")
    table.add_row("  dead latents", f"{int((~live).sum())}", f"of {found.k}, on these samples")
    share = f"{100 * found.explained:.4g} %" if np.isfinite(found.explained) else "unknown"
    table.add_row("  variance explained", share, "of ‖x − b‖²" if np.isfinite(found.explained) else "b is the data")
    return table


def _laws(found: Audit) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for column, right in (("", False), ("law", False), ("violation", True), ("95 %", False), ("noise", True)):
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    table.add_column("")
    for law in found.laws:
        mark, style = MARKS[law.verdict]
        told = law.statement.title if law.of == "all" else f"[{law.of}] {law.statement.title}"
        low, high = law.interval or (np.nan, np.nan)
        interval = f"{low:.3f} to {high:.3f}" if law.interval else ""
        noise = f"{law.noise:.3f}" if law.noise is not None and np.isfinite(law.noise) else ""
        value = f"{law.violation:.3f}" if np.isfinite(law.violation) else ""
        table.add_row(
            Text(mark, style=style),
            law.statement.id,
            value,
            interval,
            noise,
            Text(told, no_wrap=True, overflow="ellipsis"),
        )
    return table


def _remarks(found: Audit) -> list[Text]:
    remarks = [
        "violation: 0 where a law holds exactly, 1 where its nearest control does as well; noise: what sampling shows"
    ]
    if found.lam_from == "read off":
        remarks.append(
            "λ was read off these samples, so that R4, R7 and W6 hold by construction: --lam puts them to the test"
        )
    if found.lam < 0:
        remarks.append(
            "λ reads off as negative, which no penalty is: this SAE is far from converged. Without its amortisation "
            "gap, which --lam gives"
        )
    if found.skipped:
        names = ", ".join(statement.id for statement in found.skipped)
        remarks.append(
            "not measured, as no checkpoint can break them, λ is unknown, or they are about more than a pass keeps: "
            + names
        )
    return [Text(remark, style="dim") for remark in remarks]


def _verdict(found: Audit) -> Text:
    broken = [law.statement.id for law in found.laws if law.verdict is Verdict.FALSIFIED]
    kept = sum(law.verdict is Verdict.CONFIRMED for law in found.laws)
    if broken:
        at = f" at λ = {FIGURE(found.lam)}" if np.isfinite(found.lam) else ""
        return Text(
            f"✘ Not converged{at}: {', '.join(broken)} {'fails' if len(broken) == 1 else 'fail'}.", style="bold red"
        )
    if not found.judged:
        why = "no law applies" if found.features.live.any() else "no latent is active"
        return Text(f"? Nothing can be said: {why}.", style="bold red")
    if not kept:
        return Text("? Nothing can be said: the samples are too few to tell.", style="bold yellow")
    return Text(f"✔ {kept} of {len(found.laws)} laws hold, none is seen to fail.", style="bold green")


def audit_json(found: Audit, provenance: Json) -> Json:
    """The document of `audit`."""
    features = found.features
    columns = {
        "rate": features.rate,
        "lambda": features.lam,
        "lambda_error": features.lam_error,
        "violation": features.violation,
        "noise": features.noise,
    }
    return {
        "schema": SCHEMA,
        "audit": {
            "architecture": found.architecture,
            "n": found.rows,
            "d": found.d,
            "k": found.k,
            "lambda": number(found.lam),
            "lambda_from": found.lam_from,
            "lambda_read_off": number(found.lam_read),
            "lambda_interval": [number(end) for end in found.lam_interval],
            "lambda_per_latent": [number(value) for value in _quantiles(features.lam[features.live])],
            "amortisation_gap": number(found.gap),
            "amortisation_gap_samples": found.gap_samples,
            "mean_active": number(found.active),
            "live_latents": int(features.live.sum()),
            "variance_explained": number(found.explained),
            "latents": {name: [number(value) for value in column] for name, column in columns.items()},
        },
        "statements": [_law(law) for law in found.laws],
        "not_measured": [statement.id for statement in found.skipped],
        "summary": {"agrees": found.agrees, "bound": NEARER},
        "provenance": provenance,
    }


def _law(law: Law) -> Json:
    return {
        "id": law.statement.id,
        "title": law.statement.title,
        "verdict": law.verdict.value,
        "violation": number(law.violation),
        "interval": [number(end) for end in law.interval] if law.interval else None,
        "noise": None if law.noise is None else number(law.noise),
        "judged_on": law.of,
    }


def _quantiles(values: Array) -> Array:
    return np.quantile(values, (0.25, 0.5, 0.75)) if values.size else np.full(3, np.nan)


def _middle(values: Array) -> float:
    return float(np.median(values)) if values.size else np.nan
