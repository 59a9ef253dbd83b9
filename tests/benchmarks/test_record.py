"""How benchmarks start, and what every record says of its machine."""

import json
import platform
from datetime import UTC, datetime

import pytest
import torch

from snippets.benchmarks import attention, record, translator


def test_a_benchmark_keeps_to_one_thread_and_may_be_tried_out():
    torch.set_num_threads(2)
    assert record.start("What it is.", []).quick is False
    assert torch.get_num_threads() == 1
    assert record.start("What it is.", [], can_be_quick=True).quick is False
    quick = record.start("What it is.", ["--quick"], can_be_quick=True)
    assert quick.quick is True


def test_what_cannot_be_quick_refuses_to_be(capsys):
    with pytest.raises(SystemExit):
        record.start("What it is.", ["--quick"])
    assert "--quick" in capsys.readouterr().err


def test_a_benchmark_may_be_asked_for_some_of_its_parts(capsys):
    parts = ("why", "masks")
    assert record.start("What it is.", [], some_of=parts).some == ()
    asked = record.start("What it is.", ["masks"], some_of=parts)
    assert asked.some == ("masks",)
    with pytest.raises(SystemExit):
        record.start("What it is.", ["mask"], some_of=parts)
    assert "mask is none of why, masks" in capsys.readouterr().err


def test_a_record_says_when_and_on_what_it_was_made(tmp_path):
    path = tmp_path / "record.json"
    before = datetime.now(UTC).date().isoformat()
    record.write({"all": [1, 2], "python": "of the numbers"}, path)
    written = json.loads(path.read_text("utf-8"))
    assert before <= written["date"] <= datetime.now(UTC).date().isoformat()
    assert written["machine"] == platform.machine()
    assert written["threads"] == torch.get_num_threads()
    assert written["torch"] == torch.__version__
    assert written["all"] == [1, 2]
    assert written["python"] == "of the numbers"


@pytest.mark.parametrize("benchmark", [attention, translator])
def test_only_a_full_run_writes_the_record_of_the_pages(
    benchmark, tmp_path, monkeypatch
):
    measured = []

    def measure_all(plan):
        measured.append(plan)
        return {"all": "numbers"}

    monkeypatch.setattr(benchmark, "measure_all", measure_all)
    monkeypatch.setattr(benchmark, "show", lambda record: None)
    monkeypatch.setattr(benchmark, "RECORD", tmp_path / "record.json")
    benchmark.main(["--quick"])
    assert not benchmark.RECORD.exists()
    benchmark.main([])
    assert json.loads(benchmark.RECORD.read_text())["all"] == "numbers"
    assert measured == [benchmark.QUICK, benchmark.FULL]
