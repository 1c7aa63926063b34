// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/checkpoint.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";
constexpr char kMapPrefix[] = "map ";
constexpr char kTimePrefix[] = "time ";
constexpr char kOriginSuffix[] = " sm3";
constexpr char kSignaturePrefix[] = "\xE2\x80\x94 ";  // em dash and blank, as C2SP says
constexpr size_t kKeyHashBytes = 4;

absl::Status BadLine(absl::string_view line) {
  return Error(absl::StatusCode::kInvalidArgument, "CHECKPOINT_FORM",
               absl::StrCat("checkpoint: bad ", line, " line"));
}

// Base64 has several spellings of one value; a checkpoint accepts only the canonical one.
std::optional<std::string> StrictBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<Digest> HashFrom(absl::string_view base64) {
  const std::optional<std::string> bytes = StrictBase64(base64);
  return bytes ? DigestFrom(*bytes) : std::nullopt;
}

absl::StatusOr<TreeHead> ParseBody(absl::string_view body) {
  std::vector<absl::string_view> lines = absl::StrSplit(body, '\n');
  if (lines.size() != 6) return BadLine("number of body");  // the last one is behind a newline
  TreeHead head;
  head.origin = std::string(lines[0]);
  if (head.origin.empty()) return BadLine("origin");
  if (!absl::SimpleAtoi(lines[1], &head.size) || absl::StrCat(head.size) != lines[1]) {
    return BadLine("size");
  }
  const std::optional<Digest> root = HashFrom(lines[2]);
  if (!root) return BadLine("root");
  head.root = *root;
  absl::string_view map = lines[3];
  if (!absl::ConsumePrefix(&map, kMapPrefix)) return BadLine("map");
  const std::optional<Digest> map_root = HashFrom(map);
  if (!map_root) return BadLine("map");
  head.map_root = *map_root;
  absl::string_view time = lines[4];
  if (!absl::ConsumePrefix(&time, kTimePrefix)) return BadLine("time");
  if (!absl::ParseTime(kTimeFormat, time, &head.time, nullptr)) return BadLine("time");
  if (CheckpointBody(head) != body) return BadLine("time");
  return head;
}

absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kSignaturePrefix)) return BadLine("signature");
  std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 2 || parts[0].empty()) return BadLine("signature");
  const std::optional<std::string> bytes = StrictBase64(parts[1]);
  if (!bytes || bytes->size() <= kKeyHashBytes) return BadLine("signature");
  return NoteSignature{std::string(parts[0]), bytes->substr(0, kKeyHashBytes),
                       bytes->substr(kKeyHashBytes)};
}

}  // namespace

std::string CheckpointBody(const TreeHead& head) {
  return absl::StrCat(head.origin, "\n", head.size, "\n", absl::Base64Escape(View(head.root)), "\n",
                      kMapPrefix, absl::Base64Escape(View(head.map_root)), "\n", kTimePrefix,
                      absl::FormatTime(kTimeFormat, head.time, absl::UTCTimeZone()), "\n");
}

std::string FormatCheckpoint(absl::string_view body, const std::vector<NoteSignature>& signatures) {
  std::string note = absl::StrCat(body, "\n");
  for (const NoteSignature& s : signatures) {
    absl::StrAppend(&note, kSignaturePrefix, s.key_name, " ",
                    absl::Base64Escape(absl::StrCat(s.key_hash, s.signature)), "\n");
  }
  return note;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view note) {
  size_t split = note.find("\n\n");
  if (split == absl::string_view::npos) return BadLine("blank");
  Checkpoint checkpoint;
  checkpoint.body = std::string(note.substr(0, split + 1));
  ASSIGN_OR_RETURN(checkpoint.head, ParseBody(checkpoint.body));
  absl::string_view rest = note.substr(split + 2);
  if (rest.empty() || rest.back() != '\n') return BadLine("signature");
  rest.remove_suffix(1);
  for (absl::string_view line : absl::StrSplit(rest, '\n')) {
    ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(line));
    checkpoint.signatures.push_back(std::move(signature));
  }
  return checkpoint;
}

absl::Status CheckSignature(const Checkpoint& checkpoint, const NoteVerifier& verifier) {
  for (const NoteSignature& signature : checkpoint.signatures) {
    if (verifier && verifier(checkpoint.body, signature)) return absl::OkStatus();
  }
  return Error(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_BY_LOG_KEY",
               "no signature of the checkpoint is by the trusted log key");
}

std::string CosignatureMessage(absl::Time time, absl::string_view body) {
  return absl::StrCat("cosignature/v1\ntime ", absl::ToUnixSeconds(time), "\n", body);
}

std::vector<std::string> CosignersOf(const Checkpoint& checkpoint, const WitnessPolicy& policy) {
  std::vector<std::string> names;
  for (const WitnessPolicy::Witness& witness : policy.witnesses) {
    for (const NoteSignature& signature : checkpoint.signatures) {
      if (signature.key_name != witness.name || !witness.verifier(checkpoint.body, signature)) {
        continue;
      }
      names.push_back(witness.name);
      break;
    }
  }
  return names;
}

absl::Status CheckQuorum(const Checkpoint& checkpoint, const WitnessPolicy& policy) {
  const size_t cosigners = CosignersOf(checkpoint, policy).size();
  if (policy.quorum > 0 && cosigners >= policy.quorum) return absl::OkStatus();
  return Error(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_WITNESSED",
               absl::StrCat("the checkpoint has ", cosigners,
                            " cosignatures of trusted witnesses, ", policy.quorum, " are needed"));
}

absl::StatusOr<LogEpoch> EpochOf(absl::string_view origin, absl::string_view log_name) {
  absl::string_view rest = origin;
  uint64_t epoch = 0;
  if (absl::ConsumePrefix(&rest, absl::StrCat(log_name, "/")) &&
      absl::ConsumeSuffix(&rest, kOriginSuffix) && absl::SimpleAtoi(rest, &epoch) &&
      OriginOf(log_name, LogEpoch(epoch)) == origin) {
    return LogEpoch(epoch);
  }
  return Error(absl::StatusCode::kInvalidArgument, "CHECKPOINT_OF_ANOTHER_LOG",
               "the checkpoint's origin is not that of the log");
}

std::string OriginOf(absl::string_view log_name, LogEpoch epoch) {
  return absl::StrCat(log_name, "/", epoch.value(), kOriginSuffix);
}

}  // namespace birthseal::certs
