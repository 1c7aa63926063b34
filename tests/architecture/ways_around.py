# SPDX-License-Identifier: Apache-2.0
"""Ways around a room's walls that compile and look harmless: none may stand in the product.

What layers.json says of includes holds only while there is one way to include, and what a class
keeps private only while nobody defines its friends anew or looks behind its type. These rules make
such things visible in review, on the line where they stand; what was compiled is judged by
check_objects.py. Against code that reaches into memory neither helps (SECURITY.md, "Code in the
process is trusted").
"""
import re

from cpp_text import directives, include_of, line_of, without_strings

TOPS = ("server", "clients", "signer", "store", "certs")
QUOTED = TOPS + ("absl", "google", "birthseal", "tests", "gtest", "gmock")
OURS = TOPS + ("birthseal", "tests", "proto", "deploy")
SPACES = {top: (f"birthseal::{top}::",) for top in TOPS}
SPACES["clients"] = tuple(f"birthseal::{name}::" for name in ("cli", "client", "connect", "witness"))
KEEPS = re.compile(r"(\.(cc|h|md|json)|/CMakeLists\.txt|/\w+\.cmake|/version\.cc\.in)$")
CPP_LIKE = re.compile(
    r"\.(cc?|h|hpp|hh|cpp|cxx|hxx|h\+\+|c\+\+|inc|inl|ipp|ixx|cppm|tcc|def|s|o|a|so)$", re.I)

KEYWORDS = re.compile(r"(private|protected|public|class|struct|friend|const|explicit|inline)\b")
NAMESPACE = re.compile(r"\b(using\s+)?namespace\b([^;{=]*)([;{=]?)([^;{]*)")
PLAIN_NAME = re.compile(r"\s*(\w+(?:::\w+)*)?\s*")
FORWARD_ONLY = re.compile(r"(\s*(class|struct)\s+\w+\s*;)*\s*\}")
CLASS_HEAD = r"\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+"
# A class is defined behind `::` or in a namespace: ours are written in small letters.
DEFINED_ELSEWHERE = re.compile(CLASS_HEAD + r"(?:::\s*\w|[a-z]\w*\s*::)[\w:\s]*(?:<[^;{]*>\s*)?"
                               r"(?:final\s*)?[:{]")
BY_FULL_NAME = re.compile(r"(?<!namespace )(?<![\w:])(?:::\s*)?birthseal\s*::\s*(\w+)")
EVERYWHERE = (
    (re.compile(r"\b(asm|__asm|__asm__)\b"), "another language"),
    (re.compile(r"\b__(?!LINE__|has_feature|lsan_default_suppressions)\w+"), "a word of the compiler"),
    (re.compile(r"\[\[(?!(?:fallthrough|maybe_unused|nodiscard)\]\])"), "an attribute"),
)
IN_SERVER = (
    (re.compile(r"^[ \t]*#[ \t]*define\b", re.M), "a macro"),
    (re.compile(r'\bextern\s*""'), "another language"),
    (re.compile(r"(?<![.>:\w])\s*\btemplate\s+(?!<)\w"),
     "an explicit instantiation reaches private members"),
    (re.compile(r"\btemplate\s*<\s*>"), "an explicit specialisation"),
    (re.compile(r"\boperator\s+(new|delete)\b"), "memory of its own"),
)
BEHIND_A_TYPE = re.compile(
    r"\b(reinterpret_cast|const_cast|union|memcpy|memmove|launder|bit_cast|va_arg)\b"
    r"|static_cast<[^;=]*?\*+\s*>|\bvoid\s*\*|=\s*void\s*;|\bnew\s*\("
    r"|\(\s*(?:const\s+)?[\w:]+(?:<[^()]*>)?(?:\s+const)?\s*(?:[&*]+\s*(?:const\s*)?)+\)\s*[\w(*&:]")


def problems(path, code, rules):
    """[(line, what)] of one source. `code`: as code_of gives it; `rules`: layers.json."""
    plain = without_strings(code)
    found = list(_includes(path, code))
    found += _namespaces(path, plain)
    for pattern, what in EVERYWHERE + (IN_SERVER if path.startswith("server/") else ()):
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
            elif any(part in ("", ".", "..") for part in parts):
                yield number, f"a header by another spelling: {target}"
        elif parts[0] not in QUOTED or any(part in ("", ".", "..") for part in parts):
            yield number, f"not a path from the root: {target}"
        elif not target.endswith(".h"):
            yield number, f"not a header: {target}"


def _namespaces(path, plain):
    own = SPACES[path.split("/")[0]]
    for match in NAMESPACE.finditer(plain):
        using, name, opener, rest = match.groups()
        line = line_of(plain, match.start())
        if not PLAIN_NAME.fullmatch(name) or opener not in "{=;":
            yield line, f"a namespace by another spelling: {name.strip()}"
        elif opener == "=" and not _own_alias(own, rest):
            yield line, f"an alias of a namespace that is not its own: {rest.strip()}"
        elif opener == "{" and name.strip().startswith("birthseal"):
            mine = (name.strip() + "::").startswith(own)
            if not mine and not FORWARD_ONLY.match(plain, match.end(3)):
                yield line, f"declares into {name.strip()}: forward declarations only"
    for match in DEFINED_ELSEWHERE.finditer(plain):
        yield line_of(plain, match.start()), "a class of another namespace is defined here"
    for match in BY_FULL_NAME.finditer(plain):
        if not (f"birthseal::{match[1]}::").startswith(own) and match[1] not in ("v1", "storage"):
            if not path.endswith("main.cc"):
                yield line_of(plain, match.start()), f"another namespace by its full name: {match[0]}"


def _own_alias(own, rest):
    """An alias of std, or inside one's own namespace."""
    name = rest.strip() + "::"
    return name.startswith(("std::", "certs::vrf::", *own))


def _walls(path, code, plain, rules):
    room = path.rsplit("/", 1)[0]
    if room in rules["closed_rooms"]:
        for match in BEHIND_A_TYPE.finditer(plain):
            yield line_of(plain, match.start()), f"looks behind a type: {match.group(0)}"
    if room not in rules["closed_rooms"] and room not in rules["open_to"]:
        return
    allowed = rules["headers"] + rules["headers_except"].get(path, [])
    roots = tuple(rules["open_to"].get(room, []))
    for number, word, rest in directives(code):
        quote, target = word == "include" and include_of(rest) or ("", "")
        if quote == "<" and target not in allowed and not (roots and target.startswith(roots)):
            yield number, f"<{target}> is no header of a closed room"


def classes_of(path, plain):
    """[(line, name)]: classes that a source defines in a namespace with a name."""
    if path.endswith(".cc") and not re.search(r"^namespace birthseal", plain, re.M):
        return
    depth, spaces = 0, []
    for match in re.finditer(r"namespace\s*([\w:]*)\s*\{|" + CLASS_HEAD +
                             r"(\w+)\s*(?:final\s*)?(?::[^:;{(][^;{(]*)?\{|[{}]", plain):
        if match[0] == "}":
            depth -= 1
            if spaces and spaces[-1][1] == depth:
                spaces.pop()
            continue
        if match[0].startswith("namespace"):
            spaces.append((match[1], depth))
        elif match[2] and len(spaces) == depth and all(name for name, _ in spaces):
            yield line_of(plain, match.start()), "::".join([n for n, _ in spaces] + [match[2]])
        depth += 1


def stray(path):
    """A file that no rule reads, or nothing."""
    if path.startswith(tuple(top + "/" for top in TOPS)):
        return None if KEEPS.search(path) else "a kind of file that no rule reads"
    if CPP_LIKE.search(path) and not path.startswith("tests/"):
        return "C++ outside the rooms"
    return None


# What the build files of the product may say: anything else could change what sources mean.
COMMAND = re.compile(r"^[ \t]*(\w+)[ \t]*\(", re.M)
COMMANDS = {
    "add_dependencies", "add_executable", "add_library", "add_subdirectory", "birthseal_closed",
    "birthseal_link_whole", "endforeach", "endif", "foreach", "if", "include", "pkg_check_modules",
    "set", "target_link_libraries"}
OF_VERSION = {"certs/CMakeLists.txt": {"add_custom_target"}}
INCLUDED = {"server/CMakeLists.txt": "${CMAKE_CURRENT_SOURCE_DIR}/rpc.cmake"}
# Paths upward, generator expressions, flags, variables of CMake that are set, brackets that quote.
BUILD = re.compile(r"(\.\./|\$<|(?<![\w.}/-])-[A-Za-z@]|\bset\s*\(\s*CMAKE_\w*|\[=*\[|\w*COMPILE_\w+)")


def build_problems(path, text):
    """Of the product's CMake files: what the sources do not show."""
    text = re.sub(r"#[^\n]*", "", text)
    may = COMMANDS | OF_VERSION.get(path, set())
    found = [(line_of(text, m.start(1)), f"no command of the product's build: {m[1]}")
             for m in COMMAND.finditer(text) if m[1].lower() not in may]
    found += [(line_of(text, m.start()), f"includes {m[1].strip()}")
              for m in re.finditer(r"\binclude\s*\(([^)]*)\)", text, re.I)
              if m[1].strip() != INCLUDED.get(path)]
    if path in OF_VERSION:  # runs cmake/version.cmake
        text = re.sub(r"\badd_custom_target\s*\([^)]*\)", lambda m: "\n" * m[0].count("\n"), text)
    found += [(line_of(text, m.start(1)), f"the build changes what sources mean: {m.group(1)}")
              for m in BUILD.finditer(text)]
    return found
