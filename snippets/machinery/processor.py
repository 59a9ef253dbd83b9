"""Which processor this is, as far as the system tells."""

import platform
import subprocess
from pathlib import Path


def processor_name(listing: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's model; `listing` is where Linux names it."""
    lines = listing.read_text("utf-8").splitlines() if listing.exists() else []
    models = [line for line in lines if line.startswith("model name")]
    if models:
        return models[0].partition(":")[2].strip()
    if platform.system() == "Darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        told = subprocess.run(asked, capture_output=True, text=True)
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    return platform.processor() or "unknown"
