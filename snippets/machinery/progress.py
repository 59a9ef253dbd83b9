"""One line on the terminal that says how far long runs have come."""

import sys
import threading
import time
from multiprocessing.queues import Queue
from typing import NamedTuple, TextIO


class Report(NamedTuple):
    """What a running function says of itself."""

    name: str
    step: int
    steps: int
    loss: float


def line(reports: list[Report], seconds: dict[str, float]) -> str:
    """Write the reports as one line; `seconds` is each run's time so far."""
    parts = []
    for name, step, steps, loss in reports:
        left = seconds[name] * (steps - step) / max(step, 1)
        parts.append(
            f"{name} step {step}/{steps} loss {loss:.3f}, {left:.0f} s left"
        )
    return " | ".join(parts)


class Progress:
    """Shows reports while the `with` block runs; silent off a terminal."""

    def __init__(self, reports: "Queue", out: TextIO | None = None) -> None:
        """Read from `reports`, write to `out` (the standard error)."""
        self.reports = reports
        self.out = out or sys.stderr
        self.thread = threading.Thread(target=self._show, daemon=True)

    def __enter__(self) -> "Progress":
        """Start to show."""
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop, and leave the terminal's line empty."""
        self.reports.put(None)
        self.thread.join()

    def _show(self) -> None:
        latest: dict[str, Report] = {}
        begun: dict[str, float] = {}
        seen = self.out.isatty()
        while (report := self.reports.get()) is not None:
            now = time.monotonic()
            begun.setdefault(report.name, now)
            latest[report.name] = report
            if report.step >= report.steps:
                del latest[report.name]
            if seen:
                seconds = {name: now - begun[name] for name in latest}
                text = line([*latest.values()], seconds)
                self.out.write(f"\r\033[K{text[:160]}")
                self.out.flush()
        if seen:
            self.out.write("\r\033[K")
            self.out.flush()
