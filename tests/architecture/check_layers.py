# SPDX-License-Identifier: Apache-2.0
"""Checks that every file knows its room and dependencies run one way (layers.json).

usage: check_layers.py            offending lines as file:line, exit 1 if there are any
       check_layers.py --report   rooms, files a room, arrows, arrows upward, circles
       check_layers.py --diagram  the rooms as ARCHITECTURE.md shows them
"""
import collections
import json
import pathlib
import re
import sys

import ways_around
from cpp_text import code_of, directives, include_of, unreadable, without_strings

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = json.loads((pathlib.Path(__file__).parent / "layers.json").read_text())
ROOMS = RULES["rooms"]  # from the top down: the order is the direction
ORDER = {room: place for place, room in enumerate(ROOMS)}
TOPS = ways_around.TOPS
GENERATED = ("birthseal/v1", "birthseal/storage/v1")
DIAGRAM = re.compile(r"<!-- check_layers.py --diagram -->\n```\n(.*?)```\n", re.DOTALL)


def room_of(path):
    return path.rsplit("/", 1)[0]


class House:
    """The sources as they stand: files of each room, arrows between rooms, what is wrong."""

    def __init__(self):
        self.files = collections.Counter()
        self.arrows = collections.defaultdict(set)
        self.problems = []
        self.included = {}  # file -> what its own directives name
        self.classes = {}   # of a namespace -> where it is defined

    def read_all(self):
        for top in (*TOPS, "proto", "deploy"):
            for file in sorted((ROOT / top).rglob("*")):
                path = file.relative_to(ROOT).as_posix()
                if file.is_file() and "node_modules" not in path:
                    self.read(path, file)
        self.check_rooms()
        self.check_reached()
        return self

    def read(self, path, file):
        if what := ways_around.stray(path):
            self.problems.append(f"{path}: {what}")
        elif path.startswith(TOPS) and path.endswith((".cc", ".h")):
            self.files[room_of(path)] += 1
            self.read_source(path, file.read_text())
        elif path.startswith(TOPS) and path.endswith(("CMakeLists.txt", ".cmake")):
            for number, what in ways_around.build_problems(path, file.read_text()):
                self.bad(path, number, what)

    def read_source(self, path, text):
        for number, what in unreadable(text):
            self.bad(path, number, what)
        code = code_of(text)
        self.included[path] = {include[1] for _, word, rest in directives(code)
                               if word == "include" and (include := include_of(rest))}
        self.check_classes(path, code)
        for number, line in enumerate(code.split("\n"), 1):
            self.check_calls(path, number, line)
        for number, word, rest in directives(code):
            if word == "include" and include_of(rest):
                self.check_include(path, number, *include_of(rest))
        for number, what in ways_around.problems(path, code, RULES):
            self.bad(path, number, what)

    def check_include(self, path, number, quote, target):
        here, there = room_of(path), room_of(target)
        interface = path.endswith(".h") and path not in RULES["internal_headers"]
        if interface and target.split("/")[0] in RULES["no_third_party_in_headers"]:
            self.bad(path, number, f"third-party header {target} in a project header")
        if quote == "<" or there == here:
            return
        if target.split("/")[0] in TOPS:
            self.arrows[here].add(there)
        elif there not in GENERATED and not target.startswith("tests/"):
            return
        may = ROOMS.get(here, [])
        if there not in may and "*" not in may:
            self.bad(path, number, f"{here} may not include {there} ({target})")
        for key in RULES["keys"]:
            if target in key["headers"] and here not in key["rooms"]:
                self.bad(path, number, f"{target} is for {', '.join(key['rooms'])}: {key['why']}")

    def check_classes(self, path, code):
        for number, name in ways_around.classes_of(path, without_strings(code)):
            here = f"{path}:{number}"
            if name in self.classes:
                self.problems.append(f"{here}: {name} is defined at {self.classes[name]}, too")
            self.classes[name] = here

    def reached(self, path):
        """Headers of ours that the compiler reads for this file, by the directives as they stand."""
        seen, left = set(), [path]
        while left:
            for target in self.included.get(left.pop(), ()):
                if target.split("/")[0] in TOPS and target not in seen:
                    seen.add(target)
                    left.append(target)
        return seen

    def check_reached(self):
        """Keys that come with another header: only where layers.json says so."""
        came = collections.defaultdict(set)  # key header -> rooms
        for path in self.included:
            for header in self.reached(path):
                came[header].add(room_of(path))
        for key in RULES["keys"]:
            through = set(key.get("through", ()))
            rooms = set().union(*(came[header] for header in key["headers"])) - set(key["rooms"])
            name = key["headers"][0]
            self.problems += [f"{room}: reads {name} through another header: {key['why']}"
                              for room in sorted(rooms - through)]
            self.problems += [f"layers.json: {room} does not read {name} through another header"
                              for room in sorted(through - rooms)]

    def check_calls(self, path, number, code):
        for rule in RULES["forbidden_calls"]:
            if re.search(rule["pattern"], code) and not path.startswith(tuple(rule["except"])):
                self.bad(path, number, f"forbidden call /{rule['pattern']}/")

    def check_rooms(self):
        for room, count in self.files.items():
            if room not in ROOMS:
                self.problems.append(f"{room}: no room of layers.json")
            if count > RULES["most_files"]:
                self.problems.append(f"{room}: {count} files, at most {RULES['most_files']}")
            if not (ROOT / room / "README.md").exists():
                self.problems.append(f"{room}: no README.md")
        for room, may in ROOMS.items():
            if room not in self.files:
                self.problems.append(f"layers.json: {room} holds no file")
            for there in may:
                if there in ROOMS and there not in self.arrows[room]:
                    self.problems.append(f"layers.json: {room} does not include {there}")
        for here, there in self.upward():
            self.problems.append(f"layers.json: {here} stands below {there}, which it includes")
        for key in RULES["keys"]:
            self.problems += [f"layers.json: no header {header}" for header in key["headers"]
                              if not (ROOT / header).exists()]
        pages = DIAGRAM.findall((ROOT / "ARCHITECTURE.md").read_text())
        if pages != [diagram()]:
            self.problems.append("ARCHITECTURE.md: the rooms are not those of --diagram")

    def bad(self, path, number, what):
        self.problems.append(f"{path}:{number}: {what}")

    def upward(self, top=""):
        return [(here, there) for here in sorted(self.arrows) for there in sorted(self.arrows[here])
                if here.startswith(top) and ORDER.get(there, 0) < ORDER.get(here, 0)]

    def below(self, room, seen):
        for there in self.arrows[room] - seen:
            seen.add(there)
            self.below(there, seen)
        return seen

    def circles(self, top=""):
        return [room for room in self.files if room.startswith(top) and
                room in self.below(room, set())]


def diagram():
    lines = []
    for room, may in ROOMS.items():
        seen = "every room" if "*" in may else "  ".join(r for r in may if r not in GENERATED)
        lines.append(f"{room:20} -> {seen}\n" if seen else f"{room}\n")
    return "".join(lines)


def report(house):
    print(f"{'':10}{'rooms':>6}{'files':>6}{'arrows':>7}{'upward':>7}{'circles':>8}  largest room")
    for top in (*TOPS, ""):
        rooms = {room: count for room, count in house.files.items() if room.startswith(top)}
        largest = max(rooms, key=rooms.get)
        arrows = sum(len(there) for here, there in house.arrows.items() if here.startswith(top))
        print(f"{top or 'all':10}{len(rooms):6}{sum(rooms.values()):6}{arrows:7}"
              f"{len(house.upward(top)):7}{len(house.circles(top)):8}"
              f"  {largest} ({rooms[largest]})")


def main():
    if "--diagram" in sys.argv:
        print(diagram(), end="")
        return 0
    house = House().read_all()
    if "--report" in sys.argv:
        report(house)
    if house.problems:
        print("\n".join(house.problems))
        return 1
    print(f"layers: {sum(house.files.values())} files, no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
