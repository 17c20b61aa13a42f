"""The commands, their exit statuses and their one-line errors."""

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from checks.campaigns import attack
from checks.campaigns import verify as campaign
from checks.campaigns.attack import Profile
from checks.cli import app
from checks.data.datasets import STANDARD
from checks.errors import BadInput
from checks.evidence import store as evidence
from checks.instances.cases import case_of
from checks.judging.findings import Finding, expected
from checks.judging.subjects import EXACT, TRAINED
from checks.judging.verdict import Judgement, Verdict
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
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, env=environment, preexec_fn=_interruptible, **pipes)


def _interruptible():
    """A job in the background ignores interrupts, and its children too unless they are told not to."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
                for dataset in options["datasets"]:
                    for subject in (EXACT, TRAINED):
                        due = expected(statement, subject)
                        made = due or (Verdict.CONFIRMED if statement.status is Status.OPEN else Verdict.FALSIFIED)
                        refuted = statement.status is Status.REFUTED
                        controls = dict.fromkeys(
                            statement.controls, Verdict.CONFIRMED if refuted else Verdict.FALSIFIED
                        )
                        judgement = Judgement(verdict or made, float("nan"), 1e-12, "j=1", controls=controls)
                        yield Finding(
                            statement=statement,
                            subject=subject.name,
                            data=dataset.name,
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
    first = {row[0]: row[1:] for row in rows if row}
    for statement in discover():
        standing = [statement.status.value, *([statement.rank.value] if statement.rank else [])]
        assert first[statement.id][: len(standing)] == standing


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


def test_what_fails_on_own_data_is_repeated_by_its_command(judged, tmp_path):
    judged(Verdict.FALSIFIED)
    np.save(tmp_path / "x.npy", np.eye(3))
    file = tmp_path / "out.json"
    saelaws("verify", "A1", "--data", tmp_path / "x.npy", "--k", 2, "--lam", 0.5, "--json", file)
    _, *again = shlex.split(json.loads(file.read_text(encoding="utf-8"))["statements"][0]["counterexample"]["repro"])
    assert again[again.index("--k") :][:4] == ["--k", "2", "--lam", "0.5"]
    assert saelaws(*again).exit_code == 1  # 2 where something is missing


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
    assert [dataset.name for dataset in call["datasets"]] == ["digits", "planted"]


def test_verify_takes_everything_by_default(judged):
    calls = judged()
    assert saelaws("verify").exit_code == 0
    assert calls[0]["on"] == ("solver", "sae")
    assert len(calls[0]["datasets"]) >= 2


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
        (("show", "A11"), "no statement or theorem 'A11': did you mean A1"),
        (("show", "%%%%"), "no statement or theorem '%%%%': see saelaws list"),
        (("prove", "A1", "nope"), "no statement or theorem 'nope'"),
        (("verify", "A1", "--data", "digit"), "no dataset 'digit': did you mean digits?"),
        (("verify", "--on", "moon"), "moon"),
        (("verify", "--seed", "-1"), "--seed"),
        (("verify", "--seed", "x"), "--seed"),
        (("list", "--from", "/no/such/folder"), "/no/such/folder: no such folder or file"),
        (("prove", "--json", "/no/such/folder/out.json"), "there is no folder /no/such/folder"),
        (("verify", "--html", "/"), "/: is a folder"),
        (("verify", "A1", "--on", "sae", "--data", "adversarial"), "which --on sae leaves out"),
        (("verify", "A1", "--on", "sae", "--profile", "dev"), "which --on sae leaves out"),
        (("verify", "A1", "--profile", "harsh"), "harsh"),
        (("verify", "A1", "--jobs", "0"), "--jobs"),
        (("verify", "--evidence", "/"), "/: is a folder"),
        (("verify", "--evidence", "/proc/e.db"), "/proc/e.db: cannot be used as a file of evidence"),
        (("verify", "--junit", "/no/such/folder/out.xml"), "there is no folder"),
        (("report", "/no/such/file"), "/no/such/file: no such file of evidence"),
        (("report", __file__), "cannot be used as a file of evidence (file is not a database)"),
        (("report",), "FILE"),
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


def test_a_place_without_statements_is_bad_usage(tmp_path):
    for place in (tmp_path, tmp_path / "helper.py"):
        result = saelaws("list", "--from", place)
        assert result.exit_code == 2
        assert f"{place}: no `statement = Statement(...)` in it" in result.stderr
        (tmp_path / "helper.py").write_text("one = 1\n")


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


# --- evidence that lasts ---


@pytest.fixture
def wrong(tmp_path):
    """A folder with a false claim: A1 with half of the penalty, which then is right as a control."""
    source = Path(str(discover()[0].path)).read_text(encoding="utf-8")
    swapped = source.replace("paid / 2)", "paid)").replace("claim=Eq(pull, paid)", "claim=Eq(pull, paid / 2)")
    folder = tmp_path / "laws"
    folder.mkdir()
    (folder / "mine.py").write_text(swapped, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def a_short_attack(monkeypatch):
    monkeypatch.setitem(attack.PROFILES, "dev", Profile(7, 0, 0, name="dev"))


@pytest.fixture
def idle(monkeypatch):
    """Stops the engine, so that nothing can be judged."""

    def stop():
        for module, name in ((attack, "try_case"), (attack, "try_point"), (campaign, "_judge")):
            monkeypatch.setattr(module, name, None)

    return stop


def statements_in(file):
    return json.loads(file.read_text(encoding="utf-8"))["statements"]


def test_what_is_kept_is_shown_again_without_judging(tmp_path, idle):
    file, first, second, third = (tmp_path / name for name in ("e.db", "1.json", "2.json", "3.json"))
    command = ("verify", "A1", "X1", "--on", "solver", "--data", "rays", "--profile", "dev", "--evidence", file)
    result = saelaws(*command, "--json", first)
    assert result.exit_code == 0, result.output
    assert f"verdicts added to {file}" in " ".join(result.output.split())
    idle()
    result = saelaws(*command, "--json", second)
    assert result.exit_code == 0, result.output
    (note,) = json.loads(second.read_text(encoding="utf-8"))["summary"]["notes"]
    resumed, total = (int(word) for word in note.split() if word.isdigit())
    assert note == f"resumed: {resumed} of {total} verdicts from {file}"
    assert resumed == total > 12
    outputs = [tmp_path / f"report.{suffix}" for suffix in ("html", "md", "xml")]
    options = [f"--{name}={output}" for name, output in zip(("html", "markdown", "junit"), outputs, strict=True)]
    result = saelaws("report", file, "--json", third, *options)
    assert result.exit_code == 0, result.output
    assert statements_in(first) == statements_in(second)
    assert sorted(map(str, statements_in(first))) == sorted(map(str, statements_in(third)))
    assert {"adversarial", "rays", "counterexample"} == {entry["data"] for entry in statements_in(third)}
    assert all(output.stat().st_size > 500 for output in outputs)


def test_a_counterexample_of_an_attack_can_be_repeated_and_replayed(tmp_path, wrong):
    file, out, junit = tmp_path / "e.db", tmp_path / "out.json", tmp_path / "out.xml"
    command = ("verify", "mine", "--from", wrong, "--data", "adversarial", "--profile", "dev", "--on", "solver")
    result = saelaws(*command, "--evidence", file, "--json", out, "--junit", junit)
    assert result.exit_code == 1
    assert "saelaws report" in result.output
    assert "<failure" in junit.read_text(encoding="utf-8")
    (entry,) = statements_in(out)
    found = entry["counterexample"]
    assert found["violation"] > found["bound"] > 0
    assert found["entry"]
    (trial, *_) = [
        each
        for each in attack.try_case(case_of(found["instance"]), discover([wrong]))
        if each.name == found["instance"]
    ]
    assert trial.judged["mine"].violation == found["violation"]
    repeated = saelaws(*shlex.split(found["repro"])[1:])
    assert repeated.exit_code == 1
    assert "at: Case(" in repeated.output
    arrays = tmp_path / "arrays"
    assert saelaws("report", file, "--from", wrong, "--counterexamples", arrays).exit_code == 1
    again = saelaws("report", file, "--from", wrong, "--counterexamples", arrays)
    assert again.exit_code == 2
    assert "--force replaces it" in again.stderr
    (written,) = arrays.iterdir()
    with np.load(written, allow_pickle=False) as kept:
        assert np.array_equal(kept["D"], trial.point.D)
        assert np.array_equal(kept["x"], trial.point.instance.x)
        assert found["instance"] in str(kept["about"])


def test_a_changed_file_is_judged_alone(tmp_path, wrong):
    file = tmp_path / "e.db"
    command = ("verify", "mine", "C1", "--from", wrong, "--on", "solver", "--data", "rays", "--evidence", file)
    assert saelaws(*command).exit_code == 1
    mine = wrong / "mine.py"
    mine.write_text(mine.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    shown = saelaws("report", file, "--from", wrong)
    assert shown.exit_code == 1
    assert "mine: changed since it was judged" in shown.output
    assert "resumed: 1 of 2 verdicts" in saelaws(*command).output
    assert "changed since" not in saelaws("report", file, "--from", wrong).output
    without = saelaws("report", file)
    assert without.exit_code == 0
    assert "not among these statements: mine" in without.output


def test_evidence_of_other_code_says_so(tmp_path, monkeypatch):
    file = tmp_path / "e.db"
    command = ("verify", "A1", "--on", "solver", "--data", "rays", "--evidence", file)
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "code", lambda: "another")
        assert saelaws(*command).exit_code == 0
    result = saelaws("report", file)
    assert result.exit_code == 0
    assert "judged by other code than this" in result.output
    assert "resumed" not in saelaws(*command).output
    result = saelaws("report", file)
    assert "judged by other code" not in result.output
    assert "not shown: 1 verdicts of other code" in result.output


def test_evidence_that_is_not_complete_is_no_agreement(tmp_path, monkeypatch):
    file = tmp_path / "e.db"
    command = ("verify", "A1", "C1", "--on", "solver", "--data", "rays", "--profile", "dev", "--evidence", file)

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(attack, "attack", interrupted)
        stopped = saelaws(*command)
    assert stopped.exit_code == 130
    assert is_one_line(stopped.stderr)
    assert f"interrupted: 2 more verdicts are in {file}" in stopped.stderr
    shown = saelaws("report", file)
    assert shown.exit_code == 1
    assert "has not finished: its command, repeated, goes on from there" in " ".join(shown.output.split())
    assert "resumed: 2 of" in saelaws(*command).output
    assert saelaws("report", file).exit_code == 0


def test_a_file_without_campaigns_is_nothing_to_report(tmp_path):
    evidence.Store.write(tmp_path / "e.db").close()
    result = saelaws("report", tmp_path / "e.db")
    assert result.exit_code == 2
    assert "no campaign has written to it yet" in result.stderr


@pytest.mark.parametrize("settings", ["{}", "[]", '{"seed": "x", "device": 1, "profile": null}', '{"seed": 0}'])
def test_settings_are_not_trusted(tmp_path, settings):
    file = tmp_path / "e.db"
    with evidence.Store.write(file) as store:
        store.begin({}, {"versions": {}})
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE campaign SET settings = ?", (settings,))
    connection.close()
    result = saelaws("report", file)
    assert result.exit_code == 2
    assert is_one_line(result.stderr)


def test_data_are_all_but_the_adversarial_ones_unless_they_are_asked_for(judged, monkeypatch):
    calls, attacks = judged(), []
    monkeypatch.setattr(attack, "attack", lambda statements, profile, **_: attacks.append(profile) or attack.Ledger([]))
    for options, profiles in (
        ((), []),
        (("--profile", "deep"), ["deep"]),
        (("--data", "rays"), []),
        (("--data", "rays", "--profile", "dev"), ["dev"]),
        (("--data", "adversarial"), ["ci"]),
        (("--data", "adversarial", "--profile", "dev"), ["dev"]),
    ):
        saelaws("verify", "A1", *options)
        assert [profile.name for profile in attacks] == profiles, options
        attacks.clear()
    assert [len(call["datasets"]) for call in calls] == [len(STANDARD), len(STANDARD), 1, 1, 0, 0]


# --- as a process ---


def test_process_that_is_interrupted_keeps_what_was_judged(tmp_path):
    file = tmp_path / "e.db"
    command = ("verify", "A1", "--on", "solver", "--data", "adversarial", "--profile", "ci", "--evidence", file)
    running = started(*command)
    while running.poll() is None:
        time.sleep(0.1)
        if file.exists() and file.stat().st_size:
            with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10) as connection:
                tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() != (0,)
                judged = tables and connection.execute("SELECT COUNT(*) FROM place").fetchone()[0]
            connection.close()
            if judged:
                break
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert is_one_line(stderr)
    assert "the same command goes on from there" in stderr


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


def test_interrupt_that_falls_into_a_callback_is_not_lost(tmp_path):
    """Numba compiles with such callbacks: what is raised in them goes nowhere."""
    (tmp_path / "x1_callback.py").write_text(
        "import ctypes, signal, time\n"
        "ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()\n"
        "time.sleep(60)\n"
    )
    running = started("list", "--from", tmp_path)
    _, stderr = running.communicate(timeout=50)
    assert running.returncode == 130
    assert stderr == "saelaws: interrupted\n"


PRESSED_WHERE_COMPILED_CODE_ASKS_FOR_A_TYPE = """
import signal, time
import numpy as np
from numba import njit
from numba.core import serialize
from checks.cli import main
from checks.cli.app import app

signal.signal(signal.SIGINT, signal.default_int_handler)

class Pressed(dict):
    def __getitem__(self, key):
        serialize._unpickled_memo = dict(self)
        signal.raise_signal(signal.SIGINT)
        return super().__getitem__(key)

@njit
def two(a):
    return a + 1, a + 2

@app.command()
def press():
    two(np.ones(3))
    serialize._unpickled_memo = Pressed(serialize._unpickled_memo)
    two(np.ones(3))
    assert type(serialize._unpickled_memo) is dict, "not asked for"
    time.sleep(60)

main()
"""


def test_interrupt_that_falls_where_compiled_code_asks_for_a_type_is_an_interrupt():
    """Numba does not look whether that call failed, and a SystemError comes out."""
    command = [sys.executable, "-c", PRESSED_WHERE_COMPILED_CODE_ASKS_FOR_A_TYPE, "press"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 130, done.stderr
    assert done.stderr == "saelaws: interrupted\n"


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


def test_prove_finds_what_is_hidden(tmp_path):
    done = saelaws("prove", "B1", "--find", "--markdown", str(tmp_path / "found.md"))
    assert done.exit_code == 0, done.output
    assert "proof=-bias[a]," in done.stdout
    written = (tmp_path / "found.md").read_text(encoding="utf-8")
    assert f"saelaws prove B1 --find --markdown {tmp_path / 'found.md'}" in written
    assert "proof=-bias[a]," in written


def test_prove_says_what_was_tried_in_vain(folder):
    content = CONJECTURE.replace("Eq(E(r[a]), 0)", "Eq(E(r[a]), E(x[a]))").replace("import a, r", "import a, r, x")
    place = folder(content=content)
    done = saelaws("prove", "Y1", "--find", "--from", place)
    assert done.exit_code == 1
    assert "nothing found up to degree" in done.stdout
    assert f"saelaws falsify Y1 --from {place}" in done.stdout


@pytest.mark.parametrize(
    "options",
    [["--find", "--json", "out.json"], ["--find", "--independent"], ["--find", "--rocq"], ["--markdown", "o.md"]],
)
def test_prove_refuses_options_that_do_not_go_together(options):
    done = saelaws("prove", "B1", *options)
    assert done.exit_code == 2
    assert is_one_line(done.stderr)


def test_discover_prints_and_writes_what_it_finds(tmp_path, monkeypatch):
    from checks.campaigns import discover as campaign
    from theory.problem import a

    whole = campaign.discover
    monkeypatch.setattr(campaign, "discover", lambda **named: whole([campaign.Shape((a,), 1)], **named))
    done = saelaws("discover", "--markdown", tmp_path / "laws.md")
    assert done.exit_code == 0, done.output
    assert "| `E[r_a] = 0` | a, grade 1 | B1 | proved |" in done.stdout
    assert "saelaws discover --points 24 --seed 0" in (tmp_path / "laws.md").read_text(encoding="utf-8")


# --- theorems --------------------------------------------------------------------------------------------------------


def test_show_prints_a_theorem_with_its_proof():
    shown = saelaws("show", "T1")
    assert shown.exit_code == 0
    for part in ("T1 · theorem · Splitting stops exactly", "a ⇒ b", "c ⇒ a", "by pigeonhole", "W10, w = u_a"):
        assert part.removeprefix("by ") in shown.stdout
    assert "where the bias is free, that it is stationary" in " ".join(shown.stdout.split())


def test_show_says_what_a_theorem_is_for_every_value_of_and_what_there_is():
    shown = " ".join(saelaws("show", "T7").stdout.split())
    assert "for every C for which D(1 + C) keeps the norms of atoms" in shown
    assert "for some ω" in shown


def test_a_theorem_of_a_file_is_proved_or_refused_by_name(tmp_path):
    mine = tmp_path / "mine.py"
    document = '"""Activation is near its rays.\n\nBoundary: none.\n\nReference: T2.\n"""\n'
    mine.write_text(document + "from theory.theorems.t2_clustering import theorem\n", encoding="utf-8")
    assert saelaws("prove", "mine", "--from", mine).exit_code == 0
    mine.write_text(mine.read_text(encoding="utf-8").replace("near", "exactly at"), encoding="utf-8")
    refused = saelaws("prove", "mine", "--from", mine)
    assert refused.exit_code == 1
    assert "the title says 'exactly at'" in " ".join(refused.stdout.split())
    wrong = Path(__file__).parent / "theory/unsound/theorems/farkas_by_one_turn.py"
    refused = saelaws("prove", "farkas_by_one_turn", "--from", wrong)
    assert refused.exit_code == 1
    assert "C is to be arbitrary, and is restricted by still" in " ".join(refused.stdout.split())


def test_list_names_theorems():
    listed = saelaws("list")
    assert "Absorption is the optimum" in listed.stdout


def test_prove_checks_theorems_beside_statements(tmp_path):
    proved = saelaws("prove", "t2", "w7", "--json", tmp_path / "proofs.json")
    assert proved.exit_code == 0
    assert "1 of 1 statements verified" in proved.stdout
    assert "1 of 1 theorems verified" in proved.stdout
    made = json.loads((tmp_path / "proofs.json").read_text(encoding="utf-8"))
    (entry,) = made["theorems"]
    assert (entry["id"], entry["verified"], entry["lemmas"], entry["reason"]) == ("T2", True, ["W7"], None)
    assert (made["summary"]["theorems"], made["summary"]["verified"]) == (1, 1)


def test_show_prints_a_calculation_and_bounds_of_certificates():
    assert "(equal gaps are best)" in saelaws("show", "T10").stdout
    assert "(A1)" in saelaws("show", "T8").stdout


def test_a_theorem_with_a_gap_fails_and_the_gap_is_named(monkeypatch, tmp_path):
    from dataclasses import replace

    from theory import theorem as module

    (broken,) = [replace(each, common=()) for each in module.discover_theorems() if each.id == "T2"]
    monkeypatch.setattr("checks.claims.load.discover_theorems", lambda places: [broken])
    proved = saelaws("prove", "T2", "--json", tmp_path / "proofs.json")
    assert proved.exit_code == 1
    made = json.loads((tmp_path / "proofs.json").read_text(encoding="utf-8"))
    assert not made["theorems"][0]["verified"]
    assert not made["summary"]["agrees"]
    assert "T2: hypotheses ⇒ atoms: atoms: it rests on (gap), which is not known" in " ".join(proved.stdout.split())


def test_theorems_are_about_l1():
    refused = saelaws("show", "T1", "--objective", "elastic-net")
    assert refused.exit_code == 2


@pytest.mark.parametrize("option", ["--json", "--markdown"])
def test_output_is_replaced_only_by_force(tmp_path, option):
    file = tmp_path / "out"
    command = ("prove", "B1", option, file, *(["--find"] if option == "--markdown" else []))
    file.touch()  # what is empty is no output, such as a CI's summary
    assert saelaws(*command).exit_code == 0
    before = file.read_bytes()
    assert before
    again = saelaws(*command)
    assert again.exit_code == 2
    assert "exists already: --force replaces it" in " ".join(again.stderr.split())
    assert file.read_bytes() == before
    file.write_text("something else", encoding="utf-8")
    assert saelaws(*command, "--force").exit_code == 0
    assert "something else" not in file.read_text(encoding="utf-8")


def test_files_of_rocq_are_replaced_only_by_force(tmp_path):
    command = ("prove", "B1", "--rocq-files", tmp_path / "rocq")
    assert saelaws(*command).exit_code == 0
    mine = tmp_path / "rocq" / "B1.v"
    mine.write_text("mine", encoding="utf-8")
    again = saelaws(*command)
    assert again.exit_code == 2
    assert "--force replaces it" in " ".join(again.stderr.split())
    assert mine.read_text(encoding="utf-8") == "mine"
    assert saelaws(*command, "--force").exit_code == 0
    assert mine.read_text(encoding="utf-8") != "mine"


def test_help_is_as_wide_as_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    said = saelaws("study", "--help").stdout
    assert any("was not caught or the theory contradicted" in line for line in " ".join(said.split()).splitlines())
    assert "was not caught or the\n theory" not in said
