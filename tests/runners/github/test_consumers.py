"""What the action does in a repository that uses it."""

import json
import unittest

from act import ACTION, BINARY, CHECKOUT, KEY, ROOT, Consumer, Hub, export, scratch

SECRET = f"AEROSTACK_API_KEY={KEY}"
WITH_KEY = {"api-key": "${{ secrets.AEROSTACK_API_KEY }}", "binary": str(BINARY)}

INPUTS = {
    "api-key": KEY,
    "directory": "functions/*\nother",
    "publish": "auto",
    "dry-run": "true",
    "on-existing": "skip",
    "strategy": "all",
    "allow-create": "false",
    "username": "alice",
    "tag-check": "off",
    "strict": "true",
    "api-url": "http://127.0.0.1:1",
    "timeout": "7",
    "report": "report.json",
}
OUTPUTS = (
    "published live status name slug version previous-version release-type id url admin-url digest result"
).split()


def variable(name):
    return "AEROSTACK_" + name.upper().replace("-", "_")


def print_outputs(outputs):
    """A step that prints the action's outputs."""
    return {
        "if": "always()",
        "run": "\n".join(f'echo "{name}=${variable(name)}"' for name in outputs),
        "env": {variable(name): f"${{{{ steps.publish.outputs.{name} }}}}" for name in outputs},
    }


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = scratch(self)
        self.action = export(self.folder / "action")
        self.consumer = Consumer(self.folder / "consumer", self.action)
        self.hub = Hub(self.folder)
        self.addCleanup(self.hub.stop)

    def publish_step(self, **inputs):
        return {"id": "publish", "uses": ACTION, "with": WITH_KEY | {"api-url": self.hub.url} | inputs}

    def assert_nothing_sent(self):
        self.assertEqual(self.hub.publishes(), [])


class Consumers(Test):
    def test_a_push_publishes_and_every_output_is_set(self):
        self.consumer.function(".")
        self.consumer.workflow([CHECKOUT, self.publish_step(), print_outputs(OUTPUTS)])
        run = self.consumer.act(secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        self.assertEqual(self.hub.publishes(), ["201"])
        outputs = {name: run.printed(name) for name in OUTPUTS}
        self.assertEqual(outputs["published"], "true")
        self.assertEqual(outputs["live"], "true")
        self.assertEqual(outputs["status"], "published")
        self.assertEqual(outputs["name"], "image-resizer")
        self.assertEqual(outputs["slug"], "image-resizer")
        self.assertEqual(outputs["version"], "1.0.0")
        self.assertEqual(outputs["previous-version"], "")
        self.assertEqual(outputs["release-type"], "first")
        self.assertTrue(outputs["id"])
        self.assertEqual(outputs["url"], "https://hub.aerostack.dev/functions/alice/image-resizer")
        self.assertEqual(outputs["admin-url"], f"https://app.aerostack.dev/functions/edit/{outputs['id']}")
        self.assertRegex(outputs["digest"], "^sha256:[0-9a-f]{64}$")
        self.assertEqual(json.loads(outputs["result"])["functions"][0]["digest"], outputs["digest"])
        self.assertRegex(run.headline, "✅ Published image-resizer 1.0.0")

    def test_the_second_run_of_a_commit_is_unchanged(self):
        self.consumer.function(".")
        self.consumer.workflow([CHECKOUT, self.publish_step(), print_outputs(["status", "published"])])
        self.assertEqual(self.consumer.act(secrets=[SECRET]).printed("status"), "published")
        second = self.consumer.act(secrets=[SECRET])
        self.assertEqual(second.jobs, {"job": "success"}, second.text)
        self.assertEqual((second.printed("status"), second.printed("published")), ("unchanged", "false"))
        self.assertEqual(self.hub.publishes(), ["201"])

    def test_a_rerun_after_a_lost_response_goes_on_to_the_steps_after_the_publish(self):
        state, faults = self.folder / "state.json", ["--fault", "publish:cut-after", "--fault-always", "read-back:status=403"]
        losing = Hub(scratch(self), "--state", state, *faults)
        self.addCleanup(losing.stop)
        self.consumer.function(".")
        publish = self.publish_step(**{"api-url": losing.url, "timeout": "3"})
        deploy = {"if": "always() && steps.publish.outputs.live == 'true'", "run": "echo deployed=yes"}
        self.consumer.workflow([CHECKOUT, publish, deploy, print_outputs(["published", "live", "status"])])
        outputs = ["status", "published", "live"]
        first = self.consumer.act(secrets=[SECRET])
        self.assertEqual(first.jobs, {"job": "failure"}, first.text)
        self.assertEqual([first.printed(name) for name in outputs], ["unconfirmed", "false", "false"])
        self.assertNotIn("deployed=yes", first.text)
        losing.stop()
        again = Hub(scratch(self), "--state", state, "--port", losing.url.rsplit(":", 1)[1])
        self.addCleanup(again.stop)
        second = self.consumer.act(secrets=[SECRET])
        self.assertEqual(second.jobs, {"job": "success"}, second.text)
        self.assertEqual([second.printed(name) for name in outputs], ["unchanged", "false", "true"])
        self.assertEqual(second.printed("deployed"), "yes")
        self.assertEqual(again.publishes(), [])

    def test_a_tag_publishes_the_function_it_names(self):
        self.consumer.function("functions/one", name="one", version="2.0.0")
        self.consumer.function("functions/two", name="two")
        step = self.publish_step(directory="functions/*", **{"tag-check": "require"})
        self.consumer.workflow([CHECKOUT, step, print_outputs(["status", "result"])])
        self.consumer.git("commit", "--quiet", "--allow-empty", "--message", "first")
        run = self.consumer.act(payload={"ref": "refs/tags/one-v2.0.0"}, secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        statuses = {each["name"]: each["status"] for each in json.loads(run.printed("result"))["functions"]}
        self.assertEqual(statuses, {"one": "published", "two": "skipped"})
        self.assertEqual(self.hub.publishes(), ["201"])

    def test_a_tag_of_another_version_is_refused_and_nothing_is_sent(self):
        self.consumer.function(".")
        self.consumer.workflow([CHECKOUT, self.publish_step(), print_outputs(["status"])])
        run = self.consumer.act(payload={"ref": "refs/tags/v9.9.9"}, secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "failure"}, run.text)
        self.assertEqual([each["kvPairs"]["title"] for each in run.annotations("error")], ["TAG_MISMATCH"])
        self.assert_nothing_sent()

    def test_a_pull_request_without_a_secret_is_a_dry_run(self):
        self.consumer.function(".")
        self.consumer.workflow(
            [CHECKOUT, self.publish_step(publish="auto", username="alice"), print_outputs(["status"])], on="pull_request"
        )
        payload = {"number": 7, "pull_request": {"number": 7, "head": {"ref": "fix"}, "base": {"ref": "main"}}}
        run = self.consumer.act("pull_request", payload=payload)
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        self.assertEqual(run.printed("status"), "dry-run")
        self.assert_nothing_sent()

    def test_a_pull_request_is_never_published_live(self):
        self.consumer.function(".")
        self.consumer.workflow([CHECKOUT, self.publish_step(), print_outputs(["status"])], on="pull_request")
        pull_request = {"number": 7, "merged": False, "head": {"ref": "fix"}, "base": {"ref": "main"}}
        payload = {"action": "opened", "number": 7, "pull_request": pull_request, "repository": {"default_branch": "main"}}
        run = self.consumer.act("pull_request", payload=payload, secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "failure"}, run.text)
        self.assertEqual([each["kvPairs"]["title"] for each in run.annotations("error")], ["LIVE_FROM_PULL_REQUEST"])
        self.assert_nothing_sent()
        merged = payload | {"action": "closed", "pull_request": pull_request | {"merged": True}}
        run = self.consumer.act("pull_request", payload=merged, secrets=[SECRET])
        self.assertEqual((run.jobs, run.printed("status")), ({"job": "success"}, "published"), run.text)
        self.assertEqual(self.hub.publishes(), ["201"])

    def test_an_error_in_a_function_is_reported_at_its_line_and_nothing_is_sent(self):
        self.consumer.function("functions/good", name="good")
        self.consumer.function("functions/bad", name="bad", category="Media")
        self.consumer.workflow(
            [CHECKOUT, self.publish_step(directory="functions/*"), print_outputs(["status", "published", "result"])]
        )
        run = self.consumer.act(secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "failure"}, run.text)
        [error] = run.annotations("error")
        self.assertEqual(error["kvPairs"]["title"], "INVALID_CATEGORY")
        self.assertEqual(error["kvPairs"]["file"], "functions/bad/aerostack.json")
        manifest = (self.consumer.repository / "functions/bad/aerostack.json").read_text().splitlines()
        self.assertIn("category", manifest[int(error["kvPairs"]["line"]) - 1])
        self.assertIn("did you mean", error["arg"])
        self.assertEqual((run.printed("status"), run.printed("published")), ("failed", "false"))
        self.assertEqual(len(json.loads(run.printed("result"))["functions"]), 2)
        self.assertIn("INVALID_CATEGORY", run.summary)
        self.assert_nothing_sent()

    def test_a_monorepo_publishes_all_its_functions(self):
        names = [f"function-{number}" for number in range(5)]
        for name in names:
            self.consumer.function(f"functions/{name}", name=name)
        self.consumer.workflow([CHECKOUT, self.publish_step(directory="functions/*"), print_outputs(["status", "name", "result"])])
        run = self.consumer.act(secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        self.assertEqual((run.printed("status"), run.printed("name")), ("published", ""))
        self.assertEqual([each["name"] for each in json.loads(run.printed("result"))["functions"]], names)
        self.assertEqual(self.hub.publishes(), ["201"] * 5)

    def test_the_key_is_nowhere_even_without_masking(self):
        self.consumer.function(".")
        self.consumer.workflow(
            [
                CHECKOUT,
                self.publish_step(),
                # Refused by the Hub, and asked for in full.
                self.publish_step(**{"api-key": f"{KEY}_wrong", "on-existing": "fail"}) | {"id": "refused"},
                self.publish_step(**{"dry-run": "true"}) | {"id": "dry", "if": "always()"},
            ]
        )
        run = self.consumer.act(secrets=[SECRET], options=["--insecure-secrets"])
        self.assertEqual(run.jobs, {"job": "failure"}, run.text)
        self.assertEqual(self.hub.publishes()[0], "201")
        masks = [event for event in run.events if event.get("command") == "add-mask"]
        self.assertTrue(masks, "the runner was not told to mask the key")
        for event in run.events:
            if event.get("command") != "add-mask":
                self.assertNotIn(KEY, json.dumps(event))


PRINT_INPUTS = """#!/usr/bin/env python3
import json, os
prefixes = ("AEROSTACK_", "INPUT_", "WITH_")
print(json.dumps({name: value for name, value in os.environ.items() if name.startswith(prefixes)}))
"""


class Inputs(Test):
    """The program is replaced by one that prints the variables it gets."""

    def inputs_of(self, given, **more):
        self.consumer.write("print-inputs", PRINT_INPUTS)
        (self.consumer.repository / "print-inputs").chmod(0o755)
        self.consumer.workflow([CHECKOUT, {"uses": ACTION, "with": {"binary": "print-inputs"} | given}], **more)
        run = self.consumer.act(options=["--insecure-secrets"])
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        return json.loads(run.log)

    def test_each_input_in_with_reaches_the_program(self):
        for name, value in INPUTS.items():
            with self.subTest(name):
                self.assertEqual(self.inputs_of({name: value}), {variable(name): value})

    def test_without_inputs_the_program_gets_no_variable(self):
        self.assertEqual(self.inputs_of({}), {})

    def test_a_variable_of_the_job_counts_if_with_does_not_set_the_input(self):
        env = {variable(name): INPUTS[name] for name in ("api-key", "publish", "dry-run", "strict")}
        expected = env | {"AEROSTACK_PUBLISH": "false"}
        self.assertEqual(self.inputs_of({"publish": "false", "strict": ""}, env=env), expected)

    def test_an_input_in_with_counts_over_a_variable_of_the_job_also_if_it_is_the_default(self):
        defaults = {
            "directory": ".",
            "publish": "true",
            "dry-run": "false",
            "on-existing": "auto",
            "strategy": "upgrade",
            "allow-create": "true",
            "tag-check": "auto",
            "strict": "false",
            "api-url": "https://api.aerostack.dev",
            "timeout": "120",
        }
        env = {variable(name): INPUTS[name] for name in defaults}
        expected = {variable(name): value for name, value in defaults.items()}
        self.assertEqual(self.inputs_of(defaults, env=env), expected)

    def test_a_value_is_never_run_as_a_script(self):
        evil = "a'; touch stolen; echo \"$(touch stolen)`touch stolen` %0A::error::x"
        self.assertEqual(self.inputs_of({"username": evil}), {"AEROSTACK_USERNAME": evil})
        self.assertFalse(list(self.consumer.home.rglob("stolen")))

    def test_a_missing_binary_is_an_error(self):
        self.consumer.workflow([CHECKOUT, {"id": "publish", "uses": ACTION, "with": {"binary": "no such"}}, print_outputs(["status", "published"])])
        run = self.consumer.act()
        self.assertEqual(run.jobs, {"job": "failure"})
        self.assertEqual([each["arg"] for each in run.annotations("error")], ["input `binary`: there is no file `no such`"])
        self.assertEqual((run.printed("status"), run.printed("published")), ("failed", "false"))


class Places(Test):
    def test_it_works_inside_another_composite_action(self):
        self.consumer.function(".")
        inner = {"id": "inner", "uses": ACTION, "with": {"binary": str(BINARY), "api-key": "${{ inputs.key }}", "api-url": self.hub.url}}
        self.consumer.write(
            "actions/outer/action.yml",
            {
                "name": "outer",
                "description": "publishes",
                "inputs": {"key": {"description": "the key"}},
                "outputs": {"status": {"description": "s", "value": "${{ steps.inner.outputs.status }}"}},
                "runs": {"using": "composite", "steps": [inner]},
            },
        )
        step = {"id": "publish", "uses": "./actions/outer", "with": {"key": WITH_KEY["api-key"]}}
        self.consumer.workflow([CHECKOUT, step, print_outputs(["status"])])
        run = self.consumer.act(secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        self.assertEqual(run.printed("status"), "published")
        self.assertEqual(self.hub.publishes(), ["201"])

    def test_it_works_from_paths_with_spaces(self):
        self.consumer.function("my functions/image resizer")
        for name in ("action.yml", "action/install.sh", "action/publish.sh"):
            self.consumer.write(f"my actions/publish it/{name}", (ROOT / name).read_text())
        step = self.publish_step(directory="my functions/*", binary="my tools/publish it")
        copy = {"run": f'mkdir "my tools" && cp "{BINARY}" "my tools/publish it"'}
        self.consumer.workflow([CHECKOUT, copy, step | {"uses": "./my actions/publish it"}, print_outputs(["status"])])
        run = self.consumer.act(secrets=[SECRET])
        self.assertEqual(run.jobs, {"job": "success"}, run.text)
        self.assertEqual(run.printed("status"), "published")
        self.assertEqual(self.hub.publishes(), ["201"])
