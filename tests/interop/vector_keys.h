// SPDX-License-Identifier: Apache-2.0
// Fixed keys for vectors, and notes signed with them. Secrets of nothing: they stand here.
//
// SM2 signatures are random; those once made are kept in a file beside the vectors and used
// again, so that the vectors stay byte for byte the same. Ed25519 and VRF need no such memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "certs/proof/checkpoint.h"
#include "signer/sealing/sm2_sign.h"
#include "signer/sealing/vrf_key.h"
#include "tests/interop/vector_file.h"

namespace birthseal::tests {

// Lines "digest of name and message, signature", hex; sorted.
class SignatureMemory {
 public:
  explicit SignatureMemory(const std::string& lines);
  std::string Sign(const std::shared_ptr<const signer::PrivateKey>& key, const std::string& name,
                   const std::string& message);
  // Those that were used, so that old ones vanish.
  std::string Lines() const;

 private:
  std::map<std::string, std::string> known_, used_;
};

// A key of the log (witness: false) or of a witness.
class VectorKey {
 public:
  VectorKey(std::string name, bool sm2, bool witness);
  const std::string& name() const { return name_; }
  const std::string& pem() const { return pem_; }
  const certs::NoteVerifier& verifier() const { return verifier_; }
  certs::NoteSignature Sign(const std::string& body, SignatureMemory* memory) const;

 private:
  std::string Raw(const std::string& message, SignatureMemory* memory) const;
  std::string name_, seed_, pem_, hash_;
  bool witness_;
  std::shared_ptr<const signer::PrivateKey> sm2_;  // null: Ed25519
  certs::NoteVerifier verifier_;
};

class VectorKeys {
 public:
  explicit VectorKeys(const std::string& signatures);

  // Signed by the log with SM2 and Ed25519, and by the witnesses of these numbers.
  std::string Note(const certs::TreeHead& head, const std::vector<size_t>& witnesses = {});
  std::string NoteBy(const certs::TreeHead& head, const std::vector<const VectorKey*>& keys);
  // What a case says of trust: both log keys, three witnesses, two of them wanted.
  JsonObject Trust() const;
  // SM2 and Ed25519 of the log, as one verifier that wants the SM2 one.
  const certs::NoteVerifier& log_key() const { return log_sm2_.verifier(); }
  certs::WitnessPolicy Policy(size_t quorum = 2) const;
  // Our own judgement of a note: log-signed by both, and witnessed when `quorum` > 0.
  absl::Status Judge(absl::string_view note, size_t quorum) const;

  const VectorKey& log_sm2() const { return log_sm2_; }
  const VectorKey& log_ed25519() const { return log_ed25519_; }
  const VectorKey& witness(size_t i) const { return witnesses_.at(i); }
  const signer::VrfKey& vrf() const { return *vrf_; }
  const std::string& vrf_pem() const { return vrf_pem_; }
  SignatureMemory* memory() { return &memory_; }

 private:
  SignatureMemory memory_;
  VectorKey log_sm2_, log_ed25519_;
  std::vector<VectorKey> witnesses_;
  std::shared_ptr<const signer::VrfKey> vrf_;
  std::string vrf_pem_;
};

}  // namespace birthseal::tests
