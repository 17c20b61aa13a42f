"""pytest --saelaws FOLDER: a folder of statement files as tests.

A file that takes Statement from theory.statement is collected as three tests: its `lint`, its `proof` (unless it is
OPEN and has none) and its `attack`, in which all statements of the session are judged together at adversarial
instances. Every pytest process loads this module, so that it imports nothing but pytest before it is asked for.

PYTEST_DONT_REWRITE: it asserts nothing, and may be loaded already where pytest runs within pytest.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from checks.campaigns.attack import Ledger
    from checks.campaigns.outcome import Outcome
    from checks.judging.findings import Finding
    from theory.statement import Statement

PROFILES = ("dev", "ci", "deep")  # of checks.campaigns.attack
IMPORTS_STATEMENT = re.compile(r"^from theory\.statement import (?:\([^)]*|[^(\n]*)\bStatement\b", re.MULTILINE)
MARKER = (
    "law(id, status, family, part): one law of sparse autoencoders; select by its values, as in "
    "-m \"law(status='open')\" or -m \"law(part='proof')\""
)


class StatusFails(Exception):
    """A statement's file, proof or evidence does not bear out its status; the message is what the user reads."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("saelaws", "laws of sparse autoencoders")
    group.addoption("--saelaws", action="store_true", help="collect statement files, such as `saelaws new` writes")
    group.addoption(
        "--saelaws-profile",
        choices=PROFILES,
        default="ci",
        help="how hard statements are attacked: dev is a smoke test of seconds, ci evidence, deep a search (ci)",
    )
    group.addoption("--saelaws-seed", type=int, default=0, metavar="SEED", help="what the attack is drawn from (0)")
    group.addoption("--saelaws-case", metavar="CASE", help="judge at this one case, as a failure prints it, instead")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_report_header(config: pytest.Config) -> list[str]:
    if not config.getoption("saelaws"):
        return []
    from checks.report.provenance import DISTRIBUTION, installed

    versions = ", ".join(f"{name} {installed(name)}" for name in ("sympy", "numpy", "hypothesis"))
    how = config.getoption("saelaws_case") or f"profile {_profile(config)}, seed {config.getoption('saelaws_seed')}"
    return [f"saelaws: {installed(DISTRIBUTION) or '(not installed)'} with {versions}; {how}"]


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    if not config.getoption("saelaws"):
        return []
    statements = {item.statement.id: item.statement.status.value for item in items if isinstance(item, LawItem)}
    counted = ", ".join(f"{count} {status}" for status, count in sorted(Counter(statements.values()).items()))
    return [f"saelaws: {len(statements)} statements ({counted or 'none'})"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Figures of a solver that is judged by a law, for the report."""
    try:
        yield
    finally:
        law = item.callspec.params.get("law") if hasattr(item, "callspec") else None
        if (laws := sys.modules.get("checks.laws")) and isinstance(law, laws.Law):
            item.user_properties += law.figures.items()


# --- collection ------------------------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    # A file that is named on the command line is made a module of tests, see below.
    if parent.session.isinitpath(file_path) or not _states(file_path, parent.config):
        return None
    return StatementFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    return StatementFile.from_parent(parent, path=module_path) if _states(module_path, parent.config) else None


def _states(path: Path, config: pytest.Config) -> bool:
    """Whether a file is to be collected as a statement: one that names Statement and is no test module."""
    if not config.getoption("saelaws") or path.suffix != ".py":
        return False
    if any(path.match(pattern) for pattern in (*config.getini("python_files"), "conftest.py", "__init__.py")):
        return False
    return bool(IMPORTS_STATEMENT.search(path.read_text(encoding="utf-8", errors="replace")))


class StatementFile(pytest.File):
    """A file with one statement."""

    def collect(self) -> Iterator[pytest.Item]:
        from checks.claims.load import load_file
        from checks.errors import BadInput

        try:
            statement = load_file(self.path)
        except BadInput as error:
            raise self.CollectError(str(error)) from None
        taken = self.config.stash.setdefault(FILES, {}).setdefault(statement.id, self.path)
        if taken != self.path:
            raise self.CollectError(f"{self.path}: the id {statement.id} is taken by {taken}")
        kinds: list[type[LawItem]] = [Lint, Proof, Attack] if _has_proof(statement) else [Lint, Attack]
        for kind in kinds:
            yield kind.from_parent(self, name=kind.__name__.lower(), statement=statement)


FILES = pytest.StashKey[dict[str, Path]]()


def _has_proof(statement: Statement) -> bool:
    """Whether there is something to verify, or should be."""
    from theory.statement import Status

    return statement.status is not Status.OPEN or bool(statement.proofs)


class LawItem(pytest.Item):
    """One thing to be checked of a statement."""

    def __init__(self, *, statement: Statement, **named: Any) -> None:
        super().__init__(**named)
        self.statement = statement
        family = statement.path.parent.name if statement.path else ""
        marked = {"id": statement.id, "status": statement.status.value.lower(), "family": family, "part": self.name}
        self.add_marker(pytest.mark.law(**marked))
        self.user_properties += [("statement", statement.id), ("status", statement.status.value), ("family", family)]

    def runtest(self) -> None:
        complaints = list(self.complaints())
        if complaints:
            raise StatusFails("\n".join([*complaints, f"repeat     {self.repro()}"]))

    def complaints(self) -> Iterable[str]:
        """Why the statement does not pass, one line each."""
        raise NotImplementedError

    def repro(self) -> str:
        """The command that repeats this test."""
        file = os.path.relpath(self.path, self.config.invocation_params.dir)
        return f"pytest --saelaws {shlex.quote(f'{file}::{self.name}')}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **named: Any) -> Any:
        if isinstance(excinfo.value, StatusFails):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **named)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.statement.id} {self.name}"


class Lint(LawItem):
    """What the file lacks."""

    def complaints(self) -> Iterable[str]:
        from theory.statement import lint

        return [f"{self.path.name}: {complaint}" for complaint in lint(self.statement)]


class Proof(LawItem):
    """The certificate, or the counterexample of a refuted statement. An attempt at an OPEN one may fail."""

    def complaints(self) -> Iterable[str]:
        from theory.certificate import NotProved
        from theory.statement import Status

        is_open = self.statement.status is Status.OPEN
        try:
            self.statement.prove()
        except (NotProved, TypeError, ValueError) as error:
            if is_open:
                pytest.xfail(f"OPEN, and not proved: {error}")
            return [f"{self.statement.id} NOT PROVED: {error}"]
        return [f"{self.statement.id}: the proof is verified, set its status to PROVED"] if is_open else []


class Attack(LawItem):
    """The verdict on adversarial instances."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        if self.config.pluginmanager.hasplugin("xdist"):
            # All statements are judged in one pass: with --dist loadgroup only one worker makes it.
            self.add_marker(pytest.mark.xdist_group("saelaws"))

    def complaints(self) -> Iterable[str]:
        from checks.judging.verdict import speaks_of_an_encoder

        if speaks_of_an_encoder(self.statement):
            pytest.skip("about an SAE's own encoder, which no adversarial instance has")
        outcome = self._outcome()
        self.user_properties += [*outcome.figures.items()]
        self._case = outcome.counterexample.name if outcome.counterexample else self.config.getoption("saelaws_case")
        if outcome.complaints:
            self.user_properties.append(("repro", self.repro()))
        elif not _has_proof(self.statement):
            file = os.path.relpath(self.path, self.config.invocation_params.dir)
            command = f"saelaws prove {self.statement.id} --from {shlex.quote(file)} --find"
            self.user_properties.append((SURVIVED, command))
        return outcome.complaints

    def repro(self) -> str:
        if self._case and self._case.startswith("Case("):
            return f"{super().repro()} --saelaws-case {_quoted(self._case)}"
        seed = self.config.getoption("saelaws_seed")
        return f"{super().repro()} --saelaws-profile {_profile(self.config)} --saelaws-seed {seed}"

    def _outcome(self) -> Outcome:
        from checks.campaigns import attack, outcome
        from checks.errors import BadInput
        from checks.instances import cases

        pasted = self.config.getoption("saelaws_case")
        if pasted is not None:
            try:
                return outcome.outcome_at(self.statement, cases.case_of(pasted))
            except BadInput as error:
                raise StatusFails(f"--saelaws-case: {error}") from None
        ledger, findings = _attack(self.session)
        profile = attack.PROFILES[_profile(self.config)]
        return outcome.outcome(self.statement, ledger, profile, findings.get(self.statement.id))


SURVIVED = "search for a proof"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What to do about claims that are open and were not falsified."""
    for report in terminalreporter.getreports("passed"):
        for name, command in report.user_properties:
            if name == SURVIVED:
                terminalreporter.write_line(f"OPEN, and it survived the attack; search for a proof: {command}")


LEDGER = pytest.StashKey[tuple["Ledger", dict[str, "Finding"]]]()


def _attack(session: pytest.Session) -> tuple[Ledger, dict[str, Finding]]:
    """The attack on all statements of the session that are to be attacked, once."""
    from checks.campaigns import attack

    config = session.config
    if LEDGER not in config.stash:
        statements = [item.statement for item in session.items if isinstance(item, Attack)]
        profile, seed = attack.PROFILES[_profile(config)], config.getoption("saelaws_seed")
        ledger = attack.attack(statements, profile, seed=seed, progress=_progress(config))
        config.stash[LEDGER] = ledger, {finding.statement.id: finding for finding in ledger.findings(seed)}
    return config.stash[LEDGER]


def _quoted(case: str) -> str:
    """For a shell; a case has single quotes of its own."""
    return shlex.quote(case) if set(case) & set('"$`\\!') else f'"{case}"'


def _profile(config: pytest.Config) -> str:
    return str(config.getoption("saelaws_profile"))


def _progress(config: pytest.Config) -> Callable[[str, float], None]:
    """A line on the terminal that is written over; nothing if there is none."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not reporter.isatty:
        return lambda what, fraction: None
    return lambda what, fraction: reporter.rewrite(f"saelaws: {fraction:4.0%} {what}", erase=True)
