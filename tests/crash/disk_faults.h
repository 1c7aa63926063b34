// SPDX-License-Identifier: Apache-2.0
// What a disk does wrong on demand: no space from some write on, or one write, sync or read that
// fails. Part of CrashEnv; CrashEnv::faults() is the way in.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <random>

namespace rocksdb {
class IOStatus;
class FSRandomAccessFile;
class FSSequentialFile;
}  // namespace rocksdb

namespace birthseal::tests {

enum class Io { kWrite, kSync, kRead };

class DiskFaults {
 public:
  explicit DiskFaults(uint64_t seed) : random_(seed) {}

  // `writes` more writes and new files succeed, then the disk is full (ENOSPC) until FreeSpace. A
  // write that does not fit may be taken in part.
  void FillAfter(uint64_t writes);
  void FreeSpace();
  // The `nth` operation of this kind from now on (1: the next) fails with EIO, no other.
  void FailAt(Io io, uint64_t nth);
  void Clear();
  // A fault has happened since the last FillAfter, FailAt or Clear.
  bool hit() const;

  // For the file system: what the next operation answers, and of a write that fails how much of
  // `size` was taken all the same.
  rocksdb::IOStatus Next(Io io);
  rocksdb::IOStatus NextWrite(uint64_t size, uint64_t* taken);

 private:
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  bool filling_ = false, hit_ = false;
  uint64_t room_ = 0;     // writes that still fit
  uint64_t fail_at_ = 0;  // operations of fail_io_ until the one that fails; 0: none
  Io fail_io_ = Io::kWrite;
};

// The same file with the read faults of `faults`, which outlives it.
std::unique_ptr<rocksdb::FSRandomAccessFile> WithFaults(
    std::unique_ptr<rocksdb::FSRandomAccessFile> file, DiskFaults* faults);
std::unique_ptr<rocksdb::FSSequentialFile> WithFaults(
    std::unique_ptr<rocksdb::FSSequentialFile> file, DiskFaults* faults);

}  // namespace birthseal::tests
