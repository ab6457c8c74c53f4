"""A repository that uses the action, run by act against the stand-in Hub, without this machine's environment."""

import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "debug"
BINARY = TARGET / "aerostack-publish"
KEY = "ac_test_key_0123456789"
PUBLISH = "POST /api/community/functions/ci/publish"

CHECKOUT = {"uses": "actions/checkout@v7"}
ACTION = "acme/aerostack-publish@v1"


def export(to):
    """This project's files as a runner downloads them: without what is ignored."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return to


class Hub:
    """The stand-in Hub, as a program."""

    def __init__(self, folder, *options):
        self.log = folder / "hub.log"
        port_file = folder / "hub.url"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [TARGET / "stand-in-hub", "--log", "--port-file", port_file, *options], stdout=log
            )
        deadline = time.monotonic() + 30
        while not port_file.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, "the stand-in Hub does not start"
            time.sleep(0.01)
        self.url = port_file.read_text().strip()

    def publishes(self):
        """The statuses of all publish requests so far."""
        return [line.split()[-1] for line in self.log.read_text().splitlines() if line.startswith(PUBLISH)]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Loopback(http.server.ThreadingHTTPServer):
    """A server on loopback, until it is stopped."""

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Release(Loopback):
    """A release's files. `asked` lists the requested paths; the first responses can be faults: statuses, or functions that respond."""

    def __init__(self, files, faults=()):
        self.files, self.faults, self.asked = files, list(faults), []
        super().__init__(Asset)


class Asset(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        body = self.server.files.get(self.path.lstrip("/"))
        status = self.server.faults.pop(0) if self.server.faults else 200 if body is not None else 404
        if callable(status):
            return status(self)
        self.send_response(status)
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Run:
    """The outcome of one run of act."""

    def __init__(self, process):
        self.text = process.stdout + process.stderr
        self.events = []
        for line in process.stdout.splitlines():
            try:
                self.events.append(json.loads(line))
            except ValueError:
                pass
        self.jobs = {event["jobID"]: event["jobResult"] for event in self.events if "jobResult" in event}

    @property
    def log(self):
        return "\n".join(event["msg"].rstrip("\n") for event in self.events if event.get("raw_output"))

    def annotations(self, severity):
        return [event for event in self.events if event.get("command") == severity]

    @property
    def summary(self):
        # act reports a composite action's summary twice: for the inner step and for the outer one.
        return "".join(
            event["content"]
            for event in self.events
            if event.get("command") == "summary" and len(event.get("stepID", [])) == 1
        )

    @property
    def headline(self):
        """The heading of the step summary; there is exactly one."""
        [headline] = [line for line in self.summary.splitlines() if line.startswith("## ")]
        return headline

    def printed(self, name):
        """The value that a step `echo "NAME=VALUE"` printed."""
        values = [line.split("=", 1)[1] for line in self.log.splitlines() if line.startswith(f"{name}=")]
        assert values, f"no step printed {name}:\n{self.text}"
        return values[-1]


class Consumer:
    """A repository that uses the action, and the machine that runs it."""

    def __init__(self, folder, action):
        self.folder, self.action = folder, action
        self.repository = folder / "repository"
        self.home = folder / "home"
        self.tool_cache = self.home / ".cache/act/tool_cache"
        for made in (self.repository, self.home):
            made.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments):
        identity = ["-c", "user.name=alice", "-c", "user.email=alice@example.com"]
        return subprocess.run(
            ["git", "-C", self.repository, *identity, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    def write(self, path, text):
        target = self.repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text if isinstance(text, str) else json.dumps(text, indent=2))

    def function(self, directory, **changes):
        """The example function in a directory, with some fields changed."""
        example = ROOT / "examples/image-resizer"
        manifest = json.loads((example / "aerostack.json").read_text()) | changes
        self.write(f"{directory}/aerostack.json", manifest)
        for name in ("index.ts", "README.md"):
            self.write(f"{directory}/{name}", (example / name).read_text())

    def workflow(self, steps, on="push", **more):
        """A workflow of one job. JSON is YAML."""
        job = {"runs-on": "ubuntu-latest", "steps": steps} | more
        self.write(".github/workflows/ci.yml", {"on": on, "jobs": {"job": job}})

    def act(self, event="push", payload=None, secrets=(), env=None, options=(), file="ci.yml", actions=None, path=None):
        """Commits everything and runs the workflow."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        event_file = self.folder / "event.json"
        event_file.write_text(json.dumps({"repository": {"default_branch": "main"}} | (payload or {})))
        actions = {ACTION: self.action} | (actions or {})
        command = [
            *("act", event, "--no-cache-server", "--json", "--platform", "ubuntu-latest=-self-hosted"),
            *("--workflows", f".github/workflows/{file}", "--eventpath", event_file),
            *(part for name, path in actions.items() for part in ("--local-repository", f"{name}={path}")),
            *(part for secret in secrets for part in ("--secret", secret)),
            *(part for name, value in (env or {}).items() for part in ("--env", f"{name}={value}")),
            *options,
        ]
        return Run(
            subprocess.run(
                command,
                cwd=self.repository,
                env={"PATH": path or os.environ["PATH"], "HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=600,
            )
        )


def scratch(test):
    """A folder that is removed after the test."""
    folder = tempfile.TemporaryDirectory(prefix="aerostack-publish-")
    test.addCleanup(folder.cleanup)
    return Path(folder.name)
