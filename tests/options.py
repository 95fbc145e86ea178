#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the table of options: --help, the manual page, the default configuration file and the shell completions have
every option, and are good for what they are for.

    options.py BINARY MANUAL-PAGE CONFIGURATION BASH-COMPLETION ZSH-COMPLETION
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from tap import ROOT, TIMEOUT_S, Tap, run

HELP_ROW = re.compile(r"^  (?P<letter>-\w)?(?:, |    )?(?P<long>--[a-z-]+)?(?P<argument> [A-Z][A-Z:]*)?(?:  .*)?$")
CONFIG_ROW = re.compile(r"^#([a-z-]+) = (.*)$", re.MULTILINE)

# What is told of another machine than this one.
NOT_HERE = {"eth0": "lo", "smtpscope": "nobody"}
FOLDERS = ("/var/log/smtpscope", "/var/spool/smtpscope", "/var/lib/smtpscope/evidence", "/var/lib/smtpscope")


class Option:
    def __init__(self, match: re.Match):
        self.letter, self.long, self.argument = match["letter"], match["long"], match["argument"] is not None
        self.names = [name for name in (self.letter, self.long) if name]
        self.name = "/".join(self.names)


def options_of_help(tap: Tap, binary: str) -> list:
    text = run(binary, ["--help"]).out.decode()
    rows = [HELP_ROW.match(line) for line in text.splitlines() if re.match(r"  (-|    --)", line)]
    tap.ok(all(rows) and len(rows) >= 45, "--help has a row for every option", f"{len(rows)} rows of {text}")
    too_long = [line for line in text.splitlines() if len(line) > 80]
    tap.equal("--help fits 80 columns", too_long, [])
    return [Option(row) for row in rows if row]


def run_tool(*command: object, text: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, timeout=TIMEOUT_S,
                          check=False)


# The configuration file.

def check(binary: str, file: pathlib.Path, *arguments: object) -> tuple:
    """Whether --check-config accepts a file, and all it says."""
    result = run(binary, ["--check-config", "--config", file, *arguments])
    accepted = result.status == 0 and result.out == f"{file}: ok\n".encode() and not result.err
    refused = result.status == 2 and not result.out and result.err
    return (True if accepted else False if refused else None), str(result)


def test_config(tap: Tap, binary: str, options: list, config: pathlib.Path, folder: pathlib.Path) -> None:
    content = config.read_text()
    rows = CONFIG_ROW.findall(content)
    in_file = {name for name, _ in rows}
    tap.ok(len(rows) >= 35 and len(in_file) == len(rows), "the configuration file has many options, each once", str(rows))
    only_here = {"--sessions", "--list-interfaces", "--check-sandbox", "--config", "--check-config", "--version", "--help", "--list-fields"}
    tap.equal("the configuration file has all long options but those of the command line",
              {"--" + name for name in in_file} ^ {option.long for option in options if option.long}, only_here)
    tap.equal("the configuration file fits 80 columns",
              [line for line in content.splitlines() if len(line) > 80], [])
    plain = {line for line in content.splitlines() if line and not line.startswith("#")}
    tap.equal("the configuration file is commented out", plain, set())
    accepted, said = check(binary, config)
    tap.ok(accepted is True, "the configuration file as it is: accepted", said)

    for path in FOLDERS:
        (folder / path[1:]).mkdir(parents=True, exist_ok=True)

    def here(value: str) -> str:
        return f"{folder}{value}" if value.startswith("/var/") else NOT_HERE.get(value, value)

    file = folder / "one.conf"
    asked_for = ["-i", "lo", "-w", folder / "%Y.ndjson", "--spool", folder, "--evidence", folder]
    flags = {option.long[2:] for option in options if option.long and not option.argument}
    for name, value in rows:
        for value in [value, "yes"] if name in flags else [value]:
            file.write_text(content.replace(f"\n#{name} = ", f"\n{name} = {here(value)}\n# "))
            accepted, said = check(binary, file, *asked_for)
            tap.ok(accepted is True, f"{name} = {value}: accepted", said)
        file.write_text(content.replace(f"\n#{name} = ", f"\n{name}x = "))
        accepted, said = check(binary, file, *asked_for)
        tap.ok(accepted is False and f"{name}x: no such option" in said, f"{name}x: refused", said)
        if name not in flags:
            file.write_text(f"{name} =\n")
            accepted, said = check(binary, file, *asked_for)
            tap.ok(accepted is False and f"{file}:1: {name} = : " in said, f"{name} without a value: refused", said)
    file.write_text(CONFIG_ROW.sub(lambda row: f"{row[1]} = {here(row[2])}", content))
    accepted, said = check(binary, file)
    tap.ok(accepted is True, "all lines together: accepted", said)
    for path in FOLDERS[:3]:
        (folder / path[1:]).rmdir()
    accepted, said = check(binary, file)
    tap.ok(accepted is False and said.count("No such file or directory") == 3, "without three folders: refused, each told of", said)


def test_install_config(tap: Tap, config: pathlib.Path, folder: pathlib.Path) -> None:
    script = ROOT / "cli" / "manual" / "install-config"
    target = folder / "etc" / "smtpscope.conf"
    done = run_tool("env", f"DESTDIR={folder}", script, config, "/etc")
    tap.ok(done.returncode == 0 and target.read_bytes() == config.read_bytes(), "the configuration file is installed", done.stderr)
    target.write_text("mine")
    done = run_tool("env", f"DESTDIR={folder}", script, config, "/etc")
    tap.ok(done.returncode == 0 and target.read_text() == "mine", "one that is there is kept", done.stderr)


# The manual page.

def test_manual(tap: Tap, options: list, page: pathlib.Path) -> None:
    text = page.read_text()
    missing = [name for option in options for name in option.names
               if not re.search(rf"^\.It .*\bFl {re.escape(name[1:])}\b", text, re.MULTILINE)]
    tap.equal("the manual page has every option", missing, [])
    sections = re.findall(r"^\.Sh (.*)$", text, re.MULTILINE)
    needed = {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "CONFIGURATION FILE", "OUTPUT", "SIGNALS", "FILES", "EXIT STATUS",
              "EXAMPLES", "SEE ALSO", "SECURITY CONSIDERATIONS"}
    tap.equal("the manual page has its sections", needed - set(sections), set())
    tap.equal("no mark of the template is left", re.findall(r"@\w+@", text), [])
    name = "mandoc finds nothing to complain of in the manual page"
    if shutil.which("mandoc"):
        done = run_tool("mandoc", "-T", "lint", page)
        # Which other pages there are is the machine's business.
        complaints = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
        tap.equal(name, complaints, [])
        shown = run_tool("mandoc", "-T", "utf8", "-O", "width=78", page).stdout.replace("_\b", "")
        shown = re.sub(".\b", "", shown)
        missing = [name for option in options for name in option.names if name not in shown]
        tap.ok(bool(shown) and not missing, "the manual page as it is shown has every option", str(missing))
    else:
        tap.skip(name, "there is no mandoc")
    name = "man shows the manual page without warnings"
    if shutil.which("man") and shutil.which("groff"):
        done = run_tool("env", "LC_ALL=C.UTF-8", "MAN_KEEP_STDERR=1", "man", "-l", "--warnings", page)
        tap.ok(done.returncode == 0 and not done.stderr and "SYNOPSIS" in re.sub(".\b", "", done.stdout), name,
               f"status {done.returncode}\n{done.stderr}")
    else:
        tap.skip(name, "there is no man of man-db with groff")


# Completions.

BASH_CASES = [
    # words, among the completions, not among them
    ("smtpscope --evidence-s", {"--evidence-severity", "--evidence-secrets", "--evidence-size"}, {"--evidence-memory"}),
    ("smtpscope -r a.pcap --us", {"--users"}, {"-r"}),
    ("smtpscope -", {"-r", "-i", "--interface", "--top", "-h", "--help"}, set()),
    ("smtpscope --users ''", {"keep", "hash", "omit"}, {"--users"}),
    ("smtpscope --users = o", {"omit"}, {"keep"}),
    ("smtpscope --users =", {"keep", "omit"}, set()),
    ("smtpscope -o te", {"text"}, {"json"}),
    ("smtpscope --evidence-severity h", {"high"}, {"low"}),
    ("smtpscope -i l", {"lo"}, {"any"}),
    ("smtpscope --interface ''", {"lo", "any"}, set()),
    ("smtpscope -Z nobo", {"nobody"}, {"root"}),
    ("smtpscope -r /etc/passw", {"/etc/passwd"}, set()),
    ("smtpscope --spool /et", {"/etc"}, set()),
    ("smtpscope --spool /etc/passw", set(), {"/etc/passwd"}),
    ("smtpscope --ports 2", set(), {"25", "--ports"}),
]


def complete(file: pathlib.Path, words: str) -> subprocess.CompletedProcess:
    """What bash would offer for the last of the words."""
    return run_tool("bash", "--norc", "-c", f"source {file}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
                    "_smtpscope; (( ${#COMPREPLY[@]} )) && printf '%s\\n' \"${COMPREPLY[@]}\"; complete -p smtpscope >&2")


def test_bash(tap: Tap, options: list, file: pathlib.Path) -> None:
    for words, expected, unwanted in BASH_CASES:
        done = complete(file, words)
        got = set(done.stdout.split("\n")) - {""}
        tap.ok(expected <= got and not unwanted & got and done.stderr == "complete -F _smtpscope smtpscope\n",
               f"bash completes: {words}", f"got {sorted(got)}\n{done.stderr}")
    offered = set(complete(file, "smtpscope -").stdout.split())
    tap.equal("bash offers every option", offered, {name for option in options for name in option.names})
    silent = complete(file, "smtpscope por").stdout
    tap.equal("bash offers nothing for the words of a filter", silent, "")


def test_zsh(tap: Tap, options: list, file: pathlib.Path) -> None:
    if not shutil.which("zsh"):
        tap.skip("zsh understands its completion", "there is no zsh")
        return
    done = run_tool("zsh", "-f", "-n", file)
    tap.ok(done.returncode == 0 and not done.stderr, "zsh understands its completion", done.stderr)
    # What the function _arguments, which knows the rest, would be told.
    done = run_tool("zsh", "-f", "-c", f"_arguments() {{ print -rl -- \"$@\" }}; source {file}")
    told = done.stdout.splitlines()
    names = {match[1] for line in told if (match := re.match(r"(?:\*|\([^)]*\))?(-\w|--[a-z-]+)[+=]?\[", line))}
    tap.equal("zsh is told of every option", names, {name for option in options for name in option.names})
    arguments = {name for option in options if option.argument for name in option.names}
    with_argument = {match[1] for line in told if (match := re.match(r"(?:\*|\([^)]*\))?(-\w|--[a-z-]+)[+=]\[.*\]:\S", line))}
    tap.equal("zsh is told which options take an argument", with_argument, arguments)
    tap.ok("-s" in told and not done.stderr, "zsh has no complaint", done.stderr)


def main() -> None:
    if len(sys.argv) != 6:
        sys.exit("usage: options.py BINARY MANUAL-PAGE CONFIGURATION BASH-COMPLETION ZSH-COMPLETION")
    binary, page, config, bash, zsh = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    tap = Tap()
    options = options_of_help(tap, str(binary))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        test_config(tap, str(binary), options, config, folder)
        test_install_config(tap, config, folder)
    test_manual(tap, options, page)
    test_bash(tap, options, bash)
    test_zsh(tap, options, zsh)
    tap.finish()


if __name__ == "__main__":
    main()
