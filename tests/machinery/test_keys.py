"""Keys of the cache: what a result depends on, and nothing else."""

import os
import time
from importlib import metadata

import pytest

from snippets.machinery import key as keys
from snippets.machinery import settings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that keys take for the project's."""
    monkeypatch.setattr(keys, "ROOT", tmp_path)
    return tmp_path


def write(folder, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_closure_follows_every_form_of_import(folder):
    names = ["absolute", "named", "relative", "module", "inside", "unused"]
    write(folder, {f"snippets/{name}.py": "" for name in names})
    write(
        folder,
        {
            "snippets/__init__.py": "",
            "snippets/package/__init__.py": "from ..inside import thing",
            "snippets/package/part.py": "",
            "snippets/start.py": (
                "import json, snippets.absolute\n"
                "from snippets import module\n"
                "from snippets.named import anything\n"
                "from . import relative\n"
                "def later():\n"
                "    from snippets.package.part import thing\n"
            ),
            "snippets/named.py": "import snippets.start  # a circle",
        },
    )
    assert list(keys.closure("snippets.start")) == [
        "snippets",
        "snippets.absolute",
        "snippets.inside",
        "snippets.module",
        "snippets.named",
        "snippets.package",
        "snippets.package.part",
        "snippets.relative",
        "snippets.start",
    ]


def test_key_depends_on_what_is_imported_and_on_the_name(folder):
    write(
        folder,
        {
            "snippets/start.py": "from snippets.used import thing",
            "snippets/used.py": "thing = 1",
            "snippets/unused.py": "thing = 1",
        },
    )
    key = keys.run_key("snippets.start", "run", "")
    assert keys.run_key("snippets.start", "run", "") == key
    assert keys.run_key("snippets.start", "run_again", "") != key
    assert keys.run_key("snippets.start", "run", "{}") != key
    write(folder, {"snippets/unused.py": "thing = 2"})
    assert keys.run_key("snippets.start", "run", "") == key
    write(folder, {"snippets/used.py": "thing = 2"})
    assert keys.run_key("snippets.start", "run", "") != key


def test_key_covers_the_data_files_that_are_named(folder):
    write(folder, {"snippets/start.py": 'RECORD = "record.json"'})
    write(folder, {"snippets/data/record.json": "1"})
    write(folder, {"snippets/data/other.json": "1"})
    key = keys.run_key("snippets.start", "run", "")
    write(folder, {"snippets/data/other.json": "2"})
    assert keys.run_key("snippets.start", "run", "") == key
    write(folder, {"snippets/data/record.json": "2"})
    changed = keys.run_key("snippets.start", "run", "")
    assert changed != key
    # A comment and a docstring name nothing.
    start = '"""As other.json."""\nRECORD = "record.json"  # other.json'
    write(folder, {"snippets/start.py": start})
    assert keys.run_key("snippets.start", "run", "") == changed


CODE_OF_KEY = '''\
"""A module."""

HEIGHT = 3  # metres


class Wall:
    """A wall."""

    #: how wide
    width = 4

    def area(self, height: int = HEIGHT) -> str:
        """Return the area."""
        # Not the volume.
        return f"{self.width * height}"
'''


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("# Not the volume.\n", "\n\n", True),
        ('"""A module."""', '"""Other words."""', True),
        ('    """A wall."""\n', "", True),
        ('"""Return the area."""', '"""Give it."""', True),
        ("self, height: int = HEIGHT", "self, height: int = (HEIGHT),", True),
        ("HEIGHT = 3", "HEIGHT = 4", False),
        ("height: int", "height: float", False),
        ('f"{self', 'f"= {self', False),
        ("self.width * height", "height * self.width", False),
    ],
)
def test_key_holds_what_code_does_and_not_how_it_is_written(
    folder, old, new, same
):
    write(folder, {"snippets/start.py": "import snippets.wall"})
    write(folder, {"snippets/wall.py": CODE_OF_KEY})
    key = keys.run_key("snippets.start", "run", "")
    assert CODE_OF_KEY.count(old) == 1
    write(folder, {"snippets/wall.py": CODE_OF_KEY.replace(old, new)})
    assert (keys.run_key("snippets.start", "run", "") == key) == same


def test_no_result_can_depend_on_a_docstring_or_on_a_line():
    """Since keys do not hold them, but for the sentences of claims."""
    folder = settings.ROOT / "snippets"
    files = {*folder.rglob("*.py")}
    for apart in ("machinery", "benchmarks", "claims"):
        files -= {*folder.glob(f"{apart}/*")}
    assert len(files) > 50
    for file in files:
        for name in ("__doc__", "getdoc", "getsource", "lineno", "linecache"):
            assert name not in file.read_text(), (file, name)


def test_the_sentence_of_a_claim_is_in_its_key(folder):
    """Measurements shows it."""
    found = set()
    for sentence in ("It is so.", "It is not."):
        text = f'def one(seed):\n    """{sentence}"""\n'
        write(folder, {"snippets/claims/said.py": text})
        found.add(keys.run_key("snippets.claims.said", "one", "{}"))
    assert len(found) == 2


def test_the_text_alternative_of_a_figure_is_in_its_key_alone(folder):
    def made(one: str, two: str) -> list[str]:
        text = f'def one():\n    """{one}"""\ndef two():\n    """{two}"""\n'
        for package in ("figures", "results"):
            write(folder, {f"snippets/{package}/drawn.py": text})
        return [
            keys.run_key("snippets.figures.drawn", "one", ""),
            keys.run_key("snippets.figures.drawn", "two", ""),
            keys.run_key("snippets.results.drawn", "one", ""),
        ]

    before, after = made("A line.", "A bar."), made("Two lines.", "A bar.")
    assert [a == b for a, b in zip(before, after, strict=True)] == [
        False,
        True,
        True,
    ]


def test_key_changes_with_every_third_party_version_its_code_imports(
    folder, monkeypatch
):
    versions: dict[str, str] = {}
    monkeypatch.setattr(keys, "version", lambda name: versions[name])
    write(
        folder,
        {
            "snippets/start.py": "import json, os.path\nfrom . import used",
            "snippets/used.py": (
                "import numpy as np\nfrom torch.nn import functional\n"
                "def later():\n    import num2words, yaml.nodes\n"
            ),
            "snippets/unused.py": "import pandas",
        },
    )
    names = ["numpy", "torch", "num2words", "yaml"]
    versions.update(dict.fromkeys(names, "1"))
    key = keys.run_key("snippets.start", "run", "")
    for name in names:
        versions[name] = "2"
        assert keys.run_key("snippets.start", "run", "") != key, name
        versions[name] = "1"
    assert keys.run_key("snippets.start", "run", "") == key


def test_a_package_can_have_another_name_than_what_is_imported():
    assert keys.version("torch") == metadata.version("torch")
    assert keys.version("yaml") == f"PyYAML {metadata.version('PyYAML')}"
    assert keys.version("nowhere_at_all") == ""


def test_key_covers_the_machinery_that_makes_the_result_and_no_other():
    def machinery(*run: str) -> set[str]:
        names = {n for n in keys.held(*run).files if ".machinery." in n}
        return {name.rpartition(".")[2] for name in names}

    always = {"content"}
    assert (
        machinery("snippets.results.step_by_step", "published_error", "")
        == always
    )
    assert machinery("snippets.figures.five_steps", "score", "") == (
        always | {"drawing"}
    )
    trained = "snippets.transformer.one_text", "train_one_text"
    assert machinery(*trained, "{}") == always
    asking = machinery("snippets.results.sharing", "quality", "")
    assert asking == always | {"kept"}
    files = keys.held("snippets.results.sharing", "quality", "").files
    assert "snippets.transformer.one_text" in files
    # How a figure looks in a page is drawn from the style.
    files = keys.held("snippets.figures.five_steps", "score", "").files
    assert "snippets.figures.style" in files


def test_key_covers_what_a_process_begins_with(folder):
    def key() -> str:
        return keys.run_key("snippets.start", "run", "")

    write(
        folder, {"snippets/start.py": "", "snippets/machinery/content.py": "1"}
    )
    before = key()
    write(
        folder, {"snippets/machinery/content.py": "ENVIRONMENT = {'A': '1'}"}
    )
    assert key() != before


def test_only_a_figure_depends_on_how_figures_are_drawn(folder):
    def made() -> tuple[str, str]:
        figure = keys.run_key("snippets.figures.some", "run", "")
        return figure, keys.run_key("snippets.results.some", "run", "")

    write(
        folder,
        {"snippets/machinery/drawing.py": "import snippets.figures.style"},
    )
    write(folder, {"snippets/figures/style.py": "INK = 1"})
    figure, result = made()
    write(folder, {"snippets/figures/style.py": "INK = 2"})
    other_figure, same_result = made()
    assert other_figure != figure
    assert same_result == result


def test_an_edit_is_seen_that_leaves_time_and_size_as_they_were(folder):
    write(folder, {"snippets/start.py": "thing = 1"})
    file = folder / "snippets" / "start.py"
    now = time.time_ns()
    found = []
    for text in ("thing = 1", "thing = 2"):
        file.write_text(text)
        os.utime(file, ns=(now, now))
        found.append(keys.run_key("snippets.start", "run", ""))
    assert found[0] != found[1]
