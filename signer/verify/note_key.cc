// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/note_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/verify/ed25519_verify.h"
#include "signer/verify/openssl_ptr.h"
#include "signer/verify/sm2_verify.h"
#include "signer/verify/verdict_cache.h"

namespace birthseal::signer {
namespace {

constexpr size_t kHashBytes = 4, kTimeBytes = 8;
constexpr uint64_t kLatestSeconds = 253402300799;  // 9999-12-31T23:59:59Z
constexpr size_t kRememberedNotes = 1024;

absl::Status BadKey(absl::string_view what) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "NOTE_KEY",
                      absl::StrCat("note key: ", what));
}

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
  return BadKey("no public key in PEM");
}

std::string Sha256Of(absl::string_view bytes) {
  std::string digest(32, '\0');
  const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<uint8_t*>(&digest[0]),
                              nullptr, EVP_sha256(), nullptr);
  return done == 1 ? digest : "";
}

// A key name stands between blanks in a note and between plus signs in a verifier key.
absl::Status CheckName(absl::string_view name) {
  const bool bad = name.empty() || absl::c_any_of(name, [](char c) {
                     return c == '+' || absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
                   });
  if (!bad) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "NOTE_KEY_NAME",
                      "a note key's name is not empty and has no blank and no plus sign");
}

using Check = std::function<bool(absl::string_view message, absl::string_view signature)>;

absl::StatusOr<Check> CheckBy(const NoteKeyId& id) {
  if (id.algorithm == certs::kKeyEd25519 || id.algorithm == certs::kKeyCosignEd25519) {
    ASSIGN_OR_RETURN(Ed25519Key key, Ed25519Key::FromRaw(id.public_key));
    auto shared = std::make_shared<const Ed25519Key>(std::move(key));
    return Check(
        [shared](absl::string_view m, absl::string_view s) { return shared->Verify(m, s); });
  }
  ASSIGN_OR_RETURN(PublicKey key, PublicKey::FromSpki(id.public_key));
  auto shared = std::make_shared<const PublicKey>(std::move(key));
  return Check([shared](absl::string_view m, absl::string_view s) { return shared->Verify(m, s); });
}

// One key. Many documents of one batch carry the same checkpoint: what held once is kept.
class NoteKey {
 public:
  NoteKey(NoteKeyId id, NoteKeyUse use, Check check)
      : id_(std::move(id)), use_(use), check_(std::move(check)) {}

  bool Accepts(absl::string_view body, const certs::NoteSignature& signature) {
    if (signature.key_name != id_.name || signature.key_hash != id_.hash) return false;
    const certs::Digest held =
        certs::Sm3().Add(certs::View(certs::Sm3Of(body))).Add(signature.signature).Finish();
    if (held_.Find(held).has_value()) return true;
    if (!Holds(body, signature.signature)) return false;
    held_.Put(held, true);
    return true;
  }

 private:
  bool Holds(absl::string_view body, absl::string_view signature) const {
    if (use_ == NoteKeyUse::kLog) return check_(body, signature);
    const absl::StatusOr<absl::Time> time = CosignatureTime(signature);
    return time.ok() &&
           check_(certs::CosignatureMessage(*time, body), signature.substr(kTimeBytes));
  }

  const NoteKeyId id_;
  const NoteKeyUse use_;
  const Check check_;
  VerdictCache<bool> held_{kRememberedNotes};
};

absl::StatusOr<certs::NoteVerifier> VerifierOf(absl::string_view name, absl::string_view pem,
                                               NoteKeyUse use) {
  ASSIGN_OR_RETURN(NoteKeyId id, NoteKeyIdFromPem(name, pem, use));
  ASSIGN_OR_RETURN(Check check, CheckBy(id));
  auto note_key = std::make_shared<NoteKey>(std::move(id), use, std::move(check));
  return certs::NoteVerifier(
      [note_key](absl::string_view message, const certs::NoteSignature& signature) {
        return note_key->Accepts(message, signature);
      });
}

}  // namespace

absl::StatusOr<certs::NoteVerifier> NoteVerifierFromPem(absl::string_view key_name,
                                                        absl::string_view spki_pem) {
  return VerifierOf(key_name, spki_pem, NoteKeyUse::kLog);
}

absl::StatusOr<certs::NoteVerifier> CosignerFromPem(absl::string_view key_name,
                                                    absl::string_view spki_pem) {
  return VerifierOf(key_name, spki_pem, NoteKeyUse::kCosigner);
}

absl::StatusOr<NoteKeyId> NoteKeyIdOf(absl::string_view key_name, absl::string_view spki_der,
                                      NoteKeyUse use) {
  RETURN_IF_ERROR(CheckName(key_name));
  const bool cosigner = use == NoteKeyUse::kCosigner;
  NoteKeyId id{std::string(key_name), 0, Ed25519FromSpki(spki_der), ""};
  const bool ed25519 = !id.public_key.empty();
  if (ed25519) {
    id.algorithm = cosigner ? certs::kKeyCosignEd25519 : certs::kKeyEd25519;
  } else {
    const absl::StatusOr<PublicKey> key = PublicKey::FromSpki(spki_der);
    if (!key.ok() || key->algorithm() != KeyAlgorithm::kSm2) {
      return BadKey("neither SM2 nor Ed25519");
    }
    id.algorithm = cosigner ? certs::kKeyCosignSm2 : certs::kKeySm2;
    id.public_key = std::string(spki_der);
  }
  const std::string text =
      absl::StrCat(key_name, "\n", std::string(1, static_cast<char>(id.algorithm)), id.public_key);
  id.hash = (ed25519 ? Sha256Of(text) : certs::Bytes(certs::Sm3Of(text))).substr(0, kHashBytes);
  return id;
}

absl::StatusOr<NoteKeyId> NoteKeyIdFromPem(absl::string_view key_name, absl::string_view spki_pem,
                                           NoteKeyUse use) {
  ASSIGN_OR_RETURN(std::string spki, SpkiFromPem(spki_pem));
  return NoteKeyIdOf(key_name, spki, use);
}

std::string NoteKeyHash(absl::string_view key_name, absl::string_view spki_der) {
  const std::string text =
      absl::StrCat(key_name, "\n", std::string(1, static_cast<char>(certs::kKeySm2)), spki_der);
  return certs::Bytes(certs::Sm3Of(text)).substr(0, kHashBytes);
}

absl::StatusOr<std::string> NoteVkey(absl::string_view key_name, absl::string_view spki_pem,
                                     NoteKeyUse use) {
  ASSIGN_OR_RETURN(NoteKeyId id, NoteKeyIdFromPem(key_name, spki_pem, use));
  return absl::StrCat(id.name, "+", absl::BytesToHexString(id.hash), "+",
                      absl::Base64Escape(absl::StrCat(
                          std::string(1, static_cast<char>(id.algorithm)), id.public_key)));
}

absl::StatusOr<absl::Time> CosignatureTime(absl::string_view cosignature) {
  uint64_t seconds = 0;
  for (const char c : cosignature.substr(0, kTimeBytes)) {
    seconds = seconds << 8 | static_cast<uint8_t>(c);
  }
  if (cosignature.size() <= kTimeBytes || seconds > kLatestSeconds) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "COSIGNATURE_FORM",
                        "a cosignature without its time or without signature");
  }
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

std::string CosignatureBlob(absl::Time time, absl::string_view signature) {
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(time));
  std::string blob;
  for (int shift = 56; shift >= 0; shift -= 8) blob += static_cast<char>(seconds >> shift);
  return blob.append(signature.data(), signature.size());
}

}  // namespace birthseal::signer
