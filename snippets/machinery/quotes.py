"""Quoted sections: what `--8<-- "path:section"` stands for."""

import re

from markdown import Markdown

from snippets.machinery.settings import ROOT

QUOTE = re.compile(r'^[ \t]*-{1,}8<-{1,}[ \t]+"(?P<spec>[^"\n]*)"', re.M)
SETTINGS = {
    "base_path": [str(ROOT)],
    "check_paths": True,
    "dedent_subsections": True,
    "restrict_base_path": True,
}


def missing(spec: str) -> str | None:
    """Say what is wrong with a quote's `path:section`, None if nothing is."""
    path, _, section = spec.partition(":")
    file = ROOT / path
    if not file.is_file():
        return f"the quoted file {path!r} does not exist"
    if not section:
        return f"the quote of {path!r} names no section"
    for end in ("start", "end"):
        if f"--8<-- [{end}:{section}]" not in file.read_text("utf-8"):
            return f"{path!r} has no [{end}:{section}]"
    return None


def expand(text: str) -> str:
    """Return `text` with each quote replaced, as the site's build does it."""
    md = Markdown(
        extensions=["pymdownx.snippets"],
        extension_configs={"pymdownx.snippets": SETTINGS},
    )
    return "\n".join(md.preprocessors["snippet"].run(text.split("\n")))
