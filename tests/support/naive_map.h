// SPDX-License-Identifier: Apache-2.0
// Oracle of the uniqueness map: root and proofs straight from the definition, with no cleverness.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "certs/proof/map_proof.h"

namespace birthseal::tests {

using LabelMap = std::map<certs::MapLabel, uint64_t>;

inline bool NaiveBit(const certs::MapLabel& label, size_t index) {
  const int power[8] = {128, 64, 32, 16, 8, 4, 2, 1};
  return label[index / 8] / power[index % 8] % 2 == 1;
}

// The labels whose bit `depth` is `bit`.
inline LabelMap NaiveSide(const LabelMap& labels, size_t depth, bool bit) {
  LabelMap side;
  for (const auto& entry : labels) {
    if (NaiveBit(entry.first, depth) == bit) side.insert(entry);
  }
  return side;
}

inline certs::Digest NaiveRoot(const LabelMap& labels, size_t depth = 0) {
  if (labels.empty()) return certs::Digest{};
  if (labels.size() == 1) {
    std::string leaf("\2" + certs::Bytes(labels.begin()->first));
    for (int shift = 56; shift >= 0; shift -= 8) {
      leaf.push_back(static_cast<char>(labels.begin()->second >> shift));
    }
    return certs::Sm3Of(leaf);
  }
  return certs::Sm3Of("\3" + certs::Bytes(NaiveRoot(NaiveSide(labels, depth, false), depth + 1)) +
                      certs::Bytes(NaiveRoot(NaiveSide(labels, depth, true), depth + 1)));
}

inline certs::MapProof NaiveProof(LabelMap labels, const certs::MapLabel& label) {
  certs::MapProof proof;
  proof.label = label;
  for (size_t depth = 0; labels.size() > 1; ++depth) {
    const bool bit = NaiveBit(label, depth);
    proof.siblings.push_back(NaiveRoot(NaiveSide(labels, depth, !bit), depth + 1));
    labels = NaiveSide(labels, depth, bit);
  }
  if (labels.empty()) return proof;
  proof.value = labels.begin()->second;
  proof.terminal = certs::MapTerminal::kPresent;
  if (labels.begin()->first != label) {
    proof.terminal = certs::MapTerminal::kOther;
    proof.other = labels.begin()->first;
  }
  return proof;
}

}  // namespace birthseal::tests
