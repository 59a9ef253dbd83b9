"""All claims: importing this registers each of them."""

from snippets.claims import (
    additive,
    cross_attention,
    dot_product,
    grouped_query_attention,
    interventions,
    introduction,
    kv_cache,
    linear_attention,
    long_inputs,
    multi_head_attention,
    preparing_data,
    self_attention,
    transformer_block,
    types_of_attention,
    using_it,
    why,
)

# In the order of the pages' path.
MODULES = (
    introduction,
    why,
    types_of_attention,
    additive,
    dot_product,
    self_attention,
    preparing_data,
    using_it,
    multi_head_attention,
    cross_attention,
    transformer_block,
    kv_cache,
    grouped_query_attention,
    long_inputs,
    linear_attention,
    interventions,
)
