"""Laws come in with training: the price of an atom is right before its direction is.

Each statement that a trained SAE must keep is judged after runs of growing length, by its violation in units of the
nearest control: 0 holds exactly, 1 is no better. A5 asks for the scale of each latent alone, one number of d that A1
asks for; so it must come first. Laws of optimal codes never come: an encoder amortises.

Reference: THEORY A1, A3, A5, B1, E1, E2, C1.
"""

from collections.abc import Iterator, Sequence

from checks.data.synthetic.planted import planted
from checks.judging.approximate import judge
from checks.problem.instance import instance
from checks.saes.train import train
from checks.studies.common.column import column
from checks.studies.common.figures import mean, slope, where
from checks.studies.common.real import real, there
from checks.studies.common.study import Panel, Prediction, Row, Rows, Study
from theory.statement import discover

LAWS = ("A1", "A3", "A5", "B1", "E1", "E2")
CODES = ("C1",)


def measure(
    seed: int,
    device: str,
    *,
    n: int = 800,
    sources: Sequence[str] = ("planted", "digits", "patches"),
    k: int = 48,
    lam: float = 1.0,
    lengths: Sequence[int] = (100, 300, 1000, 2000),
) -> Iterator[Row]:
    statements = [each for each in discover() if each.id in LAWS + CODES]
    for name in there(sources):
        x = planted(n, 16, 32, seed=seed, noise=0.05).x * 3 if name == "planted" else real(name, n, seed)
        problem = instance(x, k, lam, bias=True, name=name)
        for steps in lengths:
            (sae,) = train(x, k, lam, seeds=[seed], steps=steps, device=device)
            points = column(problem, sae, steps=5)
            judged = judge(statements, [points.trained])
            yield {
                "data": name,
                "steps": steps,
                **{identifier: judged[identifier].violation for identifier in LAWS + CODES},
                "gap": points.amortisation,
                "optimisation": points.optimisation,
                **points.row,
            }


def longest(rows: Rows) -> list[Row]:
    return where(rows, steps=max(int(row["steps"]) for row in rows))


def steepest(rows: Rows, law: str) -> float:
    """The exponent of a violation as a power of the steps, over all data."""
    return slope(rows, "steps", law)


study = Study(
    theorem="A1, A5, C1",
    predictions=[
        Prediction(
            "At every length A5 is violated less than A1, on average over data.",
            lambda rows: max(
                mean(where(rows, steps=s), "A5") - mean(where(rows, steps=s), "A1")
                for s in {int(row["steps"]) for row in rows}
            ),
            below=0.0,
        ),
        Prediction(
            "The laws of parameters are all below a tenth in the end.",
            lambda rows: max(mean(longest(rows), law) for law in LAWS),
            below=0.1,
        ),
        Prediction("A1 is violated less and less.", lambda rows: steepest(rows, "A1"), below=-0.25),
    ],
    falsified_if="A1 comes in before A5, or a law of parameters is still as far as a tenth of its nearest control",
    control="C1, a law of optimal codes, which no length of training brings in",
    controls=[
        Prediction("C1 is below a tenth in the end.", lambda rows: mean(longest(rows), "C1"), below=0.1),
    ],
    sample="800 samples each of planted data, digits and patches, k = 48, λ = 1, full batches, 100 to 2000 steps",
    measure=measure,
    keys=("data", "steps"),
    shown=(*LAWS, *CODES, "gap", "optimisation", "F trained", "F codes", "F polished", "bound"),
    panels=[
        Panel("steps", (*LAWS, *CODES), log="xy", where={"data": name}, title=f"violation, {name}")
        for name in ("planted", "digits", "patches")
    ],
    dev={"n": 300, "sources": ("planted",), "k": 16, "lengths": (50, 200, 800)},
    deep={"n": 20_000, "k": 256, "lengths": (100, 1000, 10_000, 100_000), "sources": ("digits", "patches", "tokens")},
    seconds=25,
)
