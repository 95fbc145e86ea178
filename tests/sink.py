#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents get where they should, whole, in order and counted: full disks, readers that go, directories that vanish, kill -9.

    sink.py SINK-DRIVER
"""
import contextlib
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

from tap import Tap

WAIT_S = 30  # far more than anything takes: only a failure waits so long


class Driver:
    """The driver program, and the documents that it was asked for."""

    def __init__(self, binary: str, folder: pathlib.Path, *options: str, pass_fds: tuple = ()):
        self.said = open(folder / "said", "ab+")
        self.process = subprocess.Popen([binary, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said,
                                        cwd=folder, pass_fds=pass_fds)
        self.first = self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            return {"result": "died", "status": self.process.returncode, "said": self.messages()}
        return json.loads(line)

    def ask(self, command: str) -> dict:
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def until(self, condition, command: str = "stats") -> dict:
        """Asks until the condition holds, and returns the last answer in any case."""
        end = time.monotonic() + WAIT_S
        while True:
            stats = self.ask(command)
            if stats["result"] == "died" or condition(stats) or time.monotonic() > end:
                return stats
            time.sleep(0.01)

    def finish(self, milliseconds: int = 10000) -> dict:
        stats = self.ask(f"finish {milliseconds}")
        self.process.stdin.close()
        self.process.wait()
        stats["status"] = self.process.returncode
        return stats

    def kill(self) -> bytes:
        """kill -9. Returns what it had still said on standard output."""
        self.process.send_signal(signal.SIGKILL)
        rest = self.process.stdout.read()
        self.process.wait()
        return rest

    def messages(self) -> str:
        self.said.seek(0)
        return self.said.read().decode(errors="replace")

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self.said.close()


def numbers(data: bytes) -> list:
    """The (thread, number) of each line; a line that is torn raises."""
    if data and not data.endswith(b"\n"):
        raise ValueError(f"torn at the end: {data[-40:]!r}")
    return [(document["t"], document["n"]) for document in map(json.loads, data.splitlines())]


def read_file(path: pathlib.Path) -> bytes:
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dcq", str(path)], check=True, stdout=subprocess.PIPE).stdout
    return path.read_bytes()


def whole(tap: Tap, name: str, data: bytes) -> list:
    try:
        return numbers(data)
    except (ValueError, KeyError) as error:
        tap.ok(False, f"{name}: every line is whole", str(error))
        return []


def sequence(count: int, thread: int = 0, first: int = 0) -> list:
    return [(thread, number) for number in range(first, count)]


def balanced(stats: dict) -> bool:
    return (stats["submitted"] + stats["recovered"]
            == stats["written"] + stats["lost"] + stats["memory"] + stats["spool"])


class Tests:
    def __init__(self, tap: Tap, binary: str):
        self.tap, self.binary = tap, binary
        self.drivers: list = []

    @contextlib.contextmanager
    def folder(self):
        path = pathlib.Path(tempfile.mkdtemp(prefix="smtpscope-sink-"))
        try:
            yield path
        finally:
            for driver in self.drivers:
                driver.close()
            self.drivers.clear()
            shutil.rmtree(path, ignore_errors=True)

    def start(self, folder: pathlib.Path, *options: str, **more) -> Driver:
        driver = Driver(self.binary, folder, *options, **more)
        self.drivers.append(driver)
        return driver

    @contextlib.contextmanager
    def small_disk(self, folder: pathlib.Path, size: str):
        """A tmpfs in the folder, or None when we may not mount."""
        disk = folder / "disk"
        disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "smtpscope-test", str(disk)],
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            if os.geteuid() == 0 and os.environ.get("CI"):
                self.tap.ok(False, "a small disk can be mounted", done.stderr)
            else:
                self.tap.skip("a small disk can be mounted", done.stderr.strip())
            yield None
            return
        try:
            yield disk
        finally:
            for driver in self.drivers:
                driver.close()
            subprocess.run(["umount", str(disk)], check=True)

    # ---- a destination that works

    def plain_file(self) -> None:
        tap = self.tap
        with self.folder() as folder:
            (folder / "out").write_bytes(b'{"t":0,"n":-1}\n{"t":0,"n":77')
            driver = self.start(folder, "to=out")
            driver.ask("write 1000 200")
            began = time.monotonic()
            stats = driver.until(lambda stats: stats["written"] == 1000)
            tap.equal("file: all are written without being asked", stats["written"], 1000)
            tap.say(f"written after {time.monotonic() - began:.3f} s")
            stats = driver.finish()
            tap.equal("file: result", (stats["result"], stats["status"], stats["lost"], stats["cut"]), (0, 0, 0, 1))
            tap.equal("file: a torn line is cut off, the rest appended in order",
                      whole(tap, "file", read_file(folder / "out")), [(0, -1), *sequence(1000)])
            tap.ok("cut off" in driver.messages(), "file: the cut is said", driver.messages())
            driver = self.start(folder, "to=new")
            driver.finish()
            tap.equal("file: mode", (folder / "new").stat().st_mode & 0o777, 0o640 & ~os.umask(os.umask(0o22)))

    def not_ours(self) -> None:
        """What is no file of documents is not cut."""
        with self.folder() as folder:
            (folder / "photo").write_bytes(b"\x89PNG no newline in here")
            driver = self.start(folder, "to=photo")
            self.tap.equal("foreign file: refused", driver.first.get("status"), 1)
            self.tap.equal("foreign file: untouched", read_file(folder / "photo"), b"\x89PNG no newline in here")

    def compressed_file(self) -> None:
        tap = self.tap
        with self.folder() as folder:
            driver = self.start(folder, "to=out.zst", "zstd=1")
            driver.ask("write 3000 300")
            stats = driver.finish()
            tap.equal("zstd: result", (stats["result"], stats["lost"], stats["written"]), (0, 0, 3000))
            size = (folder / "out.zst").stat().st_size
            tap.equal("zstd: zstd(1) reads it", whole(tap, "zstd", read_file(folder / "out.zst")), sequence(3000))
            with open(folder / "out.zst", "ab") as file:  # the beginning of another frame
                file.write((folder / "out.zst").read_bytes()[:100])
            driver = self.start(folder, "to=out.zst", "zstd=1")
            tap.equal("zstd: a torn frame is cut off", (driver.first["cut"], (folder / "out.zst").stat().st_size), (1, size))
            driver.ask("write 10 300")
            driver.finish()
            tap.equal("zstd: and more follows", whole(tap, "zstd", read_file(folder / "out.zst")),
                      sequence(3000) + sequence(10))

    def reopened(self) -> None:
        """logrotate: renamed and reopened again and again, while several threads write."""
        tap = self.tap
        with self.folder() as folder:
            driver = self.start(folder, "to=out")
            driver.ask("flood 4 300 50")
            for turn in range(20):
                time.sleep(0.03)
                os.rename(folder / "out", folder / f"old.{turn}")
                driver.ask("reopen")
                driver.until(lambda stats: (folder / "out").exists())
            driver.ask("calm")
            stats = driver.finish()
            got = []
            for path in [*(folder / f"old.{turn}" for turn in range(20)), folder / "out"]:
                got += whole(tap, path.name, read_file(path))
            tap.equal("reopen: nothing lost", (stats["result"], stats["lost"]), (0, 0))
            tap.equal("reopen: every document exactly once", (len(got), len(set(got))), (stats["submitted"],) * 2)
            for thread in range(1, 5):
                own = [number for one, number in got if one == thread]
                tap.ok(own and own == list(range(len(own))), f"reopen: thread {thread} in its order")

    def rotated(self) -> None:
        tap = self.tap
        with self.folder() as folder:
            (folder / "logs").mkdir()
            (folder / "logs" / "20200101-000000.ndjson").write_bytes(b'{"t":9,"n":0}\n')
            os.utime(folder / "logs" / "20200101-000000.ndjson", (1577836800, 1577836800))
            (folder / "logs" / "notes-20200101-000000.ndjson").write_bytes(b"keep me\n")
            (folder / "logs" / ".20260101-000000.ndjson.part").write_bytes(b'{"t":8,"n":0}\n{"t":8,')
            (folder / "logs" / ".20260101-000001.ndjson.part").write_bytes(b"")
            driver = self.start(folder, "to=logs/%Y%m%d-%H%M%S.ndjson", "rotate=3600", "age=864000000")
            tap.equal("rotation: left behind is completed", driver.first["completed"], 1)
            tap.equal("rotation: repaired", (folder / "logs" / "20260101-000000.ndjson").read_bytes(), b'{"t":8,"n":0}\n')
            for turn in range(3):
                driver.ask("write 10 200")
                driver.until(lambda stats: stats["written"] == 10 * turn + 10)
                tap.equal(f"rotation {turn}: one part", len(list((folder / "logs").glob(".*.part"))), 1)
                driver.ask("clock 3600")
                stats = driver.until(lambda stats: stats["completed"] == turn + 2)
                tap.equal(f"rotation {turn}: complete without more documents", stats["completed"], turn + 2)
            driver.finish()
            names = sorted(path.name for path in (folder / "logs").iterdir())
            hours = [name for name in names if re.fullmatch(r"\d{8}-\d\d0000\.ndjson", name)]
            tap.equal("rotation: names are the periods, nothing else is left",
                      (len(hours), len(names)), (5, 6))
            got = []
            for name in hours[2:]:
                got += whole(tap, name, read_file(folder / "logs" / name))
            tap.equal("rotation: all of it in order", got, sequence(30))
            first = sorted(folder.glob("logs/*.ndjson"))
            content = {path: path.read_bytes() for path in first}
            for turn in range(2):
                driver = self.start(folder, "to=logs/%Y%m%d.ndjson")
                driver.ask("write 7 200")
                driver.finish()
            tap.equal("rotation: no file of an earlier run is replaced",
                      sorted(len(whole(tap, path.name, read_file(path))) for path in folder.glob("logs/*.ndjson")
                             if re.fullmatch(r"\d{8}(-1)?\.ndjson", path.name)), [7, 7])
            tap.ok(all(path.read_bytes() == data for path, data in content.items()), "rotation: the others stay as they are")

    def rotated_by_size(self) -> None:
        tap = self.tap
        for options, suffix in (((), ""), (("zstd=1",), ".zst")):
            with self.folder() as folder:
                (folder / "x%").mkdir()
                (folder / "x%" / "other-1.ndjson").write_bytes(b"\n")
                driver = self.start(folder, "to=x%/mail-%Y.ndjson", "size=10000", "keep=3", *options)
                for _ in range(5):
                    driver.ask("write 200 400")
                    driver.until(lambda stats: stats["memory"] == 0 or bool(suffix))
                stats = driver.finish()
                names = [path.name for path in (folder / "x%").iterdir() if path.name.startswith("mail-")]
                tap.equal(f"size{suffix}: all written", (stats["written"], stats["lost"]), (1000, 0))
                if not suffix:
                    tap.equal("size: no more than asked for are kept", (len(names), stats["completed"] - stats["removed"]), (3, 3))
                    tap.ok(all((folder / "x%" / name).stat().st_size <= 10000 for name in names), "size: none is longer")
                names.sort(key=lambda name: int(re.search(r"-\d{4}(?:-(\d+))?\.", name)[1] or 0))
                last = [int(re.search(r"-\d{4}(?:-(\d+))?\.", name)[1] or 0) for name in names]
                tap.equal(f"size{suffix}: numbers count on when those before them are gone", last,
                          list(range(stats["completed"]))[-len(last):])
                got = [one for name in names for one in whole(tap, name, read_file(folder / "x%" / name))]
                tap.equal(f"size{suffix}: the youngest are kept", got, sequence(1000)[-len(got):])
                tap.ok((folder / "x%" / "other-1.ndjson").exists(), f"size{suffix}: no other file is removed")

    def kept_by_bytes(self) -> None:
        with self.folder() as folder:
            driver = self.start(folder, "to=%s.ndjson", "size=5000", "keep-bytes=20000")
            for _ in range(10):
                driver.ask("write 50 400")
                driver.until(lambda stats: stats["memory"] == 0)
            stats = driver.finish()
            used = sum(path.stat().st_size for path in folder.glob("*.ndjson"))
            self.tap.ok(10000 < used <= 20000, "keep: bytes", f"{used} bytes are left")
            self.tap.ok(stats["removed"] > 0, "keep: some were removed")

    # ---- one that does not

    def standard_output(self) -> None:
        """A pipe that is read slowly, then closed."""
        tap = self.tap
        with self.folder() as folder:
            reader, writer = os.pipe()
            driver = self.start(folder, f"fd={writer}", "queue=200000", pass_fds=(writer,))
            tap.ok(not fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK, "stdout: nobody else's is made O_NONBLOCK")
            os.close(writer)
            driver.ask("write 300 1000")
            stats = driver.until(lambda stats: stats["lost"] > 0 and stats["written"] > 0)
            tap.ok(stats["lost"] > 0 and balanced(stats), "stdout: a reader that does not read: lost ones are counted", str(stats))
            data = b""
            while data.count(b"\n") < stats["submitted"] - stats["lost"]:
                data += os.read(reader, 1 << 16)
            got = whole(tap, "stdout", data)
            # While it is handed over, the pipe takes the first 64 KiB, and in their place in memory is room for later ones.
            tap.ok(got == sorted(set(got)) and got[:100] == sequence(100), "stdout: the oldest are kept, and go on at the byte", str(got))
            driver.until(lambda stats: stats["memory"] == 0)
            os.close(reader)
            driver.ask("write 10 1000")
            stats = driver.until(lambda stats: stats["failing"])
            tap.equal("stdout: the reader is gone", (stats["last_error"], stats["memory"]), (-32, 10))
            began = time.monotonic()
            stats = driver.finish(20000)
            tap.ok(time.monotonic() - began < 10, "stdout: nobody waits for a reader that will not come")
            tap.ok(stats["result"] != 0 and balanced(stats) and stats["memory"] == 0, "stdout: lost at the end, counted", str(stats))
            tap.ok("its reader is gone" in driver.messages() and "were lost" in driver.messages(), "stdout: it is said",
                   driver.messages())

    def nobody_reads(self) -> None:
        """Standard output is not closed, but nobody reads it: no write may wait for that."""
        with self.folder() as folder:
            reader, writer = os.pipe()
            driver = self.start(folder, f"fd={writer}", pass_fds=(writer,))
            os.close(writer)
            driver.ask("write 300 1000")
            driver.until(lambda stats: stats["written"] > 0)
            stats = driver.finish(100)
            self.tap.equal("nobody reads: the end comes all the same", (stats["result"], balanced(stats)), (-5, True))
            os.close(reader)

    def redirected(self) -> None:
        with self.folder() as folder:
            with open(folder / "out", "wb") as file:
                file.write(b"before\n")
                file.flush()
                driver = self.start(folder, f"fd={file.fileno()}", pass_fds=(file.fileno(),))
                driver.ask("write 100 200")
                driver.finish()
            data = read_file(folder / "out")
            self.tap.ok(data.startswith(b"before\n"), "redirected: what was there stays")
            self.tap.equal("redirected: all follows", whole(self.tap, "redirected", data[7:]), sequence(100))

    def fifo(self) -> None:
        """Readers come, read a while, and go."""
        tap = self.tap
        with self.folder() as folder:
            os.mkfifo(folder / "fifo")
            driver = self.start(folder, "to=fifo")
            driver.ask("write 2000 1000")
            stats = driver.until(lambda stats: stats["failing"])
            tap.equal("fifo: nobody reads", (stats["last_error"], stats["memory"]), (-6, 2000))
            data = b""
            for size in (1 << 10, 1 << 17, 1 << 18, 1 << 30):
                reader = os.open(folder / "fifo", os.O_RDONLY)
                got = 0
                while got < size and data.count(b"\n") < 2000:
                    piece = os.read(reader, min(1 << 16, size - got))
                    got += len(piece)
                    data += piece
                os.close(reader)
            stats = driver.finish()
            tap.equal("fifo: nothing lost", (stats["lost"], stats["memory"], stats["written"]), (0, 0, 2000))
            # A reader that goes within a document has the rest of it in the next one's, or all of it again.
            torn = [line for line in data.split(b"\n")[:-1] if not line.startswith(b"{") or not line.endswith(b"}")]
            tap.ok(len(torn) <= 3, "fifo: whole but for where a reader went", str(torn))
            got = [int(number) for number in re.findall(rb'"n":(\d+),"pad":"x+"}', data)]
            tap.equal("fifo: every document, in order", got, list(range(2000)))

    def fifo_within_a_document(self) -> None:
        """The reader takes all that there is, which ends within a document, and goes: the next one gets that document again."""
        tap = self.tap
        with self.folder() as folder:
            os.mkfifo(folder / "fifo")
            reader = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
            driver = self.start(folder, "to=fifo")
            driver.ask("write 3 100000")
            capacity = fcntl.fcntl(reader, fcntl.F_GETPIPE_SZ)
            unread = 0
            end = time.monotonic() + WAIT_S
            while unread < capacity and time.monotonic() < end:
                time.sleep(0.01)
                unread = int.from_bytes(fcntl.ioctl(reader, termios.FIONREAD, bytes(4)), sys.byteorder)
            driver.process.send_signal(signal.SIGSTOP)
            # It takes a moment, in which what is read would make room for more.
            while ") T " not in pathlib.Path(f"/proc/{driver.process.pid}/stat").read_text() and time.monotonic() < end:
                time.sleep(0.01)
            first = os.read(reader, capacity)
            os.close(reader)
            driver.process.send_signal(signal.SIGCONT)
            driver.until(lambda stats: stats["failing"])
            tap.ok(0 < len(first) < 100000, "fifo: the reader went within the first document", f"{len(first)} bytes")
            data = b""
            reader = os.open(folder / "fifo", os.O_RDONLY)
            while data.count(b"\n") < 3 and (piece := os.read(reader, 1 << 16)):
                data += piece
            os.close(reader)
            tap.equal("fifo: the next reader gets it whole", whole(tap, "fifo", data), sequence(3))

    def full_disk(self) -> None:
        tap = self.tap
        with self.folder() as folder, self.small_disk(folder, "640k") as disk:
            if disk is None:
                return
            driver = self.start(folder, "to=disk/out", "queue=300000")
            (disk / "ballast").write_bytes(bytes(576 * 1024))
            for _ in range(12):
                driver.ask("write 50 1000")
                time.sleep(0.1)
            stats = driver.until(lambda stats: stats["failing"] and stats["lost"] > 0)
            tap.ok(stats["last_error"] == -28 and stats["written"] > 0 and balanced(stats), "full disk: counted", str(stats))
            whole(tap, "full disk", read_file(disk / "out"))
            (disk / "ballast").unlink()
            stats = driver.until(lambda stats: stats["memory"] == 0 and not stats["failing"])
            tap.equal("full disk: goes on by itself", (stats["failing"], stats["memory"]), (False, 0))
            stats = driver.finish()
            got = whole(tap, "full disk", read_file(disk / "out"))
            tap.equal("full disk: what is there is what was written", len(got), stats["written"])
            tap.equal("full disk: written + lost = submitted", stats["written"] + stats["lost"], 600)
            tap.equal("full disk: the oldest, in order, none twice", got, sequence(len(got)))
            said = driver.messages()
            tap.ok("No space left" in said and "works again" in said, "full disk: it is said", said)
            lost = sum(map(int, re.findall(r"^(\d+) documents for .* were lost", said, re.MULTILINE)))
            tap.equal("full disk: the losses said are the losses counted", lost, stats["lost"])

    def full_disk_with_spool(self) -> None:
        tap = self.tap
        for options, suffix in (((), ""), (("zstd=1",), " zstd")):
            with self.folder() as folder, self.small_disk(folder, "256k") as disk:
                if disk is None:
                    return
                (folder / "spool").mkdir()
                (disk / "ballast").write_bytes(os.urandom(256 * 1024 - 4096 * 3))
                driver = self.start(folder, "to=disk/%Y.ndjson", "queue=100000", "spool=spool", "spool-bytes=20000000", *options)
                for _ in range(150):
                    driver.ask("write 10 100")
                    time.sleep(0.01)
                if not suffix:
                    stats = driver.until(lambda stats: stats["spool"] > 0)
                    tap.ok(stats["spool"] > 0 and stats["failing"], "spool: used when the disk is full", str(stats))
                    tap.equal("spool: nothing is lost", (stats["lost"], balanced(stats)), (0, True))
                (disk / "ballast").unlink()
                driver.ask("write 100 100")
                stats = driver.finish(20000)
                tap.equal(f"spool{suffix}: all written", (stats["written"], stats["lost"], stats["spool"]), (1600, 0, 0))
                got = [one for path in disk.iterdir() for one in whole(tap, path.name, read_file(path))]
                tap.equal(f"spool{suffix}: in order, none twice", got, sequence(1600))
                tap.equal(f"spool{suffix}: empty at the end", list((folder / "spool").iterdir()), [])

    def spool_bound(self) -> None:
        """Memory and spool are both full; the next run delivers what is in the spool."""
        tap = self.tap
        with self.folder() as folder:
            (folder / "spool").mkdir()
            os.mkfifo(folder / "fifo")
            driver = self.start(folder, "to=fifo", "queue=50000", "spool=spool", "spool-bytes=300000")
            for _ in range(60):
                driver.ask("write 10 1000")
                time.sleep(0.02)
            stats = driver.until(lambda stats: stats["lost"] > 0 and stats["spool"] > 200)
            size = sum(path.stat().st_size for path in (folder / "spool").iterdir())
            tap.ok(stats["lost"] > 0 and balanced(stats), "both full: lost ones are counted", str(stats))
            tap.ok(200000 < size <= 300000, "both full: the spool keeps its bound", f"{size} bytes")
            other = self.start(folder, "to=-", "spool=spool")
            tap.equal("spool: one process at a time", other.first.get("status"), 1)
            stats = driver.finish(100)
            tap.equal("both full: the end", (balanced(stats), stats["memory"]), (True, 0))
            left = stats["spool"]
            driver = self.start(folder, "to=out", "spool=spool")
            tap.equal("next run: found", driver.first["recovered"], left)
            driver.ask("write 5 1000")
            stats = driver.finish()
            got = whole(tap, "next run", read_file(folder / "out"))
            tap.equal("next run: first the spool, then the new", got, sequence(left) + sequence(5))
            tap.equal("next run: the spool is empty", list((folder / "spool").iterdir()), [])

    def directory_removed(self) -> None:
        tap = self.tap
        for destination in ("logs/out", "logs/%Y.ndjson"):
            with self.folder() as folder:
                (folder / "logs").mkdir()
                driver = self.start(folder, f"to={destination}")
                driver.ask("write 10 200")
                driver.until(lambda stats: stats["written"] == 10)
                shutil.rmtree(folder / "logs")
                driver.ask("write 10 200")
                stats = driver.until(lambda stats: stats["failing"])
                tap.equal(f"{destination}, directory removed: it fails, and waits", (stats["written"], stats["memory"]), (10, 10))
                (folder / "logs").mkdir()
                stats = driver.until(lambda stats: stats["written"] == 20)
                stats = driver.finish()
                got = [one for path in (folder / "logs").iterdir() for one in whole(tap, path.name, read_file(path))]
                tap.equal(f"{destination}, directory made again: it goes on", got, sequence(20, first=10))
                tap.equal(f"{destination}: nothing lost", stats["lost"], 0)

    def directory_replaced(self) -> None:
        """Renamed, and another one in its place."""
        for destination in ("logs/out", "logs/%Y.ndjson"):
            with self.folder() as folder:
                (folder / "logs").mkdir()
                driver = self.start(folder, f"to={destination}")
                driver.ask("write 10 200")
                driver.until(lambda stats: stats["written"] == 10)
                os.rename(folder / "logs", folder / "old")
                (folder / "logs").mkdir()
                driver.until(lambda stats: "another one" in driver.messages())
                driver.ask("write 10 200")
                driver.finish()
                for name, wanted in (("old", sequence(10)), ("logs", sequence(20, first=10))):
                    files = list((folder / name).iterdir())
                    got = [one for path in files for one in whole(self.tap, path.name, read_file(path))]
                    self.tap.equal(f"{destination}, directory replaced: {name}", (got, files[0].name[0] != "."), (wanted, True))

    def file_removed(self) -> None:
        with self.folder() as folder:
            driver = self.start(folder, "to=out")
            driver.ask("write 10 200")
            driver.until(lambda stats: stats["written"] == 10)
            (folder / "out").unlink()
            driver.ask("write 10 200")
            driver.until(lambda stats: stats["written"] == 20)
            self.tap.equal("file removed: made again", whole(self.tap, "removed", read_file(folder / "out")), sequence(20, first=10))
            with open(folder / "out", "wb"):
                pass  # copytruncate
            driver.ask("write 10 200")
            driver.finish()
            self.tap.equal("file emptied: goes on at its beginning", whole(self.tap, "emptied", read_file(folder / "out")),
                           sequence(30, first=20))

    # ---- kill -9

    def killed(self) -> None:
        """At random moments; what was counted as written is there, and every line is whole after the next start."""
        tap, chance = self.tap, random.Random(5321)
        cases = (("to=out",), ("to=out.zst", "zstd=1"), ("to=%Y.ndjson", "size=300000"),
                 ("to=%Y.ndjson", "size=100000", "zstd=1"))
        checked = 0
        for turn in range(30):
            options = cases[turn % len(cases)]
            with self.folder() as folder:
                driver = self.start(folder, *options)
                driver.ask("flood 1 700 0")
                driver.process.stdin.write(b"watch\n")
                driver.process.stdin.flush()
                time.sleep(chance.uniform(0.02, 0.2))
                lines = [line for line in driver.kill().split(b"\n")[:-1] if line.endswith(b"}")]
                written = json.loads(lines[-1])["written"] if lines else 0
                before = sum(path.stat().st_size for path in folder.iterdir() if path.name != "said")
                again = self.start(folder, *options)
                again.finish()
                paths = [path for path in folder.iterdir() if path.name != "said"]
                got = [one for path in paths for one in whole(tap, f"kill {turn} {path.name}", read_file(path))]
                got.sort()
                checked += written > 0
                # A driver that is faster than the disk loses some when memory is full: until then there is no gap.
                last = json.loads(lines[-1]) if lines else {"lost": 0}
                sure = got[:written] if last["lost"] == 0 else []
                tap.ok(len(set(got)) == len(got) >= written and sure == sequence(len(sure), thread=1),
                       f"kill {turn} {options[0]}: {written} were written, all of them and only whole ones are there",
                       f"{len(got)} found, {before} bytes")
        tap.ok(checked >= 20, "kill: most runs had written something", f"{checked} of 30")

    def killed_with_spool(self) -> None:
        """What was in the spool is delivered by the next run."""
        tap, chance = self.tap, random.Random(821)
        for turn in range(10):
            with self.folder() as folder:
                (folder / "spool").mkdir()
                os.mkfifo(folder / "fifo")
                driver = self.start(folder, "to=fifo", "spool=spool", "queue=300000")
                driver.ask("flood 1 500 100")
                driver.until(lambda stats: stats["spool"] > 0)
                driver.process.stdin.write(b"watch\n")
                driver.process.stdin.flush()
                time.sleep(chance.uniform(0.0, 0.6))
                lines = [line for line in driver.kill().split(b"\n")[:-1] if line.endswith(b"}")]
                spooled = json.loads(lines[-1])["spool"]
                again = self.start(folder, "to=out", "spool=spool")
                stats = again.finish()
                got = whole(tap, f"spool, kill {turn}", read_file(folder / "out"))
                tap.ok(got == sequence(len(got), thread=1) and len(got) >= spooled > 0,
                       f"spool, kill {turn}: {spooled} were in the spool and are delivered", f"{len(got)} found, {stats}")
                tap.equal(f"spool, kill {turn}: empty afterwards", list((folder / "spool").iterdir()), [])

    def hot(self) -> None:
        """What handing over costs; said, not judged."""
        with self.folder() as folder:
            driver = self.start(folder, "to=/dev/null")
            began = time.monotonic()
            stats = driver.ask("write 20000 2000")
            took = time.monotonic() - began
            self.tap.say(f"20,000 documents of 2,000 bytes handed over in {took * 1e6 / 20000:.2f} us each")
            stats = driver.finish()
            self.tap.ok(balanced(stats) and stats["lost"] == 0, "a device is a destination", str(stats))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: sink.py SINK-DRIVER")
    tap = Tap()
    tests = Tests(tap, os.path.abspath(sys.argv[1]))
    wanted = os.environ.get("SINK_TESTS", "").split()
    for name in [name for name in vars(Tests) if not name.startswith("_") and name not in ("folder", "start", "small_disk")]:
        if not wanted or name in wanted:
            getattr(tests, name)()
    tap.finish()


if __name__ == "__main__":
    main()
