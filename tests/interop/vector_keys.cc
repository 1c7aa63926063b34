// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/vector_keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/status_macros.h"
#include "signer/devpki/dev_pki.h"
#include "signer/verify/note_key.h"
#include "signer/verify/openssl_ptr.h"

namespace birthseal::tests {
namespace {

constexpr char kLogName[] = "birthseal.example/log";
// PKCS#8 up to the scalar: ECPrivateKey without the public half.
constexpr char kSm2Head[] =
    "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420";
constexpr char kP256Head[] =
    "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";

std::string Seed(absl::string_view name) {
  // Below the order of both curves: the first byte is not all ones.
  std::string seed = certs::Bytes(certs::Sm3Of(absl::StrCat("vector key of ", name)));
  seed[0] = static_cast<char>(seed[0] & 0x7f);
  return seed;
}

std::string Pkcs8(const char* head, absl::string_view scalar) {
  return absl::StrCat(absl::HexStringToBytes(head), scalar);
}

std::string Ed25519Pem(const std::string& seed) {
  const signer::EvpPkeyPtr key(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const uint8_t*>(seed.data()), seed.size()));
  const signer::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), key.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Ed25519Sign(const std::string& seed, const std::string& message) {
  const signer::EvpPkeyPtr key(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const uint8_t*>(seed.data()), seed.size()));
  std::string signature(64, '\0');
  size_t size = signature.size();
  const signer::EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(), reinterpret_cast<uint8_t*>(&signature[0]), &size,
                 reinterpret_cast<const uint8_t*>(message.data()), message.size());
  return signature;
}

}  // namespace

SignatureMemory::SignatureMemory(const std::string& lines) {
  for (absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, ' ');
    known_.insert(pair);
  }
}

std::string SignatureMemory::Sign(const std::shared_ptr<const signer::PrivateKey>& key,
                                  const std::string& name, const std::string& message) {
  const std::string id =
      absl::BytesToHexString(certs::View(certs::Sm3Of(absl::StrCat(name, "\n", message))));
  auto known = known_.find(id);
  if (known == known_.end()) {
    known = known_.emplace(id, absl::BytesToHexString(signer::SignWith(key, message))).first;
  }
  used_[id] = known->second;
  return absl::HexStringToBytes(known->second);
}

std::string SignatureMemory::Lines() const {
  std::string lines;
  for (const auto& [id, signature] : used_) absl::StrAppend(&lines, id, " ", signature, "\n");
  return lines;
}

VectorKey::VectorKey(std::string name, bool sm2, bool witness)
    : name_(std::move(name)), seed_(Seed(name_)), witness_(witness) {
  if (sm2) {
    sm2_ = signer::PrivateKey::FromPkcs8(Pkcs8(kSm2Head, seed_)).value();
    pem_ = signer::devpki::PublicKeyPem(*sm2_);
  } else {
    pem_ = Ed25519Pem(seed_);
  }
  const auto use = witness ? signer::NoteKeyUse::kCosigner : signer::NoteKeyUse::kLog;
  hash_ = signer::NoteKeyIdFromPem(name_, pem_, use).value().hash;
  verifier_ =
      (witness ? signer::CosignerFromPem(name_, pem_) : signer::NoteVerifierFromPem(name_, pem_))
          .value();
}

std::string VectorKey::Raw(const std::string& message, SignatureMemory* memory) const {
  return sm2_ == nullptr ? Ed25519Sign(seed_, message) : memory->Sign(sm2_, name_, message);
}

certs::NoteSignature VectorKey::Sign(const std::string& body, SignatureMemory* memory) const {
  if (!witness_) return {name_, hash_, Raw(body, memory)};
  const absl::Time time = absl::FromUnixSeconds(1'780'000'123);
  return {name_, hash_,
          signer::CosignatureBlob(time, Raw(certs::CosignatureMessage(time, body), memory))};
}

VectorKeys::VectorKeys(const std::string& signatures)
    : memory_(signatures), log_sm2_(kLogName, true, false), log_ed25519_(kLogName, false, false) {
  witnesses_.emplace_back("witness.hospital.example", false, true);
  witnesses_.emplace_back("witness.police.example", true, true);
  witnesses_.emplace_back("witness.university.example", false, true);
  const std::string pkcs8 = Pkcs8(kP256Head, Seed("vrf"));
  vrf_ = signer::VrfKey::FromPkcs8(pkcs8).value();
  vrf_pem_ = signer::devpki::PublicKeyPem(*signer::PrivateKey::FromPkcs8(pkcs8).value());
}

std::string VectorKeys::NoteBy(const certs::TreeHead& head,
                               const std::vector<const VectorKey*>& keys) {
  const std::string body = certs::CheckpointBody(head);
  std::vector<certs::NoteSignature> signatures;
  for (const VectorKey* key : keys) signatures.push_back(key->Sign(body, &memory_));
  return certs::FormatCheckpoint(body, signatures);
}

std::string VectorKeys::Note(const certs::TreeHead& head, const std::vector<size_t>& witnesses) {
  std::vector<const VectorKey*> keys = {&log_sm2_, &log_ed25519_};
  for (size_t i : witnesses) keys.push_back(&witnesses_.at(i));
  return NoteBy(head, keys);
}

JsonObject VectorKeys::Trust() const {
  std::vector<std::string> witnesses;
  for (const VectorKey& key : witnesses_) {
    witnesses.push_back(JsonObject().Text("name", key.name()).Text("pem", key.pem()).Json());
  }
  JsonObject trust;
  trust.Text("log_name", kLogName);
  trust.List("log_keys",
             {JsonObject::Quoted(log_sm2_.pem()), JsonObject::Quoted(log_ed25519_.pem())});
  return trust.List("witnesses", witnesses).Number("quorum", 2);
}

certs::WitnessPolicy VectorKeys::Policy(size_t quorum) const {
  certs::WitnessPolicy policy;
  for (const VectorKey& key : witnesses_) policy.witnesses.push_back({key.name(), key.verifier()});
  policy.quorum = quorum;
  return policy;
}

absl::Status VectorKeys::Judge(absl::string_view note, size_t quorum) const {
  ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(note));
  RETURN_IF_ERROR(certs::EpochOf(checkpoint.head.origin, kLogName).status());
  RETURN_IF_ERROR(certs::CheckSignature(checkpoint, log_sm2_.verifier()));
  RETURN_IF_ERROR(certs::CheckSignature(checkpoint, log_ed25519_.verifier()));
  return quorum == 0 ? absl::OkStatus() : certs::CheckQuorum(checkpoint, Policy(quorum));
}

}  // namespace birthseal::tests
