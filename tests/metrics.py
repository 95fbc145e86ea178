#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics as documents, as metrics in a file, and as metrics over HTTP: valid, complete, and not to be disturbed.

    metrics.py DRIVER
"""
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from golden import Schemas
from tap import ROOT, Tap

WAIT_S = 20

# ---- the exposition format, by its description and not by what we write ----

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
HELP_LINE = re.compile(rf"# HELP ({NAME}) (.*)")
TYPE_LINE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram|summary|untyped)")
SAMPLE_LINE = re.compile(rf"({NAME})(?:\{{(.*)\}})? ([^ ]+)( -?[0-9]+)?")
LABEL_PAIR = re.compile(rf'({LABEL})="((?:[^"\\]|\\\\|\\"|\\n)*)"(?:,|$)')


class Exposition:
    """Metrics by name, their samples by labels. problems says what is wrong with the text."""

    def __init__(self, text: str) -> None:
        self.problems, self.types, self.helps, self.samples = [], {}, {}, {}
        self.family = None
        if not text.endswith("\n"):
            self.problems.append("the last line has no end")
        for number, line in enumerate(text.split("\n")[:-1], 1):
            problem = self.line(line)
            if problem:
                self.problems.append(f"line {number}: {problem}: {line}")

    def line(self, line: str) -> str:
        if match := HELP_LINE.fullmatch(line):
            return self.begin(self.helps, match[1], match[2])
        if match := TYPE_LINE.fullmatch(line):
            return self.begin(self.types, match[1], match[2])
        if match := SAMPLE_LINE.fullmatch(line):
            return self.sample(match[1], match[2] or "", match[3])
        return "neither HELP, TYPE nor a sample"

    def begin(self, kind: dict, name: str, value: str) -> str:
        if name in kind:
            return "there twice"
        if any(sampled == name for sampled, _ in self.samples):
            return "after its samples"
        kind[name] = value
        self.family = name
        return "" if value.strip() else "empty"

    def sample(self, name: str, labels: str, value: str) -> str:
        pairs = LABEL_PAIR.findall(labels)
        rest = LABEL_PAIR.sub("", labels)
        if rest or labels.endswith(","):
            return f"labels are not well-formed at {rest!r}"
        if len({label for label, _ in pairs}) != len(pairs):
            return "a label is there twice"
        key = (name, tuple(sorted((label, self.unescape(text)) for label, text in pairs)))
        if key in self.samples:
            return "the sample is there twice"
        if name != self.family or name not in self.types or name not in self.helps:
            return "not with its HELP and TYPE"
        if name.endswith("_total") != (self.types[name] == "counter"):
            return "only counters, and all of them, end with _total"
        try:
            self.samples[key] = float(value)
        except ValueError:
            return "not a number"
        return ""

    @staticmethod
    def unescape(text: str) -> str:
        return re.sub(r'\\([\\"n])', lambda match: {"n": "\n"}.get(match[1], match[1]), text)

    def get(self, name: str, **labels: str) -> float:
        return self.samples.get((f"smtpscope_{name}", tuple(sorted(labels.items()))))


def check_parser(tap: Tap) -> None:
    """The parser finds what is wrong, or the checks with it mean nothing."""
    head = "# HELP a_total x\n# TYPE a_total counter\n"
    tap.equal("parser: a right text", Exposition(head + 'a_total{b="c\\"\\\\\\n,}"} 1\na_total{b="d"} 2\n').problems, [])
    for name, text in (("no HELP", "# TYPE a gauge\na 1\n"), ("no TYPE", "# HELP a x\na 1\n"),
                       ("TYPE twice", head + "# TYPE a_total counter\n"), ("sample twice", head + "a_total 1\na_total 2\n"),
                       ("no end of line", head + "a_total 1"), ("counter without _total", "# HELP a x\n# TYPE a counter\na 1\n"),
                       ("gauge with _total", "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n"),
                       ("open quote", head + 'a_total{b="c} 1\n'), ("bare backslash", head + 'a_total{b="c\\x"} 1\n'),
                       ("no number", head + "a_total one\n"), ("label twice", head + 'a_total{b="1",b="2"} 1\n'),
                       ("samples apart", head + "a_total 1\n# HELP b x\n# TYPE b gauge\nb 1\na_total{c=\"d\"} 1\n"),
                       ("empty line with blanks", head + "  \n")):
        tap.ok(Exposition(text).problems, f"parser: {name} is found")


# ---- what the statistics say ----

# Everything that drive_metrics.c puts into them.
EXPECTED = (
    ("captured_frames_total", {}, 100), ("captured_bytes_total", {}, 10000), ("segments_total", {}, 90),
    ("connections_total", {}, 20), ("evictions_total", {}, 1), ("failures_not_told_total", {}, 4), ("gaps_total", {}, 2), ("gap_bytes_total", {}, 3000),
    ("not_understood_total", {"reason": "arp"}, 12), ("not_understood_total", {"reason": "ipv4-fragment"}, 2.0 ** 64),
    ("sessions_total", {"result": "delivered"}, 1), ("sessions_total", {"result": "refused"}, 2),
    ("sessions_total", {"result": "no-mail"}, 0), ("sessions_open", {}, 2),
    ("session_closes_total", {"close": "fin"}, 2), ("session_closes_total", {"close": "reset-by-client"}, 1),
    ("mails_total", {"result": "accepted"}, 1), ("logins_total", {"result": "rejected"}, 2),
    ("findings_total", {"id": "auth-rejected", "severity": "high"}, 2),
    ("findings_total", {"id": "greylisted", "severity": "low"}, 2),
    ("diagnoses_published_total", {"id": "brute-force"}, 2), ("diagnoses_open", {"id": "brute-force"}, 1),
    ("diagnoses_published_total", {"id": "server-changed"}, 2), ("diagnoses_open", {"id": "server-changed"}, 0),
    ("build_info", {"version": "1.2.3"}, 1), ("start_time_seconds", {}, 1795588880.123),
    ("snapshot_time_seconds", {}, 1795588940.123), ("uptime_seconds", {}, 60), ("resident_memory_bytes", {}, 45 << 20),
    ("interface_frames_total", {"interface": "eth0"}, 70), ("interface_bytes_total", {"interface": "eth0"}, 7000),
    ("interface_outages_total", {"interface": 'odd "name"\\\n\ufffd日'}, 3),
    ("interface_state", {"interface": "eth0", "state": "up"}, 1),
    ("interface_state", {"interface": "eth0", "state": "gone"}, 0),
    ("interface_state", {"interface": 'odd "name"\\\n\ufffd日', "state": "gone"}, 1),
    ("capture_dropped_packets_total", {"interface": "eth0", "by": "kernel"}, 5),
    ("capture_dropped_packets_total", {"interface": "eth0", "by": "interface"}, 6),
    ("flows", {"state": "embryonic"}, 4), ("flows", {"state": "open"}, 5), ("flows", {"state": "closing"}, 6),
    ("ignored_segments_total", {}, 8), ("pool_bytes", {"pool": "tcp"}, 1024), ("pool_limit_bytes", {"pool": "tcp"}, 65536),
    ("output_queue_documents", {}, 1), ("output_queue_bytes", {}, 2), ("output_spool_documents", {}, 3),
    ("output_spool_bytes", {}, 4), ("documents_written_total", {}, 5), ("written_bytes_total", {}, 6),
    ("documents_lost_total", {}, 7), ("write_errors_total", {}, 8), ("evidence_files_written_total", {}, 11),
    ("evidence_files_removed_total", {}, 12), ("evidence_dropped_packets_total", {}, 13), ("evidence_disk_bytes", {}, 14),
    ("tls_connections_total", {}, 21), ("tls_decrypted_connections_total", {}, 22), ("tls_secrets_read_total", {}, 23),
    ("records_written_total", {"sink": "file", "format": "json"}, 35),
    ("records_written_total", {"sink": "es+https://es.example.com", "format": "ecs"}, 43),
    ("records_dropped_total", {"sink": "file", "reason": "queue_full"}, 37), ("records_dropped_total", {"sink": "file", "reason": "rejected"}, 39),
    ("sink_retries_total", {"sink": "file"}, 38), ("sink_up", {"sink": "file"}, 1), ("sink_up", {"sink": "es+https://es.example.com"}, 0),
    ("sink_queue_documents", {"sink": "file"}, 31), ("spool_documents", {"sink": "file"}, 33), ("spool_bytes", {"sink": "file"}, 34),
    ("tls_keylog_lines_not_understood_total", {}, 24), ("tls_secrets", {}, 25), ("tls_secrets_evicted_total", {}, 26),
)


def check_text(tap: Tap, driver: str) -> str:
    done = subprocess.run([driver, "text"], stdout=subprocess.PIPE, timeout=WAIT_S)
    text = done.stdout.decode()  # strictly: labels are UTF-8
    tap.equal("text: written", done.returncode, 0)
    exposition = Exposition(text)
    tap.ok(not exposition.problems, "text: valid", "\n".join(exposition.problems))
    for name, labels, value in EXPECTED:
        tap.equal(f"text: {name} {labels or ''}", exposition.get(name, **labels), float(value))
    told = {name for name, _, _ in EXPECTED}
    unknown = sorted(name for name in exposition.types if name[len("smtpscope_"):] not in told)
    tap.equal("text: every metric is looked at here", unknown, [])
    check_manual(tap, exposition)
    return text


def check_manual(tap: Tap, exposition: Exposition) -> None:
    """docs/live.md, and docs/sinks.md of destinations, list each metric, with its labels and what it says of itself."""
    manual = "".join((ROOT / "docs" / name).read_text() for name in ("live.md", "sinks.md"))
    rows = re.findall(r"^\| `(smtpscope_\w+)` \| ([\w, ]*) \| (.*) \|$", manual, re.MULTILINE)
    labels = {}
    for name, pairs in exposition.samples:
        labels.setdefault(name, set()).update(label for label, _ in pairs)
    expected = {(name, ", ".join(sorted(labels[name])), text) for name, text in exposition.helps.items()}
    got = {(name, ", ".join(sorted(filter(None, named.split(", ")))), text) for name, named, text in rows}
    tap.equal("text: docs/live.md and docs/sinks.md list the metrics", sorted(got ^ expected), [])


def check_documents(tap: Tap, driver: str) -> None:
    done = subprocess.run([driver, "json"], stdout=subprocess.PIPE, timeout=WAIT_S)
    schemas, lines = Schemas(), done.stdout.splitlines()
    tap.equal("documents: one for now and one for the end", len(lines), 2)
    for name, line in zip(("now", "end"), lines):
        problems = schemas.problems(line)
        tap.ok(not problems, f"documents: valid, {name}", "\n".join(problems))
    now, end = (json.loads(line) for line in lines)
    tap.equal("documents: only the end is final", (now.pop("final"), end.pop("final")), (False, True))
    tap.equal("documents: else the same", now, end)
    for path, value in (("interval_ms", 10000), ("uptime_ms", 60000), ("time", "2026-11-25T06:42:20.123456Z"),
                        ("start", "2026-11-25T06:41:20.123456Z"), ("version", "1.2.3"), ("sessions_open", 2),
                        ("flows", {"embryonic": 4, "open": 5, "closing": 6}), ("results", {"delivered": 1, "refused": 2}),
                        ("closes", {"fin": 2, "reset-by-client": 1}), ("mails", {"accepted": 1}), ("logins", {"rejected": 2}),
                        ("findings", {"auth-rejected": 2, "greylisted": 2}), ("severities", {"high": 2, "low": 2}),
                        ("diagnoses", {"published": {"brute-force": 2, "server-changed": 2}, "open": {"brute-force": 1}}),
                        ("decryption", {"connections": 21, "decrypted": 22, "secrets_read": 23, "lines_not_understood": 24,
                                        "secrets": 25, "secrets_evicted": 26}),
                        ("evidence", {"files_written": 11, "files_removed": 12, "packets_dropped": 13, "disk_bytes": 14})):
        tap.equal(f"documents: {path}", now.get(path), value)
    tap.equal("documents: an interface", now["interfaces"][0],
              {"name": "eth0", "state": "up", "frames": 70, "bytes": 7000, "dropped_by_kernel": 5, "dropped_by_interface": 6,
               "outages": 0})
    tap.equal("documents: output", list(now["output"].values()), [1, 2, 3, 4, 5, 6, 7, 8])
    tap.equal("documents: destinations", [list(one.values()) for one in now["sinks"]],
              [["file", "json", True, 31, 32, 33, 34, 35, 36, 39, 37, 38],
               ["es+https://es.example.com", "ecs", False, 0, 0, 41, 42, 43, 44, 47, 45, 46]])


def check_file(tap: Tap, driver: str) -> None:
    """Read while it is written anew all the time: always whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "smtpscope.prom"
        program = subprocess.Popen([driver, "file", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            tap.equal("file: written", program.stdout.readline(), b"written\n")
            torn, sizes = [], set()
            end = time.monotonic() + WAIT_S
            while (len(sizes) < 2 or not torn and time.monotonic() < end - WAIT_S + 1) and time.monotonic() < end:
                text = path.read_text()
                sizes.add(len(text))
                if not text.endswith("evidence_disk_bytes 14\n"):
                    torn.append(text[-80:])
            tap.ok(not torn, "file: never torn", repr(torn[:1]))
            tap.equal("file: both contents were seen", len(sizes), 2)
            out, _ = program.communicate(timeout=WAIT_S)
            tap.equal("file: no error", out, b"0\n")
            tap.equal("file: nothing else is left", sorted(entry.name for entry in pathlib.Path(folder).iterdir()), [path.name])
            tap.equal("file: for all to read", oct(path.stat().st_mode & 0o777), oct(0o644))
        finally:
            program.kill()
            program.wait()


# ---- over HTTP ----

class Server:
    def __init__(self, driver: str, address: str) -> None:
        self.program = subprocess.Popen([driver, "serve", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.program.stdout.readline() or 0)
        self.host = address.rsplit(":", 1)[0].strip("[]")
        self.name = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def set(self) -> bytes:
        self.program.stdin.write(b"set\n")
        self.program.stdin.flush()
        return self.program.stdout.readline()

    def ask(self, method: str = "GET", path: str = "/metrics", headers: dict = {}) -> tuple:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=WAIT_S)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """What comes back until the server ends the connection."""
        received = b""
        with socket.create_connection((self.host, self.port), timeout=WAIT_S) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    received += part
            except OSError:
                pass  # it did not want to hear the rest
        return received

    def end(self) -> tuple:
        try:
            out, _ = self.program.communicate(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            self.program.kill()
            out, _ = self.program.communicate()
        return self.program.returncode, out


def check_answers(tap: Tap, server: Server, text: str) -> None:
    status, _, body = server.ask()
    tap.equal("http: before there are any, 503", (status, body), (503, b"no statistics yet\n"))
    tap.equal("http: they are set", server.set(), b"set\n")
    with urllib.request.urlopen(f"http://{server.name}/metrics", timeout=WAIT_S) as response:
        tap.equal("http: the content type", response.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        tap.equal("http: the metrics", response.read().decode(), text)
        tap.equal("http: one request a connection", response.headers["Connection"], "close")
    status, headers, body = server.ask("HEAD")
    tap.equal("http: HEAD has no body", (status, body), (200, b""))
    tap.equal("http: HEAD tells the length", headers["Content-Length"], str(len(text.encode())))
    for method, path, expected in (("GET", "/", 200), ("GET", "/metrics?x=1", 200), ("GET", "/metrics/", 404),
                                   ("GET", "/../etc/passwd", 404), ("GET", "/favicon.ico", 404), ("POST", "/metrics", 405),
                                   ("PUT", "/", 405), ("DELETE", "/metrics", 405), ("OPTIONS", "/metrics", 405),
                                   ("TRACE", "/metrics", 405)):
        tap.equal(f"http: {method} {path}", server.ask(method, path)[0], expected)
    tap.ok(b"/metrics" in server.ask("GET", "/")[2], "http: / tells where they are")
    tap.equal("http: 405 tells what is allowed", server.ask("POST")[1]["Allow"], "GET, HEAD")


def check_hosts(tap: Tap, server: Server) -> None:
    """A name that somebody made to point here is not ours."""
    port = server.port
    for host, expected in ((f"localhost:{port}", 200), (f"LocalHost:{port}", 200), (f"127.0.0.1:{port}", 200),
                           (f"[::1]:{port}", 200), ("localhost", 403), (f"localhost:{port + 1}", 403), (f"localhost:{port}x", 403),
                           (f"evil.example:{port}", 403), (f"localhost.evil.example:{port}", 403), (f"127.0.0.2:{port}", 403),
                           ("", 403), (f":{port}", 403)):
        tap.equal(f"http: Host: {host.replace(str(port), 'PORT')}", server.ask(headers={"Host": host})[0], expected)
    tap.ok(server.raw(b"GET /metrics HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 403"), "http: no Host")


def check_garbage(tap: Tap, server: Server) -> None:
    host = f"Host: localhost:{server.port}\r\n".encode()
    for name, data in (("nothing", b""), ("noise", bytes(range(256)) * 40), ("no end", b"GET /metrics HTTP/1.1\r\n" + host),
                       ("a long line", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n" + host + b"\r\n"),
                       ("a long header", b"GET / HTTP/1.1\r\n" + host + b"X: " + b"b" * 100000 + b"\r\n\r\n"),
                       ("many headers", b"GET / HTTP/1.1\r\n" + host + b"X: y\r\n" * 20000 + b"\r\n"),
                       ("a body", b"POST /metrics HTTP/1.1\r\n" + host + b"Content-Length: 1000000\r\n\r\n" + b"z" * 100000),
                       ("negative length", b"GET / HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n"),
                       ("two requests", (b"GET / HTTP/1.1\r\n" + host + b"\r\n") * 2)):
        answer = server.raw(data)
        tap.ok(b"smtpscope_" not in answer and answer.count(b"HTTP/1.1 200") <= 1, f"http: {name}: no metrics", repr(answer[:200]))
        tap.equal(f"http: {name}: serves on", server.ask()[0], 200)


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(WAIT_S)


def check_slow(tap: Tap, server: Server) -> None:
    """Connections that say little or nothing keep nobody out: of more than eight the oldest end, and the others in time."""
    slow = []
    for number in range(40):
        slow.append(socket.create_connection((server.host, server.port), timeout=WAIT_S))
        if number % 2:
            slow[-1].sendall(b"GET /metrics HT")
    tap.equal("http: 40 slow connections: 32 make room", [ends(connection) for connection in slow[:32]], [True] * 32)
    tap.equal("http: 40 slow connections: a scrape is answered", server.ask()[0], 200)
    tap.equal("http: 40 slow connections: the youngest are still there", [is_open(connection) for connection in slow[33:]], [True] * 7)
    # Bytes that trickle in give no longer life.
    end = time.monotonic() + WAIT_S
    while is_open(slow[39]) and time.monotonic() < end:
        time.sleep(0.2)
        try:
            slow[39].sendall(b"P")
        except OSError:
            break
    tap.ok(not is_open(slow[39]), "http: one that says a byte now and then is ended")
    tap.equal("http: 40 slow connections: all are ended", [ends(connection) for connection in slow[32:]], [True] * 8)
    for connection in slow:
        connection.close()


def ends(connection: socket.socket) -> bool:
    """Waits for its end."""
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def check_http(tap: Tap, driver: str, text: str) -> None:
    server = Server(driver, "127.0.0.1:0")
    try:
        check_answers(tap, server, text)
        check_hosts(tap, server)
        check_garbage(tap, server)
        check_slow(tap, server)
        busy = subprocess.run([driver, "serve", server.name], stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_S)
        tap.ok(busy.returncode == 1 and b"Address already in use" in busy.stderr, "http: the port is taken", repr(busy))
    finally:
        left_open = socket.create_connection((server.host, server.port), timeout=WAIT_S)
        tap.equal("http: ends, also with a connection open", server.end(), (0, b"ended\n"))
        left_open.close()
    for address in ("0.0.0.0:0", "192.0.2.1:9724", "[::]:0", "[2001:db8::1]:9724", "[::ffff:127.0.0.1]:9724"):
        refused = subprocess.run([driver, "serve", address], stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_S)
        tap.ok(refused.returncode == 1 and b"loopback addresses only" in refused.stderr, f"http: {address} is refused", repr(refused))
    for address in ("", ":1", "9724", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x", "::1:9724",
                    "localhost:9724", "[127.0.0.1]:1", "127.1:1", "[::1:9724"):
        wrong = subprocess.run([driver, "serve", address], stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_S)
        tap.ok(wrong.returncode == 1 and b"is no address for metrics" in wrong.stderr, f"http: {address!r} is wrong", repr(wrong))


def check_ipv6(tap: Tap, driver: str) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        tap.skip("http: IPv6", f"no ::1 here: {error}")
        return
    server = Server(driver, "[::1]:0")
    server.set()
    tap.equal("http: IPv6", server.ask()[0], 200)
    tap.equal("http: IPv6: ends", server.end()[0], 0)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: metrics.py DRIVER")
    tap = Tap()
    check_parser(tap)
    text = check_text(tap, sys.argv[1])
    check_documents(tap, sys.argv[1])
    check_file(tap, sys.argv[1])
    check_http(tap, sys.argv[1], text)
    check_ipv6(tap, sys.argv[1])
    tap.finish()


if __name__ == "__main__":
    main()
