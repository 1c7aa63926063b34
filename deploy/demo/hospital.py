# SPDX-License-Identifier: Apache-2.0
"""Chapters 2 and 3 of the story: what the hospital sends, and what parents apply for."""
import pathlib

from registry import HOSPITAL
from tools import Mllp, StoryError, ack_code, ack_texts, evidence, read_message, to_hex

HERE = pathlib.Path(__file__).resolve().parent
CAUSE = "演示 demonstration"


class HospitalChapters:
    """Base of Story, which has cli, print, people, births, newborns, cases, samples and service."""

    def expect(self, what, got, wanted):
        if got != wanted:
            raise StoryError(f"{what}: expected {wanted}, got {got}")

    def port(self, name):
        return int((self.service / f"{name}.port").read_text())

    # ---- 2 ----
    def messages(self):
        self.print.chapter("医院经MLLP发送HL7消息", "The hospital sends HL7 v2 over MLLP")
        self.mllp = Mllp(self.port("mllp-a"))
        self.message("01-single-birth", "AA", "单胎出生", "a single birth")
        self.message("02-twin-second-first", "AA", "双胎,次序2先到", "twins: order 2 comes first")
        self.message("03-twin-first", "AA", "双胎,次序1后到", "twins: then order 1")
        self.message("04-gb18030-rare-names", "AA", "GB18030编码,姓名含玘、龴",
                     "GB18030, names with 玘 and 龴")
        self.message("05-delegate", "AA", "单胎出生", "another single birth")
        first = self.message("01-single-birth", "AA", "同一消息重发", "the first message repeated")
        self.message("06-no-minutes", "AA", "出生时间无时分:转人工复核",
                     "no hour and minute: kept for a person", ["BIRTH_TIME_WITHOUT_MINUTES"])
        self.message("07-broken", "AE", "性别、时间不可用:拒收并留存",
                     "unusable sex and time: refused, kept", ["BIRTH_TIME_INVALID", "SEX_NOT_CODABLE"])
        self.message("08-update", "AA", "A08更正体重3250→3520克", "A08 corrects the weight to 3520 g")
        self.mllp.close()
        self.expect("weight after A08", self.delivery("BB26001")["birth_weight_g"], 3520)
        self.expect("repeat", first, self.first_answer)
        for baby in self.births:
            self.newborns[baby] = to_hex(self.record(baby)["newborn_id"])
        self.expect("newborns", len(set(self.newborns.values())), len(self.births))
        self.resolve_review()
        self.foreign_samples()

    def message(self, name, code, zh, en, defects=()):
        answer = self.mllp.send(read_message(HERE / "messages" / f"{name}.hl7"))
        self.expect(f"answer to {name}", ack_code(answer), code)
        for defect in defects:
            if defect not in ack_texts(answer):
                raise StoryError(f"answer to {name}: {defect} is not in {ack_texts(answer)}")
        if name.startswith("01") and not hasattr(self, "first_answer"):
            self.first_answer = answer
        self.print.line(f"{code}  {zh}", en, "✗" if code != "AA" else "✓")
        return answer

    def record(self, baby):
        return self.cli.ask("issuer-a", "delivery", "--facility", HOSPITAL, "--baby", baby,
                            "--cause", CAUSE)

    def delivery(self, baby):
        return self.record(baby)["delivery"]

    def resolve_review(self):
        reviews = self.cli.ask("issuer-a", "reviews", "--facility", HOSPITAL)["reviews"]
        self.expect("reviews", len(reviews), 1)
        birth_time = self.record("BB26006")["delivery"]["birth_time"][:10] + "T05:26"
        self.cli.ask("issuer-a", "resolve", reviews[0]["delivery_id"], "--record", "-", "--operator",
                     "li-qianfa", "--reason", "产房记录第31号 delivery room book 31",
                     stdin={"birth_time": birth_time})
        self.expect("in review", self.record("BB26006")["in_review"], False)
        self.print.line("复核:李签发据产房记录补全05:26", "reviewed: 05:26 from the delivery room's book")

    def foreign_samples(self):
        files = sorted(self.samples.rglob("*.hl7")) if self.samples.is_dir() else []
        if not files:
            return
        sender, answers = Mllp(self.port("mllp-b")), {}
        for path in files:
            raw = path.read_bytes().replace(b"\r\n", b"\r").replace(b"\n", b"\r")
            if b"|ACK|" in raw.split(b"\r", 1)[0]:
                code = "dropped"  # an acknowledgement is never answered
                sender.send_only(raw)
            else:
                code = ack_code(sender.send(raw))
            answers[code] = answers.get(code, 0) + 1
        sender.close()
        told = " ".join(f"{code}×{count}" for code, count in sorted(answers.items()))
        self.print.line(f"另发{len(files)}个第三方样例:全部有答复", f"{len(files)} samples of others: {told}")

    # ---- 3 ----
    def applications(self):
        self.print.chapter("申领:一次性告知全部缺项", "Applications: every defect told at once")
        self.file_with_defects()
        for baby in ("BB26001", "BB26002", "BB26003"):
            self.file(baby, self.application(baby), again=self.cases.get(baby))
        self.print.line("补正后重新提交;双胎各一件", "mended and filed again; one case for each twin")
        self.file("BB26004", self.application("BB26004"))
        self.print.line("无父亲信息:凭母亲书面声明", "no father: the mother's written statement")
        delegate = self.people["delegate"]
        case = self.application("BB26005", collector={
            "name": delegate["name"], "relation": "DELEGATE", "id_type": "ID_TYPE_CITIZEN_ID",
            "id_number": delegate["id_number"]})
        case["evidence"] += [evidence("DELEGATION", "WT-2605"), evidence("COLLECTOR_ID", "DZ-2605")]
        self.file("BB26005", case)
        self.print.line("委托他人领取:委托书与受托人证件", "collected by a delegate with authority and ID")
        self.file("BB26006", self.application("BB26006"))

    def application(self, baby, collector=None):
        birth = self.births[baby]
        case = {"kind": "CASE_KIND_FIRST_ISSUE", "institution_code": HOSPITAL,
                "newborn_name": birth["name"],
                "mother": self.parent("mothers", birth["mother"]),
                "collector": collector or {"name": birth["mother"], "relation": "MOTHER"},
                "evidence": [evidence("MOTHER_ID", f"MZ-{baby}")],
                "identity_check_reference": f"RZ-{baby}"}
        if "father" in birth:
            case["father"] = self.parent("fathers", birth["father"])
            case["evidence"].append(evidence("FATHER_ID", f"FZ-{baby}"))
        else:
            case["evidence"].append(evidence("MOTHER_STATEMENT", f"SM-{baby}"))
        return case

    def parent(self, group, name):
        return {"name": name, "nationality": "CHN", "id_type": "ID_TYPE_CITIZEN_ID",
                **self.people[group][name]}

    def submit(self, baby, case, again=None):
        words = ["apply", "-", "--newborn", self.newborns[baby]]
        return self.cli.ask("issuer-a", *words, *(["--again", again] if again else []), stdin=case)

    def file(self, baby, case, again=None):
        answer = self.submit(baby, case, again)
        if answer["state"] != "CASE_STATE_SUBMITTED":
            raise StoryError(f"case of {baby}: {answer['state']} "
                             + " ".join(d["code"] for d in answer["defects"]))
        self.cases[baby] = to_hex(answer["case_id"])

    def file_with_defects(self):
        baby = "BB26001"
        case = self.application(baby)
        case["newborn_name"] = "林小溪之女"
        case["mother"]["id_number"] = case["mother"]["id_number"][:-1] + "0"
        del case["father"]["address"]
        case["evidence"] = []
        answer = self.submit(baby, case)
        self.expect("state of a case with defects", answer["state"], "CASE_STATE_RETURNED")
        self.cases[baby] = to_hex(answer["case_id"])
        defects = {d["code"]: d["text_zh"].split(",")[0] for d in answer["defects"]
                   if d["severity"] != "NOTE"}
        self.print.line(f"退回,{len(defects)}种缺陷一次说明:",
                        f"returned, {len(defects)} kinds of defects in one answer:", "✗")
        for code, text in defects.items():
            self.print.line("  " + text, "  " + code, "·")
