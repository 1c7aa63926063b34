#include "tests/crash/crash_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace birthseal::tests {
namespace {

namespace fs = std::filesystem;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string Normal(const std::string& path) {
  std::string normal = fs::path(path).lexically_normal().string();
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}
std::string DirectoryOf(const std::string& path) { return fs::path(path).parent_path().string(); }
bool IsLog(const std::string& path) { return fs::path(path).extension() == ".log"; }

// A change of names that its directory has not synced.
struct NameChange {
  enum Kind { kMade, kMoved, kRemoved } kind;
  std::string path, from;  // `from`: kMoved
  std::string saved;       // where the file that gave way is kept; empty: none
};

// What is durable, apart from RocksDB's interfaces.
class Disk {
 public:
  explicit Disk(uint64_t seed) : random_(seed) {}

  // Counts one change; fails when the power is gone. A change that is cut off may still happen.
  IOStatus Change(bool* happens = nullptr) {
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
  static IOStatus Gone() { return IOStatus::IOError("the power is gone"); }

  void Made(const std::string& path, const std::string& saved) {
    durable_size_[path] = 0;
    changes_[DirectoryOf(path)].push_back({NameChange::kMade, path, "", saved});
  }
  // What an earlier life left is durable.
  void Reopened(const std::string& path) {
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    durable_size_.emplace(path, error ? 0 : size);
  }
  void Synced(const std::string& path, uint64_t size) { durable_size_[path] = size; }
  void Shrunk(const std::string& path, uint64_t size) {
    const auto file = durable_size_.find(path);
    if (file != durable_size_.end()) file->second = std::min(file->second, size);
  }
  // Keeps what stands at `path` so that it can come back. Gives its place, or "".
  std::string Save(const std::string& path) {
    if (!fs::exists(path)) return "";
    std::string saved = path + ".crash" + std::to_string(next_saved_++);
    Move(path, saved);
    return saved;
  }
  void Renamed(const std::string& from, const std::string& to, const std::string& saved) {
    MoveState(from, to);
    changes_[DirectoryOf(to)].push_back({NameChange::kMoved, to, from, saved});
  }
  void Removed(const std::string& path, const std::string& saved) {
    changes_[DirectoryOf(path)].push_back({NameChange::kRemoved, path, "", saved});
  }
  void DirectorySynced(const std::string& directory) {
    for (const NameChange& change : changes_[directory]) Forget(change.saved);
    changes_.erase(directory);
  }

  void Restart() {
    for (auto& [directory, changes] : changes_) {
      size_t keep = random_() % 3 == 0 ? 0 : random_() % (changes.size() + 1);
      for (; changes.size() > keep; changes.pop_back()) Undo(changes.back());
      for (const NameChange& change : changes) Forget(change.saved);
    }
    changes_.clear();
    for (const auto& [path, size] : durable_size_) Tear(path, size);
    durable_size_.clear();
    crashed_ = fail_log_sync_ = false;
    operations_ = crash_at_ = 0;
  }

  std::mutex mutex_;  // of all members; held by the callers
  uint64_t operations_ = 0, crash_at_ = 0;
  bool crashed_ = false, fail_log_sync_ = false;

 private:
  void Move(const std::string& from, const std::string& to) {
    fs::rename(from, to);
    MoveState(from, to);
  }
  void MoveState(const std::string& from, const std::string& to) {
    durable_size_.erase(to);
    const auto file = durable_size_.find(from);
    if (file == durable_size_.end()) return;
    durable_size_[to] = file->second;
    durable_size_.erase(from);
  }
  void Forget(const std::string& saved) {
    if (saved.empty()) return;
    fs::remove(saved);
    durable_size_.erase(saved);
  }
  void Undo(const NameChange& change) {
    if (change.kind == NameChange::kMade) Forget(change.path);
    if (change.kind == NameChange::kMoved) Move(change.path, change.from);
    if (!change.saved.empty()) Move(change.saved, change.path);
  }
  void Tear(const std::string& path, uint64_t durable) {
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

  std::mt19937_64 random_;
  std::map<std::string, uint64_t> durable_size_;  // of files written since the last Restart
  std::map<std::string, std::vector<NameChange>> changes_;
  uint64_t next_saved_ = 0;
};

class CrashFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CrashFile(std::unique_ptr<FSWritableFile> file, std::string path, Disk* disk)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(disk) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(disk_->mutex_);
    const IOStatus allowed = disk_->Change();
    return allowed.ok() ? target()->Append(data, options, debug) : allowed;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("direct writes");
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported("direct writes");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(disk_->mutex_);
    const IOStatus allowed = disk_->Change();
    if (!allowed.ok()) return allowed;
    disk_->Shrunk(path_, size);
    return target()->Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(disk_->mutex_);
    if (disk_->fail_log_sync_ && IsLog(path_)) {
      disk_->fail_log_sync_ = false;
      return IOStatus::IOError("injected failure of a sync");
    }
    bool happens;
    const IOStatus answer = disk_->Change(&happens);
    if (happens) disk_->Synced(path_, target()->GetFileSize(options, debug));
    return answer;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  // Space that was set aside would make the file longer than what was written.
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  const std::string path_;
  Disk* const disk_;
};

class CrashDirectory : public rocksdb::FSDirectory {
 public:
  CrashDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path, Disk* disk)
      : directory_(std::move(directory)), path_(std::move(path)), disk_(disk) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    std::lock_guard lock(disk_->mutex_);
    bool happens;
    const IOStatus answer = disk_->Change(&happens);
    if (happens) disk_->DirectorySynced(path_);
    return answer;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return directory_->Close(options, debug);
  }
  size_t GetUniqueId(char* id, size_t size) const override {
    return directory_->GetUniqueId(id, size);
  }

 private:
  const std::unique_ptr<rocksdb::FSDirectory> directory_;
  const std::string path_;
  Disk* const disk_;
};

class CrashFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit CrashFileSystem(Disk* disk)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
  const char* Name() const override { return "CrashFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result,
                           IODebugContext* debug) override {
    const std::string path = Normal(name);
    std::lock_guard lock(disk_->mutex_);
    IOStatus answer = disk_->Change();
    if (!answer.ok()) return answer;
    const std::string saved = disk_->Save(path);
    answer = target()->NewWritableFile(path, options, result, debug);
    if (!answer.ok()) return answer;
    disk_->Made(path, saved);
    *result = std::make_unique<CrashFile>(std::move(*result), path, disk_);
    return answer;
  }
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<FSWritableFile>* result,
                              IODebugContext* debug) override {
    const std::string path = Normal(name);
    if (!fs::exists(path)) return NewWritableFile(path, options, result, debug);
    std::lock_guard lock(disk_->mutex_);
    IOStatus answer = disk_->Change();
    if (!answer.ok()) return answer;
    disk_->Reopened(path);
    answer = target()->ReopenWritableFile(path, options, result, debug);
    if (answer.ok()) *result = std::make_unique<CrashFile>(std::move(*result), path, disk_);
    return answer;
  }
  // Writing over an old log in place is not modelled: the old name moves, its content goes.
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                             const rocksdb::FileOptions& options,
                             std::unique_ptr<FSWritableFile>* result,
                             IODebugContext* debug) override {
    const IOStatus moved = RenameFile(old_name, name, options.io_options, debug);
    return moved.ok() ? NewWritableFile(name, options, result, debug) : moved;
  }
  IOStatus NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("writes in place");
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override {
    const IOStatus answer = target()->NewDirectory(name, options, result, debug);
    if (answer.ok()) {
      *result = std::make_unique<CrashDirectory>(std::move(*result), Normal(name), disk_);
    }
    return answer;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    const std::string path = Normal(name);
    std::lock_guard lock(disk_->mutex_);
    if (!fs::exists(path)) return target()->DeleteFile(path, options, debug);
    const IOStatus answer = disk_->Change();
    if (answer.ok()) disk_->Removed(path, disk_->Save(path));
    return answer;
  }
  IOStatus RenameFile(const std::string& from_name, const std::string& to_name,
                      const IOOptions& options, IODebugContext* debug) override {
    const std::string from = Normal(from_name), to = Normal(to_name);
    std::lock_guard lock(disk_->mutex_);
    if (!fs::exists(from)) return target()->RenameFile(from, to, options, debug);
    IOStatus answer = disk_->Change();
    if (!answer.ok()) return answer;
    const std::string saved = disk_->Save(to);
    answer = target()->RenameFile(from, to, options, debug);
    if (answer.ok()) disk_->Renamed(from, to, saved);
    return answer;
  }
  IOStatus Truncate(const std::string& name, size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    std::lock_guard lock(disk_->mutex_);
    const IOStatus answer = disk_->Change();
    if (!answer.ok()) return answer;
    disk_->Shrunk(Normal(name), size);
    return target()->Truncate(name, size, options, debug);
  }

 private:
  Disk* const disk_;
};

}  // namespace

struct CrashEnv::State {
  explicit State(uint64_t seed)
      : disk(seed), env(rocksdb::NewCompositeEnv(std::make_shared<CrashFileSystem>(&disk))) {}
  Disk disk;
  std::unique_ptr<rocksdb::Env> env;
};

CrashEnv::CrashEnv(uint64_t seed) : state_(std::make_unique<State>(seed)) {}
CrashEnv::~CrashEnv() = default;

rocksdb::Env* CrashEnv::env() { return state_->env.get(); }

void CrashEnv::CrashAt(uint64_t operation) {
  std::lock_guard lock(state_->disk.mutex_);
  state_->disk.crash_at_ = operation == 0 ? 0 : state_->disk.operations_ + operation;
}

void CrashEnv::CrashNow() {
  std::lock_guard lock(state_->disk.mutex_);
  state_->disk.crashed_ = true;
}

bool CrashEnv::crashed() const {
  std::lock_guard lock(state_->disk.mutex_);
  return state_->disk.crashed_;
}

uint64_t CrashEnv::operations() const {
  std::lock_guard lock(state_->disk.mutex_);
  return state_->disk.operations_;
}

void CrashEnv::FailNextLogSync() {
  std::lock_guard lock(state_->disk.mutex_);
  state_->disk.fail_log_sync_ = true;
}

void CrashEnv::Restart() {
  std::lock_guard lock(state_->disk.mutex_);
  state_->disk.Restart();
}

}  // namespace birthseal::tests
