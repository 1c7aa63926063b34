# SPDX-License-Identifier: Apache-2.0
"""Checks that dependencies run one way, headers stay light and forbidden calls stay out.

usage: check_layers.py [--xml FILE]    prints offending lines as file:line, exit 1 if there are any
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = json.loads((pathlib.Path(__file__).parent / "layers.json").read_text())
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path: str, folders) -> str:
    fits = [f for f in folders if path.startswith(f + "/")]
    return max(fits, key=len) if fits else ""


def check_acyclic(allowed) -> list:
    problems = []

    def visit(folder, trail):
        if folder in trail:
            problems.append("layers.json: cycle " + " -> ".join([*trail, folder]))
            return
        for below in allowed.get(folder, []):
            visit(below, [*trail, folder])

    for folder in allowed:
        visit(folder, [])
    return problems


def check_include(path, number, line, problems):
    match = INCLUDE.match(line)
    if not match:
        return
    quote, target = match.groups()
    here = folder_of(path, RULES["allowed"])
    top = target.split("/")[0]
    interface = path.endswith(".h") and path not in RULES["internal_headers"]
    if interface and top in RULES["no_third_party_in_headers"]:
        problems.append(f"{path}:{number}: third-party header {target} in a project header")
    folders = set(RULES["allowed"]) | {"birthseal/v1", "birthseal/storage/v1", "tests"}
    there = folder_of(target, folders)
    if quote == "<" or not there or there == here or not here:
        return
    if there not in RULES["allowed"][here]:
        problems.append(f"{path}:{number}: {here} may not include {there} ({target})")
    only = RULES["verifier_only"]
    if here.startswith("clients") and there == "signer" and path not in only["except"]:
        if pathlib.Path(target).name not in only["headers"]:
            problems.append(f"{path}:{number}: clients may include the verifier only, not {target}")


def check_calls(path, number, line, problems):
    code = line.split("//")[0]
    for rule in RULES["forbidden_calls"]:
        if re.search(rule["pattern"], code) and not any(path.startswith(e) for e in rule["except"]):
            problems.append(f"{path}:{number}: forbidden call /{rule['pattern']}/")


def main() -> int:
    problems = check_acyclic(RULES["allowed"])
    files = 0
    for top in ("certs", "signer", "store", "server", "clients"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix not in (".cc", ".h"):
                continue
            files += 1
            path = file.relative_to(ROOT).as_posix()
            for number, line in enumerate(file.read_text().splitlines(), 1):
                check_include(path, number, line, problems)
                check_calls(path, number, line, problems)
    print("\n".join(problems) if problems else f"layers: {files} files, no violation")
    return 1 if problems or files == 0 else 0


sys.exit(main())
