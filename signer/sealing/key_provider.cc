// SPDX-License-Identifier: Apache-2.0
#include "signer/sealing/key_provider.h"

#include <botan/aead.h>
#include <botan/system_rng.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/verify/certificate_facts.h"

namespace birthseal::signer {
namespace {

using certs::Error;

// key.sealed: "BSK1" || nonce (12) || SM4-GCM ciphertext and tag (16).
constexpr char kMagic[] = "BSK1";
constexpr size_t kMagicBytes = 4, kNonceBytes = 12, kTagBytes = 16, kKeyBytes = 16;
constexpr size_t kMaxFileBytes = 1 << 20;

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

absl::Status DoesNotOpen(absl::string_view reason, absl::string_view institution_code) {
  return Error(absl::StatusCode::kDataLoss, reason,
               absl::StrCat("opening the seal of institution ", institution_code));
}

absl::StatusOr<std::shared_ptr<const PrivateKey>> OpenPrivateKey(absl::string_view sealed,
                                                                 absl::string_view code,
                                                                 absl::string_view key) {
  if (sealed.size() < kMagicBytes + kNonceBytes + kTagBytes ||
      sealed.substr(0, kMagicBytes) != kMagic) {
    return DoesNotOpen("SEAL_KEY_FORMAT", code);
  }
  try {
    auto cipher = Cipher(Botan::DECRYPTION, key, code);
    cipher->start(Data(sealed.substr(kMagicBytes)), kNonceBytes);
    const absl::string_view body = sealed.substr(kMagicBytes + kNonceBytes);
    Botan::secure_vector<uint8_t> buffer(body.begin(), body.end());
    cipher->finish(buffer);
    auto opened = PrivateKey::FromPkcs8(
        absl::string_view(reinterpret_cast<const char*>(buffer.data()), buffer.size()));
    if (!opened.ok()) return DoesNotOpen("SEAL_KEY_FORMAT", code);
    return opened;
  } catch (const std::exception&) {
    return DoesNotOpen("SEAL_KEY_TAMPERED", code);
  }
}

// Codes become directory names: letters and digits only.
bool IsPlainCode(absl::string_view code) {
  return !code.empty() && code.size() <= 32 &&
         std::all_of(code.begin(), code.end(), [](unsigned char c) { return std::isalnum(c); });
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, absl::string_view code) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) {
    return Error(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND",
                 absl::StrCat("no seal of institution ", code));
  }
  // A place that cannot be told is -1, which is beyond every bound as well.
  const auto size = static_cast<size_t>(static_cast<std::streamoff>(in.tellg()));
  if (size > kMaxFileBytes) return DoesNotOpen("SEAL_FILE_SIZE", code);
  // What cannot be read to its end is cut short, and then opens as nothing.
  std::string bytes(size, '\0');
  in.seekg(0);
  in.read(&bytes[0], static_cast<std::streamsize>(size));
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

// What does not depend on time: the seal allows this certificate, the certificate is of this
// institution, and the key is the certificate's.
absl::Status CheckFits(const InstitutionSeal& opened, absl::string_view code) {
  const std::vector<std::string>& allowed = opened.seal.signer_certificates;
  if (std::find(allowed.begin(), allowed.end(), opened.signer_certificate) == allowed.end()) {
    return DoesNotOpen("SEAL_CERTIFICATE_NOT_LISTED", code);
  }
  if (!SealSignatureHolds(opened.seal)) return DoesNotOpen("SEAL_SIGNATURE", code);
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificateFacts(opened.signer_certificate));
  if (facts.organizational_unit != code) return DoesNotOpen("SEAL_OTHER_INSTITUTION", code);
  ASSIGN_OR_RETURN(const PublicKey key, PublicKey::FromCertificate(opened.signer_certificate));
  if (opened.key->algorithm() != KeyAlgorithm::kSm2 || key.spki() != opened.key->PublicSpki()) {
    return DoesNotOpen("SEAL_KEY_DOES_NOT_FIT", code);
  }
  return absl::OkStatus();
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
    if (!IsPlainCode(code)) {
      return Error(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND", "not an institution code");
    }
    if (key_.size() != kKeyBytes) return DoesNotOpen("KEY_ENCRYPTION_KEY", code);
    const std::string base = absl::StrCat(directory_, "/", code, "/");
    ASSIGN_OR_RETURN(const std::string seal, ReadSmallFile(base + "seal.esl", code));
    ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(base + "signer.pem", code));
    ASSIGN_OR_RETURN(const std::string sealed_key, ReadSmallFile(base + "key.sealed", code));

    auto opened = std::make_shared<InstitutionSeal>();
    absl::StatusOr<ElectronicSeal> parsed = ParseElectronicSeal(seal);
    if (!parsed.ok()) return DoesNotOpen("SEAL_FORMAT", code);
    opened->seal = *std::move(parsed);
    absl::StatusOr<std::string> certificate = CertificateFromPem(pem);
    if (!certificate.ok()) return DoesNotOpen("SEAL_CERTIFICATE_FORMAT", code);
    opened->signer_certificate = *std::move(certificate);
    ASSIGN_OR_RETURN(opened->key,
                     OpenPrivateKey(sealed_key, code,
                                    {reinterpret_cast<const char*>(key_.data()), key_.size()}));
    RETURN_IF_ERROR(CheckFits(*opened, code));
    return std::shared_ptr<const InstitutionSeal>(std::move(opened));
  }

  const std::string directory_;
  const Botan::secure_vector<uint8_t> key_;
  std::mutex mutex_;
  // Guarded by mutex_. Grows with the institutions used, at most those enrolled.
  std::map<std::string, std::shared_ptr<const InstitutionSeal>> open_;
};

}  // namespace

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
