// SPDX-License-Identifier: Apache-2.0
// Reads the folder of a witness (见证方), made by `birthseal witness` on another machine and copied
// here whole, for a recovery:
//
//   state           canonical "birthseal/witness-state/v1" {1 log name, 2 log state, 3 note, ...}
//                   || its SM3 (32)
//   mirror/<epoch>  records: length (4, big-endian) || first 8 bytes of the SM3 of the body
//                   || body, canonical "birthseal/mirror-record/v1" {1 leaf, 2 change, repeated}
//
// Written apart from the witness's own code, from the format alone. Changes nothing.
// Errors: kNotFound no such folder; kDataLoss "MIRROR_STATE" damaged, or the witness knows no
// checkpoint yet, "MIRROR_RECORD" damaged.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/restore/recovery.h"

namespace birthseal::store {

class FileMirror : public Mirror {
 public:
  static absl::StatusOr<std::unique_ptr<FileMirror>> Open(const std::string& directory);
  std::string name() const override { return directory_; }
  std::string note() const override { return note_; }
  absl::StatusOr<std::vector<RecoverLeaves::Item>> Read(uint64_t epoch, uint64_t first,
                                                        size_t count) override;

 private:
  FileMirror(std::string directory, std::string note)
      : directory_(std::move(directory)), note_(std::move(note)) {}
  // Where the records of the epoch begin, and where the last one ends.
  absl::StatusOr<const std::vector<uint64_t>*> StartsOf(uint64_t epoch);

  const std::string directory_, note_;
  std::map<uint64_t, std::vector<uint64_t>> starts_;
};

}  // namespace birthseal::store
