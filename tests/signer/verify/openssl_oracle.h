// SPDX-License-Identifier: Apache-2.0
// SM2 by OpenSSL as an oracle that shares no code with the signing side.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

#include "absl/strings/string_view.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::tests {

inline signer::EvpPkeyPtr OpensslPrivateKey(const std::string& pkcs8) {
  const auto* cursor = reinterpret_cast<const uint8_t*>(pkcs8.data());
  return signer::EvpPkeyPtr(d2i_AutoPrivateKey(nullptr, &cursor, static_cast<long>(pkcs8.size())));
}

inline signer::EvpPkeyPtr OpensslPublicKey(const std::string& spki) {
  const auto* cursor = reinterpret_cast<const uint8_t*>(spki.data());
  return signer::EvpPkeyPtr(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
}

// A context with the user id `id`.
struct OpensslSm2 {
  OpensslSm2(EVP_PKEY* key, const std::string& id)
      : pkey_context(EVP_PKEY_CTX_new(key, nullptr)), context(EVP_MD_CTX_new()) {
    EVP_PKEY_CTX_set1_id(pkey_context.get(), id.data(), static_cast<int>(id.size()));
    EVP_MD_CTX_set_pkey_ctx(context.get(), pkey_context.get());
  }
  signer::EvpPkeyCtxPtr pkey_context;
  signer::EvpMdCtxPtr context;
};

inline bool OpensslVerify(EVP_PKEY* key, const std::string& id, absl::string_view message,
                          const std::string& signature) {
  OpensslSm2 sm2(key, id);
  return EVP_DigestVerifyInit(sm2.context.get(), nullptr, EVP_sm3(), nullptr, key) == 1 &&
         EVP_DigestVerify(sm2.context.get(), reinterpret_cast<const uint8_t*>(signature.data()),
                          signature.size(), reinterpret_cast<const uint8_t*>(message.data()),
                          message.size()) == 1;
}

inline std::string OpensslSign(EVP_PKEY* key, const std::string& id, absl::string_view message) {
  OpensslSm2 sm2(key, id);
  std::string signature(128, '\0');
  size_t length = signature.size();
  if (EVP_DigestSignInit(sm2.context.get(), nullptr, EVP_sm3(), nullptr, key) != 1 ||
      EVP_DigestSign(sm2.context.get(), reinterpret_cast<uint8_t*>(&signature[0]), &length,
                     reinterpret_cast<const uint8_t*>(message.data()), message.size()) != 1) {
    return "";
  }
  signature.resize(length);
  return signature;
}

}  // namespace birthseal::tests
