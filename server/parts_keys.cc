// SPDX-License-Identifier: Apache-2.0
// Keys, and whose signatures count.
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "certs/status_macros.h"
#include "server/parts.h"
#include "signer/sealing/vrf_key.h"
#include "signer/verify/note_key.h"
#include "signer/verify/note_memory.h"

namespace birthseal::server {

absl::Status ServerApp::Parts::OpenKeys() {
  seals = signer::NewFileSealBook(config.keys.seal_directory);
  keys = signer::NewFileKeyProvider(config.keys.seal_directory, config.keys.key_encryption_key);
  auto vrf = signer::VrfKey::FromPkcs8(config.keys.vrf_key_pem);
  RETURN_IF_ERROR(At("keys.vrf_key_pem", vrf.status()));
  labels = std::make_unique<ClaimLabels>(*std::move(vrf));
  RETURN_IF_ERROR(OpenLogKeys());
  signer::VerifierTrust trust;
  const auto open = [](const char* field, const std::string& pem,
                       std::shared_ptr<const signer::TrustStore>* out) -> absl::Status {
    auto opened = signer::TrustStore::FromPem(pem);
    RETURN_IF_ERROR(At(field, opened.status()));
    *out = *std::move(opened);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(open("trust.seal_makers_pem", config.trust.seal_makers_pem, &trust.makers));
  RETURN_IF_ERROR(open("trust.signers_pem", config.trust.signers_pem, &trust.signers));
  RETURN_IF_ERROR(open("trust.time_stamps_pem", config.trust.time_stamps_pem, &trust.time_stamps));
  trust.log_key = log_key;
  trust.witnesses = witness_policy;
  verifier = std::make_unique<signer::DocumentVerifier>(std::move(trust));
  return absl::OkStatus();
}

absl::Status ServerApp::Parts::OpenLogKeys() {
  auto sm2 = signer::PrivateKey::FromPkcs8(config.keys.log_key_pem);
  RETURN_IF_ERROR(At("keys.log_key_pem", sm2.status()));
  auto first = signer::NewSm2NoteSigner(config.keys.log_name, *std::move(sm2));
  RETURN_IF_ERROR(At("keys.log_key_pem", first.status()));
  auto second = signer::NewEd25519NoteSigner(config.keys.log_name, config.keys.log_ed25519_key_pem);
  RETURN_IF_ERROR(At("keys.log_ed25519_key_pem", second.status()));
  auto verifier_of_log =
      signer::NoteVerifierFromPem(config.keys.log_name, (*first)->PublicKeyPem());
  RETURN_IF_ERROR(At("keys.log_key_pem", verifier_of_log.status()));
  log_key = signer::RememberingVerifier(*std::move(verifier_of_log));
  auto verifier_of_second =
      signer::NoteVerifierFromPem(config.keys.log_name, (*second)->PublicKeyPem());
  RETURN_IF_ERROR(At("keys.log_ed25519_key_pem", verifier_of_second.status()));
  log_keys = {log_key, *std::move(verifier_of_second)};
  log_signers = {*std::move(first), *std::move(second)};
  for (const WitnessKey& witness : config.witnesses.keys) {
    auto cosigner = signer::CosignerFromPem(witness.name, witness.public_key_pem);
    RETURN_IF_ERROR(At("witnesses.witness.public_key_pem", cosigner.status()));
    witness_policy.witnesses.push_back({witness.name, *std::move(cosigner)});
  }
  witness_policy.quorum = config.witnesses.quorum;
  return absl::OkStatus();
}

}  // namespace birthseal::server
