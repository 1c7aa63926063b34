// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/note_signer.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/verify/note_key.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::signer {
namespace {

constexpr size_t kEd25519Signature = 64;
constexpr size_t kPemLine = 64;

absl::StatusOr<certs::NoteSignature> Signed(const NoteKeyId& id, std::string signature) {
  if (signature.empty()) {
    return certs::Error(absl::StatusCode::kInternal, "NOTE_SIGNING",
                        absl::StrCat("the key ", id.name, " could not sign"));
  }
  return certs::NoteSignature{id.name, id.hash, std::move(signature)};
}

std::string PemOf(absl::string_view spki) {
  const std::string base64 = absl::Base64Escape(spki);
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (size_t i = 0; i < base64.size(); i += kPemLine) {
    absl::StrAppend(&pem, base64.substr(i, kPemLine), "\n");
  }
  return pem + "-----END PUBLIC KEY-----\n";
}

class Sm2NoteSigner final : public NoteSigner {
 public:
  Sm2NoteSigner(NoteKeyId id, std::shared_ptr<const PrivateKey> key)
      : id_(std::move(id)), key_(std::move(key)) {}
  absl::StatusOr<certs::NoteSignature> Sign(absl::string_view body) const override {
    return Signed(id_, SignWith(key_, body));
  }
  std::string PublicKeyPem() const override { return PemOf(key_->PublicSpki()); }

 private:
  const NoteKeyId id_;
  const std::shared_ptr<const PrivateKey> key_;
};

class Ed25519NoteSigner final : public NoteSigner {
 public:
  Ed25519NoteSigner(NoteKeyId id, std::string spki, EvpPkeyPtr key)
      : id_(std::move(id)), spki_(std::move(spki)), key_(std::move(key)) {}
  absl::StatusOr<certs::NoteSignature> Sign(absl::string_view body) const override {
    const EvpMdCtxPtr context(EVP_MD_CTX_new());
    std::string signature(kEd25519Signature, '\0');
    size_t length = signature.size();
    const bool done =
        context != nullptr &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(&signature[0]), &length,
                       reinterpret_cast<const uint8_t*>(body.data()), body.size()) == 1 &&
        length == kEd25519Signature;
    return Signed(id_, done ? std::move(signature) : std::string());
  }
  std::string PublicKeyPem() const override { return PemOf(spki_); }

 private:
  const NoteKeyId id_;
  const std::string spki_;
  const EvpPkeyPtr key_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const NoteSigner>> NewSm2NoteSigner(
    const std::string& key_name, std::shared_ptr<const PrivateKey> key) {
  if (key == nullptr) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "NOTE_KEY", "note key: none");
  }
  ASSIGN_OR_RETURN(NoteKeyId id, NoteKeyIdOf(key_name, key->PublicSpki(), NoteKeyUse::kLog));
  return std::shared_ptr<const NoteSigner>(
      std::make_shared<Sm2NoteSigner>(std::move(id), std::move(key)));
}

absl::StatusOr<std::shared_ptr<const NoteSigner>> NewEd25519NoteSigner(
    const std::string& key_name, absl::string_view pkcs8_pem) {
  ERR_clear_error();
  const BioPtr bio(BIO_new_mem_buf(pkcs8_pem.data(), static_cast<int>(pkcs8_pem.size())));
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "PRIVATE_KEY_UNREADABLE",
                        "note key: no private key in PEM");
  }
  if (EVP_PKEY_is_a(key.get(), "ED25519") != 1) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "NOTE_KEY", "note key: not Ed25519");
  }
  uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  std::string spki(reinterpret_cast<char*>(der), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(der);
  ASSIGN_OR_RETURN(NoteKeyId id, NoteKeyIdOf(key_name, spki, NoteKeyUse::kLog));
  return std::shared_ptr<const NoteSigner>(
      std::make_shared<Ed25519NoteSigner>(std::move(id), std::move(spki), std::move(key)));
}

}  // namespace birthseal::signer
