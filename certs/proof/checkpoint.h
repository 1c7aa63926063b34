// SPDX-License-Identifier: Apache-2.0
// Checkpoints: the log's signed state, as a C2SP signed note.
//
//   birthseal.example/log/1 sm3      origin with log epoch; names the hash
//   1234                             tree size
//   <base64 of the root>
//   map <base64 of the root>         extension: root of the uniqueness map
//   time 2026-01-02T03:04:05Z        extension: ledger time
//   <blank line>
//   — <key name> <base64(key hash 4 bytes || signature)>
//
// The log signs with SM2 and with Ed25519, one line each; witnesses (见证方) add cosignatures:
// base64(key hash || time 8 bytes || signature over CosignatureMessage).
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
#include "certs/proof/log_place.h"

namespace birthseal::certs {

struct TreeHead {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  Digest map_root{};  // zeros: empty map
  absl::Time time;    // whole seconds
};

// The algorithm byte of a key hash (C2SP signed-note; those from 0xfd are our own).
inline constexpr uint8_t kKeyEd25519 = 0x01, kKeyCosignEd25519 = 0x04;
inline constexpr uint8_t kKeyCosignSm2 = 0xfd, kKeySm2 = 0xfe;

struct NoteSignature {
  std::string key_name;
  std::string
      key_hash;  // 4 bytes; of which hash follows from the algorithm: signer/verify/note_key.h
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

// True when `signature` over `message` is by the key. signer/verify/note_key.h makes such
// functions.
using NoteVerifier = std::function<bool(absl::string_view message, const NoteSignature& signature)>;
// OK when at least one signature of the checkpoint is accepted.
absl::Status CheckSignature(const Checkpoint& checkpoint, const NoteVerifier& verifier);

// What a witness signs: C2SP cosignature/v1, "cosignature/v1\ntime <seconds>\n<body>".
std::string CosignatureMessage(absl::Time time, absl::string_view body);

// Who must have cosigned before a checkpoint counts as witnessed.
struct WitnessPolicy {
  struct Witness {
    std::string name;
    NoteVerifier verifier;  // of cosignatures; `message` is the body
  };
  std::vector<Witness> witnesses;
  size_t quorum = 0;  // 0: there are no witnesses, nothing counts as witnessed
};
// Names of the witnesses of the policy whose cosignature holds, each once, in the policy's order.
std::vector<std::string> CosignersOf(const Checkpoint& checkpoint, const WitnessPolicy& policy);
// Errors: kUnauthenticated "CHECKPOINT_NOT_WITNESSED" fewer than the quorum.
absl::Status CheckQuorum(const Checkpoint& checkpoint, const WitnessPolicy& policy);

// "birthseal.example/log/3 sm3" -> 3. Errors: kInvalidArgument not an origin of this log.
absl::StatusOr<LogEpoch> EpochOf(absl::string_view origin, absl::string_view log_name);
std::string OriginOf(absl::string_view log_name, LogEpoch epoch);

}  // namespace birthseal::certs
