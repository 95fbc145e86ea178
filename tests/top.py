#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live screen of --top, on a terminal that is emulated: what it shows, at several sizes, and what it must never send.

    top.py DRIVER                          the test
    top.py --show DRIVER COLUMNSxROWS [LANGUAGE [KEYS]]   prints the screen, for people
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time

import pyte

from tap import PCAPS, Tap

CAPTURES = ["auth-login-accepted.pcap", "auth-plain-rejected.pcap", "gateway-down.pcap", "mail-without-auth-accepted.pcap",
            "greylisted.pcap", "banner-refused.pcap"]
WAIT_S = 20  # for what comes within a fraction of a second

# What ncurses sends: text, these control characters, and sequences of these shapes. Nothing with a string in it (titles).
SEQUENCE = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-ln-z@`]|\[[0-9;]*m|\[>?[0-9;]*[cmn]|[()][0AB]|[=>78HMDc]|#8)")
CONTROLS = re.compile(rb"[\x00-\x06\x0b\x0c\x10-\x1f\x7f]")


class Terminal:
    """The program on a terminal of its own. raw is all that it has sent."""

    def __init__(self, driver: str, columns: int, rows: int, language: str = "en", captures: list = CAPTURES, env: dict = {}):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            paths = [str(PCAPS / name) for name in captures]
            environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "LINES": "", "COLUMNS": "", **env}
            for name in ("LINES", "COLUMNS", "NO_COLOR"):
                if not environment.get(name):
                    environment.pop(name, None)
            os.execve(driver, [driver, language, *paths], environment)

    def read(self, seconds: float) -> bool:
        """Takes what comes for some time. Returns false at the end."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            self.stream.feed(data)
        return True

    def wait_for(self, text: str, there: bool = True) -> bool:
        end = time.monotonic() + WAIT_S
        while (text in self.text()) != there:
            if time.monotonic() > end or not self.read(0.05):
                return (text in self.text()) == there
        return True

    def press(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def lines(self) -> list:
        # pyte has an empty cell behind a wide character.
        return [line.rstrip() for line in self.screen.display]

    def text(self) -> str:
        return "\n".join(self.lines())

    def cell(self, text: str) -> object:
        """The first cell of a text on the screen, with its colour."""
        for y, line in enumerate(self.screen.display):
            if text in line:
                return self.screen.buffer[y][line.index(text)]
        return None

    def finish(self, keys: str = "q") -> int:
        """Ends the program. Returns its exit status; -1 when it had to be killed."""
        try:
            self.press(keys)
        except OSError:
            pass
        end = time.monotonic() + WAIT_S
        while self.read(0.05) and time.monotonic() < end:
            pass
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return -1


def show(driver: str, size: str, language: str = "en", keys: str = "") -> None:
    columns, rows = map(int, size.split("x"))
    terminal = Terminal(driver, columns, rows, language)
    terminal.read(2)
    terminal.press(keys)
    terminal.read(1)
    print("+" + "-" * columns + "+")
    for line in terminal.screen.display:
        print(f"|{line}|")
    print("+" + "-" * columns + "+")
    terminal.finish()


def check_raw(tap: Tap, name: str, raw: bytes) -> None:
    """Nothing was sent but text and what ncurses uses: bytes from the wire steer nothing."""
    left = SEQUENCE.sub(b"", raw)
    found = CONTROLS.search(left)
    tap.ok(found is None, f"{name}: no control bytes from the wire", found and repr(left[max(0, found.start() - 40):][:80]))
    text = left.decode("utf-8", errors="replace")
    bad = [character for character in text if "\x80" <= character <= "\x9f" or "\u202a" <= character <= "\u202e"
           or character == "\ufffd"]
    tap.ok(not bad, f"{name}: what is not a sequence is UTF-8 that can be seen", repr(bad[:10]))


def check_usual(tap: Tap, driver: str) -> None:
    """80x24 in English, as docs show it."""
    terminal = Terminal(driver, 80, 24)
    tap.ok(terminal.wait_for("help"), "80x24: the screen is drawn", terminal.text())
    lines = terminal.lines()
    for number, text in ((0, " smtpscope  1,234 packets/s  0 dropped  eth0 up  eth1 gone  up 2d 03:04:05"),
                         (2, " Mail      29 accepted  2 refused  in the last minute           memory 45.0 MiB"),
                         (3, " Logins    19 accepted  4 rejected  in the last minute          queue 3, lost 0"),
                         (6, " server             what answers    sessions  a minute  failed  last replies"),
                         (7, " 192.0.2.10:587     Postfix               29        29       7  250 250 354 250"),
                         (9, " 192.0.2.10:25      Postfix                4         4       1  220 250 250 450"),
                         (13, " 11-25 06:41  high      192.0.2.77 tries passwords at 198.51.100.25:587"),
                         (23, " q quit  p pause  Tab next list  j/k scroll  h help")):
        tap.equal(f"80x24: row {number}", lines[number], text)
    tap.ok(lines[1].startswith(" Sessions  6.8 a second  7 open  45 in all  ") and lines[1].endswith("█"),
           "80x24: sessions and their history, the busiest second last", lines[1])
    tap.ok(lines[5].startswith("── Servers ───") and lines[5].endswith("── 1-5/5 ──"), "80x24: the servers' title", lines[5])
    tap.ok(any("Mail accepted without login" in line and " 192.0.2.20 → 192.0.2.10:587 " in line for line in lines[16:23]),
           "80x24: a finding with its client and server", terminal.text())
    tap.equal("80x24: what was found is red, bold", (terminal.cell("high").fg, terminal.cell("high").bold), ("red", True))
    tap.equal("80x24: a state is green", terminal.cell("up  eth1").fg, "green")
    tap.equal("80x24: one that is gone is red", terminal.cell("gone").fg, "red")
    tap.equal("80x24: ends with status 0", terminal.finish(), 0)
    tap.ok("ended" in terminal.text(), "80x24: the terminal is given back", terminal.text())
    tap.ok(b"\x1b[?1049l" in terminal.raw, "80x24: with what was on it before")
    check_raw(tap, "80x24", terminal.raw)


def check_wire(tap: Tap, driver: str) -> None:
    """A greeting that would steer the terminal is shown as what it is."""
    terminal = Terminal(driver, 120, 40)
    shown = r"\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\x0d\x0a\xff"
    tap.ok(terminal.wait_for(shown), "hostile greeting: escaped", terminal.text())
    tap.equal("hostile greeting: the title is as it was", terminal.screen.title, "")
    terminal.finish()
    check_raw(tap, "hostile greeting", terminal.raw)


def check_sizes(tap: Tap, driver: str) -> None:
    """One program, resized again and again."""
    terminal = Terminal(driver, 80, 24)
    terminal.wait_for("help")
    for columns, rows in ((40, 10), (200, 50), (16, 3), (12, 2), (1, 1), (300, 5), (20, 100), (80, 24)):
        terminal.resize(columns, rows)
        end = time.monotonic() + WAIT_S
        expected = " smtpscope" if columns >= 16 and rows >= 3 else "smtpscope"[:columns]
        while time.monotonic() < end and not fits(terminal, expected):
            terminal.read(0.05)
        name = f"resized to {columns}x{rows}"
        tap.ok(fits(terminal, expected), f"{name}: drawn anew", terminal.text())
    tap.ok(terminal.wait_for("h help"), "resized back: all of it is there", terminal.text())
    tap.equal("resized: ends with status 0", terminal.finish(), 0)
    check_raw(tap, "resized", terminal.raw)


def fits(terminal: Terminal, title: str) -> bool:
    """Drawn for this size: the title at the top, and the keys in the last row."""
    lines = terminal.lines()
    foot = " q quit" if terminal.screen.lines >= 3 and terminal.screen.columns >= 16 else ""
    return lines[0].startswith(title) and (not foot or lines[-1].startswith(foot))


def check_small(tap: Tap, driver: str) -> None:
    terminal = Terminal(driver, 40, 10)
    tap.ok(terminal.wait_for("Tab next list"), "40x10: the screen is drawn", terminal.text())
    tap.ok("Mail accepted without" in terminal.text(), "40x10: findings have a legible title", terminal.text())
    terminal.press("\t")
    tap.ok(terminal.wait_for("192.0.2.10:587"), "40x10: Tab shows the servers instead", terminal.text())
    terminal.finish()


def check_keys(tap: Tap, driver: str) -> None:
    terminal = Terminal(driver, 80, 24)
    terminal.wait_for("help")
    first = next(line for line in terminal.lines() if line.startswith(" 10:10:17"))
    for name, key, back in (("j", "j", "k"), ("down", "\x1bOB", "\x1bOA"), ("page down", "\x1b[6~", "\x1b[5~"),
                            ("end", "\x1bOF", "\x1bOH")):
        terminal.press(key)
        tap.ok(terminal.wait_for(first, there=False), f"{name}: the list is scrolled", terminal.text())
        terminal.press(back)
        tap.ok(terminal.wait_for(first), f"{name}: and back", terminal.text())
    terminal.press("\x1bOF")
    tap.ok(terminal.wait_for("41/41"), "end: goes to the last and not beyond", terminal.text())
    terminal.press("h")
    tap.ok(terminal.wait_for("Dropped packets are red"), "h: help", terminal.text())
    terminal.press("h")
    tap.ok(terminal.wait_for("── Servers"), "h again: the lists", terminal.text())
    terminal.press("p")
    tap.ok(terminal.wait_for("paused"), "p: says that it is paused", terminal.text())
    terminal.press("p")
    tap.ok(terminal.wait_for("paused", there=False), "p again: it goes on", terminal.text())
    terminal.press("\x1bxyz\x01\x7f\xff")
    tap.ok(terminal.wait_for("── Servers"), "other keys: nothing", terminal.text())
    tap.equal("keys: ends with status 0", terminal.finish(), 0)


def check_changes(tap: Tap, driver: str) -> None:
    """Drops rise and a diagnosis ends while it is watched, first with the screen held still."""
    with tempfile.TemporaryDirectory() as folder:
        signal_file = pathlib.Path(folder) / "drops"
        terminal = Terminal(driver, 80, 24, env={"DRIVE_DROPS": str(signal_file)})
        terminal.wait_for("0 dropped")
        terminal.press("p")
        terminal.wait_for("paused")
        signal_file.touch()
        terminal.read(1)
        tap.ok("0 dropped" in terminal.text() and "tries passwords" in terminal.text(), "paused: nothing moves", terminal.text())
        terminal.press("p")
        tap.ok(terminal.wait_for("5 dropped"), "drops: counted", terminal.text())
        tap.equal("drops: red", terminal.cell("5 dropped").fg, "red")
        tap.ok("tries passwords" not in terminal.text() and "answered by another" in terminal.text(),
               "diagnosis: gone when it has ended, the other is there", terminal.text())
        tap.ok("lost 5" in terminal.text() and terminal.cell("queue").fg == "red", "lost documents: red", terminal.text())
        terminal.finish()


def check_kinds(tap: Tap, driver: str) -> None:
    """Languages, locales and terminals."""
    terminal = Terminal(driver, 80, 24, "ja")
    tap.ok(terminal.wait_for("ヘルプ"), "Japanese: the keys", terminal.text())
    tap.ok("サーバー" in terminal.text() and "取りこぼし 0" in terminal.text(), "Japanese: the words", terminal.text())
    heading = next((line for line in terminal.lines() if "失敗" in line), "")
    row = next((line for line in terminal.lines() if line.startswith(" 192.0.2.10:587")), "")
    tap.equal("Japanese: the columns stand below their headings", width(heading[:heading.find("失敗") + 2]), row.find("7  250") + 1)
    terminal.finish()

    terminal = Terminal(driver, 80, 24, "ja", env={"LC_ALL": "C"})
    tap.ok(terminal.wait_for("h help"), "no UTF-8: English", terminal.text())
    terminal.finish()
    tap.ok(all(byte < 0x80 for byte in terminal.raw), "no UTF-8: ASCII only")
    tap.ok(b" -> " in terminal.raw, "no UTF-8: an arrow all the same")

    terminal = Terminal(driver, 80, 24, env={"NO_COLOR": "1"})
    terminal.wait_for("h help")
    tap.equal("NO_COLOR: none", terminal.cell("high").fg, "default")
    tap.ok(terminal.cell("high").reverse, "NO_COLOR: what is bad stands out")
    terminal.finish()

    terminal = Terminal(driver, 80, 24, env={"TERM": "vt100"})
    tap.ok(terminal.wait_for("h help"), "vt100: works", terminal.text())
    tap.equal("vt100: ends with status 0", terminal.finish(), 0)

    terminal = Terminal(driver, 80, 24, env={"TERM": "no-such-terminal"})
    tap.ok(terminal.wait_for("no screen"), "a kind of terminal that is not known: said, no more", terminal.text())
    tap.equal("not known: status 1", terminal.finish(), 1)

    terminal = Terminal(driver, 80, 24, captures=[])
    tap.ok(terminal.wait_for("No session has ended yet."), "at the start: says that nothing has come", terminal.text())
    terminal.press("\t\t\tjk")
    tap.equal("at the start: ends with status 0", terminal.finish(), 0)


def width(text: str) -> int:
    return sum(2 if ord(character) > 0x2e80 else 1 for character in text)


def main() -> None:
    if len(sys.argv) > 3 and sys.argv[1] == "--show":
        show(*sys.argv[2:])
        return
    if len(sys.argv) != 2:
        sys.exit("usage: top.py DRIVER")
    tap = Tap()
    for check in (check_usual, check_wire, check_sizes, check_small, check_keys, check_changes, check_kinds):
        check(tap, sys.argv[1])
    tap.finish()


if __name__ == "__main__":
    main()
