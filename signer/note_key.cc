// SPDX-License-Identifier: Apache-2.0
#include "signer/note_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/openssl_ptr.h"
#include "signer/verdict_cache.h"

namespace birthseal::signer {
namespace {

constexpr char kAlgorithmSm2 = static_cast<char>(0xFE);
constexpr size_t kRememberedNotes = 1024;

// The bytes as they stand in the PEM: the key hash is over them.
absl::StatusOr<std::string> SpkiFromPem(absl::string_view pem) {
  ERR_clear_error();
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  char* name = nullptr;
  char* header = nullptr;
  uint8_t* data = nullptr;
  long size = 0;
  std::string spki;
  if (bio != nullptr && PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1 &&
      absl::string_view(name) == "PUBLIC KEY") {
    spki.assign(reinterpret_cast<char*>(data), static_cast<size_t>(size));
  }
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  ERR_clear_error();
  if (!spki.empty()) return spki;
  return certs::Error(absl::StatusCode::kInvalidArgument, "LOG_KEY", "log key: no public key");
}

// One log key. Many documents of one batch carry the same checkpoint: what held once is kept.
class NoteKey {
 public:
  NoteKey(std::string name, std::string hash, PublicKey key)
      : name_(std::move(name)), hash_(std::move(hash)), key_(std::move(key)) {}

  bool Accepts(absl::string_view message, const certs::NoteSignature& signature) {
    if (signature.key_name != name_ || signature.key_hash != hash_) return false;
    const certs::Digest id =
        certs::Sm3().Add(certs::View(certs::Sm3Of(message))).Add(signature.signature).Finish();
    if (held_.Find(id).has_value()) return true;
    if (!key_.Verify(message, signature.signature)) return false;
    held_.Put(id, true);
    return true;
  }

 private:
  const std::string name_, hash_;
  const PublicKey key_;
  VerdictCache<bool> held_{kRememberedNotes};
};

}  // namespace

absl::StatusOr<certs::NoteVerifier> NoteVerifierFromPem(absl::string_view key_name,
                                                        absl::string_view spki_pem) {
  ASSIGN_OR_RETURN(std::string spki, SpkiFromPem(spki_pem));
  ASSIGN_OR_RETURN(PublicKey key, PublicKey::FromSpki(spki));
  if (key.algorithm() != KeyAlgorithm::kSm2) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "LOG_KEY", "log key: not SM2");
  }
  auto note_key =
      std::make_shared<NoteKey>(std::string(key_name), NoteKeyHash(key_name, spki), std::move(key));
  return certs::NoteVerifier(
      [note_key](absl::string_view message, const certs::NoteSignature& signature) {
        return note_key->Accepts(message, signature);
      });
}

std::string NoteKeyHash(absl::string_view key_name, absl::string_view spki_der) {
  const certs::Digest digest = certs::Sm3()
                                   .Add(key_name)
                                   .Add("\n")
                                   .Add(absl::string_view(&kAlgorithmSm2, 1))
                                   .Add(spki_der)
                                   .Finish();
  return certs::Bytes(digest).substr(0, 4);
}

}  // namespace birthseal::signer
