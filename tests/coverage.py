#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many lines of decode/ the tests reach: prints gcovr's table, and fails below 90 %.

    coverage.py BUILD SMTPSCOPE TEST-PROGRAM...

The build folder was set up with -Db_coverage=true; see tests/README.md. What runs is the unit tests of decode/, the fuzz corpus of
the sessions, and every row of tests/golden/LIST; nothing that counted before counts now. Needs Debian's gcovr.
"""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys

from tap import PCAPS, ROOT, golden_rows

AT_LEAST_PERCENT = 90
CORPUS = ROOT / "tests" / "fuzz" / "corpus" / "session"
TIMEOUT_S = 300


def fail(text: str) -> None:
    sys.exit(f"coverage: {text}")


def forget(build: pathlib.Path) -> None:
    """Counters of earlier runs; a build without any notes was not made for this."""
    if not list(build.glob("decode/**/*.gcno")):
        fail(f"{build} was not set up with -Db_coverage=true")
    for path in build.glob("**/*.gcda"):
        path.unlink()


def commands(smtpscope: str, programs: list) -> list:
    """(command, exit statuses that are right, folder)"""
    # The sandbox would not let the counters be written, nor would another user's rights.
    rows = [([smtpscope, "-r", row.capture, *row.options, "--no-sandbox", "-Z", "root"], row.status, PCAPS) for row in golden_rows()]
    tests = [([program, *([CORPUS] if "replay_" in program else [])], 0, ROOT) for program in programs]
    return tests + rows


def run_one(row: tuple) -> str:
    command, status, folder = row
    done = subprocess.run(list(map(str, command)), cwd=folder, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return "" if done.returncode == status else f"{command[0]}: status {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}"


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    if shutil.which("gcovr") is None:
        fail("missing Debian package: gcovr")
    build, smtpscope = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    forget(build)
    todo = commands(smtpscope, sys.argv[3:])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        troubles = [trouble for trouble in pool.map(run_one, todo) if trouble]
    if troubles:
        fail("\n".join(troubles))
    done = subprocess.run(["gcovr", "--root", ROOT, "--object-directory", build, "--filter", ROOT / "decode", "--print-summary",
                           "--fail-under-line", str(AT_LEAST_PERCENT), build / "decode"], cwd=build)
    print(f"{len(todo)} programs and captures; at least {AT_LEAST_PERCENT} % of the lines: "
          f"{'yes' if done.returncode == 0 else 'NO'}")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
