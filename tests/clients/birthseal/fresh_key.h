// SPDX-License-Identifier: Apache-2.0
// A fresh private key as openssl genpkey writes it.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>

namespace birthseal::tests {

// PKCS#8 PEM. `kind`: "ED25519", or the name of a curve ("SM2", "P-256").
inline std::string FreshPrivatePem(const std::string& kind = "ED25519") {
  EVP_PKEY* key = kind == "ED25519" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace birthseal::tests
