#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every planted bug must be found: find_mutants.py mutants.json DIRECTORY_OF_PROGRAMS.

Runs the laboratory of each mutant until its first violation and prints name, seed, histories and
time. A bug that is not found within its histories, or a program that merely crashes, is a failure.
"""
import json
import pathlib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def find(mutant, programs):
    start = time.monotonic()
    program = programs / f"lab_{mutant['name']}"
    done = subprocess.run(
        [program, "--threads", "1", "--failures", "1", "--histories", str(mutant["histories"])],
        capture_output=True, text=True, timeout=1200, check=False)
    seconds = time.monotonic() - start
    histories = re.match(r"(\d+) histories", done.stdout)
    seed = re.search(r"^seed (\d+):\n  (.*)$", done.stdout, re.M)
    if done.returncode == 1 and histories and seed:
        return True, (f"found   {mutant['name']:<24} seed {seed[1]:>6}  after {histories[1]:>6} "
                      f"histories  {seconds:7.2f} s  {seed[2]}")
    return False, (f"MISSED  {mutant['name']:<24} exit {done.returncode} after {seconds:.1f} s: "
                   f"{(done.stdout + done.stderr).strip()[-300:]}")


def main():
    mutants = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["mutants"]
    programs = pathlib.Path(sys.argv[2])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda mutant: find(mutant, programs), mutants))
    for _, line in results:
        print(line)
    found = sum(good for good, _ in results)
    print(f"{found} of {len(mutants)} planted bugs found")
    return 0 if found == len(mutants) and found >= 14 else 1


if __name__ == "__main__":
    sys.exit(main())
