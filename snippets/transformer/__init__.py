"""A small Transformer on the translator's task."""
