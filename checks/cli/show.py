"""`saelaws show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from checks.errors import BadInput

if TYPE_CHECKING:
    from checks.campaigns.ablation import Ablation
    from theory.problem import Objective
    from theory.statement import Statement
from checks.cli.app import app
from checks.cli.chosen import chosen_results
from checks.cli.options import From
from checks.cli.progress import progress_bar


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A statement, such as A1, or a theorem, such as T1.")],
    search: Annotated[
        bool, typer.Option("--search/--no-search", help="Search for a counterexample without each assumption.")
    ] = True,
    penalty: Annotated[
        str | None,
        typer.Option("--objective", metavar="NAME", help="Write the law for this objective, such as elastic-net."),
    ] = None,
    folders: From = None,
) -> None:
    """Show a statement: its claim, its proof and what that needs, where it should hold, its controls. Or a theorem."""
    from checks.report import terminal
    from checks.report.catalogue import printed

    statements, theorems = chosen_results([identifier], folders)
    if theorems:
        if penalty is not None:
            raise BadInput(f"--objective {penalty}: theorems are about L1")
        printed(terminal.theorem_page(theorems[0]))
        return
    (statement,) = statements
    objective = _objective(statement, penalty)
    needs: list[Ablation] = []
    if search:
        from checks.campaigns.ablation import FEW_DRAWS, ablate

        with progress_bar() as report:
            needs = ablate(statement, draws=FEW_DRAWS, progress=report)
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
