#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the single checks of a meson test run and shows what failed.

    summary.py BUILD-FOLDER MESON-STATUS

Every test here speaks TAP. One that died, or never said how many checks it has, is one failure more: what it did not run is
not known to pass. (meson itself calls a TAP test that prints nothing at all skipped.)
"""
import json
import pathlib
import re
import sys

CHECK = re.compile(r"^(not )?ok\b[^#]*(#\s*(SKIP|TODO)\b.*)?", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)")


class Test:
    def __init__(self, record: dict):
        self.name = record["name"]
        self.out, self.err = record.get("stdout", ""), record.get("stderr", "")
        self.passed = self.failed = 0
        self.skipped = []
        plan = None
        for line in self.out.splitlines():
            if match := PLAN.match(line):
                plan = int(match[1])
            elif match := CHECK.match(line):
                self.count(line, bool(match[1]), (match[3] or "").upper())
        ran = self.passed + self.failed + len(self.skipped)
        self.problem = ""
        if record["result"] in ("TIMEOUT", "INTERRUPT"):
            self.problem = "it took too long" if record["result"] == "TIMEOUT" else "it was interrupted"
        elif plan is None:
            self.problem = "it ended without a plan"
        elif plan != ran:
            self.problem = f"it planned {plan} checks and ran {ran}"
        elif ran == 0:
            self.problem = "it checked nothing"
        elif record["returncode"] != 0 and self.failed == 0:
            self.problem = f"its exit status was {record['returncode']}"
        elif record["result"] not in ("OK", "SKIP") and self.failed == 0:
            self.problem = f"meson says {record['result']}"
        self.failed += bool(self.problem)

    def count(self, line: str, bad: bool, directive: str) -> None:
        if directive == "SKIP":
            self.skipped.append(line)
        elif bad and directive != "TODO":
            self.failed += 1
        else:
            self.passed += 1

    def show(self) -> None:
        print(f"--- {self.name}{': ' + self.problem if self.problem else ''}")
        show = bool(self.problem)
        for line in self.out.splitlines():
            if CHECK.match(line) or PLAN.match(line):
                show = line.startswith("not ok")
            if show:
                print(f"    {line}")
        for line in self.err.splitlines()[-60:]:
            print(f"    {line}")


def main() -> None:
    build, status = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    log = build / "meson-logs" / "testlog.json"
    tests = [Test(json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []
    missing = {test["name"] for test in json.loads((build / "meson-info" / "intro-tests.json").read_text())}
    missing -= {test.name for test in tests}
    passed = sum(test.passed for test in tests)
    failed = sum(test.failed for test in tests) + len(missing)
    for test in tests:
        for line in test.skipped:
            print(f"skipped: {test.name}: {line.partition('-')[2].strip() or line}")
    for test in tests:
        if test.failed:
            test.show()
    for name in sorted(missing):
        print(f"--- {name}: it did not run")
    if (status and not failed) or not tests:
        print(f"--- meson test ended with status {status}; see {build}/meson-test.log")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
