// Merkle tree of RFC 9162 §2.1 shape with SM3: hashing and checking, no storage.
//
// Leaf hash = SM3(00 || leaf), node hash = SM3(01 || left || right). Thread-safe: pure.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

Digest LeafHash(absl::string_view leaf);
Digest NodeHash(const Digest& left, const Digest& right);
// SM3 of the empty string.
Digest EmptyRoot();

// RFC 9162 §2.1.3.2. Errors: kInvalidArgument index not below size or path of wrong length;
// kDataLoss the path leads to another root.
absl::Status CheckInclusion(const Digest& leaf_hash, uint64_t index, uint64_t size,
                            const std::vector<Digest>& path, const Digest& root);
// RFC 9162 §2.1.4.2.
absl::Status CheckConsistency(uint64_t old_size, const Digest& old_root, uint64_t new_size,
                              const Digest& new_root, const std::vector<Digest>& path);

// The root of leaves given in order, computed naively: oracle of tests, manifests of few leaves.
Digest RootOf(const std::vector<Digest>& leaf_hashes);

}  // namespace birthseal::certs
