// Bundles every file of js/entries into dist/, under the same name.
import { readdirSync } from "node:fs";
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

if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
