// SPDX-License-Identifier: Apache-2.0
// The public side of note keys: checks the signatures of checkpoints and the cosignatures of
// witnesses (见证方). The algorithm follows from the key:
//
//   key      signs notes         cosigns             key hash: first 4 bytes of
//   Ed25519  kKeyEd25519 0x01    kKeyCosignEd25519   SHA-256(name || 0A || byte || raw key (32))
//   SM2      kKeySm2 0xfe        kKeyCosignSm2       SM3(name || 0A || byte || DER of the SPKI)
//
// Those of Ed25519 are C2SP signed-note and tlog-cosignature/v1: existing tools check them. SM2
// signatures are DER SEQUENCE{r,s} with the default id. A cosignature is the time, seconds since
// 1970 in 8 bytes, and the signature over certs::CosignatureMessage(time, body).
// Thread-safe. Errors: kInvalidArgument "NOTE_KEY" neither SM2 nor Ed25519, or not readable;
// "NOTE_KEY_NAME" a name that a note cannot hold.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"

namespace birthseal::signer {

// Accepts signatures of the body by the log key. `spki_pem`: "PUBLIC KEY", as in trust/log.pem.
absl::StatusOr<certs::NoteVerifier> NoteVerifierFromPem(absl::string_view key_name,
                                                        absl::string_view spki_pem);
// Accepts cosignatures; `message` is the checkpoint's body.
absl::StatusOr<certs::NoteVerifier> CosignerFromPem(absl::string_view key_name,
                                                    absl::string_view spki_pem);

// A key as it stands in notes.
struct NoteKeyId {
  std::string name;
  uint8_t algorithm = 0;
  std::string public_key;  // Ed25519: 32 bytes; SM2: DER SubjectPublicKeyInfo
  std::string hash;        // 4 bytes
};
enum class NoteKeyUse { kLog, kCosigner };
absl::StatusOr<NoteKeyId> NoteKeyIdOf(absl::string_view key_name, absl::string_view spki_der,
                                      NoteKeyUse use);
absl::StatusOr<NoteKeyId> NoteKeyIdFromPem(absl::string_view key_name, absl::string_view spki_pem,
                                           NoteKeyUse use);
// The key hash of an SM2 log key.
std::string NoteKeyHash(absl::string_view key_name, absl::string_view spki_der);

// The C2SP text of a verifier key, "name+hash in hex+base64(byte || key)".
absl::StatusOr<std::string> NoteVkey(absl::string_view key_name, absl::string_view spki_pem,
                                     NoteKeyUse use);

// The time before a cosignature, and both together. Errors: kInvalidArgument "COSIGNATURE_FORM".
absl::StatusOr<absl::Time> CosignatureTime(absl::string_view cosignature);
std::string CosignatureBlob(absl::Time time, absl::string_view signature);

}  // namespace birthseal::signer
