// SPDX-License-Identifier: Apache-2.0
// Restoring without forgetting: a store that was put back to an earlier state is brought forward
// from the journal and from mirrors of witnesses until it reaches what was signed for; what nobody
// has any more ends the log epoch in the open. FORMAT.md §9 says what each command does.
//
// Thread-safety: one caller; the service is not running. Durability: each step is durable before
// its link of the chain is given, but in a dry run. Errors: those of engine and journal.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/clock.h"
#include "certs/proof/checkpoint.h"
#include "store/commands.h"
#include "store/engine.h"

namespace birthseal::store {

class Journal;

// Where a state came from.
enum class Source { kStore, kBackup, kJournal, kMirror, kNewEpoch };

// One state on the way, as the store says it of itself.
struct ChainLink {
  Source source = Source::kStore;
  storage::v1::Meta meta;
  uint64_t added = 0;  // batches of the journal, leaves of a mirror
  std::string detail;  // name of the backup or mirror
};
// One line for people: source, log epoch, size, roots, batch.
std::string ToLine(const ChainLink& link);

absl::StatusOr<ChainLink> StateOf(const Engine& engine, Source source);

// Takes the fence and commits what the journal has and the engine lacks. Errors: those of
// ReplayInto.
absl::StatusOr<ChainLink> ReplayJournal(const Journal& journal, Engine* engine);

// What a witness has mirrored of the log (store/restore/file_mirror.h reads its folder). One
// thread.
class Mirror {
 public:
  virtual ~Mirror() = default;
  virtual std::string name() const = 0;
  // Its newest checkpoint, a signed note.
  virtual std::string note() const = 0;
  // Leaves of the epoch from `first` on, at most `count`; fewer than asked for: nothing more.
  virtual absl::StatusOr<std::vector<RecoverLeaves::Item>> Read(uint64_t epoch, uint64_t first,
                                                                size_t count) = 0;
};

struct ForwardOptions {
  Journal* journal = nullptr;  // null: none
  std::vector<Mirror*> mirrors;
  std::optional<certs::TreeHead> high_water;  // newest head that was signed for, as far as is known
  std::string log_name;                       // "birthseal.example/log"
  std::vector<certs::NoteVerifier> log_keys;  // each must have signed a mirror's checkpoint
  std::string index_key;
  const certs::Clock* clock = nullptr;
  bool dry_run = false;  // looks and changes nothing; the journal is not replayed then
  // After each step that is durable; the first one is the store as it was found.
  std::function<void(const ChainLink&)> on_link;
  // A mirror that cannot be used, and why.
  std::function<void(const std::string& name, const absl::Status&)> on_refused;
};

struct ForwardReport {
  ChainLink last;
  uint64_t issued = 0, voided = 0;  // leaves of a mirror: certificates whose document is lost, ends
  // Leaves of the old epoch that were signed for and that nobody has; equal: nothing is lost.
  uint64_t lost_from = 0, lost_to = 0;
};

// Journal, then the mirror that has most, then, when more was signed for, a new log epoch.
// Errors: kDataLoss "LOG_FORKED" the store is of another log than the high-water file, a person
// decides; kFailedPrecondition "LATER_EPOCH_LOST" the file is of a later epoch that no mirror leads
// to; those of the ledger.
absl::StatusOr<ForwardReport> BringForward(Engine* engine, const ForwardOptions& options);

}  // namespace birthseal::store
