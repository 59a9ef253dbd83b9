"""What the pages claim of models, beside many other random starts."""

import re

from snippets.claims import every, record
from snippets.claims.claim import CLAIMS, Claim
from snippets.machinery.kept import kept
from snippets.results.benchmark import made_on

DIGITS = ".3g"
# A link of a sentence leads on from its own page.
LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
# The pages in the order of their path, by the module of their claims.
PAGES = {
    module.__name__.rpartition(".")[2]: module.PAGE for module in every.MODULES
}


def draws(claim: Claim) -> list[float]:
    """Return a claim's values from the starts of this build."""
    return [kept(claim.measure, seed=start) for start in claim.builds]


def spread(claim: Claim) -> float:
    """Return how far the recorded values lie apart."""
    values = record.values(claim.name)
    return max(values) - min(values)


def margin(claim: Claim) -> float:
    """Return how far the worst recorded value is from the bound."""
    return min(map(claim.margin, record.values(claim.name)))


def unusual(claim: Claim, value: float) -> bool:
    """Return whether a value lies outside the record by more than its spread.

    Values that never varied say little: half the way to the bound is usual.
    """
    values = record.values(claim.name)
    slack = max(spread(claim), margin(claim) / 2)
    return not min(values) - slack <= value <= max(values) + slack


def wrong(claim: Claim) -> list[float]:
    """Return the values of this build that do not hold or are unusual."""
    return [
        value
        for value in draws(claim)
        if not claim.holds(value) or unusual(claim, value)
    ]


def bound(claim: Claim) -> str:
    """Write the bound of a claim."""
    if claim.most is None:
        return f"≥ {claim.least:g}"
    if claim.least is None:
        return f"≤ {claim.most:g}"
    return f"{claim.least:g} to {claim.most:g}"


def here(claim: Claim) -> str:
    """Write the values of this build, and say so if one is unusual."""
    values = draws(claim)
    if not values:
        return "–"
    span = record.spread(values, DIGITS)
    return span + (", **outside the record**" if wrong(claim) else "")


def every_claim() -> list[dict[str, str]]:
    """Return one row a claim, page by page, below a row with the page."""
    rows = []
    for topic, (title, address) in PAGES.items():
        below = [
            (
                LINK.sub(r"\1", claim.sentence),
                bound(claim),
                here(claim),
                record.spread(record.values(claim.name), DIGITS),
            )
            for claim in CLAIMS.values()
            if claim.name.startswith(f"{topic}.")
        ]
        if below:
            rows += [(f"[{title}]({address})", "", "", ""), *below]
    names = "claim", "bound", "this build", "other starts"
    return [dict(zip(names, row, strict=True)) for row in rows]


def facts() -> dict[str, int | str]:
    """Return how many claims there are, and what the record was made on."""
    counts = {"claims": len(CLAIMS), "starts": record.starts()}
    return counts | made_on(record.record())
