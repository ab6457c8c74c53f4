"""The examples, copied as they are into an empty repository with one secret set."""

import http.server
import json
import os
import re
import subprocess
import textwrap
import unittest
import urllib.parse
from pathlib import Path

from act import KEY, ROOT, Consumer, Hub, Loopback, Release, export, scratch
from test_install import ASSET, PROGRAM, released, sums

EXAMPLES = ROOT / "examples/github"
SECRET = f"AEROSTACK_API_KEY={KEY}"


def composite(run, *inputs):
    """A replacement for one of GitHub's actions, which act can't run without the network."""
    env = {name.upper().replace("-", "_"): f"${{{{ inputs.{name} }}}}" for name in inputs}
    step = {"run": run, "shell": "bash", "env": env}
    described = {name: {"description": name} for name in inputs}
    return {"name": "x", "description": "x", "inputs": described, "runs": {"using": "composite", "steps": [step]}}


class GitHub(Loopback):
    """The part of GitHub's API that comments use. `requests` lists what changed something, with who asked."""

    def __init__(self, comments=(), pulls=()):
        self.comments, self.pulls, self.requests = list(comments), list(pulls), []
        super().__init__(GitHubApi)


class GitHubApi(http.server.BaseHTTPRequestHandler):
    def answer(self, value, status=200):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def do_GET(self):
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query)
        if path.endswith("/pulls"):
            return self.answer([pull for pull in self.server.pulls if query["head"] == [pull["head"]["label"]]])
        [page], [size] = query["page"], query["per_page"]
        start = (int(page) - 1) * int(size)
        return self.answer(self.server.comments[start : start + int(size)])

    def change(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        self.server.requests.append((self.command, self.path, body))
        if self.command == "POST":
            self.server.comments.append(comment(len(self.server.comments) + 1, "github-actions[bot]", body))
        self.answer({}, 201)

    do_POST = do_PATCH = change

    def log_message(self, *_):
        pass


def comment(number, login, body):
    return {"id": number, "user": {"login": login}, "body": body}


class Examples(unittest.TestCase):
    def setUp(self):
        self.folder = scratch(self)
        action = export(self.folder / "action")
        (action / "SHA256SUMS").write_text(sums({ASSET: PROGRAM}))
        self.release = Release(released({ASSET: PROGRAM}))
        self.addCleanup(self.release.stop)
        self.hub = Hub(self.folder)
        self.addCleanup(self.hub.stop)
        self.consumer = Consumer(self.folder / "consumer", action)
        self.github = None

    def run_example(self, name, *arguments, **more):
        """Runs an example. Only the URLs of the Hub and of the release are replaced."""
        text = (EXAMPLES / name).read_text()
        ours = set(re.findall(r"uses: (aerostackdev/aerostack-publish@\S+)", text))
        name = Path(name).name
        self.consumer.write(f".github/workflows/{name}", text)
        env = {"AEROSTACK_API_URL": self.hub.url, "AEROSTACK_PUBLISH_DOWNLOAD_URL": self.release.url}
        if self.github:
            env["GITHUB_API_URL"] = self.github.url
        actions = dict.fromkeys(ours, self.consumer.action) | self.replacements(text)
        run = self.consumer.act(*arguments, env=env, file=name, actions=actions, **more)
        self.assertEqual(len(self.release.asked) if ours else 1, 1, "the example took its program from somewhere else")
        return run

    def replacements(self, text):
        """Replacements of GitHub's own actions, but for the checkout."""
        store = self.folder / "artifacts"
        stubs = {
            "actions/upload-artifact": (f'mkdir -p "{store}/$NAME" && cp "$FILES" "{store}/$NAME/"', "name", "files"),
            "actions/download-artifact": (
                f'mkdir -p "$FILES" && cp "{store}/"${{NAME:-$PATTERN}}/* "$FILES/"',
                *("name", "pattern", "files", "merge-multiple", "run-id", "github-token"),
            ),
            "actions/attest": (
                'echo "ATTESTED=$SUBJECT_NAME $SUBJECT_DIGEST"',
                *("subject-name", "subject-digest"),
            ),
            "github/codeql-action/upload-sarif": (f'cp "$SARIF_FILE" "{self.folder}/uploaded.sarif"', "sarif_file", "category"),
        }
        actions = {}
        for name, (script, *inputs) in stubs.items():
            for uses in set(re.findall(rf"uses: ({name}@[0-9a-f]+)", text)):
                repository, _, inside = name.replace("/", " ", 1).partition("/")
                stub = self.folder / repository.replace(" ", "-")
                (stub / inside).mkdir(parents=True, exist_ok=True)
                # JSON is YAML. `path` is what the search for programs is called.
                action = json.dumps(composite(script, *inputs)).replace("inputs.files", "inputs.path")
                (stub / inside / "action.yml").write_text(action.replace('"files": {', '"path": {'))
                actions[uses.replace(f"/{inside}@", "@") if inside else uses] = stub
        return actions

    def test_publish(self):
        self.consumer.function(".")
        run = self.run_example("publish.yml", secrets=[SECRET])
        self.assertEqual(run.jobs, {"publish": "success"}, run.text)
        self.assertEqual(self.hub.publishes(), ["201"])
        self.assertRegex(run.headline, "✅ Published image-resizer 1.0.0")

    def test_draft_then_release(self):
        self.consumer.function(".")
        branch = self.run_example("draft-then-release.yml", secrets=[SECRET], payload={"ref": "refs/heads/feature"})
        self.assertEqual(branch.jobs, {"draft": "success"}, branch.text)
        self.assertRegex(branch.headline, "📝 Saved image-resizer 1.0.0 as a draft")
        tag = self.run_example("draft-then-release.yml", secrets=[SECRET], payload={"ref": "refs/tags/v1.0.0"})
        self.assertEqual(tag.jobs, {"live": "success"}, tag.text)
        self.assertRegex(tag.headline, "✅ Published image-resizer 1.0.0")
        other = self.run_example("draft-then-release.yml", secrets=[SECRET], payload={"ref": "refs/tags/nightly/1"})
        self.assertEqual(other.jobs, {"live": "failure"}, other.text)
        self.assertEqual(self.hub.publishes(), ["201", "200"])

    def test_pull_request(self):
        self.consumer.function(".")
        for options in ([], ["--var", "AEROSTACK_USERNAME=alice"]):
            with self.subTest(options):
                run = self.run_example("pull-request.yml", "pull_request", payload={"number": 1}, options=options)
                self.assertEqual(run.jobs, {"check": "success"}, run.text)
                self.assertRegex(run.headline, "🔍 Dry run: .* image-resizer 1.0.0")
                self.assertEqual("NOT_COMPARED" in run.summary, not options)
        self.assertEqual(self.hub.publishes(), [])

    def test_approve(self):
        self.consumer.function(".")
        options = ["--var", "AEROSTACK_USERNAME=alice"]
        run = self.run_example("approve.yml", secrets=[SECRET], options=options)
        self.assertEqual(run.jobs, {"check": "success", "publish": "success"}, run.text)
        self.assertEqual(self.hub.publishes(), ["201"])
        # Nothing is left to approve.
        again = self.run_example("approve.yml", secrets=[SECRET], options=options)
        self.assertEqual(again.jobs["check"], "success", again.text)
        self.assertNotEqual(again.jobs.get("publish"), "failure", again.text)
        self.assertEqual(self.hub.publishes(), ["201"])

    def test_what_was_not_approved_is_refused(self):
        self.consumer.function(".")
        text = (EXAMPLES / "approve.yml").read_text()
        changed = "      - run: echo '// changed' >>index.ts\n"
        at = text.rindex("      - uses: aerostackdev")
        name = "changed.yml"
        (self.folder / name).write_text(text[:at] + changed + text[at:])
        run = self.run_example(self.folder / name, secrets=[SECRET], options=["--var", "AEROSTACK_USERNAME=alice"])
        self.assertEqual(run.jobs, {"check": "success", "publish": "failure"}, run.text)
        self.assertIn("PLAN_CHANGED", run.summary)
        self.assertEqual(self.hub.publishes(), [])

    def test_attest(self):
        self.consumer.function(".")
        for _ in range(2):
            run = self.run_example("attest.yml", secrets=[SECRET])
            self.assertEqual(run.jobs, {"publish": "success"}, run.text)
            self.assertRegex(run.printed("ATTESTED"), r"^image-resizer@1\.0\.0 sha256:[0-9a-f]{64}$")

    def test_code_scanning(self):
        for category, result in (("media", "success"), ("Media", "failure")):
            self.consumer.function(".", category=category)
            run = self.run_example("code-scanning.yml", "pull_request", payload={"number": 1})
            self.assertEqual(run.jobs, {"scan": result}, run.text)
            report = json.loads((self.folder / "uploaded.sarif").read_text())
            levels = [found["level"] for found in report["runs"][0]["results"]]
            self.assertEqual("error" in levels, result == "failure")

    def request(self, repository="acme/functions", **fields):
        head = {"repo": {"full_name": repository}}
        return {"number": 7, "pull_request": {"number": 7, "head": head}, "repository": {"full_name": "acme/functions"}} | fields

    def start_github(self, **state):
        self.github = GitHub(**state)
        self.addCleanup(self.github.stop)

    def test_comment(self):
        """One comment of its own, updated in place, whoever else wrote the same."""
        self.consumer.function(".")
        self.consumer.git("remote", "add", "origin", "https://github.com/acme/functions.git")
        self.start_github(comments=[comment(number, "alice", "text") for number in range(1, 151)])
        first = self.run_example("comment.yml", "pull_request", payload=self.request())
        self.assertEqual(first.jobs, {"comment": "success"}, first.text)
        [(method, path, body)] = self.github.requests
        self.assertEqual((method, path), ("POST", "/repos/acme/functions/issues/7/comments"))
        mark, heading = body.splitlines()[:2]
        self.assertRegex(mark, "^<!-- aerostack-publish [0-9a-f]{16} -->$")
        self.assertEqual(heading, "## 🔍 Dry run: checked image-resizer 1.0.0, not compared with the Hub")
        # Somebody copies it; another job has a comment of its own.
        self.github.comments[0]["body"] = body
        self.github.comments.insert(0, comment(500, "github-actions[bot]", "<!-- aerostack-publish 0000000000000000 -->"))
        self.consumer.function(".", category="Media")
        second = self.run_example("comment.yml", "pull_request", payload=self.request())
        self.assertEqual(second.jobs, {"comment": "failure"}, second.text)
        method, path, body = self.github.requests[-1]
        self.assertEqual((len(self.github.requests), method, path), (2, "PATCH", "/repos/acme/functions/issues/comments/151"))
        self.assertIn("INVALID_CATEGORY", body)
        self.assertEqual(self.hub.publishes(), [])

    def test_comment_leaves_forks_alone(self):
        self.consumer.function(".")
        self.start_github()
        workflow = (EXAMPLES / "comment.yml").read_text()
        self.assertIn("if: github.event.pull_request.head.repo.full_name == github.repository", workflow)
        self.consumer.git("remote", "add", "origin", "https://github.com/acme/functions.git")
        self.consumer.write(".github/workflows/comment.yml", workflow)
        run = self.consumer.act("pull_request", payload=self.request("mallory/functions"), file="comment.yml")
        self.assertEqual((run.jobs.get("comment", "skipped"), self.github.requests), ("skipped", []), run.text)

    def completed(self, **fields):
        repository = {"full_name": "mallory/functions", "owner": {"login": "mallory"}}
        run = {"id": 1, "event": "pull_request", "head_sha": "c" * 40, "head_branch": "a b&c", "head_repository": repository}
        return {"workflow_run": run | {"html_url": "https://github.com/run"} | fields}

    def test_comment_on_forks(self):
        self.consumer.function(".")
        self.consumer.git("remote", "add", "origin", "https://github.com/acme/functions.git")
        check = self.run_example("comment-forks-check.yml", "pull_request", payload={"number": 7})
        self.assertEqual(check.jobs, {"check": "success"}, check.text)
        pulls = [
            {"number": 6, "head": {"label": "mallory:a b&c", "sha": "b" * 40}},
            {"number": 7, "head": {"label": "mallory:a b&c", "sha": "c" * 40}},
        ]
        self.start_github(pulls=pulls)
        for expected in ("POST", "PATCH"):
            run = self.run_example("comment-forks.yml", "workflow_run", payload=self.completed())
            self.assertEqual(run.jobs, {"comment": "success"}, run.text)
            self.assertEqual(self.github.requests[-1][0], expected)
        self.assertIn("| image-resizer | none → 1&#46;0&#46;0 | none | dry-run |", self.github.requests[0][2])
        # A commit that is no longer the pull request's.
        self.run_example("comment-forks.yml", "workflow_run", payload=self.completed(head_sha="d" * 40))
        self.assertEqual(len(self.github.requests), 2)

    def test_nothing_in_the_artifact_of_a_fork_is_trusted(self):
        self.consumer.function(".")
        self.consumer.git("remote", "add", "origin", "https://github.com/acme/functions.git")
        self.start_github(pulls=[{"number": 7, "head": {"label": "mallory:a b&c", "sha": "c" * 40}}])
        artifact = self.folder / "artifacts/aerostack-report/aerostack-report.json"
        artifact.parent.mkdir(parents=True)
        hostile = "@alice [x](https://evil.example) <img src=x> `c` | https://evil.example www.evil.example $(id) \n# h\n::error::x"
        error = {"code": hostile, "severity": "error", "message": hostile * 10, "file": hostile, "line": hostile}
        names = ("name", "version", "previous_version", "release_type", "status")
        function = {"directory": hostile, "findings": [error] * 60} | dict.fromkeys(names, hostile)
        artifact.write_text(json.dumps({"findings": [error], "functions": [function] * 60, "number": 1}))
        run = self.run_example("comment-forks.yml", "workflow_run", payload=self.completed())
        self.assertEqual(run.jobs, {"comment": "success"}, run.text)
        [(_, path, body)] = self.github.requests
        self.assertEqual(path, "/repos/acme/functions/issues/7/comments")
        self.assertLess(len(body), 65_536)
        table = body.split("\n\n", 2)[2]
        for part in ("@", "https:", "evil.example", "<img", "`", "\n#", "$("):
            self.assertNotIn(part, table)
        for text in ("", "[]", "{}", '{"functions": 1}', "x" * 10_000_001):
            artifact.write_text(text)
            self.run_example("comment-forks.yml", "workflow_run", payload=self.completed())
            self.assertEqual(len(self.github.requests), 1, text[:20])
        artifact.unlink()
        artifact.symlink_to("/etc/passwd")
        self.run_example("comment-forks.yml", "workflow_run", payload=self.completed())
        self.assertEqual(len(self.github.requests), 1)

    def test_monorepo(self):
        for name in ("one", "two"):
            self.consumer.function(f"functions/{name}", name=name)
        request = self.run_example("monorepo.yml", "pull_request", payload={"number": 1})
        self.assertEqual(request.jobs, {"check": "success"}, request.text)
        self.assertEqual(self.hub.publishes(), [])
        push = self.run_example("monorepo.yml", secrets=[SECRET])
        self.assertEqual(push.jobs, {"publish": "success"}, push.text)
        self.assertEqual(self.hub.publishes(), ["201", "201"])

    def test_monorepo_matrix(self):
        for number in range(101):
            self.consumer.function(f"functions/f{number:03}", name=f"f{number:03}")
        run = self.run_example("monorepo-matrix.yml", secrets=[SECRET])
        self.assertEqual(run.jobs, {"check": "success", "publish": "success", "summary": "success"}, run.text[-3000:])
        self.assertEqual(self.hub.publishes(), ["201"] * 101)
        joined = run.summary[run.summary.index("## 101 functions: 101 published") :]
        for number in range(101):
            link = f"[open](https://hub.aerostack.dev/functions/alice/f{number:03})"
            self.assertIn(f"| ✅ published | **f{number:03}** | 1.0.0 | {link} |", joined)

    def test_an_error_in_one_job_of_the_matrix_prevents_every_publish(self):
        self.consumer.function("functions/bad", name="bad", category="Media")
        for number in range(101):
            self.consumer.function(f"functions/f{number:03}", name=f"f{number:03}")
        run = self.run_example("monorepo-matrix.yml", secrets=[SECRET])
        self.assertEqual(run.jobs["check"], "failure", run.text[-3000:])
        self.assertEqual(self.hub.publishes(), [])

    def test_the_joined_summary_reports_that_no_job_has_a_report(self):
        [script] = re.findall(r"( +shopt -s nullglob\n.*)", (EXAMPLES / "monorepo-matrix.yml").read_text(), re.DOTALL)
        summary = self.folder / "summary.md"
        env = {"PATH": os.environ["PATH"], "SHARES": "[1, 2]", "GITHUB_STEP_SUMMARY": str(summary)}
        command = ["bash", "-e", "-o", "pipefail", "-c", textwrap.dedent(script)]
        run = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("❌ Only 0 of 2 shares have a report", summary.read_text())

    def test_the_joined_summary_names_what_failed_and_which_job_is_missing(self):
        program = re.search(r"jq --raw-output --slurp '(.*?)' >>", (EXAMPLES / "monorepo-matrix.yml").read_text(), re.DOTALL)[1]
        common = {"previous_version": "1.0.0", "version": "1.1.0", "url": None, "findings": []}
        hostile = "<b>|x\n[y](z)`"
        error = {"code": "INVALID_TAG", "severity": "error", "message": hostile, "file": "f/aerostack.json", "line": 3}
        functions = [
            common | {"name": "one", "directory": "f/one", "status": "published", "url": "https://hub/a|b) c"},
            common | {"name": None, "directory": hostile, "status": "failed", "version": None, "findings": [error]},
        ]
        run = subprocess.run(
            ["jq", "--raw-output", "--slurp", program],
            input=json.dumps({"findings": [], "functions": functions}),
            env={"PATH": os.environ["PATH"], "SHARES": "[1, 2]"},
            capture_output=True,
            text=True,
        )
        text = "&#60;b&#62;&#124;x&#10;&#91;y&#93;(z)&#96;"
        self.assertEqual(
            run.stdout.splitlines(),
            [
                "## 2 functions: 1 failed, 1 published",
                "",
                "❌ Only 1 of 2 shares have a report: look at their jobs.",
                "",
                "| | Function | Version | Page |",
                "|---|---|---|---|",
                f"| ❌ failed | **{text}** | 1.0.0 → – | – |",
                "| ✅ published | **one** | 1.0.0 → 1.1.0 | [open](https://hub/a%7Cb%29%20c) |",
                "",
                "| ❌ | Where |",
                "|---|---|",
                f"| **INVALID_TAG** {text} | f/aerostack.json:3 |",
            ],
            run.stderr,
        )
