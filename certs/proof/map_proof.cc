// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/map_proof.h"

#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kMapProofType[] = "birthseal/map-proof/v1";

absl::Status Form(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, "MAP_PROOF_FORM", what);
}

// Refuses what no proof of a map can be, whatever its root.
absl::Status CheckForm(const MapProof& proof) {
  const size_t depth = proof.siblings.size();
  if (depth > kMapLabelBits) return Form("map proof: more siblings than a label has bits");
  // Beside an empty or single-label subtree there is another label, or the pair would be one leaf.
  if (depth > 0 && proof.siblings.back() == kEmptySubtree) {
    return Form("map proof: the deepest sibling is empty");
  }
  switch (proof.terminal) {
    case MapTerminal::kPresent:
      break;
    case MapTerminal::kEmpty:
      if (proof.value != 0) return Form("map proof: an empty place has a value");
      // The sibling of an empty place holds two labels or more, which the last bit cannot divide.
      if (depth == kMapLabelBits) return Form("map proof: an empty place below the last bit");
      break;
    case MapTerminal::kOther: {
      const size_t common = CommonBits(proof.label, proof.other);
      if (common == kMapLabelBits) return Form("map proof: the other label is the label itself");
      if (common < depth) return Form("map proof: the other label is not on the path");
      return absl::OkStatus();
    }
    default:
      return Form("map proof: unknown kind of end");
  }
  if (proof.other != MapLabel{}) return Form("map proof: another label where none belongs");
  return absl::OkStatus();
}

// From a subtree at `depth` on the label's path up to the root.
Digest Fold(const MapProof& proof, Digest hash) {
  for (size_t depth = proof.siblings.size(); depth-- > 0;) {
    const Digest& sibling = proof.siblings[depth];
    hash = MapBit(proof.label, depth) ? MapNodeHash(sibling, hash) : MapNodeHash(hash, sibling);
  }
  return hash;
}

Digest TerminalHash(const MapProof& proof) {
  switch (proof.terminal) {
    case MapTerminal::kPresent:
      return MapLeafHash(proof.label, proof.value);
    case MapTerminal::kOther:
      return MapLeafHash(proof.other, proof.value);
    case MapTerminal::kEmpty:
      break;
  }
  return kEmptySubtree;
}

// The subtree at the end of the path once it holds the label: the other leaf is pushed down to
// the first bit in which the two differ, with nothing beside the way there.
Digest SubtreeAfter(const MapProof& before, uint64_t new_value) {
  const Digest leaf = MapLeafHash(before.label, new_value);
  if (before.terminal != MapTerminal::kOther) return leaf;
  size_t bit = CommonBits(before.label, before.other);
  const Digest other = MapLeafHash(before.other, before.value);
  Digest hash = MapBit(before.label, bit) ? MapNodeHash(other, leaf) : MapNodeHash(leaf, other);
  while (bit-- > before.siblings.size()) {
    hash = MapBit(before.label, bit) ? MapNodeHash(kEmptySubtree, hash)
                                     : MapNodeHash(hash, kEmptySubtree);
  }
  return hash;
}

}  // namespace

Digest MapLeafHash(const MapLabel& label, uint64_t value) {
  thread_local Sm3 sm3;
  char big_endian[8];
  for (int i = 0; i < 8; ++i) big_endian[i] = static_cast<char>(value >> (56 - 8 * i));
  return sm3.Add(absl::string_view("\2", 1))
      .Add(View(label))
      .Add(absl::string_view(big_endian, 8))
      .Finish();
}

Digest MapNodeHash(const Digest& left, const Digest& right) {
  thread_local Sm3 sm3;
  return sm3.Add(absl::string_view("\3", 1)).Add(View(left)).Add(View(right)).Finish();
}

bool MapBit(const MapLabel& label, size_t index) {
  return ((label[index / 8] >> (7 - index % 8)) & 1) != 0;
}

size_t CommonBits(const MapLabel& a, const MapLabel& b) {
  size_t byte = 0;
  while (byte < a.size() && a[byte] == b[byte]) ++byte;
  if (byte == a.size()) return kMapLabelBits;
  size_t bit = 8 * byte;
  while (MapBit(a, bit) == MapBit(b, bit)) ++bit;
  return bit;
}

std::string Canonical(const MapProof& proof) {
  CanonicalWriter writer(kMapProofType);
  writer.Text(1, View(proof.label));
  for (const Digest& sibling : proof.siblings) writer.Nested(2, View(sibling));
  writer.Number(3, static_cast<uint64_t>(proof.terminal)).Number(4, proof.value);
  if (proof.terminal == MapTerminal::kOther) writer.Text(5, View(proof.other));
  return writer.Finish();
}

absl::StatusOr<MapProof> ParseMapProof(absl::string_view canonical) {
  CanonicalReader reader(canonical, kMapProofType);
  MapProof proof;
  proof.label = MapLabel(reader.Hash(1));
  // One more than the limit is kept, for CheckForm to refuse; nothing beyond that costs memory.
  proof.siblings = reader.Hashes(2, kMapLabelBits + 1);
  const uint64_t terminal = reader.Number(3);
  proof.value = reader.Number(4);
  const std::string other = reader.Text(5);
  if (proof.siblings.size() > kMapLabelBits) return CheckForm(proof);
  RETURN_IF_ERROR(reader.Finish());
  // Before it is cut to a byte; that 0 is no kind is for CheckForm to say.
  if (terminal > static_cast<uint64_t>(MapTerminal::kOther)) {
    return Form("map proof: unknown kind of end");
  }
  proof.terminal = static_cast<MapTerminal>(terminal);
  // The other label is present exactly where it means something, or one value had two encodings.
  const bool ends_at_other = proof.terminal == MapTerminal::kOther;
  const std::optional<MapLabel> other_label = MapLabelFrom(other);
  if (!reader.whole() || (ends_at_other ? !other_label : !other.empty())) {
    return Form("map proof: a label or sibling is missing, too much or not 32 bytes");
  }
  if (ends_at_other) proof.other = *other_label;
  RETURN_IF_ERROR(CheckForm(proof));
  return proof;
}

absl::StatusOr<std::optional<uint64_t>> CheckMapProof(const MapProof& proof, const Digest& root) {
  RETURN_IF_ERROR(CheckForm(proof));
  if (RootOf(proof) != root) {
    return Error(absl::StatusCode::kDataLoss, "MAP_PROOF_MISMATCH",
                 "map proof: the path leads to another root");
  }
  if (proof.terminal != MapTerminal::kPresent) return std::optional<uint64_t>();
  return std::optional<uint64_t>(proof.value);
}

Digest RootOf(const MapProof& proof) { return Fold(proof, TerminalHash(proof)); }

absl::StatusOr<Digest> RootAfter(const MapProof& before, const Digest& root_before,
                                 uint64_t new_value) {
  RETURN_IF_ERROR(CheckMapProof(before, root_before).status());
  return Fold(before, SubtreeAfter(before, new_value));
}

}  // namespace birthseal::certs
