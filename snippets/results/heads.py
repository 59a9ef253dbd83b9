"""What the trained Transformer's heads attend to, and what each is for."""

from itertools import chain

from snippets.claims import record
from snippets.results.measured_heads import UNSEEN, measured


def cross() -> list[dict[str, str]]:
    """Return where the heads of both cross-attentions look.

    Below each one is the range over all heads of the other random starts.
    """
    rows = []
    for name, hits in measured()["hits"].items():
        heads = zip(*hits.values(), strict=True)
        rows += [
            {"head": f"{name}, head {number}"}
            | {
                title: f"{share:.0%}"
                for title, share in zip(hits, head, strict=True)
            }
            for number, head in enumerate(heads, 1)
        ]
        rows.append(
            {"head": f"{name}, other starts"}
            | {
                title: among("hits", f"{name}, {title}, head")
                for title in hits
            }
        )
    return rows


def among(name: str, key: str) -> str:
    """Write the range of a share over all heads of the other starts."""
    spans = [
        record.span(f"multi_head_attention.{name}", f"{key} {number}")
        for number in (1, 2, 3, 4)
    ]
    return record.spread(chain(*spans), ".0%")


def ablation() -> list[dict[str, str]]:
    """Return exact match on unseen numbers without one head, or all four.

    Beside it are the ranges over the other random starts: without the head
    that is missed most, and without all.
    """
    found = measured()
    name = "multi_head_attention.without"
    return [
        {"attention": attention}
        | {
            str(head): f"{share:.0%}"
            for head, share in enumerate(found["without"][attention], 1)
        }
        | {
            "all": f"{share:.0%}",
            "worst one, others": record.written(
                name, f"{attention}, one", ".0%"
            ),
            "all, others": record.written(name, f"{attention}, all", ".0%"),
        }
        for attention, share in found["without all"].items()
    ]


def facts() -> dict[str, str | int]:
    """Return how many numbers are looked at, how many right, and weights."""
    found = measured()
    heads = {
        f"{name}, head {number}": share
        for name, shares in found["without"].items()
        for number, share in enumerate(shares, 1)
    }
    worst = min(heads, key=heads.__getitem__)
    name = "multi_head_attention.without"
    return {
        "unseen": UNSEEN,
        "exact": f"{found['exact']:.1%}",
        "exact_others": record.written(name, "none"),
        "worst": worst,
        "worst_exact": f"{heads[worst]:.0%}",
        "worst_others": record.written(name, "worst", ".0%"),
        "first_cross": sum(
            row["cross 1, all"] < row["cross 2, all"]
            for row in record.record()["ranges"][name]
        ),
        "encoder": f"{found['largest']['encoder 1']:.2f}",
        "cross": f"{found['largest']['cross 2']:.2f}",
    }
