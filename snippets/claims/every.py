"""All claims: importing this registers each of them."""

from snippets.claims import (
    grouped_query_attention,
    kv_cache,
    linear_attention,
    long_inputs,
    multi_head_attention,
    transformer_block,
    why,
)

# In the order of the pages' path.
MODULES = (
    why,
    multi_head_attention,
    transformer_block,
    kv_cache,
    grouped_query_attention,
    long_inputs,
    linear_attention,
)
