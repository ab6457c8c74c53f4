"""Which hosts are contacted: those of docs/network.md, and no other."""

import gzip
import hashlib
import json
import re
import shutil
import tempfile
import unittest
from pathlib import Path

import loopback
from loopback import BINARY, KEY, NAME_SERVER, NAMES, ROOT, Contacts, File, Hub, Redirect, serve

# Addresses of other hosts, wherever a function has text.
MANIFEST = {
    "name": "greeter",
    "version": "1.0.0",
    "category": "utility",
    "language": "typescript",
    "runtime": "cloudflare-worker",
    "license": "MIT",
    "description": "See https://elsewhere.test/description",
    "entrypoint": "index.ts",
    "npmDependencies": ["elsewhere"],
    "homepage": "https://elsewhere.test/homepage",
}
CODE = """import { a } from "https://elsewhere.test/module.ts";
import b from "elsewhere";
export const greet = () => fetch("https://elsewhere.test/code", { a, b });
//# sourceMappingURL=https://elsewhere.test/index.js.map
"""
README = "![x](https://elsewhere.test/image.png)\n"

# What runners give to a step, which is none of the program's business.
RUNNER = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_API_URL": "https://elsewhere.test/api",
    "ACTIONS_RUNTIME_URL": "https://elsewhere.test/runtime",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://elsewhere.test/token",
    "ACTIONS_RESULTS_URL": "https://elsewhere.test/results",
}


def setUpModule():
    global names
    loopback.prepare()
    names = loopback.NameServer()


class Hosts(unittest.TestCase):
    def setUp(self):
        names.asked.clear()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "aerostack.json").write_text(json.dumps(MANIFEST))
        (self.folder / "index.ts").write_text(CODE)
        (self.folder / "README.md").write_text(README)

    def hub(self, *options):
        hub = Hub(self.folder, *options)
        self.addCleanup(hub.stop)
        return hub

    def run_program(self, *arguments, **env):
        inputs = {name.upper(): value for name, value in env.items()}
        return Contacts([BINARY, *arguments], self.folder, RUNNER | inputs)

    def publish(self, url, **env):
        return self.run_program(aerostack_api_url=url, aerostack_api_key=KEY, **env)

    def secure_hub(self):
        """The Hub by its name, and the file of the authority of its certificate."""
        authority, context = loopback.certificate(self.folder / "certificates")
        _, port = loopback.relay(NAMES["hub.test"], self.hub().address, context)
        self.secure_address = (NAMES["hub.test"], port)
        return f"https://hub.test:{port}", str(authority)


class Program(Hosts):
    @staticmethod
    def is_sorted(run):
        """What `getaddrinfo` does to sort the addresses of a name, without sending anything (RFC 6724, section 2)."""
        return {(address, port) for address, port in run.addresses if port == 0}

    def test_a_publish_contacts_the_hub_alone_and_asks_no_name_server_for_an_address(self):
        hub = self.hub()
        run = self.publish(hub.url)
        self.assertEqual(run.code, 0, run.output)
        self.assertEqual(run.addresses, {hub.address})
        self.assertEqual(names.asked, [])

    def test_a_hub_with_a_name_adds_the_name_server_and_nobody_is_asked_about_its_certificate(self):
        url, authority = self.secure_hub()
        run = self.publish(url, ssl_cert_file=authority)
        self.assertEqual(run.code, 0, run.output)
        self.assertEqual(run.addresses - self.is_sorted(run), {NAME_SERVER, self.secure_address})
        self.assertEqual(set(names.asked), {"hub.test"})

    def test_the_issuer_of_a_certificate_that_is_not_trusted_is_not_looked_for(self):
        url, _ = self.secure_hub()
        other, _ = loopback.certificate(self.folder / "others")
        run = self.publish(url, ssl_cert_file=str(other))
        self.assertEqual(run.code, 2, run.output)
        self.assertIn("is not trusted", run.output)
        self.assertEqual(run.addresses - self.is_sorted(run), {NAME_SERVER, self.secure_address})
        self.assertEqual(set(names.asked), {"hub.test"})

    def test_behind_a_proxy_only_the_proxy_is_contacted_and_it_looks_up_the_hub(self):
        url, authority = self.secure_hub()
        address, port = loopback.relay(NAMES["proxy.test"], self.secure_address, connect=True)
        for host, found in ((address, {(address, port)}), ("proxy.test", {(address, port), NAME_SERVER})):
            names.asked.clear()
            run = self.publish(url, ssl_cert_file=authority, https_proxy=f"http://{host}:{port}")
            self.assertEqual(run.code, 0, run.output)
            self.assertEqual(run.addresses - self.is_sorted(run), found)
            self.assertEqual(set(names.asked), {host} - {address})

    def test_no_redirect_is_followed(self):
        for status in (301, 302, 303, 307, 308):
            for target in (serve(File, NAMES["elsewhere.test"], content=b"[]").url, "https://elsewhere.test/"):
                hub = serve(Redirect, "127.0.0.1", status=status, target=target)
                run = self.publish(hub.url, aerostack_timeout="1")
                self.assertNotEqual(run.code, 0, run.output)
                self.assertEqual(run.addresses, {hub.server_address}, (status, target))
        self.assertEqual(names.asked, [])

    def test_what_sends_nothing_contacts_nobody(self):
        for run in (
            self.run_program("--help"),
            self.run_program("--version"),
            self.run_program(aerostack_dry_run="true"),
            self.run_program(),
            self.run_program(aerostack_api_key=KEY, aerostack_strategy="wrong"),
        ):
            self.assertEqual((run.addresses, names.asked), (set(), []), run.output)


class Installer(Hosts):
    VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    PROGRAM = b"#!/bin/sh\n"

    def setUp(self):
        super().setUp()
        self.action = self.folder / "action"
        shutil.copytree(ROOT / "action", self.action / "action")
        shutil.copy(ROOT / "Cargo.toml", self.action)
        asset = f"aerostack-publish-v{self.VERSION}-x86_64-unknown-linux-musl"
        (self.action / "SHA256SUMS").write_text(f"{hashlib.sha256(self.PROGRAM).hexdigest()}  {asset}\n")
        # Nothing is waited for.
        shims = self.folder / "shims"
        shims.mkdir()
        (shims / "sleep").write_text("#!/bin/sh\n")
        (shims / "cargo").write_text('#!/bin/sh\nfor last; do :; done\nmkdir -p "$last/debug"\n: >"$last/debug/aerostack-publish"\n')
        for shim in shims.iterdir():
            shim.chmod(0o755)

    def install(self, **env):
        temporary, cache = self.folder / "temporary", self.folder / "cache"
        temporary.mkdir(exist_ok=True)
        runner = {
            "PATH": f"{self.folder}/shims:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(temporary),
            "BINARY": "",
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            # The programs of a workspace are not run.
            "GITHUB_WORKSPACE": str(self.folder / "workspace"),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(temporary),
            "RUNNER_TOOL_CACHE": str(cache),
            "ACTION_REPOSITORY": "",
        }
        (self.folder / "output").write_text("")
        (self.folder / "workspace").mkdir(exist_ok=True)
        script = self.action / "action/install.sh"
        return Contacts(["sh", "-c", f'. "{script}"'], self.folder, runner | env)

    def test_a_download_contacts_the_release_and_what_it_redirects_to(self):
        asset = serve(File, "127.0.0.6", content=gzip.compress(self.PROGRAM))
        release = serve(Redirect, "127.0.0.7", status=302, target=f"{asset.url}/asset")
        run = self.install(AEROSTACK_PUBLISH_DOWNLOAD_URL=release.url)
        self.assertEqual(run.code, 0, run.output)
        self.assertEqual(run.addresses, {release.server_address, asset.server_address})
        self.assertEqual(names.asked, [])
        # It is in the cache now.
        self.assertEqual(self.install().addresses, set())

    def test_without_a_mirror_only_github_is_asked_for(self):
        run = self.install()
        self.assertNotEqual(run.code, 0, run.output)
        self.assertEqual(run.addresses, {NAME_SERVER, (NAMES["github.com"], 443)})
        self.assertEqual(set(names.asked), {"github.com"})

    def test_a_binary_on_the_runner_and_a_build_from_source_need_no_download(self):
        binary = self.folder / "shims/sleep"
        self.assertEqual(self.install(BINARY=str(binary)).addresses, set())
        (self.action / "SHA256SUMS").unlink()
        run = self.install()
        self.assertEqual((run.code, run.addresses), (0, set()), run.output)
