"""The examples, copied as they are into an empty repository with one secret set."""

import json
import os
import re
import subprocess
import textwrap
import unittest

from act import KEY, ROOT, Consumer, Hub, Release, export, scratch
from test_install import ASSET, PROGRAM, sums

EXAMPLES = ROOT / "examples/github"
SECRET = f"AEROSTACK_API_KEY={KEY}"


def composite(run):
    """A replacement for one of GitHub's actions, which act can't run without the network."""
    inputs = {name: {"description": name} for name in ("name", "path", "pattern", "merge-multiple")}
    step = {"run": run, "shell": "bash", "env": {"PATTERN": "${{ inputs.pattern }}", "FILES": "${{ inputs.path }}"}}
    return {"name": "x", "description": "x", "inputs": inputs, "runs": {"using": "composite", "steps": [step]}}


class Examples(unittest.TestCase):
    def setUp(self):
        self.folder = scratch(self)
        action = export(self.folder / "action")
        (action / "SHA256SUMS").write_text(sums({ASSET: PROGRAM}))
        self.release = Release({ASSET: PROGRAM})
        self.addCleanup(self.release.stop)
        self.hub = Hub(self.folder)
        self.addCleanup(self.hub.stop)
        self.consumer = Consumer(self.folder / "consumer", action)

    def run_example(self, name, *arguments, **more):
        """Runs an example. Only the URLs of the Hub and of the release are replaced."""
        text = (EXAMPLES / name).read_text()
        [ours] = set(re.findall(r"uses: (aerostackdev/aerostack-publish@\S+)", text))
        self.consumer.write(f".github/workflows/{name}", text)
        env = {"AEROSTACK_API_URL": self.hub.url, "AEROSTACK_PUBLISH_DOWNLOAD_URL": self.release.url}
        actions = {ours: self.consumer.action} | self.artifacts(text)
        run = self.consumer.act(*arguments, env=env, file=name, actions=actions, **more)
        self.assertEqual(len(self.release.asked), 1, "the example took its program from somewhere else")
        return run

    def artifacts(self, text):
        store = self.folder / "artifacts"
        store.mkdir(exist_ok=True)
        stubs = {
            "upload": f'cp "$FILES" "{store}/"',
            "download": f'mkdir -p "$FILES" && cp "{store}/"$PATTERN "$FILES/"',
        }
        actions = {}
        for kind, script in stubs.items():
            for uses in set(re.findall(rf"uses: (actions/{kind}-artifact@[0-9a-f]+)", text)):
                stub = self.folder / kind
                stub.mkdir(exist_ok=True)
                # JSON is YAML.
                (stub / "action.yml").write_text(json.dumps(composite(script)))
                actions[uses] = stub
        return actions

    def test_publish(self):
        self.consumer.function(".")
        run = self.run_example("publish.yml", secrets=[SECRET])
        self.assertEqual(run.jobs, {"publish": "success"}, run.text)
        self.assertEqual(self.hub.publishes(), ["201"])
        self.assertRegex(run.headline, "✅ image-resizer 1.0.0")

    def test_draft_then_release(self):
        self.consumer.function(".")
        branch = self.run_example("draft-then-release.yml", secrets=[SECRET], payload={"ref": "refs/heads/feature"})
        self.assertEqual(branch.jobs, {"draft": "success"}, branch.text)
        self.assertRegex(branch.headline, "📝 image-resizer 1.0.0")
        tag = self.run_example("draft-then-release.yml", secrets=[SECRET], payload={"ref": "refs/tags/v1.0.0"})
        self.assertEqual(tag.jobs, {"live": "success"}, tag.text)
        self.assertRegex(tag.headline, "✅ image-resizer 1.0.0")
        other = self.run_example("draft-then-release.yml", secrets=[SECRET], payload={"ref": "refs/tags/nightly/1"})
        self.assertEqual(other.jobs, {"live": "failure"}, other.text)
        self.assertEqual(self.hub.publishes(), ["201", "200"])

    def test_pull_request(self):
        self.consumer.function(".")
        for options in ([], ["--var", "AEROSTACK_USERNAME=alice"]):
            with self.subTest(options):
                run = self.run_example("pull-request.yml", "pull_request", payload={"number": 1}, options=options)
                self.assertEqual(run.jobs, {"check": "success"}, run.text)
                self.assertRegex(run.headline, "🔍 image-resizer 1.0.0")
                self.assertEqual("NOT_COMPARED" in run.summary, not options)
        self.assertEqual(self.hub.publishes(), [])

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
