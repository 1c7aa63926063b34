# SPDX-License-Identifier: Apache-2.0
"""Runs single tests of the instrumented programs, and says which guards they reach."""
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from instrument import TABLE_SIZE

FIRED = 2  # as in runtime.h


def list_tests(program):
    """Full names of the tests of a gtest program, without the disabled ones."""
    listed = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True,
                            text=True).stdout
    suite, names = "", []
    for line in listed.splitlines():
        name = line.split("#")[0].strip()
        if line and not line[0].isspace():
            suite = name if name.endswith(".") else ""
        elif suite and "DISABLED_" not in suite + name:
            names.append(suite + name)
    return names


def run(program, tests, seconds, variables, scratch):
    """Runs tests of a program: (passed, output, seconds). What it started ends with it."""
    # Samples of others are not in the repository: its own tests must find what they find.
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("BIRTHSEAL_", "GTEST_"))}
    environment.update(variables, TMPDIR=scratch, BIRTHSEAL_SAMPLES="/nonexistent")
    began = time.monotonic()
    command = [program, "--gtest_filter=" + ":".join(tests), "--gtest_fail_fast"]
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(command, env=environment, cwd=scratch, stdin=subprocess.DEVNULL,
                                 stdout=told, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            passed = child.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            passed = False
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        told.seek(0)
        return passed, told.read().decode(errors="replace"), time.monotonic() - began


def failed_test(output):
    """The test that failed, or in which the program ended or hung."""
    failed = re.findall(r"^\[  FAILED  \] ([^\s,]+)", output, re.MULTILINE)
    begun = re.findall(r"^\[ RUN      \] (\S+)", output, re.MULTILINE)
    return failed[0] if failed else begun[-1] if begun else "the program"


def fingerprint(paths):
    whole = hashlib.sha256()
    for path in paths:
        whole.update(pathlib.Path(path).read_bytes())
    return whole.hexdigest()


class Reach:
    """For every test: whether it passes, its time, and the guards it reached and fired."""

    def __init__(self, build_dir, cache, scratch):
        self.build_dir, self.cache, self.scratch = pathlib.Path(build_dir).resolve(), cache, scratch
        self.known = json.loads(cache.read_text()) if cache.exists() else {}

    def path(self, name):
        found = sorted(self.build_dir.glob(f"tests/*/{name}"))
        return str(next(path for path in found if path.is_file()))

    def measure(self, programs, left_out, pool):
        """{program: {test: {...}}}; programs that have not changed since are not run again."""
        known = {}
        for name, started in programs.items():
            print_of = fingerprint([self.path(name)] + [self.build_dir / path for path in started])
            if self.known.get(name, {}).get("print") != print_of:
                tests = [test for test in list_tests(self.path(name))
                         if not test.startswith(tuple(prefix.rstrip("*") for prefix in left_out))]
                print(f"measuring what {len(tests)} tests of {name} reach", file=sys.stderr)
                seen = dict(zip(tests, pool.map(lambda test: self.one(name, test), tests)))
                self.known[name] = {"print": print_of, "tests": seen}
                self.cache.write_text(json.dumps(self.known))
            known[name] = self.known[name]["tests"]
        return known

    def one(self, name, test):
        # Not in the scratch: a unit as it is shipped hides /tmp from its program.
        with tempfile.NamedTemporaryFile(dir=self.cache.parent, prefix="table-") as table:
            table.truncate(TABLE_SIZE + 1)
            passed, output, seconds = run(self.path(name), [test], 120,
                                          {"BIRTHSEAL_GUARD_TABLE": table.name}, self.scratch)
            table.seek(0)
            seen = table.read()
        reached = [(at.start(), seen[at.start()]) for at in re.finditer(rb"[^\0]", seen)]
        skipped = "[  SKIPPED ]" in output
        return {"passed": passed and not skipped, "skipped": skipped, "seconds": round(seconds, 3),
                "reached": [guard for guard, _ in reached],
                "fired": [guard for guard, bits in reached if bits & FIRED]}
