// SPDX-License-Identifier: Apache-2.0
// Clauses about who acts and with what: institution, evidence, collector, exchange, replacement.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "certs/id_document.h"
#include "certs/limits.h"
#include "certs/printable.h"
#include "certs/rules/rule_checks.h"

namespace birthseal::certs {
namespace {

// The 副页 of a registered child is with the police, so only the 正页 comes back. Rule E3.
bool Waived(const Profile& profile, const Application& application, EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::kOriginalSecond:
      return PoliceOutcome(application) == "REGISTERED";
    case EvidenceKind::kMotherId: {  // Rule P3: the father-only route has no mother's document
      const bool no_mother =
          application.mother.name.empty() && application.mother.id_number.empty();
      return profile.father_only_route && no_mother && application.father.has_value();
    }
    default:
      return false;
  }
}

bool SamePerson(const Parent& a, const Parent& b) {
  return a.name == b.name && a.id_type == b.id_type && SameIdNumber(a.id_number, b.id_number);
}

bool SameFather(const std::optional<Parent>& a, const std::optional<Parent>& b) {
  return a.has_value() == b.has_value() && (!a || SamePerson(*a, *b));
}

// What an exchange or a replacement gives up must be the one valid certificate.
// Rule X3.
bool CheckPredecessor(const CaseFacts& facts, Findings& findings) {
  constexpr absl::string_view kField = "predecessor_number";
  if (facts.predecessor == nullptr) {
    findings.Add("PREDECESSOR_UNKNOWN", kField, "未找到原《出生医学证明》",
                 "the certificate to be given up is not known here");
    return false;
  }
  if (facts.predecessor->number != facts.application.predecessor_number) {
    findings.Add("PREDECESSOR_MISMATCH", kField, "原证编号不属于该新生儿",
                 "the number is not that of this newborn's certificate");
  }
  if (!facts.predecessor->valid) {
    findings.Add("PREDECESSOR_NOT_VALID", kField, "原证已失效",
                 "the certificate to be given up is no longer valid");
  }
  return true;
}

// Each ground opens only what it is about. Rules X5, X6.
void CheckContentOfGround(const CaseFacts& facts, Findings& findings) {
  const Application& application = facts.application;
  const FaceContent& old = facts.predecessor->content;
  const ExchangeGround ground = application.ground;
  if (ground == ExchangeGround::kNone || ground == ExchangeGround::kIssuerError ||
      ground == ExchangeGround::kParentsWish) {
    return;
  }
  const bool name_opens = ground == ExchangeGround::kNameUnregistrable;
  const bool parents_open = ground == ExchangeGround::kParentChange;
  if (!name_opens && application.newborn_name != old.newborn_name) {
    findings.Add("NAME_CHANGE_NOT_COVERED", "newborn_name", "该换发事由不能变更新生儿姓名",
                 "this ground does not cover another name");
  }
  if (!parents_open && (!SamePerson(application.mother, old.mother) ||
                        !SameFather(application.father, old.father))) {
    findings.Add("PARENT_CHANGE_NOT_COVERED", "father", "该换发事由不能变更父母信息",
                 "this ground does not cover other parents");
  }
}

// The father as the case knows him: a replacement repeats its predecessor.
// Rule W6.
const Parent* FatherOf(const CaseFacts& facts) {
  const Application& application = facts.application;
  if (application.father) return &*application.father;
  const bool repeats = application.kind == CaseKind::kReplacement && facts.predecessor != nullptr;
  if (repeats && facts.predecessor->content.father) return &*facts.predecessor->content.father;
  return nullptr;
}

// By what right somebody else collects: sent by the mother, or in her place when she cannot act.
// In her place nobody vouches for the collector, so he shows who he is to the child.
// Rules W3, W4, W5.
void CheckAuthority(const CaseFacts& facts, Findings& findings) {
  const Collector& collector = facts.application.collector;
  const bool father = collector.relation == "FATHER";
  const bool parent_or_guardian = father || collector.relation == "GUARDIAN";
  if (!parent_or_guardian) {
    Require(facts, EvidenceKind::kDelegation, findings);
  } else if (!MotherCannotAct(facts.application)) {
    if (HasEvidence(facts.application, EvidenceKind::kDelegation)) return;
    findings.Add("DELEGATION_MISSING", "evidence",
                 "缺少材料:母亲的授权委托书;母亲死亡、失踪或无民事行为能力的,提交相应证明代替",
                 "evidence DELEGATION is required of the mother, or in its place MOTHER_DEATH, "
                 "MOTHER_MISSING or MOTHER_INCAPABLE");
  } else if (!father) {
    Require(facts, EvidenceKind::kGuardianship, findings);
  } else {
    const Parent* known = FatherOf(facts);
    if (known != nullptr && known->name == collector.name && known->id_type == collector.id_type &&
        known->id_number == collector.id_number) {
      return;
    }
    findings.Add("COLLECTOR_IS_NOT_FATHER", "collector.relation", "领证人信息与父亲信息不一致",
                 "the collector is named as father but the case names no father or another person");
  }
}

}  // namespace

bool MotherCannotAct(const Application& application) {
  return HasEvidence(application, EvidenceKind::kMotherDeath) ||
         HasEvidence(application, EvidenceKind::kMotherMissing) ||
         HasEvidence(application, EvidenceKind::kMotherIncapable);
}

void Require(const CaseFacts& facts, EvidenceKind kind, Findings& findings) {
  if (HasEvidence(facts.application, kind)) return;
  const absl::string_view name = EvidenceKindName(kind);
  findings.Add(absl::StrCat(name, "_MISSING"), "evidence",
               absl::StrCat("缺少材料:", EvidenceKindText(kind)),
               absl::StrCat("evidence ", name, " is required"));
}

std::string PoliceOutcome(const Application& application) {
  std::string outcome;
  for (const Evidence& evidence : application.evidence) {
    if (evidence.kind == EvidenceKind::kPoliceCheckReply) outcome = evidence.outcome;
  }
  return outcome;
}

std::vector<EvidenceKind> EvidenceToBring(const Profile& profile, const Application& application) {
  std::vector<EvidenceKind> kinds = RequiredEvidence(profile, application.kind, application.ground);
  kinds.erase(std::remove_if(kinds.begin(), kinds.end(),
                             [&](EvidenceKind kind) { return Waived(profile, application, kind); }),
              kinds.end());
  return kinds;
}

// Every list of the profile that matches the case; nothing beyond it. Rules I7, E2, X10.
void CheckEvidence(const CaseFacts& facts, Findings& findings) {
  const Application& application = facts.application;
  for (const EvidenceKind kind : EvidenceToBring(facts.profile, application)) {
    if (kind == EvidenceKind::kPoliceCheckReply) {
      CheckPoliceReply(facts, findings);  // waiting for the police is a state of its own
    } else {
      Require(facts, kind, findings);
    }
  }
  for (size_t i = 0; i < application.evidence.size(); ++i) {
    const std::string& reference = application.evidence[i].reference;
    // Rule E4.
    if (reference.empty() || reference.size() > kMaxReason || !IsPrintable(reference)) {
      findings.Add("EVIDENCE_REFERENCE_INVALID", absl::StrCat("evidence[", i, "].reference"),
                   "材料编号为空或过长", "a reference has 1 to 200 bytes of text");
    }
  }
}

// The collector's ID, and by what right, when he is not the mother. Rules W1, W2, W7, W8.
void CheckCollector(const CaseFacts& facts, Findings& findings) {
  const Collector& collector = facts.application.collector;
  const Parent& mother = facts.application.mother;
  const std::string& relation = collector.relation;
  const bool known = relation == "MOTHER" || relation == "FATHER" || relation == "GUARDIAN" ||
                     relation == "DELEGATE";
  if (!known) {
    findings.Add("COLLECTOR_RELATION_INVALID", "collector.relation", "未填写领证人与新生儿关系",
                 "the relation is MOTHER, FATHER, GUARDIAN or DELEGATE");
    return;
  }
  if (relation == "MOTHER") {
    const bool other_name = !collector.name.empty() && collector.name != mother.name;
    const bool other_number =
        !collector.id_number.empty() && !SameIdNumber(collector.id_number, mother.id_number);
    const bool repeats_predecessor = facts.application.kind == CaseKind::kReplacement;
    if (!repeats_predecessor && (other_name || other_number)) {
      findings.Add("COLLECTOR_IS_NOT_MOTHER", "collector.relation", "领证人信息与母亲信息不一致",
                   "the collector is named as mother but is another person");
    }
    return;
  }
  if (collector.name.empty() || collector.id_type == IdType::kNone || collector.id_number.empty()) {
    findings.Add("COLLECTOR_INCOMPLETE", "collector", "领证人信息不完整",
                 "give the collector's name, document and number");
  } else {
    CheckIdDocument(collector.id_type, collector.id_number, "collector", findings);
  }
  CheckAuthority(facts, findings);
  const bool father_shown =
      relation == "FATHER" && HasEvidence(facts.application, EvidenceKind::kFatherId);
  if (!father_shown) Require(facts, EvidenceKind::kCollectorId, findings);
  if (facts.profile.mother_only_in_person && !facts.application.father &&
      !MotherCannotAct(facts.application)) {
    findings.Add("MOTHER_MUST_COLLECT", "collector.relation", "无父亲信息的应由母亲本人领取",
                 "without father information the mother collects in person");
  }
}

// Rule E7.
void CheckInstitution(const CaseFacts& facts, Findings& findings) {
  constexpr absl::string_view kField = "institution_code";
  if (facts.institution.code != facts.application.institution_code) {
    findings.Add("INSTITUTION_MISMATCH", kField, "申请的签发机构与受理机构不一致",
                 "the case names another institution");
  }
  // Rule E6: the licence is the gate; without it the duties are the managing institution's.
  if (!facts.institution.licensed && !facts.institution.managing) {
    findings.Add("INSTITUTION_NOT_LICENSED", kField, "该机构无有效的母婴保健技术服务执业许可证",
                 "the institution has no licence in force", Severity::kNotEligible);
  }
}

// 一名新生儿只有一份合法有效的《出生医学证明》. Rules I1, E8.
void CheckSecondApplication(const CaseFacts& facts, Findings& findings) {
  if (!facts.has_valid_certificate) return;
  findings.Add("CERTIFICATE_EXISTS", "newborn_id",
               "该新生儿已有有效《出生医学证明》,请办理换发或补发",
               "this newborn has a valid certificate: apply for exchange (换发) or replacement "
               "(补发)",
               Severity::kNotEligible);
}

// Rules X1, X2.
void CheckExchange(const CaseFacts& facts, Findings& findings) {
  const Application& application = facts.application;
  if (application.ground == ExchangeGround::kNone) {
    findings.Add("EXCHANGE_GROUND_MISSING", "ground", "未填写换发事由", "an exchange has a ground");
  }
  if (application.ground == ExchangeGround::kParentsWish) {
    findings.Add("PARENTS_WISH_NOT_A_GROUND", "ground",
                 "家长要求改名不属于换发事由:户口登记机关先按证上姓名登记,再按户口管理规定办理变更,"
                 "原姓名登记为曾用名",
                 "a wish for another name is no ground: the police register the printed name, "
                 "then rename under household rules; the printed name becomes the former name "
                 "(曾用名)");
  }
  if (!CheckPredecessor(facts, findings)) return;
  // Rule X4: "原签发机构"; the managing institution steps in by decision, as when that one is gone.
  const bool stands_in =
      facts.institution.managing && HasEvidence(application, EvidenceKind::kDecision);
  if (facts.predecessor->issuer_code != facts.institution.code && !stands_in) {
    findings.Add("NOT_ORIGINAL_ISSUER", "institution_code", "换发应由原签发机构办理",
                 "only the original issuing institution exchanges", Severity::kNotEligible);
  }
  CheckContentOfGround(facts, findings);
}

// Rules X8, X9, X11.
void CheckReplacement(const CaseFacts& facts, Findings& findings) {
  const Application& application = facts.application;
  if (!facts.institution.managing) {
    findings.Add("ONLY_MANAGING_INSTITUTION_REPLACES", "institution_code",
                 "补发由首次签发地县级管理机构办理",
                 "only the county managing institution replaces", Severity::kNotEligible);
  }
  if (PoliceOutcome(application) == "REGISTERED") {
    findings.Add("REPLACEMENT_FRONT_PAGE_ONLY", "evidence", "已登记户口,只补发正页",
                 "the child is registered: only the first page is replaced", Severity::kNote);
  }
  if (!CheckPredecessor(facts, findings)) return;
  const FaceContent& old = facts.predecessor->content;
  const bool name_differs =
      !application.newborn_name.empty() && application.newborn_name != old.newborn_name;
  const bool mother_differs =
      !application.mother.name.empty() && !SamePerson(application.mother, old.mother);
  const bool father_differs = application.father && !SameFather(application.father, old.father);
  if (name_differs || mother_differs || father_differs || application.father_incomplete) {
    findings.Add("REPLACEMENT_CONTENT_DIFFERS",
                 name_differs     ? "newborn_name"
                 : mother_differs ? "mother"
                                  : "father",
                 "补发内容应与原证一致", "a replacement repeats its predecessor");
  }
}

}  // namespace birthseal::certs
