"""The commands, their exit statuses and their one-line errors."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checks import campaign
from checks.campaign import EXACT, TRAINED, Finding, expected
from checks.cli import app
from checks.errors import BadInput
from checks.verdict import Judgement, Verdict
from theory.statement import Status, discover

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "sklearn", "numba", "matplotlib", "scipy", "sympy", "numpy")

CONJECTURE = '''"""{title}

E[r] = 0.
Boundary: none.

Reference: a test.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, r
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.{status}, claim=Eq(E(r[a]), 0), proof={proof}, controls={{"one": Eq(E(r[a]), 1)}}
)
'''


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def started(*arguments, encoding="utf-8"):
    """The command as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "checks.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def process(*arguments, **options):
    running = started(*arguments, **options)
    stdout, stderr = running.communicate(timeout=60)
    return subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)


def imported(command):
    """Which heavy packages a command imports."""
    code = (
        f"import sys\nfrom checks.cli import main\nsys.argv = ['saelaws', {command!r}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert stop.code == 0\n"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.splitlines()[-1].split()


def is_one_line(stderr):
    return stderr.startswith("saelaws: ") and stderr.count("\n") == 1 and "Traceback" not in stderr


@pytest.fixture
def folder(tmp_path):
    """Writes a statement file and gives its folder."""

    def write(name="y1_conjecture.py", *, content=CONJECTURE, title="A title.", status="OPEN", proof="None"):
        path = tmp_path / "laws"
        path.mkdir(exist_ok=True)
        (path / name).write_text(content.format(title=title, status=status, proof=proof))
        return path

    return write


@pytest.fixture
def judged(monkeypatch):
    """Replaces the main job by findings made at once: as expected, or with one verdict throughout."""
    calls = []

    def install(verdict=None, error=None):
        def verify(statements, **options):
            calls.append(options)
            options["progress"]("half", 0.5)
            if error:
                raise error
            for statement in statements:
                for workload in options["workloads"]:
                    for subject in (EXACT, TRAINED):
                        due = expected(statement, subject) or Verdict.FALSIFIED
                        refuted = statement.status is Status.REFUTED
                        controls = dict.fromkeys(
                            statement.controls, Verdict.CONFIRMED if refuted else Verdict.FALSIFIED
                        )
                        judgement = Judgement(verdict or due, float("nan"), 1e-12, "j=1", controls=controls)
                        yield Finding(
                            statement=statement,
                            subject=subject.name,
                            data=workload.name,
                            expected=due,
                            judgement=judgement,
                            instances=1,
                            seed=options["seed"],
                        )

        monkeypatch.setattr(campaign, "verify", verify)
        return calls

    return install


# --- help, version, list, show ---


@pytest.mark.parametrize("arguments", [(), ("--help",), ("verify", "--help"), ("prove", "--help"), ("show", "--help")])
def test_help(arguments):
    result = saelaws(*arguments)
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_version():
    result = saelaws("--version")
    assert result.exit_code == 0
    assert result.output.startswith("saelaws ")


def test_help_imports_nothing_heavy():
    assert imported("--help") == []


def test_list_needs_no_numerics():
    assert imported("list") == ["sympy"]


def test_list_names_every_statement():
    result = saelaws("list")
    assert result.exit_code == 0
    rows = [line.split() for line in result.output.splitlines()]
    assert {statement.id for statement in discover()} <= {row[0] for row in rows if row}


def test_list_with_further_folders(folder):
    result = saelaws("list", "--from", folder(title="A conjecture of mine."))
    assert "Y1" in result.output
    assert "A conjecture of mine." in result.output


@pytest.mark.parametrize("identifier", ["A1", "a1"])
def test_show(identifier):
    result = saelaws("show", identifier)
    assert result.exit_code == 0
    assert result.output.startswith("A1 · PROVED")


def test_show_every_statement():
    for statement in discover():
        assert saelaws("show", statement.id, "--no-search").exit_code == 0


# --- prove ---


def test_prove(tmp_path):
    file = tmp_path / "proofs.json"
    result = saelaws("prove", "B1", "a5", "C1", "--json", file)
    assert result.exit_code == 0, result.output
    made = json.loads(file.read_text(encoding="utf-8"))
    assert made["schema"] == 1
    assert made["summary"]["agrees"] is True
    assert [entry["id"] for entry in made["statements"]] == ["A5", "B1", "C1"]
    assert all(entry["seconds"] >= 0 for entry in made["statements"])


def test_prove_a_wrong_certificate(folder, tmp_path):
    file = tmp_path / "proofs.json"
    path = folder(status="PROVED", proof="bias[a]")
    result = saelaws("prove", "Y1", "--from", path, "--json", file)
    assert result.exit_code == 1
    assert "✘ fails" in result.output
    (entry,) = json.loads(file.read_text(encoding="utf-8"))["statements"]
    assert entry["proved"] is False
    assert "claim − certificate" in entry["reason"]


def test_prove_a_right_certificate_of_a_user(folder):
    assert saelaws("prove", "Y1", "--from", folder(status="PROVED", proof="-bias[a]")).exit_code == 0


def test_open_statement_needs_no_proof(folder):
    result = saelaws("prove", "Y1", "--from", folder())
    assert result.exit_code == 0
    assert "0 of 1 statements verified." in result.output


def test_lint_is_part_of_prove(folder):
    result = saelaws("prove", "Y1", "--from", folder(title="no full stop"))
    assert result.exit_code == 1
    assert "with a full stop" in " ".join(result.output.split())


def test_certificate_that_raises_is_a_failure(folder):
    result = saelaws("prove", "Y1", "--from", folder(status="PROVED", proof="(-bias[a], -bias[a])"))
    assert result.exit_code == 1
    assert "1 relations are claimed, 2 certificates" in " ".join(result.output.split())


# --- verify ---


def test_verify_agrees(judged, tmp_path):
    judged()
    json_file, html_file = tmp_path / "out.json", tmp_path / "out.html"
    result = saelaws("verify", "A1", "C1", "--seed", 5, "--json", json_file, "--html", html_file)
    assert result.exit_code == 0, result.output
    assert "The evidence agrees with all 2 statements." in result.output
    made = json.loads(json_file.read_text(encoding="utf-8"))
    assert {entry["id"] for entry in made["statements"]} == {"A1", "C1"}
    assert all(entry["worst_excess"] is None for entry in made["statements"])  # NaN
    assert made["provenance"]["seed"] == 5
    assert made["summary"]["agrees"] is True
    assert "</html>" in html_file.read_text(encoding="utf-8")


def test_verify_disagrees(judged, tmp_path):
    judged(Verdict.FALSIFIED)
    file = tmp_path / "out.json"
    result = saelaws("verify", "A1", "--data", "planted", "--json", file)
    assert result.exit_code == 1
    assert "repeat: saelaws verify A1 --on solver --data planted --seed 0" in result.output
    made = json.loads(file.read_text(encoding="utf-8"))
    assert made["summary"]["agrees"] is False
    assert made["statements"][0]["counterexample"]["repro"].startswith("saelaws verify A1")


@pytest.mark.parametrize("verdict", [Verdict.VACUOUS, Verdict.INCONCLUSIVE])
def test_verify_without_evidence_fails(judged, verdict):
    judged(verdict)
    assert saelaws("verify", "A1").exit_code == 1


def test_verify_passes_its_options_on(judged):
    calls = judged()
    options = ("--on", "sae", "--seed", 3, "--device", "meta", "--data", "digits", "--data", "planted")
    assert saelaws("verify", "A1", *options).exit_code == 0
    (call,) = calls
    assert (call["on"], call["seed"], call["device"]) == (("sae",), 3, "meta")
    assert [workload.name for workload in call["workloads"]] == ["digits", "planted"]


def test_verify_takes_everything_by_default(judged):
    calls = judged()
    assert saelaws("verify").exit_code == 0
    assert calls[0]["on"] == ("solver", "sae")
    assert len(calls[0]["workloads"]) >= 2


def test_bad_input_found_late_is_one_line(judged):
    judged(error=BadInput("device 'moon' cannot be used:\nno such thing"))
    result = saelaws("verify", "A1")
    assert result.exit_code == 2
    assert result.stderr == "saelaws: device 'moon' cannot be used: no such thing\n"


def test_interrupt_is_one_line(judged):
    judged(error=KeyboardInterrupt())
    result = saelaws("verify", "A1")
    assert result.exit_code == 130
    assert result.stderr == "saelaws: interrupted\n"


# --- bad usage ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "A11"), "no statement 'A11': did you mean A1"),
        (("show", "%%%%"), "no statement '%%%%': see saelaws list"),
        (("prove", "A1", "nope"), "no statement 'nope'"),
        (("verify", "A1", "--data", "digit"), "no data set 'digit': did you mean digits?"),
        (("verify", "--on", "moon"), "moon"),
        (("verify", "--seed", "-1"), "--seed"),
        (("verify", "--seed", "x"), "--seed"),
        (("list", "--from", "/no/such/folder"), "/no/such/folder: no such folder"),
        (("prove", "--json", "/no/such/folder/out.json"), "there is no folder /no/such/folder"),
        (("verify", "--html", "/"), "/: is a folder"),
        (("show",), "ID"),
        (("fly",), "fly"),
        (("list", "--nonsense"), "--nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_usage_is_one_line_and_status_2(arguments, said):
    result = saelaws(*arguments)
    assert result.exit_code == 2
    assert is_one_line(result.stderr), result.stderr
    assert said in result.stderr
    assert result.stdout == ""


def test_output_is_checked_before_the_work(judged, tmp_path):
    calls = judged()
    assert saelaws("verify", "A1", "--html", tmp_path / "missing" / "out.html").exit_code == 2
    assert calls == []


@pytest.mark.parametrize("content", ["def broken(:\n", "1 / 0\n", "import no_such_module_at_all\n"])
def test_broken_file_of_a_user_is_named(folder, content):
    result = saelaws("list", "--from", folder(content=content))
    assert result.exit_code == 2
    assert is_one_line(result.stderr)
    assert "y1_conjecture.py:1: " in result.stderr


def test_id_that_is_taken(folder):
    result = saelaws("list", "--from", folder("a1_mine.py"))
    assert result.exit_code == 2
    assert "the id A1 is taken" in result.stderr


# --- as a process ---


def test_process_with_bad_usage():
    done = process("fly")
    assert done.returncode == 2
    assert is_one_line(done.stderr)


def test_process_without_colour_progress_or_unicode():
    done = process("prove", "B1", encoding="ascii")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "1 of 1 statements verified." in done.stdout


def test_process_whose_reader_leaves():
    running = started("list")
    running.stdout.close()
    assert "Traceback" not in running.stderr.read()
    running.stderr.close()
    running.wait(timeout=60)


def test_process_that_is_interrupted(tmp_path):
    ready = tmp_path / "ready"
    (tmp_path / "x1_slow.py").write_text(
        f"import pathlib, time\npathlib.Path({str(ready)!r}).touch()\ntime.sleep(60)\n"
    )
    running = started("list", "--from", tmp_path)
    while running.poll() is None and not ready.exists():
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert stderr == "saelaws: interrupted\n"


# --- the objective family ---


@pytest.mark.parametrize(
    ("penalty", "law"),
    [
        ("elastic-net", "D_aj (γ E[z_j²] + E[λ z_j])"),
        ("log", "E[λ z_j / (z_j + 1)] D_aj"),
        ("lp", "p E[λ z_j^p] D_aj"),
        ("l0", "E[r_a z_j] = 0"),
        ("top-k", "E[r_a z_j] = 0"),
        ("batch-top-k", "E[r_a z_j] = 0"),
        ("L1", "E[λ z_j] D_aj"),
    ],
)
def test_show_writes_the_law_for_a_penalty(penalty, law):
    result = saelaws("show", "A1", "--no-search", "--objective", penalty)
    assert result.exit_code == 0
    assert law in result.output


def test_show_refuses_a_penalty_that_is_not_there_or_not_claimed():
    assert saelaws("show", "A1", "--no-search", "--objective", "l7").exit_code == 2
    for identifier, objective, why in (
        ("W1", "log", "it is about L1"),
        ("A1", "matryoshka", "the proof uses atom, scale, which Matryoshka has in another form"),
        ("A1", "norm-weighted-l1", "norm-weighted L1 has no condition unit"),
        ("S2", "top-k", "top-k has no condition add"),
        ("D2", "l0", "the proof uses the price of a silent unit, and L0 has none"),
    ):
        result = saelaws("show", identifier, "--no-search", "--objective", objective)
        assert result.exit_code == 2
        assert why in result.stderr
        assert result.stderr.strip().count("\n") == 0


def test_show_says_which_half_of_a_law_is_not_claimed():
    result = saelaws("show", "C1", "--no-search", "--objective", "top-k")
    assert result.exit_code == 0
    assert "not claimed: the proof uses the price of a silent unit" in result.output
    assert "−z_j (d_j·r) = 0" in result.output
