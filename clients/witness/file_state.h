// SPDX-License-Identifier: Apache-2.0
// A witness's folder:
//
//   lock               held while a process writes here
//   state              birthseal/witness-state/v1 || its SM3; replaced whole
//   mirror/<epoch>     updates of a log epoch (mirror_file.h)
//   evidence/<time>-<REASON>/{reason.txt,known.note,offered.note,updates}
//
// Errors: kFailedPrecondition "WITNESS_STATE_IN_USE"; kDataLoss "WITNESS_STATE" damaged;
// kUnavailable "WITNESS_FILE".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/witness/files.h"
#include "clients/witness/mirror_file.h"
#include "clients/witness/storage.h"

namespace birthseal::witness {

class FileState : public Storage {
 public:
  // Makes the folder when it is not there; one process at a time.
  static absl::StatusOr<std::unique_ptr<FileState>> Open(const std::string& directory);
  // To look while another may write: every write is refused. A mirror then counts as far as the
  // state of the same moment says. Errors: kNotFound "WITNESS_STATE" there is none.
  static absl::StatusOr<std::unique_ptr<FileState>> OpenReadOnly(const std::string& directory);

  absl::StatusOr<std::string> Load() override;
  absl::Status Save(absl::string_view state) override;
  absl::Status Mirror(certs::LogEpoch epoch, certs::LeafIndex first,
                      const std::vector<Update>& updates) override;
  absl::StatusOr<certs::LogSize> MirrorSize(certs::LogEpoch epoch) override;
  absl::StatusOr<std::vector<Update>> ReadMirror(certs::LogEpoch epoch, certs::LeafIndex first,
                                                 int count) override;
  absl::Status Keep(const Evidence& evidence) override;
  // Names of the folders with evidence, oldest first.
  std::vector<std::string> EvidenceKept() const;

 private:
  FileState(std::string directory, bool read_only, File lock)
      : directory_(std::move(directory)), read_only_(read_only), lock_(std::move(lock)) {}
  absl::StatusOr<MirrorFile*> MirrorOf(certs::LogEpoch epoch);
  absl::Status CheckWritable() const;

  const std::string directory_;
  const bool read_only_;
  const File lock_;
  std::map<certs::LogEpoch, MirrorFile> mirrors_;
};

}  // namespace birthseal::witness
