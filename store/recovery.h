// Restoring without forgetting: a store that was put back to an earlier state is brought forward
// from the journal and from mirrors of witnesses until it reaches what was signed for; what nobody
// has any more ends the log epoch in the open. FORMAT.md §9 says what each command does.
//
// Thread-safety: one caller; the service is not running. Durability: each step is durable before
// its link of the chain is given. Errors: those of engine and journal.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "birthseal/storage/v1/record.pb.h"
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

}  // namespace birthseal::store
