"""All claims: importing this registers each of them."""

from snippets.claims import (
    why,
)

MODULES = (why,)
