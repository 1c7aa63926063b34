// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_disk.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::simulation {
namespace {

constexpr size_t kSector = 512;

absl::Status Failed() {
  return certs::Error(absl::StatusCode::kUnavailable, "DISK_IO", "a simulated fault");
}
absl::Status Full() {
  return certs::Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "a simulated full disk");
}
absl::Status NoFile() {
  return certs::Error(absl::StatusCode::kNotFound, "DISK_IO", "no such simulated file");
}

}  // namespace

class SimulatedDisk::OpenFile : public store::AppendFile {
 public:
  OpenFile(SimulatedDisk* disk, std::shared_ptr<Content> content)
      : disk_(disk), content_(std::move(content)), generation_(disk->generation_) {}

  absl::Status Append(absl::string_view bytes) override {
    if (generation_ != disk_->generation_) return Failed();
    return disk_->Append(*content_, bytes);
  }
  absl::Status Sync() override {
    if (generation_ != disk_->generation_) return Failed();
    return disk_->Sync(*content_);
  }
  absl::Status Truncate(size_t size) override {
    if (generation_ != disk_->generation_ || disk_->down_) return Failed();
    if (disk_->Change() != DiskFault::kNone) return Failed();
    if (size < content_->synced) {
      if (!content_->was_cut) content_->before_cut = content_->bytes.substr(0, content_->synced);
      content_->was_cut = true;
      content_->synced = size;
    }
    content_->bytes.resize(size);
    return absl::OkStatus();
  }

 private:
  SimulatedDisk* disk_;
  std::shared_ptr<Content> content_;
  uint64_t generation_;
};

class SimulatedDisk::HeldLock : public store::FileLock {
 public:
  HeldLock(SimulatedDisk* disk, std::string path)
      : disk_(disk), path_(std::move(path)), generation_(disk->generation_) {}
  ~HeldLock() override {
    if (generation_ == disk_->generation_) disk_->locks_.erase(path_);
  }

 private:
  SimulatedDisk* disk_;
  std::string path_;
  uint64_t generation_;
};

DiskFault SimulatedDisk::Change() {
  ++changes_;
  if (planned_ == DiskFault::kNone || changes_ < planned_at_) return DiskFault::kNone;
  const DiskFault fault = planned_;
  ++struck_;
  planned_ = DiskFault::kNone;
  if (fault == DiskFault::kPowerLoss || fault == DiskFault::kKill) {
    down_ = true;
    power_lost_ = fault == DiskFault::kPowerLoss;
  }
  if (fault == DiskFault::kFull) full_ = true;
  return fault;
}

absl::Status SimulatedDisk::Down() const { return down_ ? Failed() : absl::OkStatus(); }

absl::Status SimulatedDisk::Append(Content& content, absl::string_view bytes) {
  RETURN_IF_ERROR(Down());
  const DiskFault fault = Change();
  if (fault != DiskFault::kNone || full_) {
    // Some of it got there.
    ++struck_;
    content.bytes.append(std::string(bytes.substr(0, random_->Below(bytes.size() + 1))));
    return full_ ? Full() : Failed();
  }
  content.bytes.append(bytes.data(), bytes.size());
  return absl::OkStatus();
}

absl::Status SimulatedDisk::Sync(Content& content) {
  RETURN_IF_ERROR(Down());
  const DiskFault fault = Change();
  const bool done = fault == DiskFault::kNone || random_->Percent(50);
  if (done) {
    content.synced = content.bytes.size();
    content.was_cut = false;
  } else if (fault == DiskFault::kEio) {
    LoseUnsynced(content);  // pages that could not be written are dropped
  }
  return fault == DiskFault::kNone ? absl::OkStatus() : Failed();
}

// What the power loss leaves of the bytes behind the last sync.
void SimulatedDisk::LoseUnsynced(Content& content) {
  if (content.was_cut && random_->Percent(50)) {
    content.bytes = content.before_cut;
    content.synced = content.bytes.size();
  }
  content.was_cut = false;
  const size_t unsynced = content.bytes.size() - content.synced;
  if (unsynced == 0) return;
  switch (random_->Below(4)) {
    case 0:
      content.bytes.resize(content.synced);
      break;
    case 1:  // a front part
      content.bytes.resize(content.synced + random_->Below(unsynced + 1));
      break;
    case 2: {  // the size is there, a sector is not
      const size_t hole = content.synced + random_->Below(unsynced);
      const size_t end = std::min(content.bytes.size(), (hole / kSector + 1) * kSector);
      std::fill(content.bytes.begin() + static_cast<std::ptrdiff_t>(hole),
                content.bytes.begin() + static_cast<std::ptrdiff_t>(end), '\0');
      break;
    }
    default:
      break;  // all of it, after all
  }
  content.synced = content.bytes.size();
}

void SimulatedDisk::LosePower() {
  for (auto& [path, entry] : removed_) {
    if (random_->Percent(50) && files_.count(path) == 0) files_[path] = entry;
  }
  removed_.clear();
  for (auto it = files_.begin(); it != files_.end();) {
    LoseUnsynced(*it->second.content);
    if (!it->second.durable && random_->Percent(50)) {
      it = files_.erase(it);
    } else {
      it->second.durable = true;
      ++it;
    }
  }
}

void SimulatedDisk::Restart(bool power_lost) {
  ++generation_;
  locks_.clear();
  if (power_lost) LosePower();
  down_ = power_lost_ = false;
}

bool SimulatedDisk::FlipBit(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end() || found->second.content->bytes.empty()) return false;
  std::string& bytes = found->second.content->bytes;
  bytes[random_->Below(bytes.size())] ^= static_cast<char>(1u << random_->Below(8));
  return true;
}

std::string SimulatedDisk::Durable(const std::string& path) const {
  const auto found = files_.find(path);
  if (found == files_.end()) return "";
  return found->second.content->bytes.substr(0, found->second.content->synced);
}

void SimulatedDisk::Replace(const std::string& path, std::string bytes) {
  auto content = std::make_shared<Content>();
  content->bytes = std::move(bytes);
  content->synced = content->bytes.size();
  files_[path] = {std::move(content), true};
}

absl::Status SimulatedDisk::MakeDirectory(const std::string&) { return Down(); }

absl::Status SimulatedDisk::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(Down());
  const DiskFault fault = Change();
  if (fault == DiskFault::kNone || random_->Percent(50)) {
    for (auto& [name, entry] : files_) {
      if (absl::StartsWith(name, path)) entry.durable = true;
    }
    removed_.clear();
  }
  return fault == DiskFault::kNone ? absl::OkStatus() : Failed();
}

absl::StatusOr<std::vector<std::string>> SimulatedDisk::List(const std::string& directory) const {
  RETURN_IF_ERROR(Down());
  std::vector<std::string> names;
  const std::string prefix = directory + "/";
  for (auto it = files_.lower_bound(prefix); it != files_.end(); ++it) {
    if (!absl::StartsWith(it->first, prefix)) break;
    names.push_back(it->first.substr(prefix.size()));
  }
  return names;
}

absl::StatusOr<std::string> SimulatedDisk::Read(const std::string& path) const {
  RETURN_IF_ERROR(Down());
  const std::string* bytes = Peek(path);
  if (bytes == nullptr) return NoFile();
  return *bytes;
}

const std::string* SimulatedDisk::Peek(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second.content->bytes;
}

absl::StatusOr<std::unique_ptr<store::AppendFile>> SimulatedDisk::Create(const std::string& path) {
  RETURN_IF_ERROR(Down());
  if (files_.count(path) > 0) return Failed();
  const DiskFault fault = Change();
  if (fault == DiskFault::kNone || random_->Percent(50)) {
    files_[path] = {std::make_shared<Content>(), false};
  }
  if (fault != DiskFault::kNone) return Failed();
  return std::unique_ptr<store::AppendFile>(std::make_unique<OpenFile>(this, files_[path].content));
}

absl::StatusOr<std::unique_ptr<store::AppendFile>> SimulatedDisk::OpenToAppend(
    const std::string& path) {
  RETURN_IF_ERROR(Down());
  const auto found = files_.find(path);
  if (found == files_.end()) return NoFile();
  return std::unique_ptr<store::AppendFile>(
      std::make_unique<OpenFile>(this, found->second.content));
}

absl::Status SimulatedDisk::Rename(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Down());
  const auto found = files_.find(from);
  if (found == files_.end()) return NoFile();
  const DiskFault fault = Change();
  if (fault != DiskFault::kNone && random_->Percent(50)) return Failed();
  const Entry moved = found->second;
  removed_[from] = moved;
  if (files_.count(to) > 0) removed_[to] = files_[to];
  files_.erase(found);
  files_[to] = {moved.content, false};
  return fault == DiskFault::kNone ? absl::OkStatus() : Failed();
}

absl::Status SimulatedDisk::Remove(const std::string& path) {
  RETURN_IF_ERROR(Down());
  const auto found = files_.find(path);
  if (found == files_.end()) return NoFile();
  const DiskFault fault = Change();
  if (fault != DiskFault::kNone && random_->Percent(50)) return Failed();
  if (found->second.durable) removed_[path] = found->second;
  files_.erase(found);
  return fault == DiskFault::kNone ? absl::OkStatus() : Failed();
}

absl::StatusOr<std::unique_ptr<store::FileLock>> SimulatedDisk::Lock(const std::string& path) {
  RETURN_IF_ERROR(Down());
  if (!locks_.insert(path).second) {
    return certs::Error(absl::StatusCode::kAborted, "FILE_IN_USE", "held in the simulation");
  }
  return std::unique_ptr<store::FileLock>(std::make_unique<HeldLock>(this, path));
}

}  // namespace birthseal::simulation
