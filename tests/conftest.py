"""How hard the tests attack. The environment variable SAELAWS_PROFILE chooses a Hypothesis profile:

dev   a few examples, the same ones each time: seconds, while something is being written. Says nothing of coverage.
ci    the default: a fixed set of examples, so that a failure is due to a change; prints how to repeat it.
deep  many random examples, the failures among them kept in a database and tried first the next time.

Numerical libraries use one thread: the arrays are small, and results then do not depend on the machine.
"""

import gc
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from jaxtyping import install_import_hook

import tests.shapes

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    # Before torch is imported, which reads them then; tests that need no torch need not wait for it.
    os.environ.setdefault(variable, "1")

# A first call may compile, and an exact solve is no microsecond: times say nothing here. Explaining a failure traces
# every line of every example, which takes far longer than running it.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "phases": PHASES}

settings.register_profile("dev", max_examples=10, derandomize=True, database=None, **PATIENT)
settings.register_profile("ci", max_examples=100, derandomize=True, database=None, print_blob=True, **PATIENT)
settings.register_profile("deep", max_examples=3000, derandomize=False, print_blob=True, **PATIENT)
settings.load_profile(os.environ.get("SAELAWS_PROFILE", "ci"))

# Shapes and types that annotations promise are checked at every call of what these modules define. A Point checks its
# own.
SHAPED = (
    "problem.instance",
    "data.synthetic",
    "data.transformer",
    "data.units",
    "solvers.codes.enumerate",
    "solvers.codes.gap",
    "solvers.cones",
    "solvers.convex",
    "solvers.other_objectives",
    "solvers.plane",
    "solvers.wide",
    "solvers.width_law",
    "saes.sae",
)
install_import_hook([f"checks.{name}" for name in SHAPED], f"{tests.shapes.__name__}.checked")

pytest_plugins = ["checks.pytest_plugin"]  # for a tree that is not installed
# An outside package with tests of its own, which tests/test_outside.py runs.
collect_ignore = ["outside"]


def pytest_runtest_setup(item):
    """Tests of a GPU are skipped where there is none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("no CUDA device")


def pytest_collection_finish():
    """What is there before the first test stays: the garbage collector need not look at it again and again."""
    gc.freeze()


@pytest.fixture(scope="session")
def optimum():
    """A certified optimum with bias, sample weights and a λ of its own for each sample."""
    from checks.data.synthetic.planted import planted
    from checks.problem.instance import instance
    from checks.solvers.optimum import exact_optimum

    data = planted(120, 4, 6, seed=3, noise=0.05, offset=1.0)
    rng = np.random.default_rng(3)
    problem = instance(
        data.x, 6, rng.choice([0.05, 0.1, 0.2], 120), weights=rng.uniform(0.5, 1.5, 120), bias=True, name="planted"
    )
    return exact_optimum(problem, seed=0)
