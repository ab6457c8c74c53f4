"""Where the action gets its program from: its own release, the tool cache, or its source."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from act import ACTION, BINARY, CHECKOUT, KEY, ROOT, TARGET, Consumer, Hub, Release, export, scratch

VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
ASSET = f"aerostack-publish-v{VERSION}-x86_64-unknown-linux-musl"
# Replaces a release's binary: it is small, and prints a line by which the tests recognize it.
PROGRAM = f'#!/bin/sh\necho "the released program runs"\nexec "{BINARY}"\n'.encode()
RAN = "the released program runs"


def sums(files):
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = scratch(self)
        self.action = export(self.folder / "action")
        (self.action / "SHA256SUMS").write_text(sums({ASSET: PROGRAM}))
        self.consumer = Consumer(self.folder / "consumer", self.action)
        self.consumer.function(".")
        self.hub = Hub(self.folder)
        self.addCleanup(self.hub.stop)
        step = {"uses": ACTION, "with": {"api-key": KEY, "api-url": self.hub.url}}
        self.consumer.workflow([CHECKOUT, step])

    def release(self, files, faults=()):
        release = Release(files, faults)
        self.addCleanup(release.stop)
        return release

    def act(self, url, path=None, **env):
        return self.consumer.act(env={"AEROSTACK_PUBLISH_DOWNLOAD_URL": url} | env, path=path)

    def assert_published(self, run):
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        self.assertEqual(self.hub.publishes(), ["201"])

    def assert_refused(self, run, pattern):
        self.assertEqual(run.jobs, {"job": "failure"}, run.text)
        [error] = run.annotations("error")
        self.assertRegex(error["arg"], pattern)
        self.assertNotIn(RAN, run.log)
        self.assertEqual(self.hub.publishes(), [])

    def fake_cargo(self):
        """A PATH whose `cargo` writes a program where the real one would, and records its arguments."""
        folder = self.folder / "fake cargo"
        folder.mkdir()
        cargo = folder / "cargo"
        cargo.write_text(
            '#!/bin/sh\necho "cargo $* in $PWD"\nfor last; do :; done\n'
            f'mkdir -p "$last/debug" && ln -s "{BINARY}" "$last/debug/aerostack-publish"\n'
        )
        cargo.chmod(0o755)
        return f"{folder}:{os.environ['PATH']}"

    def test_the_actions_own_release_is_downloaded_once_and_cached(self):
        release = self.release({ASSET: PROGRAM})
        first = self.act(release.url)
        self.assert_published(first)
        self.assertIn(RAN, first.log)
        second = self.act(release.url)
        self.assertEqual(second.jobs, {"job": "success"}, second.text)
        self.assertIn(RAN, second.log)
        self.assertIn("is in the tool cache", second.log)
        self.assertEqual(release.asked, [f"/{ASSET}"])

    def test_a_cached_program_that_was_changed_is_not_run(self):
        release = self.release({ASSET: PROGRAM})
        cached = self.consumer.tool_cache / f"aerostack-publish/{VERSION}/x86_64/aerostack-publish"
        cached.parent.mkdir(parents=True)
        cached.write_text("#!/bin/sh\necho changed\n")
        run = self.act(release.url)
        self.assert_published(run)
        self.assertNotIn("changed", run.log)
        self.assertEqual(cached.read_bytes(), PROGRAM)

    def test_a_wrong_checksum_fails_the_step_and_nothing_is_run(self):
        release = self.release({ASSET: PROGRAM + b"# one line more\n"})
        self.assert_refused(self.act(release.url), "is not the released aerostack-publish .* It was not run")
        self.assertFalse(list(self.consumer.tool_cache.rglob("aerostack-publish*/*/*/*")))

    def test_temporary_errors_of_the_server_are_retried(self):
        release = self.release({ASSET: PROGRAM}, faults=[503, 500])
        run = self.act(release.url)
        self.assert_published(run)
        self.assertEqual(len(release.asked), 3)

    def test_an_unreachable_network_is_named_as_the_cause(self):
        release = self.release({})
        release.stop()
        run = self.act(release.url)
        self.assert_refused(run, rf"could not be downloaded from {release.url}/{ASSET}: .*connect.* Run the job again")

    def test_a_version_without_a_release_is_built_from_source(self):
        release = self.release({})
        run = self.act(release.url, path=self.fake_cargo())
        self.assert_published(run)
        self.assertIn(f"is built from source: there is no {release.url}/{ASSET}", run.log)
        self.assertRegex(run.log, "cargo build --locked --bin aerostack-publish .* in .*/acme-aerostack-publish@v1")

    def test_checksums_of_another_version_are_not_used(self):
        (self.action / "SHA256SUMS").write_text(sums({ASSET.replace(VERSION, "99.0.0"): PROGRAM}))
        release = self.release({ASSET: PROGRAM})
        run = self.act(release.url, path=self.fake_cargo())
        self.assert_published(run)
        self.assertEqual(release.asked, [])

    def test_a_commit_without_checksums_is_built_from_source_with_cargo(self):
        (self.action / "SHA256SUMS").unlink()
        # Settings of the consumer's own Rust code, each of which would break the build.
        self.consumer.write("rust-toolchain.toml", '[toolchain]\nchannel = "1.0.0"\n')
        self.consumer.write(".cargo/config.toml", "not = toml = at all")
        env = {"RUSTFLAGS": "--no-such-flag", "CARGO_BUILD_TARGET": "no-such-target", "RUSTUP_TOOLCHAIN": "1.0.0"}
        # The dependencies are there already, and the network is not needed.
        env |= {"CARGO_TARGET_DIR": str(self.warm_target()), "CARGO_NET_OFFLINE": "true"}
        for name, default in (("CARGO_HOME", "~/.cargo"), ("RUSTUP_HOME", "~/.rustup")):
            env[name] = os.environ.get(name) or os.path.expanduser(default)
        run = self.act("http://127.0.0.1:1", **env)
        self.assertIn("is built from source: this commit is no release", run.log)
        self.assertRegex(run.log, "Compiling.* aerostack-publish")
        self.assert_published(run)

    def warm_target(self):
        """The build directory of these tests, as links, which need the same file system: its files are not changed."""
        folder = tempfile.TemporaryDirectory(dir=TARGET.parent)
        self.addCleanup(folder.cleanup)
        warm = Path(folder.name)
        for part in ("deps", "build", ".fingerprint"):
            shutil.copytree(TARGET / part, warm / "debug" / part, copy_function=os.link)
        return warm


class Script(unittest.TestCase):
    """The script alone, on machines without some of its tools."""

    TOOLS = "sh sed head cut tr cat mkdir mktemp chmod mv rm sleep tail grep dirname".split()

    def setUp(self):
        self.folder = scratch(self)
        self.action = self.folder / "the action"
        export(self.action)
        self.tools = self.folder / "tools"
        self.tools.mkdir()

    def run_script(self, tools, url="http://127.0.0.1:1", shell="sh", **env):
        for tool in [*self.TOOLS, *tools]:
            (self.tools / tool).symlink_to(shutil.which(tool))
        output = self.folder / "output"
        output.touch()
        env = {
            "PATH": str(self.tools),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_OUTPUT": str(output),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(self.folder / "the temp"),
            "RUNNER_TOOL_CACHE": str(self.folder / "the cache"),
            "AEROSTACK_PUBLISH_DOWNLOAD_URL": url,
            "ACTION_REPOSITORY": "",
            "BINARY": "",
        } | env
        (self.folder / "the temp").mkdir(exist_ok=True)
        script = '. "$GITHUB_ACTION_PATH/action/install.sh"'
        run = subprocess.run([shutil.which(shell), "-e", "-c", script], env=env, capture_output=True, text=True)
        self.output = output.read_text()
        return run

    def serve(self, asset=ASSET):
        (self.action / "SHA256SUMS").write_text(sums({asset: PROGRAM}))
        release = Release({asset: PROGRAM})
        self.addCleanup(release.stop)
        return release

    def assert_installed(self, run):
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        binary = self.output.removeprefix("binary=").rstrip("\n")
        with open(binary, "rb") as file:
            self.assertEqual(file.read(), PROGRAM)
        self.assertTrue(os.access(binary, os.X_OK))

    def test_every_system_and_machine_gets_its_own_file(self):
        expected = {
            ("Linux", "X64"): "x86_64-unknown-linux-musl",
            ("Linux", "ARM64"): "aarch64-unknown-linux-musl",
            ("macOS", "X64"): "x86_64-apple-darwin",
            ("macOS", "ARM64"): "aarch64-apple-darwin",
            ("Windows", "X64"): "x86_64-pc-windows-msvc.exe",
            ("Windows", "ARM64"): "aarch64-pc-windows-msvc.exe",
        }
        released = (ROOT / ".github/workflows/release.yml").read_text()
        for (system, machine), target in expected.items():
            with self.subTest(target):
                self.assertIn(f"target: {target.removesuffix('.exe')}\n", released)
                shutil.rmtree(self.tools)
                self.tools.mkdir()
                release = self.serve(f"aerostack-publish-v{VERSION}-{target}")
                cache = str(self.folder / target)
                run = self.run_script(
                    ["curl", "sha256sum"], release.url, RUNNER_OS=system, RUNNER_ARCH=machine, RUNNER_TOOL_CACHE=cache
                )
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assertEqual(release.asked, [f"/aerostack-publish-v{VERSION}-{target}"])
                self.output = self.output.splitlines()[-1]
                self.assert_installed(run)
                (self.folder / "output").unlink()

    def test_it_works_with_other_tools_that_a_container_may_have(self):
        for tools in (["wget", "sha256sum"], ["curl", "shasum", "perl"], ["curl", "openssl"]):
            with self.subTest(tools):
                shutil.rmtree(self.tools)
                self.tools.mkdir()
                release = self.serve()
                run = self.run_script(tools, release.url, RUNNER_TOOL_CACHE=str(self.folder / tools[-1]))
                self.output = self.output.splitlines()[-1]
                self.assert_installed(run)

    def test_it_works_in_bash_and_in_sh(self):
        self.assert_installed(self.run_script(["curl", "sha256sum"], self.serve().url, shell="bash"))

    def test_without_a_tool_cache_the_job_directory_is_used(self):
        release = self.serve()
        self.assert_installed(self.run_script(["curl", "sha256sum"], release.url, RUNNER_TOOL_CACHE=""))
        self.assertIn("the temp", self.output)

    def test_with_wget_a_missing_release_is_not_an_error_of_the_server(self):
        release = self.serve()
        release.files = {}
        run = self.run_script(["wget"], release.url)
        self.assertIn("is built from source: there is no", run.stdout)

    def refused(self, run, message):
        self.assertIn(f"::error title=aerostack-publish::{message}", run.stdout)
        self.assertEqual(self.output, "")
        return run.returncode

    def test_a_machine_without_a_download_tool_gets_the_names_of_those_it_needs(self):
        run = self.run_script(["sha256sum"], self.serve().url)
        self.assertEqual(self.refused(run, "this runner has neither `curl` nor `wget`"), 2)

    def test_a_program_whose_checksum_cannot_be_computed_is_not_run(self):
        run = self.run_script(["curl"], self.serve().url)
        self.assertEqual(self.refused(run, "this runner has none of `sha256sum`"), 2)

    def test_without_a_release_and_without_cargo_the_error_names_the_fix(self):
        run = self.run_script(["curl"])
        self.assertEqual(self.refused(run, "there is no prebuilt aerostack-publish (this commit is no release)"), 2)

    def test_the_release_is_downloaded_from_the_repository_in_uses(self):
        self.serve()
        for given, repository in (("acme/fork", "acme/fork"), ("", "aerostackdev/aerostack-publish")):
            with self.subTest(given):
                shutil.rmtree(self.tools)
                self.tools.mkdir()
                curl = self.tools / "curl"
                curl.write_text('#!/bin/sh\nfor last; do :; done\necho "$last" >"${0%/*}/asked"\necho 404\n')
                curl.chmod(0o755)
                self.run_script([], url="", ACTION_REPOSITORY=given)
                asked = (self.tools / "asked").read_text().strip()
                self.assertEqual(asked, f"https://github.com/{repository}/releases/download/v{VERSION}/{ASSET}")
