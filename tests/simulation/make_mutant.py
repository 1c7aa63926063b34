#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the source of one planted bug: make_mutant.py mutants.json NAME SOURCE_DIR OUT.

Fails when a text to replace does not occur exactly once: then the code has moved on, and the bug has
to be planted anew. With `--list` as NAME it prints "name file" for the build.
"""
import json
import pathlib
import sys


def main():
    table, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    mutants = json.loads(table.read_text(encoding="utf-8"))["mutants"]
    if name == "--list":
        print(";".join(f"{mutant['name']}|{mutant['file']}" for mutant in mutants), end="")
        return 0
    source_dir, out = pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    mutant = next(mutant for mutant in mutants if mutant["name"] == name)
    text = (source_dir / mutant["file"]).read_text(encoding="utf-8")
    for edit in mutant["edits"]:
        found = text.count(edit["from"])
        if found != 1:
            print(f"mutants.json: {name}: the text to replace occurs {found} times in "
                  f"{mutant['file']}, not once: {edit['from']!r}", file=sys.stderr)
            return 1
        text = text.replace(edit["from"], edit["to"])
    out.parent.mkdir(parents=True, exist_ok=True)
    if not out.exists() or out.read_text(encoding="utf-8") != text:
        out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
