// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/tile_export.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/proof/tiles.h"
#include "certs/status_macros.h"
#include "clients/witness/tile_files.h"

namespace birthseal::witness {
namespace {

using certs::TileBuilder;

constexpr uint64_t kLeavesAtOnce = 1024;  // the service answers no more

absl::Status Lost(absl::string_view reason, absl::string_view message) {
  return certs::Error(absl::StatusCode::kDataLoss, reason, message);
}

absl::StatusOr<certs::TreeHead> Authentic(const TileExportOptions& options,
                                          const std::string& note) {
  ASSIGN_OR_RETURN(certs::Checkpoint checkpoint, certs::ParseCheckpoint(note));
  if (options.log_keys.empty()) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "LOG_KEY",
                        "no key of the log is given");
  }
  for (const certs::NoteVerifier& key : options.log_keys) {
    RETURN_IF_ERROR(certs::CheckSignature(checkpoint, key));
  }
  RETURN_IF_ERROR(certs::EpochOf(checkpoint.head.origin, options.log_name).status());
  return std::move(checkpoint.head);
}

// Where the directory stands: an empty builder, or that of its checkpoint.
absl::StatusOr<TileBuilder> Continue(const TileExportOptions& options, const TileFiles& files,
                                     certs::LogEpoch epoch) {
  const absl::StatusOr<std::string> note = files.Read(certs::TileCheckpointPath(epoch.value()));
  if (absl::IsNotFound(note.status())) return TileBuilder(epoch.value());
  RETURN_IF_ERROR(note.status());
  ASSIGN_OR_RETURN(const certs::TreeHead head, Authentic(options, *note));
  const auto read = [&files](const std::string& path) { return files.Read(path); };
  absl::StatusOr<TileBuilder> builder = TileBuilder::Resume(epoch.value(), head.size, read);
  if (absl::IsNotFound(builder.status()) || absl::IsDataLoss(builder.status())) {
    return Lost("TILES_DAMAGED", builder.status().message());
  }
  RETURN_IF_ERROR(builder.status());
  if (head.origin != certs::OriginOf(options.log_name, epoch) || builder->Root() != head.root) {
    return Lost("TILES_DAMAGED", "the tiles that are there do not give their own checkpoint");
  }
  return builder;
}

absl::Status AppendTo(const certs::LogPosition& to, const ListEntries& list,
                      const TileBuilder::Sink& sink, TileBuilder* builder) {
  const uint64_t size = to.size.value();
  while (builder->size() < size) {
    const uint64_t count = std::min(kLeavesAtOnce, size - builder->size());
    ASSIGN_OR_RETURN(const std::vector<std::string> leaves,
                     list(to.epoch, certs::LeafIndex(builder->size()), static_cast<int>(count)));
    if (leaves.empty() || leaves.size() > count) {
      return certs::Error(absl::StatusCode::kUnavailable, "LOG_SHORT",
                          absl::StrCat("no leaves from ", builder->size(), " on, of ", size));
    }
    for (const std::string& leaf : leaves) RETURN_IF_ERROR(builder->Append(leaf, sink));
  }
  return builder->Partials(sink);
}

}  // namespace

absl::StatusOr<TileExportReport> ExportTiles(const TileExportOptions& options,
                                             const std::string& note, const ListEntries& list) {
  ASSIGN_OR_RETURN(const certs::TreeHead head, Authentic(options, note));
  ASSIGN_OR_RETURN(const certs::LogEpoch epoch, certs::EpochOf(head.origin, options.log_name));
  ASSIGN_OR_RETURN(TileFiles files, TileFiles::Open(options.directory));
  ASSIGN_OR_RETURN(TileBuilder builder, Continue(options, files, epoch));
  TileExportReport report{epoch, certs::LogSize(builder.size()), certs::LogSize(head.size), 0};
  if (builder.size() > head.size) {
    return Lost("LOG_ROLLED_BACK", absl::StrCat("the directory holds ", builder.size(),
                                                " leaves, the checkpoint ", head.size));
  }
  if (builder.size() < head.size) {
    const auto stage = [&files](const std::string& path, const std::string& content) {
      return files.Stage(path, content);
    };
    RETURN_IF_ERROR(AppendTo({epoch, certs::LogSize(head.size)}, list, stage, &builder));
  }
  if (builder.Root() != head.root) {
    return Lost("LOG_FORKED", "the leaves do not give the root of the checkpoint");
  }
  report.written = files.staged();
  if (report.written > 0) RETURN_IF_ERROR(files.Publish());
  RETURN_IF_ERROR(files.Replace(certs::TileCheckpointPath(epoch.value()), note));
  return report;
}

}  // namespace birthseal::witness
