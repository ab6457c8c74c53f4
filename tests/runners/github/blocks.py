"""Writes the workflows that pages of Markdown show, and the steps as whole workflows, to files: blocks.py DIRECTORY PAGE…"""

import re
import sys
from pathlib import Path

TRIGGER = "name: block\non: push\npermissions: {}\nconcurrency: block\n"
JOB = """jobs:
  block:
    runs-on: ubuntu-latest
    environment: hub
    permissions:
      contents: read
    steps:
"""


def workflow(block):
    """The block as a workflow; None if it is for something else than GitHub."""
    if re.search(r"(?m)^jobs:$", block):
        return block if re.search(r"(?m)^on:", block) else TRIGGER + block
    if block.startswith("- uses: "):
        return TRIGGER + JOB + "".join(f"      {line}\n" for line in block.splitlines())
    return None


def main(directory, *pages):
    for page in map(Path, pages):
        blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```$", page.read_text())
        for number, block in enumerate(blocks, 1):
            if text := workflow(block):
                (Path(directory) / f"{page.name}-{number}.yml").write_text(text)


main(*sys.argv[1:])
