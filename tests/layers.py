#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layering holds: what each library calls, what each file includes; every header compiles alone, every test is built.

    layers.py BUILD-FOLDER
"""
import json
import os
import pathlib
import re
import subprocess
import sys

from tap import ROOT, Tap

# decode/ calls nothing but memory, strings, character classes and assert. An allow-list: whatever is new asks to be let in.
DECODE_MAY_CALL = re.compile(
    r"(__)?(mem(cpy|move|set|cmp|chr|rchr|mem)|str(n?len|n?cmp|r?chr|str|n?casecmp|n?cpy|c?spn|pbrk|toul|toull))(_chk)?"
    r"|malloc|calloc|realloc|reallocarray|free|qsort|bsearch"
    r"|is(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)|tolower|toupper"
    r"|__ctype_(b|tolower|toupper)_loc|__assert_fail"
    r"|__(asan|ubsan|lsan|sanitizer|sancov|gcov|stack_chk)_\w+|_GLOBAL_OFFSET_TABLE_")
DECODE_MAY_INCLUDE = {"assert.h", "ctype.h", "inttypes.h", "limits.h", "stdalign.h", "stdbool.h", "stddef.h", "stdint.h",
                      "stdlib.h", "string.h",
                      "emmintrin.h"}  # SSE2, which every x86-64 has: instructions, no library

# libdecrypt.a, whose sources lie in decode/ too: the same and libcrypto, and what it takes of decode/ itself.
DECRYPT_MAY_CALL = re.compile(DECODE_MAY_CALL.pattern + r"|(EVP|OSSL|CRYPTO|OPENSSL)_\w+|hold_\w+|tls_handshake_\w+")
DECRYPT_SOURCES = re.compile(r"decode/(tls_cipher|tls_decrypt|keylog)\.[ch]")

# What the others must not call.
MUST_NOT_CALL = {
    "capture": r"json_|array_list_|session_|record_|writer_|findings?_|reply_|command_|ehlo_|auth_|body_",
    "report": r"pcap_|nids_|session_|source_|flow_|link_|ip_parse|reassembly_|socket|connect",
    "delivery": r"pcap_|nids_|json_|session_|record_|writer_|flow_",
}

# Which headers of the project each folder may include, besides its own.
MAY_INCLUDE = {
    "decode": set(),
    "capture": {"decode/stream.h"},
    # ascii.h is inline functions on slices: words for what event.h hands over, no code of decode/.
    "report": {"decode/stream.h", "decode/event.h", "decode/ascii.h"},
    # Only what an output is: no documents, no records.
    "delivery": {f"report/sink/{name}.h" for name in ("batch", "bulk_answer", "destination", "document_head", "held_directory", "output",
                                                       "settle")},
}

# Which files a library's headers belong to.
ONLY_IN = {
    r"nids\.h": {"capture/reassembly.c"},
    r"pcap.*": {"capture/"},
    r"json.*": {"report/"},
    r"gmime/.*": {"report/message_parts.c", "report/message_text.c"},
    r"ini\.h": {"cli/config.c"},
    r"(curl|librdkafka)/.*": {"delivery/"},
    # What is pure in decode/ does not know what stands behind decryptor.h.
    r"openssl/.*": {"decode/tls_cipher.c", "report/", "delivery/tls_client.c"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def undefined_symbols(library: pathlib.Path) -> set:
    """What the library calls outside of itself."""
    def symbols(option: str) -> set:
        out = subprocess.run(["nm", "-P", option, str(library)], check=True, stdout=subprocess.PIPE, text=True).stdout
        return {line.split()[0] for line in out.splitlines() if line and not line.endswith(":")}
    return symbols("-u") - symbols("--defined-only")


def check_calls(tap: Tap, build: pathlib.Path) -> None:
    for name in MAY_INCLUDE:
        library = build / name / f"lib{name}.a"
        try:
            symbols = undefined_symbols(library)
        except (OSError, subprocess.CalledProcessError) as error:
            tap.ok(False, f"lib{name}.a can be looked into", str(error))
            continue
        tap.ok(bool(symbols), f"lib{name}.a calls something")
        if name == "decode":
            crypto = undefined_symbols(build / name / "libdecrypt.a")
            bad = {symbol for symbol in crypto if not DECRYPT_MAY_CALL.fullmatch(symbol)}
            tap.ok(not bad, "libdecrypt.a keeps to its layer", f"it calls {' '.join(sorted(bad))}")
            bad = {symbol for symbol in symbols if not DECODE_MAY_CALL.fullmatch(symbol)}
        else:
            bad = {symbol for symbol in symbols if re.match(MUST_NOT_CALL[name], symbol)}
        tap.ok(not bad, f"lib{name}.a keeps to its layer", f"it calls {' '.join(sorted(bad))}")


def sources(folder: str, *suffixes: str) -> list:
    return sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)


def includes(path: pathlib.Path) -> list:
    """What a file includes: whether in quotes, and the name."""
    return [(mark == '"', name) for mark, name in INCLUDE.findall(path.read_text())]


def bad_include(folder: str, path: str, quoted: bool, name: str) -> bool:
    if quoted and "/" not in name:
        return True  # not from the root: where it comes from should be plain
    if quoted and folder in MAY_INCLUDE:
        return not name.startswith(f"{folder}/") and name not in MAY_INCLUDE[folder]
    if quoted and DECRYPT_SOURCES.fullmatch(name) and folder == "decode" and not DECRYPT_SOURCES.fullmatch(path):
        return True
    if not quoted and folder == "decode" and name not in DECODE_MAY_INCLUDE and not name.startswith("openssl/"):
        return True
    return any(re.fullmatch(f"(.*/)?{pattern}", name) and not any(path.startswith(place) for place in places)
               for pattern, places in ONLY_IN.items() if not quoted)


def check_includes(tap: Tap) -> None:
    for folder in ("decode", "capture", "report", "delivery", "cli"):
        files = sources(folder, ".c", ".h")
        tap.ok(bool(files), f"{folder}/ has sources")
        for file in files:
            path = str(file.relative_to(ROOT))
            bad = [name for quoted, name in includes(file) if bad_include(folder, path, quoted, name)]
            tap.ok(not bad, f"{path}: what it includes", f"it may not include {' '.join(bad)}")


def check_headers(tap: Tap) -> None:
    compiler = os.environ.get("CC", "cc").split()
    for folder in ("decode", "capture", "report", "delivery", "cli"):
        platform = [] if folder == "decode" else ["-D_GNU_SOURCE"]
        for header in sources(folder, ".h"):
            command = [*compiler, "-fsyntax-only", "-std=c11", "-Wall", "-Wextra", "-Werror", *platform, "-I.", "-x", "c"]
            path = header.relative_to(ROOT)
            done = subprocess.run([*command, "-"], input=f'#include "{path}"\n', cwd=ROOT, text=True, stderr=subprocess.PIPE)
            tap.ok(done.returncode == 0, f"{path} compiles alone", done.stderr)


def check_built(tap: Tap, build: pathlib.Path) -> None:
    """A test that nobody builds tests nothing: every one is named in its meson.build."""
    targets = {target["name"] for target in json.loads((build / "meson-info" / "intro-targets.json").read_text())}
    for path in [*sources("tests/unit", ".c"), *sources("tests/fuzz", ".c")]:
        names = {path.stem, path.stem.replace("fuzz_", "replay_")}
        if path.stem.startswith(("test_", "fuzz_")):
            tap.ok(bool(names & targets), f"{path.relative_to(ROOT)} is built")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: layers.py BUILD-FOLDER")
    tap = Tap()
    check_calls(tap, pathlib.Path(sys.argv[1]))
    check_includes(tap)
    check_headers(tap)
    check_built(tap, pathlib.Path(sys.argv[1]))
    tap.finish()


if __name__ == "__main__":
    main()
