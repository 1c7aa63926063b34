#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the instrumented copy of the tree: instrument.py SOURCE_DIR COPY MANIFEST [FILE...]

Every tracked file is copied, those of the product with their guards made removable; files that
would not change are left alone, so that the next build is short. The manifest lists the guards as
JSON. With FILEs only these are instrumented, and nothing else is copied.
"""
import json
import pathlib
import subprocess
import sys
import zlib

from find_guards import find_guards, instrumented, status_functions

FOLDERS = ("certs", "signer", "server", "store", "clients")
BLOCKS, BLOCK_SIZE = 1024, 256  # each file numbers its guards in a block of its own
TABLE_SIZE = BLOCKS * BLOCK_SIZE


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                            capture_output=True, text=True).stdout.splitlines()
    return [name for name in listed if (root / name).is_file()]


def product(root):
    return [path.relative_to(root).as_posix() for folder in FOLDERS
            for path in sorted((root / folder).rglob("*")) if path.suffix in (".cc", ".h")]


def blocks_of(names):
    """A block for each file, nearly always the same one whatever files come and go."""
    taken = {}
    for name in sorted(names):
        block = zlib.crc32(name.encode()) % BLOCKS
        while block in taken:
            block = (block + 1) % BLOCKS
        taken[block] = name
    return {name: block for block, name in taken.items()}


def write_if_changed(path, content, mode):
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if path.stat().st_mode != mode:
        path.chmod(mode)


def instrument(root, names):
    """The instrumented texts of `names`, and the guards of all of them."""
    texts = {name: (root / name).read_text(encoding="utf-8") for name in product(root)}
    statuses, blocks = status_functions(texts.values()), blocks_of(texts)
    changed, guards = {}, []
    for name in names:
        found = find_guards(texts[name], statuses)
        if len(found) >= BLOCK_SIZE:
            raise SystemExit(f"{name}: {len(found)} guards, more than a block of numbers holds")
        first = blocks[name] * BLOCK_SIZE + 1
        changed[name] = instrumented(texts[name], found, first)
        seen = {}
        for number, guard in enumerate(found, first):
            ordinal = seen[guard.text] = seen.get(guard.text, 0) + 1
            condition = guard.text if ordinal == 1 else f"{guard.text} #{ordinal}"
            guards.append({"id": number, "file": name, "line": guard.line, "condition": condition})
    return changed, guards


def copy(root, target, names, changed):
    for name in names:
        content = changed[name].encode() if name in changed else (root / name).read_bytes()
        write_if_changed(target / name, content, (root / name).stat().st_mode)


def remove_vanished(target, names):
    kept = set(names)
    for path in target.rglob("*"):
        name = path.relative_to(target).as_posix()
        if path.is_file() and not name.startswith("build/") and name not in kept:
            path.unlink()


def main():
    root, target, manifest = (pathlib.Path(argument) for argument in sys.argv[1:4])
    some = sys.argv[4:]
    changed, guards = instrument(root, some or product(root))
    names = some or tracked(root)
    copy(root, target, names, changed)
    if not some:
        remove_vanished(target, names)
    manifest.write_text(json.dumps(guards, indent=0, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
