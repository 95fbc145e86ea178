#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: what is read and written, exit statuses, and one clear line for each thing that goes wrong.

    cli.py BINARY
"""
import gzip
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import rewrite
from tap import PCAPS, TIMEOUT_S, Result, Tap, json_rows, run


class Suite:
    """What the tests share: the program, a folder for made-up files, plain golden captures that can be read to their end."""

    def __init__(self, binary: str, tap: Tap, folder: pathlib.Path):
        self.binary, self.tap, self.folder = binary, tap, folder
        self.captures = [row.capture for row in json_rows() if row.capture.endswith(".pcap") and row.status == 0]
        self.capture = self.captures[0]
        self.data = (PCAPS / self.capture).read_bytes()
        self.expected = self.run("-r", self.capture, "-o", "json")

    def run(self, *arguments: object, stdin: bytes = b"", env: dict = {}) -> Result:
        return run(self.binary, list(arguments), stdin, env)

    def file(self, name: str, data: bytes) -> pathlib.Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def one_line(self, name: str, result: Result, statuses: tuple, *mentions: str) -> None:
        """Nothing on stdout, one line on stderr that names what it is about."""
        line = result.err.decode(errors="replace")
        good = line.count("\n") == 1 and line.endswith("\n") and all(word in line for word in mentions)
        self.tap.ok(result.status in statuses and not result.out and good, f"{name}: one line that says so, status "
                    f"{' or '.join(map(str, statuses))}, no output", f"{result}\nto be mentioned: {' '.join(mentions)}")

    def same_sessions(self, name: str, result: Result, expected: bytes, status: int = 0) -> None:
        got, wanted = documents(result.out), documents(expected)
        self.tap.ok(bool(wanted) and got == wanted and result.status == status, f"{name}: the same sessions",
                    f"{len(got)} sessions, expected {len(wanted)}\n{result}")


def documents(out: bytes, keep_source: bool = False) -> list:
    """The session documents without the name of their file."""
    sessions = [json.loads(line) for line in out.splitlines()]
    sessions = [session for session in sessions if session["type"] == "session"]
    for session in sessions:
        if not keep_source:
            del session["capture"]["source"]
    return sessions


def frame_offsets(data: bytes) -> list:
    """Where each frame's record of a pcap file begins, and where the last one ends."""
    order, _ = rewrite.PCAP_MAGICS[data[:4]]
    offsets = [24]
    while offsets[-1] < len(data):
        offsets.append(offsets[-1] + 16 + struct.unpack_from(order + "I", data, offsets[-1] + 8)[0])
    return offsets


def stopped_at(suite: Suite, name: str, path: pathlib.Path, frames: int, whole: bytes) -> None:
    """A capture of which only this many frames can be read: they are analysed as if they were all (the file that has only
    them is whole), and stderr says where it ended: at the last frame read or the first one that could not be."""
    result, expected = suite.run("-r", path, "-o", "json"), suite.run("-r", suite.file("whole.pcap", whole), "-o", "json")
    line = result.err.decode(errors="replace")
    said = re.search(rf"\bframe ({frames}|{frames + 1})\b|\b{frames} frames?\b", line)
    suite.tap.ok(result.status == 1 and line.count("\n") == 1 and bool(said) and path.name in line,
                 f"{name}: status 1, one line that names the file and frame {frames} or {frames + 1}", str(result))
    got, wanted = documents(result.out), documents(expected.out)
    suite.tap.ok(expected.status == 0 and got == wanted, f"{name}: what could be read is written",
                 f"{len(got)} sessions, expected {len(wanted)}\n{result}")


def test_truncated(suite: Suite) -> None:
    offsets = frame_offsets(suite.data)
    last = len(offsets) - 2
    for frame in sorted({1, 3, last // 2, last}):
        start, end = offsets[frame], offsets[frame + 1]
        for what, cut in (("record header", start + 7), ("first byte", start + 17), ("last byte", end - 1)):
            path = suite.file("cut.pcap", suite.data[:cut])
            stopped_at(suite, f"cut in frame {frame + 1}, {what}", path, frame, suite.data[:start])
    damaged = bytearray(suite.data)
    struct.pack_into("<I", damaged, offsets[last] + 8, 0x7FFFFFFF)
    path = suite.file("damaged.pcap", bytes(damaged))
    stopped_at(suite, "a frame with an impossible length", path, last, suite.data[:offsets[last]])


def test_truncated_compressed(suite: Suite) -> None:
    packed = gzip.compress(suite.data, 0)
    path = suite.file("cut.pcap.gz", packed[:len(packed) * 2 // 3])
    result = suite.run("-r", path, "-o", "json")
    suite.tap.ok(result.status == 1 and result.err.count(b"\n") == 1 and path.name.encode() in result.err,
                 "cut .gz: status 1, one line", str(result))


def test_not_a_capture(suite: Suite) -> None:
    for name, data in (("empty.pcap", b""), ("short.pcap", suite.data[:10]), ("text.pcap", b"From: somebody\r\n" * 50),
                       ("zeros.pcap", bytes(100)), ("empty.pcap.gz", gzip.compress(b"")),
                       ("text.gz", gzip.compress(b"text" * 50))):
        suite.one_line(f"not a capture, {name}", suite.run("-r", suite.file(name, data), "-o", "json"), (1,), name)
    suite.one_line("missing file", suite.run("-r", "no-such-file.pcap"), (1,), "no-such-file.pcap")
    suite.one_line("a folder", suite.run("-r", suite.folder), (1,), str(suite.folder))
    suite.one_line("not a capture on standard input", suite.run("-r", "-", stdin=b"text" * 50), (1,))


def test_unknown_link_type(suite: Suite) -> None:
    data = bytearray(suite.data)
    struct.pack_into("<I" if data[0] in (0xD4, 0x4D) else ">I", data, 20, 147)  # reserved for private use
    path = suite.file("user0.pcap", bytes(data))
    suite.one_line("unknown link type", suite.run("-r", path, "-o", "json"), (1,), "user0.pcap")


def test_bad_filter(suite: Suite) -> None:
    for expression in ("tcp prot 25", "port", "and and", "port 25 and ("):
        suite.one_line(f"bad filter '{expression}'", suite.run("-r", suite.capture, expression), (1, 2), suite.capture)


def test_usage(suite: Suite) -> None:
    for arguments in ([], ["--no-such-option"], ["-r"], ["-r", suite.capture, "-o", "no-such-format"],
                      ["-r", suite.capture, "--users", "no-such-way"], ["-r", suite.capture, "--ports", "smtp-or-so,"],
                      ["-r", suite.capture, "--ports", "65536"]):
        result = suite.run(*arguments)
        suite.tap.ok(result.status == 2 and not result.out and bool(result.err),
                     f"wrong usage {arguments[-2:]}: status 2, said on stderr", str(result))


def test_help_and_version(suite: Suite) -> None:
    for option in ("-V", "--version"):
        result = suite.run(option)
        good = result.status == 0 and not result.err and re.match(rb"smtpscope \d+\.\d+", result.out)
        suite.tap.ok(bool(good), f"{option} names the program and its version", str(result))
    for option in ("-h", "--help"):
        result = suite.run(option)
        words = (b"-r", b"-o", b"-w", b"--ports", b"--users", b"json", b"text")
        missing = [word for word in words if word not in result.out]
        suite.tap.ok(result.status == 0 and not result.err and not missing, f"{option} tells of the options",
                     f"not mentioned: {missing}\n{result}")
        widest = max(map(len, result.out.decode().splitlines()), default=0)
        suite.tap.ok(0 < widest <= 80, f"{option} fits 80 columns", f"{widest} columns")


def test_input(suite: Suite) -> None:
    def check(name: str, source: object, stdin: bytes = b"") -> None:
        suite.same_sessions(name, suite.run("-r", source, "-o", "json", stdin=stdin), suite.expected.out)

    packed = gzip.compress(suite.data)
    check("standard input", "-", suite.data)
    check(".gz", suite.file("c.pcap.gz", packed))
    check("compressed, by content and not by name", suite.file("c.pcap", packed))
    check("compressed standard input", "-", packed)
    if shutil.which("zstd"):
        packed = subprocess.run(["zstd", "-q"], input=suite.data, stdout=subprocess.PIPE, check=True).stdout
    else:
        packed = zstd_stored(suite.data)
    check(".zst", suite.file("c.pcap.zst", packed))


def zstd_stored(data: bytes) -> bytes:
    """A Zstandard frame of uncompressed blocks (RFC 8878, 3.1.1)."""
    frame = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))  # single segment, four bytes of content size
    for at in range(0, len(data), 65536):
        block = data[at:at + 65536]
        frame += struct.pack("<I", len(block) << 3 | (at + 65536 >= len(data)))[:3] + block
    return frame


def test_several_files(suite: Suite) -> None:
    """Two captures whose connections all end in them."""
    alone = {capture: documents(suite.run("-r", capture, "-o", "json").out, True) for capture in suite.captures}
    closed = [capture for capture, sessions in alone.items()
              if sessions and all(session["tcp"]["close"] == "fin" for session in sessions)]
    if not suite.tap.ok(len(closed) >= 2, "two golden captures have only closed connections"):
        return
    first, second = closed[:2]
    for a, b in ((first, second), (second, first)):
        result = suite.run("-r", a, "-r", b, "-o", "json")
        suite.tap.ok(result.status == 0 and documents(result.out, True) == alone[a] + alone[b],
                     f"-r {a} -r {b}: the sessions of both, in that order", str(result))
    result = suite.run("-r", "no-such-file.pcap", "-r", first, "-o", "json")
    suite.tap.ok(result.status == 1 and result.err.count(b"\n") == 1 and documents(result.out, True) == alone[first],
                 "a missing file before another: the other's sessions, status 1", str(result))


def test_filter(suite: Suite) -> None:
    command = ["-r", suite.capture, "-o", "json"]
    suite.same_sessions("a filter that passes all", suite.run(*command, "tcp"), suite.expected.out)
    suite.same_sessions("a filter in several words", suite.run(*command, "tcp", "or", "udp"), suite.expected.out)
    result = suite.run(*command, "udp port 9")
    suite.tap.ok(result.status == 0 and not documents(result.out) and not result.err,
                 "a filter that passes nothing: no session", str(result))
    # The handshake is left out: the frames that are left keep their numbers.
    all_frames = command_frames(documents(suite.expected.out))
    filtered = command_frames(documents(suite.run(*command, "tcp[tcpflags] & tcp-syn == 0").out))
    suite.tap.ok(bool(filtered) and filtered <= all_frames, "a filter leaves frame numbers as they are",
                 str(filtered - all_frames))


def command_frames(sessions: list) -> set:
    """The frame of every command, with its verb."""
    return {(step["frame"], step["verb"]) for session in sessions for step in session["timeline"]
            if step["event"] == "command"}


def test_output(suite: Suite) -> None:
    path = suite.folder / "output"
    for form in ("json", "text"):
        expected = suite.run("-r", suite.capture, "-o", form)
        result = suite.run("-r", suite.capture, "-o", form, "-w", path)
        suite.tap.ok(result.status == 0 and not result.out and not result.err and path.read_bytes() == expected.out,
                     f"-o {form} -w FILE: the same bytes in the file", str(result))
        widest = max(map(len, expected.out.decode().splitlines()), default=0)
        if form == "text":
            suite.tap.ok(0 < widest <= 80, "text fits 80 columns", f"{widest} columns")
    suite.tap.ok(suite.run("-r", suite.capture).out == suite.expected.out, "JSON is the default where no terminal is")
    suite.one_line("-w into a folder that is not there", suite.run("-r", suite.capture, "-w", "/no-such-folder/output"),
                   (1,), "/no-such-folder/output")
    suite.one_line("-w on a full disk", suite.run("-r", suite.capture, "-w", "/dev/full"), (1,), "/dev/full")


def test_closed_output(suite: Suite) -> None:
    command = [suite.binary, "-r", suite.capture, "-o", "json"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=PCAPS, timeout=TIMEOUT_S)
    os.close(writer)
    suite.tap.ok(done.returncode in (1, -13) and done.stderr.count(b"\n") <= 1,
                 "output into a pipe that nobody reads: it ends and says so",
                 f"status {done.returncode}\n{done.stderr.decode(errors='replace')}")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=PCAPS, timeout=TIMEOUT_S)
    suite.tap.ok(done.returncode == 1 and done.stderr.count(b"\n") == 1, "output on a full disk: status 1, one line",
                 f"status {done.returncode}\n{done.stderr.decode(errors='replace')}")


def on_terminal(suite: Suite, env: dict, *options: str) -> bytes:
    """What the program writes to a terminal."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", **env}
    if "NO_COLOR" not in env:
        environment.pop("NO_COLOR", None)
    process = subprocess.Popen([suite.binary, "-r", suite.capture, *options], stdout=slave, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, cwd=PCAPS, env=environment)
    os.close(slave)
    out = b""
    try:
        while block := os.read(master, 65536):
            out += block
    except OSError:
        pass  # how a terminal says that the other end is gone
    process.wait(TIMEOUT_S)
    os.close(master)
    return out


def test_terminal(suite: Suite) -> None:
    plain = suite.run("-r", suite.capture, "-o", "text").out
    suite.tap.ok(b"\x1b" not in plain, "no colours where no terminal is")
    coloured = on_terminal(suite, {})
    suite.tap.ok(not coloured.startswith(b"{") and b"\x1b[" in coloured, "text in colours is the default on a terminal",
                 repr(coloured[:300]))
    uncoloured = on_terminal(suite, {"NO_COLOR": "1"})
    suite.tap.ok(bool(uncoloured) and b"\x1b" not in uncoloured, "no colours with NO_COLOR", repr(uncoloured[:300]))
    suite.tap.ok(b"\x1b[" in on_terminal(suite, {"NO_COLOR": ""}), "an empty NO_COLOR is none")
    suite.tap.ok(b"\x1b" not in on_terminal(suite, {}, "-o", "json"), "JSON has no colours on a terminal either")


def test_ports(suite: Suite) -> None:
    result = suite.run("-r", suite.capture, "-o", "json", "--ports", "1", "--ports-only")
    suite.tap.ok(result.status == 0 and not documents(result.out), "--ports 1 --ports-only: no session", str(result))
    suite.tap.ok(documents(suite.run("-r", suite.capture, "-o", "json", "--ports", "1").out) != [],
                 "--ports 1: sessions are found by their content", str(result))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: cli.py BINARY")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(str(pathlib.Path(sys.argv[1]).resolve()), tap, pathlib.Path(folder))
        for test in (test_truncated, test_truncated_compressed, test_not_a_capture, test_unknown_link_type, test_bad_filter,
                     test_usage, test_help_and_version, test_input, test_several_files, test_filter, test_output,
                     test_closed_output, test_terminal, test_ports):
            test(suite)
    tap.finish()


if __name__ == "__main__":
    main()
