// SPDX-License-Identifier: Apache-2.0
#include "server/at_rest/fsck_trust.h"

#include <string>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/sealing/note_signer.h"
#include "signer/verify/note_key.h"
#include "signer/verify/note_memory.h"
#include "signer/verify/trust_store.h"

namespace birthseal::server {
namespace {

absl::Status At(absl::string_view field, const absl::Status& status) {
  if (status.ok()) return status;
  return certs::Error(status.code(), certs::ReasonOf(status),
                      std::string(field) + ": " + std::string(status.message()), field);
}

absl::StatusOr<std::shared_ptr<const signer::TrustStore>> Anchors(absl::string_view field,
                                                                  const std::string& pem) {
  auto opened = signer::TrustStore::FromPem(pem);
  RETURN_IF_ERROR(At(field, opened.status()));
  return opened;
}

// Private keys are opened for their public halves only, and wiped at once.
absl::StatusOr<std::vector<certs::NoteVerifier>> LogKeys(const KeysConfig& keys) {
  auto sm2 = signer::PrivateKey::FromPkcs8(keys.log_key_pem);
  RETURN_IF_ERROR(At("keys.log_key_pem", sm2.status()));
  auto first = signer::NewSm2NoteSigner(keys.log_name, *std::move(sm2));
  RETURN_IF_ERROR(At("keys.log_key_pem", first.status()));
  auto second = signer::NewEd25519NoteSigner(keys.log_name, keys.log_ed25519_key_pem);
  RETURN_IF_ERROR(At("keys.log_ed25519_key_pem", second.status()));
  std::vector<certs::NoteVerifier> verifiers(2);
  ASSIGN_OR_RETURN(verifiers[0],
                   signer::NoteVerifierFromPem(keys.log_name, (*first)->PublicKeyPem()));
  ASSIGN_OR_RETURN(verifiers[1],
                   signer::NoteVerifierFromPem(keys.log_name, (*second)->PublicKeyPem()));
  return verifiers;
}

}  // namespace

absl::StatusOr<FsckTrust> FsckTrustOf(const Config& config, absl::Time now) {
  FsckTrust made;
  made.trust.log_name = config.keys.log_name;
  made.trust.now = now;
  ASSIGN_OR_RETURN(made.trust.log_keys, LogKeys(config.keys));
  for (const WitnessKey& key : config.witnesses.keys) {
    const auto id =
        signer::NoteKeyIdFromPem(key.name, key.public_key_pem, signer::NoteKeyUse::kCosigner);
    RETURN_IF_ERROR(At("witnesses.keys", id.status()));
    ASSIGN_OR_RETURN(certs::NoteVerifier verifier,  // of a key that has an id
                     signer::CosignerFromPem(key.name, key.public_key_pem));
    made.trust.witnesses.push_back({key.name, id->hash, std::move(verifier)});
  }
  made.trust.quorum = config.witnesses.quorum;
  signer::VerifierTrust trust;
  ASSIGN_OR_RETURN(trust.makers, Anchors("trust.seal_makers_pem", config.trust.seal_makers_pem));
  ASSIGN_OR_RETURN(trust.signers, Anchors("trust.signers_pem", config.trust.signers_pem));
  ASSIGN_OR_RETURN(trust.time_stamps,
                   Anchors("trust.time_stamps_pem", config.trust.time_stamps_pem));
  trust.log_key = signer::RememberingVerifier(made.trust.log_keys[0]);
  made.verifier = std::make_unique<signer::DocumentVerifier>(std::move(trust));
  made.trust.verifier = made.verifier.get();
  return made;
}

}  // namespace birthseal::server
