#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the XML of OFD files against the element order of GB/T 33190 (element_order.json).

Also: element names and namespace, unique object IDs, MaxUnitID. Files of another namespace (the
attached record) are only parsed. Usage: check_element_order.py FILE...   Exit: 0 good, 1 not.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as ET
import zipfile

NAMESPACE = "http://www.ofdspec.org/2016"
LEAF = {"order": []}


def local(element):
    return element.tag.rpartition("}")[2]


def in_ofd(element):
    return element.tag.startswith("{" + NAMESPACE + "}")


def check_children(path, parent, element, rules, found):
    """Adds what is wrong with `element` and everything below it to `found`."""
    name = local(element)
    rule = rules.get(f"{parent}/{name}", rules.get(name, LEAF))
    allowed = rule.get("order", rule.get("any"))
    last = 0
    names = []
    for child in element:
        child_name = local(child)
        names.append(child_name)
        if not in_ofd(child) or child_name not in allowed:
            found.append(f"{path}: {child_name} may not stand in {name}")
            continue
        at = allowed.index(child_name)
        if "order" in rule and at < last:
            found.append(f"{path}: {child_name} stands too late in {name}")
        last = max(last, at)
        check_children(path, name, child, rules, found)
    for once in rule.get("once", []):
        if names.count(once) > 1:
            found.append(f"{path}: {once} stands twice in {name}")
    for required in rule.get("required", []):
        if required not in names:
            found.append(f"{path}: {required} is missing in {name}")


def check_ids(roots, found):
    """Objects of pages, templates and resources share one space of IDs up to MaxUnitID."""
    ids = []
    largest = 0
    for root in roots.values():
        if local(root) not in ("Document", "Page", "Res"):
            continue
        ids += [int(e.get("ID")) for e in root.iter() if e.get("ID") is not None]
        for element in root.iter("{" + NAMESPACE + "}MaxUnitID"):
            largest = int(element.text)
    for number in sorted({i for i in ids if ids.count(i) > 1}):
        found.append(f"ID {number} is used twice")
    if ids and max(ids) > largest:
        found.append(f"ID {max(ids)} is above MaxUnitID {largest}")


def check_file(file, rules):
    found = []
    roots = {}
    with zipfile.ZipFile(file) as package:
        for path in package.namelist():
            if not path.endswith(".xml"):
                continue
            root = ET.fromstring(package.read(path))
            if not in_ofd(root):
                continue
            roots[path] = root
            if local(root) not in rules:
                found.append(f"{path}: unknown root {local(root)}")
            else:
                check_children(path, "", root, rules, found)
    if "OFD.xml" not in roots:
        found.append("no OFD.xml")
    check_ids(roots, found)
    return found


def main():
    rules = json.loads(pathlib.Path(__file__).with_name("element_order.json").read_text("utf-8"))
    bad = 0
    for file in sys.argv[1:]:
        for problem in check_file(file, rules):
            print(problem)
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
