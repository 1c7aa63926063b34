// SPDX-License-Identifier: Apache-2.0
#include "store/restore/recovery.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "certs/status_macros.h"
#include "store/journal/journal.h"
#include "store/ledger/step.h"

namespace birthseal::store {
namespace {

absl::string_view NameOf(Source source) {
  switch (source) {
    case Source::kStore:
      return "库 store";
    case Source::kBackup:
      return "备份 backup";
    case Source::kJournal:
      return "日志副本 journal";
    case Source::kMirror:
      return "见证方镜像 mirror";
    case Source::kNewEpoch:
      return "新日志纪元 new epoch";
  }
  return "";
}

std::string Hex(absl::string_view bytes) {
  return bytes.empty() ? std::string(64, '0') : absl::BytesToHexString(bytes);
}

}  // namespace

std::string ToLine(const ChainLink& link) {
  const std::string detail = link.detail.empty() ? "" : absl::StrCat(" ", link.detail);
  const std::string added = link.added == 0 ? "" : absl::StrCat(" (+", link.added, ")");
  return absl::StrFormat("%s%s%s: epoch %d size %d root %s map %s batch %d", NameOf(link.source),
                         detail, added, link.meta.log_epoch(), link.meta.log_size(),
                         Hex(link.meta.log_root()), Hex(link.meta.map_root()),
                         link.meta.batch_sequence());
}

absl::StatusOr<ChainLink> StateOf(const Engine& engine, Source source) {
  ChainLink link;
  link.source = source;
  ASSIGN_OR_RETURN(LedgerState state, ReadState(*engine.NewSnapshot()));
  link.meta = std::move(state.meta);
  return link;
}

absl::StatusOr<ChainLink> ReplayJournal(const Journal& journal, Engine* engine) {
  ASSIGN_OR_RETURN(const FenceEpoch epoch, engine->AcquireFence(journal.last_epoch()));
  ASSIGN_OR_RETURN(const uint64_t replayed, ReplayInto(journal, engine, epoch));
  ASSIGN_OR_RETURN(ChainLink link, StateOf(*engine, Source::kJournal));
  link.added = replayed;
  return link;
}

}  // namespace birthseal::store
