# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of CEF, LEEF and Zeek's logs, written from the descriptions of these formats. Each raises ValueError at what is not of its
format."""
import re

CEF_KEY = re.compile(r"(?:^|(?<= ))([A-Za-z0-9_]+)=")


def cef_header(line: str) -> tuple:
    """The seven fields between bars, and what follows."""
    if not line.startswith("CEF:"):
        raise ValueError("no CEF")
    fields, field, at = [], "", len("CEF:")
    while len(fields) < 7:
        if at >= len(line):
            raise ValueError("the header ends too soon")
        if line[at] == "\\":
            if line[at + 1:at + 2] not in ("\\", "|"):
                raise ValueError("an escape in the header")
            field += line[at + 1]
            at += 2
        elif line[at] == "|":
            fields.append(field)
            field, at = "", at + 1
        else:
            field += line[at]
            at += 1
    return fields, line[at:]


def cef_value(text: str) -> str:
    def unescape(match: re.Match) -> str:
        if match[1] not in ("\\", "=", "n", "r"):
            raise ValueError(f"an escape {match[0]!r} in a value")
        return {"n": "\n", "r": "\r"}.get(match[1], match[1])
    return re.sub(r"\\(.?)", unescape, text)


def cef(line: str) -> tuple:
    """The header's fields, and a dictionary."""
    header, rest = cef_header(line)
    if header[0] not in ("0", "1") or not header[6].isdigit() or int(header[6]) > 10:
        raise ValueError(f"the header {header}")
    # A key stands at the start or behind a blank, and its = is not escaped: an escaped one has a backslash before it, which no key has.
    keys = list(CEF_KEY.finditer(rest))
    if not keys or keys[0].start() != 0:
        raise ValueError(f"no key at the start of {rest!r}")
    pairs = {}
    for key, following in zip(keys, [*keys[1:], None]):
        value = rest[key.end():following.start() if following else len(rest)]
        if following:
            if not value.endswith(" "):
                raise ValueError("no blank between pairs")
            value = value[:-1]
        if key[1] in pairs:
            raise ValueError(f"{key[1]} stands there twice")
        if not value or value != value.strip(" ") and value.endswith(" ") or "\n" in value or "\t" in value:
            raise ValueError(f"the value of {key[1]}: {value!r}")
        pairs[key[1]] = cef_value(value)
    return header, pairs


def leef(line: str) -> tuple:
    header = line.split("|", 6)
    if len(header) != 7 or header[0] != "LEEF:2.0" or header[5] != "x09" or not all(header):
        raise ValueError(f"the header {header}")
    pairs = {}
    for pair in header[6].split("\t"):
        key, equals, value = pair.partition("=")
        if not re.fullmatch("[A-Za-z0-9]+", key) or not equals or not value or key in pairs:
            raise ValueError(f"the pair {pair!r}")
        pairs[key] = value
    return header, pairs


ZEEK_FIELDS = ("ts uid id.orig_h id.orig_p id.resp_h id.resp_p trans_depth helo mailfrom rcptto date from to cc reply_to msg_id in_reply_to "
               "subject x_originating_ip first_received second_received last_reply path user_agent tls fuids").split()
ZEEK_TYPES = ("time string addr port addr port count string string set[string] string string set[string] set[string] string string string "
              "string addr string string string vector[addr] string bool vector[string]").split()
ZEEK_HEAD = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tsmtp", None,
             "\t".join(["#fields", *ZEEK_FIELDS]), "\t".join(["#types", *ZEEK_TYPES])]
ZEEK_MOMENT = re.compile(r"#(open|close)\t\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d")


def zeek_text(text: str) -> str:
    """Escaped bytes back to what they were."""
    data, at, raw = b"", 0, text.encode()
    while at < len(raw):
        if raw[at:at + 2] == b"\\x":
            data += bytes([int(raw[at + 2:at + 4], 16)])
            at += 4
        elif raw[at:at + 2] == b"\\\\":
            data += b"\\"
            at += 2
        elif raw[at] == 0x5c:
            raise ValueError(f"an escape in {text!r}")
        else:
            data += raw[at:at + 1]
            at += 1
    return data.decode(errors="replace")


def zeek_value(text: str, kind: str) -> object:
    if text == "-":
        return None
    if kind.startswith(("set", "vector")):
        return [] if text == "(empty)" else ["" if item == "(empty)" else zeek_text(item) for item in text.split(",")]
    if kind == "bool":
        return {"T": True, "F": False}[text]
    if kind in ("count", "port"):
        return int(text)
    if kind == "time":
        return float(text)
    return "" if text == "(empty)" else zeek_text(text)


def zeek(text: str) -> list:
    """The records of a log, each a dictionary."""
    lines = text.split("\n")
    if lines.pop() != "":
        raise ValueError("no line end at the end")
    for expected, line in zip(ZEEK_HEAD, lines):
        if line != expected if expected is not None else not ZEEK_MOMENT.fullmatch(line):
            raise ValueError(f"the header: {line!r}")
    if not ZEEK_MOMENT.fullmatch(lines[-1]) or not lines[-1].startswith("#close"):
        raise ValueError(f"the end: {lines[-1]!r}")
    records = []
    for line in lines[len(ZEEK_HEAD):-1]:
        values = line.split("\t")
        if len(values) != len(ZEEK_FIELDS):
            raise ValueError(f"{len(values)} columns")
        records.append({name: zeek_value(value, kind) for name, kind, value in zip(ZEEK_FIELDS, ZEEK_TYPES, values)})
    return records
