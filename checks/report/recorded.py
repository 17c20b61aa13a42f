"""What a file of evidence amounts to, without judging anything: its findings, and what to know before trusting them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from checks.campaigns.attack import ADVERSARIAL, PROFILES, ledger_of, recall
from checks.campaigns.verify import COUNTEREXAMPLE, recorded_at
from checks.data.datasets import STANDARD
from checks.errors import BadInput
from checks.evidence.fingerprint import code
from checks.evidence.place import Campaign, Kept
from checks.evidence.store import Store
from checks.judging.findings import Evidence, Finding
from checks.judging.findings import complaints as complaints_of
from checks.report.document import Json, is_counterexample
from checks.report.provenance import provenance
from checks.report.summary import all_subjects
from theory.statement import Statement

ORDER = [COUNTEREXAMPLE, *(dataset.name for dataset in STANDARD)]


@dataclass(frozen=True, eq=False)
class Recorded:
    """The evidence of the code that wrote last, for the seed, device and profile of its last campaign."""

    evidence: Evidence
    provenance: Json
    device: str
    profile: str | None


def recorded(store: Store, statements: Sequence[Statement]) -> Recorded:
    """What a store says of these statements as they stand. Raises BadInput if it holds nothing."""
    campaigns = [each for each in store.campaigns() if each.code == store.code]
    if not campaigns:
        raise BadInput(f"{store.name}: no campaign has written to it yet")
    last = campaigns[-1]
    try:
        seed, device = int(last.settings["seed"]), str(last.settings["device"])
        attacks = [each.settings["profile"] for each in campaigns if each.settings["seed"] == seed]
        versions = dict(last.provenance["versions"])
        origin = {**last.provenance, "versions": versions}
    except (KeyError, TypeError, ValueError):
        raise BadInput(f"{store.name}: a campaign without its settings") from None
    profile = next((name for name in reversed(attacks) if name is not None), None)
    places = [kept for kept in store.places() if kept.place.seed == seed]
    findings = _findings(store, statements, [kept for kept in places if kept.place.settings in ("", device)])
    complaints: list[str] = []
    if profile is not None:
        attacked, complaints = _attacked(store, statements, places, str(profile), seed)
        findings += attacked
    changed, unknown = store.outdated(statements)
    complaints = [
        *complaints_of(findings),
        *complaints,
        *(f"{each}: changed since it was judged" for each in changed),
        *_unfinished(campaigns),
    ]
    notes = [
        _origin(last),
        *([_other_code(versions)] if store.code != code() else []),
        *_elsewhere(store),
        *([f"not among these statements: {', '.join(unknown)} (name their folder with --from)"] if unknown else []),
    ]
    return Recorded(Evidence(findings, complaints, notes), origin, device, profile)


def _findings(store: Store, statements: Sequence[Statement], places: Sequence[Kept]) -> list[Finding]:
    subjects = {subject.name: subject for subject in all_subjects()}
    found: dict[tuple[str, str, str], Finding] = {}
    for kept in places:
        if kept.place.data != ADVERSARIAL and kept.place.subject in subjects:
            for finding in recorded_at(kept.place, subjects[kept.place.subject], statements, store):
                found[finding.statement.id, finding.subject, finding.data] = finding
    rows, columns = [statement.id for statement in statements], list(subjects)
    return sorted(
        found.values(),
        key=lambda f: (
            ORDER.index(f.data) if f.data in ORDER else len(ORDER),
            f.data,
            columns.index(f.subject),
            rows.index(f.statement.id),
        ),
    )


def _attacked(
    store: Store, statements: Sequence[Statement], places: Sequence[Kept], profile: str, seed: int
) -> tuple[list[Finding], list[str]]:
    """The findings of an attack, and why it does not bear the statements out."""
    if profile not in PROFILES:
        raise BadInput(f"{store.name}: the profile {profile!r} is not known")
    drawn = [kept.place for kept in places if (kept.place.data, kept.place.settings) == (ADVERSARIAL, profile)]
    trials = {place.instance: trial for place in drawn if (trial := recall(store, place, statements))}
    judged = [each for each in statements if any(each.id in trial.judged for trial in trials.values())]
    ledger = ledger_of(judged, trials.values())
    return ledger.findings(seed), ledger.complaints(PROFILES[profile])


def _unfinished(campaigns: Sequence[Campaign]) -> Iterator[str]:
    """Campaigns that did not finish, and were not repeated since."""
    last = {repr(each.settings): each for each in campaigns}
    for each in last.values():
        if each.finished is None:
            yield f"the campaign that began {each.began} has not finished: its command, repeated, goes on from there"


def _origin(last: Campaign) -> str:
    commit = last.provenance.get("commit")
    where = f", commit {commit}" if commit else ""
    return f"judged {last.began}, seed {last.settings['seed']}{where}, on {last.provenance.get('platform')}"


def _other_code(versions: Mapping[str, Any]) -> str:
    now: Any = provenance()["versions"]
    differing = [
        f"{name} {versions.get(name)}, here {mine}" for name, mine in now.items() if versions.get(name) != mine
    ]
    return f"judged by other code than this{': ' if differing else ''}{'; '.join(differing)}"


def _elsewhere(store: Store) -> Iterator[str]:
    hidden = sum(store.counts().values()) - store.reused
    if hidden > 0:
        yield f"not shown: {hidden} verdicts of other code, seeds or settings, or on statements as they were before"


# --- counterexamples -------------------------------------------------------------------------------------------------


def write_counterexamples(store: Store, evidence: Evidence, folder: Path) -> list[Path]:
    """The points of every counterexample as .npz: x, lam, weights, D, b, Z, and what fails there as JSON text.

    Raises BadInput if the folder cannot be written.
    """
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for finding in filter(is_counterexample, evidence.findings):
            for number, point in enumerate(_points(store, finding)):
                name = f"{finding.statement.id} {finding.subject} {finding.data} {number}"
                file = folder / ("".join(c if c.isalnum() else "-" for c in name) + ".npz")
                i = point.instance
                arrays = {"x": i.x, "lam": i.lam, "weights": i.weights, "D": point.D, "b": point.b, "Z": point.Z}
                about = f"{finding.statement.id} at {finding.instance or finding.data}: {finding.judgement.where}"
                np.savez(file, bias=np.array(i.bias), about=np.array(about), **arrays)
                written.append(file)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror})") from None
    return written


def _points(store: Store, finding: Finding) -> list[Any]:
    wanted = (finding.data, finding.subject, finding.seed, finding.instance)
    for kept in reversed(store.places()):
        place = kept.place
        instance = place.instance if finding.instance else ""
        if (place.data, place.subject, place.seed, instance) == wanted:
            return store.points(place)
    return []
