"""What scripts/release and scripts/npm have in common."""

import re

NAME = "aerostack-publish"

# The binaries of a release, as action/install.sh downloads them, by the names that Node gives to systems. Those for Linux are static: they
# run with glibc and with musl.
SYSTEMS = {
    ("darwin", "arm64"): "aarch64-apple-darwin",
    ("darwin", "x64"): "x86_64-apple-darwin",
    ("linux", "arm64"): "aarch64-unknown-linux-musl",
    ("linux", "x64"): "x86_64-unknown-linux-musl",
    ("win32", "arm64"): "aarch64-pc-windows-msvc.exe",
    ("win32", "x64"): "x86_64-pc-windows-msvc.exe",
}

# SemVer 2.0.0, without build metadata, which image tags do not allow.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:[0-9A-Za-z-]+\.)*[0-9A-Za-z-]+))?")


def precedence(version):
    """A sort key for SemVer precedence (§11); nothing if it is not a version."""
    parsed = SEMVER.fullmatch(version)
    if not parsed:
        return None
    *numbers, prerelease = parsed.groups()
    identifiers = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in (prerelease or "").split(".")]
    return [int(number) for number in numbers], prerelease is None, identifiers
