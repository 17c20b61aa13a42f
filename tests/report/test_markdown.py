"""A summary that a CI server can show."""

import re

from checks.report import markdown
from checks.report.document import command
from checks.report.provenance import provenance


def made(evidence):
    return markdown.verification(evidence, provenance(seed=7, device="cpu"), command)


def rows(text):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def test_a_row_for_each_statement_and_a_column_for_each_place(agreeing):
    text = made(agreeing)
    assert text.startswith("## ✔ The evidence agrees with all 6 statements\n")
    table = rows(text)
    columns = sum(len(agreeing.data_of(subject)) for subject in agreeing.subjects)
    assert {len(row) for row in table} == {columns + 2}
    assert [row[0].strip() for row in table[2:]] == [statement.id for statement in agreeing.statements]
    assert all(cell.strip() in "✔✘" for row in table[2:] for cell in row[2:])


def test_trouble_comes_with_its_repeat(disagreeing):
    text = made(disagreeing)
    assert text.startswith("## ✘ ")
    assert text.count("\n- ✘ ") == len(disagreeing.complaints)
    assert "\n    saelaws verify A1 --on solver --data planted --seed 7\n" in text


def test_nothing_is_taken_for_markup(statements, make, evidence_of):
    text = made(evidence_of([make(statements["A1"], data="a|b_<i>c*")]))
    assert "a\\|b\\_&lt;i>c\\*" in text
    assert {len(row) for row in rows(text)} == {3}
