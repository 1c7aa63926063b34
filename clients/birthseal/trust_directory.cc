// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/trust_directory.h"

#include <openssl/pem.h>

#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "birthseal/v1/witness_policy.pb.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/birthseal/cli.h"
#include "signer/verify/note_key.h"
#include "signer/verify/trust_store.h"

namespace birthseal::cli {
namespace {

// Says which file is at fault.
absl::Status In(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return certs::Error(status.code(), certs::ReasonOf(status),
                      absl::StrCat(path, ": ", status.message()));
}

absl::StatusOr<std::shared_ptr<const signer::TrustStore>> ReadAnchors(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  auto store = signer::TrustStore::FromPem(pem);
  RETURN_IF_ERROR(In(path, store.status()));
  return store;
}

absl::Status BadPolicy(const std::string& path, absl::string_view rule) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "WITNESS_POLICY",
                      absl::StrCat(path, ": ", rule));
}

}  // namespace

absl::StatusOr<certs::NoteVerifier> ReadLogKey(const std::string& directory,
                                               const std::string& log_name) {
  const std::string path = absl::StrCat(directory, "/log.pem");
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  auto key = signer::NoteVerifierFromPem(log_name, pem);
  RETURN_IF_ERROR(In(path, key.status()));
  return key;
}

absl::StatusOr<certs::WitnessPolicy> ReadWitnessPolicy(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/witnesses.textproto");
  certs::WitnessPolicy policy;
  if (absl::IsNotFound(ReadFile(path).status())) return policy;
  v1::WitnessPolicy message;
  RETURN_IF_ERROR(ReadMessage(path, &message));
  std::set<std::string> keys;
  for (const v1::WitnessPolicy::Witness& witness : message.witness()) {
    const std::string key_path = absl::StrCat(directory, "/", witness.public_key_pem());
    ASSIGN_OR_RETURN(const std::string pem, ReadFile(key_path));
    auto verifier = signer::CosignerFromPem(witness.name(), pem);
    RETURN_IF_ERROR(In(key_path, verifier.status()));
    ASSIGN_OR_RETURN(const signer::NoteKeyId key,
                     signer::NoteKeyIdFromPem(witness.name(), pem, signer::NoteKeyUse::kCosigner));
    // One key is one witness, under however many names.
    if (!keys.insert(key.public_key).second) {
      return BadPolicy(path, "two witnesses have one key; each has its own");
    }
    for (const certs::WitnessPolicy::Witness& other : policy.witnesses) {
      if (other.name == witness.name()) return BadPolicy(path, "a witness is named twice");
    }
    policy.witnesses.push_back({witness.name(), *std::move(verifier)});
  }
  if (message.quorum() < 1 || message.quorum() > message.witness_size()) {
    return BadPolicy(path, "quorum is from 1 to the number of witnesses");
  }
  policy.quorum = static_cast<size_t>(message.quorum());
  return policy;
}

absl::StatusOr<signer::VerifierTrust> ReadTrust(const std::string& directory,
                                                const std::string& log_name) {
  signer::VerifierTrust trust;
  ASSIGN_OR_RETURN(trust.makers, ReadAnchors(absl::StrCat(directory, "/seal-makers.pem")));
  ASSIGN_OR_RETURN(trust.signers, ReadAnchors(absl::StrCat(directory, "/signers.pem")));
  ASSIGN_OR_RETURN(trust.time_stamps, signer::TrustStore::FromPem(""));
  ASSIGN_OR_RETURN(trust.log_key, ReadLogKey(directory, log_name));
  ASSIGN_OR_RETURN(trust.witnesses, ReadWitnessPolicy(directory));
  return trust;
}

absl::StatusOr<std::string> ReadVrfKey(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/vrf.pem");
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  // The point as the key holds it, 04 || x || y; compressed it is 02 or 03 || x.
  uint8_t point[65] = {};
  size_t size = 0;  // stays so for a key without a point of that size
  if (key != nullptr) {
    EVP_PKEY_get_octet_string_param(key.get(), "pub", point, sizeof(point), &size);
  }
  if (size != sizeof(point) || point[0] != 4) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "VRF_KEY",
                        absl::StrCat(path, ": not a P-256 public key"));
  }
  std::string compressed(1, (point[64] & 1) != 0 ? '\3' : '\2');
  compressed.append(reinterpret_cast<const char*>(point + 1), 32);
  return compressed;
}

}  // namespace birthseal::cli
