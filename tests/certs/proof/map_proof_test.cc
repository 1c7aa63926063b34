// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/map_proof.h"

#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/naive_map.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::LabelMap;
using ::birthseal::tests::NaiveProof;
using ::birthseal::tests::NaiveRoot;
using ::birthseal::tests::StatusIs;
using Value = std::optional<uint64_t>;

Value ValueIn(const LabelMap& map, const MapLabel& label) {
  const auto found = map.find(label);
  return found == map.end() ? Value() : Value(found->second);
}

// Of a label or a root.
template <class T>
T Flipped(T bytes, size_t bit) {
  bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (0x80 >> bit % 8));
  return bytes;
}

// Labels drawn so that long shared prefixes are common: a new one is random, or an old one with
// one bit flipped, often the last.
class Labels {
 public:
  explicit Labels(uint32_t seed) : random_(seed) {}
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  MapLabel Next(const LabelMap& map) {
    if (map.empty() || Below(3) == 0) return MapLabel(Sm3Of(absl::StrCat(random_())));
    auto near = map.begin();
    std::advance(near, Below(static_cast<uint32_t>(map.size())));
    if (Below(8) == 0) return near->first;
    return Flipped(near->first, Below(4) == 0 ? 255 : Below(256));
  }

 private:
  std::mt19937 random_;
};

TEST(MapProofTest, HashesAreAsWritten) {
  const MapLabel label(Sm3Of("label"));
  EXPECT_EQ(MapLeafHash(label, 0x0102030405060708),
            Sm3Of("\2" + Bytes(label) + "\1\2\3\4\5\6\7\10"));
  EXPECT_EQ(MapNodeHash(Sm3Of("l"), Sm3Of("r")),
            Sm3Of("\3" + Bytes(Sm3Of("l")) + Bytes(Sm3Of("r"))));
  EXPECT_EQ(Bytes(kEmptySubtree), std::string(32, '\0'));
  // Frozen; computed by a separate program with SM3 of OpenSSL.
  const LabelMap map = {{MapLabel(Sm3Of("a")), 1},
                        {MapLabel(Sm3Of("b")), 0},
                        {Flipped(MapLabel(Sm3Of("b")), 255), 3}};
  EXPECT_EQ(absl::BytesToHexString(View(NaiveRoot(map))),
            "f0e6dd8583ffecc76993bd1449fdc60581cd66e6d8f982857e2fe258d754617a");
}

TEST(MapProofTest, BitZeroIsTheMostSignificantBitOfByteZero) {
  MapLabel label{};
  label[0] = 0x80;
  label[31] = 0x01;
  for (size_t i = 0; i < kMapLabelBits; ++i) {
    EXPECT_EQ(MapBit(label, i), i == 0 || i == 255) << i;
    EXPECT_EQ(CommonBits(label, Flipped(label, i)), i);
  }
  EXPECT_EQ(CommonBits(label, label), kMapLabelBits);
}

TEST(MapProofTest, EmptyMapProvesAbsenceAndTakesTheFirstLabel) {
  MapProof proof;
  proof.label = MapLabel(Sm3Of("first"));
  const absl::StatusOr<Value> value = CheckMapProof(proof, kEmptySubtree);
  ASSERT_OK(value);
  EXPECT_FALSE(value->has_value());
  const absl::StatusOr<Digest> after = RootAfter(proof, kEmptySubtree, 7);
  ASSERT_OK(after);
  EXPECT_EQ(*after, MapLeafHash(proof.label, 7));
  EXPECT_THAT(CheckMapProof(proof, *after),
              StatusIs(absl::StatusCode::kDataLoss, "MAP_PROOF_MISMATCH"));
}

TEST(MapProofTest, VoidIsPresentAndAbsentIsNot) {
  const LabelMap map = {{MapLabel(Sm3Of("void")), 0}, {MapLabel(Sm3Of("live")), 5}};
  const Digest root = NaiveRoot(map);
  EXPECT_EQ(CheckMapProof(NaiveProof(map, MapLabel(Sm3Of("void"))), root).value(), Value(0));
  EXPECT_EQ(CheckMapProof(NaiveProof(map, MapLabel(Sm3Of("live"))), root).value(), Value(5));
  EXPECT_EQ(CheckMapProof(NaiveProof(map, MapLabel(Sm3Of("none"))), root).value(), Value());
}

// Maps grow label by label from one root to the next; a label already there changes its value.
TEST(MapProofTest, EveryStepOfRandomMapsGivesTheNaiveValueAndRoot) {
  int inserted = 0, changed = 0, deep = 0;
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    Labels labels(seed);
    LabelMap map;
    Digest root = kEmptySubtree;
    for (int step = 0; step < 50; ++step) {
      const MapLabel label = labels.Next(map);
      const uint64_t value = labels.Below(3) == 0 ? 0 : labels.Below(1000);
      const MapProof proof = NaiveProof(map, label);
      const absl::StatusOr<Value> before = CheckMapProof(proof, root);
      ASSERT_OK(before);
      ASSERT_EQ(*before, ValueIn(map, label)) << "seed " << seed << " step " << step;
      const absl::StatusOr<Digest> after = RootAfter(proof, root, value);
      ASSERT_OK(after);
      before->has_value() ? ++changed : ++inserted;
      map[label] = value;
      root = NaiveRoot(map);
      ASSERT_EQ(*after, root) << "seed " << seed << " step " << step;
      deep += proof.siblings.size() == kMapLabelBits ? 1 : 0;
    }
  }
  // The draw reaches what it is for: new labels, changed ones, and leaves below the last bit.
  EXPECT_GT(inserted, 100);
  EXPECT_GT(changed, 20);
  EXPECT_GT(deep, 0);
}

TEST(MapProofTest, LabelsThatDifferInAnySingleBitAreToldApart) {
  const MapLabel label(Sm3Of("one"));
  for (size_t bit = 0; bit < kMapLabelBits; ++bit) {
    const MapLabel other = Flipped(label, bit);
    const MapProof proof = NaiveProof({{label, 1}}, other);
    ASSERT_EQ(proof.terminal, MapTerminal::kOther);
    const LabelMap both = {{label, 1}, {other, 2}};
    EXPECT_EQ(RootAfter(proof, MapLeafHash(label, 1), 2).value(), NaiveRoot(both)) << bit;
    const MapProof present = NaiveProof(both, other);
    EXPECT_EQ(present.siblings.size(), bit + 1);
    EXPECT_EQ(CheckMapProof(present, NaiveRoot(both)).value(), Value(2));
  }
}

// One bit changed anywhere: the proof is refused, or it is another true proof of this map, such
// as that of an absent label next to the first.
TEST(MapProofTest, EveryFlippedBitIsRefusedOrStillTrue) {
  Labels labels(99);
  LabelMap map;
  while (map.size() < 24) map[labels.Next(map)] = map.size();
  const Digest root = NaiveRoot(map);
  std::vector<MapLabel> asked = {map.begin()->first, map.rbegin()->first};
  for (int i = 0; i < 6; ++i) asked.push_back(labels.Next(map));
  size_t refused = 0, still_true = 0;
  for (const MapLabel& label : asked) {
    const std::string bytes = Canonical(NaiveProof(map, label));
    for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string altered = bytes;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (0x80 >> bit % 8));
      const absl::StatusOr<MapProof> proof = ParseMapProof(altered);
      const absl::StatusOr<Value> value =
          proof.ok() ? CheckMapProof(*proof, root) : absl::StatusOr<Value>(proof.status());
      if (value.ok()) {
        ASSERT_EQ(*value, ValueIn(map, proof->label)) << "bit " << bit;
        ASSERT_NE(proof->label, label) << "bit " << bit;
        ASSERT_EQ(Canonical(*proof), altered) << "bit " << bit;
      }
      value.ok() ? ++still_true : ++refused;
    }
  }
  EXPECT_GT(refused, still_true);
}

TEST(MapProofTest, EveryFlippedBitOfTheRootIsRefused) {
  const LabelMap map = {
      {MapLabel(Sm3Of("a")), 1}, {MapLabel(Sm3Of("b")), 2}, {MapLabel(Sm3Of("c")), 3}};
  for (const char* name : {"a", "b", "c", "absent"}) {
    const MapProof proof = NaiveProof(map, MapLabel(Sm3Of(name)));
    for (size_t bit = 0; bit < kMapLabelBits; ++bit) {
      const Digest root = Flipped(NaiveRoot(map), bit);
      EXPECT_THAT(CheckMapProof(proof, root),
                  StatusIs(absl::StatusCode::kDataLoss, "MAP_PROOF_MISMATCH"));
      EXPECT_THAT(RootAfter(proof, root, 1),
                  StatusIs(absl::StatusCode::kDataLoss, "MAP_PROOF_MISMATCH"));
    }
  }
}

}  // namespace
}  // namespace birthseal::certs
