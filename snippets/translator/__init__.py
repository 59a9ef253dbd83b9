"""A translator of written-out numbers: its words, its models, its training."""
