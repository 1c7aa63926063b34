// SPDX-License-Identifier: Apache-2.0
// The promises as an independent model: what clients sent, what they were answered, and what anyone
// may read of the store (heads, numbers, log, audit trail) must fit together at every instant.
//
// Written from the promises and from the public formats alone; it shares no code with the ledger
// but the readers of leaves and the keys of the families. Deterministic; belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "certs/proof/leaf.h"
#include "store/answers.h"
#include "store/commands.h"
#include "store/engine.h"
#include "store/keys.h"
#include "tests/simulation/model_log.h"

namespace birthseal::simulation {

class Model {
 public:
  // How much of a state Observe reads: what is new since the last time, or all that was ever seen.
  enum class Depth { kNew, kAll };

  // A command left its client, possibly not for the first time.
  void Sent(const store::Command& command);
  // An answer left the service, possibly not for the first time.
  void Answered(const store::Command& command, const store::AnyAnswer& answer);
  // A root left the ledger (to be signed, in a receipt): it stands for ever.
  void Published(uint64_t size, const certs::Digest& root);

  // Both clocks as a writer reads them for its next batch; a writer starts anew with Restarted.
  void ClockRead(size_t writer, absl::Time wall, absl::Duration monotonic);
  void ClockConfirmed(size_t writer);
  void Restarted(size_t writer);

  // A committed state, as readers see it.
  void Observe(const store::Snapshot& snapshot, Depth depth);
  // Nothing is left to do: every intent has its one end.
  void Ended(const store::Snapshot& snapshot);

  uint64_t certificates() const { return certificates_.size(); }
  bool ok() const { return violations_.empty(); }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Certificate {
    std::string fixed;  // everything of the head that may never change
    storage::v1::CertificateHead head;
  };
  struct Number {
    int state = 0;
    std::string newborn, application;
  };
  struct Range {
    storage::v1::StockRange range;
    uint64_t taken = 0;  // numbers that left it, as far as checked
  };
  struct Case {
    std::string newborn;
    std::set<std::string> claims_sent;  // with its approvals
    bool acknowledged = false;
    bool may_waste = false;  // a misprint, withdrawal or cancellation was sent
    std::string number;      // as answered
    int state = 0;           // as last seen
  };
  struct Commit {
    uint64_t intent = 0;
    std::string recipe;
  };

  void Fail(std::string what);
  void SentClaims(const std::vector<certs::Claim>& claims);
  void SentDecision(const store::ResolveReview& command);
  void LearnBirth(const store::AcceptDelivery& command, const store::DeliveryAnswer& said);
  // The first OK answer of `key` stands; a later one has to equal it.
  void SameAnswer(const std::string& key, const std::string& answer);

  // Once answered OK, a repeat is not refused.
  void Settled(const std::string& key, const store::AnyAnswer& answer);
  void AnsweredOne(const store::AcceptDelivery& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::ResolveReview& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::SubmitApplication& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::Approve& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::Misprint& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::Reserve& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::CommitIssue& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::CancelReservation& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::Revoke& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::ReceiveStock& command, const store::AnyAnswer& answer);
  void AnsweredOne(const store::Access& command, const store::AnyAnswer& answer);
  template <typename Other>
  void AnsweredOne(const Other&, const store::AnyAnswer&) {}

  void ObserveMeta(const storage::v1::Meta& meta);
  void ObserveLog(const store::Snapshot& snapshot, const storage::v1::Meta& meta, Depth depth);
  void ObserveAudit(const store::Snapshot& snapshot, const storage::v1::Meta& meta);
  void ObserveCertificate(const store::Snapshot& snapshot, uint64_t status_index);
  void CheckNew(const store::Snapshot& snapshot, const storage::v1::CertificateHead& head,
                uint64_t status_index);
  void CheckVoided(const storage::v1::CertificateHead& head, const LogModel::Life& life);
  void ObserveNewborn(const store::Snapshot& snapshot, const std::string& id);
  void ObserveCase(const store::Snapshot& snapshot, const std::string& id);
  void CheckCase(const storage::v1::CaseHead& head, const std::string& id);
  void ObserveNumber(const store::Snapshot& snapshot, const std::string& number);
  void ObserveStock(const store::Snapshot& snapshot, const std::string& key, Range& range);
  void ObserveClaims(const store::Snapshot& snapshot);
  void ObserveDelivery(const store::Snapshot& snapshot, const std::string& id);
  void ObserveMap(const store::Snapshot& snapshot, const storage::v1::Meta& meta);
  uint64_t ValidOf(const std::string& newborn) const;
  void ObserveOpen(const store::Snapshot& snapshot);
  void CheckExchanges();
  void CheckSlots();

  std::vector<std::string> violations_;

  // Said by answers.
  std::map<std::string, std::string> answers_;     // promise -> first answer
  std::set<std::string> settled_;                  // keys of commands answered OK
  std::map<std::string, std::string> claims_;      // claim -> newborn
  std::set<std::string> mother_claims_;            // C1, sent
  std::map<std::string, std::string> deliveries_;  // delivery -> newborn
  // Of a newborn: the days and orders it was clearly reported or said to have.
  std::map<std::string, std::set<std::pair<int64_t, int>>> births_;
  std::set<std::string> first_records_;                   // deliveries that take no other's place
  std::map<std::string, std::set<std::string>> leaving_;  // delivery -> newborns it may be given
  std::map<std::string, Case> cases_;                     // case id
  std::map<std::string, Range> ranges_;                   // stock key
  std::map<certs::Digest, Commit> commits_;               // sent: by file
  std::map<uint64_t, std::string> reservations_;          // intent -> bytes
  std::set<std::string> revocations_;                     // numbers whose revocation was sent
  std::set<std::string> revoked_;                         // and answered
  std::set<std::string> accesses_;                        // causes answered, not yet looked for
  std::set<std::string> recorded_;                        // causes seen in the audit trail
  std::set<certs::Digest> messages_;                      // feed messages sent

  // Seen in the store.
  LogModel log_;
  std::map<uint64_t, Certificate> certificates_;  // status index
  std::map<std::string, Number> numbers_;
  std::set<std::string> newborns_;
  std::set<std::string> fresh_newborns_, fresh_cases_, fresh_numbers_;  // to look at next
  std::set<uint64_t> fresh_certificates_;
  storage::v1::Meta meta_;
  std::string audit_head_;
  uint64_t audit_seen_ = 0;

  // The clocks of up to two writers.
  struct Clock {
    std::optional<absl::Time> wall;
    absl::Duration monotonic;
    bool bad = false, behind_confirmed = false;
  };
  Clock clocks_[2];
  bool clock_bad_ = false;  // of the batch that is under way
};

// Reads one record; nothing when it is absent or unreadable.
template <typename Record>
std::optional<Record> Read(const store::Snapshot& snapshot, store::Family family,
                           const std::string& key) {
  const absl::StatusOr<std::string> bytes = snapshot.Get(family, key);
  if (!bytes.ok()) return std::nullopt;
  std::optional<Record> record;
  record.emplace();
  if (!record->ParseFromString(*bytes)) return std::nullopt;
  return record;
}

}  // namespace birthseal::simulation
