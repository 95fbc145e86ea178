# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Python tests share: TAP on standard output, and running the program under test."""
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PCAPS = ROOT / "pcaps"
GOLDEN = ROOT / "tests" / "golden"

TIMEOUT_S = 60


class Tap:
    """Counts the checks and prints them. The plan comes last: a test that dies before has none, and none is a failure."""

    def __init__(self) -> None:
        self.count = self.failures = 0

    def ok(self, passed: bool, name: str, detail: str = "") -> bool:
        self.count += 1
        self.failures += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name.replace('#', '')}")
        if not passed:
            self.say(detail)
        return bool(passed)

    def equal(self, name: str, got: object, expected: object) -> bool:
        return self.ok(got == expected, name, f"got      {got!r}\nexpected {expected!r}")

    def skip(self, name: str, reason: str) -> None:
        self.count += 1
        print(f"ok {self.count} - {name.replace('#', '')} # SKIP {reason}")

    @staticmethod
    def say(text: str) -> None:
        for line in text.splitlines():
            print(f"# {line}")

    def finish(self) -> None:
        """Ends the program. A test that found nothing to check has failed."""
        if self.count == 0:
            self.ok(False, "there is something to check")
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failures else 0)


class Notes(Tap):
    """Keeps what was checked, beside others, until it is its turn to be told."""

    def __init__(self) -> None:
        super().__init__()
        self.notes = []

    def ok(self, passed: bool, name: str, detail: str = "") -> bool:
        self.notes.append((Tap.ok, bool(passed), name, detail))
        return bool(passed)

    def skip(self, name: str, reason: str) -> None:
        self.notes.append((Tap.skip, name, reason))

    def tell(self, tap: Tap) -> None:
        for how, *what in self.notes:
            how(tap, *what)


class Result:
    def __init__(self, status: int, out: bytes, err: bytes):
        self.status, self.out, self.err = status, out, err

    def __str__(self) -> str:
        return f"status {self.status}\nstdout: {brief(self.out)}\nstderr: {brief(self.err)}"


def brief(data: bytes, limit: int = 2000) -> str:
    text = data.decode(errors="backslashreplace")
    return text if len(text) <= limit else text[:limit] + f"... ({len(text)} characters)"


def run(binary: str, arguments: list, stdin: bytes = b"", env: dict = {}) -> Result:
    """Runs the program in pcaps/, where golden captures have short names. Never raises for what the program does."""
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", **env}
    try:
        done = subprocess.run([binary, *map(str, arguments)], input=stdin, cwd=PCAPS, env=environment, timeout=TIMEOUT_S,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except subprocess.TimeoutExpired as expired:
        return Result(-1, expired.stdout or b"", (expired.stderr or b"") + b"\ntimed out")
    return Result(done.returncode, done.stdout, done.stderr)


CAPTURE_SUFFIXES = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcap.zst", ".pcapng.gz", ".pcapng.zst")


def captures() -> list:
    """The names of all captures in pcaps/."""
    return sorted(path.name for path in PCAPS.iterdir() if path.name.endswith(CAPTURE_SUFFIXES))


class Row:
    """One line of tests/golden/LIST: capture, options, golden file."""

    def __init__(self, line: str):
        words = shlex.split(line)
        if len(words) < 2:
            raise ValueError(f"tests/golden/LIST: not a row: {line}")
        self.capture, self.options, self.golden = words[0], words[1:-1], words[-1]
        # A capture that cannot be read to its end says so: status=1 comes first among its options.
        self.status = 0
        if self.options and self.options[0].startswith("status="):
            self.status = int(self.options.pop(0)[len("status="):])
        self.name = shlex.join([self.capture, *self.options])
        # It is run in other folders, too.
        self.options = [str(PCAPS / word) if before == "--keylog" else word for before, word in zip(["", *self.options], self.options)]

    @property
    def is_json(self) -> bool:
        return self.golden.endswith(".json")

    def run(self, binary: str, *more: str) -> Result:
        return run(binary, ["-r", self.capture, *self.options, *more])


def golden_rows() -> list:
    path = GOLDEN / "LIST"
    lines = path.read_text().splitlines() if path.exists() else []
    return [Row(line) for line in lines if line.strip() and not line.startswith("#")]


def json_rows() -> list:
    """One row for each golden capture: its JSON one."""
    rows = {}
    for row in golden_rows():
        if row.is_json:
            rows.setdefault(row.capture, row)
    return list(rows.values())
