// SPDX-License-Identifier: Apache-2.0
// All defects of a case at once (一次性告知): one function per clause, no early end.
//
// Pure: time is an argument. Thread-safe. A case is fit to approve when nothing but notes is left.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "certs/application.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "certs/profile.h"

namespace birthseal::certs {

enum class Severity {
  kReturn = 1,       // applicant or institution can mend it
  kNotEligible = 2,  // no certificate, with a printable reason
  kWaitPolice = 3,   // state AWAITING_POLICE until the reply is there
  kNote = 4,         // accepted, flagged
};

// `code` is stable and machine-readable ("FATHER_INCOMPLETE"); texts hold no personal data.
struct Defect {
  std::string code;
  std::string field;  // path in the API message, "father.id_number"
  std::string text_zh;
  std::string text_en;
  Severity severity = Severity::kReturn;
};

// What the registry knows about the institution that applies.
struct InstitutionFacts {
  std::string code, name;
  bool licensed = false;         // 母婴保健技术服务执业许可证 in force
  bool managing = false;         // 管理机构 of its county
  bool out_of_facility = false;  // designated for births outside a facility
};

// For exchange and replacement: what is known of the certificate given up.
struct PredecessorFacts {
  std::string number;
  std::string issuer_code;
  bool valid = false;
  FaceContent content;
};

struct CaseFacts {
  const Delivery& delivery;
  const Application& application;
  const Profile& profile;
  const InstitutionFacts& institution;
  const PredecessorFacts* predecessor = nullptr;  // null for a first issue
  bool has_valid_certificate = false;             // of this newborn
  absl::CivilSecond now;                          // Asia/Shanghai
  // The institution reported this birth too, though another facility's record is the newer one.
  bool institution_reported_birth = false;
};

std::vector<Defect> Check(const CaseFacts& facts);
// Only the delivery part: what sends a feed record to review.
std::vector<Defect> CheckDelivery(const Delivery& delivery, absl::CivilSecond now);
// The record tells of a birth outside a facility: entered by hand, and no facility named.
bool OutsideFacility(const Delivery& delivery);

// The evidence that this case must bring: the lists of the profile without what the case is excused
// from. The rules ask for it, and so does the plan of the seal.
std::vector<EvidenceKind> EvidenceToBring(const Profile& profile, const Application& application);

// The content that a fit case will print. The delivery part comes from the record, names and
// parents from the application; an age is computed where the number holds a birth date. A
// replacement repeats its predecessor's content under the name and code of the institution that
// replaces.
FaceContent ComposeFace(const CaseFacts& facts);

}  // namespace birthseal::certs
