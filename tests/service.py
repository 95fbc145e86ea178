#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files for running as a service: systemd, logrotate and their friends accept them, they do what they are for, and the
exposure that docs/service.md tells is what systemd finds.

    service.py BUILD-FOLDER SMTPSCOPE
"""
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile

from tap import ROOT, Tap

UNITS = ("smtpscope.service", "smtpscope@.service")
SERVICE = ROOT / "service"

# What opens before the sandbox, and the sandbox itself, call; beyond what cli/syscalls.c allows afterwards.
BEFORE_SANDBOX = {"execve", "socket", "bind", "connect", "listen", "setsockopt", "prctl", "capget", "capset", "seccomp",
                  "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "clone3", "mkdirat"}
# Which systemd is asked about the score that the document tells: another may count otherwise.
SCORED_BY = "252"


def run(*command: object) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, env={**os.environ, "SYSTEMD_PAGER": "cat", "LC_ALL": "C.UTF-8"})


def settings(text: str, key: str) -> list:
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def unit_for_check(build: pathlib.Path, binary: str, unit: str, folder: str, change: tuple = ("", "")) -> pathlib.Path:
    """The unit as it will be installed, with a program that is there. Returns its name as an instance, if it is a template."""
    text = (build / "service" / unit).read_text()
    text = re.sub(r"^ExecStart=\S+", f"ExecStart={os.path.abspath(binary)}", text, flags=re.MULTILINE)
    if not os.path.exists("/bin/kill"):
        text = text.replace("/bin/kill", "/bin/true")
    path = pathlib.Path(folder) / unit.replace("@.", "@eth0.")
    path.write_text(text.replace(*change))
    if "@" in unit:
        (pathlib.Path(folder) / unit).write_text(path.read_text())
    return path


def exposure(path: pathlib.Path) -> str:
    done = run("systemd-analyze", "security", "--offline=true", path)
    found = re.search(r"Overall exposure level for \S+: (\S+)", done.stdout)
    return found[1] if found else done.stdout


def check_units(tap: Tap, build: pathlib.Path, binary: str) -> None:
    if not shutil.which("systemd-analyze"):
        tap.skip("systemd accepts the units", "there is no systemd-analyze")
        return
    version = run("systemd-analyze", "--version").stdout.split()[1]
    documented = re.findall(r"exposure level[^\n]*?\*\*([\d.]+)\*\*", (ROOT / "docs" / "service.md").read_text())
    tap.equal("docs/service.md tells the exposure once", len(documented), 1)
    for unit in UNITS:
        with tempfile.TemporaryDirectory() as folder:
            path = unit_for_check(build, binary, unit, folder)
            done = run("systemd-analyze", "verify", "--man=no", path)
            tap.equal(f"{unit}: systemd-analyze verify", (done.returncode, done.stdout), (0, ""))
            found = exposure(path)
            if version == SCORED_BY:
                tap.equal(f"{unit}: exposure", found, documented[0])
            else:
                tap.ok(float(found) <= float(documented[0]), f"{unit}: exposure, by systemd {version}", found)
            weaker = unit_for_check(build, binary, unit, folder, ("ProtectSystem=strict\n", ""))
            tap.ok(float(exposure(weaker)) > float(documented[0]), f"{unit}: exposed more without one of its lines")
            wrong = unit_for_check(build, binary, unit, folder, ("ProtectHome=yes", "ProtectHomes=yes"))
            tap.ok("ProtectHomes" in run("systemd-analyze", "verify", "--man=no", wrong).stdout, f"{unit}: a slip would be told")


def check_system_calls(tap: Tap, build: pathlib.Path) -> None:
    """The unit's filter comes before the program's own and must not be narrower."""
    if not shutil.which("systemd-analyze"):
        tap.skip("the unit allows what the program calls", "there is no systemd-analyze")
        return

    def members(name: str) -> set:
        if not name.startswith("@"):
            return {name}
        lines = run("systemd-analyze", "syscall-filter", name).stdout.splitlines()[1:]
        words = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
        return set().union(*map(members, words))

    allowed = set()
    for value in settings((build / "service" / UNITS[0]).read_text(), "SystemCallFilter"):
        change = set().union(*map(members, value.lstrip("~").split()))
        allowed = allowed - change if value.startswith("~") else allowed | change
    source = (ROOT / "cli" / "syscalls.c").read_text()
    called = set(re.findall(r"SCMP_SYS\((\w+)\)", source)) | BEFORE_SANDBOX
    tap.ok(len(called) > 100, "system calls found", str(called))
    tap.equal("the unit allows what the program calls", sorted(called - allowed), [])
    tap.ok(not {"mount", "bpf", "setuid", "init_module", "sched_setscheduler"} & allowed, "and not what it never should")


def check_privileges(tap: Tap, build: pathlib.Path) -> None:
    for unit in UNITS:
        text = (build / "service" / unit).read_text()
        for key, value in {"User": "smtpscope", "AmbientCapabilities": "CAP_NET_RAW", "CapabilityBoundingSet": "CAP_NET_RAW",
                           "Type": "notify", "NoNewPrivileges": "yes"}.items():
            tap.equal(f"{unit}: {key}", settings(text, key), [value])
        tap.ok("@BIN" not in text and not re.search(r"@[A-Z]+@", text), f"{unit}: nothing is left to fill in")


def check_accounts(tap: Tap, build: pathlib.Path) -> None:
    """The user is made, and the folders for it, in an empty system of our own."""
    if os.geteuid() != 0 or not shutil.which("systemd-sysusers") or not shutil.which("systemd-tmpfiles"):
        tap.skip("the user and its folders are made", "this takes root, systemd-sysusers and systemd-tmpfiles")
        return
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "etc").mkdir()
        done = run("systemd-sysusers", f"--root={root}", SERVICE / "sysusers.conf")
        passwd = (root / "etc" / "passwd").read_text() if (root / "etc" / "passwd").exists() else ""
        user = next((line.split(":") for line in passwd.splitlines() if line.startswith("smtpscope:")), [""] * 7)
        tap.equal("systemd-sysusers makes the user", (done.returncode, user[0], user[5]),
                  (0, "smtpscope", "/var/lib/smtpscope")) or tap.say(done.stdout)
        tap.ok(user[2] not in ("", "0") and user[6].endswith("nologin"), "who cannot log in and is not root", str(user))
        done = run("systemd-tmpfiles", "--create", f"--root={root}", build / "service" / "smtpscope-tmpfiles.conf")
        tap.equal("systemd-tmpfiles is content", (done.returncode, done.stdout), (0, ""))
        for path, owner in {"var/log/smtpscope": user[2], "var/lib/smtpscope": user[2]}.items():
            found = (root / path).stat() if (root / path).exists() else None
            tap.ok(found is not None and stat.S_IMODE(found.st_mode) == 0o750 and str(found.st_uid) == owner,
                   f"/{path} is its own", str(found))
        configuration = next((root / line.split()[1].lstrip("/") for line in
                              (build / "service" / "smtpscope-tmpfiles.conf").read_text().splitlines() if "root smtpscope" in line))
        found = configuration.stat()
        tap.equal("its configuration belongs to root", (stat.S_IMODE(found.st_mode), found.st_uid, str(found.st_gid)),
                  (0o750, 0, user[3]))


def check_logrotate(tap: Tap) -> None:
    logrotate = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if os.geteuid() != 0 or not logrotate:
        tap.skip("logrotate rotates", "this takes root and logrotate")
        return
    with tempfile.TemporaryDirectory() as folder:
        logs = pathlib.Path(folder) / "logs"
        (logs / "eth0").mkdir(parents=True)
        names = ("smtpscope.ndjson", "eth0/smtpscope.ndjson", "20250101-0000.ndjson")
        for name in names:
            (logs / name).write_text("{}\n")
        text = (SERVICE / "logrotate").read_text()
        tap.ok("su smtpscope smtpscope" in text and "/var/log/smtpscope/" in text, "logrotate works as that user, in its folder")
        config = pathlib.Path(folder) / "logrotate"
        config.write_text(text.replace("/var/log/smtpscope/", f"{logs}/").replace("su smtpscope smtpscope", "su root root")
                          .replace("systemctl kill", f"touch {logs}/told; true"))
        config.chmod(0o644)
        # Without systemd, whoever runs it has nobody to tell.
        done = run(logrotate, "-f", "-s", pathlib.Path(folder) / "state", config)
        tap.equal("logrotate is content", (done.returncode, done.stdout), (0, ""))
        tap.equal("files by logrotate", sorted(str(path.relative_to(logs)) for path in logs.rglob("*.ndjson*")),
                  ["20250101-0000.ndjson", "eth0/smtpscope.ndjson.1", "smtpscope.ndjson.1"])
        tap.equal("the service is told, where there is systemd", (logs / "told").exists(), os.path.isdir("/run/systemd/system"))


def check_installed(tap: Tap, build: pathlib.Path) -> None:
    targets = set(json.loads((build / "meson-info" / "intro-installed.json").read_text()).values())
    for name in ("system/smtpscope.service", "system/smtpscope@.service", "sysusers.d/smtpscope.conf",
                 "tmpfiles.d/smtpscope.conf", "logrotate.d/smtpscope"):
        tap.ok(any(target.endswith(name) for target in targets), f"{name} is installed", "\n".join(sorted(targets)))


def main() -> None:
    tap, build, binary = Tap(), pathlib.Path(sys.argv[1]), sys.argv[2]
    check_installed(tap, build)
    check_privileges(tap, build)
    check_units(tap, build, binary)
    check_system_calls(tap, build)
    check_accounts(tap, build)
    check_logrotate(tap)
    tap.finish()


if __name__ == "__main__":
    main()
