// SPDX-License-Identifier: Apache-2.0
// The uniqueness map's authenticated prefix tree (前缀树) with SM3: hashing and checking proofs.
//
// A label's bits lead from the root downwards, bit 0 first, 0 to the left. The hash of a subtree is
//   no label           32 zero bytes, the empty map too
//   exactly one label  SM3(02 || label (32) || value (8, big-endian)), at whatever depth
//   two or more        SM3(03 || left || right)
// So the root depends on the labels and values alone, and along one label's path a root allows
// exactly one end. A value is the status index of the one live certificate, 0: void.
// Encoding of a proof: canonical.h, type "birthseal/map-proof/v1". Thread-safe: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"
#include "certs/proof/map_label.h"

namespace birthseal::certs {

constexpr size_t kMapLabelBits = 256;

// All zero: the hash of an empty subtree and the root of an empty map.
constexpr Digest kEmptySubtree{};
Digest MapLeafHash(const MapLabel& label, uint64_t value);
Digest MapNodeHash(const Digest& left, const Digest& right);
// `index` below kMapLabelBits.
bool MapBit(const MapLabel& label, size_t index);
// How many leading bits are equal: the first differing bit, or kMapLabelBits.
size_t CommonBits(const MapLabel& a, const MapLabel& b);

// What stands where the path ends. Values are persisted.
enum class MapTerminal : uint8_t {
  kPresent = 1,  // the label's own leaf
  kEmpty = 2,    // nothing
  kOther = 3,    // the leaf of another label that shares the path so far
};

struct MapProof {
  MapLabel label;
  std::vector<Digest> siblings;  // from the root downwards; one for each bit of the path
  MapTerminal terminal = MapTerminal::kEmpty;
  uint64_t value = 0;  // kPresent: the label's; kOther: the other label's; kEmpty: 0
  MapLabel other;      // kOther
};

std::string Canonical(const MapProof& proof);
// Errors: kInvalidArgument "CANONICAL_FORM" or "MAP_PROOF_FORM": no proof of any map.
absl::StatusOr<MapProof> ParseMapProof(absl::string_view canonical);

// The label's value under this root; nullopt: proven absent. Errors: kInvalidArgument
// "MAP_PROOF_FORM"; kDataLoss "MAP_PROOF_MISMATCH" the path leads to another root.
absl::StatusOr<std::optional<uint64_t>> CheckMapProof(const MapProof& proof, const Digest& root);

// The root that the proof leads to, whatever it is worth. For who looks for the damage in a chain
// of proofs; a checker knows the root beforehand.
Digest RootOf(const MapProof& proof);

// For witnesses: the root of the same map after the label's value became `new_value`, inserted
// when it was absent. Checks `before` against `root_before`; errors as CheckMapProof.
absl::StatusOr<Digest> RootAfter(const MapProof& before, const Digest& root_before,
                                 uint64_t new_value);

}  // namespace birthseal::certs
