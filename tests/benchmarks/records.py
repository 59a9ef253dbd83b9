"""How two records of a benchmark are compared."""


def keys(value):
    """Return the keys of a record at every depth; lists by their first."""
    if isinstance(value, dict):
        return {name: keys(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [keys(inner) for inner in value[:1]]
    return None
