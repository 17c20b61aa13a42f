"""Three ways to learn a dictionary, each judged by the laws that follow from what it promises."""

from tiny_dictionaries import alternating, dictionary, sae

from checks.laws import parametrize_with_laws

NO_BIAS = "the encoder has no bias that could be stationary"


@parametrize_with_laws(alternating, promises="joint optimum")
def test_alternating(law):
    law.check()


@parametrize_with_laws(dictionary, promises="nearly a joint optimum")
def test_dictionary(law):
    law.check()


@parametrize_with_laws(
    sae,
    promises="stationary parameters",
    bias=True,
    expected_failures={"B1": NO_BIAS, "D1": NO_BIAS, "E1": NO_BIAS, "E4": NO_BIAS, "D3": NO_BIAS},
)
def test_sae(law):
    law.check()
