// SPDX-License-Identifier: Apache-2.0
// 申领: what the applicant brings to one case: names, parents, collector, evidence.
//
// No field asks for anything about birth permission: promise 8 (no precondition beyond law).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/face.h"

namespace birthseal::certs {

// Values are persisted. The closed set of reasons for which a certificate may be sealed.
enum class CaseKind {
  kFirstIssue = 1,        // 首次签发
  kExchange = 2,          // 换发, by the original issuing institution
  kReplacement = 3,       // 补发, by a managing institution
  kBackfill = 4,          // 补生成 of a paper already issued
  kOfficialDocument = 5,  // a signed answer or statement of the institution
};

// Grounds of an exchange (换发). Values are persisted.
enum class ExchangeGround {
  kNone = 0,
  kIssuerError = 1,
  kDamaged = 2,
  kAltered = 3,
  kCut = 4,
  kParentChange = 5,
  kNameUnregistrable = 6,  // needs the police's 信息变更建议书
  kParentsWish = 7,        // not a ground: returned with the explanation of scenario 20
};

// Kinds of evidence a profile can require. Values are persisted; names are those of the profiles.
enum class EvidenceKind {
  kNone = 0,
  kMotherId = 1,
  kFatherId = 2,
  kCollectorId = 3,
  kDelegation = 4,             // 委托书
  kMotherStatement = 5,        // no father information
  kSamePersonCertificate = 6,  // 户口登记机关 confirms both names are one person
  kDnaReport = 7,
  kPoliceCheckReply = 8,  // 新生儿入户情况核查联系表, the reply
  kChangeAdvice = 9,      // 信息变更建议书
  kOriginalFront = 10,    // 正页 returned
  kOriginalSecond = 11,   // 副页 returned
  kLossStatement = 12,
  kIssuingRecord = 13,  // copy of the archive
  kLatenessExplanation = 14,
  kMedicalRecord = 15,
  kErrorProof = 16,
  kDecision = 17,      // decision document of a managing institution
  kNameOverride = 18,  // a third surname, Civil Code art. 1015
  // Why the mother neither collects nor signs; one of them stands for her 委托书.
  kMotherDeath = 19,
  kMotherMissing = 20,
  kMotherIncapable = 21,
  kGuardianship = 22,  // a guardian who is neither parent
};
inline constexpr EvidenceKind kLastEvidenceKind = EvidenceKind::kGuardianship;

// Reference to a document kept elsewhere: never the document itself.
struct Evidence {
  EvidenceKind kind = EvidenceKind::kNone;
  std::string reference;  // archive or document number, at most 200 bytes
  Digest digest{};        // SM3 of the document
  std::string outcome;    // for replies: NOT_REGISTERED, REGISTERED, UNKNOWN; else empty
};

struct Collector {  // 领证人
  std::string name;
  std::string relation;  // MOTHER, FATHER, GUARDIAN, DELEGATE
  IdType id_type = IdType::kNone;
  std::string id_number;
  std::string phone;
};

struct Application {
  CaseKind kind = CaseKind::kFirstIssue;
  std::string institution_code;    // who issues: USCC
  std::string newborn_id;          // 16 bytes, from the delivery
  std::string predecessor_number;  // exchange and replacement: the number given up
  ExchangeGround ground = ExchangeGround::kNone;
  std::string newborn_name;
  Parent mother;
  std::optional<Parent> father;
  // Some but not all that is needed of the father was given: kept to answer FATHER_INCOMPLETE.
  bool father_incomplete = false;
  Collector collector;
  std::vector<Evidence> evidence;
  std::string identity_check_reference;  // the provider's signed result, by reference
};

std::string Canonical(const Application& application);
absl::StatusOr<Application> ParseApplication(absl::string_view canonical);

bool HasEvidence(const Application& application, EvidenceKind kind);
// Name as profiles and messages spell it ("MOTHER_ID"), and the kind of a name. Unknown: an empty
// name; kNotFound.
absl::string_view EvidenceKindName(EvidenceKind kind);
// The document's Chinese name, for answers to people.
absl::string_view EvidenceKindText(EvidenceKind kind);
absl::StatusOr<EvidenceKind> EvidenceKindFrom(absl::string_view name);

}  // namespace birthseal::certs
