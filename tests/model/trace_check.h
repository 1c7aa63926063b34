// SPDX-License-Identifier: Apache-2.0
// The durable batches of a ledger are its trace: each object's record, batch by batch, is followed
// along the edges of transitions.txt, and what must move together is held to it.
//
// Rules (the codes of faults):
//   TABLE      a record changed where the table has no way
//   FENCE      a batch of a writer that was fenced
//   SEQUENCE   batches follow one another without a gap, and say so in their Meta
//   LOG        leaves are only added, in order; a new epoch begins with RECOVERY
//   ERASED     a record that is for ever is gone
//   UNREADABLE a record is not what its family holds
//   SLOT       a newborn's slot is held by a case exactly while it is approved or reserved
//   NUMBER     a number serves one newborn; it is ALLOCATED, USED or WASTE as its case says
//   INTENT     a case is reserved exactly while its intent is open, and its reservation is there
//   ONE_VALID  a newborn has one valid certificate or none, and its record names it
//   TOGETHER   exchange and replacement: the old one ends in the batch that issues the new one
//   LEAF       a certificate that is issued or ended has its leaf in the same batch
// States are read through certs/ and store/keys.h; nothing depends on offsets. From the first batch
// of a store on. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "birthseal/storage/v1/record.pb.h"
#include "certs/proof/leaf.h"
#include "store/engine.h"
#include "tests/model/transition_table.h"

namespace birthseal::tests {

struct TraceFault {
  uint64_t sequence = 0;
  std::string rule, what;  // `what` names the object: no personal data
};

class TraceChecker {
 public:
  explicit TraceChecker(const TransitionTable& table = TransitionTable::OfRepository())
      : table_(table) {}
  // The batches of a ledger, in order, each with the fence of its writer.
  void Check(uint64_t sequence, store::FenceEpoch fencing_epoch, const store::WriteBatch& batch);

  const std::vector<TraceFault>& faults() const { return faults_; }
  // Rule and object of each, a line each; empty: none.
  std::string Faults() const;
  // How often each edge was taken: "case APPROVED reserve".
  const std::map<std::string, int>& edges() const { return edges_; }
  uint64_t batches() const { return batches_; }

 private:
  template <typename Record>
  using Records = std::map<std::string, Record>;
  using Changes = std::map<std::pair<store::Family, std::string>, std::optional<std::string>>;

  void Fault(const std::string& rule, const std::string& what);
  // Takes the shortest way of the table.
  void Move(const std::string& object, const std::string& name, const std::string& from,
            const std::string& to);
  void Take(const std::string& object, const std::string& name, const std::string& event,
            std::string* state, const char* rule);
  template <typename Record>
  std::optional<Record> Parsed(store::Family family, const std::string& key,
                               const std::optional<std::string>& value);

  void Writer(store::FenceEpoch fencing_epoch);
  void Position(uint64_t sequence, const Changes& changes);
  void Leaves(const Changes& changes);
  void OneLeaf(uint64_t position, const certs::Leaf& leaf);
  void Apply(store::Family family, const std::string& key, const std::optional<std::string>& value);
  void Case(const std::string& key, const storage::v1::CaseHead& head);
  void Certificate(const std::string& key, const storage::v1::CertificateHead& head);
  void Number(const std::string& key, const storage::v1::NumberRecord& record);
  void Newborn(const std::string& key, const storage::v1::Newborn& newborn);

  // Over what the batch touched, as it stands after it.
  void CheckCase(const std::string& key);
  void CheckNewborn(const std::string& key);
  void CheckNumber(const std::string& key);
  void CheckSuccession();

  const TransitionTable& table_;
  uint64_t sequence_ = 0, batches_ = 0;
  storage::v1::Meta meta_;
  std::string log_;  // state of the current epoch
  std::map<store::FenceEpoch, std::string> writers_;
  std::map<uint64_t, std::string> intents_;
  Records<storage::v1::CaseHead> cases_;
  Records<storage::v1::CertificateHead> certificates_;
  Records<storage::v1::NumberRecord> numbers_;
  Records<storage::v1::Newborn> newborns_;
  std::set<std::string> reservations_;
  // Of the batch.
  std::set<std::string> touched_cases_, touched_newborns_, touched_numbers_;
  std::set<std::string> issued_, superseded_;                  // keys of certificates
  std::set<std::pair<certs::LeafKind, uint64_t>> new_leaves_;  // kind, status index

  std::vector<TraceFault> faults_;
  std::map<std::string, int> edges_;
};

// All of a journal that nobody has open.
absl::Status CheckJournal(const std::string& directory, TraceChecker* checker);

}  // namespace birthseal::tests
