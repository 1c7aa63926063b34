#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Removes one guard after the other and lists those that no test misses. README.md says how.

    run.py [--sample N --seed S] [--list] [--json FILE] [--seconds N] [--only PROGRAM]... [PATH...]
"""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from equivalents import Equivalents
from programs import LEFT_OUT, PROGRAMS, SLOWEST
from test_programs import Reach, failed_test, fingerprint, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/guards"
WORK = ROOT / "build/guards"
NAMED = 3  # tests that a survivor is told with
BATCH_SECONDS = 5.0  # a test that takes longer runs alone, after the others


def arguments():
    parser = argparse.ArgumentParser(prog="./dev guards", description="Remove one guard at a time.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a file or folder; none: all")
    parser.add_argument("--sample", type=int, help="draw this many at random")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--list", action="store_true", help="list the guards and remove none")
    parser.add_argument("--json", type=pathlib.Path, help="write every result here")
    parser.add_argument("--seconds", type=float, default=120, help="at most, for one guard")
    parser.add_argument("--only", action="append", choices=sorted(PROGRAMS), metavar="PROGRAM",
                        help="build and run this test program and no other; may be given again")
    parser.add_argument("--built", nargs=3, metavar=("MANIFEST", "BUILD_DIR", "PROGRAM"),
                        help="take the guards of one program that is built already")
    options = parser.parse_args()
    options.paths = [os.path.normpath(path) for path in options.paths]
    if options.sample is not None and options.sample < 1:
        parser.error("--sample draws one guard or more")
    if options.json and not options.json.absolute().parent.is_dir():
        parser.error(f"--json: no folder {options.json.absolute().parent}")
    return options


def key_of(guard):
    return f"{guard['file']} | {guard['condition']}"


def instrument():
    WORK.mkdir(parents=True, exist_ok=True)
    for left in WORK.glob("table-*"):  # by a run that was killed
        left.unlink()
    manifest = WORK / "guards.json"
    subprocess.run([sys.executable, HERE / "instrument.py", ROOT, WORK / "src", manifest],
                   check=True)
    return json.loads(manifest.read_text(encoding="utf-8"))


def build(programs, jobs):
    """Builds the copy as any checkout is built, with the runtime linked to everything."""
    source = WORK / "src"
    environment = dict(os.environ, CCACHE_BASEDIR=str(source), CCACHE_NOHASHDIR="1")
    if not (source / "build/release/build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release",
                        f"-DCMAKE_PROJECT_INCLUDE={source}/tests/guards/guards.cmake"],
                       cwd=source, env=environment, check=True, stdout=subprocess.DEVNULL)
    targets = sorted(set(programs) | {pathlib.Path(path).name for started in programs.values()
                                      for path in started})
    quiet = [] if sys.stderr.isatty() else ["--", "--quiet"]
    subprocess.run(["cmake", "--build", "build/release", "-j", str(jobs), "--target", *targets,
                    *quiet], cwd=source, env=environment, check=True, stdout=sys.stderr)
    return source / "build/release"


def choose(guards, options):
    def lies_in(guard, path):
        return guard["file"] == path or guard["file"].startswith(path + "/")
    for path in options.paths:
        if not any(lies_in(guard, path) for guard in guards):
            sys.exit(f"guards: no guard in '{path}'; a path starts at the root of the repository")
    chosen = [guard for guard in guards
              if not options.paths or any(lies_in(guard, path) for path in options.paths)]
    if options.sample is not None and options.sample < len(chosen):
        chosen = random.Random(options.seed).sample(chosen, options.sample)
    return sorted(chosen, key=lambda guard: (guard["file"], guard["line"], guard["id"]))


class Judge:
    """Removes a guard and runs the tests in which it fires: nothing changes in the others."""

    def __init__(self, reach, measured, before, seconds):
        self.reach, self.before, self.seconds = reach, before, seconds
        self.reached, self.fired = collections.Counter(), collections.defaultdict(list)
        for program, tests in measured.items():
            for test, seen in tests.items():
                self.reached.update(seen["reached"])
                if seen["passed"] and seen["seconds"] <= SLOWEST:
                    for guard in seen["fired"]:
                        self.fired[guard].append((seen["seconds"], program, test))

    def batches(self, guard):
        """(seconds, program, tests), the likeliest and the quickest first."""
        batches, together = [], collections.defaultdict(list)
        killer = self.before.get(key_of(guard), {}).get("found_by")
        for seconds, program, test in sorted(self.fired[guard["id"]]):
            if f"{program}:{test}" == killer:
                batches.append((-1, seconds, program, [test]))
            elif seconds > BATCH_SECONDS:
                batches.append((seconds, seconds, program, [test]))
            else:
                together[program].append((seconds, test))
        for program, tests in together.items():
            total = sum(seconds for seconds, _ in tests)
            batches.append((min(total, BATCH_SECONDS), total, program, [test for _, test in tests]))
        return [batch[1:] for batch in sorted(batches)]

    def __call__(self, guard):
        fires = [f"{program}:{test}" for _, program, test in sorted(self.fired[guard["id"]])]
        result = {"reached_by": self.reached[guard["id"]], "fired_in": len(fires),
                  "fires": fires[:NAMED], "found_by": None, "left_over": 0}
        left = self.seconds
        for expected, program, tests in self.batches(guard):
            if left <= 0:
                result["left_over"] += len(tests)
                continue
            off = {"BIRTHSEAL_GUARD_OFF": str(guard["id"])}
            passed, output, seconds = run(self.reach.path(program), tests, 20 + 5 * expected, off,
                                          self.reach.scratch)
            left -= seconds
            if not passed:
                result["found_by"] = f"{program}:{failed_test(output)}"
                break
        return result


class Results:
    """What was found, one result a line. A result holds while no source changes; after that it says
    which test to try first. What survives some of the programs is not kept: another may find it."""

    def __init__(self, path, state, complete):
        self.path, self.state, self.complete, self.known = path, state, complete, {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                result = json.loads(line)
                self.known[result["key"]] = result

    def fresh(self):
        return {key: result for key, result in self.known.items() if result["state"] == self.state}

    def put(self, key, result):
        self.known[key] = dict(result, key=key, state=self.state)
        if not self.complete and not result["found_by"]:
            return
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(self.known[key], ensure_ascii=False) + "\n")


def state_of(folder):
    """Of every file that may change a result: not of prose, and not of what is here."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(("build/", "tests/guards/")) and \
                not name.endswith(".md"):
            whole.update(name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def why(result):
    if result["fired_in"]:
        more = f", {result['left_over']} not run for lack of time" if result["left_over"] else ""
        named = ", ".join(result.get("fires", []))
        return f"fires in {result['fired_in']} tests{more}: {named}"
    return f"reached by {result['reached_by']} tests, never fires" if result["reached_by"] \
        else "never reached"


def report(chosen, results, false, equivalents, only):
    """Prints what survives; whether all of it is listed as equivalent and the list is true."""
    by_folder, unlisted = collections.defaultdict(collections.Counter), 0
    for guard in chosen:
        result, reason = results[key_of(guard)], equivalents.reason(key_of(guard))
        counts = by_folder[str(pathlib.PurePosixPath(guard["file"]).parent)]
        counts["guards"] += 1
        if not result["found_by"]:
            counts["listed" if reason else "survive"] += 1
            unlisted += not reason
            print(f"{guard['file']}:{guard['line']}  {guard['condition']}  "
                  f"({reason and 'equivalent: ' + reason or why(result)})")
    for line in false:
        print(line)
    whole = sum(by_folder.values(), collections.Counter())
    print(f"\n{'folder':28}{'guards':>8}{'survive':>9}{'listed':>8}")
    for folder, counts in sorted(by_folder.items()) + [("all", whole)]:
        print(f"{folder:28}{counts['guards']:8}{counts['survive']:9}{counts['listed']:8}")
    found = whole["guards"] - whole["survive"]
    by = f" by {', '.join(only)}" if only else ""
    print(f"{100.0 * found / whole['guards']:.1f} % found{by} or listed as equivalent")
    return not unlisted and not false


def judge_all(options, chosen, build_dir, programs, work, jobs):
    scratch_of = tempfile.TemporaryDirectory(prefix="guards-", ignore_cleanup_errors=True)
    with scratch_of as scratch, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        reach = Reach(build_dir, work / "reach.json", scratch)
        state = fingerprint(map(reach.path, programs)) if options.built else state_of(WORK / "src")
        results = Results(work / "results.jsonl", state, complete=not options.only)
        measured = reach.measure(programs, LEFT_OUT, pool)
        for program, tests in measured.items():
            for test, seen in tests.items():
                if not seen["passed"] and not seen["skipped"]:
                    print(f"not used, as it fails by itself: {program}:{test}", file=sys.stderr)
        judge = Judge(reach, measured, results.known, options.seconds)
        fresh = results.fresh()
        todo = [guard for guard in chosen if key_of(guard) not in fresh]
        waiting = {pool.submit(judge, guard): guard for guard in todo}
        for number, done in enumerate(concurrent.futures.as_completed(waiting), 1):
            results.put(key_of(waiting[done]), done.result())
            if sys.stderr.isatty():
                print(f"\r{number} of {len(todo)}", end="", file=sys.stderr)
    return results.fresh()


def main():
    options = arguments()
    jobs = int(os.environ.get("BIRTHSEAL_JOBS", os.cpu_count()))
    if options.built:
        manifest, build_dir, program = options.built
        guards, programs, work = json.loads(pathlib.Path(manifest).read_text()), {program: ()}, \
            pathlib.Path(manifest).parent
    else:
        programs = {name: PROGRAMS[name] for name in options.only or PROGRAMS}
        guards, work, build_dir = instrument(), WORK, None
    chosen = choose(guards, options)
    if options.list:
        for guard in chosen:
            print(f"{guard['file']}:{guard['line']}  {guard['condition']}")
        return 0
    build_dir = build_dir or build(programs, jobs)
    results = judge_all(options, chosen, build_dir, programs, work, jobs)
    if options.json:
        every = [dict(guard, **results[key_of(guard)]) for guard in chosen]
        options.json.write_text(json.dumps(every, indent=1, ensure_ascii=False), encoding="utf-8")
    equivalents = Equivalents(HERE / "equivalent.txt")
    judged = {key_of(guard): results.get(key_of(guard)) for guard in guards}
    false = list(equivalents.false(judged, complete=not options.built))
    return 0 if report(chosen, results, false, equivalents, options.only) else 1


if __name__ == "__main__":
    sys.exit(main())
