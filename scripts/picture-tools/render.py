"""Renders the texts in docs/pictures, as GitHub and a terminal show them, in light and dark: BROWSER NODE_MODULES DIRECTORY."""

import base64
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from markdown_it import MarkdownIt
from PIL import Image, PngImagePlugin
from rich.console import Console
from rich.text import Text

# Of the page; a picture has two pixels for each.
WIDTH = 860
SCALE = 2
# Few enough for a small file; text needs shades of few colors.
COLORS = 64

# GitHub's own colors (Primer): background, border, text, dim, and ANSI 1 to 4.
SCHEMES = {
    "light": ["#ffffff", "#d1d9e0", "#1f2328", "#59636e", "#cf222e", "#1a7f37", "#9a6700", "#0969da"],
    "dark": ["#0d1117", "#3d444d", "#f0f6fc", "#9198a1", "#f85149", "#3fb950", "#d29922", "#4493f8"],
}

CSS = """
@font-face {{ font-family: "Noto Sans"; font-weight: 400; src: url(data:font/woff2;base64,{regular}); }}
@font-face {{ font-family: "Noto Sans"; font-weight: 600; src: url(data:font/woff2;base64,{bold}); }}
html, body {{ margin: 0; background: {0}; color: {2}; }}
body {{ padding: 12px; }}
.card {{ border: 1px solid {1}; border-radius: 8px; padding: 16px 18px; }}
.card + .card, h3 + .card {{ margin-top: 12px; }}
.markdown-body {{ font-family: "Noto Sans", "Noto Color Emoji", sans-serif; font-size: 14px; }}
.markdown-body code, .log {{ font-family: "DejaVu Sans Mono", monospace; }}
.markdown-body code {{ font-size: 12px; }}
.markdown-body > :last-child {{ margin-bottom: 0; }}
.markdown-body td:first-child {{ white-space: nowrap; }}
h3 {{ margin: 20px 0 0; font: 600 15px "Noto Sans"; }}
p {{ margin: 0 0 16px; font: 14px "Noto Sans"; }}
.log {{ font-size: 12px; line-height: 1.5; }}
.log div {{ white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.5em; }}
.dim {{ color: {3}; }} .ansi1 {{ color: {4}; }} .ansi2 {{ color: {5}; }} .ansi3 {{ color: {6}; }} .ansi4 {{ color: {7}; }}
"""

# Says how high the page is, and what does not fit into it.
MEASURE = """<script>addEventListener("load", () => document.fonts.ready.then(() => {
  const isWide = (it) => it.clientWidth && it.scrollWidth > it.clientWidth && !it.closest("details:not([open])");
  const wide = [...document.querySelectorAll("*")].filter(isWide);
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  document.title = JSON.stringify({ height, wide: wide.map((it) => it.outerHTML.slice(0, 200)) });
}))</script>"""


def of_markdown(text):
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return f'<div class="card markdown-body">{body}</div>'


def of_line(line):
    """A line of a log. What does not fit continues below the text, after marks and spaces at the start."""
    text = Text.from_ansi(line)
    indent = len(re.match(r" *(?:\d+ )?(?:[│└] +|\w+  +)?", text.plain)[0])
    parts = []
    for segment in text.render(Console(color_system="standard")):
        style = segment.style
        color = style and style.color
        name = f"ansi{color.number}" if color else "dim" if style and style.dim else ""
        parts.append(f'<span class="{name}">{html.escape(segment.text.rstrip(chr(10)))}</span>')
    return f'<div style="padding-left: {indent}ch; text-indent: -{indent}ch">{"".join(parts)}</div>'


def of_log(text):
    lines = text.strip("\n").replace(r"\e", "\x1b").split("\n")
    return f'<div class="card log">{"".join(map(of_line, lines))}</div>'


def of_demo(text):
    """The log of the demo, with its summaries as GitHub shows them."""
    start, *runs = re.split(r"^── (.*) ──$", text, flags=re.MULTILINE)
    page = f"<p>{html.escape(start)}</p>"
    for title, run in zip(runs[::2], runs[1::2]):
        page += f"<h3>{html.escape(title)}</h3>"
        log, _, rest = run.partition("the step summary (Markdown):\n")
        summary, exit_code, rest = rest.rpartition("\nexit code ")
        page += of_log(log + exit_code.lstrip() + rest)
        page += of_markdown(summary) if summary else ""
    return page


def body_of(source):
    text = source.read_text()
    if source.suffix == ".txt":
        return of_demo(text)
    # A snapshot has a head of its own.
    _, _, text = text.split("---\n", 2)
    return of_markdown(text) if source.name.startswith("summary-") else of_log(text)


def render(browser, modules, source, scheme):
    fonts = modules / "@fontsource/noto-sans/files"
    font = lambda weight: base64.b64encode((fonts / f"noto-sans-latin-{weight}-normal.woff2").read_bytes()).decode()
    style = (modules / f"github-markdown-css/github-markdown-{scheme}.css").read_text()
    style += CSS.format(*SCHEMES[scheme], regular=font(400), bold=font(600))
    page = f'<!doctype html><meta charset="utf-8"><style>{style}</style><body>{body_of(source)}{MEASURE}'
    with tempfile.TemporaryDirectory() as directory:
        path, shot = pathlib.Path(directory, "page.html"), pathlib.Path(directory, "shot.png")
        path.write_text(page)

        def run(height, *arguments):
            command = [browser, "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},{height}"]
            command += [f"--force-device-scale-factor={SCALE}", "--virtual-time-budget=3000", *arguments, path.as_uri()]
            return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

        measured = json.loads(html.unescape(re.search(r"<title>(.*?)</title>", run(600, "--dump-dom"))[1]))
        if measured["wide"]:
            sys.exit(f"{source.name}: wider than the page: {measured['wide']}")
        run(measured["height"], f"--screenshot={shot}")
        # The test looks for this text.
        text = PngImagePlugin.PngInfo()
        text.add_itxt("Source", source.read_text())
        target = source.with_name(f"{source.name.split('.')[0]}-{scheme}.png")
        picture = Image.open(shot).convert("RGB").quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        picture.save(target, optimize=True, pnginfo=text)
    print(f"{target}: {target.stat().st_size} bytes, {picture.width} × {picture.height} pixels")


def main():
    browser, modules, directory = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    for source in sorted([*directory.glob("*.snap"), *directory.glob("*.txt")]):
        for scheme in SCHEMES:
            render(browser, modules, source, scheme)


if __name__ == "__main__":
    main()
