// SPDX-License-Identifier: Apache-2.0
// What the feed commands share. Private to store/ledger/apply_*.cc.
#pragma once

#include <string>
#include <vector>

#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

// Known facts replace those of the newborn.
void SetFacts(const certs::BirthFacts& facts, storage::v1::Newborn& newborn);
void AddMother(Turn& turn, const std::optional<certs::Digest>& mother,
               const std::string& newborn_id);

// Both known and not the same.
inline bool Differ(int64_t a, int64_t b) { return a != 0 && b != 0 && a != b; }

// Where a record stands: its own id, its newborn's, and who reported it.
struct RecordPlace {
  std::string delivery_id, newborn_id, facility_code;
};
// The record becomes the one that applications are judged by. The caller puts the newborn.
void MakeCurrent(const RecordPlace& record, const certs::BirthFacts& facts,
                 const std::optional<certs::Digest>& mother, storage::v1::Newborn& newborn,
                 Turn& turn);

// The owners of the claims.
struct Hits {
  std::string by_record;              // C3: the same baby of the same facility
  std::vector<std::string> newborns;  // each once, in the order of the claims
};
absl::StatusOr<Hits> HitsOf(const Turn& turn, const std::vector<certs::Claim>& claims);

// What a feed message led to, on its way into the store.
struct Intake {
  AcceptDelivery& command;
  std::string delivery_id, newborn_id;
  storage::v1::DeliveryHead head;
  std::vector<FeedDefect> doubts;  // found by the ledger; any of them means review
};
// Stores message, record and answer, and gives the answer.
Result<AcceptDelivery> Finish(Intake& intake, FeedVerdict verdict, Turn& turn);
// FeedEvent::kRecord.
Result<AcceptDelivery> AcceptRecord(Intake& intake, Turn& turn);
// Soft rules (ARCHITECTURE.md, "Identity of a newborn"): another birth of the same mother, too near
// to be true.
absl::Status JudgeSiblings(const Turn& turn, const std::optional<certs::Digest>& mother,
                           const certs::BirthFacts& facts, const std::string& newborn_id,
                           std::vector<FeedDefect>& doubts);
// What the hospital now says differs from what was approved or issued: someone must look.
void AddDiscrepancyEvent(Turn& turn, const std::string& newborn_id,
                         const storage::v1::Newborn& newborn);

}  // namespace birthseal::store::apply
