// Checkpoints: the log's signed state, as a C2SP signed note.
//
//   birthseal.example/log/1 sm3      origin with log epoch; names the hash
//   1234                             tree size
//   <base64 of the root>
//   time 2026-01-02T03:04:05Z        extension: ledger time
//   <blank line>
//   — <key name> <base64(key hash 4 bytes || signature)>
//
// Pure: signing is a callback of the caller, checking takes the verifier as an argument, since
// this folder holds no keys and no signature algorithm. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/digest.h"

namespace birthseal::certs {

struct TreeHead {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  absl::Time time;  // whole seconds
};

struct NoteSignature {
  std::string key_name;
  std::string key_hash;   // 4 bytes: first of SM3(name || 0A || algorithm byte || public key)
  std::string signature;  // raw, of the note body
};

struct Checkpoint {
  TreeHead head;
  std::string body;  // the exact signed bytes, final newline included
  std::vector<NoteSignature> signatures;
};

std::string CheckpointBody(const TreeHead& head);
std::string FormatCheckpoint(absl::string_view body, const std::vector<NoteSignature>& signatures);
// Errors: kInvalidArgument names the line.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view note);

// True when `signature` over `message` is by the key. Signer/note_key.h makes such functions.
using NoteVerifier = std::function<bool(absl::string_view message, const NoteSignature& signature)>;
// OK when at least one signature of the checkpoint is accepted.
absl::Status CheckSignature(const Checkpoint& checkpoint, const NoteVerifier& verifier);

}  // namespace birthseal::certs
