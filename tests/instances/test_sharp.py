"""Sharp points are what they say: their names paste back, and each keeps its promises and no more."""

import pytest

from checks.instances import sharp
from checks.instances.sharp import (
    Antipodes,
    Anything,
    FreeNorm,
    OneForTwoRays,
    OneRay,
    OnOrOff,
    SharedLimit,
    Twins,
    TwoForOneRay,
)
from checks.judging.certify import certify
from checks.judging.subjects import JOINTLY_OPTIMAL, OPTIMAL_CODES

PROMISES = {
    Antipodes(1.9, 0.5, d=3): JOINTLY_OPTIMAL,
    OneRay((1.9, 0.1), (0.2, 1.0), d=2): JOINTLY_OPTIMAL - {"bias"},
    OneRay((1.9,), (0.2,), atom=1.3): OPTIMAL_CODES - {"unit"},
    OneForTwoRays(0.7, 1.9, 0.5): JOINTLY_OPTIMAL - {"bias"},
    TwoForOneRay(0.7, 0.5, 0.9): OPTIMAL_CODES,
    OnOrOff(0.7): JOINTLY_OPTIMAL - {"bias"},
    Twins(0.7): JOINTLY_OPTIMAL,
    SharedLimit(0.7): JOINTLY_OPTIMAL - {"bias"},
    FreeNorm(1.9, 0.5, 0.7): JOINTLY_OPTIMAL - {"bias", "unit"},
    Anything(5, 2, 3, seed=0, unit=True): frozenset({"unit"}),
    Anything(5, 2, 3, seed=0): frozenset(),
}


@pytest.mark.parametrize("spec", PROMISES, ids=repr)
def test_promises(spec):
    certificate = certify(spec.point())
    assert certificate.shortfall(PROMISES[spec]) == ""
    if PROMISES[spec] != JOINTLY_OPTIMAL:
        assert certificate.shortfall(JOINTLY_OPTIMAL) != ""


@pytest.mark.parametrize("spec", PROMISES, ids=repr)
def test_the_name_of_an_instance_pastes_back(spec):
    assert eval(spec.build().name, vars(sharp)) == spec
