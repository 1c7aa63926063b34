// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/crash_disk.h"

#include <algorithm>
#include <filesystem>

namespace birthseal::tests {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

namespace {
IOStatus Gone() { return IOStatus::IOError("the power is gone"); }
std::string DirectoryOf(const std::string& path) { return fs::path(path).parent_path().string(); }
}  // namespace

bool IsLog(const std::string& path) { return fs::path(path).extension() == ".log"; }

IOStatus Disk::Change(bool* happens) {
  bool ignored;
  if (happens == nullptr) happens = &ignored;
  *happens = !crashed_;
  if (crashed_) return Gone();
  ++operations_;
  if (crash_at_ == 0 || operations_ < crash_at_) return IOStatus::OK();
  crashed_ = true;
  *happens = random_() % 2 == 0;
  return Gone();
}

void Disk::Made(const std::string& path, const std::string& saved) {
  durable_size_[path] = 0;
  unsyncable_.erase(path);  // another file of that name
  changes_[DirectoryOf(path)].push_back({NameChange::kMade, path, "", saved});
}

void Disk::Reopened(const std::string& path) {
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  durable_size_.emplace(path, error ? 0 : size);
}

void Disk::Synced(const std::string& path, uint64_t size) {
  if (unsyncable_.count(path) == 0) durable_size_[path] = size;
}

void Disk::Shrunk(const std::string& path, uint64_t size) {
  const auto file = durable_size_.find(path);
  if (file != durable_size_.end()) file->second = std::min(file->second, size);
}

std::string Disk::Save(const std::string& path) {
  if (!fs::exists(path)) return "";
  std::string saved = path + kSaved + std::to_string(next_saved_++);
  Move(path, saved);
  return saved;
}

void Disk::Renamed(const std::string& from, const std::string& to, const std::string& saved) {
  MoveState(from, to);
  changes_[DirectoryOf(to)].push_back({NameChange::kMoved, to, from, saved});
}

void Disk::Removed(const std::string& path, const std::string& saved) {
  changes_[DirectoryOf(path)].push_back({NameChange::kRemoved, path, "", saved});
}

void Disk::DirectorySynced(const std::string& directory) {
  for (const NameChange& change : changes_[directory]) Forget(change.saved);
  changes_.erase(directory);
}

void Disk::Restart() {
  for (auto& [directory, changes] : changes_) {
    size_t keep = random_() % 3 == 0 ? 0 : random_() % (changes.size() + 1);
    for (; changes.size() > keep; changes.pop_back()) Undo(changes.back());
    for (const NameChange& change : changes) Forget(change.saved);
  }
  changes_.clear();
  for (const auto& [path, size] : durable_size_) Tear(path, size);
  durable_size_.clear();
  unsyncable_.clear();
  crashed_ = fail_log_sync_ = false;
  operations_ = crash_at_ = 0;
}

void Disk::Move(const std::string& from, const std::string& to) {
  fs::rename(from, to);
  MoveState(from, to);
}

void Disk::MoveState(const std::string& from, const std::string& to) {
  durable_size_.erase(to);
  const auto file = durable_size_.find(from);
  if (file == durable_size_.end()) return;
  durable_size_[to] = file->second;
  durable_size_.erase(from);
}

void Disk::Forget(const std::string& saved) {
  if (saved.empty()) return;
  fs::remove(saved);
  durable_size_.erase(saved);
}

void Disk::Undo(const NameChange& change) {
  if (change.kind == NameChange::kMade) Forget(change.path);
  if (change.kind == NameChange::kMoved) Move(change.path, change.from);
  if (!change.saved.empty()) Move(change.saved, change.path);
}

void Disk::Tear(const std::string& path, uint64_t durable) {
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  if (error || size <= durable) return;
  const uint64_t kept = random_() % 2 == 0 ? durable : durable + random_() % (size - durable);
  fs::resize_file(path, kept);
  if (kept == durable || !IsLog(path) || random_() % 3 != 0) return;
  // The length came to the disk before the content did.
  const uint64_t zeros = std::min<uint64_t>(kept - durable, 1 + random_() % 4096);
  fs::resize_file(path, kept - zeros);
  fs::resize_file(path, kept);
}

}  // namespace birthseal::tests
