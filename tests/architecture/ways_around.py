# SPDX-License-Identifier: Apache-2.0
"""Ways around a room's walls that compile and look harmless: none may stand in the product.

What layers.json says of includes holds only while there is one way to include, and what a class
keeps private only while nobody defines its friends anew or looks behind its type. These rules make
such things visible in review; against code that reaches into memory no text rule helps
(SECURITY.md, "Code in the process is trusted").
"""
import re

from cpp_text import directives, include_of, line_of, without_strings

TOPS = ("server", "clients", "signer", "store", "certs")
QUOTED = TOPS + ("absl", "google", "birthseal", "tests", "gtest", "gmock")
OURS = TOPS + ("birthseal", "tests", "proto", "deploy")
SPACES = {top: (f"birthseal::{top}::",) for top in TOPS}
SPACES["clients"] = tuple(f"birthseal::{name}::" for name in ("cli", "client", "connect", "witness"))
CPP_LIKE = re.compile(r"\.(cc|h|cpp|cxx|c|C|hpp|hxx|hh|inc|inl|ipp|ixx|cppm|def)$")

KEYWORDS = re.compile(r"(private|protected|public|class|struct|friend|const|explicit|inline)\b")
NAMESPACE = re.compile(r"\bnamespace\s+(birthseal\b[\w:\s]*?)\s*\{")
FORWARD_ONLY = re.compile(r"(\s*(class|struct)\s+\w+\s*;)*\s*\}")
DEFINED_ELSEWHERE = re.compile(r"\b(?:class|struct)\s+birthseal(?:::\w+)+\s*(?:final\s*)?[:{]")
IN_SERVER = (
    (re.compile(r"^[ \t]*(#|%:)[ \t]*define\b", re.M), "a macro"),
    (re.compile(r'\bextern\s*""|\b(asm|__asm__)\b'), "another language"),
    (re.compile(r"\btemplate\s+(?:class|struct)?\s*[\w:]+\s*<[^;{]*>\s*;"),
     "an explicit instantiation reaches private members"),
    (re.compile(r"\btemplate\s*<\s*>"), "an explicit specialisation"),
)
BEHIND_A_TYPE = re.compile(
    r"\b(reinterpret_cast|const_cast|union|memcpy|memmove|launder|bit_cast)\b"
    r"|static_cast<[^;=]*?\*+\s*>|\bvoid\s*\*")


def problems(path, code, rules):
    """[(line, what)] of one source. `code`: as code_of gives it; `rules`: layers.json."""
    plain = without_strings(code)
    found = list(_includes(path, code))
    found += _namespaces(path, plain)
    if path.startswith("server/"):
        for pattern, what in IN_SERVER:
            found += [(line_of(plain, m.start()), what) for m in pattern.finditer(plain)]
    found += _walls(path, code, plain, rules)
    return found


def _includes(path, code):
    for number, word, rest in directives(code):
        if word in ("import", "include_next", "embed"):
            yield number, f"#{word}: includes are #include"
        if word == "define" and KEYWORDS.match(rest):
            yield number, "a keyword is redefined"
        if word != "include":
            continue
        if not include_of(rest):
            yield number, f"what is included is computed: {rest}"
            continue
        quote, target = include_of(rest)
        parts = target.split("/")
        if quote == "<":
            if parts[0] in OURS:
                yield number, f"a header of ours in angle brackets: {target}"
        elif parts[0] not in QUOTED or any(part in ("", ".", "..") for part in parts):
            yield number, f"not a path from the root: {target}"
        elif not target.endswith(".h"):
            yield number, f"not a header: {target}"


def _namespaces(path, plain):
    own = SPACES[path.split("/")[0]]
    for match in NAMESPACE.finditer(plain):
        name = re.sub(r"\s", "", match.group(1))
        mine = (name + "::").startswith(own)
        if not mine and not FORWARD_ONLY.match(plain, match.end()):
            yield line_of(plain, match.start()), f"declares into {name}: forward declarations only"
    for match in DEFINED_ELSEWHERE.finditer(plain):
        yield line_of(plain, match.start()), "a class of another namespace is defined here"


def _walls(path, code, plain, rules):
    room = path.rsplit("/", 1)[0]
    if room not in rules["closed_rooms"]:
        return
    for match in BEHIND_A_TYPE.finditer(plain):
        yield line_of(plain, match.start()), f"looks behind a type: {match.group(0)}"
    reach = re.compile(rules["reach"])
    allowed = rules["reach_except"].get(path, [])
    for number, word, rest in directives(code):
        quote, target = word == "include" and include_of(rest) or ("", "")
        if quote == "<" and reach.match(target) and target not in allowed:
            yield number, f"<{target}> reaches files, processes or ciphers"


def stray(path):
    """C++ that no rule reads, or nothing."""
    if CPP_LIKE.search(path) and not path.startswith("tests/"):
        if not path.startswith(TOPS) or not path.endswith((".cc", ".h")):
            return "C++ outside the rooms, or under a name that no rule reads"
    return None


BUILD = re.compile(
    r"^(?!\s*#).*?(include_directories|compile_definitions|compile_options|CMAKE_CXX_FLAGS|\.\./)",
    re.M)


def build_problems(path, text):
    """Of the product's CMake files: what the sources do not show."""
    return [(line_of(text, m.start(1)), f"the build changes what sources mean: {m.group(1)}")
            for m in BUILD.finditer(text)]
