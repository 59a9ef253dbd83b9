"""What *Why Do We Need Attention?* prints."""

from snippets.results import why
from tests.results.made import printed, table


def test_the_fixed_vector_stays_and_the_outputs_grow():
    names = (
        "source words",
        "numbers in the fixed vector",
        "numbers in all encoder outputs",
    )
    rows = [(5, 64, 320), (10, 64, 640), (20, 64, 1280), (40, 64, 2560)]
    printed(why.memory(), table(names, rows))
