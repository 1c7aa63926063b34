# SPDX-License-Identifier: Apache-2.0
"""What a build made, for checks that judge it: objects, their symbols, the files the compiler read."""
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]

SYMBOL = re.compile(r"^(.+?):[0-9a-f ]+ (\S) ([^ ]+)$")
# Of a sanitizer: there in some builds, never called by a source.
OF_A_SANITIZER = re.compile(r"_*(asan|lsan|tsan|ubsan|sanitizer|sancov|odr_asan|odr_asan_gen)_|"
                            r"_*(start|stop)___\w+$|\.L|asan\.|llvm\.|_{3,}asan")
THUNK = re.compile(r"G[VR]|TW|TH|Th?n?\d+_|Tv\d*n?\d*_n?\d*_|Tvn?\d+_n?\d+_|Thn?\d+_")
KIND = re.compile(r"[rVK]*[RO]?")
SHORT = {"St": "std", "Sa": "std::allocator", "Ss": "std::string", "Sb": "std::basic_string",
         "Si": "std::istream", "So": "std::ostream", "Sd": "std::iostream"}
OPERATORS = {"nw": "operator new", "na": "operator new", "dl": "operator delete",
             "da": "operator delete"}


def name_of(symbol):
    """The qualified name of a symbol, without parameters: birthseal::store::Ledger::Head.

    Of template arguments one class of ours is told: LedgerEntry<Reserve>. A vtable ({table}),
    the information of a type ({type}), constructors ({make}) and destructors ({end}) are members of
    their class. C names are themselves; what is of the language alone (int) counts to std.
    """
    if not symbol.startswith("_Z"):
        return symbol.split("@")[0]
    rest, end = symbol[2:], []
    if re.match("T[VT]", rest):
        rest, end = rest[2:], ["{table}"]
    elif re.match("T[IS]", rest):
        rest, end = rest[2:], ["{type}"]
    elif match := THUNK.match(rest):
        rest = rest[match.end():]
    return "::".join((_parts(rest.lstrip("Z")) or ["std"]) + end)


def _parts(rest):
    if rest[:1] in ("N", "L"):
        rest = rest[1:]
        rest = rest[KIND.match(rest).end():]
    if rest[:2] in OPERATORS:
        return [OPERATORS[rest[:2]]]
    parts = []
    if rest[:2] in SHORT:
        parts, rest = [SHORT[rest[:2]]], rest[2:]
    while rest:
        if match := re.match(r"L?(\d+)", rest):
            start = match.end()
            stop = start + int(match[1])
            parts.append(rest[start:stop])
            rest = re.sub(r"^(B\d+cxx11)+", "", rest[stop:])
        elif match := re.match(r"INS\d*_(\d+)", rest):
            stop = match.end() + int(match[1])
            parts[-1] += f"<{rest[match.end():stop]}>"
            if not rest.startswith("EE", stop):
                break
            rest = rest[stop + 2:]
        elif match := re.match(r"[CD]\d", rest):
            parts.append("{make}" if match[0][0] == "C" else "{end}")
            break
        else:
            break
    return parts


def symbols_of(objects, directory, nm):
    """object -> {(kind, symbol)}, as nm tells them, without those of a sanitizer."""
    found = {made: set() for made in objects}
    told = subprocess.run([nm, "-A", "-p", *objects], cwd=directory, check=True,
                          capture_output=True, text=True).stdout
    for line in told.split("\n"):
        match = SYMBOL.match(line)
        if match and not OF_A_SANITIZER.match(match[3]):
            found[match[1]].add((match[2], match[3]))
    return found


class Build:
    """A build directory of CMake and ninja."""

    def __init__(self, directory, nm="nm", ninja="ninja", root=ROOT):
        self.directory, self.nm, self.ninja = pathlib.Path(directory), nm, ninja
        self.root = root
        self.commands = {}  # object -> command
        self.sources = {}   # object -> source, from the root
        for entry in json.loads((self.directory / "compile_commands.json").read_text()):
            made = re.search(r" -o (\S+)", entry["command"])[1]
            self.commands[made] = entry["command"]
            self.sources[made] = os.path.relpath(entry["file"], root)

    def symbols(self, objects):
        return symbols_of(objects, self.directory, self.nm)

    def read(self):
        """object -> files that the compiler read for it; those of ours from the root."""
        found, made = {}, None
        told = subprocess.run([self.ninja, "-t", "deps"], cwd=self.directory, check=True,
                              capture_output=True, text=True).stdout
        known = {}  # as told -> from the root: each header is told many times
        for line in told.split("\n"):
            if not line.startswith(" "):
                made = line.split(": #deps")[0]
                found[made] = set()
            elif line.strip():
                if line not in known:
                    path = os.path.normpath(self.directory / line.strip())
                    known[line] = path.removeprefix(f"{self.root}/")
                found[made].add(known[line])
        return found
