# SPDX-License-Identifier: Apache-2.0
"""The chapter of witnesses: receipts, the proof of one, the log as files, the monitor."""
import json
import pathlib
import time

from tools import StoryError

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_SECONDS = 60  # as long as `birthseal` itself asks again
CEILING = "issued_a_day: 40"


class Watching:
    def __init__(self, cli, out, printer):
        self.cli, self.out, self.print = cli, out, printer
        self.trust, self.mirror = out / "trust", out / "service" / "state-monitor"

    def expect(self, what, told, wanted):
        if told != wanted:
            raise StoryError(f"{what}: expected {wanted}, got {told}")

    def await_quorum(self):
        """Until a quorum confirms the log: a service that just started proves first that it is new."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not self.cli.ask("auditor", "checkpoint").get("witnessed_checkpoint"):
            if time.monotonic() > give_up:
                raise StoryError("no quorum of witnesses has cosigned; see service/witness-*.log")
            time.sleep(0.2)
        self.print.line("见证方已确认日志为最新,方可签发", "witnesses confirm the log is the newest: issuing may begin")

    def fetch_receipt(self, number, licence):
        """R3, kept beside the certificate. `birthseal` asks again until witnesses have cosigned."""
        path = self.out / "receipts" / f"{number}.joint"
        path.parent.mkdir(exist_ok=True)
        self.cli.told("police", "receipt", licence, "--strength", "joint", "--out", path)
        return path

    def receipts(self, old, new):
        """old, new: number and licence. The old one was fetched while it was valid."""
        before = (self.out / "receipts" / f"{old[0]}.joint").read_bytes()
        if self.fetch_receipt(*old).read_bytes() != before:
            raise StoryError("the receipt of the old certificate has changed")
        self.fetch_receipt(*new)
        for number, _ in (old, new):
            told = json.loads(self.cli.told(
                None, "--json", "verify", self.out / f"certificates/{number}.ofd", "--trust",
                self.trust, "--receipt", self.out / f"receipts/{number}.joint"))
            self.expect(f"receipt of {number}", told["receipt_strength"], "JOINT")
            self.expect(f"verdict on {number}", told["verdict"], "VERDICT_GENUINE_STATUS_NOT_CHECKED")
        self.print.line("离线核验新旧两证:联合回执 R3 成立", "offline, both certificates: receipt JOINT")
        self.print.line("旧证回执换发前后逐字节相同", "the old one's receipt: the same bytes as before")

    def cosignatures(self):
        note = self.cli.ask("auditor", "checkpoint")["witnessed_checkpoint"]
        lines = note.splitlines()
        signed = [line.split(" ")[1] for line in lines if line.startswith("— witness-")]
        if len(set(signed)) < 2:
            raise StoryError(f"cosignatures of the newest checkpoint: {signed}")
        self.print.line(f"检查点(日志{lines[1]}叶)有{len(signed)}家联署",
                        f"checkpoint of {lines[1]} leaves, cosigned: {', '.join(signed)}")

    def unique(self, name, mother, day):
        """Asked by the police, then checked with nothing but the file: what it says."""
        path = self.out / "receipts" / f"{name}.unique"
        facts = ("--mother-id", mother, "--birth-date", day, "--trust", self.trust)
        online = self.cli.ask("police", "unique", *facts, "--out", path)
        offline = self.cli.ask(None, "unique", *facts, "--proof", path)
        # Only the service knows whether its log has grown since.
        known = {key: online.get(key) for key in offline}
        if offline != known or offline["witnessed"] != "true":
            raise StoryError(f"proof of {name}: {online}, offline {offline}")
        return offline["result"]

    def one_in_force(self, number, mother, day):
        self.expect("the newborn's proof", self.unique(number, mother, day), "ONE_IN_FORCE")
        self.print.line("凭母亲证件号与出生日期:有且仅一份有效", "by mother and birth date: exactly one in force")

    def never_issued(self, mother, day):
        self.expect("another mother's proof", self.unique("nobody", mother, day), "NOT_SEEN")
        self.print.line("另一证件号:可证截至检查点未曾签发",
                        "another number: proof that none was issued up to the checkpoint")

    def tiles(self):
        report = self.cli.ask("auditor", "audit", "export-tiles", "--out", self.out / "log",
                              "--log-key", self.trust / "log.pem",
                              "--log-ed25519", self.trust / "log-ed25519.pem")
        self.print.line(f"日志导出为文件,{report['size']}叶,人人可查",
                        f"log exported as plain files: {report['tiles']} tiles for anyone")

    def monitor(self):
        rules = HERE / "monitor-rules.textproto"
        code, told, error = self.cli.run(
            "auditor", "monitor", "--once", "--state", self.mirror, "--rules", rules,
            "--log-key", self.trust / "log.pem")
        if code != 0 or told:
            raise StoryError(f"monitor: {told or error}")
        self.print.line("监测:日志合乎公布的规则", "monitor: the log keeps the announced rules")
        self.strict_monitor(rules.read_text(encoding="utf-8"))

    def strict_monitor(self, rules):
        """Had the hospital announced one birth a day, the same log would be at fault."""
        strict = self.out / "service" / "strict-rules.textproto"
        if CEILING not in rules:
            raise StoryError(f"the rules say nothing of {CEILING}")
        strict.write_text(rules.replace(CEILING, "issued_a_day: 1"), encoding="utf-8")
        code, told, error = self.cli.run(None, "monitor", "--once", "--rules", strict,
                                         "--from-mirror", self.mirror)
        found = [finding["rule"] for finding in told if finding["event"] == "violation"]
        if code != 3 or found != ["CEILING_EXCEEDED"]:
            raise StoryError(f"monitor with a ceiling of one: {code} {found} {error}")
        self.print.line("若公布的上限为每日1份:告警", "with a ceiling of one a day: CEILING_EXCEEDED", "✗")
