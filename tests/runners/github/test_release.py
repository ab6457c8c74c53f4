"""Releases: one version everywhere, and checksums in the commit of the tag. All on a copy with its own origin."""

import base64
import hashlib
import re
import subprocess
import unittest

from act import ROOT, export, scratch

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- everything

## [0.0.1] - 2026-01-01

- aerostackdev/aerostack-publish@v0 as it was then

[Unreleased]: https://github.com/aerostackdev/aerostack-publish/compare/v0.0.1...HEAD
[0.0.1]: https://github.com/aerostackdev/aerostack-publish/releases/tag/v0.0.1
"""
OLD = "1.0.0"
EXAMPLE = """uses: aerostackdev/aerostack-publish@v1
image: ghcr.io/aerostackdev/aerostack-publish:1.0.0
component: $X/aerostackdev/aerostack-publish/publish@1.0.0
remote: https://raw.githubusercontent.com/aerostackdev/aerostack-publish/v1.0.0/template.yml
uses: aerostackdev/aerostack-publish@v1.0.0-rc.1 # v1
"""


class Releases(unittest.TestCase):
    def setUp(self):
        folder = scratch(self)
        self.copy = export(folder / "copy")
        self.dist = folder / "dist"
        self.origin = folder / "origin"
        for name, entry in (("Cargo.toml", r'(?m)(^version = ")[^"]*'), ("Cargo.lock", r'(name = "aerostack-publish"\nversion = ")[^"]*')):
            text, found = re.subn(entry, rf"\g<1>{OLD}", (self.copy / name).read_text(), count=1)
            self.assertEqual(found, 1)
            (self.copy / name).write_text(text)
        (self.copy / "CHANGELOG.md").write_text(CHANGELOG)
        (self.copy / "docs/example.md").write_text(EXAMPLE)
        subprocess.run(["git", "init", "--quiet", "--bare", self.origin], check=True)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.name", "alice")
        self.git("config", "user.email", "alice@example.com")
        self.git("remote", "add", "origin", str(self.origin))
        self.commit()

    def git(self, *arguments, folder=None):
        return subprocess.run(
            ["git", "-C", folder or self.copy, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def release(self, *arguments, fails=False):
        run = subprocess.run([self.copy / "scripts/release", *arguments], capture_output=True, text=True)
        self.assertEqual(run.returncode != 0, fails, run.stdout + run.stderr)
        return run.stderr if fails else run.stdout.strip()

    def prepare(self, version):
        self.release("prepare", version)
        self.commit()

    def describe_a_change(self):
        changelog = self.copy / "CHANGELOG.md"
        changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", "## [Unreleased]\n\n- a change\n", 1))

    def build(self, version):
        """Replaces the build: six files with the names that the workflow uses."""
        names = re.findall(r"target: (.*)", (ROOT / ".github/workflows/release.yml").read_text())
        self.assertEqual(len(names), 6)
        self.dist.mkdir(exist_ok=True)
        for old in self.dist.iterdir():
            old.unlink()
        for target in names:
            exe = ".exe" if "windows" in target else ""
            (self.dist / f"aerostack-publish-v{version}-{target}{exe}").write_text(f"{version} {target}")

    def test_one_command_sets_the_version_everywhere(self):
        self.release("check", fails=True)
        self.release("prepare", "2.1.0")
        self.assertEqual(self.release("check"), "2.1.0")
        changed = set(self.git("diff", "--name-only").split())
        self.assertLessEqual({"Cargo.toml", "Cargo.lock", "CHANGELOG.md", "docs/example.md"}, changed)
        self.assertEqual(
            (self.copy / "docs/example.md").read_text(),
            EXAMPLE.replace("@v1\n", "@v2.1.0\n").replace("1.0.0-rc.1", "2.1.0").replace("1.0.0", "2.1.0"),
        )
        changelog = (self.copy / "CHANGELOG.md").read_text()
        self.assertRegex(changelog, r"## \[Unreleased\]\n\n## \[2\.1\.0\] - \d{4}-\d\d-\d\d\n\n### Added")
        self.assertIn("aerostackdev/aerostack-publish@v0 as it was then", changelog)
        address = "https://github.com/aerostackdev/aerostack-publish"
        self.assertEqual(
            changelog.splitlines()[-3:],
            [
                f"[Unreleased]: {address}/compare/v2.1.0...HEAD",
                f"[2.1.0]: {address}/releases/tag/v2.1.0",
                f"[0.0.1]: {address}/releases/tag/v0.0.1",
            ],
        )
        self.assertEqual(self.release("notes"), "### Added\n\n- everything")
        # Only the product's own version: cargo would refuse anything else.
        command = ["cargo", "metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"]
        metadata = subprocess.run(command, cwd=self.copy, check=True, capture_output=True, text=True).stdout
        self.assertIn('"name":"aerostack-publish","version":"2.1.0"', metadata)

    def test_a_file_with_an_old_version_is_reported_with_its_line(self):
        self.prepare("2.0.0")
        (self.copy / "docs/late.md").write_text("\nuses: aerostackdev/aerostack-publish@v1\n")
        self.assertIn("docs/late.md:2: `aerostackdev/aerostack-publish@v1`", self.release("check", fails=True))

    def integrity(self, revision="HEAD"):
        """The checksum of the template at a revision, as GitLab takes it."""
        show = ["git", "-C", self.copy, "show", f"{revision}:.gitlab-ci-template.yml"]
        template = subprocess.run(show, check=True, capture_output=True).stdout
        return f"integrity: 'sha256-{base64.b64encode(hashlib.sha256(template).digest()).decode()}'"

    def test_the_checksum_of_the_template_is_written_wherever_it_is_included(self):
        self.prepare("2.0.0")
        listed = self.git("grep", "--no-index", "-h", "integrity: 'sha256-", "README.md", "docs/gitlab.md", "examples").splitlines()
        self.assertEqual({line.strip() for line in listed}, {self.integrity()})
        self.assertEqual(len(listed), 8)
        # One that is of another template is reported.
        readme = self.copy / "README.md"
        right = readme.read_text()
        readme.write_text(right.replace("sha256-", "sha256-0"))
        self.assertRegex(self.release("check", fails=True), r"README.md:\d+: `integrity: 'sha256-0")
        self.release("integrity")
        self.assertEqual(readme.read_text(), right)
        # What changes after the release is not at the address that the documentation names.
        self.build("2.0.0")
        self.release("tag", str(self.dist))
        (self.copy / ".gitlab-ci-template.yml").write_text("another one\n")
        self.release("integrity")
        self.assertIn(self.integrity("v2.0.0"), readme.read_text())
        self.describe_a_change()
        self.prepare("2.0.1")
        self.assertIn(self.integrity(), readme.read_text())

    def test_after_the_release_the_examples_use_the_commit_of_the_tag_until_the_next_one(self):
        self.prepare("2.0.0")
        self.assertIn("v2.0.0 has no tag yet", self.release("pin", fails=True))
        self.build("2.0.0")
        self.release("tag", str(self.dist))
        commit = self.git("rev-parse", "v2.0.0", folder=self.origin)
        self.git("checkout", "--quiet", "HEAD^")
        self.release("pin")
        uses = self.git("grep", "-h", "uses: .*/aerostack-publish@", "examples").splitlines()
        self.assertEqual({line.split("@")[1] for line in uses}, {f"{commit} # v2.0.0"})
        self.assertEqual(len(uses), 9)
        self.assertEqual(self.release("check"), "2.0.0")
        changed = self.git("diff", "--name-only").splitlines()
        self.assertTrue(all(name.startswith("examples/") for name in changed), changed)
        self.describe_a_change()
        self.release("prepare", "2.1.0")
        self.assertEqual(self.release("check"), "2.1.0")
        uses = self.git("grep", "-h", "uses: .*/aerostack-publish@", "examples").splitlines()
        self.assertEqual({line.split("@")[1] for line in uses}, {"v2.1.0"})

    def test_an_invalid_next_version_is_refused_and_nothing_is_changed(self):
        for version in ("v2.0.0", "2.0", "2.0.0+build", OLD, "0.0.9", f"{OLD}-rc.1"):
            with self.subTest(version):
                self.release("prepare", version, fails=True)
        (self.copy / "CHANGELOG.md").write_text(CHANGELOG.replace("### Added\n\n- everything\n\n", ""))
        self.commit()
        self.assertIn("nothing under `## [Unreleased]`", self.release("prepare", "2.0.0", fails=True))
        self.assertEqual(self.git("status", "--porcelain"), "")

    def test_the_commit_of_the_tag_adds_only_the_checksums_of_the_build(self):
        self.prepare("2.0.0")
        built_from = self.git("rev-parse", "HEAD")
        self.build("2.0.0")
        self.release("tag", str(self.dist))
        self.assertEqual(self.git("rev-parse", "v2.0.0^", folder=self.origin), built_from)
        self.assertEqual(self.git("diff", "--name-status", built_from, "v2.0.0", folder=self.origin), "A\tSHA256SUMS")
        listed = self.git("show", "v2.0.0:SHA256SUMS", folder=self.origin).splitlines()
        expected = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(self.dist.iterdir())]
        self.assertEqual(listed, expected)
        self.assertEqual(self.git("branch", "--list", folder=self.origin), "", "a branch got the sums as well")
        self.assertEqual(self.git("tag", folder=self.origin), "v2.0.0", "a tag that moves")

    def test_a_version_that_has_a_tag_is_not_released_again(self):
        self.prepare("2.0.0")
        self.release("unreleased")
        self.build("2.0.0")
        self.release("tag", str(self.dist))
        self.assertIn("v2.0.0 has a tag already", self.release("unreleased", fails=True))
        # As the workflow checks it out: without tags.
        self.git("tag", "--delete", "v2.0.0")
        self.assertIn("v2.0.0 has a tag already", self.release("unreleased", fails=True))

    def test_an_incomplete_build_is_not_tagged(self):
        self.prepare("2.0.0")
        self.build("2.0.0")
        next(self.dist.iterdir()).unlink()
        self.assertIn("must hold exactly", self.release("tag", str(self.dist), fails=True))
        self.build("1.9.9")
        self.assertIn("must hold exactly", self.release("tag", str(self.dist), fails=True))
        self.assertEqual(self.git("tag", folder=self.origin), "")
