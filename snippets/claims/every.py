"""All claims: importing this registers each of them."""

from snippets.claims import (
    additive,
    cross_attention,
    dot_product,
    introduction,
    preparing_data,
    self_attention,
    types_of_attention,
    using_it,
    why,
)

# In the order of the path.
MODULES = (
    introduction,
    why,
    types_of_attention,
    additive,
    dot_product,
    self_attention,
    preparing_data,
    using_it,
    cross_attention,
)
