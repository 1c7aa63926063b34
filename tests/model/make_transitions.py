# SPDX-License-Identifier: Apache-2.0
"""Turns transitions.txt into macros for the Promela model (issuance.pml).

usage: make_transitions.py TABLE OUTPUT

For each object: its states as numbers. For each of its events: MAY_object_event(x) (the table has an
edge out of x) and TO_object_event (where it leads). An event of an object leads to one state only; the
script refuses a table where it does not.
"""
import pathlib
import sys


def read(path):
    objects = {}
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) != 4:
            sys.exit(f"{path}:{number}: want object, from, event, to")
        objects.setdefault(words[0], []).append(tuple(words[1:]))
    return objects


def states_of(edges):
    states = []
    for source, _, target in edges:
        for state in (source, target):
            if state not in states:
                states.append(state)
    return states


def macros(name, edges):
    def constant(state):
        return f"{name.upper()}_{state}"

    for value, state in enumerate(states_of(edges)):
        yield f"#define {constant(state)} {value}"
    for event in dict.fromkeys(event for _, event, _ in edges):
        sources = [s for s, e, _ in edges if e == event]
        targets = {t for _, e, t in edges if e == event}
        if len(targets) != 1:
            sys.exit(f"{name} {event} leads to {sorted(targets)}: give the events two names")
        lawful = " || ".join(f"(x) == {constant(source)}" for source in sources)
        yield f"#define MAY_{name}_{event}(x) ({lawful})"
        yield f"#define TO_{name}_{event} {constant(targets.pop())}"


def main():
    lines = ["/* Made by make_transitions.py from transitions.txt. */"]
    for name, edges in read(sys.argv[1]).items():
        lines += list(macros(name, edges))
    pathlib.Path(sys.argv[2]).write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
