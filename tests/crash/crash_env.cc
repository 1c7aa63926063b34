// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/crash_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "tests/crash/crash_disk.h"

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

class CrashFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CrashFile(std::unique_ptr<FSWritableFile> file, std::string path, Disk* disk)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(disk) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(disk_->mutex_);
    const IOStatus allowed = disk_->Change();
    if (!allowed.ok()) return allowed;
    uint64_t taken;
    const IOStatus fault = disk_->faults_.NextWrite(data.size(), &taken);
    const IOStatus done = target()->Append(Slice(data.data(), taken), options, debug);
    return fault.ok() ? done : fault;
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
    const IOStatus fault = disk_->faults_.Next(Io::kSync);
    if (!fault.ok()) {
      disk_->SyncFailed(path_);
      return fault;
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
    if (answer.ok()) answer = disk_->faults_.Next(Io::kWrite);
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
  IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext* debug) override {
    const IOStatus answer = target()->NewRandomAccessFile(name, options, result, debug);
    if (answer.ok()) *result = WithFaults(std::move(*result), &disk_->faults_);
    return answer;
  }
  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* debug) override {
    const IOStatus answer = target()->NewSequentialFile(name, options, result, debug);
    if (answer.ok()) *result = WithFaults(std::move(*result), &disk_->faults_);
    return answer;
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
  // What is only kept to come back is not there.
  IOStatus GetChildren(const std::string& name, const IOOptions& options,
                       std::vector<std::string>* result, IODebugContext* debug) override {
    const IOStatus answer = target()->GetChildren(name, options, result, debug);
    result->erase(std::remove_if(result->begin(), result->end(),
                                 [](const std::string& child) {
                                   return child.find(kSaved) != std::string::npos;
                                 }),
                  result->end());
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
DiskFaults& CrashEnv::faults() { return state_->disk.faults_; }

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
