# SPDX-License-Identifier: Apache-2.0
"""The story of the demonstration, told against a running service. One function a chapter.

Every role acts through the `birthseal` command line with its own TLS key pair; the hospital sends
HL7 v2 over MLLP. The story stops with an error when an answer is not the expected one.
"""
import argparse
import json
import pathlib
import sys

from hospital import CAUSE, HERE, HospitalChapters
from registry import Registry
from tools import Cli, Printer, StoryError, change_weight, evidence, to_hex, today
from watching import Watching


class Story(HospitalChapters):
    def __init__(self, cli, out, samples):
        self.cli, self.out, self.samples = cli, out, samples
        self.service = out / "service"
        self.keys = self.service / "pki" / "operators"
        self.people = json.loads((HERE / "people.json").read_text(encoding="utf-8"))
        self.births = {birth["baby"]: birth for birth in self.people["births"]}
        self.newborns = {}  # baby number -> newborn id, hex
        self.cases = {}     # baby number -> case id, hex
        self.issued = []    # numbers in order
        self.print = Printer()
        self.watching = Watching(cli, out, self.print)

    # ---- 1 ----
    def register(self):
        self.print.chapter("管理员登记机构、人员、印章、编号", "The administrator sets up the registry")
        Registry(self.cli, self.out, self.print).fill()

    # ---- 4, 5 ----
    def approve(self):
        self.print.chapter("签发人员审核签名,分配编号", "The issuer signs; numbers are allotted")
        self.watching.await_quorum()  # before that, nothing is approved
        self.batch = list(self.cases.values())
        numbers = self.approved(self.batch)
        self.expect("numbers allotted", len(set(numbers)), len(self.births))
        self.print.line(f"李签发(SM2)审批{len(numbers)}件", f"Li (SM2) approves {len(numbers)} cases in one call")
        self.print.line(f"编号 {numbers[0]} 至 {numbers[-1]}", f"numbers {numbers[0]} to {numbers[-1]}")

    def approved(self, cases):
        answer = self.cli.ask("issuer-a", "approve", *cases, *self.operator("li-qianfa"))
        return [result["certificate_number"] for result in answer["results"]]

    def operator(self, name):
        return ["--operator", name, "--key", self.keys / f"{name}.key"]

    def seal(self):
        self.print.chapter("另一人核对后下令盖章", "Another person orders the seal")
        code, answers, error = self.cli.run("issuer-a", "seal", self.batch[0],
                                            *self.operator("li-qianfa"))
        self.expect("sealing by the issuer", code, 1)
        reasons = [r["error"]["reason"] for a in answers for r in a["results"] if r.get("error")]
        self.print.line("签发人自己盖章:拒绝", f"the issuer tries to seal: {', '.join(reasons) or error}", "✗")
        for result in self.sealed(self.batch):
            self.issued.append(result["number"])
        self.print.line(f"王盖章(P-256)盖章{len(self.batch)}件", f"Wang (P-256) seals {len(self.batch)} cases")
        self.print.line("先入日志，后盖章；回执在文件内", "logged before it is sealed; the receipt is in the file")

    def sealed(self, cases):
        answer = self.cli.ask("issuer-a", "seal", *cases, *self.operator("wang-gaizhang"))
        return [result["certificate"] for result in answer["results"]]

    def certificate(self, number):
        return self.cli.ask("platform", "get", number, "--cause", CAUSE)["certificate"]

    def download(self, number):
        ofd = self.out / "certificates" / f"{number}.ofd"
        self.cli.ask("platform", "download", number, "--cause", CAUSE, "--out", ofd)
        self.preview(number)
        return ofd

    def preview(self, number):
        picture = self.out / "certificates" / f"{number}.png"
        code, _, error = self.cli.run("platform", "preview", number, "--cause", "演示样张",
                                      "--dpi", 150, "--out", picture)
        self.expect(f"preview of {number} {error}", code, 0)

    # ---- 6 ----
    def verify(self):
        self.print.chapter("平台下载,公安核验", "The platform fetches, the police verify")
        files = [self.download(number) for number in self.issued]
        size = sum(path.stat().st_size for path in files) // len(files)
        self.print.line(f"下载{len(files)}份OFD,平均{size // 1024}KB", f"{len(files)} sealed OFD files fetched")
        for path in files:
            self.expect(path.name, self.verdict(path), "VALID")
        self.print.line("在线核验:真实有效", "online: VALID, all layers")
        for path in files:
            self.expect(path.name, self.verdict(path, offline=True), "GENUINE_STATUS_NOT_CHECKED")
        self.print.line("离线核验:真实,状态未查", "offline, from the file alone: GENUINE, status not checked")
        self.by_number()
        self.tampered(files[0])

    def verify_file(self, path, offline=False):
        words = ["--trust", self.out / "trust"] if offline else ["--cause", "出生登记 registration"]
        code, answers, error = self.cli.run("police", "verify", path, *words)
        if not answers:
            raise StoryError(f"verify {path.name}: {error}")
        return answers[0]

    def verdict(self, path, offline=False):
        return self.verify_file(path, offline)["verdict"].removeprefix("VERDICT_")

    def by_number(self):
        birth = self.births["BB26001"]
        answer = self.cli.ask("police", "verify-number", self.issued[0], "--name", birth["name"],
                              "--parent-id", self.people["mothers"][birth["mother"]]["id_number"])
        self.expect("verify by number", answer["share_result"], 0)
        self.print.line("按编号核验:" + answer["text_zh"], "by number and facts: " + answer["text_en"])

    def tampered(self, ofd):
        copy = self.service / "tampered.ofd"
        change_weight(ofd, copy)
        report = self.verify_file(copy)
        self.expect("tampered copy", report["verdict"], "VERDICT_FORGED_OR_ALTERED")
        layers = [layer for layer in report["layers"] if layer["result"] == "FAILED"]
        reason = layers[0]["reasons"][0].split(":")[0]
        self.print.line("改动体重的副本:" + report["verdict_zh"],
                        f"another weight: {layers[0]['layer']} FAILED, {reason}", "✗")

    # ---- 7 ----
    def exchange(self):
        self.print.chapter("换发:姓名录入差错", "Exchange: the issuer mistyped a name")
        baby, old = "BB26001", self.issued[0]
        self.watching.fetch_receipt(old, self.licence(old))  # as the police did while it was valid
        case = self.application(baby)
        case.update(kind="CASE_KIND_EXCHANGE", ground="EXCHANGE_GROUND_ISSUER_ERROR",
                    predecessor_number=old, newborn_name="江望舒")
        case["evidence"] += [evidence(kind, f"HF-{kind[:2]}-1") for kind in
                             ("ERROR_PROOF", "ISSUING_RECORD", "ORIGINAL_FRONT", "ORIGINAL_SECOND")]
        self.file(baby, case)
        self.print.line("江望书应为江望舒:交回原证,附差错证明", "original returned, with proof of the error")
        self.approved([self.cases[baby]])
        new = self.sealed([self.cases[baby]])[0]["number"]
        self.issued.append(new)
        self.newest = self.download(new)
        self.preview(old)  # now says 已作废
        self.expect("old", self.verdict(self.out / f"certificates/{old}.ofd"), "SUPERSEDED")
        self.print.line(f"原证 {old}:已换发失效", f"old {old}: SUPERSEDED", "✗")
        self.expect("new", self.verdict(self.newest), "VALID")
        self.print.line(f"新证 {new}:真实有效", f"new {new}: VALID, in the same commit")

    def second_first_issue(self):
        baby = "BB26001"
        code, _, error = self.cli.run("issuer-a", "apply", "-", "--newborn", self.newborns[baby],
                                      stdin=self.application(baby))
        if code == 0 or "[CERTIFICATE_EXISTS]" not in error:
            raise StoryError(f"second first issue: {error or 'not refused'}")
        self.print.line("再次申请首次签发:不予受理", "a second first issue: CERTIFICATE_EXISTS", "✗")

    def licence(self, number):
        return self.certificate(number)["licence_id"]

    # ---- 8 ----
    def watch(self):
        self.print.chapter("见证与唯一性证明", "Witnesses and the proof of one")
        old, new = self.issued[0], self.issued[-1]
        birth = self.births["BB26001"]
        mother = self.people["mothers"][birth["mother"]]["id_number"]
        nobody = self.people["nobody"]["id_number"]
        day = self.delivery("BB26001")["birth_time"][:10]
        self.watching.receipts((old, self.licence(old)), (new, self.licence(new)))
        self.watching.cosignatures()
        self.watching.one_in_force(new, mother, day)
        self.watching.never_issued(nobody, day)
        self.watching.tiles()
        self.watching.monitor()

    # ---- the end ----
    def summary(self, endpoint):
        counts = self.cli.ask("auditor", "admin", "summary")
        certificates = []
        for number in self.issued:
            certificate = self.certificate(number)
            certificates.append({
                "number": number, "licence_id": certificate["licence_id"],
                "status": certificate["status"].removeprefix("CERTIFICATE_STATUS_"),
                "file": f"certificates/{number}.ofd",
                "newborn_id": to_hex(certificate["newborn_id"]),
                "supersedes": certificate["supersedes"]})
        summary = {"endpoint": endpoint, "certificates": certificates}
        for key in ("accepted", "in_review", "rejected"):
            summary[f"deliveries_{key}"] = int(counts[f"deliveries_{key}"])
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        (self.out / "summary.json").write_text(text + "\n", encoding="utf-8")
        self.print.chapter("结果", "What is there now")
        voided = int(counts["certificates_voided"])
        self.print.line(f"证明{len(certificates)}份,有效{len(certificates) - voided}份;"
                        f"编号库存{counts['numbers_in_stock']}",
                        f"{len(certificates)} certificates, {voided} superseded; log of {counts['log_size']} leaves")
        self.print.line(f"分娩信息:接收{summary['deliveries_accepted']},待复核"
                        f"{summary['deliveries_in_review']},拒收{summary['deliveries_rejected']}",
                        "deliveries accepted, in review, rejected")
        self.print.line("certificates/ receipts/ log/ trust/ tls/ summary.json", f"in {self.out}", "·")
        print()
        self.print.plain(f"请看 look at  {self.newest.with_suffix('.png')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True, help="the birthseal program")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--samples", type=pathlib.Path, default=pathlib.Path("/nonexistent"))
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    endpoint = "127.0.0.1:" + (out / "service/birthseald.port").read_text().strip()
    story = Story(Cli(arguments.cli, endpoint, out / "tls"), out, arguments.samples)
    story.print.plain(f"出生医学证明电子证照 演示  Birthseal demonstration  {today()}  {endpoint}")
    story.print.plain("✓ 完成 done   ✗ 拒绝或失效 refused or void")
    try:
        story.register()
        story.messages()
        story.applications()
        story.approve()
        story.seal()
        story.verify()
        story.exchange()
        story.second_first_issue()
        story.watch()
        story.summary(endpoint)
    except (StoryError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
