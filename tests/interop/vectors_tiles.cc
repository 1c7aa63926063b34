// SPDX-License-Identifier: Apache-2.0
// A log of 300 leaves as plain files.
#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "certs/proof/tiles.h"
#include "certs/status_macros.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

constexpr size_t kSize = 300;
using Files = std::map<std::string, std::string>;

bool IsNote(absl::string_view path) { return absl::EndsWith(path, "/checkpoint"); }

JsonObject Rendered(const Files& files) {
  JsonObject object;
  for (const auto& [path, content] : files) {
    IsNote(path) ? object.Text(path, content) : object.Hex(path, content);
  }
  return object;
}

// Reads the directory as a mirror would: every leaf again, every tile compared.
absl::Status Judge(const VectorKeys& keys, const Files& files) {
  const auto note = files.find(certs::TileCheckpointPath(1));
  if (note == files.end()) return absl::NotFoundError("checkpoint");
  RETURN_IF_ERROR(keys.Judge(note->second, 0));
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(note->second));
  ASSIGN_OR_RETURN(const certs::LogEpoch epoch,
                   certs::EpochOf(checkpoint.head.origin, "birthseal.example/log"));
  if (epoch != certs::LogEpoch(1)) return absl::DataLossError("of another epoch");
  certs::TileBuilder builder(1);
  const auto same = [&](const std::string& path, const std::string& content) {
    const auto found = files.find(path);
    return found != files.end() && found->second == content ? absl::OkStatus()
                                                            : absl::DataLossError(path);
  };
  for (uint64_t n = 0; builder.size() < checkpoint.head.size; ++n) {
    const size_t width =
        std::min<uint64_t>(certs::kTileWidth, checkpoint.head.size - builder.size());
    const auto found = files.find(certs::TilePath(1, certs::kEntriesLevel, n, width));
    if (found == files.end()) return absl::NotFoundError("entries");
    ASSIGN_OR_RETURN(const auto leaves, certs::ParseEntries(found->second, width));
    for (const std::string& leaf : leaves) RETURN_IF_ERROR(builder.Append(leaf, same));
  }
  RETURN_IF_ERROR(builder.Partials(same));
  return builder.Root() == checkpoint.head.root ? absl::OkStatus() : absl::DataLossError("root");
}

}  // namespace

void AddTileVectors(VectorStory& story, std::vector<VectorFile>* files) {
  SmallLog log;
  Files tiles;
  certs::TileBuilder builder(1);
  const auto sink = [&](const std::string& path, const std::string& content) {
    tiles[path] = content;
    return absl::OkStatus();
  };
  absl::Status made;
  for (size_t i = 0; i < kSize; ++i) {
    log.Intent(i + 1);
    made.Update(builder.Append(log.updates.back().leaf, sink));
  }
  made.Update(builder.Partials(sink));
  tiles[certs::TileCheckpointPath(1)] = story.keys->Note(log.Head());

  JsonObject shared = story.keys->Trust();
  shared.Number("epoch", 1).Raw("files", Rendered(tiles).Json());
  VectorFile& file = files->emplace_back("tiles", shared);
  for (uint64_t leaf : {0, 255, 256, 299}) {
    file.Good(absl::StrCat("leaf ", leaf), JsonObject().Number("leaf", leaf),
              made.ok() ? Judge(*story.keys, tiles) : made);
  }
  const auto broken = [&](absl::string_view name, const std::string& path,
                          const std::optional<std::string>& content) {
    Files changed = tiles;
    changed.erase(path);
    if (content) changed[path] = *content;
    JsonObject change = content ? Rendered({{path, *content}}) : JsonObject().Null(path);
    file.Broken(name, JsonObject().Raw("changed", change.Json()), Judge(*story.keys, changed));
  };
  for (const auto& [path, content] : tiles) {
    broken(absl::StrCat(path, " missing"), path, std::nullopt);
    if (IsNote(path)) continue;
    broken(absl::StrCat("a flipped bit in ", path), path, Flipped(content, content.size() / 2));
    broken(absl::StrCat(path, " cut off"), path, content.substr(0, content.size() - 1));
  }
  const std::string note = certs::TileCheckpointPath(1);
  broken("a checkpoint of another log", note, story.keys->Note(story.log.Head()));
  broken("a checkpoint of a smaller size", note, story.keys->Note(log.HeadAt(299)));
  broken("a checkpoint of the next epoch", note, story.keys->Note(story.next.Head()));
}

}  // namespace birthseal::tests
