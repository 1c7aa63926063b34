// SPDX-License-Identifier: Apache-2.0
// The small world of the vectors: two log epochs, four births, an exchange, a revocation, a
// cancelled intent. Everyone in it is invented.
#pragma once

#include <string>
#include <vector>

#include "certs/proof/map_label.h"
#include "certs/proof/receipt.h"
#include "tests/interop/vector_keys.h"
#include "tests/support/small_log.h"

namespace birthseal::tests {

struct BirthFacts {
  int id_type;
  std::string id_number, birth_date;  // as a person writes them; YYYY-MM-DD
  int order;
  std::string Alpha() const;
  JsonObject Json() const;
};

struct VectorStory {
  explicit VectorStory(VectorKeys* keys);

  certs::MapLabel Label(const BirthFacts& facts) const;
  certs::ReceiptSubject Subject(uint64_t s) const;
  std::string File(uint64_t s) const;  // the "sealed file"
  std::string Salt(uint64_t s, certs::LeafKind kind) const;
  // Leaf index of the INTENT, ISSUED or VOIDED of a certificate in epoch 1.
  uint64_t IndexOf(uint64_t s, certs::LeafKind kind) const;
  certs::ProvenLeaf Proven(uint64_t s, certs::LeafKind kind, size_t size) const;
  // The map as it is after `size` leaves of epoch 1.
  LabelMap MapAt(size_t size) const;

  VectorKeys* keys;
  std::vector<BirthFacts> births;  // [1] is [0] with the mother's corrected number
  BirthFacts stranger;             // of no certificate
  SmallLog log, next;              // epochs 1 and 2

 private:
  void Add(uint64_t s, certs::LeafKind kind, const std::string& what,
           const std::vector<certs::MapLabel>& labels = {}, uint64_t value = 0);
  void Intent(uint64_t s);
  void Issued(uint64_t s, const std::vector<certs::MapLabel>& labels);
  void Profile();

  SmallLog* at_ = nullptr;
  std::vector<LabelMap> maps_;
  std::vector<std::pair<uint64_t, certs::LeafKind>> places_;
};

// RFC 9162 §2.1.3.1 and §2.1.4.1, from the definitions.
std::vector<certs::Digest> PathOf(const std::vector<certs::Digest>& hashes, size_t index);
std::vector<certs::Digest> ConsistencyOf(const std::vector<certs::Digest>& hashes, size_t old_size);

}  // namespace birthseal::tests
