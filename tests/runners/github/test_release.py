"""Releases: one version everywhere, and checksums in the commit of the tag. All on a copy with its own origin."""

import base64
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import unittest

from act import ROOT, Release, export, scratch

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
IMAGE = "ghcr.io/aerostackdev/aerostack-publish"
DIGEST = f"sha256:{'1a' * 32}"
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

    def git(self, *arguments, folder=None, fails=False):
        command = ["git", "-C", folder or self.copy, *arguments]
        return subprocess.run(command, check=not fails, capture_output=True, text=True).stdout.strip()

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def release(self, *arguments, fails=False, env=None):
        run = subprocess.run([self.copy / "scripts/release", *arguments], capture_output=True, text=True, env=env)
        self.assertEqual(run.returncode != 0, fails, run.stdout + run.stderr)
        return run.stderr if fails else run.stdout.strip()

    def prepare(self, version):
        self.release("prepare", version)
        self.commit()

    def describe_a_change(self):
        changelog = self.copy / "CHANGELOG.md"
        changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", "## [Unreleased]\n\n- a change\n", 1))

    def build(self, version):
        """Replaces the build: the files with the names that the workflow uses. Returns the lines of their checksums."""
        workflow = (ROOT / ".github/workflows/release.yml").read_text()
        names = sorted(set(re.findall(r"target: (.*)", workflow)))
        self.assertEqual(len(names), 6)
        self.dist.mkdir(exist_ok=True)
        for old in self.dist.iterdir():
            old.unlink()
        for target in names:
            exe = ".exe" if "windows" in target else ""
            (self.dist / f"aerostack-publish-v{version}-{target}{exe}").write_text(f"{version} {target}")
        (self.dist / f"aerostack-publish-v{version}.cdx.json").write_text("{}")
        return [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(self.dist.iterdir())]

    def build_and_compress(self, version):
        return sorted(self.build(version) + self.release("compress", str(self.dist)).splitlines(), key=lambda line: line[66:])

    def tag(self, **more):
        return self.release("tag", str(self.dist), DIGEST, **more)

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
        launcher = json.loads((self.copy / "npm/aerostack-publish/package.json").read_text())
        self.assertEqual({launcher["version"], *launcher["optionalDependencies"].values()}, {"2.1.0"})
        self.assertEqual(launcher["engines"], {"node": ">=18"})
        self.assertIn('{ "aerostack-publish": "2.1.0" }', (self.copy / "npm/aerostack-publish/README.md").read_text())
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
        launcher = self.copy / "npm/aerostack-publish/package.json"
        launcher.write_text(launcher.read_text().replace('linux-x64": "2.0.0"', 'linux-x64": "1.0.0"'))
        problems = self.release("check", fails=True)
        self.assertIn("docs/late.md:2: `aerostackdev/aerostack-publish@v1`", problems)
        self.assertRegex(problems, r"npm/aerostack-publish/package.json:\d+: `\"@aerostackdev/aerostack-publish-linux-x64\": \"1.0.0`")

    def integrity(self, revision="HEAD"):
        """The checksum of the template at a revision, as GitLab takes it."""
        show = ["git", "-C", self.copy, "show", f"{revision}:.gitlab-ci-template.yml"]
        template = subprocess.run(show, check=True, capture_output=True).stdout
        return f"integrity: 'sha256-{base64.b64encode(hashlib.sha256(template).digest()).decode()}'"

    def test_the_checksum_of_the_template_is_written_wherever_it_is_included(self):
        self.prepare("2.0.0")
        listed = self.git("grep", "--no-index", "-h", "integrity: 'sha256-", "README.md", "examples").splitlines()
        self.assertEqual({line.strip() for line in listed}, {self.integrity()})
        self.assertEqual(len(listed), 9)
        # One that is of another template is reported.
        readme = self.copy / "README.md"
        right = readme.read_text()
        readme.write_text(right.replace("sha256-", "sha256-0"))
        self.assertRegex(self.release("check", fails=True), r"README.md:\d+: `integrity: 'sha256-0")
        self.release("integrity")
        self.assertEqual(readme.read_text(), right)
        # What changes after the release is not at the address that the documentation names.
        self.build_and_compress("2.0.0")
        self.tag()
        self.assertIn(self.integrity("v2.0.0"), readme.read_text())
        self.assertEqual(self.release("check"), "2.0.0")
        (self.copy / ".gitlab-ci-template.yml").write_text("another one\n")
        self.release("integrity")
        self.assertIn(self.integrity("v2.0.0"), readme.read_text())
        self.describe_a_change()
        self.prepare("2.0.1")
        self.assertIn(self.integrity(), readme.read_text())

    def test_after_the_release_the_examples_use_the_commit_of_the_tag_until_the_next_one(self):
        self.prepare("2.0.0")
        self.assertIn("v2.0.0 has no tag yet", self.release("pin", fails=True))
        self.build_and_compress("2.0.0")
        self.tag()
        commit = self.git("rev-parse", "v2.0.0", folder=self.origin)
        self.git("checkout", "--quiet", "HEAD^")
        # Until `pin`, all is as it was before the release; also where the tag was not fetched.
        self.assertEqual(self.release("check"), "2.0.0")
        self.git("tag", "--delete", "v2.0.0")
        self.release("pin")
        uses = self.git("grep", "-h", "uses: .*/aerostack-publish@", "examples").splitlines()
        self.assertEqual({line.split("@")[1] for line in uses}, {f"{commit} # v2.0.0"})
        self.assertEqual(len(uses), 15)
        self.assertEqual(self.release("check"), "2.0.0")
        images = self.git("grep", "-h", IMAGE, "examples").splitlines()
        self.assertEqual({re.search(rf"{IMAGE}([^\s\"')]*)", line)[1] for line in images}, {f":2.0.0@{DIGEST}"})
        for template in (".gitlab-ci-template.yml", "templates/publish.yml"):
            self.assertEqual((self.copy / template).read_text(), self.git("show", f"v2.0.0:{template}") + "\n")
        self.assertIn(self.integrity("v2.0.0"), (self.copy / "README.md").read_text())
        changed = self.git("diff", "--name-only").splitlines()
        documents = {".gitlab-ci-template.yml", "templates/publish.yml", "README.md", "docs/gitlab.md"}
        self.assertTrue(all(name in documents or name.startswith("examples/") for name in changed), changed)
        # A second time, it changes nothing.
        before = self.git("diff")
        self.release("pin")
        self.assertEqual(self.git("diff"), before)
        self.describe_a_change()
        self.release("prepare", "2.1.0")
        self.assertEqual(self.release("check"), "2.1.0")
        uses = self.git("grep", "-h", "uses: .*/aerostack-publish@", "examples").splitlines()
        self.assertEqual({line.split("@")[1] for line in uses}, {"v2.1.0"})
        self.assertEqual(self.git("grep", "--no-index", "-h", f"{IMAGE}[^ ]*@sha256:[0-9a-f]", "examples", "templates", ".gitlab-ci-template.yml", "README.md", fails=True), "")

    def test_an_invalid_next_version_is_refused_and_nothing_is_changed(self):
        for version in ("v2.0.0", "2.0", "2.0.0+build", OLD, "0.0.9", f"{OLD}-rc.1"):
            with self.subTest(version):
                self.release("prepare", version, fails=True)
        (self.copy / "CHANGELOG.md").write_text(CHANGELOG.replace("### Added\n\n- everything\n\n", ""))
        self.commit()
        self.assertIn("nothing under `## [Unreleased]`", self.release("prepare", "2.0.0", fails=True))
        self.assertEqual(self.git("status", "--porcelain"), "")

    def test_the_commit_of_the_tag_adds_only_the_checksums_and_the_image_of_the_build(self):
        self.prepare("2.0.0")
        built_from = self.git("rev-parse", "HEAD")
        expected = self.build_and_compress("2.0.0")
        self.tag()
        self.assertEqual(self.git("rev-parse", "v2.0.0^", folder=self.origin), built_from)
        listed = self.git("show", "v2.0.0:SHA256SUMS", folder=self.origin).splitlines()
        self.assertEqual(listed, expected)
        self.assertEqual(len(listed), 13)
        changed = self.git("diff", "--unified=0", built_from, "v2.0.0", "--", ".", ":!SHA256SUMS", ":!.gitattributes", folder=self.origin)
        lines = {line[1:].strip() for line in changed.splitlines() if re.match(r"\+[^+]", line)}
        image = f'default: "{IMAGE}@{DIGEST}" # 2.0.0'
        self.assertEqual(lines, {image, self.integrity("v2.0.0")})
        self.assertEqual(self.integrity("v2.0.0"), self.integrity("HEAD"))
        for template in (".gitlab-ci-template.yml", "templates/publish.yml"):
            text = self.git("show", f"v2.0.0:{template}")
            self.assertIn(image, text)
            self.assertNotIn(f"{IMAGE}:", text)
        # What a runner downloads is the action, and the commit has everything.
        archive = subprocess.run(["git", "-C", self.origin, "archive", "v2.0.0"], check=True, capture_output=True).stdout
        names = {name for name in tarfile.open(fileobj=io.BytesIO(archive)).getnames() if not name.endswith("/")}
        expected = {"Cargo.toml", "LICENSE", "SHA256SUMS", "action", "action.yml", *(f"action/{path.name}" for path in (ROOT / "action").iterdir())}
        self.assertEqual(names, expected)
        self.assertIn("src/main.rs", self.git("ls-tree", "-r", "--name-only", "v2.0.0", folder=self.origin).splitlines())
        self.assertEqual(self.git("branch", "--list", folder=self.origin), "", "a branch got the sums as well")
        self.assertEqual(self.git("tag", folder=self.origin), "v2.0.0", "a tag that moves")

    def test_what_a_runner_downloads_of_the_tag_installs_the_program_of_the_release(self):
        self.prepare("2.0.0")
        self.build_and_compress("2.0.0")
        self.tag()
        files = {path.name: path.read_bytes() for path in self.dist.iterdir()}
        server = Release(files)
        self.addCleanup(server.stop)
        action, temporary = self.dist.parent / "action", self.dist.parent / "temporary"
        action.mkdir()
        temporary.mkdir()
        archive = subprocess.run(["git", "-C", self.origin, "archive", "v2.0.0"], check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", action], check=True, input=archive)
        output = self.dist.parent / "output"
        env = {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_OUTPUT": str(output),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(temporary),
            "AEROSTACK_PUBLISH_DOWNLOAD_URL": server.url,
            "BINARY": "",
        }
        run = subprocess.run(["sh", action / "action/install.sh"], env=env, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        program = "aerostack-publish-v2.0.0-x86_64-unknown-linux-musl"
        self.assertEqual(server.asked, [f"/{program}.gz"])
        with open(output.read_text().removeprefix("binary=").rstrip(), "rb") as file:
            self.assertEqual(file.read(), files[program])

    def test_a_version_that_has_a_tag_is_not_released_again(self):
        self.prepare("2.0.0")
        self.release("unreleased")
        self.build_and_compress("2.0.0")
        self.tag()
        self.assertIn("v2.0.0 has a tag already", self.release("unreleased", fails=True))
        # As the workflow checks it out: without tags.
        self.git("tag", "--delete", "v2.0.0")
        self.assertIn("v2.0.0 has a tag already", self.release("unreleased", fails=True))

    def test_an_incomplete_build_is_not_tagged(self):
        self.prepare("2.0.0")
        self.build_and_compress("2.0.0")
        next(self.dist.iterdir()).unlink()
        self.assertIn("must hold exactly", self.tag(fails=True))
        self.build("2.0.0")
        self.assertIn("must hold exactly", self.tag(fails=True))
        self.build_and_compress("2.0.0")
        (self.dist / "more").write_text("")
        self.assertIn("must hold exactly", self.tag(fails=True))
        self.build("1.9.9")
        self.assertIn("must hold exactly", self.tag(fails=True))
        self.assertEqual(self.git("tag", folder=self.origin), "")

    def test_each_program_is_compressed_to_the_same_file_each_time(self):
        self.prepare("2.0.0")
        made = []
        for _ in range(2):
            self.build_and_compress("2.0.0")
            made.append({path.name: path.read_bytes() for path in self.dist.glob("*.gz")})
        self.assertEqual(made[0], made[1])
        self.assertEqual({name: gzip.decompress(content).decode() for name, content in made[0].items()},
                         {f"{path.name}.gz": path.read_text() for path in self.dist.iterdir() if path.suffix not in (".gz", ".json")})
        self.assertEqual(len(made[0]), 6)
        # Of exactly what was built.
        self.assertIn("must hold exactly", self.release("compress", str(self.dist), fails=True))

    def test_a_compressed_file_of_another_program_is_not_tagged(self):
        self.prepare("2.0.0")
        self.build_and_compress("2.0.0")
        file = next(self.dist.glob("*.gz"))
        right = file.read_bytes()
        for kind, content in {
            "another program": gzip.compress(b"another"),
            "cut": right[:-1],
            "changed": right[:12] + bytes([right[12] ^ 0xFF]) + right[13:],
            "not compressed": gzip.decompress(right),
            "empty": b"",
        }.items():
            with self.subTest(kind):
                file.write_bytes(content)
                self.assertIn(f"{file.name} does not decompress to {file.stem}", self.tag(fails=True))
        file.write_bytes(right)
        self.tag()

    def test_an_image_without_a_digest_is_not_tagged(self):
        self.prepare("2.0.0")
        self.build_and_compress("2.0.0")
        for digest in ("", "2.0.0", "sha256:", DIGEST[:-1], f"{DIGEST}\n", DIGEST.upper(), f"{IMAGE}@{DIGEST}"):
            with self.subTest(digest):
                self.assertIn("is not a digest", self.release("tag", str(self.dist), digest, fails=True))
        (self.copy / ".gitlab-ci-template.yml").write_text("another one\n")
        self.commit()
        self.assertIn("has neither the image of 2.0.0 nor its digest", self.tag(fails=True))
        self.assertEqual(self.git("tag", folder=self.origin), "")

    def test_an_image_of_another_version_is_reported(self):
        self.prepare("2.0.0")
        page = self.copy / "docs/late.md"
        for image in (f'"{IMAGE}@{DIGEST}" # 1.0.0', f"{IMAGE}:1.0.0@{DIGEST}", f"{IMAGE}@{DIGEST}", f"{IMAGE}:latest@sha256:0"):
            with self.subTest(image):
                page.write_text(f"image: {image}\n")
                self.assertIn("docs/late.md:1", self.release("check", fails=True))
        for image in (f'"{IMAGE}@{DIGEST}" # 2.0.0', f"{IMAGE}:2.0.0@{DIGEST}", f"{IMAGE}@sha256:…"):
            with self.subTest(image):
                page.write_text(f"image: {image}\n")
                self.assertEqual(self.release("check"), "2.0.0")

    def test_only_the_files_that_their_jobs_built_are_accepted(self):
        self.prepare("2.0.0")
        lines = self.build("2.0.0")
        sums = self.dist.parent / "sums"

        def verify(text, fails=True):
            sums.write_text(text)
            return self.release("verify", str(self.dist), str(sums), fails=fails)

        good = "\n".join(lines) + "\n"
        self.assertEqual(verify(good, fails=False), "all 7 files are those that were built")
        self.assertEqual(verify("\n".join(reversed(lines)), fails=False), "all 7 files are those that were built")
        first = sorted(self.dist.iterdir())[0]
        of_another_file = "0" * 64 + lines[0][64:]
        for kind, text in {
            "none": "",
            "a job without an output": good.replace(lines[0], ""),
            "one is missing": good.replace(f"{lines[0]}\n", ""),
            "of another file": good.replace(lines[0], of_another_file),
            "both": f"{good}{of_another_file}\n",
            "twice": f"{good}{lines[0]}\n",
            "under another name": good.replace(first.name, "x"),
            "one too many": f"{good}{'0' * 64}  more\n",
        }.items():
            with self.subTest(kind):
                self.assertIn("not all files are those that were built", verify(text))
        content = first.read_bytes()
        first.write_bytes(content + b"x")
        self.assertIn(f"{first.name} is not what its job has built", verify(good))
        first.unlink()
        elsewhere = self.dist.parent / "elsewhere"
        elsewhere.write_bytes(content)
        first.symlink_to(elsewhere)
        self.assertIn("is not a file", verify(good))
        first.unlink()
        self.assertIn("must hold exactly", verify(good))
        first.write_bytes(content)
        (self.dist / "more").mkdir()
        self.assertIn("must hold exactly", verify(good))

    def test_the_workflow_compares_all_files_before_it_attests_or_tags(self):
        workflow = (ROOT / ".github/workflows/release.yml").read_text()
        release, npm = workflow.index("\n  release:\n"), workflow.index("\n  npm:\n")
        job = workflow[npm:]
        order = ["scripts/release verify dist", "scripts/npm pack dist packages", "scripts/npm publish packages"]
        places = [job.index(part) for part in order]
        self.assertEqual(places, sorted(places))
        job = workflow[release:npm]
        self.assertEqual(len(re.findall(r"needs\.(?:binary|sbom)\.outputs\.\S+ }}\n", job)), 7)
        self.assertEqual(len(re.findall(r"name: (?:binary-\S+|sbom)\n", job)), 7)
        self.assertNotIn("pattern:", job)
        order = ["scripts/release verify dist", 'compress dist >>"$RUNNER_TEMP/sums"', "actions/attest@", "scripts/release tag dist", "gh release upload"]
        places = [job.index(part) for part in order]
        self.assertEqual(places, sorted(places))
        self.assertEqual(job.count("subject-path"), 0)
        # Every job that uses a file compares it.
        for name, compares in (("image", "sha256sum --check --strict"), ("reproduce", "scripts/reproduce")):
            other = workflow[workflow.index(f"\n  {name}:\n") :]
            self.assertIn(compares, other[: other.index("\n  release:\n")])

    def cyclonedx(self, leave_out=()):
        """A PATH whose `cargo cyclonedx` describes the crates that cargo names, but for some."""
        folder = self.copy.parent / "bin"
        folder.mkdir(exist_ok=True)
        tool = folder / "cargo-cyclonedx"
        tool.write_text(f"""#!/usr/bin/env python3
import json, os, subprocess
metadata = json.loads(subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1"], check=True, stdout=subprocess.PIPE).stdout)
of = lambda package: {{"name": package["name"], "version": package["version"]}}
packages = [package for package in metadata["packages"] if package["name"] not in {list(leave_out)!r}]
[main] = [package for package in packages if package["name"] == "aerostack-publish"]
component = of(main) | {{"bom-ref": f"path+file://{{os.getcwd()}}#aerostack-publish@" + main["version"]}}
document = {{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {{"timestamp": os.environ["SOURCE_DATE_EPOCH"], "component": component}},
            "components": [of(package) for package in packages if package is not main]}}
for folder in (".", "demo"):
    open(f"{{folder}}/aerostack-publish_bin.cdx.json", "w").write(json.dumps(document))
""")
        tool.chmod(0o755)
        return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_the_sbom_lists_every_crate_and_is_the_same_each_time(self):
        self.prepare("2.0.0")
        file = self.dist / "aerostack-publish-v2.0.0.cdx.json"
        texts = []
        for _ in range(2):
            self.assertRegex(self.release("sbom", str(self.dist), env=self.cyclonedx()), r"\.cdx\.json lists \d{3} crates")
            texts.append(file.read_text())
        self.assertEqual(texts[0], texts[1])
        document = json.loads(texts[0])
        self.assertEqual(document["bomFormat"], "CycloneDX")
        # GitHub does not attest an SBOM without this number.
        self.assertRegex(document["serialNumber"], "^urn:uuid:[0-9a-f-]{36}$")
        self.assertEqual(document["metadata"]["component"]["bom-ref"], "path+file:///aerostack-publish#aerostack-publish@2.0.0")
        self.assertEqual(document["metadata"]["timestamp"], self.git("log", "-1", "--format=%ct"))
        self.assertEqual(self.git("status", "--porcelain"), "")
        file.unlink()
        for crate in ("serde", "cc", "windows-sys"):  # of every platform, and one that only the build runs
            error = self.release("sbom", str(self.dist), env=self.cyclonedx([crate]), fails=True)
            self.assertIn(f"the SBOM lacks {crate} ", error)
        self.assertFalse(file.exists())
