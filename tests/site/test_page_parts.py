"""What the build adds to pages: terms, roles, minutes, files, an index."""

from xml.etree.ElementTree import fromstring, tostring

import pytest

from snippets.machinery import formulas, glossary
from snippets.machinery.reader import Reader, minutes, search_index

# Terms.

GLOSSARY = """\
# Glossary

Score { #score }
:   One `number` for a
    [pair](notation.md). Papers call it energy.

Attention { #attention }
:   A weighted look.

Attention score { #attention-score }
:   A score of attention.

Query { #query data-forms="query, queries" }
:   It asks.
"""


@pytest.fixture
def docs(tmp_path, monkeypatch):
    monkeypatch.setattr(glossary, "DOCS", tmp_path)
    glossary._terms.cache_clear()
    yield tmp_path
    glossary._terms.cache_clear()


@pytest.fixture
def terms(docs):
    (docs / "glossary.md").write_text(GLOSSARY)


def linked(page: str, path: str = "a/b.md") -> str:
    root = fromstring(f"<div>{page}</div>")
    glossary.link_terms(root, path)
    shown = tostring(root, "unicode").removeprefix("<div>")
    return shown.removesuffix("</div>").removesuffix("<div />")


def link(text: str, anchor: str, definition: str) -> str:
    return (
        f'<a class="term" href="../glossary.md#{anchor}" '
        f'data-definition="{definition}">{text}</a>'
    )


def test_first_use_of_a_term_is_linked(terms):
    score = link("Scores", "score", "One number for a pair.")
    query = link("queries", "query", "It asks.")
    assert linked("<p>Scores of queries, a score.</p><p>Query</p>") == (
        f"<p>{score} of {query}, a score.</p><p>Query</p>"
    )


def test_a_capital_before_a_term_may_be_a_word(terms):
    assert 'class="term"' in linked("<p>A score.</p>")


def test_longest_term_wins(terms):
    found = link(
        "attention\nscore", "attention-score", "A score of attention."
    )
    assert linked("<p>an attention\nscore</p>") == f"<p>an {found}</p>"


@pytest.mark.parametrize(
    "page",
    [
        "<h2>Score</h2>",
        '<p class="aims">Score</p>',
        "<p><a>Score</a> <code>score</code></p>",
        '<p><span class="arithmatex">score</span></p>',
        "<p>underscore, score-like, scored, BLEU score</p>",
        "<table><td>Score</td></table>",
        "<h2>Sources</h2><p>score</p>",
    ],
)
def test_these_are_no_terms(terms, page):
    assert "term" not in linked(page)


def test_text_around_a_term_stays_in_order(terms):
    page = "<p>a <em>score</em> b <strong>query</strong> score c</p>"
    shown = linked(page)
    root = fromstring(shown)
    assert "".join(root.itertext()) == "a score b query score c"
    assert [a.text for a in root.iter("a")] == ["score", "query"]


def test_formula_in_a_definition_is_refused(docs):
    (docs / "glossary.md").write_text("Score { #score }\n:   Called $e$.\n")
    with pytest.raises(ValueError, match="a formula in 'Called"):
        linked("<p>score</p>")


def test_without_a_glossary_nothing_is_linked(docs):
    assert linked("<p>score</p>") == "<p>score</p>"


# Roles.


def test_names_of_roles_are_coloured():
    code = '<span class="n">value</span><span class="n">value_size</span>'
    assert formulas.colour_names(code) == (
        '<span class="n val">value</span>value_size'
    )


# Minutes.


def test_minutes_count_words_and_lines_of_code():
    words = f"<p>{'word ' * 600}</p>"
    assert minutes(words) == 3
    code = "x = 1\n" * 60
    assert minutes(f"{words}<pre>{code}</pre>") == 5
    folded = f'<details class="quote"><pre>{code}</pre></details>'
    assert minutes(words + folded) == 3
    assert minutes("<p>word</p>") == 1


def test_minutes_leave_out_what_is_not_read():
    source = f'<details class="quote"><pre>{"a " * 900}</pre></details>'
    tex = f"<annotation>{'a ' * 900}</annotation>"
    assert minutes(f"<p>word</p>{source}{tex}") == 1


# Search.

PAGE = """
<p>before</p><h1 id="page">Page<a class="headerlink" href="#page">#</a></h1>
<p>One <em>two</em>.</p><svg><title>drawn</title></svg>
<pre><span>masked</span>_<span>softmax</span></pre>
<h2 id="part">A <code>part</code></h2><p>x<br>y<img></p><p>z</p>
<details class="figure-source"><pre>hidden</pre></details>
<math><mi>e</mi></math><dl><dt id="term">Term</dt><dd>Meaning.</dd></dl>
"""


def test_page_is_cut_into_sections():
    assert Reader("a/page.html", PAGE).sections == [
        ["a/page.html", "Page", "One two. masked_softmax"],
        ["a/page.html#part", "A part", "x y z"],
        ["a/page.html#term", "Term", "Meaning."],
    ]


def test_index_is_a_script():
    reader = Reader("a.html", '<h1 id="a">ä</h1>"&lt;/script&gt;')
    script = search_index([reader])
    assert script.startswith("globalThis.searchIndex = [\n")
    assert '["a.html", "ä", "\\"</script>"]' in script
