// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/disk_engine.h"

#include <libdeflate.h>

#include <cstring>

#include "absl/strings/match.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/journal/journal.h"
#include "store/keys.h"

namespace birthseal::simulation {

using store::Family;
using store::WriteBatch;

namespace {

constexpr size_t kFrame = 8;  // size, CRC-32; of this machine's byte order

// Size of the whole record at the front; 0: none.
size_t WholeRecord(absl::string_view bytes) {
  uint32_t frame[2];
  if (bytes.size() < kFrame) return 0;
  std::memcpy(frame, bytes.data(), kFrame);
  if (frame[0] == 0 || frame[0] > bytes.size() - kFrame) return 0;
  return libdeflate_crc32(0, bytes.data() + kFrame, frame[0]) == frame[1] ? kFrame + frame[0] : 0;
}

absl::Status Damaged() {
  return certs::Error(absl::StatusCode::kDataLoss, "ENGINE_DAMAGED", "a broken record");
}

}  // namespace

class DiskEngine::Reader : public store::Snapshot {
 public:
  explicit Reader(const DiskEngine* engine) : engine_(engine) {}

  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
    static const absl::Status none = absl::NotFoundError("no such key");
    const Map& map = engine_->families_[static_cast<size_t>(family)];
    const auto found = map.find(key);
    if (found == map.end()) return none;
    return found->second;
  }
  absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    const Map& map = engine_->families_[static_cast<size_t>(family)];
    for (auto it = map.lower_bound(std::max(prefix, from)); it != map.end(); ++it) {
      if (!absl::StartsWith(it->first, prefix) || !visit(it->first, it->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  const DiskEngine* engine_;
};

void DiskEngine::Forget() {
  for (Map& map : families_) map.clear();
  indexed_ = 0;
}

absl::Status DiskEngine::Open() {
  poisoned_ = false;
  const std::string* bytes = disk_->Peek(Path());
  if (bytes == nullptr) {
    Forget();
    ASSIGN_OR_RETURN(file_, disk_->Create(Path()));
    return disk_->SyncDirectory("/");
  }
  if (bytes->size() < indexed_) Forget();
  absl::string_view rest = absl::string_view(*bytes).substr(indexed_);
  while (const size_t size = WholeRecord(rest)) {
    ASSIGN_OR_RETURN(const WriteBatch batch,
                     store::DecodeBatch(rest.substr(kFrame, size - kFrame)));
    Index(batch);
    indexed_ += size;
    rest.remove_prefix(size);
  }
  for (size_t at = 1; at < rest.size(); ++at) {
    if (WholeRecord(rest.substr(at)) != 0) return Damaged();
  }
  ASSIGN_OR_RETURN(file_, disk_->OpenToAppend(Path()));
  absl::Status durable = rest.empty() ? absl::OkStatus() : file_->Truncate(indexed_);
  if (durable.ok()) durable = file_->Sync();
  if (durable.ok()) durable = disk_->SyncDirectory("/");
  if (!durable.ok()) Forget();  // what was read may be gone
  return durable;
}

std::unique_ptr<store::Snapshot> DiskEngine::NewSnapshot() const {
  return std::make_unique<Reader>(this);
}

store::FenceEpoch DiskEngine::Fence() const {
  const Map& meta = families_[static_cast<size_t>(Family::kMeta)];
  const auto found = meta.find(store::FenceKey());
  return store::FenceEpoch(
      found == meta.end() ? 0 : store::ParseBigEndian64(found->second).value_or(0));
}

absl::Status DiskEngine::Write(const WriteBatch& batch) {
  if (poisoned_) return absl::UnavailableError("the engine failed before");
  poisoned_ = true;  // until it is known that all went well
  const std::string payload = store::EncodeBatch(batch);
  const uint32_t frame[2] = {static_cast<uint32_t>(payload.size()),
                             libdeflate_crc32(0, payload.data(), payload.size())};
  std::string record(reinterpret_cast<const char*>(frame), kFrame);
  record += payload;
  RETURN_IF_ERROR(file_->Append(record));
  RETURN_IF_ERROR(file_->Sync());
  poisoned_ = false;
  indexed_ += record.size();
  Index(batch);
  return absl::OkStatus();
}

void DiskEngine::Index(const WriteBatch& batch) {
  for (const WriteBatch::Change& change : batch.changes) {
    Map& map = families_[static_cast<size_t>(change.family)];
    if (change.erase) {
      map.erase(change.key);
    } else {
      map[change.key] = change.value;
    }
  }
}

absl::Status DiskEngine::Commit(const WriteBatch& batch, store::FenceEpoch fencing_epoch) {
  if (fencing_epoch != Fence()) return absl::AbortedError("another writer took over");
  return Write(batch);
}

absl::StatusOr<store::FenceEpoch> DiskEngine::AcquireFence(store::FenceEpoch above) {
  const store::FenceEpoch epoch = std::max(Fence(), above).Plus(1);
  WriteBatch batch;
  batch.Put(Family::kMeta, store::FenceKey(), store::BigEndian64(epoch.value()));
  RETURN_IF_ERROR(Write(batch));
  return epoch;
}

}  // namespace birthseal::simulation
