// SPDX-License-Identifier: Apache-2.0
#include "certs/application.h"

#include <algorithm>
#include <utility>

#include "certs/canonical.h"
#include "certs/canonical_parts.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kType[] = "birthseal/application/v1";
constexpr char kCollectorType[] = "birthseal/collector/v1";
constexpr char kEvidenceType[] = "birthseal/evidence/v1";

struct KindName {
  EvidenceKind kind;
  absl::string_view name, text_zh;
};

// The names of profiles and messages; deploy/profiles/README.md lists them with their Chinese.
constexpr KindName kKindNames[] = {
    {EvidenceKind::kMotherId, "MOTHER_ID", "母亲有效身份证件"},
    {EvidenceKind::kFatherId, "FATHER_ID", "父亲有效身份证件"},
    {EvidenceKind::kCollectorId, "COLLECTOR_ID", "领证人有效身份证件"},
    {EvidenceKind::kDelegation, "DELEGATION", "授权委托书"},
    {EvidenceKind::kMotherStatement, "MOTHER_STATEMENT", "母亲书面声明"},
    {EvidenceKind::kSamePersonCertificate, "SAME_PERSON_CERTIFICATE", "户口登记机关同一人证明"},
    {EvidenceKind::kDnaReport, "DNA_REPORT", "亲子鉴定报告"},
    {EvidenceKind::kPoliceCheckReply, "POLICE_CHECK_REPLY", "新生儿入户情况核查回复"},
    {EvidenceKind::kChangeAdvice, "CHANGE_ADVICE", "信息变更建议书"},
    {EvidenceKind::kOriginalFront, "ORIGINAL_FRONT", "交回的正页"},
    {EvidenceKind::kOriginalSecond, "ORIGINAL_SECOND", "交回的副页"},
    {EvidenceKind::kLossStatement, "LOSS_STATEMENT", "遗失声明"},
    {EvidenceKind::kIssuingRecord, "ISSUING_RECORD", "签发存档或存根复印件"},
    {EvidenceKind::kLatenessExplanation, "LATENESS_EXPLANATION", "逾期申领书面说明"},
    {EvidenceKind::kMedicalRecord, "MEDICAL_RECORD", "病历复印件"},
    {EvidenceKind::kErrorProof, "ERROR_PROOF", "差错证明"},
    {EvidenceKind::kDecision, "DECISION", "管理机构决定书"},
    {EvidenceKind::kNameOverride, "NAME_OVERRIDE", "选取其他姓氏的依据"},
    {EvidenceKind::kMotherDeath, "MOTHER_DEATH", "母亲死亡证明"},
    {EvidenceKind::kMotherMissing, "MOTHER_MISSING", "母亲失踪证明"},
    {EvidenceKind::kMotherIncapable, "MOTHER_INCAPABLE", "母亲无民事行为能力证明"},
    {EvidenceKind::kGuardianship, "GUARDIANSHIP", "监护关系证明"},
};

std::string Canonical(const Collector& collector) {
  CanonicalWriter writer(kCollectorType);
  writer.Text(1, collector.name)
      .Text(2, collector.relation)
      .Number(3, static_cast<uint64_t>(collector.id_type))
      .Text(4, collector.id_number)
      .Text(5, collector.phone);
  return std::move(writer).Finish();
}

// Parts of an application: whether they would be written as they were read, a digest that is not
// whole for one, is asked of the application with all its parts.
absl::StatusOr<Collector> ParseCollector(absl::string_view canonical) {
  CanonicalReader reader(canonical, kCollectorType);
  Collector collector;
  collector.name = reader.Text(1);
  collector.relation = reader.Text(2);
  collector.id_type = static_cast<IdType>(IntFrom(reader.Number(3)));
  collector.id_number = reader.Text(4);
  collector.phone = reader.Text(5);
  RETURN_IF_ERROR(reader.Finish());
  if (!IsKnown(collector.id_type)) return Malformed(kCollectorType);
  return collector;
}

std::string Canonical(const Evidence& evidence) {
  CanonicalWriter writer(kEvidenceType);
  writer.Number(1, static_cast<uint64_t>(evidence.kind))
      .Text(2, evidence.reference)
      .Text(3, View(evidence.digest))
      .Text(4, evidence.outcome);
  return std::move(writer).Finish();
}

absl::StatusOr<Evidence> ParseEvidence(absl::string_view canonical) {
  CanonicalReader reader(canonical, kEvidenceType);
  Evidence evidence;
  evidence.kind = static_cast<EvidenceKind>(IntFrom(reader.Number(1)));
  evidence.reference = reader.Text(2);
  evidence.digest = reader.Hash(3);
  evidence.outcome = reader.Text(4);
  RETURN_IF_ERROR(reader.Finish());
  const int kind = static_cast<int>(evidence.kind);
  if (kind < 0 || kind > static_cast<int>(kLastEvidenceKind)) return Malformed(kEvidenceType);
  return evidence;
}

bool EnumsKnown(const Application& application) {
  const int kind = static_cast<int>(application.kind);
  const int ground = static_cast<int>(application.ground);
  return kind >= 1 && kind <= 5 && ground >= 0 && ground <= 7;
}

}  // namespace

std::string Canonical(const Application& application) {
  CanonicalWriter writer(kType);
  writer.Number(1, static_cast<uint64_t>(application.kind))
      .Text(2, application.institution_code)
      .Text(3, application.newborn_id)
      .Text(4, application.predecessor_number)
      .Number(5, static_cast<uint64_t>(application.ground))
      .Text(6, application.newborn_name)
      .Nested(7, Canonical(application.mother));
  if (application.father) writer.Nested(8, Canonical(*application.father));
  writer.Number(9, application.father_incomplete ? 1 : 0)
      .Nested(10, Canonical(application.collector));
  for (const Evidence& evidence : application.evidence) writer.Nested(11, Canonical(evidence));
  writer.Text(12, application.identity_check_reference);
  return std::move(writer).Finish();
}

absl::StatusOr<Application> ParseApplication(absl::string_view canonical) {
  CanonicalReader reader(canonical, kType);
  Application application;
  application.kind = static_cast<CaseKind>(IntFrom(reader.Number(1)));
  application.institution_code = reader.Text(2);
  application.newborn_id = reader.Text(3);
  application.predecessor_number = reader.Text(4);
  application.ground = static_cast<ExchangeGround>(IntFrom(reader.Number(5)));
  application.newborn_name = reader.Text(6);
  const auto mother = reader.Next(7);
  if (!mother) return Malformed(kType);
  ASSIGN_OR_RETURN(application.mother, ParseParent(*mother));
  if (const auto father = reader.Next(8)) {
    ASSIGN_OR_RETURN(application.father, ParseParent(*father));
  }
  application.father_incomplete = reader.Number(9) != 0;
  const auto collector = reader.Next(10);
  if (!collector) return Malformed(kType);
  ASSIGN_OR_RETURN(application.collector, ParseCollector(*collector));
  while (const auto nested = reader.Next(11)) {
    ASSIGN_OR_RETURN(Evidence evidence, ParseEvidence(*nested));
    application.evidence.push_back(std::move(evidence));
  }
  application.identity_check_reference = reader.Text(12);
  RETURN_IF_ERROR(reader.Finish());
  if (!EnumsKnown(application)) return Malformed(kType);
  RETURN_IF_ERROR(SameBytes(canonical, Canonical(application), kType));
  return application;
}

bool HasEvidence(const Application& application, EvidenceKind kind) {
  return std::any_of(application.evidence.begin(), application.evidence.end(),
                     [kind](const Evidence& evidence) { return evidence.kind == kind; });
}

absl::string_view EvidenceKindName(EvidenceKind kind) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == kind) return entry.name;
  }
  return "";
}

absl::string_view EvidenceKindText(EvidenceKind kind) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == kind) return entry.text_zh;
  }
  return "";
}

absl::StatusOr<EvidenceKind> EvidenceKindFrom(absl::string_view name) {
  for (const KindName& entry : kKindNames) {
    if (entry.name == name) return entry.kind;
  }
  return Error(absl::StatusCode::kNotFound, "UNKNOWN_EVIDENCE_KIND",
               "no kind of evidence has this name; deploy/profiles/README.md lists them", "",
               "没有这种材料名称");
}

}  // namespace birthseal::certs
