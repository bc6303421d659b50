// Bundles every file of js/entries into dist/, under the same name, and notes from which sources.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build, context } from "esbuild";

const options = {
  entryPoints: readdirSync("js/entries").filter((name) => name.endsWith(".js")).map((name) => `js/entries/${name}`),
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome120", "firefox121", "safari17.2"],
  charset: "utf8",
  legalComments: "eof",
  logLevel: "info",
};

// tests/web/test_bundle.py computes the same, so that a change that was not built is noticed without Node
function digest() {
  const sources = readdirSync("js", { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
  const hash = createHash("sha256");
  for (const name of [...sources.map((name) => `js/${name}`), "package-lock.json", "build.mjs"].sort()) {
    hash.update(`${name}\n`).update(readFileSync(name));
  }
  return hash.digest("hex");
}

if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
  writeFileSync("dist/sources.sha256", `${digest()}\n`);
}
