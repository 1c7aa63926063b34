// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/tiles.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/errors.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr int kLevelBits = 8;
constexpr size_t kDigestSize = sizeof(Digest);

absl::Status BadTile(const std::string& path) {
  return Error(absl::StatusCode::kDataLoss, "TILE_FORM",
               absl::StrCat(path, ": not the tile that this name says"));
}

std::string Joined(const std::vector<Digest>& hashes) {
  std::string content;
  for (const Digest& hash : hashes) absl::StrAppend(&content, View(hash));
  return content;
}

CompactRange RangeOf(const std::vector<Digest>& hashes) {
  CompactRange range;
  for (const Digest& hash : hashes) range.Append(hash);
  return range;
}

absl::StatusOr<std::vector<Digest>> ReadHashes(const std::string& path, size_t count,
                                               const TileBuilder::Reader& read) {
  ASSIGN_OR_RETURN(const std::string content, read(path));
  if (content.size() != count * kDigestSize) return BadTile(path);
  std::vector<Digest> hashes(count);
  for (size_t i = 0; i < count; ++i) {
    hashes[i] = *DigestFrom(absl::string_view(content).substr(i * kDigestSize, kDigestSize));
  }
  return hashes;
}

}  // namespace

std::string TileNumber(uint64_t number) {
  std::string path = absl::StrFormat("%03d", number % 1000);
  while ((number /= 1000) > 0) path = absl::StrFormat("x%03d/%s", number % 1000, path);
  return path;
}

std::string TilePath(uint64_t epoch, int level, uint64_t number, size_t width) {
  std::string path = absl::StrCat(epoch, "/tile/");
  level == kEntriesLevel ? absl::StrAppend(&path, "entries") : absl::StrAppend(&path, level);
  absl::StrAppend(&path, "/", TileNumber(number));
  if (width < kTileWidth) absl::StrAppend(&path, ".p/", width);
  return path;
}

std::string TileCheckpointPath(uint64_t epoch) { return absl::StrCat(epoch, "/checkpoint"); }

absl::StatusOr<std::vector<std::string>> ParseEntries(absl::string_view tile, size_t count) {
  std::vector<std::string> leaves;
  for (; leaves.size() < count && tile.size() >= 2;) {
    const size_t size = static_cast<uint8_t>(tile[0]) << 8 | static_cast<uint8_t>(tile[1]);
    if (tile.size() - 2 < size) break;
    leaves.emplace_back(tile.substr(2, size));
    tile.remove_prefix(2 + size);
  }
  if (leaves.size() == count && tile.empty()) return leaves;
  return BadTile("entries");
}

absl::StatusOr<TileBuilder> TileBuilder::Resume(uint64_t epoch, uint64_t size, const Reader& read) {
  TileBuilder builder(epoch);
  builder.size_ = size;
  for (uint64_t rest = size, level = 0; rest > 0; rest >>= kLevelBits, ++level) {
    std::vector<Digest>& hashes = builder.levels_.emplace_back();
    const size_t width = rest % kTileWidth;
    if (width == 0) continue;
    const std::string path = TilePath(epoch, static_cast<int>(level), rest / kTileWidth, width);
    ASSIGN_OR_RETURN(hashes, ReadHashes(path, width, read));
  }
  const size_t width = size % kTileWidth;
  if (width == 0) return builder;
  const std::string path = TilePath(epoch, kEntriesLevel, size / kTileWidth, width);
  ASSIGN_OR_RETURN(builder.entries_, read(path));
  ASSIGN_OR_RETURN(const std::vector<std::string> leaves, ParseEntries(builder.entries_, width));
  for (size_t i = 0; i < width; ++i) {
    if (LeafHash(leaves[i]) != builder.levels_[0][i]) return BadTile(path);
  }
  return builder;
}

absl::Status TileBuilder::AppendHash(size_t level, const Digest& hash, const Sink& sink) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].push_back(hash);
  if (levels_[level].size() < kTileWidth) return absl::OkStatus();
  const std::vector<Digest> full = std::move(levels_[level]);
  levels_[level].clear();
  const uint64_t number = (size_ >> (kLevelBits * (level + 1))) - 1;
  RETURN_IF_ERROR(
      sink(TilePath(epoch_, static_cast<int>(level), number, kTileWidth), Joined(full)));
  return AppendHash(level + 1, RangeOf(full).Root(), sink);
}

absl::Status TileBuilder::Append(absl::string_view leaf, const Sink& sink) {
  if (leaf.size() > kMaxEntrySize) {
    return Error(absl::StatusCode::kInvalidArgument, "TILE_ENTRY_SIZE",
                 "a leaf of more than 65535 bytes does not fit an entries tile");
  }
  entries_.push_back(static_cast<char>(leaf.size() >> 8));
  entries_.push_back(static_cast<char>(leaf.size()));
  absl::StrAppend(&entries_, leaf);
  ++size_;
  if (size_ % kTileWidth == 0) {
    RETURN_IF_ERROR(
        sink(TilePath(epoch_, kEntriesLevel, size_ / kTileWidth - 1, kTileWidth), entries_));
    entries_.clear();
  }
  return AppendHash(0, LeafHash(leaf), sink);
}

absl::Status TileBuilder::Partials(const Sink& sink) const {
  if (const size_t width = size_ % kTileWidth; width > 0) {
    RETURN_IF_ERROR(sink(TilePath(epoch_, kEntriesLevel, size_ / kTileWidth, width), entries_));
  }
  for (size_t level = 0; level < levels_.size(); ++level) {
    if (levels_[level].empty()) continue;
    const uint64_t number = size_ >> (kLevelBits * (level + 1));
    RETURN_IF_ERROR(sink(TilePath(epoch_, static_cast<int>(level), number, levels_[level].size()),
                         Joined(levels_[level])));
  }
  return absl::OkStatus();
}

Digest TileBuilder::Root() const {
  std::vector<Digest> hashes;
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    const CompactRange range = RangeOf(*level);
    hashes.insert(hashes.end(), range.hashes().begin(), range.hashes().end());
  }
  // One hash for each bit of the size, by the way the levels fill: From cannot refuse them.
  return CompactRange::From(size_, std::move(hashes)).value().Root();
}

}  // namespace birthseal::certs
