#!/usr/bin/env node
// Starts the program for this system, which is in a package of its own, and ends as it ends.
"use strict";

const { spawn } = require("node:child_process");
const { dirname, join } = require("node:path");
const { version, optionalDependencies } = require("./package.json");

// Exit code 2: the owner of the pipeline has to change something.
const MISCONFIGURED = 2;

function fail(...lines) {
  console.error(`aerostack-publish: ${lines.join("\n  ")}`);
  process.exit(MISCONFIGURED);
}

function program() {
  const system = `${process.platform}-${process.arch}`;
  const name = `@aerostackdev/aerostack-publish-${system}`;
  if (!optionalDependencies[name]) {
    fail(`there is no program for ${system}`, "build it from source: https://github.com/aerostackdev/aerostack-publish");
  }
  let manifest;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch {
    fail(
      `the package ${name} is not installed, which holds the program for this system`,
      "it is an optional dependency: install without `--omit=optional`, `--no-optional` or `optional=false`",
      "if the lock file or `node_modules` comes from another system, remove both and install again on this one",
    );
  }
  const found = require(manifest).version;
  if (found !== version) {
    fail(`${name} has version ${found}, and this is ${version}`, "remove the override of it, and install again");
  }
  return join(dirname(manifest), process.platform === "win32" ? "aerostack-publish.exe" : "aerostack-publish");
}

const file = program();
const child = spawn(file, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  // The program ends the run, and this process after it.
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => fail(`${file} can't be started (${error.message})`));
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code);
  }
});
