#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the demonstration with the built binaries and checks what it leaves behind.

usage: demo_test.py SOURCE_DIR BINARY_DIR    Writes a report into GTEST_OUTPUT=xml:DIR/ as the other
test programs do. Exit: 0 all passed.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree as ET

SOURCE, BINARY = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
WITNESSES = ("witness-police", "witness-health", "witness-audit")
STATUSES = {"VALID", "EXCHANGED", "REPLACED", "REVOKED"}


class Skip(Exception):
    pass


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          encoding="utf-8", timeout=500, check=False, **more)


def demo(out, *words):
    environment = {**os.environ, "BIRTHSEAL_BIN_DIR": str(BINARY)}
    return run(SOURCE / "deploy/demo/run", "--out", out, *words, env=environment)


def programs_of(directory):
    """Command lines of running programs that name the directory."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(directory) in words and "demo_test" not in words:
            found.append(words)
    return found


def until(holds, seconds=60):
    """Whether it holds within this time."""
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True


class DemoTest:
    def __init__(self, work):
        self.work, self.out = work, work / "out"
        self.story = demo(self.out)
        self.summary = None

    def TheStoryIsToldToItsEnd(self):
        assert self.story.returncode == 0, self.story.stdout + self.story.stderr
        picture = self.story.stdout.strip().splitlines()[-1].split()[-1]
        assert pathlib.Path(picture).is_file(), picture
        assert "\033" not in self.story.stdout, "colour outside a terminal"

    def TheSummaryHasExactlyTheNamedKeys(self):
        self.summary = json.loads((self.out / "summary.json").read_text(encoding="utf-8"))
        assert set(self.summary) == {"endpoint", "certificates", "deliveries_accepted",
                                     "deliveries_in_review", "deliveries_rejected"}, self.summary
        assert re.fullmatch(r"127\.0\.0\.1:\d+", self.summary["endpoint"])
        for certificate in self.summary["certificates"]:
            assert set(certificate) == {"number", "licence_id", "status", "file", "newborn_id",
                                        "supersedes"}, certificate
            assert certificate["status"] in STATUSES, certificate
            assert re.fullmatch(r"[0-9a-f]{32}", certificate["newborn_id"]), certificate
            assert certificate["licence_id"].startswith("1.2.156.3005.2."), certificate
            assert certificate["file"] == f"certificates/{certificate['number']}.ofd"
        assert all(isinstance(self.summary[key], int) for key in self.summary
                   if key.startswith("deliveries_"))
        assert self.summary["deliveries_accepted"] >= 6
        assert self.summary["deliveries_rejected"] >= 1

    def TheStoreItLeavesIsCleanToItsLastByte(self):
        fsck = run(BINARY / "server/birthseald", "fsck", "--json",
                   "--config", self.out / "service/birthseald.textproto")
        assert fsck.returncode == 0, fsck.stdout + fsck.stderr
        report = json.loads(fsck.stdout)
        assert report["clean"] and report["findings"] == [], report
        assert report["records"]["certificates"] == len(self.summary["certificates"]), report

    def EveryIssuedCertificateHasItsFileAndPicture(self):
        numbers = {certificate["number"] for certificate in self.summary["certificates"]}
        assert len(numbers) == len(self.summary["certificates"]) >= 7
        files = {path.name for path in (self.out / "certificates").iterdir()}
        assert files == {n + end for n in numbers for end in (".ofd", ".png")}, files
        for path in (self.out / "certificates").glob("*.png"):
            assert path.read_bytes().startswith(b"\x89PNG\r\n"), path
        for path in (self.out / "certificates").glob("*.ofd"):
            assert path.read_bytes().startswith(b"PK\x03\x04"), path

    def OneNewbornHasOneValidCertificateAndTheOldOneIsExchanged(self):
        valid, by_number = {}, {c["number"]: c for c in self.summary["certificates"]}
        for certificate in by_number.values():
            if certificate["status"] == "VALID":
                assert valid.setdefault(certificate["newborn_id"], certificate) is certificate
        newer = [c for c in by_number.values() if c["supersedes"]]
        assert newer, "no exchange in the summary"
        for certificate in newer:
            old = by_number[certificate["supersedes"]]
            assert old["status"] == "EXCHANGED" and certificate["status"] == "VALID"
            assert old["newborn_id"] == certificate["newborn_id"]

    def TheTrustFilesHoldEveryIntermediateAndTheRoot(self):
        for name in ("seal-makers.pem", "signers.pem"):
            path = self.out / "trust" / name
            text = path.read_text()
            parts = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S)
            assert len(parts) >= 2, name
            roots = 0
            for part in parts:
                shown = run("openssl", "x509", "-noout", "-text", "-subject", "-issuer",
                            "-checkend", "0", input=part)
                assert shown.returncode == 0 and "CA:TRUE" in shown.stdout, name
                subject = re.search(r"^subject=(.*)$", shown.stdout, re.M).group(1)
                issuer = re.search(r"^issuer=(.*)$", shown.stdout, re.M).group(1)
                roots += subject == issuer
            assert roots == 1, name
        assert "BEGIN PUBLIC KEY" in (self.out / "trust/log.pem").read_text()

    def EveryRoleHasItsTlsPair(self):
        tls = self.out / "tls"
        assert (tls / "ca.pem").is_file()
        pairs = {path.stem for path in tls.glob("*.key")}
        assert {"admin", "hospital-a", "issuer-a", "managing", "platform", "police",
                *WITNESSES} <= pairs
        assert pairs == {path.stem for path in tls.glob("*.pem")} - {"ca"}

    def OtherSoftwareVerifiesEveryFile(self):
        files = sorted((self.out / "certificates").glob("*.ofd"))
        judged = run(SOURCE / "tests/interop/verify_ofd.sh", self.out / "trust", *files)
        if judged.returncode == 77:
            raise Skip(judged.stderr.strip() or "Java or BouncyCastle is missing")
        assert judged.returncode == 0, judged.stdout + judged.stderr

    def OurOwnVerifierAgreesOffline(self):
        for path in sorted((self.out / "certificates").glob("*.ofd")):
            judged = run(BINARY / "clients/birthseal/birthseal", "--json", "verify", path,
                         "--trust", self.out / "trust")
            assert judged.returncode == 0, judged.stdout + judged.stderr
            verdict = json.loads(judged.stdout)["verdict"]
            assert verdict == "VERDICT_GENUINE_STATUS_NOT_CHECKED", verdict

    def cli(self, *words):
        return run(BINARY / "clients/birthseal/birthseal", *words)

    def exchanged(self):
        """(the certificate that took another's place, the other)"""
        by_number = {c["number"]: c for c in self.summary["certificates"]}
        new = next(c for c in by_number.values() if c["supersedes"])
        return new, by_number[new["supersedes"]]

    def strength(self, certificate, *receipts):
        words = [word for number in receipts
                 for word in ("--receipt", self.out / f"receipts/{number}.joint")]
        judged = self.cli("--json", "verify", self.out / certificate["file"], "--trust",
                          self.out / "trust", *words)
        return judged.returncode, json.loads(judged.stdout)

    def JointReceiptsHoldOfflineForTheirOwnCertificateAlone(self):
        new, old = self.exchanged()
        for certificate in (new, old):
            code, told = self.strength(certificate, certificate["number"])
            assert code == 0 and told["receipt_strength"] == "JOINT", told
            assert self.strength(certificate)[1]["receipt_strength"] != "JOINT"
        code, told = self.strength(new, old["number"])
        assert code == 1 and told["receipt_strength"] != "JOINT", told
        assert told["verdict"] == "VERDICT_SEALED_OUTSIDE_THE_LOG", told

    def ACertificateInsideAnotherFileIsNotGenuine(self):
        new, _ = self.exchanged()
        genuine = (self.out / new["file"]).read_bytes()
        for name, whole in (("before", b"%PDF-1.4 another look" + genuine),
                            ("behind", genuine + b"%%EOF")):
            path = self.out / f"{name}.ofd"
            path.write_bytes(whole)
            judged = self.cli("--json", "verify", path, "--trust", self.out / "trust")
            path.unlink()
            assert judged.returncode == 1, judged.stdout + judged.stderr
            verdict = json.loads(judged.stdout)["verdict"]
            assert verdict == "VERDICT_FORGED_OR_ALTERED", verdict

    def TheStoryShowsWitnessesAndTheProofOfOne(self):
        for line in ("witnesses confirm the log is the newest", "receipt JOINT",
                     "the same bytes as before", "exactly one in force",
                     "proof that none was issued up to the checkpoint", "log exported as plain files",
                     "the log keeps the announced rules", "CEILING_EXCEEDED"):
            assert line in self.story.stdout, line
        new, _ = self.exchanged()
        assert {path.name for path in (self.out / "receipts").glob("*.unique")} == {
            f"{new['number']}.unique", "nobody.unique"}
        cosigned = re.search(r"cosigned: (.*)", self.story.stdout).group(1).split(", ")
        assert len(cosigned) >= 2 and set(cosigned) <= set(WITNESSES), cosigned

    def EveryWitnessHasAMirrorThatMakesTheSignedRoots(self):
        for name in WITNESSES:
            state = self.out / "service" / f"state-{name}"
            verified = self.cli("audit", "verify", "--mirror", state, "--log-key",
                                self.out / "trust/log.pem")
            assert verified.returncode == 0, verified.stdout + verified.stderr
            shown = json.loads(self.cli("--json", "witness", "show", "--state", state).stdout)
            assert int(shown["size"]) > 0 and not shown["refusal"], shown
            assert shown["evidence"] == "0", shown

    def TheIndependentCheckerReadsTheExportedLog(self):
        checked = run(sys.executable, SOURCE / "tests/interop/check_proofs.py", "tiles",
                      self.out / "log", "--log-key", self.out / "trust/log.pem", "--leaf", "1")
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def NothingIsLeftRunning(self):
        assert programs_of(self.out) == []

    def ADirectoryOfOtherThingsIsLeftAlone(self):
        other = self.work / "other"
        other.mkdir()
        (other / "letter.txt").write_text("mine")
        refused = demo(other)
        assert refused.returncode != 0
        assert [path.name for path in other.iterdir()] == ["letter.txt"]

    def AKilledDemonstrationLeavesNothingRunning(self):
        for ending in (signal.SIGTERM, signal.SIGKILL):
            out = self.work / f"killed-{ending.name}"
            environment = {**os.environ, "BIRTHSEAL_BIN_DIR": str(BINARY)}
            running = subprocess.Popen([str(SOURCE / "deploy/demo/run"), "--out", str(out)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=environment)
            try:
                # The story is under way, with everything started that is ever started.
                assert until(lambda: (out / "service/story.pid").is_file()), "not started"
                assert len(programs_of(out)) >= 2 + len(WITNESSES), programs_of(out)
                running.send_signal(ending)
                assert running.wait(timeout=60) != 0
                assert until(lambda: not programs_of(out)), programs_of(out)
            finally:
                running.kill()
                running.wait()

    def AKeptServiceIsReachableUntilItIsStopped(self):
        kept = demo(self.out, "--keep")  # replaces the former output
        try:
            assert kept.returncode == 0, kept.stdout + kept.stderr
            assert str(self.out / "service/stop") in kept.stdout
            running = programs_of(self.out)
            for name in WITNESSES:
                assert sum(f"witness --state {self.out}/service/state-{name} " in words
                           for words in running) == 1, running
            number = json.loads((self.out / "summary.json").read_text())["certificates"][-1]
            server = json.loads((self.out / "summary.json").read_text())["endpoint"]
            answer = run(BINARY / "clients/birthseal/birthseal", "--json", "--server", server,
                         "--tls", self.out / "tls", "--role", "police", "status",
                         number["licence_id"])
            assert answer.returncode == 0, answer.stderr
            assert json.loads(answer.stdout)["status"] == "CERTIFICATE_STATUS_VALID"
            assert demo(self.out).returncode != 0, "a running demonstration was overwritten"
        finally:
            if (self.out / "service/stop").is_file():
                run(self.out / "service/stop")
        assert until(lambda: not programs_of(self.out)), programs_of(self.out)


def judge(test, name):
    """(seconds, kind, text); kind is None, "failure" or "skipped"."""
    start = time.monotonic()
    try:
        getattr(test, name)()
        kind, text = None, ""
    except Skip as reason:
        kind, text = "skipped", str(reason)
    except Exception:  # every fault of a check is a failed check
        kind, text = "failure", traceback.format_exc()
    return time.monotonic() - start, kind, text


def report_path():
    wanted = os.environ.get("GTEST_OUTPUT", "")
    if not wanted.startswith("xml:"):
        return None
    path = wanted[4:]
    return pathlib.Path(path) / "demo_test.xml" if path.endswith("/") else pathlib.Path(path)


def main():
    suite = ET.Element("testsuite", name="DemoTest")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="birthseal-demo-") as directory:
        test = DemoTest(pathlib.Path(directory))
        for name in [name for name in vars(DemoTest) if name[0].isupper()]:
            seconds, kind, text = judge(test, name)
            case = ET.SubElement(suite, "testcase", classname="DemoTest", name=name,
                                 time=f"{seconds:.3f}")
            if kind:
                ET.SubElement(case, kind, message=text.strip())
            failed += kind == "failure"
            print(f"[{(kind or 'ok').upper():>8}] DemoTest.{name}", text, sep="\n" if text else "")
    path = report_path()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        root = ET.Element("testsuites")
        root.append(suite)
        ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
