"""Small tasks that show what an attention can do, and their training."""
