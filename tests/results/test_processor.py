"""The site names the processor that its numbers come from."""

import platform
import subprocess

import pytest
import torch

from snippets.machinery.key import processor_name
from snippets.results.processor import facts


def test_linux_names_the_processor_in_its_listing(tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text(
        "vendor_id\t: A\nmodel name\t: Fast: 3\nmodel name\t: Other\n"
    )
    assert processor_name(listing) == "Fast: 3"


@pytest.mark.parametrize(
    ("system", "code", "told", "name"),
    [
        ("Darwin", 0, "Apple M2\n", "Apple M2"),
        ("Darwin", 1, "Apple M2\n", "arm"),
        ("Darwin", 0, "\n", "arm"),
        ("Windows", 0, "Apple M2\n", "arm"),
    ],
)
def test_a_system_without_a_listing_is_asked(
    tmp_path, monkeypatch, system, code, told, name
):
    def run(asked, **_):
        assert asked[-1] == "machdep.cpu.brand_string"
        return subprocess.CompletedProcess(asked, code, told)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "processor", lambda: "arm")
    assert processor_name(tmp_path / "none") == name


def test_a_processor_without_a_name_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Plan 9")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert processor_name(tmp_path / "none") == "unknown"


def test_the_facts_are_those_of_this_process():
    found = facts()
    assert found["name"] == processor_name()
    assert found["architecture"] == platform.machine()
    assert found["instructions"] == torch.backends.cpu.get_cpu_capability()
    assert found["torch"] == torch.__version__
    assert found["python"] == platform.python_version()
    assert all(type(text) is str and text for text in found.values())
