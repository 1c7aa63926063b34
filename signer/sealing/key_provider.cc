// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/key_provider.h"

#include <botan/aead.h>
#include <botan/system_rng.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/verify/seal_files.h"

namespace birthseal::signer {
namespace {

// key.sealed: "BSK1" || nonce (12) || SM4-GCM ciphertext and tag (16).
constexpr char kMagic[] = "BSK1";
constexpr size_t kMagicBytes = 4, kNonceBytes = 12, kTagBytes = 16, kKeyBytes = 16;

const uint8_t* Data(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

std::unique_ptr<Botan::AEAD_Mode> Cipher(Botan::Cipher_Dir direction, absl::string_view key,
                                         absl::string_view institution_code) {
  auto cipher = Botan::AEAD_Mode::create_or_throw("SM4/GCM", direction);
  cipher->set_key(Data(key), key.size());
  const std::string associated = absl::StrCat("birthseal/seal-key/v1:", institution_code);
  cipher->set_associated_data(Data(associated), associated.size());
  return cipher;
}

absl::StatusOr<std::shared_ptr<const PrivateKey>> OpenPrivateKey(absl::string_view sealed,
                                                                 absl::string_view code,
                                                                 absl::string_view key) {
  if (sealed.size() < kMagicBytes + kNonceBytes + kTagBytes ||
      sealed.substr(0, kMagicBytes) != kMagic) {
    return SealDoesNotOpen("SEAL_KEY_FORMAT", code);
  }
  try {
    auto cipher = Cipher(Botan::DECRYPTION, key, code);
    cipher->start(Data(sealed.substr(kMagicBytes)), kNonceBytes);
    const absl::string_view body = sealed.substr(kMagicBytes + kNonceBytes);
    Botan::secure_vector<uint8_t> buffer(body.begin(), body.end());
    cipher->finish(buffer);
    auto opened = PrivateKey::FromPkcs8(
        absl::string_view(reinterpret_cast<const char*>(buffer.data()), buffer.size()));
    if (!opened.ok()) return SealDoesNotOpen("SEAL_KEY_FORMAT", code);
    return opened;
  } catch (const std::exception&) {
    return SealDoesNotOpen("SEAL_KEY_TAMPERED", code);
  }
}

class FileKeyProvider : public KeyProvider {
 public:
  FileKeyProvider(std::string directory, std::string key)
      : directory_(std::move(directory)), key_(key.begin(), key.end()) {
    std::fill(key.begin(), key.end(), '\0');
  }

  absl::StatusOr<std::shared_ptr<const InstitutionSeal>> SealOf(
      absl::string_view institution_code) override {
    const std::string code(institution_code);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = open_.find(code);
    if (found != open_.end()) return found->second;
    ASSIGN_OR_RETURN(std::shared_ptr<const InstitutionSeal> seal, Open(code));
    open_.emplace(code, seal);
    return seal;
  }

 private:
  absl::StatusOr<std::shared_ptr<const InstitutionSeal>> Open(const std::string& code) const {
    if (key_.size() != kKeyBytes) return SealDoesNotOpen("KEY_ENCRYPTION_KEY", code);
    ASSIGN_OR_RETURN(const std::shared_ptr<const PublicSeal> facts,
                     OpenSealFiles(directory_, code));
    ASSIGN_OR_RETURN(const std::string sealed_key, ReadSealFile(directory_, code, "key.sealed"));
    ASSIGN_OR_RETURN(std::shared_ptr<const PrivateKey> key,
                     OpenPrivateKey(sealed_key, code,
                                    {reinterpret_cast<const char*>(key_.data()), key_.size()}));
    ASSIGN_OR_RETURN(const PublicKey certified,
                     PublicKey::FromCertificate(facts->signer_certificate));
    SealKey seal_key(std::move(key));
    if (!seal_key.Fits(certified.spki())) return SealDoesNotOpen("SEAL_KEY_DOES_NOT_FIT", code);
    return std::make_shared<const InstitutionSeal>(InstitutionSeal{*facts, std::move(seal_key)});
  }

  const std::string directory_;
  const Botan::secure_vector<uint8_t> key_;
  std::mutex mutex_;
  // Guarded by mutex_. Grows with the institutions used, at most those enrolled.
  std::map<std::string, std::shared_ptr<const InstitutionSeal>> open_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const InstitutionSeal>> OpenSealOf(KeyProvider& keys,
                                                                  absl::string_view code) {
  ASSIGN_OR_RETURN(std::shared_ptr<const InstitutionSeal> seal, keys.SealOf(code));
  if (seal != nullptr && seal->key.open()) return seal;
  return certs::Error(absl::StatusCode::kInternal, "SEAL_NOT_OPEN", "no open seal is held");
}

std::unique_ptr<KeyProvider> NewFileKeyProvider(std::string directory,
                                                std::string key_encryption_key) {
  return std::make_unique<FileKeyProvider>(std::move(directory), std::move(key_encryption_key));
}

std::string SealPrivateKey(absl::string_view pkcs8, absl::string_view institution_code,
                           absl::string_view key_encryption_key) {
  if (key_encryption_key.size() != kKeyBytes) return "";
  try {
    const Botan::secure_vector<uint8_t> nonce = Botan::system_rng().random_vec(kNonceBytes);
    auto cipher = Cipher(Botan::ENCRYPTION, key_encryption_key, institution_code);
    cipher->start(nonce);
    Botan::secure_vector<uint8_t> buffer(pkcs8.begin(), pkcs8.end());
    cipher->finish(buffer);
    return absl::StrCat(
        kMagic, absl::string_view(reinterpret_cast<const char*>(nonce.data()), nonce.size()),
        absl::string_view(reinterpret_cast<const char*>(buffer.data()), buffer.size()));
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace birthseal::signer
