// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/witnesses.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/reads/registry.h"

namespace birthseal::simulation {
namespace {

constexpr char kLog[] = "birthseal.example/log";
constexpr int kAtOnce = 16;

std::string NoteOf(const store::DurableRoot& root) {
  certs::TreeHead head;
  head.origin = certs::OriginOf(kLog, root.epoch);
  head.size = root.size.value();
  head.root = root.root;
  head.map_root = root.map_root;
  head.time = root.time;
  return certs::FormatCheckpoint(certs::CheckpointBody(head), {{"log", "hash", "signature"}});
}

}  // namespace

Witnesses::Witnesses(Random* random, const store::Engine* engine)
    : random_(random), engine_(engine) {
  for (Desk& desk : desks_) Open(desk);
}

void Witnesses::Open(Desk& desk) {
  witness::WitnessOptions options;
  options.log_name = kLog;
  options.log_keys = {[](absl::string_view, const certs::NoteSignature& signature) {
    return signature.key_name == "log";
  }};
  options.cosign = [this](absl::Time, absl::string_view) -> absl::StatusOr<certs::NoteSignature> {
    ++cosigned_;
    return certs::NoteSignature{"witness", "hash", "cosignature"};
  };
  options.now = [] { return absl::FromUnixSeconds(1'780'000'000); };
  auto opened = witness::Witness::Open(std::move(options), &desk.storage);
  if (!opened.ok()) {
    violations_.push_back("a witness does not start: " + certs::ReasonOf(opened.status()));
    return;
  }
  desk.witness = *std::move(opened);
  if (desk.witness->memory().log.leaves.size() < desk.cosigned_size) {
    violations_.push_back("a witness forgot what it cosigned");
  }
}

void Witnesses::Published(const store::DurableRoot& root) { offers_.push_back(NoteOf(root)); }

absl::StatusOr<std::vector<witness::Update>> Witnesses::Updates(certs::LogEpoch epoch,
                                                                certs::LeafIndex first, int count) {
  const store::Registry registry(engine_, nullptr);
  ASSIGN_OR_RETURN(auto stored,
                   registry.Updates(epoch, first, static_cast<size_t>(std::min(count, kAtOnce))));
  std::vector<witness::Update> updates;
  for (auto& update : stored) {
    updates.push_back({std::move(update.leaf), std::move(update.changes)});
  }
  return updates;
}

absl::Status Witnesses::Offer(Desk& desk, const std::string& note) {
  const auto cosigned =
      desk.witness->Offer(note, [this](certs::LogEpoch epoch, certs::LeafIndex first, int count) {
        return Updates(epoch, first, count);
      });
  const witness::Memory& memory = desk.witness->memory();
  if (!memory.refusal.empty()) {
    violations_.push_back(
        absl::StrCat("a witness refuses the log: ", memory.refusal, ", ", memory.refusal_text));
  }
  if (cosigned.ok()) desk.cosigned_size = std::max(desk.cosigned_size, memory.log.leaves.size());
  return cosigned.status();
}

void Witnesses::Deliver() {
  if (offers_.empty() || !violations_.empty()) return;
  Desk& desk = desks_[random_->Below(2)];
  using Crash = tests::MemoryStorage::Crash;
  if (random_->Percent(10)) {  // its power goes at one of the next writes
    desk.storage.crash_at = desk.storage.writes + static_cast<int>(random_->Below(2));
    desk.storage.crash = random_->Percent(50) ? Crash::kBefore : Crash::kAfter;
  }
  const size_t late = random_->Below(std::min<size_t>(offers_.size(), 8));
  std::string& chosen = offers_[offers_.size() - 1 - late];
  (void)Offer(desk, chosen);  // an old one is refused, and that is all
  if (!violations_.empty()) return;
  if (desk.witness->open_outcome() || random_->Percent(5)) Open(desk);  // starts again
}

void Witnesses::End(const store::DurableRoot& newest) {
  for (Desk& desk : desks_) {
    if (!violations_.empty()) return;
    desk.storage.crash_at = -1;
    const absl::Status offered = Offer(desk, NoteOf(newest));
    const certs::LogState& known = desk.witness->memory().log;
    if (violations_.empty() && (!offered.ok() || known.leaves.size() != newest.size.value() ||
                                known.map_root != newest.map_root)) {
      violations_.push_back("a witness cannot follow the log to its end: " +
                            certs::ReasonOf(offered));
    }
  }
}

}  // namespace birthseal::simulation
