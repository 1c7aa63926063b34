// SPDX-License-Identifier: Apache-2.0
// The log as plain files for any file server (certs/proof/tiles.h says which): what auditors and
// readers fetch without asking the service.
//
// New tiles are made in a hidden folder, their root is compared with the checkpoint, and only then
// they get their names; the checkpoint comes last and never points to what is not there. A name
// once given never gets other bytes, and what is there is read again only where the log goes on.
// A process killed at any point leaves a directory that is whole, and the next export goes on.
// Files are for all to read: leaves name nobody. One export a directory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "certs/proof/checkpoint.h"

namespace birthseal::witness {

// Leaves [first, first + count) of an epoch, or the first few of them, at least one.
using ListEntries = std::function<absl::StatusOr<std::vector<std::string>>(
    certs::LogEpoch epoch, certs::LeafIndex first, int count)>;

struct TileExportOptions {
  std::string directory;                      // made when it is not there
  std::string log_name;                       // "birthseal.example/log"
  std::vector<certs::NoteVerifier> log_keys;  // each must have signed; not empty
};

struct TileExportReport {
  certs::LogEpoch epoch;
  certs::LogSize old_size, size;
  size_t written = 0;  // tiles, unfinished ones included
};

// Brings the directory to the checkpoint `note`. Errors, all leaving the old checkpoint and its
// tiles:
//
//  kInvalidArgument, kUnauthenticated   not a checkpoint of this log, or not by its keys
//  kFailedPrecondition "TILES_IN_USE"   another export runs
//  kDataLoss "LOG_ROLLED_BACK"          the directory holds more than the checkpoint
//  kDataLoss "LOG_FORKED"               the new leaves, behind those there, give another root
//  kDataLoss "TILES_DAMAGED"            what is there does not give the root of its checkpoint, or
//                                       a name is taken by other bytes
//  kUnavailable "TILES_FILE"            the file system; "LOG_SHORT" no leaves where there are some
absl::StatusOr<TileExportReport> ExportTiles(const TileExportOptions& options,
                                             const std::string& note, const ListEntries& list);

}  // namespace birthseal::witness
