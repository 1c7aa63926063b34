# SPDX-License-Identifier: Apache-2.0
"""Adds up what the test programs reported and prints the closing line of ./dev test.

usage: count_results.py DIR CTEST_STATUS   DIR holds GoogleTest's and our scripts' XML reports
"""
import pathlib
import sys
import xml.etree.ElementTree as ET


def main() -> int:
    passed = failed = skipped = 0
    reasons = {}
    for report in pathlib.Path(sys.argv[1]).glob("*.xml"):
        for case in ET.parse(report).getroot().iter("testcase"):
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"FAILED {case.get('classname')}.{case.get('name')}")
            elif skip is not None or case.get("result") == "skipped":
                skipped += 1
                text = (skip.get("message") or "") if skip is not None else ""
                reasons.setdefault(text.strip().splitlines()[-1] if text.strip() else "", []).append(
                    f"{case.get('classname')}.{case.get('name')}")
            else:
                passed += 1
    for reason, names in sorted(reasons.items()):
        print(f"skipped {len(names)}: {reason or 'no reason given'}")
    if int(sys.argv[2]) != 0 and failed == 0:
        failed = 1  # a program that ended without a report
    if passed == 0:
        failed = max(failed, 1)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


sys.exit(main())
