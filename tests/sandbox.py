#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox holds: for root, for an unprivileged user and for one with a capability, and every try that it refuses worked
before it was entered.

    sandbox.py SANDBOX-PROBE

Built with sanitizers, two of its layers are left out and say so; the rest is tested in a build without (suite "release").
"""
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

from tap import Tap

NOBODY = 65534
GROUPS = [4, 24]  # what an administrator is in: may read logs
NO_CAPABILITIES = "0" * 16

# Each works for root outside of the sandbox on any kernel and in a container too; so what refuses it inside is the sandbox.
FOR_ROOT = {
    "run a program (execve)", "run a program (execveat)", "start a process (fork)", "start a process (clone)", "internet socket",
    "connect a socket", "be traced (ptrace)", "read a process's memory", "signal process 1", "signal the process group",
    "signal the parent (tgkill)", "become root (setuid)", "memory becomes code (mprotect)", "memory as code (mmap)",
    "memfd_create", "read /etc/shadow", "read /etc/passwd", "write beside the output folder", "write there by way of \"..\"",
    "unnamed file by name", "packet socket"}
# What takes root, or memory of a process that is root's.
ONLY_FOR_ROOT = {"packet socket", "signal process 1", "become root (setuid)", "read /etc/shadow", "unnamed file by name",
                 "signal the parent (tgkill)", "signal the process group"}
FOR_ANYBODY = FOR_ROOT - ONLY_FOR_ROOT
# What an analysis needs.
ALLOWED = {"read on in an open file", "write in the output folder", "make a folder there", "link a file there", "unnamed file there", "start a thread", "signal itself", "memory"}

# How many tries there are: one that got lost would prove nothing.
TRY_COUNT = 38

# Calls that not every mode allows, and those that no mode does: the modes in which each works inside.
CALLS = {
    "receive": {"live", "listens"},
    "bind a packet socket": {"live"},
    "bind another socket": set(),
    "index of an interface": {"live"},
    "address of an interface": set(),
    "option of a packet socket": {"live"},
    "option of a TCP socket": {"listens"},
    "option of any socket": set(),
    "read an option": {"live", "listens"},
    "accept": {"listens"},
    "what an interface dropped": {"live"},
    "empty a file that is read": set(),
    "read a limit": {"", "live", "listens"},
    "set a limit": set(),
    "signals of a descriptor": set(),
    "name the thread": {"", "live", "listens"},
    "let debuggers attach": set(),
    "personality": set(),
}
# Needs an address of the loopback interface, which a network namespace may not have.
NOT_PROVEN_OUTSIDE = {"address of an interface"}

TRY_LINE = re.compile(r"^(\S.{30}\S|\S.*?) +(possible|refused|not known) +(possible|refused|not known)(?: \((\w+)\))?(  WRONG)?$")


class Done:
    def __init__(self, process: subprocess.CompletedProcess):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr

    def __str__(self) -> str:
        return f"status {self.status}\n{self.out}\n{self.err}"


def run(command: list, **more) -> Done:
    return Done(subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, **more))


def facts(text: str) -> dict:
    """Lines of /proc/PID/status, or of the check, which shows some of them."""
    found = {}
    for line in text.splitlines():
        if match := re.match(r"^(\w+):?(?:\s+(.*))?$", line):
            found[match[1]] = (match[2] or "").strip()
    return found


def tries(text: str) -> dict:
    """Name of a try to what it was outside and inside, and the error."""
    found = {}
    for line in text.splitlines():
        if match := TRY_LINE.match(line):
            found[match[1].strip()] = (match[2], match[3], match[4])
    return found


def check_tries(tap: Tap, name: str, done: Done, proven: set) -> None:
    found = tries(done.out)
    tap.equal(f"{name}: status of the check", done.status, 0) or tap.say(str(done))
    tap.equal(f"{name}: number of tries", len(found), TRY_COUNT)
    for what, (outside, inside, error) in found.items():
        if what in ALLOWED:
            tap.equal(f"{name}: {what}", (outside, inside), ("possible", "possible"))
            continue
        tap.ok(inside == "refused" and error in ("EPERM", "EACCES"), f"{name}: {what} is refused inside", f"{inside} {error}")
        if what in proven:
            tap.equal(f"{name}: {what} was possible outside", outside, "possible")


def check_facts(tap: Tap, name: str, found: dict, user: int, bounding: bool = True) -> None:
    for key in ("Uid", "Gid"):
        tap.equal(f"{name}: {key}", found.get(key, "").split(), [str(user)] * 4)
    for key in ("CapInh", "CapPrm", "CapEff", "CapAmb", *(["CapBnd"] if bounding else [])):
        tap.equal(f"{name}: {key}", found.get(key), NO_CAPABILITIES)
    tap.equal(f"{name}: NoNewPrivs", found.get("NoNewPrivs"), "1")


def as_nobody() -> dict:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def check_root(tap: Tap, probe: str) -> None:
    for mode in ([], ["live"], ["listens"], ["live", "listens"]):
        name = "root " + ("+".join(mode) or "offline")
        done = run([probe, "check", *mode])
        check_tries(tap, name, done, FOR_ROOT)
        check_facts(tap, name, facts(done.out), NOBODY)
        tap.equal(f"{name}: Groups", facts(done.out).get("Groups"), "")
        tap.equal(f"{name}: Seccomp", facts(done.out).get("Seccomp"), "2")


def check_other_users(tap: Tap, probe: str) -> None:
    done = run([probe, "check", "live"], **as_nobody())
    check_tries(tap, "nobody", done, FOR_ANYBODY)
    check_facts(tap, "nobody", facts(done.out), NOBODY, bounding=False)
    tap.equal("nobody: Seccomp", facts(done.out).get("Seccomp"), "2")
    # As a service is started: a user with one capability, without root.
    raw = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all,+net_raw",
           "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw"]
    before = facts(run([*raw, "cat", "/proc/self/status"]).out)
    tap.equal("with a capability: it is there outside", (before.get("CapEff"), before.get("CapAmb")), ("0" * 12 + "2000",) * 2)
    done = run([*raw, probe, "check", "live"])
    check_tries(tap, "with a capability", done, FOR_ANYBODY | {"packet socket"})
    check_facts(tap, "with a capability", facts(done.out), NOBODY, bounding=False)
    for arguments, text in ((["user=root"], "root: only root can become another user"),
                            (["user=no-such-user"], "no-such-user: there is no such user")):
        done = run([probe, "stay", *arguments], **as_nobody())
        tap.equal(f"nobody, {arguments[0]}", (done.status, done.err.strip()), (2, text))
    done = run([probe, "stay", "user=nobody"], **as_nobody())
    tap.ok(done.status == 0 and "user 65534 as before" in done.out, "nobody may stay nobody", str(done))


def check_process(tap: Tap, probe: str, sanitized: bool) -> None:
    """What the kernel says of a process in the sandbox, to others."""
    with subprocess.Popen([probe, "stay", "live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          extra_groups=GROUPS) as process:
        line = process.stdout.readline()
        tap.ok(line.startswith("sandbox: user 65534,"), "a process of root's says what it has become", line)
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            found = facts(status.read())
        owner = os.stat(f"/proc/{process.pid}/maps").st_uid
        process.stdin.close()
        process.wait()
    check_facts(tap, "a process of root's", found, NOBODY)
    tap.equal("a process of root's: Groups", found.get("Groups"), "")
    tap.equal("a process of root's: Threads", found.get("Threads"), "1")
    tap.equal("a process of root's: Seccomp", found.get("Seccomp"), "0" if sanitized else "2")
    # The files in /proc of a process that no debugger may attach to belong to root.
    tap.equal("a process of root's: debuggers", "may attach" if owner == NOBODY else "may not",
              "may attach" if sanitized else "may not")
    tap.equal("a process of root's: status", process.returncode, 0)
    before = facts(run(["cat", "/proc/self/status"], extra_groups=GROUPS).out)
    tap.equal("the groups that it had", before["Groups"].split(), list(map(str, GROUPS)))
    own = facts(open("/proc/self/status", encoding="ascii").read())
    tap.ok(own["CapEff"] != NO_CAPABILITIES and own["NoNewPrivs"] == "0", "which the process that started it is not")


def said(done: Done) -> tuple:
    """What was said outside, and inside."""
    outside, _, inside = done.out.partition("sandbox: ")
    pairs = re.compile(r"^(.+): (\w+)$", re.MULTILINE)
    return dict(pairs.findall(outside)), dict(pairs.findall(inside))


def check_calls(tap: Tap, probe: str) -> None:
    for mode in ("", "live", "listens"):
        done = run([probe, "calls", *([mode] if mode else [])])
        outside, inside = said(done)
        tap.equal(f"calls {mode or 'offline'}: all tried", (set(outside), set(inside)), (set(CALLS), set(CALLS))) or tap.say(str(done))
        for call, modes in CALLS.items():
            if call not in NOT_PROVEN_OUTSIDE:
                tap.equal(f"calls {mode or 'offline'}: {call}, outside", outside.get(call), "possible")
            got = inside.get(call)
            if mode in modes:
                tap.equal(f"calls {mode or 'offline'}: {call}", got, "possible")
            else:
                tap.ok(got in ("EPERM", "EACCES"), f"calls {mode or 'offline'}: {call} is refused", str(got))


def check_silent(tap: Tap, probe: str) -> None:
    done = run([probe, "silent", "live"])
    outside, inside = said(done)
    refused = {"send on the silent one", "write on the silent one", "duplicate the silent one", "duplicate it with fcntl"}
    allowed = {"send on the other", "duplicate the other", "receive on the silent one"}
    tap.equal("silent: outside", outside, {what: "possible" for what in refused | allowed}) or tap.say(str(done))
    tap.equal("silent: inside", inside, {**{what: "EPERM" for what in refused}, **{what: "possible" for what in allowed}})


def check_anew(tap: Tap, probe: str, folder: str) -> None:
    """The output folder is removed and made anew by somebody else, while the program runs."""
    parent = pathlib.Path(folder) / "parent"
    output = parent / "output"

    def make() -> None:
        for path in (parent, output):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)

    make()
    with subprocess.Popen([probe, "anew", str(output)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        out = "".join(process.stdout.readline() for _ in range(3))
        shutil.rmtree(output)
        make()
        out += process.communicate("x", timeout=60)[0]
    tap.equal("a folder made anew", out.partition("\n")[2],
              "write before: possible\nwrite in the parent: EPERM\nwrite when removed: ENOENT\n"
              "write by another number: EPERM\ntake the number: possible\nwrite after: possible\n")
    tap.equal("a folder made anew: what is in it", sorted(path.name for path in parent.rglob("*")), ["file", "output"])


def check_file_capability(tap: Tap, probe: str, folder: str) -> None:
    """As with setcap cap_net_raw+ep: whoever may run the program gets the capability."""
    if os.statvfs(folder).f_flag & os.ST_NOSUID:
        tap.skip("with a file's capability", f"{folder} is mounted so that it has no effect")
        return
    capable = shutil.copy(probe, f"{folder}/capable")
    os.setxattr(capable, "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))
    done = run([capable, "check", "live"], **as_nobody())
    check_tries(tap, "with a file's capability", done, FOR_ANYBODY | {"packet socket"})
    check_facts(tap, "with a file's capability", facts(done.out), NOBODY, bounding=False)


def landlock_text(abi: int) -> str:
    """What this version refuses: TCP ports since 4, signals since 6."""
    return (f"version {abi}\nread in the folder: possible\nwrite in the folder: possible\nread elsewhere: EACCES\n"
            f"list elsewhere: EACCES\nbind a TCP port: {'EACCES' if abi >= 4 else 'possible'}\n"
            f"signal the parent: {'EPERM' if abi >= 6 else 'possible'}\n")


def check_landlock(tap: Tap, probe: str) -> None:
    """Each version that a kernel may have, as far as this one can play it."""
    done = run([probe, "landlock"])
    newest = int(re.search(r"^newest (\d+)$", done.out, re.MULTILINE)[1]) if done.status == 0 else 0
    tap.ok(newest > 0, "Landlock has a version", str(done))
    tap.equal(f"Landlock, versions 1 to {newest}", done.out,
              "".join(map(landlock_text, range(1, newest + 1))) + f"newest {newest}\n")


def check_notify(tap: Tap, probe: str) -> None:
    path = f"/tmp/smtpscope-sandbox-{os.getpid()}"
    for name in (path, f"@smtpscope-sandbox-{os.getpid()}"):
        for mode in ([], ["live"]):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(name.replace("@", "\0"))
                manager.setblocking(False)
                done = run([probe, "notify", *mode], env={**os.environ, "NOTIFY_SOCKET": name})
                try:
                    message = manager.recv(100)
                except BlockingIOError:
                    message = b""
            tap.equal(f"notify by {'path' if name == path else 'name'} {mode}", message, b"READY=1") or tap.say(str(done))
            if name == path:
                os.unlink(path)


def check_all(probe: str) -> None:
    tap = Tap()
    done = run([probe, "stay", "live"])
    sanitized = "left out" in done.out
    missing = re.findall(r"(Landlock|seccomp) not in this kernel", done.out)
    tap.equal("it can be entered", done.status, 0) or tap.say(str(done))
    tap.equal("one thread, or not at all", run([probe, "threads"]).status, 0)
    if os.geteuid() != 0:
        tap.skip("what root gives up", "this takes root")
        tap.finish()
    check_process(tap, probe, sanitized)
    check_notify(tap, probe)
    if sanitized:
        tap.ok("Landlock left out" in done.out and "seccomp left out" in done.out, "sanitizers: both layers say so", done.out)
        tap.equal("sanitizers: the check is not content", run([probe, "check"]).status, 1)
    elif missing:
        tap.skip("what is refused inside", f"the kernel has no {' and no '.join(missing)}")
    else:
        check_root(tap, probe)
        check_other_users(tap, probe)
        check_calls(tap, probe)
        check_silent(tap, probe)
        check_landlock(tap, probe)
        check_anew(tap, probe, os.path.dirname(probe))
        check_file_capability(tap, probe, os.path.dirname(probe))
    tap.finish()


def main() -> None:
    # Where every user can reach it: the build folder may be root's alone.
    with tempfile.TemporaryDirectory(prefix="smtpscope-sandbox-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        check_all(shutil.copy(sys.argv[1], folder))


if __name__ == "__main__":
    main()
