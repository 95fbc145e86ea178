#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/coverage.md tells the truth: what it names exists, and says what the table claims.

    coverage_table.py

Its tables are of two kinds. One of items: item, captures, what stands in their documents, tests. A capture is named without its
ending, or by its golden file when it has several; each text must be in the golden file of each of them. A test is a file of tests/
and perhaps, in quotes, something that must be in it. One of findings: finding, where it is raised, where it nearly is; each a capture
or, in quotes, a row of tests/unit/test_findings.c. Every finding of docs/findings.md must be there, and every item that this test
expects. Where there is nothing yet, the table says "nothing yet" instead, which fails.
"""
import json
import re
import typing

from tap import GOLDEN, PCAPS, ROOT, Tap, golden_rows

TABLE = ROOT / "docs" / "coverage.md"
FINDINGS = ROOT / "docs" / "findings.md"
ROWS_OF_FINDINGS = ROOT / "tests" / "unit" / "test_findings.c"
VERDICT = re.compile(r"(?:(?:info|low|medium|high|critical) ([a-z0-9-]+)(?: T[0-9.]+)*(?:, )?)+")

# What the table must have a row for.
ITEMS = """
SIZE, 8BITMIME, PIPELINING, CHUNKING, BINARYMIME, DSN, ENHANCEDSTATUSCODES, SMTPUTF8, AUTH=, DELIVERBY, FUTURERELEASE, MT-PRIORITY,
REQUIRETLS, BURL, ETRN, ATRN, TURN, VRFY, EXPN, HELP, LIMITS, XCLIENT, XFORWARD, X-ANONYMOUSTLS, X-EXPS, XEXCH50, XSHADOW, LMTP,
EHLO retried as HELO, EHLO after STARTTLS, EHLO after AUTH, an extension that was not offered,
PLAIN, LOGIN, CRAM-MD5, DIGEST-MD5, SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-PLUS, NTLM, GSSAPI, EXTERNAL, ANONYMOUS, XOAUTH2, OAUTHBEARER,
LOGIN prompts in any wording, AUTH cancelled, AUTH after success, AUTH during a transaction, pipelined AUTH, 454, 432, 534, 535, 538,
500 to 504, 530, whether it was offered, whether it was encrypted, time taken,
version and cipher, SNI, ALPN, JA3 and JA3S, JA4, certificate, expired, self-signed, name mismatch, alerts, records and bytes,
STARTTLS refused, plain text after the 220, EHLO not repeated, implicit TLS,
key log, secrets in pcapng, TLS 1.2 AES-GCM, TLS 1.2 ChaCha20-Poly1305, TLS 1.2 AES-CBC, TLS 1.3, resumption, wrong or missing key,
header fields, RFC 2047, size and lines, 7bit or 8bit, attachments, attachments by BDAT, --max-message, --no-headers, --no-envelope,
--users hash,
smuggling, bare CR or LF, NUL, STARTTLS command injection, STARTTLS response injection, capabilities masked,
STARTTLS missing, early talkers, pipelining not offered, commands after QUIT, over-long lines, header injection, HTTP, TLS, SSH,
random bytes,
latency split, think time, body throughput, slow-reply, tarpit, greylisting and the retry,
every code from 200 to 599, a gap in mid-session, 50 MiB on one connection, MAIL FROM:<>, a refused recipient, a banner of 554
"""


class Cells(typing.NamedTuple):
    line: int
    cells: list


def tables(text: str) -> list:
    """(heads, [Cells]) of each table."""
    found, rows = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            rows = None
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if rows is None:
            rows = []
            found.append((cells, rows))
        elif not set("".join(cells)) <= set("-: "):
            rows.append(Cells(number, cells))
    return found


def marked(cell: str) -> list:
    """What stands in backticks; the longer kind may have backticks in it."""
    return [(long or short).replace("\\|", "|") for long, short in re.findall(r"``\s?(.+?)\s?``|`([^`]+)`", cell)]


def quoted(cell: str) -> list:
    return re.findall(r'"([^"]+)"', re.sub(r"`[^`]*`", "", cell))


# ---- captures

def golden_file(name: str) -> typing.Optional[str]:
    """The golden JSON of a capture, or of one of its rows."""
    for row in golden_rows():
        stem = re.sub(r"\.pcap(ng)?$", "", row.capture)
        if row.is_json and name in (stem, row.golden.removesuffix(".json")):
            return row.golden
    return None


def findings_of(golden: str) -> set:
    documents = [json.loads(line) for line in (GOLDEN / golden).read_text().splitlines()]
    return {finding["id"] for document in documents if document["type"] == "session" for finding in document["findings"]}


# ---- unit tests

def unit_rows() -> dict:
    """Name to the findings expected, of the table in test_findings.c."""
    text = ROWS_OF_FINDINGS.read_text()
    rows = {}
    for part in re.split(r"\n\t\{(?=\")", text)[1:]:
        strings = re.findall(r'"((?:[^"\\]|\\.)*)"', part)
        verdicts = [string for string in strings[1:] if VERDICT.fullmatch(string)]
        rows[strings[0]] = set(re.findall(r"(?:info|low|medium|high|critical) ([a-z0-9-]+)", verdicts[0])) if verdicts else set()
    return rows


def test_problem(cell: str) -> str:
    names, texts = marked(cell), quoted(cell)
    if not names:
        return "no test"
    contents = ""
    for name in names:
        paths = [ROOT / "tests" / name, ROOT / "tests" / "unit" / name, ROOT / name]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            return f"no file tests/{name}"
        contents += path.read_text()
    missing = [text for text in texts if text not in contents]
    return f"not in {names}: {missing}" if missing else ""


# ---- the tables

def check_items(tap: Tap, rows: list) -> None:
    for row in rows:
        item, captures, said, tests = row.cells
        name = f"line {row.line}: {item}"
        tap.equal(f"{name}: its tests exist", test_problem(tests), "")
        goldens = {capture: golden_file(capture) for capture in marked(captures)}
        missing = [capture for capture, golden in goldens.items() if golden is None]
        if not tap.ok(not missing, f"{name}: its captures exist", " ".join(missing)):
            continue
        # What no capture can show, a unit test does.
        tap.ok(bool(goldens) == bool(said) and (bool(goldens) or bool(quoted(tests))),
               f"{name}: a capture and what it says, or a test that is named exactly")
        for capture, golden in goldens.items():
            text = (GOLDEN / golden).read_text()
            absent = [piece for piece in marked(said) if piece not in text]
            tap.ok(not absent, f"{name}: {capture} says so", "\n".join(absent))


def check_findings(tap: Tap, rows: list, units: dict) -> None:
    documented = documented_findings()
    for row in rows:
        finding, has, nearly = row.cells
        name = marked(finding)[0]
        if not tap.ok(name in documented, f"{name}: docs/findings.md has it"):
            continue
        for cell, expected in ((has, True), (nearly, False)):
            places = [(place, golden_file(place)) for place in marked(cell)]
            tap.ok(bool(places), f"{name}: {'raised' if expected else 'nearly raised'} in some capture")
            for place, golden in places:
                raised = name in findings_of(golden) if golden else None
                tap.equal(f"{name}: {'raised' if expected else 'not raised'} in {place}", raised, expected)
            for place in quoted(cell):
                raised = name in units[place] if place in units else None
                tap.equal(f"{name}: {'raised' if expected else 'not raised'} in the unit test \"{place}\"", raised, expected)


def documented_findings() -> list:
    heads, rows = tables(FINDINGS.read_text())[0]
    return [marked(row.cells[0])[0] for row in rows]


def main() -> None:
    tap = Tap()
    found = tables(TABLE.read_text())
    items = [row for heads, rows in found if len(heads) == 4 for row in rows]
    findings = [row for heads, rows in found if len(heads) == 3 for row in rows]
    units = unit_rows()
    tap.ok(len(units) > 50 and sum(bool(names) for names in units.values()) > 30, f"{len(units)} rows in test_findings.c")
    names = [row.cells[0] for row in items]
    wanted = [item.strip() for item in " ".join(ITEMS.split()).split(",")]
    tap.equal("every item has a row", sorted(set(wanted) - set(names)), [])
    listed = [marked(row.cells[0])[0] for row in findings]
    tap.equal("every finding of docs/findings.md has a row", sorted(set(documented_findings()) - set(listed)), [])
    tap.equal("no finding has two", sorted(name for name in set(listed) if listed.count(name) > 1), [])
    check_items(tap, items)
    check_findings(tap, findings, units)
    stray = {path.name for path in PCAPS.glob("*.pcap*")} - {row.capture for row in golden_rows()}
    tap.equal("every capture has a golden file", sorted(stray), [])
    tap.finish()


if __name__ == "__main__":
    main()
