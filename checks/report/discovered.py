"""Laws found by machine, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.campaigns.discover import Law
from checks.claims.written import as_source
from checks.report.markdown import plain, row
from theory.printing import text


def markdown(laws: Sequence[Law], command: str) -> str:
    """The laws that do not follow from others, with their proofs, and those that do."""
    return "\n".join(_lines(laws, command)) + "\n"


def headline(laws: Sequence[Law]) -> str:
    """How many laws were found, and how many of them are new."""
    independent = [law for law in laws if not law.follows]
    proved = [law for law in independent if law.proof is not None]
    new = sum(not law.known for law in proved)
    return (
        f"{len(laws)} relations, {len(independent)} of them independent: "
        f"{len(proved)} proved, {new} of these follow from no single statement"
    )


def _lines(laws: Sequence[Law], command: str) -> Iterator[str]:
    yield "# Laws found by machine"
    yield ""
    yield "Relations between moments that hold at random minima of the L1 problem, what says most first. Nothing was"
    yield "said to the search about the laws that are known. Made by"
    yield ""
    yield f"    {command}"
    yield ""
    yield f"{headline(laws)}."
    yield ""
    yield row("law", "shape", "known as", "status")
    yield row("---", "---", "---", "---")
    independent = [law for law in laws if not law.follows]
    for law in independent:
        yield row(f"`{text(law.claim)}`", str(law.shape), law.known or "new", _status(law))
    yield ""
    yield "## Consequences of those above"
    yield ""
    for law in laws:
        if law.follows:
            yield f"- `{text(law.claim)}`" + (f" (as in {plain(law.known)})" if law.known else "")
    yield ""
    yield "## Proofs of those that are new"
    for law in independent:
        if law.proof is not None and not law.known:
            yield from ("", f"`{text(law.claim)}`", "", "```", as_source([law.proof]), "```")


def _status(law: Law) -> str:
    if law.proof is not None:
        return "proved"
    return "falsified" if law.falsified else "neither proved nor falsified"
