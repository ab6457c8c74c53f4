"""Where the action gets its program from: its own release, the tool cache, or its source."""

import gzip
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import unittest
from pathlib import Path

from act import ACTION, BINARY, CHECKOUT, KEY, ROOT, Consumer, Hub, Release, export, scratch

VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
ASSET = f"aerostack-publish-v{VERSION}-x86_64-unknown-linux-musl"
# Replaces a release's binary: it is small, and prints a line by which the tests recognize it.
PROGRAM = f'#!/bin/sh\necho "the released program runs"\nexec "{BINARY}"\n'.encode()
RAN = "the released program runs"
# Variables that change what cargo builds, or with which program: some by name, some by a configuration key, some by a target's name.
RUST_SETTINGS = """
RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTDOC RUSTFLAGS RUSTDOCFLAGS RUSTUP_TOOLCHAIN RUSTC_BOOTSTRAP RUSTC_LINKER CARGO
CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR CARGO_INCREMENTAL CARGO_HTTP_PROXY CARGO_NET_OFFLINE CARGO_NET_GIT_FETCH_WITH_CLI
CARGO_BUILD_TARGET CARGO_BUILD_TARGET_DIR CARGO_BUILD_RUSTC CARGO_BUILD_RUSTC_WRAPPER CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER
CARGO_BUILD_RUSTFLAGS CARGO_BUILD_JOBS CARGO_PROFILE_DEV_OPT_LEVEL CARGO_UNSTABLE_BUILD_STD CARGO_ALIAS_BUILD
CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER
CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS CARGO_REGISTRIES_CRATES_IO_PROTOCOL CARGO_REGISTRY_DEFAULT CARGO_REGISTRY_TOKEN
CARGO_SOURCE_CRATES_IO_REPLACE_WITH CARGO_CACHE_RUSTC_INFO RUSTUP_DIST_SERVER RUSTUP_UPDATE_ROOT RUSTUP_OVERRIDE_HOST_TUPLE
CC CXX AR CFLAGS CXXFLAGS CPPFLAGS LDFLAGS HOST_CC TARGET_CC CC_x86_64_unknown_linux_gnu CFLAGS_x86_64_unknown_linux_gnu
RING_PREGENERATE_ASM PKG_CONFIG_PATH LIBRARY_PATH C_INCLUDE_PATH CPATH COMPILER_PATH GCC_EXEC_PREFIX LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT
GIT_CONFIG_GLOBAL GIT_SSH_COMMAND BASH_ENV ENV MAKEFLAGS PERL5OPT
""".split()


def sums(files):
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())


def released(files):
    """The files, and each compressed, as a release has them."""
    return files | {f"{name}.gz": gzip.compress(content) for name, content in files.items()}


def write_fake_cargo(folder):
    """A `cargo` that prints its arguments, directory and environment, and writes a program where the real one would."""
    cargo = folder / "cargo"
    cargo.write_text(
        '#!/bin/sh\necho "cargo $* in $PWD"\n/usr/bin/env\nfor last; do :; done\n'
        f'/bin/mkdir -p "$last/debug" && /bin/ln -s "{BINARY}" "$last/debug/aerostack-publish"\n'
    )
    cargo.chmod(0o755)


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
        release = Release(released(files), faults)
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
        """A PATH with a `cargo` that builds nothing."""
        folder = self.folder / "fake cargo"
        folder.mkdir()
        write_fake_cargo(folder)
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
        self.assertEqual(release.asked, [f"/{ASSET}.gz"])

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
        self.assert_refused(run, rf"could not be downloaded from {release.url}/{ASSET}.gz: .*connect.* Run the job again")

    def test_a_release_that_is_missing_at_its_location_is_not_replaced_by_a_build(self):
        release = self.release({})
        run = self.act(release.url, path=self.fake_cargo())
        self.assert_refused(run, f"there is no {release.url}/{ASSET} .HTTP status 404.. Copy this file of the release")
        self.assertNotIn("cargo build", run.log)

    def test_the_program_runs_from_a_private_directory_of_the_job(self):
        program = {ASSET: PROGRAM.replace(b"runs", b"runs as $0")}
        release = self.release(program)
        (self.action / "SHA256SUMS").write_text(sums(program))
        run = self.act(release.url)
        self.assert_published(run)
        self.assertRegex(run.log, rf"{RAN} as {self.consumer.home}/.*/tmp/aerostack-publish\.\w{{10}}/aerostack-publish")

    def test_tools_in_the_workspace_are_not_run(self):
        for tool in "sh bash env sed mktemp sha256sum curl wget gzip head cat grep".split():
            self.consumer.write(f"bin/{tool}", f'#!/bin/sh\necho "{tool} of the workspace"\nexit 9\n')
            (self.consumer.repository / "bin" / tool).chmod(0o755)
        self.consumer.write("rc", "echo the file of BASH_ENV\n")
        release = self.release({ASSET: PROGRAM})
        add = {"run": 'echo "$GITHUB_WORKSPACE/bin" >>"$GITHUB_PATH"; echo "BASH_ENV=$GITHUB_WORKSPACE/rc" >>"$GITHUB_ENV"', "shell": "sh"}
        step = {"uses": ACTION, "with": {"api-key": KEY, "api-url": self.hub.url}}
        self.consumer.workflow([CHECKOUT, add, step])
        run = self.act(release.url)
        self.assert_published(run)
        self.assertIn(RAN, run.log)
        self.assertNotRegex(run.text, "of the workspace|the file of BASH_ENV")

    def test_a_commit_without_checksums_is_built_from_source_with_cargo(self):
        # The action with a smaller program: the `action` jobs of the project's own CI build the real one.
        for name in ("SHA256SUMS", "Cargo.toml", "Cargo.lock"):
            (self.action / name).unlink()
        shutil.rmtree(self.action / "src")
        package = f'[package]\nname = "aerostack-publish"\nversion = "{VERSION}"\nedition = "2024"\n\n[workspace]\n'
        (self.action / "Cargo.toml").write_text(package)
        (self.action / "Cargo.lock").write_text(f'version = 4\n\n[[package]]\nname = "aerostack-publish"\nversion = "{VERSION}"\n')
        (self.action / "src").mkdir()
        (self.action / "src/main.rs").write_text(
            "use std::{os::unix::process::CommandExt, process::Command};\n"
            f'fn main() {{ println!("{RAN}"); panic!("{{}}", Command::new("{BINARY}").exec()) }}\n'
        )
        # The action is a folder of the repository, whose settings for its own Rust code would each break the build.
        shutil.copytree(self.action, self.consumer.repository / ".github/actions/aerostack-publish")
        step = {"uses": "./.github/actions/aerostack-publish", "with": {"api-key": KEY, "api-url": self.hub.url}}
        self.consumer.workflow([CHECKOUT, step])
        self.consumer.write("rust-toolchain.toml", '[toolchain]\nchannel = "1.0.0"\n')
        for folder in (".cargo", "cargo-home"):
            self.consumer.write(f"{folder}/config.toml", "not = toml = at all")
        workspace = "${{ github.workspace }}"
        env = {name: "no-such-thing" for name in RUST_SETTINGS} | {"CARGO_HOME": f"{workspace}/cargo-home"}
        job = json.loads((self.consumer.repository / ".github/workflows/ci.yml").read_text())
        job["jobs"]["job"]["env"] = env
        self.consumer.write(".github/workflows/ci.yml", job)
        rustup = os.environ.get("RUSTUP_HOME") or os.path.expanduser("~/.rustup")
        run = self.act("http://127.0.0.1:1", RUSTUP_HOME=rustup)
        self.assertIn("is built from source: this commit is no release", run.log)
        self.assertRegex(run.log, "Compiling.* aerostack-publish")
        self.assertIn(RAN, run.log)
        self.assert_published(run)


class Script(unittest.TestCase):
    """The script alone, on machines without some of its tools."""

    TOOLS = "sh sed head cut tr cat mkdir mktemp chmod mv rm sleep tail grep wc gzip".split()

    def setUp(self):
        self.folder = scratch(self)
        self.action = self.folder / "the action"
        export(self.action)
        self.tools = self.folder / "tools"
        self.tools.mkdir()

    def run_script(self, tools=("curl", "sha256sum"), url="http://127.0.0.1:1", shell="sh", cwd=None, **env):
        for tool in [*self.TOOLS, *tools]:
            if not os.path.lexists(self.tools / tool):
                (self.tools / tool).symlink_to(shutil.which(tool))
        output = self.folder / "output"
        output.write_text("")
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
        command = [shutil.which(shell), "-e", "-c", script]
        run = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=60)
        self.output = output.read_text()
        return run

    def serve(self, asset=ASSET):
        (self.action / "SHA256SUMS").write_text(sums(released({asset: PROGRAM})))
        release = Release(released({asset: PROGRAM}))
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
                self.assertEqual(release.asked, [f"/aerostack-publish-v{VERSION}-{target}.gz"])
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

    def without_gzip(self):
        self.TOOLS = [tool for tool in self.TOOLS if tool != "gzip"]
        (self.tools / "gzip").unlink(missing_ok=True)

    def test_without_gzip_the_uncompressed_program_is_downloaded(self):
        self.without_gzip()
        for shell in ("sh", "bash"):
            with self.subTest(shell):
                release = self.serve()
                run = self.run_script(url=release.url, shell=shell, RUNNER_TOOL_CACHE=str(self.folder / shell))
                self.output = self.output.splitlines()[-1]
                self.assert_installed(run)
                self.assertEqual(release.asked, [f"/{ASSET}"])

    def test_a_mirror_without_the_compressed_program_is_asked_for_the_other_one(self):
        # Storage services answer 403 or 401 for what is not there.
        for status in (404, 410, 403, 401):
            for tool in ("curl", "wget"):
                with self.subTest(status, tool=tool):
                    (self.tools / "curl").unlink(missing_ok=True)
                    shutil.rmtree(self.folder / "the cache", ignore_errors=True)
                    release = self.serve()
                    release.faults = [status]
                    run = self.run_script([tool, "sha256sum"], release.url)
                    self.assert_installed(run)
                    self.assertEqual(release.asked, [f"/{ASSET}.gz", f"/{ASSET}"])
                    self.assertRegex(run.stdout, rf"{ASSET}.gz: .*{status}.* Downloading the uncompressed file")

    def test_a_compressed_program_that_the_server_decompresses_is_the_program(self):
        release = self.serve()
        release.files[f"{ASSET}.gz"] = PROGRAM
        self.assert_installed(self.run_script(url=release.url))
        self.assertEqual(release.asked, [f"/{ASSET}.gz"])

    def test_an_archive_of_anything_else_is_refused(self):
        (self.tools / "curl").symlink_to(shutil.which("curl"))
        # What is hashed is all that is written.
        tool = self.tools / "sha256sum"
        tool.write_text(f'#!/bin/sh\ncat >"{self.folder}/hashed"\nexec {shutil.which("sha256sum")} <"{self.folder}/hashed"\n')
        tool.chmod(0o755)
        right = released({ASSET: PROGRAM})[f"{ASSET}.gz"]
        for kind, (content, reason) in {
            "another program": (gzip.compress(b"#!/bin/sh\n"), "decompressed, its SHA-256 checksum is"),
            "the program and more": (gzip.compress(PROGRAM + b"echo more\n"), "decompressed, its SHA-256 checksum is"),
            "two archives": (right + right, "decompressed, its SHA-256 checksum is"),
            "cut": (right[:-30], r"it could not be decompressed \(gzip: .*unexpected end of file\)"),
            "changed": (right[:20] + bytes([right[20] ^ 0xFF]) + right[21:], r"it could not be decompressed \(gzip: "),
            "a web page": (gzip.compress(b"<!DOCTYPE html>"), "it is a web page"),
            "200 MiB": (gzip.compress(bytes(200 << 20), 1), "decompressed, its size is more than 64 MiB"),
            "the program and 200 MiB": (right + gzip.compress(bytes(200 << 20), 1), "decompressed, its size is more than 64 MiB"),
        }.items():
            with self.subTest(kind):
                release = self.serve()
                release.files[f"{ASSET}.gz"] = content
                run = self.run_script([], release.url)
                message = f"the file at {release.url}/{ASSET}.gz is not the released aerostack-publish {VERSION}: "
                self.assertEqual(self.refused(run, message), 2)
                self.assertRegex(run.stdout, f": {reason}.* It was not run")
                self.assertLessEqual((self.folder / "hashed").stat().st_size, 64 << 20)
                self.assertEqual(release.asked, [f"/{ASSET}.gz"])
                self.assertFalse(self.cached.exists())

    def test_it_works_in_bash_and_in_sh(self):
        self.assert_installed(self.run_script(["curl", "sha256sum"], self.serve().url, shell="bash"))

    def test_without_a_tool_cache_the_job_directory_is_used(self):
        release = self.serve()
        self.assert_installed(self.run_script(["curl", "sha256sum"], release.url, RUNNER_TOOL_CACHE=""))
        self.assertIn("the temp", self.output)

    def refused(self, run, message):
        self.assertIn(f"::error title=aerostack-publish::{message}", run.stdout)
        self.assertEqual(self.output, "")
        self.assertEqual(list((self.folder / "the temp").iterdir()), [], "something is left of a failed step")
        return run.returncode

    @property
    def cached(self):
        return self.folder / f"the cache/aerostack-publish/{VERSION}/x86_64/aerostack-publish"

    def binary(self):
        return Path(self.output.removeprefix("binary=").rstrip("\n"))

    def test_what_is_run_is_a_private_copy_that_no_other_job_can_change(self):
        release = self.serve()
        names = set()
        for _ in range(2):
            self.assert_installed(self.run_script(url=release.url))
            binary = self.binary()
            self.assertEqual(binary.parent.parent, self.folder / "the temp")
            self.assertEqual(stat.S_IMODE(binary.parent.stat().st_mode), 0o700)
            self.assertFalse(binary.samefile(self.cached))
            names.add(binary)
        self.assertEqual(len(names), 2, "a predictable name")
        self.assertEqual(len(release.asked), 1)

    def test_a_cached_file_that_is_swapped_while_it_is_hashed_is_not_run(self):
        release = self.serve()
        for moment in ("before", "after"):
            with self.subTest(moment):
                self.cached.parent.mkdir(parents=True, exist_ok=True)
                self.cached.write_bytes(PROGRAM)
                self.cached.chmod(0o755)
                swap = f'echo evil >"{self.cached}"'
                hashing = f'{shutil.which("sha256sum")}'
                lines = [swap, hashing] if moment == "before" else [hashing, swap]
                tool = self.tools / "sha256sum"
                tool.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
                tool.chmod(0o755)
                self.assert_installed(self.run_script(["curl"], release.url))
                self.assertEqual(self.cached.read_text(), "evil\n")

    def test_whatever_is_in_the_cache_in_place_of_the_program_is_replaced(self):
        elsewhere = self.folder / "elsewhere"

        def link_to(target):
            return lambda: self.cached.symlink_to(target)

        def file(content, mode):
            def write():
                self.cached.write_bytes(content)
                self.cached.chmod(mode)

            return write

        def directory():
            self.cached.mkdir()
            (self.cached / "aerostack-publish").write_bytes(PROGRAM)

        def linked_parent(levels):
            def link():
                parent = self.cached.parents[levels]
                shutil.rmtree(parent)
                parent.symlink_to(elsewhere)

            return link

        def file_for_parent():
            self.cached.parent.rmdir()
            self.cached.parent.write_text("a file")

        kinds = {
            "a link to the program": link_to(elsewhere / "program"),
            "a link to another file": link_to(elsewhere / "other"),
            "a link to a directory": link_to(elsewhere),
            "a dangling link": link_to(self.folder / "nowhere"),
            "a directory": directory,
            "a file without its run bit": file(PROGRAM, 0o644),
            "a file that nobody may run or read": file(PROGRAM, 0),
            "another program": file(b"#!/bin/sh\necho evil\n", 0o755),
            "an empty file": file(b"", 0o755),
            "a pipe": lambda: os.mkfifo(self.cached, 0o755),
            "a linked directory of the machine": linked_parent(0),
            "a linked directory of the version": linked_parent(1),
            "a linked directory of the action": linked_parent(2),
            "a file for a directory": file_for_parent,
        }
        for kind, make in kinds.items():
            with self.subTest(kind):
                for folder in (self.folder / "the cache", elsewhere):
                    shutil.rmtree(folder, ignore_errors=True)
                elsewhere.mkdir()
                (elsewhere / "program").write_bytes(PROGRAM)
                (elsewhere / "program").chmod(0o755)
                (elsewhere / "other").write_text("other")
                (elsewhere / "aerostack-publish").mkdir()
                (elsewhere / "aerostack-publish/file").write_text("kept")
                self.cached.parent.mkdir(parents=True)
                make()
                release = self.serve()
                self.assert_installed(self.run_script(url=release.url))
                self.assertTrue(self.binary().is_relative_to(self.folder / "the temp"))
                for part in (self.cached, *self.cached.parents[:3]):
                    self.assertFalse(part.is_symlink(), part)
                self.assertEqual(self.cached.read_bytes(), PROGRAM)
                self.assertEqual(stat.S_IMODE(self.cached.stat().st_mode), 0o755)
                self.assertEqual(sorted(path.name for path in self.cached.parent.iterdir()), ["aerostack-publish"])
                kept = {path.name: path.read_text() for path in elsewhere.rglob("*") if path.is_file()}
                self.assertEqual(kept, {"program": PROGRAM.decode(), "other": "other", "file": "kept"})
                self.assertEqual(len(release.asked), 1)

    def test_a_cache_that_cannot_be_written_is_no_error(self):
        cache = self.folder / "a file"
        cache.write_text("")
        self.assert_installed(self.run_script(url=self.serve().url, RUNNER_TOOL_CACHE=str(cache)))

    def test_nothing_with_a_predictable_name_is_used_in_the_temporary_folder(self):
        temporary = self.folder / "the temp"
        temporary.mkdir()
        for name in ("aerostack-publish", "aerostack-publish-target", "aerostack-publish.log"):
            (temporary / name).symlink_to(self.folder / "planted")
        (self.tools / "planted").mkdir()
        self.assert_installed(self.run_script(url=self.serve().url, RUNNER_TOOL_CACHE=""))
        self.assertRegex(self.binary().parent.name, r"^aerostack-publish\.\w{10}$")
        self.assertFalse((self.folder / "planted").exists())

    def answers(self):
        """What a mirror can answer in place of the program, with the exit code and the message."""

        def page(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(b"\n<!DOCTYPE html><title>Log in</title>")

        def truncated(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(PROGRAM)))
            handler.end_headers()
            handler.wfile.write(PROGRAM[:-9])

        def closed_early(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(PROGRAM[:-9])

        def empty(handler):
            handler.send_response(200)
            handler.end_headers()

        def redirect(target):
            def respond(handler):
                handler.send_response(302)
                handler.send_header("Location", target)
                handler.end_headers()

            return respond

        def commands(handler):
            handler.send_response(503, "##[error]x \\n::error::y")
            handler.end_headers()

        busy = "could not be downloaded from .*Run the job again, or set the input `binary`"
        return {
            404: (2, "there is no .* Copy this file of the release to the location in AEROSTACK_PUBLISH_DOWNLOAD_URL"),
            410: (2, "there is no .* Copy this file"),
            401: (2, "could not be downloaded: .*401.* Copy this file"),
            403: (2, "could not be downloaded: .*403.* Copy this file"),
            500: (4, busy),
            503: (4, busy),
            429: (4, busy),
            page: (2, "is not the released aerostack-publish .*: it is a web page, .* It was not run"),
            truncated: (4, busy),
            closed_early: (2, "is not the released aerostack-publish .* checksum is"),
            empty: (2, "is not the released aerostack-publish .* checksum is"),
            redirect("file:///etc/passwd"): (2, "could not be downloaded: "),
            commands: (4, busy),
        }

    def test_whatever_a_mirror_answers_no_other_program_is_built_or_run(self):
        for name in ("cargo", "sleep"):
            (self.tools / name).write_text(f'#!/bin/sh\n[ {name} = sleep ] || echo "cargo runs"\n')
            (self.tools / name).chmod(0o755)
        for tool, has_gzip in (("curl", True), ("wget", True), ("curl", False), ("wget", False)):
            if not has_gzip:
                self.without_gzip()
            for answer, (exit_code, message) in self.answers().items():
                name = answer if isinstance(answer, int) else answer.__name__
                with self.subTest(name, tool=tool, has_gzip=has_gzip):
                    for other in ("curl", "wget"):
                        (self.tools / other).unlink(missing_ok=True)
                    release = self.serve()
                    release.faults = [answer] * 4
                    run = self.run_script([tool, "sha256sum"], release.url)
                    self.assertRegex(run.stdout, f"(?m)^::error title=aerostack-publish::.*{message}")
                    self.assertEqual(self.refused(run, ""), exit_code, run.stdout)
                    # What is refused or not there is asked for uncompressed, too.
                    plain = [f"/{ASSET}"] if exit_code == 2 and "is not the released" not in message else []
                    first = [f"/{ASSET}.gz"] if has_gzip else [f"/{ASSET}"]
                    self.assertEqual(release.asked, first * 4 if exit_code == 4 else first + plain if has_gzip else first)
                    self.assertNotIn("cargo runs", run.stdout)
                    # The error is the only command.
                    self.assertEqual(len(re.findall(r"(?m)^::|##\[", run.stdout)), 1, run.stdout)

    def test_a_message_of_a_download_tool_is_one_line_without_commands(self):
        self.serve()
        for name, script in {
            "curl": "printf 'one\\n::error::two ##[error]three \\\\n::error::four\\n' >&2\necho 000\nexit 7\n",
            "sleep": "",
        }.items():
            (self.tools / name).write_text(f"#!/bin/sh\n{script}")
            (self.tools / name).chmod(0o755)
        run = self.run_script([])
        self.assertEqual(self.refused(run, f"aerostack-publish {VERSION} could not be downloaded from"), 4)
        self.assertIn("download failed (one ::error::two", run.stdout)
        self.assertEqual(len(re.findall(r"(?m)^ *::|##\[", run.stdout)), 1, run.stdout)

    def test_what_another_attempt_does_not_change_is_not_tried_again(self):
        self.serve()
        untrusted = "printf 'the certificate is self-signed\\n' >&2\n"
        for tool, script in {"curl": f"{untrusted}echo 000\nexit 60\n", "wget": f"{untrusted}exit 5\n"}.items():
            with self.subTest(tool):
                (self.tools / "curl").unlink(missing_ok=True)
                (self.tools / tool).write_text(f"#!/bin/sh\n{script}")
                (self.tools / tool).chmod(0o755)
                run = self.run_script([])
                self.assertEqual(self.refused(run, f"aerostack-publish {VERSION} could not be downloaded"), 2)
                self.assertIn("the certificate is self-signed. Correct the URL, or let this runner trust", run.stdout)
                self.assertNotIn("retrying", run.stdout)
        (self.tools / "wget").unlink()
        run = self.run_script(["curl"], "http://[::1")
        self.assertEqual(self.refused(run, f"aerostack-publish {VERSION} could not be downloaded"), 2)
        self.assertNotIn("retrying", run.stdout)

    def test_a_release_is_never_built_from_source(self):
        write_fake_cargo(self.tools)
        (self.tools / "env").symlink_to(shutil.which("env"))
        listed = {"another version": {ASSET.replace(VERSION, "99.0.0"): PROGRAM}, "another system": {"x": PROGRAM}, "nothing": {}}
        file = self.action / "SHA256SUMS"
        for kind, files in listed.items():
            with self.subTest(kind):
                file.write_text(sums(files))
                run = self.run_script(url=self.serve_nothing())
                self.assertEqual(self.refused(run, f"release {VERSION} has no program for this runner (Linux, X64)"), 2)
        file.write_text(sums({ASSET: PROGRAM}))
        run = self.run_script(url=self.serve_nothing(), RUNNER_ARCH="ARM64")
        self.assertEqual(self.refused(run, f"release {VERSION} has no program for this runner (Linux, ARM64)"), 2)
        for kind in ("dangling link", "directory"):
            with self.subTest(kind):
                file.unlink()
                file.symlink_to("nowhere") if kind == "dangling link" else file.mkdir()
                self.assertEqual(self.refused(self.run_script(url=self.serve_nothing()), f"`{file}` is not a file"), 2)

    def serve_nothing(self):
        return "http://127.0.0.1:1"

    def test_a_line_without_a_line_break_at_its_end_is_read(self):
        release = self.serve()
        (self.action / "SHA256SUMS").write_text(sums({"x": b"", ASSET: PROGRAM}).rstrip("\n"))
        self.assert_installed(self.run_script(url=release.url))

    def build(self, **env):
        """Runs the script for a commit that is no release, with a `cargo` that prints its environment."""
        write_fake_cargo(self.tools)
        run = self.run_script(["env", "curl"], **env)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def test_a_build_gets_nothing_of_the_jobs_own_settings(self):
        given = {name: f"given-{name}" for name in RUST_SETTINGS} | {"CARGO_HOME": "/given-home", "RUSTUP_HOME": "given-rustup"}
        del given["LD_PRELOAD"], given["LD_AUDIT"]  # the linker of this machine complains of them before any script runs
        given |= {"BASH_FUNC_cargo%%": "() { echo given; }", "AEROSTACK_API_KEY": "given-key", "GITHUB_TOKEN": "given-token"}
        log = self.build(**given, HTTPS_PROXY="http://proxy.example:1", SSL_CERT_FILE="/cas.pem", HOME="/home/alice")
        self.assertNotIn("given", log)
        for kept in ("HTTPS_PROXY=http://proxy.example:1", "SSL_CERT_FILE=/cas.pem", "HOME=/home/alice"):
            self.assertIn(f"\n{kept}\n", log)
        temporary = re.escape(str(self.folder / "the temp"))
        self.assertRegex(log, rf"\nCARGO_HOME={temporary}/aerostack-publish\.\w+/cargo\n")
        # Settings are read from the directory that cargo runs in.
        self.assertRegex(log, rf"\ncargo build --locked --manifest-path {self.action}/Cargo.toml --bin .* --target-dir {temporary}/.* in /\n")
        self.assertTrue(self.binary().is_relative_to(self.folder / "the temp"))

    def test_no_tool_of_the_workspace_is_run(self):
        workspace = self.folder / "workspace"
        evil = workspace / "bin"
        evil.mkdir(parents=True)
        for tool in [*self.TOOLS, "curl", "sha256sum", "cargo", "env", "cygpath"]:
            (evil / tool).write_text(f'#!/bin/sh\necho ran >>"{self.folder}/ran"\nexit 9\n')
            (evil / tool).chmod(0o755)
        (self.folder / "linked").symlink_to(evil)
        (workspace / "again").symlink_to(workspace)
        release = self.serve()
        for entry in (evil, self.folder / "linked", workspace / "again/bin", f"{self.tools}/../workspace/bin", "bin", "", "./bin"):
            with self.subTest(entry):
                path = f"{entry}:{self.tools}"
                env = {"PATH": path, "GITHUB_WORKSPACE": str(workspace), "PWD": str(workspace)}
                self.assert_installed(self.run_script(url=release.url, cwd=evil if entry == "" else workspace, **env))
                self.assertFalse((self.folder / "ran").exists())
        (self.action / "SHA256SUMS").unlink()
        log = self.build(PATH=f"{evil}:{self.tools}", GITHUB_WORKSPACE=str(workspace), RUSTUP_HOME=str(evil))
        self.assertIn(f"\nPATH={self.tools}\n", log)
        self.assertNotIn("RUSTUP_HOME", log)
        self.assertFalse((self.folder / "ran").exists())

    def test_settings_of_the_download_tools_are_not_read(self):
        home = self.folder / "home"
        home.mkdir()
        (home / ".curlrc").write_text('url = "http://127.0.0.1:1/other"\noutput = "/dev/null"\n')
        (home / ".wgetrc").write_text("output_document = /dev/null\nhttp_proxy = http://127.0.0.1:1\nuse_proxy = on\n")
        settings = {"HOME": str(home), "CURL_HOME": str(home), "WGETRC": str(home / ".wgetrc"), "CDPATH": str(home), "GZIP": "--given"}
        for tool in ("curl", "wget"):
            with self.subTest(tool):
                (self.tools / "curl").unlink(missing_ok=True)
                shutil.rmtree(self.folder / "the cache", ignore_errors=True)
                self.assert_installed(self.run_script([tool, "sha256sum"], self.serve().url, **settings))

    def test_the_password_of_a_mirror_is_not_shown(self):
        release = self.serve()
        url = release.url.replace("//", "//alice:pass%40word@")
        run = self.run_script(url=url)
        self.assert_installed(run)
        release.files = {}
        for folder in (self.binary().parent, self.folder / "the cache"):
            shutil.rmtree(folder)
        refused = self.run_script(url=url)
        self.refused(refused, f"there is no {release.url}/{ASSET}")
        self.assertNotIn("pass", run.stdout + refused.stdout)

    def test_only_the_web_is_a_download_location(self):
        self.serve()
        for url in (f"file://{self.folder}", "-o/x", "ftp://127.0.0.1", "127.0.0.1"):
            run = self.run_script(url=url)
            self.assertEqual(self.refused(run, "AEROSTACK_PUBLISH_DOWNLOAD_URL must start with `https://`"), 2)

    def test_without_a_folder_for_temporary_files_the_error_names_it(self):
        self.serve()
        run = self.run_script(RUNNER_TEMP=str(self.folder / "none"))
        self.assertEqual(self.refused(run, f"no directory can be created in `{self.folder}/none`"), 2)

    def test_a_given_binary_that_cannot_be_run_is_refused(self):
        given = self.folder / "given"
        given.write_bytes(PROGRAM)
        given.chmod(0o644)
        self.assertEqual(self.refused(self.run_script(BINARY=str(given)), f"input `binary`: `{given}` is not executable"), 2)

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
