// SPDX-License-Identifier: Apache-2.0
#include "clients/birthseal/note_signer.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/status_macros.h"
#include "clients/birthseal/operator_key.h"
#include "signer/verify/note_key.h"

namespace birthseal::cli {

absl::StatusOr<Cosigner> CosignerOf(absl::string_view name, absl::string_view pkcs8_pem) {
  ASSIGN_OR_RETURN(std::unique_ptr<OperatorKey> key, OperatorKey::FromPem(pkcs8_pem));
  ASSIGN_OR_RETURN(const signer::NoteKeyId id,
                   signer::NoteKeyIdOf(name, key->PublicSpki(), signer::NoteKeyUse::kCosigner));
  std::shared_ptr<const OperatorKey> shared = std::move(key);
  return Cosigner([shared, id](absl::Time time,
                               absl::string_view body) -> absl::StatusOr<certs::NoteSignature> {
    ASSIGN_OR_RETURN(const std::string signature,
                     shared->Sign(certs::CosignatureMessage(time, body)));
    return certs::NoteSignature{id.name, id.hash, signer::CosignatureBlob(time, signature)};
  });
}

absl::StatusOr<std::string> PublicPemOf(absl::string_view pkcs8_pem) {
  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorKey> key, OperatorKey::FromPem(pkcs8_pem));
  const std::string base64 = absl::Base64Escape(key->PublicSpki());
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (size_t at = 0; at < base64.size(); at += 64) {
    absl::StrAppend(&pem, base64.substr(at, 64), "\n");
  }
  return pem + "-----END PUBLIC KEY-----\n";
}

}  // namespace birthseal::cli
