"""Stand-alone SVG made fit to stand in a page, in both colour schemes."""

import re


def adapt(svg: str, name: str, colours: dict[str, str]) -> str:
    """Make a stand-alone SVG fit to stand in a page beside others.

    Colours become the page's own (CSS), ids become unique on the page, and
    what a browser does not need is left out.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>',
        r'<svg viewBox="\1">',
        svg,
        count=1,
    )
    prefix = re.sub(r"\W+", "-", name.partition("figures.")[2] or name)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = svg.replace("xlink:href", "href")
    for drawn, css in colours.items():
        svg = re.sub(re.escape(drawn), css, svg, flags=re.I)
    svg = re.sub(r'(?<= d=")[^"]*', lambda m: _shorten(m.group()), svg)
    return re.sub(r">\s+<", "><", svg).strip()


def _shorten(path: str) -> str:
    """Round a path's coordinates: a hundredth of a point cannot be seen."""
    path = re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m.group()):.2f}", path)
    return " ".join(path.split())
