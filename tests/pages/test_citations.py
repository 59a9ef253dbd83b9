"""Papers are cited by the names and years that *References* has."""

import ast
import re

import pytest

from snippets.machinery.settings import ROOT
from tests.pages.citations import (
    REFERENCES,
    cited,
    heading_of,
    headings,
    surnames,
)
from tests.pages.prose import CITATION, prose
from tests.support.blocks import every_source, relative

SNIPPETS = sorted((ROOT / "snippets").rglob("*.py"))
OTHERS = re.compile(r"\b([A-Z][\w-]+) et al\.(?! *,? \(?\d{4})")
# The address of each paper, so that a wrong one is seen.
ADDRESSES = {
    "Bahdanau, Cho and Bengio (2014)": "1409.0473",
    "Luong, Pham and Manning (2015)": "1508.04025",
    "Kazemnejad et al. (2023)": "2305.19466",
    "Alammar (2018)": "jalammar.github.io/illustrated-transformer/",
    "Sutskever, Vinyals and Le (2014)": "1409.3215",
    "Cho et al. (2014a)": "1406.1078",
    "Cho et al. (2014b)": "1409.1259",
    "Vaswani et al. (2017)": "1706.03762",
    "Jain and Wallace (2019)": "1902.10186",
    "Wiegreffe and Pinter (2019)": "1908.04626",
    "He et al. (2015)": "1512.03385",
    "Ba, Kiros and Hinton (2016)": "1607.06450",
    "Xiong et al. (2020)": "2002.04745",
    "Voita et al. (2019)": "1905.09418",
    "Michel, Levy and Neubig (2019)": "1905.10650",
    "Gehring et al. (2017)": "1705.03122",
    "Shaw, Uszkoreit and Vaswani (2018)": "1803.02155",
    "Su et al. (2021)": "2104.09864",
    "Press, Smith and Lewis (2021)": "2108.12409",
    "Kiyono et al. (2021)": "2109.05644",
    "Shazeer (2019)": "1911.02150",
    "Pope et al. (2022)": "2211.05102",
    "Ainslie et al. (2023)": "2305.13245",
    "DeepSeek-AI (2024)": "2405.04434",
    "Child et al. (2019)": "1904.10509",
    "Beltagy, Peters and Cohan (2020)": "2004.05150",
    "Jiang et al. (2023)": "2310.06825",
    "Xiao et al. (2023)": "2309.17453",
    "Gemma Team (2024)": "2408.00118",
    "Milakov and Gimelshein (2018)": "1805.02867",
    "Rabe and Staats (2021)": "2112.05682",
    "Dao et al. (2022)": "2205.14135",
    "Dao (2023)": "2307.08691",
    "Katharopoulos et al. (2020)": "2006.16236",
    "Schlag, Irie and Schmidhuber (2021)": "2102.11174",
    "Sun et al. (2023)": "2307.08621",
    "Yang et al. (2023)": "2312.06635",
    "Yang et al. (2024)": "2406.06484",
    "Arora et al. (2023)": "2312.04927",
}


@every_source
def test_citations_of_pages_are_references(source):
    page = prose(source)
    unknown = [
        f"{page.name}:{one.line}: {one.text}"
        for one, heading in cited(page)
        if heading is None
    ]
    assert unknown == []


@every_source
def test_names_without_a_year_are_cited_on_the_page(source):
    page = prose(source)
    linked = {link.target.partition("#")[2] for link in page.links}
    first = {
        surnames(match["names"])[0]
        for title, match in headings().items()
        if title in {heading for _, heading in cited(page)}
        or match["anchor"] in linked
    }
    for one in page.find(OTHERS):
        assert one.text.split()[0] in first, f"{page.name}:{one.line}"


@every_source
def test_link_of_a_citation_leads_to_its_heading(source):
    page = prose(source)
    for link in page.links:
        path, _, anchor = link.target.partition("#")
        if CITATION.fullmatch(link.text):
            title = heading_of(link.text)
            where = f"{page.name}:{link.line}: [{link.text}]({link.target})"
            assert path.endswith("references.md"), where
            assert title and headings()[title]["anchor"] == anchor, where


@pytest.mark.parametrize("path", SNIPPETS, ids=relative)
def test_citations_of_code_are_references(path):
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = " ".join(node.value.split())
            for match in CITATION.finditer(text):
                where = f"{relative(path)}:{node.lineno}: {match[0]}"
                assert heading_of(match[0]), where


# The references themselves.


def test_a_heading_its_anchor_and_its_address_have_one_year():
    text = REFERENCES.read_text("utf-8")
    for title, heading in headings().items():
        year = heading["year"][:4]
        assert re.search(rf"-{year}\b", heading["anchor"]), title
        entry = text[heading.end() :].split("\n#")[0]
        if on_arxiv := re.search(r"arxiv\.org/abs/(\d\d)", entry):
            assert year == f"20{on_arxiv[1]}", title


def test_addresses_are_those_of_the_papers():
    text = REFERENCES.read_text("utf-8")
    found = {}
    for title, heading in headings().items():
        entry = text[heading.end() :].split("\n#")[0]
        address = re.search(r"\]\(https://([^)]+)\)", entry)
        assert address, title
        found[title] = address[1].removeprefix("arxiv.org/abs/")
    assert found == ADDRESSES


@pytest.mark.parametrize(
    ("citation", "heading"),
    [
        ("Vaswani et al. (2017)", "Vaswani et al. (2017)"),
        ("Bahdanau et al., 2014", "Bahdanau, Cho and Bengio (2014)"),
        ("Luong, Pham and Manning (2015)", "Luong, Pham and Manning (2015)"),
        ("Cho et al. (2014b)", "Cho et al. (2014b)"),
        ("Shazeer, 2019", "Shazeer (2019)"),
        ("Gemma Team (2024)", "Gemma Team (2024)"),
        ("Vaswani et al. (2018)", None),
        ("Cho et al. (2014)", None),
        ("Luong, Manning and Pham (2015)", None),
        ("Milakov et al. (2018)", None),
        ("Bahdanau (2014)", None),
    ],
)
def test_citations_mean_one_heading(citation, heading):
    assert heading_of(citation) == heading
