"""What scripts/benchmark and scripts/benchmark-cold-step have in common."""

import os
import platform
from pathlib import Path

# The page of scripts/benchmark has a section that scripts/benchmark-cold-step writes, between these lines.
BEGIN, END = "<!-- cold step -->", "<!-- /cold step -->"


def shown(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def machine():
    """The processor, in words."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{processor}, {os.cpu_count()} cores"
