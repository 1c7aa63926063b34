// SPDX-License-Identifier: Apache-2.0
// The log as plain files for any file server: which tiles (瓦片) there are and what is in them.
//
// The layout is C2SP tlog-tiles with SM3, below a folder for each log epoch:
//   <epoch>/tile/0/<N>          leaf hashes 256N to 256N+255, 32 bytes each
//   <epoch>/tile/<L>/<N>        hashes of the subtrees of 256^L leaves with those numbers
//   <epoch>/tile/entries/<N>    the leaves, each with its length (2 bytes) before it
//   .../<N>.p/<W>               a tile that holds only W of 256 so far
//   <epoch>/checkpoint          the newest checkpoint, written last
// A path once written never gets other bytes: a longer log has other names. A builder belongs to
// one thread; the functions are pure. Memory: at most 256 leaves and a few hundred hashes a level.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

constexpr size_t kTileWidth = 256;
constexpr int kEntriesLevel = -1;
constexpr size_t kMaxEntrySize = 0xffff;  // its length has two bytes

// 1234067 -> "x001/x234/067".
std::string TileNumber(uint64_t number);
// `width` is 1 to kTileWidth; level kEntriesLevel or 0 to 7.
std::string TilePath(uint64_t epoch, int level, uint64_t number, size_t width);
std::string TileCheckpointPath(uint64_t epoch);

// Makes the tiles of a growing log, leaf by leaf.
class TileBuilder {
 public:
  // Receives each tile; an error ends the call that made it.
  using Sink = std::function<absl::Status(const std::string& path, const std::string& content)>;
  // Content of an existing tile. Errors: kNotFound.
  using Reader = std::function<absl::StatusOr<std::string>(const std::string& path)>;

  explicit TileBuilder(uint64_t epoch) : epoch_(epoch) {}
  // Goes on where a log of `size` leaves ended; reads its unfinished tiles. The caller compares
  // Root() with what he knows. Errors: those of `read`; kDataLoss "TILE_FORM" a tile of another
  // size, or entries that do not give their hashes.
  static absl::StatusOr<TileBuilder> Resume(uint64_t epoch, uint64_t size, const Reader& read);

  // Gives the tiles that this leaf fills, none or one of each level. Errors: those of `sink`;
  // kInvalidArgument "TILE_ENTRY_SIZE" a leaf of more than 65535 bytes. The builder is then of no
  // more use.
  absl::Status Append(absl::string_view leaf, const Sink& sink);
  // Gives the unfinished tiles as they are now.
  absl::Status Partials(const Sink& sink) const;

  uint64_t size() const { return size_; }
  Digest Root() const;

 private:
  absl::Status AppendHash(size_t level, const Digest& hash, const Sink& sink);

  uint64_t epoch_ = 1, size_ = 0;
  std::string entries_;                      // of the unfinished entries tile
  std::vector<std::vector<Digest>> levels_;  // hashes of the unfinished tile of each level
};

// The leaves of an entries tile. Errors: kDataLoss "TILE_FORM" not exactly `count` of them.
absl::StatusOr<std::vector<std::string>> ParseEntries(absl::string_view tile, size_t count);

}  // namespace birthseal::certs
