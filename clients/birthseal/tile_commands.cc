// SPDX-License-Identifier: Apache-2.0
// birthseal audit export-tiles: the log as plain files, from the service or a witness's mirror.
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/alarm.h"
#include "clients/birthseal/cli.h"
#include "clients/witness/file_state.h"
#include "clients/witness/tile_export.h"
#include "clients/witness/witness.h"
#include "signer/verify/note_key.h"

namespace birthseal::cli {
namespace {

struct TileFlags {
  std::string out, mirror, log_key, log_ed25519;
  std::string log_name = "birthseal.example/log";
};

// A checkpoint and the leaves below it.
struct Source {
  std::string note;
  witness::ListEntries list;
};

absl::StatusOr<Source> FromService(Session* session) {
  ASSIGN_OR_RETURN(client::Client * client, session->Client());
  ASSIGN_OR_RETURN(const v1::GetCheckpointResponse newest,
                   client->GetCheckpoint(v1::GetCheckpointRequest()));
  Source source;
  source.note = newest.checkpoint();
  source.list = [client](certs::LogEpoch epoch, certs::LeafIndex first,
                         int count) -> absl::StatusOr<std::vector<std::string>> {
    v1::ListLeavesRequest request;
    request.set_epoch(epoch.value());
    request.set_first(first.value());
    request.set_count(count);
    ASSIGN_OR_RETURN(const v1::ListLeavesResponse response, client->ListLeaves(request));
    return std::vector<std::string>(response.leaves().begin(), response.leaves().end());
  };
  return source;
}

absl::StatusOr<Source> FromMirror(const std::string& directory) {
  ASSIGN_OR_RETURN(std::shared_ptr<witness::FileState> state,
                   witness::FileState::OpenReadOnly(directory));
  ASSIGN_OR_RETURN(const std::string bytes, state->Load());
  ASSIGN_OR_RETURN(witness::Memory memory, witness::ParseMemory(bytes));
  if (memory.note.empty()) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "MIRROR_EMPTY",
                        absl::StrCat(directory, ": the witness has accepted no checkpoint yet"),
                        "--mirror", "见证方尚未接受任何检查点");
  }
  Source source;
  source.note = std::move(memory.note);
  source.list = [state](certs::LogEpoch epoch, certs::LeafIndex first,
                        int count) -> absl::StatusOr<std::vector<std::string>> {
    ASSIGN_OR_RETURN(const std::vector<witness::Update> updates,
                     state->ReadMirror(epoch, first, count));
    std::vector<std::string> leaves;
    leaves.reserve(updates.size());
    for (const witness::Update& update : updates) leaves.push_back(update.leaf);
    return leaves;
  };
  return source;
}

absl::StatusOr<witness::TileExportOptions> OptionsOf(const TileFlags& o) {
  witness::TileExportOptions options;
  options.directory = o.out;
  options.log_name = o.log_name;
  for (const std::string& path : {o.log_key, o.log_ed25519}) {
    if (path.empty()) continue;
    ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
    ASSIGN_OR_RETURN(certs::NoteVerifier key, signer::NoteVerifierFromPem(o.log_name, pem));
    options.log_keys.push_back(std::move(key));
  }
  return options;
}

absl::Status Export(Session* session, const TileFlags& o) {
  ASSIGN_OR_RETURN(const witness::TileExportOptions options, OptionsOf(o));
  ASSIGN_OR_RETURN(const Source source,
                   o.mirror.empty() ? FromService(session) : FromMirror(o.mirror));
  ASSIGN_OR_RETURN(const witness::TileExportReport report,
                   witness::ExportTiles(options, source.note, source.list));
  PrintEvent(session->json(),
             absl::StrCat(o.out, ": epoch 日志纪元 ", report.epoch.value(), ", leaves 叶 ",
                          report.old_size.value(), " -> ", report.size.value(),
                          ", tiles written 新瓦片 ", report.written),
             {{"epoch", absl::StrCat(report.epoch.value())},
              {"old_size", absl::StrCat(report.old_size.value())},
              {"size", absl::StrCat(report.size.value())},
              {"tiles", absl::StrCat(report.written)}});
  return absl::OkStatus();
}

}  // namespace

void AddTileCommands(CLI::App* app, Session* session, int* result) {
  CLI::App* tiles = app->get_subcommand("audit")->add_subcommand(
      "export-tiles", "the log as plain files for any file server (导出日志瓦片)");
  auto o = std::make_shared<TileFlags>();
  tiles->add_option("--out", o->out, "directory of the tiles; goes on where it stands (输出目录)")
      ->required();
  tiles->add_option("--log-key", o->log_key, "public SM2 key of the log, PEM")->required();
  tiles->add_option("--log-ed25519", o->log_ed25519,
                    "public Ed25519 key of the log: checked as well");
  tiles->add_option("--log-name", o->log_name,
                    "key name of the log, and what its origins begin with");
  tiles->add_option("--mirror", o->mirror,
                    "state folder of a witness, instead of the service (见证方状态目录)");
  tiles->callback([=] { *result = Finish(Export(session, *o)); });
}

}  // namespace birthseal::cli
