#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the program's output for every capture in pcaps/ with what is kept in tests/golden/.

    golden.py BINARY            the test
    golden.py --update BINARY   writes all golden files anew; captures without a row in LIST get two, for JSON and for text

tests/golden/LIST has one row for each golden file: the capture, the options, the file. Every JSON document is also validated
against the schema of its type in report/schema/.
"""
import difflib
import json
import pathlib
import sys

import jsonschema

from tap import GOLDEN, ROOT, Row, Tap, captures, golden_rows

SCHEMAS = ROOT / "report" / "schema"
DIFF_LINES_MAX = 80


class Schemas:
    """The validators of report/schema/TYPE.schema.json, by document type."""

    def __init__(self) -> None:
        self.validators = {}
        for path in sorted(SCHEMAS.glob("*.schema.json")):
            schema = json.loads(path.read_text())
            validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
            validator.check_schema(schema)
            self.validators[path.name.split(".")[0]] = validator(schema, format_checker=jsonschema.FormatChecker())

    def problems(self, line: bytes) -> list:
        try:
            document = json.loads(line)
        except ValueError as error:
            return [f"not JSON: {error}"]
        kind = document.get("type") if isinstance(document, dict) else None
        if kind not in self.validators:
            return [f"no schema for the document type {kind!r}"]
        return [f"{error.json_path}: {error.message}" for error in self.validators[kind].iter_errors(document)]


def unified_diff(name: str, golden: bytes, got: bytes) -> str:
    lines = list(difflib.unified_diff(golden.decode(errors="backslashreplace").splitlines(),
                                      got.decode(errors="backslashreplace").splitlines(),
                                      f"golden/{name}", "got", lineterm="", n=1))
    if not lines:
        return "only line ends differ"
    more = [f"... {len(lines) - DIFF_LINES_MAX} more lines"] if len(lines) > DIFF_LINES_MAX else []
    return "\n".join(line if len(line) < 500 else difference_in(line, lines) for line in lines[:DIFF_LINES_MAX] + more)


def difference_in(line: str, lines: list) -> str:
    """A JSON document is one long line: shows where it first differs from its counterpart."""
    others = [other for other in lines if other[:1] in "+-" and other[:1] != line[:1]]
    nearest = max(others, key=lambda other: common_prefix(line, other), default="")
    at = common_prefix(line, nearest) + 1
    return f"{line[:1]}...{line[max(1, at - 100):at + 200]}..."


def common_prefix(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a[1:], b[1:])) if x != y), min(len(a), len(b)) - 1)


def check_row(tap: Tap, binary: str, row: Row, schemas: Schemas) -> None:
    result = row.run(binary)
    ends_well = result.status == row.status and bool(result.err) == (row.status != 0)
    tap.ok(ends_well, f"{row.name}: status {row.status}", str(result))
    path = GOLDEN / row.golden
    golden = path.read_bytes() if path.exists() else b""
    same = golden == result.out and path.exists()
    tap.ok(same, f"{row.name}: as {row.golden}", "" if same else unified_diff(row.golden, golden, result.out))
    if row.is_json:
        problems = [f"document {number}: {problem}" for number, line in enumerate(result.out.splitlines(), 1)
                    for problem in schemas.problems(line)]
        detail = "\n".join(problems[:20]) or "no document"
        tap.ok(bool(result.out) and not problems, f"{row.name}: documents are valid", detail)


def check_list(tap: Tap, rows: list) -> None:
    listed = {row.capture for row in rows}
    for capture in captures():
        tap.ok(capture in listed, f"{capture} has a row in tests/golden/LIST", "golden.py --update BINARY adds it")
    missing = listed - set(captures())
    tap.ok(not missing, "every row's capture is in pcaps/", " ".join(sorted(missing)))
    kept = {path.name for path in GOLDEN.iterdir() if path.is_file() and path.name != "LIST"}
    stray = kept - {row.golden for row in rows}
    tap.ok(not stray, "every golden file has its row", " ".join(sorted(stray)))


def test(binary: str) -> None:
    tap, rows, schemas = Tap(), golden_rows(), Schemas()
    tap.ok(len(rows) > 0, "tests/golden/LIST has rows")
    check_list(tap, rows)
    for row in rows:
        check_row(tap, binary, row, schemas)
    tap.finish()


LIST_HEAD = """\
# capture, options, golden file; one row for each run of smtpscope -r CAPTURE OPTIONS, in pcaps/.
# The first option may be status=N, the expected exit status.
"""


def add_rows() -> None:
    """Captures without a row get two, in the order of the alphabet among those that are new."""
    path = GOLDEN / "LIST"
    text = path.read_text() if path.exists() else LIST_HEAD
    listed = {row.capture for row in golden_rows()}
    for capture in captures():
        if capture not in listed:
            stem = capture.replace(".pcap", "", 1) if capture.endswith(".pcap") else capture
            text += f"{capture} -o json {stem}.json\n{capture} -o text {stem}.txt\n"
            print(f"new in LIST: {capture}")
    path.write_text(text)


def update(binary: str) -> None:
    GOLDEN.mkdir(exist_ok=True)
    add_rows()
    rows, bad = golden_rows(), 0
    for row in rows:
        result = row.run(binary)
        if result.status != row.status:
            print(f"{row.name}: not updated: {result}", file=sys.stderr)
            bad += 1
            continue
        path = GOLDEN / row.golden
        if not path.exists() or path.read_bytes() != result.out:
            path.write_bytes(result.out)
            print(f"written: {row.golden}")
    sys.exit(1 if bad else 0)


def main() -> None:
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--update":
        update(str(pathlib.Path(arguments[1]).resolve()))
    elif len(arguments) == 1:
        test(str(pathlib.Path(arguments[0]).resolve()))
    else:
        sys.exit("usage: golden.py [--update] BINARY")


if __name__ == "__main__":
    main()
