"""What the page *Positions* prints."""

from snippets.positions import LearnedPositions


def too_long() -> str:
    """Return the error for a position that the learnt table does not have."""
    try:
        LearnedPositions(longest=7, features=64)(8)
    except ValueError as error:
        return f"ValueError: {error}"
    raise AssertionError("eight of seven positions raised nothing")
