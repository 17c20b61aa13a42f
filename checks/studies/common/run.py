"""Studies are run seed by seed, the longest first, on as many processes as wanted; what is done already is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from checks.evidence.fingerprint import code, digest_of, sources
from checks.evidence.parallel import Workers, scattered
from checks.studies.common.study import Profile, Row, Rows, Study, studies
from checks.studies.common.verdicts import Result
from theory.statement import Statement

Cell = tuple[Rows, float]  # what a seed measured, and its seconds of processor time
Progress = Callable[[str, float], None]
Task = tuple[str, int, str, str]  # study, seed, device, profile


def made_by(study: Study) -> str:
    """Fingerprint of all that the rows of a study depend on: its own file, what studies share, and the code below."""
    here = Path(__file__).parent
    file = here.parent / f"{study.name.replace('-', '_')}.py"
    own = file.read_bytes() if file.is_file() else b""
    return digest_of(code(), sources(here), own)


def run(
    wanted: Sequence[Study],
    seeds: Sequence[int],
    *,
    profile: Profile = Profile.CI,
    device: str = "cpu",
    jobs: int = 1,
    known: Mapping[tuple[str, int], Cell] | None = None,
    keep: Callable[[Result], None] = lambda result: None,
    progress: Progress = lambda what, fraction: None,
) -> list[Result]:
    """Measure every study with every seed and judge it, in the order in which they were asked for.

    known: what was measured before, by name and seed; keep: called with what is known of a study after each of its
    seeds; progress: called with what is done and the share of the work, a guess.
    """
    cells = {(name, seed): cell for (name, seed), cell in (known or {}).items() if seed in seeds}
    missing = [(study, seed) for study in wanted for seed in seeds if (study.name, seed) not in cells]
    missing.sort(key=lambda each: -each[0].seconds)
    whole, done = sum(study.seconds for study, _ in missing), 0.0
    by_name = {study.name: study for study in wanted}
    tasks: list[tuple[list[Statement], Task]] = [
        ([], (study.name, seed, device, profile.value)) for study, seed in missing
    ]
    if missing:
        progress(_in_words(missing[0]), 0.0)
    for position, cell in scattered(_measured, tasks, Workers(jobs)):
        study, seed = missing[position]
        cells[study.name, seed] = cell
        done += study.seconds
        progress(_in_words((study, seed)), done / whole)
        keep(_result(by_name[study.name], seeds, cells))
    return [_result(study, seeds, cells) for study in wanted]


def _in_words(cell: tuple[Study, int]) -> str:
    study, seed = cell
    return f"{study.name}, seed {seed}"


def _measured(_: Sequence[Statement], task: Task, progress: Progress) -> tuple[list[Row], float]:
    name, seed, device, profile = task
    before = time.process_time()
    rows = studies()[name].rows(seed, device, Profile(profile))
    return rows, time.process_time() - before


def _result(study: Study, seeds: Sequence[int], cells: Mapping[tuple[str, int], Cell]) -> Result:
    there = [seed for seed in seeds if (study.name, seed) in cells]
    return Result(
        study,
        {seed: cells[study.name, seed][0] for seed in there},
        {seed: cells[study.name, seed][1] for seed in there},
    )
