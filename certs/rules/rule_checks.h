// SPDX-License-Identifier: Apache-2.0
// The clauses behind Check, one function per clause, grouped by file. Each cites its rules, which
// RULES.md lists.
// Internal to certs/. Every function adds what it finds and never stops another one.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/rules/rules.h"

namespace birthseal::certs {

// Collects defects in order, each pair of code and field once.
class Findings {
 public:
  void Add(absl::string_view code, absl::string_view field, absl::string_view zh,
           absl::string_view en, Severity severity = Severity::kReturn);
  std::vector<Defect> Take();

 private:
  std::vector<Defect> defects_;
};

// rules_delivery.cc: the birth itself (Rules B1 to B12, I5, I12).
void CheckBirth(const CaseFacts& facts, Findings& findings);
// Where the birth took place and who may issue for it (Rules B13 to B16).
void CheckPlaceOfBirth(const CaseFacts& facts, Findings& findings);

// rules_names.cc: the newborn's name and printable text everywhere (Rules N1 to N10).
void CheckNewbornName(const CaseFacts& facts, Findings& findings);
void CheckPrintable(const CaseFacts& facts, Findings& findings);

// rules_parents.cc: mother, father, identity documents (Rules P1 to P5, P7 to P17, I6).
void CheckMother(const CaseFacts& facts, Findings& findings);
void CheckFather(const CaseFacts& facts, Findings& findings);
void CheckIdentityMatch(const CaseFacts& facts, Findings& findings);
// Adds what FaultOf (id_document.h) finds, for `path`.id_type or `path`.id_number.
void CheckIdDocument(IdType type, absl::string_view number, absl::string_view path,
                     Findings& findings);
// Completed years at the birth from the document's number; 0 when it holds no birth date.
int AgeAtBirth(IdType type, absl::string_view number, absl::CivilDay birth);

// rules_time.cc: cut-off, lateness, police check (Rules T1 to T8, I8).
void CheckCutOff(const CaseFacts& facts, Findings& findings);
void CheckTimeLimits(const CaseFacts& facts, Findings& findings);
void CheckPoliceReply(const CaseFacts& facts, Findings& findings);

// rules_exchange.cc: evidence, collector, exchange and replacement (Rules E2 to E4, E6 to E8,
// W1 to W8, X1 to X6, X8 to X11, I1, I7).
void CheckEvidence(const CaseFacts& facts, Findings& findings);
void CheckCollector(const CaseFacts& facts, Findings& findings);
void CheckInstitution(const CaseFacts& facts, Findings& findings);
void CheckSecondApplication(const CaseFacts& facts, Findings& findings);
void CheckExchange(const CaseFacts& facts, Findings& findings);
void CheckReplacement(const CaseFacts& facts, Findings& findings);
// "<NAME>_MISSING" unless the case has evidence of this kind.
void Require(const CaseFacts& facts, EvidenceKind kind, Findings& findings);
// The mother is shown to be dead, missing or incapable: she neither collects nor signs.
bool MotherCannotAct(const Application& application);
// Outcome of the newest police reply in the case; empty when there is none.
std::string PoliceOutcome(const Application& application);

}  // namespace birthseal::certs
