// Hands the tests of ./tests.js to wasm-bindgen-test's own context, which runs them and prints the result.
// Every name that starts with two underscores belongs to the contract between that crate and its runners.

const CONTEXT = "WasmBindgenTestContext";
const PREFIX = "__wbgt_";

global.__wbgtest_og_console_log = console.log;
global.__wbgtest_og_console_error = console.error;
global.__wbg_test_invoke = (test) => test();

// What a test writes is kept back, and shown by the context where the test fails.
const kept = {};
for (const method of ["debug", "log", "info", "warn", "error"]) {
  console[method] = (...values) => kept[method]?.(values);
}

const tests = require("./tests.js");

async function run(part) {
  if (!(CONTEXT in tests)) {
    process.stdout.write("no tests\n");
    return true;
  }
  const all = Object.keys(tests.__wasm).filter((name) => name.startsWith(PREFIX));
  if (all.length === 0) {
    throw new Error("wasm-bindgen-test is linked, but no test is exported under the name that its runners know");
  }
  const chosen = all.filter((name) => name.slice(name.indexOf("::") + 2).includes(part));

  const context = new tests[CONTEXT](false);
  for (const method of ["debug", "log", "info", "warn", "error"]) {
    kept[method] = tests[`__wbgtest_console_${method}`];
  }
  context.include_ignored(false);
  context.filtered_count(all.length - chosen.length);
  return context.run(chosen.map((name) => tests.__wasm[name]));
}

run(process.argv[2] ?? "").then(
  (passed) => process.exit(passed ? 0 : 1),
  (error) => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
