// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/disk_faults.h"

#include <rocksdb/file_system.h>

#include <utility>

namespace birthseal::tests {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultyRandomFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, DiskFaults* faults)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), faults_(faults) {}
  IOStatus Read(uint64_t offset, size_t size, const IOOptions& options, Slice* result, char* space,
                IODebugContext* debug) const override {
    const IOStatus allowed = faults_->Next(Io::kRead);
    return allowed.ok() ? target()->Read(offset, size, options, result, space, debug) : allowed;
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    for (size_t i = 0; i < count; ++i) {
      rocksdb::FSReadRequest& r = requests[i];
      r.status = Read(r.offset, r.len, options, &r.result, r.scratch, debug);
    }
    return IOStatus::OK();
  }
  IOStatus Prefetch(uint64_t, size_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("prefetch");
  }

 private:
  DiskFaults* const faults_;
};

class FaultySequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, DiskFaults* faults)
      : FSSequentialFileOwnerWrapper(std::move(file)), faults_(faults) {}
  IOStatus Read(size_t size, const IOOptions& options, Slice* result, char* space,
                IODebugContext* debug) override {
    const IOStatus allowed = faults_->Next(Io::kRead);
    return allowed.ok() ? target()->Read(size, options, result, space, debug) : allowed;
  }

 private:
  DiskFaults* const faults_;
};

}  // namespace

void DiskFaults::FillAfter(uint64_t writes) {
  std::lock_guard lock(mutex_);
  filling_ = true, hit_ = false;
  room_ = writes;
}

void DiskFaults::FreeSpace() {
  std::lock_guard lock(mutex_);
  filling_ = false;
}

void DiskFaults::FailAt(Io io, uint64_t nth) {
  std::lock_guard lock(mutex_);
  fail_io_ = io;
  fail_at_ = nth;
  hit_ = false;
}

void DiskFaults::Clear() {
  std::lock_guard lock(mutex_);
  filling_ = hit_ = false;
  fail_at_ = 0;
}

bool DiskFaults::hit() const {
  std::lock_guard lock(mutex_);
  return hit_;
}

IOStatus DiskFaults::Next(Io io) {
  std::lock_guard lock(mutex_);
  if (fail_at_ != 0 && io == fail_io_ && --fail_at_ == 0) {
    hit_ = true;
    return IOStatus::IOError("injected EIO");
  }
  if (!filling_ || io != Io::kWrite) return IOStatus::OK();
  if (room_ > 0) {
    --room_;
    return IOStatus::OK();
  }
  hit_ = true;
  return IOStatus::NoSpace("injected ENOSPC");
}

IOStatus DiskFaults::NextWrite(uint64_t size, uint64_t* taken) {
  IOStatus answer = Next(Io::kWrite);
  std::lock_guard lock(mutex_);
  *taken = answer.ok() ? size : random_() % (size + 1) * (random_() % 2);
  return answer;
}

std::unique_ptr<rocksdb::FSRandomAccessFile> WithFaults(
    std::unique_ptr<rocksdb::FSRandomAccessFile> file, DiskFaults* faults) {
  return std::make_unique<FaultyRandomFile>(std::move(file), faults);
}
std::unique_ptr<rocksdb::FSSequentialFile> WithFaults(
    std::unique_ptr<rocksdb::FSSequentialFile> file, DiskFaults* faults) {
  return std::make_unique<FaultySequentialFile>(std::move(file), faults);
}

}  // namespace birthseal::tests
