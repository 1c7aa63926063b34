// SPDX-License-Identifier: Apache-2.0
// An engine whose reads and commits fail one after the other; see faults.h. It passes everything on
// to another engine, and a commit that fails has changed nothing. A scan fails after its last key:
// whoever forgets to ask how it ended takes what he has seen for all. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/status_macros.h"
#include "store/engine.h"
#include "tests/support/faults.h"

namespace birthseal::tests {

class FailingEngine : public store::Engine {
 public:
  // Both must outlive it. Commits ask `commits`; null: they never fail.
  FailingEngine(store::Engine* below, Faults* reads, Faults* commits = nullptr)
      : below_(below), reads_(reads), commits_(commits) {}

  std::unique_ptr<store::Snapshot> NewSnapshot() const override {
    return std::make_unique<FailingSnapshot>(below_->NewSnapshot(), reads_);
  }
  absl::Status Commit(const store::WriteBatch& batch, store::FenceEpoch epoch) override {
    RETURN_IF_ERROR(Committing("commit"));
    return below_->Commit(batch, epoch);
  }
  absl::StatusOr<store::FenceEpoch> AcquireFence(store::FenceEpoch above) override {
    RETURN_IF_ERROR(Committing("fence"));
    return below_->AcquireFence(above);
  }
  absl::Status Clear(store::Family family, store::FenceEpoch epoch) override {
    RETURN_IF_ERROR(Committing("clear"));
    return below_->Clear(family, epoch);
  }
  absl::StatusOr<std::string> Checkpoint(const std::string& directory) const override {
    RETURN_IF_ERROR(Committing("checkpoint"));
    return below_->Checkpoint(directory);
  }

 private:
  class FailingSnapshot : public store::Snapshot {
   public:
    FailingSnapshot(std::unique_ptr<store::Snapshot> below, Faults* reads)
        : below_(std::move(below)), reads_(reads) {}
    absl::StatusOr<std::string> Get(store::Family family, absl::string_view key) const override {
      RETURN_IF_ERROR(reads_->Next(absl::StrCat("get from ", store::Name(family))));
      return below_->Get(family, key);
    }
    absl::Status Scan(
        store::Family family, absl::string_view prefix, absl::string_view from,
        const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
      RETURN_IF_ERROR(below_->Scan(family, prefix, from, visit));
      return reads_->Next(absl::StrCat("scan of ", store::Name(family)));
    }

   private:
    const std::unique_ptr<store::Snapshot> below_;
    Faults* const reads_;
  };

  absl::Status Committing(absl::string_view call) const {
    return commits_ == nullptr ? absl::OkStatus() : commits_->Next(call);
  }

  store::Engine* const below_;
  Faults* const reads_;
  Faults* const commits_;
};

}  // namespace birthseal::tests
