#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the single checks of meson test runs and shows what failed.

    summary.py BUILD-FOLDER[:SUITE] MESON-STATUS ...

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
    def __init__(self, record: dict, suite: str = ""):
        self.name = record["name"].rpartition(" / ")[2]  # before that its suites, once there are several
        self.title = f"{self.name} ({suite})" if suite else self.name
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
        print(f"--- {self.title}{': ' + self.problem if self.problem else ''}")
        show = bool(self.problem)
        for line in self.out.splitlines():
            if CHECK.match(line) or PLAN.match(line):
                show = line.startswith("not ok")
            if show:
                print(f"    {line}")
        for line in self.err.splitlines()[-60:]:
            print(f"    {line}")


class Run:
    """One run of meson test: all tests of a build, or those of one suite."""

    def __init__(self, where: str, status: str):
        folder, _, suite = where.partition(":")
        self.build, self.status = pathlib.Path(folder), int(status)
        log = self.build / "meson-logs" / "testlog.json"
        self.tests = [Test(json.loads(line), suite) for line in log.read_text().splitlines()] if log.exists() else []
        planned = json.loads((self.build / "meson-info" / "intro-tests.json").read_text())
        self.missing = {test["name"] for test in planned if not suite or any(name.endswith(f":{suite}") for name in test["suite"])}
        self.missing -= {test.name for test in self.tests}
        self.passed = sum(test.passed for test in self.tests)
        self.failed = sum(test.failed for test in self.tests) + len(self.missing)

    def show(self) -> None:
        for test in self.tests:
            for line in test.skipped:
                print(f"skipped: {test.title}: {line.partition('-')[2].strip() or line}")
        for test in self.tests:
            if test.failed:
                test.show()
        for name in sorted(self.missing):
            print(f"--- {name}: it did not run")
        if (self.status and not self.failed) or not self.tests:
            print(f"--- meson test ended with status {self.status}; see {self.build}/meson-test.log")
            self.failed += 1


def main() -> None:
    runs = [Run(where, status) for where, status in zip(sys.argv[1::2], sys.argv[2::2])]
    for run in runs:
        run.show()
    failed = sum(run.failed for run in runs)
    print(f"{sum(run.passed for run in runs)} passed, {failed} failed")
    sys.exit(1 if failed or not runs else 0)


if __name__ == "__main__":
    main()
