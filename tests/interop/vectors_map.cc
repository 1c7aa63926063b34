// SPDX-License-Identifier: Apache-2.0
// Map proofs and changes.
#include <optional>

#include "certs/canonical.h"
#include "certs/status_macros.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

using certs::Digest;
using certs::MapLabel;
using certs::MapProof;

absl::Status JudgeProof(const std::string& bytes, const Digest& root) {
  ASSIGN_OR_RETURN(const MapProof proof, certs::ParseMapProof(bytes));
  return certs::CheckMapProof(proof, root).status();
}

JsonObject ProofCase(const std::string& bytes, const Digest& root) {
  return JsonObject().Hex("proof", bytes).Hash("root", root);
}

// A label that shares exactly `bits` leading bits with `label`.
MapLabel Near(MapLabel label, size_t bits) {
  label[bits / 8] = static_cast<uint8_t>(label[bits / 8] ^ (0x80 >> bits % 8));
  return label;
}

struct Map {
  LabelMap labels;
  MapLabel live, voided, absent_empty, absent_other;
};

// Seven labels, two of them with 250 bits in common.
Map SmallMap() {
  Map map;
  for (int i = 0; i < 6; ++i) map.labels[LabelOf(i)] = static_cast<uint64_t>(i);
  map.live = LabelOf(3);
  map.voided = LabelOf(0);
  map.labels[Near(map.live, 250)] = 77;
  map.absent_other = Near(LabelOf(1), 255);
  for (int i = 100; NaiveProof(map.labels, LabelOf(i)).terminal != certs::MapTerminal::kEmpty;) {
    map.absent_empty = LabelOf(++i);
  }
  return map;
}

void AddGoodProofs(const Map& map, VectorFile* file) {
  const auto add = [&](absl::string_view name, const LabelMap& labels, const MapLabel& label,
                       std::optional<uint64_t> live) {
    const std::string bytes = Canonical(NaiveProof(labels, label));
    const Digest of = NaiveRoot(labels);
    JsonObject fields = ProofCase(bytes, of);
    live ? fields.Number("live", *live) : fields.Null("live");
    file->Good(name, fields, JudgeProof(bytes, of));
  };
  add("a live certificate, 251 siblings", map.labels, map.live, 3);
  add("void", map.labels, map.voided, 0);
  add("absent: nothing there", map.labels, map.absent_empty, std::nullopt);
  add("absent: another label there", map.labels, map.absent_other, std::nullopt);
  add("absent from the empty map", {}, map.live, std::nullopt);
  add("the only label", {{map.live, 3}}, map.live, 3);
  add("absent beside the only label", {{map.live, 3}}, map.voided, std::nullopt);
}

void AddBrokenProofs(const Map& map, VectorFile* file) {
  const Digest root = NaiveRoot(map.labels);
  const auto add = [&](absl::string_view name, const MapProof& proof, const Digest& of) {
    const std::string bytes = Canonical(proof);
    file->Broken(name, ProofCase(bytes, of), JudgeProof(bytes, of));
  };
  const MapProof good = NaiveProof(map.labels, LabelOf(2)),
                 other = NaiveProof(map.labels, map.absent_other);
  add("another root", good, Flipped(root));
  MapProof p = good;
  p.value = 9;
  add("another value", p, root);
  p = good;
  std::swap(p.siblings[0], p.siblings[1]);
  add("siblings swapped", p, root);
  p = good;
  p.siblings[0] = Flipped(p.siblings[0]);
  add("a flipped bit in a sibling", p, root);
  p = good;
  p.label = Near(p.label, 0);
  add("the label of the other side", p, root);
  p = good;
  p.terminal = certs::MapTerminal::kEmpty;
  p.value = 0;
  add("a present label called absent", p, root);
  p = good;
  p.siblings.push_back(Digest{});
  add("a deepest sibling of zeros", p, root);
  // Our writer would leave the field out.
  const std::string surplus =
      Canonical(good) + std::string("\0\5\0\0\0\x20", 6) + certs::Bytes(LabelOf(4));
  file->Broken("another label beside the label itself", ProofCase(surplus, root),
               JudgeProof(surplus, root));
  p = other;
  p.other = p.label;
  add("the other label is the label itself", p, root);
  p = other;
  p.other = Near(p.label, 0);
  add("the other label is not on the way", p, root);
  p = other;
  p.label = Near(p.label, 0);
  add("the other label's place asked for elsewhere", p, root);
  p = NaiveProof(map.labels, map.absent_empty);
  p.value = 3;
  add("nothing, with a value", p, root);
  p = good;
  p.siblings.assign(257, certs::Sm3Of("label 9"));
  add("257 siblings", p, root);
}

absl::Status JudgeChange(const std::string& bytes, const Digest& before, const Digest& after) {
  ASSIGN_OR_RETURN(const certs::MapChange change, certs::ParseMapChange(bytes));
  ASSIGN_OR_RETURN(const Digest root, certs::RootAfter(change.before, before, change.value));
  return root == after ? absl::OkStatus() : absl::DataLossError("another root");
}

void AddChanges(const Map& map, VectorFile* file) {
  const Digest before = NaiveRoot(map.labels);
  const auto add = [&](absl::string_view name, const certs::MapChange& change, const Digest& from,
                       const Digest& to, bool good) {
    JsonObject fields;
    fields.Hex("change", Canonical(change)).Hash("before", from).Hash("after", to);
    const absl::Status ours = JudgeChange(Canonical(change), from, to);
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  };
  const auto change = [&](absl::string_view name, LabelMap labels, const MapLabel& label,
                          uint64_t value) {
    const Digest from = NaiveRoot(labels);
    const certs::MapChange made{NaiveProof(labels, label), value};
    labels[label] = value;
    add(name, made, from, NaiveRoot(labels), true);
    return made;
  };
  change("into the empty map", {}, map.live, 1);
  change("a new value of a label", map.labels, map.live, 0);
  change("a void label leads to a certificate again", map.labels, map.voided, 8);
  change("a new label where nothing was", map.labels, map.absent_empty, 8);
  change("a new label, the other one 255 bits away", map.labels, map.absent_other, 8);
  const certs::MapChange made =
      change("a new label beside one that shares 130 bits", map.labels, Near(LabelOf(5), 130), 8);
  LabelMap after = map.labels;
  after[made.before.label] = 8;
  add("another root after", made, before, Flipped(NaiveRoot(after)), false);
  add("another root before", made, Flipped(before), NaiveRoot(after), false);
  add("another value", {made.before, 9}, before, NaiveRoot(after), false);
  add("nothing changed", made, before, before, false);
}

}  // namespace

void AddMapVectors(VectorStory&, std::vector<VectorFile>* files) {
  const Map map = SmallMap();
  VectorFile& proofs = files->emplace_back("map-proof");
  AddGoodProofs(map, &proofs);
  AddBrokenProofs(map, &proofs);
  AddChanges(map, &files->emplace_back("map-change"));
}

}  // namespace birthseal::tests
