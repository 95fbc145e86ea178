#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents get to receivers over sockets, syslog and HTTP: acknowledged, again after a failure, refused ones kept, losses counted.

    delivery.py SINK-DRIVER BINARY KAFKA-MOCK [SCENE ...]
"""
import contextlib
import gzip
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from sink import Driver, WAIT_S
from tap import ROOT, Tap

SYSLOG = re.compile(rb"<(\d+)>1 (\S+) (\S+) smtpscope (\d+) (\S+) \[meta sequenceId=\"(\d+)\"\] (.*)", re.DOTALL)


def numbers(lines: list) -> list:
    return [json.loads(line)["n"] for line in lines]


def at_least_once(tap: Tap, name: str, got: list, count: int) -> None:
    missing = set(range(count)) - set(got)
    tap.ok(not missing, f"{name}: every document arrives", f"{len(missing)} of {count} are missing: {sorted(missing)[:10]}")
    if len(got) > len(set(got)):
        tap.say(f"{name}: {len(got) - len(set(got))} came twice")


# ---- receivers

class StreamServer:
    """Takes connections and keeps what comes. read=False: it does not read."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext = None, drop_after: int = 0):
        self.listener, self.context, self.drop_after = listener, context, drop_after
        self.data, self.connections, self.paused = [], 0, False
        self.open: list = []
        self.refused = self.active = 0
        self.stopped = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        self.listener.settimeout(0.1)
        while not self.stopped:
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.active += 1
            threading.Thread(target=self.read, args=(connection,), daemon=True).start()

    def read(self, connection: socket.socket) -> None:
        got = bytearray()
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.connections += 1
            self.data.append(got)
            self.open.append(connection)
            connection.settimeout(0.1)
            while not self.stopped:
                if self.paused:
                    time.sleep(0.02)
                    continue
                try:
                    piece = connection.recv(65536)
                except (TimeoutError, ssl.SSLWantReadError):
                    continue
                if not piece:
                    return
                got += piece
                if self.drop_after and len(got) >= self.drop_after:
                    self.drop_after = 0
                    # with a reset: what was not read is lost
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    connection.close()
                    return
        except OSError:
            self.refused += 1
        finally:
            connection.close()
            self.active -= 1

    def wait(self) -> None:
        """Until all that the kernel has taken is read, once the other side has ended its connections."""
        end = time.monotonic() + WAIT_S
        while self.active > 0 and time.monotonic() < end:
            time.sleep(0.02)

    def close(self) -> None:
        self.stopped = True
        self.thread.join()
        self.listener.close()
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.close()


def octet_frames(data: bytes) -> tuple:
    """The messages of RFC 6587 3.4.1, and what is left."""
    frames, at = [], 0
    while (match := re.match(rb"([1-9]\d*) ", data[at:at + 12])):
        end = at + match.end() + int(match[1])
        if end > len(data):
            break
        frames.append(bytes(data[at + match.end():end]))
        at = end
    return frames, bytes(data[at:])


class Script(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with server.lock:
            answer = server.script.pop(0) if server.script else server.usual
            server.requests.append((time.monotonic(), self.path, dict(self.headers), body))
        answer(self, body)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


def status(code: int, body: bytes = b"", **headers: str):
    return lambda handler, got: handler.answer(code, body, **headers)


def reset(handler, got) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()
    handler.close_connection = True


def hang(handler, got) -> None:
    time.sleep(3)
    handler.close_connection = True


class HttpServer:
    def __init__(self, usual, script: list = (), context: ssl.SSLContext = None, port: int = 0):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Script, bind_and_activate=False)
        self.server.allow_reuse_address = True
        self.server.daemon_threads = True
        self.server.server_bind()
        self.server.server_activate()
        self.server.handle_error = lambda *arguments: None
        self.server.lock, self.server.requests = threading.Lock(), []
        self.server.usual, self.server.script = usual, list(script)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def requests(self) -> list:
        return self.server.requests

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Elastic:
    """_bulk with create into data streams: what is there already is a conflict."""

    def __init__(self, refuse=lambda number: False, busy=lambda number, tries: False):
        self.stored, self.refuse, self.busy, self.tries = {}, refuse, busy, {}
        self.indices = set()

    def __call__(self, handler, body: bytes) -> None:
        lines = body.split(b"\n")[:-1]
        items = []
        for head, document in zip(lines[::2], lines[1::2]):
            create, document = json.loads(head)["create"], json.loads(document)
            number = document["n"]
            tries = self.tries[number] = self.tries.get(number, 0) + 1
            if "@timestamp" not in document or self.refuse(number):
                items.append({"create": {"status": 400, "error": {"type": "document_parsing_exception", "reason": "field [n]"}}})
            elif self.busy(number, tries):
                items.append({"create": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}})
            elif create["_id"] in self.stored:
                items.append({"create": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "there"}}})
            else:
                self.stored[create["_id"]] = number
                self.indices.add(create["_index"])
                items.append({"create": {"status": 201}})
        errors = any("error" in item["create"] for item in items)
        handler.answer(200, json.dumps({"errors": errors, "items": items}).encode(), Content_Type="application/json")


class Cluster:
    """Mock brokers, in a process of their own."""

    def __init__(self, binary: str, *topics: str, brokers: int):
        self.process = subprocess.Popen([binary, str(brokers), *topics], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.servers = self.process.stdout.readline().decode().strip()

    def ask(self, command: str) -> list:
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) not in (b"ok\n", b""):
            lines.append(line.rstrip(b"\n"))
        return lines

    def dump(self, topic: str) -> list:
        """Partition, offset, key and value of each message."""
        rows = [line.split(b"\t", 3) for line in self.ask(f"dump {topic}")]
        return [(int(partition), int(offset), key, value) for partition, offset, key, value in rows]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


# ---- certificates

def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_certificates(folder: pathlib.Path) -> None:
    """An authority, a server for 127.0.0.1 and localhost, a client, and an authority that nobody trusts."""
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                f"/CN=test {name}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem")
    for name, extension in (("server", "subjectAltName=DNS:localhost,IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        (folder / "extensions").write_text(extension)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}.example.com",
                "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr")
        openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-days", "2",
                "-CAcreateserial", "-extfile", f"{folder}/extensions", "-out", f"{folder}/{name}.pem")


def server_context(folder: pathlib.Path, client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "ca.pem")
    return context


# ---- scenes

class Scenes:
    def __init__(self, tap: Tap, binary: str, program: str, mock: str):
        self.tap, self.binary, self.program, self.mock = tap, binary, program, mock
        self.drivers: list = []
        self.servers: list = []
        self.certificates = pathlib.Path(tempfile.mkdtemp(prefix="smtpscope-ca-"))

    @contextlib.contextmanager
    def folder(self):
        path = pathlib.Path(tempfile.mkdtemp(prefix="smtpscope-delivery-"))
        (path / "spool").mkdir()
        try:
            yield path
        finally:
            for driver in self.drivers:
                driver.close()
            for server in self.servers:
                server.close()
            self.drivers.clear()
            self.servers.clear()
            shutil.rmtree(path, ignore_errors=True)

    def start(self, folder: pathlib.Path, *options: str) -> Driver:
        driver = Driver(self.binary, folder, *options)
        self.drivers.append(driver)
        return driver

    def listen(self, buffer: int = 0, **more) -> tuple:
        listener = socket.create_server(("127.0.0.1", 0))
        if buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        server = StreamServer(listener, **more)
        self.servers.append(server)
        return server, listener.getsockname()[1]

    def http(self, usual, script: list = (), **more) -> HttpServer:
        server = HttpServer(usual, script, **more)
        self.servers.append(server)
        return server

    def delivered(self, name: str, driver: Driver, count: int) -> None:
        stats = driver.until(lambda stats: stats["written"] >= count)
        self.tap.equal(f"{name}: all are acknowledged", (stats["result"], stats["written"], stats["lost"]), (0, count, 0))
        stats = driver.finish()
        for server in self.servers:
            if isinstance(server, StreamServer):
                server.wait()
        self.tap.ok(stats["status"] == 0 and balanced_all(stats), f"{name}: an end without trouble", f"{stats} {driver.messages()}")

    # ---- sockets

    def unix(self) -> None:
        with self.folder() as folder:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(folder / "socket"))
            listener.listen()
            server = StreamServer(listener)
            self.servers.append(server)
            driver = self.start(folder, "to=unix:socket")
            server.paused = True
            driver.ask("write 3000 300")
            time.sleep(0.2)
            stats = driver.ask("stats")
            self.tap.ok(stats["written"] < 3000, "unix: what is not read is not acknowledged", str(stats))
            server.paused = False
            self.delivered("unix", driver, 3000)
            self.tap.equal("unix: in order, once", numbers(bytes(server.data[0]).splitlines()), list(range(3000)))

    def syslog_tcp(self) -> None:
        with self.folder() as folder:
            server, port = self.listen()
            driver = self.start(folder, f"to=syslog+tcp://127.0.0.1:{port}?facility=local0")
            driver.ask("write 2000 300")
            self.delivered("syslog+tcp", driver, 2000)
            frames, rest = octet_frames(server.data[0])
            self.tap.equal("syslog+tcp: frames, and nothing else", rest, b"")
            rows = [SYSLOG.fullmatch(frame) for frame in frames]
            self.tap.ok(all(rows), "syslog+tcp: every frame is a message of RFC 5424",
                        str([frame for frame, row in zip(frames, rows) if not row][:1]))
            self.tap.equal("syslog+tcp: facility and severity", {row[1] for row in rows if row}, {b"134"})
            self.tap.equal("syslog+tcp: sequence", [int(row[6]) for row in rows if row], list(range(1, 2001)))
            self.tap.equal("syslog+tcp: documents in order", numbers([row[7] for row in rows if row]), list(range(2000)))
            server, port = self.listen()
            driver = self.start(folder, f"to=syslog+tcp://localhost:{port}?framing=lf")
            driver.ask("write 10 300")
            self.delivered("syslog+tcp, lines", driver, 10)
            rows = [SYSLOG.fullmatch(line) for line in bytes(server.data[0]).splitlines()]
            self.tap.equal("syslog+tcp, lines: documents", numbers([row[7] for row in rows if row]), list(range(10)))

    def syslog_broken(self) -> None:
        """The receiver resets the connection in the middle of a batch. What its kernel had acknowledged, and it had not read, is lost,
        which nobody can help: so its kernel has no room for a whole batch."""
        with self.folder() as folder:
            server, port = self.listen(drop_after=300000, buffer=8192)
            driver = self.start(folder, f"to=syslog+tcp://127.0.0.1:{port}", "faster=20")
            driver.ask("write 3000 300")
            self.delivered("syslog+tcp, reset", driver, 3000)
            got = [number for data in server.data for number in numbers([SYSLOG.fullmatch(frame)[7] for frame in octet_frames(data)[0]])]
            at_least_once(self.tap, "syslog+tcp, reset", got, 3000)
            self.tap.ok(len(server.data) == 2, "syslog+tcp, reset: connected anew", str(len(server.data)))

    def syslog_udp(self) -> None:
        with self.folder() as folder:
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            receiver.bind(("127.0.0.1", 0))
            driver = self.start(folder, f"to=syslog+udp://127.0.0.1:{receiver.getsockname()[1]}", "dead=dead")
            driver.ask("write 100 300")
            driver.ask("write 1 70000")
            driver.ask("write 1 300")
            stats = driver.until(lambda stats: stats["written"] == 101)
            self.tap.equal("syslog+udp: written, rejected", (stats["written"], stats["rejected"]), (101, 1))
            receiver.settimeout(1)
            got = []
            with contextlib.suppress(TimeoutError):
                while len(got) < 101:
                    got.append(json.loads(SYSLOG.fullmatch(receiver.recv(70000))[7])["n"])
            self.tap.equal("syslog+udp: a datagram each", got, [*range(100), 101])
            letter = json.loads((folder / "dead").read_text())
            self.tap.ok(json.loads(letter["document"])["n"] == 100 and "longer" in letter["reason"],
                        "syslog+udp: what is too long is kept, with the reason", str(letter)[:200])
            receiver.close()

    def syslog_tls(self) -> None:
        ca = self.certificates
        with self.folder() as folder:
            server, port = self.listen(context=server_context(ca, client=True))
            own = f"ca={ca}/ca.pem&cert={ca}/client.pem&cert-key={ca}/client.key"
            driver = self.start(folder, f"to=syslog+tls://localhost:{port}?{own}")
            driver.ask("write 2000 300")
            self.delivered("syslog+tls", driver, 2000)
            frames, _ = octet_frames(server.data[0])
            self.tap.equal("syslog+tls: documents in order", numbers([SYSLOG.fullmatch(frame)[7] for frame in frames]), list(range(2000)))
            for name, options, said in (("no certificate of ours", f"ca={ca}/ca.pem", ""),
                                        ("another authority", f"ca={ca}/other.pem", "certificate"),
                                        ("the system's authorities", "", "certificate")):
                driver = self.start(folder, f"to=syslog+tls://127.0.0.1:{port}?{options}")
                driver.ask("write 10 300")
                stats = driver.until(lambda stats: stats["errors"] >= 1)
                self.tap.ok(stats["written"] == 0 and stats["failing"] and said in driver.messages(),
                            f"syslog+tls, {name}: nothing is delivered", f"{stats} {driver.messages()}")
            server, port = self.listen(context=server_context(ca))
            driver = self.start(folder, f"to=syslog+tls://127.0.0.2:{port}?ca={ca}/ca.pem")
            listener = socket.create_server(("127.0.0.2", port))
            other = StreamServer(listener, context=server_context(ca))
            self.servers.append(other)
            driver.ask("write 10 300")
            stats = driver.until(lambda stats: stats["errors"] >= 1)
            self.tap.ok(stats["written"] == 0 and not any(other.data), "syslog+tls, another name: nothing is delivered",
                        f"{stats} {driver.messages()}")

    @contextlib.contextmanager
    def daemon(self, name: str, command: list, folder: pathlib.Path, port: int):
        """A syslog daemon of the system, as it is; ready when it listens."""
        with open(folder / "daemon", "wb") as said:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        end = time.monotonic() + 30
        try:
            while process.poll() is None and time.monotonic() < end:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            self.tap.ok(process.poll() is None, f"{name} runs", (folder / "daemon").read_text())
            yield process
        finally:
            process.terminate()
            process.wait()

    def received(self, name: str, folder: pathlib.Path, count: int) -> None:
        """What the daemon has written: the text of each message, a line each."""
        end, lines = time.monotonic() + 30, []
        while time.monotonic() < end and len(lines) < count:
            time.sleep(0.05)
            if (folder / "received").exists():
                lines = [line for line in (folder / "received").read_bytes().split(b"\n")[:-1] if line]
        self.tap.equal(f"{name}: what it has received", [json.loads(line)["n"] for line in lines], list(range(count)))

    def through_daemon(self, name: str, command, config: str) -> None:
        """Over UDP, TCP with lengths and with lines, and TLS with both certificates."""
        ca = self.certificates
        for way, params in (("syslog+udp", ""), ("syslog+tcp", ""), ("syslog+tcp", "framing=lf"),
                            ("syslog+tls", f"ca={ca}/ca.pem&cert={ca}/client.pem&cert-key={ca}/client.key")):
            with self.folder() as folder:
                plain, lines, tls = free_port(), free_port(), free_port()
                (folder / "config").write_text(config.format(folder=folder, ca=ca, plain=plain, lines=lines, tls=tls))
                port = tls if way == "syslog+tls" else lines if params == "framing=lf" else plain
                with self.daemon(f"{name}, {way} {params[:10]}", [word.format(folder=folder) for word in command], folder, port):
                    driver = self.start(folder, f"to={way}://localhost:{port}?{params}")
                    count = 20 if way == "syslog+udp" else 500  # UDP: what a socket has room for
                    driver.ask(f"write {count} 2000")
                    self.delivered(f"{name}, {way} {params[:10]}", driver, count)
                    self.received(f"{name}, {way} {params[:10]}", folder, count)

    def rsyslog(self) -> None:
        if not shutil.which("rsyslogd"):
            self.tap.skip("rsyslog", "it is not installed")
            return
        self.through_daemon("rsyslog", ["rsyslogd", "-n", "-f", "{folder}/config", "-i", "{folder}/pid"], """
global(workDirectory="{folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="{ca}/ca.pem"
       defaultNetstreamDriverCertFile="{ca}/server.pem" defaultNetstreamDriverKeyFile="{ca}/server.key")
module(load="imudp") module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
module(load="imptcp")
input(type="imudp" address="127.0.0.1" port="{plain}" ruleset="in")
input(type="imptcp" address="127.0.0.1" port="{plain}" ruleset="in")
input(type="imptcp" address="127.0.0.1" port="{lines}" ruleset="in")
input(type="imtcp" address="127.0.0.1" port="{tls}" ruleset="in")
template(name="text" type="string" string="%msg%\n")
ruleset(name="in") {{ action(type="omfile" file="{folder}/received" template="text") }}
""")

    def syslog_ng(self) -> None:
        if not shutil.which("syslog-ng"):
            self.tap.skip("syslog-ng", "it is not installed: Debian lets it and rsyslog not be there at the same time")
            return
        self.through_daemon("syslog-ng", ["syslog-ng", "-F", "--no-caps", "-f", "{folder}/config", "-R", "{folder}/persist", "-p", "{folder}/pid",
                                          "-c", "{folder}/control"], """
@version: 3.38
options {{ log-msg-size(65536); }};
source in {{
    syslog(ip(127.0.0.1) port({plain}) transport("udp"));
    syslog(ip(127.0.0.1) port({plain}) transport("tcp"));
    network(ip(127.0.0.1) port({lines}) transport("tcp") flags(syslog-protocol));
    syslog(ip(127.0.0.1) port({tls}) transport("tls") tls(key-file("{ca}/server.key") cert-file("{ca}/server.pem")
        ca-file("{ca}/ca.pem") peer-verify(required-trusted)));
}};
destination out {{ file("{folder}/received" template("$MSG\n")); }};
log {{ source(in); destination(out); }};
""")

    # ---- HTTP

    def lines_of(self, server: HttpServer) -> list:
        return [line for _, _, _, body in server.requests for line in body.splitlines()]

    def http_lines(self) -> None:
        with self.folder() as folder:
            (folder / "token").write_text("s3cret\n")
            server = self.http(status(200))
            driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/in?secret=token&gzip=yes")
            driver.ask("write 3000 300")
            self.delivered("http", driver, 3000)
            self.tap.equal("http: in order, once", numbers(self.lines_of(server)), list(range(3000)))
            _, path, headers, _ = server.requests[0]
            self.tap.equal("http: path, type, login", (path, headers["Content-Type"], headers["Authorization"]),
                           ("/in", "application/x-ndjson", "Bearer s3cret"))
            server = self.http(status(200), context=server_context(self.certificates))
            driver = self.start(folder, f"to=https://localhost:{server.port}/in?ca={self.certificates}/ca.pem")
            driver.ask("write 10 300")
            self.delivered("https", driver, 10)
            driver = self.start(folder, f"to=https://localhost:{server.port}/in")
            driver.ask("write 10 300")
            stats = driver.until(lambda stats: stats["errors"] >= 1)
            self.tap.ok(stats["written"] == 0, "https, a certificate that is not trusted: nothing is delivered", driver.messages())
            driver = self.start(folder, f"to=https://localhost:{server.port}/in?verify=no")
            driver.ask("write 10 300")
            self.delivered("https, verify=no", driver, 10)

    def http_troubles(self) -> None:
        """All that can go wrong, one after the other."""
        with self.folder() as folder:
            script = [status(503), status(429, Retry_After="1"), reset, status(401), status(404), status(302, Location="/x"), hang,
                      status(500, b"oops"), status(200)]
            server = self.http(status(200), script)
            driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/?timeout=1", "spool=spool", "faster=10")
            driver.ask("write 100 300")
            time.sleep(0.5)
            driver.ask("write 2900 300")
            self.delivered("http troubles", driver, 3000)
            stats = driver.messages()
            at_least_once(self.tap, "http troubles", numbers(self.lines_of(server)), 3000)
            self.tap.ok("HTTP 503" in stats, "http troubles: what is wrong is said", stats)

    def http_refused(self) -> None:
        """One bad document is found, and the others are stored."""
        def judge(handler, body: bytes) -> None:
            bad = any(json.loads(line)["n"] in (17, 1234) for line in body.splitlines())
            handler.answer(400 if bad else 200, b"no such thing" if bad else b"")
        with self.folder() as folder:
            server = self.http(judge)
            driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/", "dead=dead")
            driver.ask("write 2000 300")
            stats = driver.until(lambda stats: stats["written"] + stats["rejected"] == 2000)
            self.tap.equal("http 400: stored, refused, lost", (stats["written"], stats["rejected"], stats["lost"]), (1998, 2, 0))
            letters = [json.loads(line) for line in (folder / "dead").read_text().splitlines()]
            self.tap.equal("http 400: the bad ones are kept", [json.loads(letter["document"])["n"] for letter in letters], [17, 1234])
            self.tap.ok(all("HTTP 400: no such thing" in letter["reason"] for letter in letters), "http 400: with the reason", str(letters))
            server = self.http(lambda handler, body: handler.answer(413 if len(body) > 20000 else 200))
            driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/")
            driver.ask("write 1000 300")
            self.delivered("http 413", driver, 1000)

    def elastic(self) -> None:
        with self.folder() as folder:
            (folder / "key").write_text("id:key")
            elastic = Elastic(refuse=lambda number: number % 500 == 7, busy=lambda number, tries: number % 100 == 1 and tries < 3)
            server = self.http(elastic, [status(503), reset])
            driver = self.start(folder, f"to=es+http://127.0.0.1:{server.port}?secret=key&namespace=mail", "dead=dead", "spool=spool", "faster=10")
            driver.ask("write 3000 300")
            stats = driver.until(lambda stats: stats["written"] + stats["rejected"] == 3000)
            self.tap.equal("elastic: stored, refused, lost", (stats["written"], stats["rejected"], stats["lost"]), (2994, 6, 0))
            self.tap.equal("elastic: each once", sorted(elastic.stored.values()), [n for n in range(3000) if n % 500 != 7])
            self.tap.equal("elastic: the data stream", elastic.indices, {"logs-smtpscope.document-mail"})
            _, path, headers, _ = server.requests[-1]
            self.tap.ok(path.startswith("/_bulk?") and headers["Authorization"] == "ApiKey id:key", "elastic: path and login", str(headers))
            letters = [json.loads(line) for line in (folder / "dead").read_text().splitlines()]
            self.tap.ok(len(letters) == 6 and all("document_parsing_exception" in letter["reason"] for letter in letters),
                        "elastic: the refused are kept, with the reason", str(letters)[:300])
            repeated = [number for number, tries in elastic.tries.items() if tries > 1 and number % 100 != 1]
            self.tap.equal("elastic: only what was busy is sent again", repeated, [])

    def splunk(self) -> None:
        with self.folder() as folder:
            os.environ["SMTPSCOPE_TEST_TOKEN"] = "t0ken"
            server = self.http(status(200, b'{"text":"Success","code":0}'), [status(503, b'{"text":"Server is busy","code":9}')])
            driver = self.start(folder, f"to=hec+http://127.0.0.1:{server.port}?secret-env=SMTPSCOPE_TEST_TOKEN&index=mail", "faster=10")
            driver.ask("write 100 300")
            self.delivered("splunk", driver, 100)
            _, path, headers, body = server.requests[-1]
            self.tap.equal("splunk: path and login", (path, headers["Authorization"]), ("/services/collector/event", "Splunk t0ken"))
            events = [json.loads(line) for line in body.splitlines()]
            self.tap.ok(all(event["index"] == "mail" and event["sourcetype"] == "smtpscope:document" for event in events),
                        "splunk: the envelope", str(events[:1]))
            self.tap.equal("splunk: documents", [event["event"]["n"] for event in events], list(range(100)))

    # ---- when a receiver is away

    def away(self) -> None:
        """Ten minutes, by a clock that goes sixty times as fast."""
        with self.folder() as folder:
            port = free_port()
            driver = self.start(folder, f"to=http://127.0.0.1:{port}/", "spool=spool", "queue=100000", "faster=60")
            began = time.monotonic()
            for turn in range(20):
                driver.ask("write 200 300")
                time.sleep(0.4)
            took = (time.monotonic() - began) * 60
            self.tap.ok(took > 480, "away: as long as it should be", f"{took:.0f} s")
            stats = driver.ask("stats")
            self.tap.equal("away: all wait in the spool", (stats["written"], stats["lost"], stats["failing"]), (0, 0, True))
            self.tap.ok(stats["errors"] < 100, "away: it is not asked all the time", str(stats["errors"]))
            time.sleep(max(0, 10.1 - (time.monotonic() - began)))
            server = self.http(status(200), port=port)
            self.delivered("away", driver, 4000)
            self.tap.equal("away: in order, once", numbers(self.lines_of(server)), list(range(4000)))

    def overflow(self) -> None:
        """The spool and the memory have no room: the oldest go, counted to the last one."""
        for name, options in (("spool", ("spool=spool", "spool-bytes=1000000", "queue=50000")), ("memory", ("queue=1000000",))):
            with self.folder() as folder:
                port = free_port()
                driver = self.start(folder, f"to=http://127.0.0.1:{port}/", "faster=60", *options)
                for turn in range(20):
                    driver.ask("write 500 300")
                    driver.until(lambda stats: stats["memory"] < 50 or name == "memory")
                stats = driver.until(balanced_all)  # on their way into the spool documents are nowhere
                self.tap.ok(stats["lost"] > 5000 and balanced_all(stats), f"overflow, {name}: lost is counted", str(stats))
                server = self.http(status(200), port=port)
                stats = driver.until(lambda stats: stats["memory"] + stats["spool"] == 0)
                got = numbers(self.lines_of(server))
                self.tap.equal(f"overflow, {name}: what is not lost arrives once, and is counted exactly",
                               (len(set(got)), stats["written"] + stats["lost"], len(got)), (10000 - stats["lost"], 10000, stats["written"]))
                self.tap.ok(9999 in got and got == sorted(got), f"overflow, {name}: the newest arrive, in order", str(got[-3:]))

    def waits(self) -> None:
        """Who may wait loses nothing, however small the memory is."""
        with self.folder() as folder:
            port = free_port()
            driver = self.start(folder, f"to=http://127.0.0.1:{port}/", "queue=100000", "waits=1", "faster=60")
            timer = threading.Timer(0.5, lambda: self.http(status(200), port=port))
            timer.start()
            driver.ask("write 5000 300")
            self.delivered("waits", driver, 5000)
            timer.join()
            self.tap.equal("waits: in order, once", numbers(self.lines_of(self.servers[-1])), list(range(5000)))

    def independent(self) -> None:
        """What hangs is not waited for by others: each has its own queue and thread, which the program wires; here, that a sink whose
        receiver hangs still takes documents, and writes them to its spool."""
        with self.folder() as folder:
            server = self.http(hang)
            driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/?timeout=2", "spool=spool", "queue=100000")
            began = time.monotonic()
            driver.ask("write 5000 300")
            stats = driver.until(lambda stats: stats["spool"] + stats["lost"] == 5000)
            self.tap.ok(stats["spool"] > 0 and time.monotonic() - began < 2, "hanging receiver: documents go to the spool at once",
                        f"{time.monotonic() - began:.2f} s, {stats}")

    def killed(self) -> None:
        """kill -9 at random moments, again and again: what was once in the spool arrives."""
        random.seed(7)
        with self.folder() as folder:
            elastic_like = []
            server = self.http(lambda handler, body: (elastic_like.append(body), time.sleep(random.random() / 50), handler.answer(200)))
            safe, written = set(), 0
            for turn in range(50):
                driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/", "spool=spool", f"first={written}")
                begin = written
                for _ in range(random.randrange(1, 4)):
                    driver.ask("write 100 200")
                    written += 100
                    # Once it is out of memory it is on disk or delivered, or lost, which it must not be.
                    if random.random() < 0.7:
                        stats = driver.until(lambda stats: stats["memory"] == 0)
                        if stats["memory"] == 0 and stats["lost"] == 0:
                            safe.update(range(begin, written))
                time.sleep(random.random() / 20)
                driver.kill()
            driver = self.start(folder, f"to=http://127.0.0.1:{server.port}/", "spool=spool")
            stats = driver.until(lambda stats: stats["spool"] + stats["memory"] == 0)
            self.tap.equal("kill -9: the spool is empty in the end", stats["spool"], 0)
            got = numbers([line for body in elastic_like for line in body.splitlines()])
            missing = safe - set(got)
            self.tap.ok(len(safe) > 2000 and not missing, f"kill -9: all {len(safe)} that were safe arrive", f"{sorted(missing)[:10]}")
            self.tap.say(f"{len(got) - len(set(got))} of {len(got)} came twice")


    # ---- Kafka

    def cluster(self, *topics: str, brokers: int = 3) -> Cluster:
        cluster = Cluster(self.mock, *topics, brokers=brokers)
        self.servers.append(cluster)
        return cluster

    def kafka(self) -> None:
        """Three brokers, one of which is away for a while."""
        with self.folder() as folder:
            cluster = self.cluster("topic=4")
            driver = self.start(folder, f"to=kafka://{cluster.servers}/topic", "spool=spool")
            driver.ask("write 1000 300")
            driver.until(lambda stats: stats["written"] > 0)
            cluster.ask("down 2")
            driver.ask("write 2000 300")
            time.sleep(1)
            stats = driver.ask("stats")
            self.tap.ok(stats["written"] < 3000 and stats["lost"] == 0, "kafka: what a broker that is away should have waits", str(stats))
            cluster.ask("up 2")
            self.delivered("kafka", driver, 3000)
            messages = cluster.dump("topic")
            got = numbers([value for _, _, _, value in messages])
            self.tap.equal("kafka: each once", sorted(got), list(range(3000)))
            self.tap.equal("kafka: all partitions are used", {partition for partition, *_ in messages}, {0, 1, 2, 3})

    def kafka_killed(self) -> None:
        with self.folder() as folder:
            cluster = self.cluster("topic=2", brokers=1)
            random.seed(11)
            for turn in range(10):
                driver = self.start(folder, f"to=kafka://{cluster.servers}/topic", "spool=spool", f"first={turn * 100}")
                driver.ask("write 100 200")
                driver.until(lambda stats: stats["memory"] == 0)
                time.sleep(random.random() / 20)
                driver.kill()
            driver = self.start(folder, f"to=kafka://{cluster.servers}/topic", "spool=spool")
            driver.until(lambda stats: stats["spool"] + stats["memory"] == 0)
            at_least_once(self.tap, "kafka, kill -9", numbers([value for _, _, _, value in cluster.dump("topic")]), 1000)

    # ---- the program, with its sandbox

    def program_run(self) -> None:
        """Several destinations at once have the same documents; one that is away is waited for; a signal ends that."""
        captures = sorted((ROOT / "pcaps").glob("auth-*.pcap"))[:10] or sorted((ROOT / "pcaps").glob("*.pcap"))[:10]
        sources = [word for capture in captures for word in ("-r", str(capture))]
        with self.folder() as folder:
            os.chmod(folder, 0o777)
            server, port = self.listen()
            web = self.http(status(200), [status(503)])
            splunk = self.http(status(200))
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(folder / "socket"))
            os.chmod(folder / "socket", 0o777)
            listener.listen()
            local = StreamServer(listener)
            self.servers.append(local)
            cluster = self.cluster("topic=3")
            kafka = ("-w", f"kafka://{cluster.servers}/topic?key=server", "--kafka", "compression.codec=none")
            done = subprocess.run([self.program, *sources, "-o", "json", "-w", "-", "-w", str(folder / "file"), "-w", f"unix:{folder}/socket",
                                   "-w", f"syslog+tcp://localhost:{port}", "-w", f"http://localhost:{web.port}/in", *kafka,
                                   "-w", f"hec+http://127.0.0.1:{splunk.port}", "-w", f"text={folder}/text"],
                                  capture_output=True, timeout=60, cwd=folder)
            self.tap.equal("program: status", done.returncode, 0) or self.tap.say(done.stderr.decode())
            server.wait()
            local.wait()
            lines = done.stdout.splitlines()
            self.tap.ok(len(lines) > 10 and all(json.loads(line)["schema"] == 1 for line in lines), "program: documents", str(len(lines)))
            self.tap.equal("program: the file has them", (folder / "file").read_bytes(), done.stdout)
            self.tap.equal("program: the socket has them", bytes(local.data[0]), done.stdout)
            self.tap.equal("program: syslog has them", [SYSLOG.fullmatch(frame)[7] for frame in octet_frames(server.data[0])[0]], lines)
            self.tap.equal("program: HTTP has them, the first request twice", set(self.lines_of(web)), set(lines))
            events = [json.loads(line) for line in self.lines_of(splunk)]
            self.tap.equal("program: Splunk has them", [event["event"] for event in events], [json.loads(line) for line in lines])
            self.tap.ok(all(abs(event["time"] - time.time()) < 3e9 for event in events if "time" in event) and
                        any("time" in event for event in events), "program: Splunk has their times")
            messages = cluster.dump("topic")
            self.tap.equal("program: Kafka has them", sorted(value for _, _, _, value in messages), sorted(lines))
            servers = {f"{document['server']['ip']}:{document['server']['port']}".encode() for document in map(json.loads, lines)
                       if document["type"] == "session"}
            self.tap.ok(servers <= {key for _, _, key, _ in messages}, "program: the keys are servers", str(messages[:1]))
            alone = subprocess.run([self.program, *sources, "-o", "text"], capture_output=True, timeout=60, cwd=folder)
            self.tap.equal("program: another format", (folder / "text").read_bytes(), alone.stdout)
            process = subprocess.Popen([self.program, *sources, "-w", f"http://127.0.0.1:{free_port()}/"], stderr=subprocess.PIPE)
            time.sleep(1)
            self.tap.ok(process.poll() is None, "program: it waits for a receiver")
            process.terminate()
            time.sleep(0.3)
            process.terminate()
            process.wait(timeout=20)
            process.stderr.close()
            self.tap.equal("program: two signals end it", process.returncode, -15)


def balanced_all(stats: dict) -> bool:
    return (stats["submitted"] + stats["recovered"]
            == stats["written"] + stats["rejected"] + stats["lost"] + stats["memory"] + stats["spool"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit("usage: delivery.py SINK-DRIVER BINARY KAFKA-MOCK [SCENE ...]")
    tap = Tap()
    scenes = Scenes(tap, *(str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:4]))
    make_certificates(scenes.certificates)
    all_scenes = ["unix", "syslog_tcp", "syslog_broken", "syslog_udp", "syslog_tls", "rsyslog", "syslog_ng", "http_lines", "http_troubles", "http_refused",
                  "elastic", "splunk", "away", "overflow", "waits", "independent", "killed", "kafka", "kafka_killed", "program_run"]
    for name in sys.argv[4:] or all_scenes:
        getattr(scenes, name)()
    shutil.rmtree(scenes.certificates)
    tap.finish()


if __name__ == "__main__":
    main()
