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
# What stands between a class key and the name.
BEHIND_KEY = r"(?:\[\[[^\]]*\]\]\s*|alignas\s*\([^{};]*?\)\s*)*"
CLASS_KEY = r"class|struct|union|enum(?:\s+(?:class|struct))?"
CLASS_HEAD = rf"\b(?:{CLASS_KEY})\b\s*" + BEHIND_KEY
# A class is defined behind `::` or in a namespace: ours are written in small letters.
DEFINED_ELSEWHERE = re.compile(CLASS_HEAD + r"(?:::\s*\w|[a-z]\w*\s*::)[\w:\s]*(?:<[^;{]*>\s*)?"
                               r"(?:final\s*)?[:{]")
BY_FULL_NAME = re.compile(r"(?<!namespace )(?<![\w:])(?:::\s*)?birthseal\s*::\s*(\w+)")
SCOPED = r"(?:::\s*)?\w+(?:\s*::\s*(?:template\s+)?\w+)*"
EVERYWHERE = (
    (re.compile(r"\b(asm|__asm|__asm__)\b"), "another language"),
    (re.compile(r"\b_[A-Z]\w*"), "a word of the compiler"),
    (re.compile(r"\b\w*internal\w*\s*::"), "what a library keeps for itself"),
    # Its arguments may name what is private. Explicit instantiations are told apart.
    (re.compile(r"(?<!\btemplate )" + CLASS_HEAD + SCOPED + r"\s*<"),
     "a specialisation of a class reaches private members"),
    (re.compile(r"\b__(?!LINE__|has_feature|lsan_default_suppressions)\w+"), "a word of the compiler"),
    (re.compile(r"\[\[(?!(?:fallthrough|maybe_unused|nodiscard)\]\])"), "an attribute"),
)
INSTANTIATES = (
    (re.compile(r"(?<![.>:\w])\s*\btemplate\s+(?!<)\w"),
     "an explicit instantiation reaches private members"),
    (re.compile(r"\btemplate\s*<\s*>"), "an explicit specialisation"),
)
IN_SERVER = (
    (re.compile(r"^[ \t]*#[ \t]*define\b", re.M), "a macro"),
    (re.compile(r"\b(ABSL|PROTOBUF|GOOGLE|GPR|BIRTHSEAL)_[A-Z]\w*"), "a macro of a library"),
    (re.compile(r'\bextern\s*""'), "another language"),
    (re.compile(r"\boperator\s+(new|delete)\b"), "memory of its own"),
    (re.compile(r"\busing\s+namespace\b"), "using namespace"),
    (re.compile(r"\btypedef\b"), "an alias is written with using"),
    # Inlined, it leaves no symbol that check_objects.py could compare with the true one.
    (re.compile(r"\b(?:inline|constexpr|template\s*<[^;{}]*?>)"
                r"(?:[^;{}=(]|decltype\s*\([^;{}]*?\))*?\b\w+\s*(?:<[^<>;{}]*>\s*)?::\s*"
                r"(?:operator\b[^;{}(]*|~?\w+\s*)\("),
     "an inlined member is defined outside of its class"),
)
# Names by which the server finds what is not its own: a class or namespace of that name would be
# found before it.
TAKEN = "|".join(TOPS + ("birthseal", "v1", "storage", "absl", "std", "google", "grpc", "testing"))
HIDES = re.compile(
    rf"\b(?:{CLASS_KEY}|typename|using)\b\s*(?:\.\.\.\s*)?" + BEHIND_KEY +
    rf"(?<!\w)({TAKEN})\b(?!\s*::)|\bnamespace\s+({TAKEN})\s*="
    rf"|\busing\b[^;={{}}]*::\s*({TAKEN})\s*[;,]")
OUTSIDE_ITS_CLASS = re.compile(CLASS_HEAD + r"((?:::\s*)?\w+(?:\s*::\s*\w+)+)\s*(?:final\s*)?"
                               r"(?::(?!:)[^;{]*)?\{")
# In a room's header: what opens a brace, calls or declares a function, or lives longer than a room.
MORE_THAN_KEYS = re.compile(r"[^;{}]*(?P<open>\{)|\((?<!= absl::Seconds\()|"
                            r"\b(?:template|inline|static|extern|thread_local|operator|auto)\b")
KEYS_BEGIN = re.compile(r"(namespace\b|(?:class|struct)\s+\w+[^()=]*\{$)")
BEHIND_A_TYPE = re.compile(
    r"\b(reinterpret_cast|const_cast|\w+_pointer_cast|bit_cast|union|memcpy|memmove|launder)\b"
    r"|\b(va_arg|\w*allocator\w*|pmr|construct_at|destroy(?:_at|_n)?|uninitialized_\w+)\b"
    r"|(?:\.|->)\s*~|static_cast<[^;=]*?[*&]+\s*>|\bvoid\s*\*|=\s*void\s*;|\bnew\s*\("
    r"|(?<!static_cast)<\s*(?:const\s+)?void\s*>"
    r"|\busing\s+\w+\s*=[^;]*[*&]\s*;"
    r"|\(\s*(?:const\s+)?[\w:]+(?:<[^()]*>)?(?:\s+const)?\s*(?:[&*]+\s*(?:const\s*)?)+\)\s*[\w(*&:]")


def problems(path, code, rules):
    """[(line, what)] of one source. `code`: as code_of gives it; `rules`: layers.json."""
    plain = without_strings(code)
    found = list(_includes(path, code))
    found += _namespaces(path, plain)
    kinds = EVERYWHERE + (() if path in rules["instantiates"] else INSTANTIATES)
    for pattern, what in kinds + (IN_SERVER if path.startswith("server/") else ()):
        found += [(line_of(plain, m.start()), what) for m in pattern.finditer(plain)]
    if path.startswith("server/"):
        found += _directives_of_server(code)
        found += _outline(path, plain)
        found += _names(path, plain, rules)
    found += _walls(path, code, plain, rules)
    return found


def _includes(path, code):
    for number, word, rest in directives(code):
        if word in ("import", "include_next", "embed"):
            yield number, f"#{word}: includes are #include"
        if word == "define" and KEYWORDS.match(rest):
            yield number, "a keyword is redefined"
        if word == "pragma" and rest != "once":
            yield number, f"#pragma {rest}: only #pragma once"
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


def _directives_of_server(code):
    for number, word, _ in directives(code):
        if word not in ("include", "pragma", "define"):
            yield number, f"#{word}: what is read does not depend on the build"


def _outline(path, plain):
    """What stands in which namespace: all of a source in birthseal::server, and in no other of it.

    Only there, and at no outer place, a class of another library cannot be given members; and
    nothing is found before the namespace that the reader thinks of.
    """
    text = re.sub(r"^[ \t]*#[^\n]*", "", plain, flags=re.M)
    depth, start = 0, 0
    for match in re.finditer(r"[{};]|\Z", text):
        head, line = text[start:match.start()].strip(), line_of(text, match.start())
        start = match.end()
        space = match[0] == "{" and re.search(r"\bnamespace\b\s*([\w:]*)$", head)
        if not depth and not (space or match[0] in "}" and not head):
            if not (path == "server/main.cc" and head.startswith("int main(")):
                yield line, f"stands outside of birthseal::server: {head[:40]}"
        elif space and depth and space[1]:
            yield line, f"a namespace inside another: {space[1]}"
        elif space and not depth and space[1] != "birthseal::server":
            inner = space[1].startswith("birthseal::server::")
            if inner or not FORWARD_ONLY.match(text, match.end()):
                yield line, f"declares into namespace {space[1]}: forward declarations only"
        depth += (match[0] == "{") - (match[0] == "}")
        if depth < 0:
            break
    if depth:
        yield line_of(text, len(text)), "braces do not match"


def _names(path, plain, rules):
    for match in HIDES.finditer(plain):
        name = next(filter(None, match.groups()))
        yield line_of(plain, match.start()), f"hides what is meant by {name}"
    allowed = list(rules["defined_outside"].get(path, ()))
    for match in OUTSIDE_ITS_CLASS.finditer(plain):
        name = re.sub(r"\s", "", match[1])
        if name in allowed:
            allowed.remove(name)
        else:
            line = line_of(plain, match.start())
            yield line, f"a class inside another is defined outside of it: {name}"
    if path.endswith("_room.h"):
        yield from _room_header(path, plain)


def _room_header(path, plain):
    """What only lists keys: the wiring compiles it, with the wiring's rights."""
    text = re.sub(r"^[ \t]*#[^\n]*", "", plain, flags=re.M)
    for match in MORE_THAN_KEYS.finditer(text):
        head = match[0].strip()
        if not match["open"] or not KEYS_BEGIN.match(head):
            yield line_of(text, match.end()), f"a room's header lists keys alone: {head[:40]}"


def _walls(path, code, plain, rules):
    room = path.rsplit("/", 1)[0]
    for number, word, rest in directives(code) if path.endswith("_room.h") else ():
        if word == "include" and rest.startswith(f'"{room}/'):
            yield number, "a room's header reads no other header of its room"
    if room in rules["closed_rooms"] or room in rules["open_to"]:
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
                             r"(\w+)\s*(?:final\s*)?(?::[^:;{][^;{]*)?\{|[{}]", plain):
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
