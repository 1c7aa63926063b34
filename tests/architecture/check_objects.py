# SPDX-License-Identifier: Apache-2.0
"""Judges what the build made of each room, not what its sources look like (layers.json).

However a source is written, what it defines and calls stands in its object, and the compiler noted
which files it read. Calls through a vtable or a pointer leave no name and are not seen here.

usage: check_objects.py BUILD [--nm NM] [--ninja NINJA]    what is wrong, a line each; exit 1 if any
"""
import argparse
import collections
import pathlib
import re
import sys

import ways_around
from built import ROOT, Build, name_of
from check_layers import RULES, House, room_of

OBJECTS = RULES["objects"]
PRODUCT = tuple(top + "/" for top in ways_around.TOPS)
STRONG = set("TDBRCGSi")
DEFINED = STRONG | set("VWu")
# What every object may have of other libraries; more only for who is named in layers.json.
SPACES = ("absl", "std", "google::protobuf", "__cxxabiv1", "__gnu_cxx", "birthseal",
          "operator new", "operator delete")
# Flags by which a source would come to mean something else.
MEANING = re.compile(r"-(D|U|I|i|nostd|x|X|W[pal],|fplugin|fpass|fmodule|fms|fgnu|-|B|specs|E|S)|@")
DEFINES = {"-D_GLIBCXX_ASSERTIONS"}
SYSTEM = re.compile(r"/usr/include/(?:x86_64-linux-gnu/|aarch64-linux-gnu/)?([^/]+)/")


def within(name, pattern):
    """Is `name` what a pattern of layers.json names, or a member of it?"""
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1])
    return name == pattern or name.startswith((pattern + "::", pattern + "<"))


def keys_by_pattern():
    return {pattern: key for key in OBJECTS["key_symbols"] for pattern in key["symbols"]}


class Objects:
    """What is wrong with objects, each told as its source."""

    def __init__(self):
        self.problems = []
        self.keys = keys_by_pattern()
        self.known = {}  # name -> its key
        self.definers = collections.defaultdict(dict)  # symbol -> source -> kind

    def bad(self, source, what):
        self.problems.append(f"{source}: {what}")

    def symbols(self, source, symbols, sanitized=False):
        room = room_of(source)
        for kind, symbol in sorted(symbols):
            name = name_of(symbol)
            if sanitized and name.endswith("::{type}"):
                continue  # a sanitizer asks for the type of whatever is called
            if kind in STRONG:
                self.check_own(source, name)
            if kind in DEFINED and within(name, "birthseal"):
                self.definers[symbol][source] = kind
            if kind in DEFINED or kind == "U":
                self.check_key(source, room, name, kind in DEFINED)
            if kind in "Uw":
                self.check_reach(source, room, name)

    def check_own(self, source, name):
        own = ways_around.SPACES[source.split("/")[0]]
        if name in OBJECTS["own"].get(source, ()) or (name + "::").startswith(own):
            return
        self.bad(source, f"defines {name}, which is not of its own namespace")

    def check_key(self, source, room, name, defined):
        if name not in self.known:
            found = [pattern for pattern in self.keys if within(name, pattern)]
            self.known[name] = self.keys[max(found, key=len)] if found else None
        key = self.known[name]
        if key and room not in key["rooms"]:
            self.bad(source, f"has {name}, which is for {', '.join(key['rooms'])}: {key['why']}")
        # Constructors and destructors may come with a header, or of themselves.
        elif key and defined and not name.endswith(("::{make}", "::{end}")):
            if room not in key.get("defined_in", [room]):
                self.bad(source, f"defines {name}, which {', '.join(key['defined_in'])} defines")

    def check_reach(self, source, room, name):
        if room not in RULES["closed_rooms"] and room not in RULES["open_to"]:
            return
        here = OBJECTS["may_call"].get(room, {})
        if any(within(name, files) for files in OBJECTS["files"]):
            self.bad(source, f"calls {name}, which reaches files")
        elif "::" in name or name.startswith("operator "):
            spaces = SPACES + tuple(here.get("spaces", ()))
            if not any(within(name, space) for space in spaces):
                self.bad(source, f"calls {name}, of a library that is not for {room}")
        elif name not in OBJECTS["c_symbols"] and name not in here.get("c_symbols", ()):
            self.bad(source, f"calls {name}, which is not for {room}")

    def check_definers(self):
        """What is defined once for all may have no second definition, be it a weak one."""
        for symbol, definers in self.definers.items():
            strong = [source for source, kind in definers.items() if kind in STRONG]
            if strong and len(definers) > 1:
                others = ", ".join(sorted(definers))
                self.problems.append(f"{name_of(symbol)} is defined more than once: {others}")

    def read(self, source, files, reached):
        """`files`: what the compiler read; `reached`: by the directives as the checks read them."""
        room = room_of(source)
        for file in sorted(files):
            if file.startswith(PRODUCT) and file != source and file not in reached:
                self.bad(source, f"the compiler read {file}, which no directive names")
        if room not in RULES["closed_rooms"] and room not in RULES["open_to"]:
            return
        may = OBJECTS["libraries"] + OBJECTS["may_call"].get(room, {}).get("libraries", [])
        roots = {match[1] for file in files if (match := SYSTEM.match(file))}
        for root in sorted(roots - set(may)):
            self.bad(source, f"the compiler read headers of {root}, which are not for {room}")

    def command(self, source, command, build):
        """Options by which this source would be read otherwise than the others."""
        words = command.split()
        for word, behind in zip(words, words[1:] + [""]):
            if not MEANING.match(word) or word in DEFINES:
                continue
            place = word[2:] if word.startswith("-I") else behind
            if word.startswith("-I") or word == "-isystem":
                if place in (str(ROOT), f"{build}/gen") or place.startswith("/usr/"):
                    continue
            self.bad(source, f"is compiled with {word}")


def ours(build):
    """object -> source of the product's libraries and programs, without generated code."""
    return {made: source for made, source in build.sources.items()
            if made.startswith(PRODUCT) and not source.endswith("/certs/version.cc")}


def judge(build, house):
    objects, found = ours(build), Objects()
    for made, source in objects.items():
        if source not in house.included:
            found.bad(source, f"is in no room, and makes {made}")
        elif not (build.directory / made).exists():
            found.bad(source, "is not built: build first")
    for source in house.included:
        if source.endswith(".cc") and source not in objects.values():
            found.bad(source, "is in no library: what is not built is not judged")
    if found.problems:
        return found.problems
    for made, symbols in build.symbols(objects).items():
        found.symbols(objects[made], symbols, "-fsanitize=" in build.commands[made])
        found.command(objects[made], build.commands[made], build.directory)
    found.check_definers()
    read = build.read()
    for made, source in objects.items():
        if made not in read:
            found.bad(source, "is built without a note of what the compiler read")
        found.read(source, read.get(made, ()), house.reached(source))
    return found.problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--ninja", default="ninja")
    args = parser.parse_args()
    build = Build(args.build.resolve(), args.nm, args.ninja)
    problems = judge(build, House().read_all())
    if problems:
        print("\n".join(problems))
        return 1
    print(f"objects: {len(ours(build))} judged, no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
