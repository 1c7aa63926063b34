// SPDX-License-Identifier: Apache-2.0
// A file system whose calls fail one after the other; see faults.h. It passes everything on to
// another one, and a call that fails has done nothing. Thread-safe as that one is.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "certs/status_macros.h"
#include "store/journal/file_system.h"
#include "tests/support/faults.h"

namespace birthseal::tests {

class FailingFileSystem : public store::FileSystem {
 public:
  // Both must outlive it and its files.
  FailingFileSystem(store::FileSystem* below, Faults* faults) : below_(below), faults_(faults) {}

  absl::Status MakeDirectory(const std::string& path) override {
    RETURN_IF_ERROR(faults_->Next("make directory " + path));
    return below_->MakeDirectory(path);
  }
  absl::Status SyncDirectory(const std::string& path) override {
    RETURN_IF_ERROR(faults_->Next("sync directory " + path));
    return below_->SyncDirectory(path);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override {
    RETURN_IF_ERROR(faults_->Next("list " + directory));
    return below_->List(directory);
  }
  absl::StatusOr<std::string> Read(const std::string& path) const override {
    RETURN_IF_ERROR(faults_->Next("read " + path));
    return below_->Read(path);
  }
  absl::StatusOr<std::unique_ptr<store::AppendFile>> Create(const std::string& path) override {
    RETURN_IF_ERROR(faults_->Next("create " + path));
    return Wrapped(path, below_->Create(path));
  }
  absl::StatusOr<std::unique_ptr<store::AppendFile>> OpenToAppend(
      const std::string& path) override {
    RETURN_IF_ERROR(faults_->Next("open " + path));
    return Wrapped(path, below_->OpenToAppend(path));
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(faults_->Next("rename " + from));
    return below_->Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(faults_->Next("remove " + path));
    return below_->Remove(path);
  }
  absl::StatusOr<std::unique_ptr<store::FileLock>> Lock(const std::string& path) override {
    RETURN_IF_ERROR(faults_->Next("lock " + path));
    return below_->Lock(path);
  }

 private:
  class FailingFile : public store::AppendFile {
   public:
    FailingFile(std::string path, std::unique_ptr<store::AppendFile> below, Faults* faults)
        : path_(std::move(path)), below_(std::move(below)), faults_(faults) {}
    absl::Status Append(absl::string_view bytes) override {
      RETURN_IF_ERROR(faults_->Next("append to " + path_));
      return below_->Append(bytes);
    }
    absl::Status Sync() override {
      RETURN_IF_ERROR(faults_->Next("sync " + path_));
      return below_->Sync();
    }
    absl::Status Truncate(size_t size) override {
      RETURN_IF_ERROR(faults_->Next("cut " + path_));
      return below_->Truncate(size);
    }

   private:
    const std::string path_;
    const std::unique_ptr<store::AppendFile> below_;
    Faults* const faults_;
  };

  absl::StatusOr<std::unique_ptr<store::AppendFile>> Wrapped(
      const std::string& path, absl::StatusOr<std::unique_ptr<store::AppendFile>> file) {
    if (!file.ok()) return file;
    return std::make_unique<FailingFile>(path, *std::move(file), faults_);
  }

  store::FileSystem* const below_;
  Faults* const faults_;
};

}  // namespace birthseal::tests
