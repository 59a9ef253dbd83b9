"""What *Dot-Product Attention* says of its trained examples."""

from snippets.claims.claim import claim
from snippets.results.lookup_models import trained
from snippets.results.measured import measured

PAGE = "Dot-Product Attention", "types-of-attention/dot-product.html"


@claim(least=0.8)
def rotation_undone(seed: int) -> float:
    """Its matrix has learnt to undo the rotation."""
    return trained("general", seed)["found"]


@claim(least=0.2)
def missing_bias(seed: int) -> float:
    """The missing bias is the reason here: without it, a pair of vectors and
    the same pair with both signs flipped always get opposite scores.
    """
    return (
        trained("additive", seed)["found"] - trained("concat", seed)["found"]
    )


@claim(least=0.9)
def concat_translates(seed: int) -> float:
    """Encoder outputs of a real network are probably not spread evenly around
    zero as these are: in the [translator](comparison.md#on-a-real-task),
    concat does well.
    """
    return measured("concat", seed)["exact"]
