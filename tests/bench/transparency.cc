// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/transparency.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/proof/log_update.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/log/merkle_log.h"
#include "store/log/uniqueness_map.h"
#include "store/rocksdb/rocksdb_engine.h"
#include "tests/bench/bulk_load.h"
#include "tests/bench/measure.h"

namespace birthseal::bench {
namespace {

using certs::Digest;

constexpr uint64_t kBatch = 64;  // leaves or issues in one synced commit, as under load

// Calls `once` for `slice_ms`; CPU µs of one.
double CpuOfOne(double slice_ms, const std::function<void()>& once) {
  const double until = WallMicros() + slice_ms * 1000, begin = ThreadCpuMicros();
  uint64_t done = 0;
  for (; done == 0 || WallMicros() < until; ++done) once();
  return (ThreadCpuMicros() - begin) / static_cast<double>(done);
}

class Point {
 public:
  Point(std::string directory, uint64_t size, double slice_ms)
      : directory_(std::move(directory)), slice_ms_(slice_ms) {
    point_.size = size;
  }

  absl::StatusOr<TransparencyPoint> Run() {
    const double begin = WallMicros();
    RETURN_IF_ERROR(Open(false));
    RETURN_IF_ERROR(LoadLog(point_.size, engine_.get(), fence_));
    ASSIGN_OR_RETURN(map_root_, LoadMap(point_.size, engine_.get(), fence_));
    point_.load_seconds = (WallMicros() - begin) / 1e6;
    RETURN_IF_ERROR(Open(true));
    RETURN_IF_ERROR(LogProofs());
    RETURN_IF_ERROR(MapProofs());
    RETURN_IF_ERROR(Appends());
    RETURN_IF_ERROR(Issues());
    return point_;
  }

 private:
  absl::Status Open(bool sync) {
    engine_.reset();
    store::RocksDbTestHooks hooks;
    hooks.sync = sync;  // the load is not measured; what follows is
    ASSIGN_OR_RETURN(engine_, store::RocksDbEngine::Open(directory_, {}, hooks));
    ASSIGN_OR_RETURN(fence_, engine_->AcquireFence());
    return absl::OkStatus();
  }
  void Expect(bool right) { point_.wrong += right ? 0 : 1; }
  uint64_t Any() { return (random_ = random_ * 6364136223846793005 + 1442695040888963407) >> 20; }

  absl::Status LogProofs() {
    const auto snapshot = engine_->NewSnapshot();
    const store::NodeReader nodes = store::StoredNodes(snapshot.get());
    const uint64_t size = point_.size, index = Any() % size, half = size / 2;
    ASSIGN_OR_RETURN(const Digest root, store::RootAt(size, nodes));
    ASSIGN_OR_RETURN(const Digest old_root, store::RootAt(half, nodes));
    ASSIGN_OR_RETURN(const auto path, store::InclusionPath(index, size, nodes));
    ASSIGN_OR_RETURN(const auto growth, store::ConsistencyPath(half, size, nodes));
    const Digest leaf = certs::LeafHash(LeafOf(index));
    point_.inclusion_bytes = static_cast<double>(path.size() * sizeof(Digest));
    point_.consistency_bytes = static_cast<double>(growth.size() * sizeof(Digest));
    point_.inclusion_check_us = CpuOfOne(
        slice_ms_, [&] { Expect(certs::CheckInclusion(leaf, index, size, path, root).ok()); });
    point_.consistency_check_us = CpuOfOne(slice_ms_, [&] {
      Expect(certs::CheckConsistency(half, old_root, size, root, growth).ok());
    });
    return absl::OkStatus();
  }

  absl::Status MapProofs() {
    const auto snapshot = engine_->NewSnapshot();
    const store::MapReader reader(snapshot.get(), map_root_, &cache_);
    absl::Status failed;
    uint64_t bytes = 0, proofs = 0;
    certs::MapProof last;
    point_.map_prove_us = CpuOfOne(slice_ms_, [&] {
      const auto proof = store::ProveLabel(reader, LabelOf(Any() % point_.size));
      if (!proof.ok()) {
        failed = proof.status();
        return;
      }
      bytes += certs::Canonical(*proof).size();
      ++proofs;
      last = *proof;
    });
    RETURN_IF_ERROR(failed);
    point_.map_proof_bytes = static_cast<double>(bytes) / static_cast<double>(proofs);
    point_.map_check_us = CpuOfOne(slice_ms_, [&] {
      const auto value = certs::CheckMapProof(last, map_root_);
      Expect(value.ok() && value->has_value());
    });
    return absl::OkStatus();
  }

  // Leaves only: appended, committed with sync, and the inclusion proof of each at hand.
  absl::Status Appends() {
    const auto snapshot = engine_->NewSnapshot();
    ASSIGN_OR_RETURN(frontier_, store::Frontier(point_.size, store::StoredNodes(snapshot.get())));
    log_size_ = point_.size;
    const double begin = WallMicros(), until = begin + slice_ms_ * 10'000;
    uint64_t done = 0;
    while (WallMicros() < until) {
      store::WriteBatch batch;
      RETURN_IF_ERROR(AppendLeaves(kBatch, &batch));
      RETURN_IF_ERROR(engine_->Commit(batch, fence_));
      done += kBatch;
    }
    point_.leaves_per_second = static_cast<double>(done) / (WallMicros() - begin) * 1e6;
    return absl::OkStatus();
  }

  absl::Status AppendLeaves(uint64_t count, store::WriteBatch* batch) {
    store::LogAppender log(log_size_, frontier_);
    for (uint64_t i = 0; i < count; ++i) log.Append(LeafOf(log_size_ + i));
    const Digest root = log.Root();
    for (uint64_t i = 0; i < count; ++i) {
      const auto path = log.Path(log_size_ + i);
      // One of them is checked: the rest would measure the checker.
      if (i != 0) continue;
      Expect(certs::CheckInclusion(certs::LeafHash(LeafOf(log_size_)), log_size_, log.size(), path,
                                   root)
                 .ok());
    }
    log.PutInto(batch);
    log_size_ = log.size();
    frontier_ = log.FrontierAfter();
    return absl::OkStatus();
  }

  // What an issue adds to a batch: two leaves and a change of the map with its stored proof.
  absl::Status Issues() {
    const double begin = WallMicros(), until = begin + slice_ms_ * 10'000;
    double cpu = 0;
    uint64_t done = 0, pages = 0;
    while (WallMicros() < until) {
      store::WriteBatch batch;
      RETURN_IF_ERROR(AppendLeaves(2 * kBatch, &batch));
      const double before = ThreadCpuMicros();
      RETURN_IF_ERROR(ChangeMap(done, &batch, &pages));
      cpu += ThreadCpuMicros() - before;
      RETURN_IF_ERROR(engine_->Commit(batch, fence_));
      done += kBatch;
    }
    point_.issues_per_second = static_cast<double>(done) / (WallMicros() - begin) * 1e6;
    point_.map_change_us = cpu / static_cast<double>(done);
    point_.map_pages = static_cast<double>(pages) / static_cast<double>(done);
    return absl::OkStatus();
  }

  absl::Status ChangeMap(uint64_t done, store::WriteBatch* batch, uint64_t* pages) {
    const auto snapshot = engine_->NewSnapshot();
    store::MapUpdater updater(store::MapReader(snapshot.get(), map_root_, &cache_));
    for (uint64_t i = 0; i < kBatch; ++i) {
      const uint64_t number = point_.size + done + i;
      ASSIGN_OR_RETURN(const certs::MapProof proof, updater.Change(LabelOf(number), number + 1));
      batch->Put(store::Family::kMapChanges, store::IndexKey(number),
                 certs::Canonical(certs::MapChange{proof, number + 1}));
    }
    const size_t others = batch->changes.size();
    updater.PutInto(batch);
    *pages += batch->changes.size() - others;
    map_root_ = updater.root();
    for (auto& [key, page] : updater.UpperPages()) cache_.Add(key, page);
    return absl::OkStatus();
  }

  const std::string directory_;
  const double slice_ms_;
  TransparencyPoint point_;
  std::unique_ptr<store::RocksDbEngine> engine_;
  store::FenceEpoch fence_;
  uint64_t log_size_ = 0, random_ = 1;
  std::vector<Digest> frontier_;
  Digest map_root_{};
  store::MapCache cache_;
};

}  // namespace

absl::StatusOr<std::vector<TransparencyPoint>> MeasureTransparency(
    const std::string& directory, const std::vector<uint64_t>& sizes, double slice_ms,
    const std::function<void(const std::string&)>& tell) {
  std::vector<TransparencyPoint> points;
  for (const uint64_t size : sizes) {
    tell(absl::StrCat("log and map of ", size));
    const std::string path = absl::StrCat(directory, "/transparency-", size);
    absl::StatusOr<TransparencyPoint> point = Point(path, size, slice_ms).Run();
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    RETURN_IF_ERROR(point.status());
    points.push_back(*point);
  }
  return points;
}

}  // namespace birthseal::bench
