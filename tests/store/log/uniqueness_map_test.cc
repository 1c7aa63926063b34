// SPDX-License-Identifier: Apache-2.0
// The stored map against its definition: roots and proofs of tests/support/naive_map.h.
#include "store/log/uniqueness_map.h"

#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "store/meta.h"
#include "tests/support/failing_engine.h"
#include "tests/support/faults.h"
#include "tests/support/naive_map.h"
#include "tests/support/status_matchers.h"

namespace birthseal::store {
namespace {

using certs::Digest;
using certs::MapLabel;
using certs::MapProof;
using tests::LabelMap;
using tests::NaiveProof;
using tests::NaiveRoot;
using tests::StatusIs;

MapLabel LabelOf(int i) { return certs::MapLabel(certs::Sm3Of(absl::StrCat("label ", i))); }

// The same up to `bits`, then different.
MapLabel CloseTo(MapLabel label, size_t bits) {
  label[bits / 8] ^= static_cast<uint8_t>(128 >> bits % 8);
  return label;
}

class UniquenessMapTest : public testing::Test {
 protected:
  void SetUp() override { epoch_ = *engine_.AcquireFence(); }

  MapUpdater Updater(const Snapshot& snapshot) {
    return MapUpdater(MapReader(&snapshot, root_, &cache_));
  }
  // Each change must start from what the model says, and lead where a witness would expect.
  void ChangeChecked(const MapLabel& label, uint64_t value, MapUpdater& updater) {
    const Digest root_before = updater.root();
    EXPECT_EQ(root_before, NaiveRoot(model_));
    const auto before = updater.Change(label, value);
    ASSERT_OK(before);
    EXPECT_TRUE(Canonical(*before) == Canonical(NaiveProof(model_, label)));
    model_[label] = value;
    EXPECT_EQ(updater.root(), NaiveRoot(model_));
    EXPECT_EQ(certs::RootAfter(*before, root_before, value).value(), updater.root());
  }
  void Commit(const MapUpdater& updater) {
    WriteBatch batch;
    updater.PutInto(&batch);
    storage::v1::Meta meta = FirstMeta();
    meta.set_map_root(certs::Bytes(updater.root()));
    batch.Put(Family::kMeta, MetaKey(), meta.SerializeAsString());
    ASSERT_OK(engine_.Commit(batch, epoch_));
    root_ = updater.root();
    for (const auto& [key, page] : updater.UpperPages()) cache_.Add(key, page);
  }
  void Insert(const std::vector<MapLabel>& labels) {
    const auto snapshot = engine_.NewSnapshot();
    MapUpdater updater = Updater(*snapshot);
    for (size_t i = 0; i < labels.size(); ++i) ChangeChecked(labels[i], i + 1, updater);
    Commit(updater);
  }
  // Against the model, with and without cache.
  void ExpectProofs(const std::vector<MapLabel>& labels) {
    const auto snapshot = engine_.NewSnapshot();
    for (const MapLabel& label : labels) {
      const auto proof = ProveLabel(*snapshot, label);
      ASSERT_OK(proof);
      EXPECT_TRUE(Canonical(*proof) == Canonical(NaiveProof(model_, label)));
      const auto value = certs::CheckMapProof(*proof, root_);
      ASSERT_OK(value);
      const auto known = model_.find(label);
      EXPECT_EQ(*value,
                known == model_.end() ? std::nullopt : std::optional<uint64_t>(known->second));
      EXPECT_EQ(Lookup(MapReader(snapshot.get(), root_, &cache_), label).value(), *value);
    }
  }
  std::map<std::string, std::string> StoredPages() {
    std::map<std::string, std::string> pages;
    EXPECT_OK(engine_.NewSnapshot()->Scan(
        Family::kMapPages, "", "",
        [&](absl::string_view k, absl::string_view v) { return pages.emplace(k, v).second; }));
    return pages;
  }

  MemoryEngine engine_;
  FenceEpoch epoch_;
  Digest root_{};
  MapCache cache_;
  LabelMap model_;
};

TEST_F(UniquenessMapTest, AnEmptyMapProvesAbsence) {
  ExpectProofs({LabelOf(1), MapLabel{}});
  EXPECT_TRUE(StoredPages().empty());
}

TEST_F(UniquenessMapTest, OneLabelIsItsOwnRoot) {
  Insert({LabelOf(1)});
  EXPECT_EQ(root_, certs::MapLeafHash(LabelOf(1), 1));
  ExpectProofs({LabelOf(1), LabelOf(2)});
}

TEST_F(UniquenessMapTest, LabelsThatDivideAtAnyBitAreToldApart) {
  std::vector<MapLabel> labels = {LabelOf(1)};
  for (size_t bit = 0; bit < certs::kMapLabelBits; bit += bit < 20 || bit > 245 ? 1 : 9) {
    labels.push_back(CloseTo(LabelOf(1), bit));
  }
  Insert(labels);
  labels.push_back(CloseTo(LabelOf(1), 30));  // absent
  ExpectProofs(labels);
}

TEST_F(UniquenessMapTest, TwoLabelsApartInTheLastBitReachTheDeepestPage) {
  Insert({LabelOf(1), CloseTo(LabelOf(1), 255)});
  EXPECT_EQ(StoredPages().size(), 64u);
  ExpectProofs({LabelOf(1), CloseTo(LabelOf(1), 255), CloseTo(LabelOf(1), 254), LabelOf(2)});
}

TEST_F(UniquenessMapTest, RandomBatchesFollowTheDefinition) {
  std::mt19937 random(22);
  for (int batch = 0; batch < 60; ++batch) {
    const auto snapshot = engine_.NewSnapshot();
    MapUpdater updater = Updater(*snapshot);
    const LabelMap kept = model_;
    for (size_t i = random() % 7; i > 0; --i) {
      MapLabel label = LabelOf(static_cast<int>(random() % 60));
      if (random() % 3 == 0) label = CloseTo(label, random() % certs::kMapLabelBits);
      ChangeChecked(label, random() % 3 == 0 ? 0 : random(), updater);
    }
    if (random() % 4 == 0) {  // lost before its commit
      model_ = kept;
      EXPECT_EQ(NaiveRoot(model_), root_);
      continue;
    }
    Commit(updater);
  }
  std::vector<MapLabel> asked;
  for (int i = 0; i < 80; ++i) asked.push_back(LabelOf(i));
  for (const auto& entry : model_) asked.push_back(entry.first);
  ExpectProofs(asked);
  EXPECT_GT(model_.size(), 60u);
}

TEST_F(UniquenessMapTest, TheTreeIsTheSameInWhateverOrderLabelsCome) {
  std::vector<MapLabel> labels;
  for (int i = 0; i < 200; ++i) labels.push_back(LabelOf(i));
  Insert(labels);
  const auto pages = StoredPages();
  MemoryEngine other;
  const auto snapshot = other.NewSnapshot();
  MapUpdater updater(MapReader(snapshot.get(), Digest{}));
  for (size_t i = labels.size(); i-- > 0;) ASSERT_OK(updater.Change(labels[i], i + 1));
  WriteBatch batch;
  updater.PutInto(&batch);
  std::map<std::string, std::string> others;
  for (const auto& change : batch.changes) others[change.key] = change.value;
  EXPECT_EQ(others, pages);
}

TEST_F(UniquenessMapTest, AChangeWritesThePagesOfItsPathOnceForABatch) {
  std::vector<MapLabel> labels;
  for (int i = 0; i < 300; ++i) labels.push_back(LabelOf(i));
  Insert(labels);
  const auto snapshot = engine_.NewSnapshot();
  MapUpdater updater = Updater(*snapshot);
  const auto proof = updater.Change(labels[7], 99);
  ASSERT_OK(proof);
  ASSERT_OK(updater.Change(labels[7], 0));
  ASSERT_OK(updater.Change(labels[7], 100));
  WriteBatch batch;
  updater.PutInto(&batch);
  EXPECT_EQ(batch.changes.size(), (proof->siblings.size() + 3) / 4);
}

TEST_F(UniquenessMapTest, RollbackTakesBackTheChangesSinceTheMark) {
  Insert({LabelOf(1), LabelOf(2), LabelOf(3)});
  const auto snapshot = engine_.NewSnapshot();
  MapUpdater updater = Updater(*snapshot), without = Updater(*snapshot);
  ASSERT_OK(updater.Change(LabelOf(4), 4));
  ASSERT_OK(without.Change(LabelOf(4), 4));
  updater.Mark();
  for (size_t bit : {3, 40, 255}) ASSERT_OK(updater.Change(CloseTo(LabelOf(4), bit), bit));
  ASSERT_OK(updater.Change(LabelOf(1), 0));
  updater.Rollback();
  EXPECT_EQ(updater.root(), without.root());
  ASSERT_OK(updater.Change(LabelOf(5), 5));
  ASSERT_OK(without.Change(LabelOf(5), 5));
  WriteBatch one, other;
  updater.PutInto(&one);
  without.PutInto(&other);
  ASSERT_EQ(one.changes.size(), other.changes.size());
  for (size_t i = 0; i < one.changes.size(); ++i) {
    EXPECT_EQ(one.changes[i].key, other.changes[i].key);
    EXPECT_EQ(one.changes[i].value, other.changes[i].value);
  }
}

TEST_F(UniquenessMapTest, ACacheWithPagesOfALostBatchAnswersFromTheStore) {
  Insert({LabelOf(1), LabelOf(2), LabelOf(3)});
  {
    const auto snapshot = engine_.NewSnapshot();
    MapUpdater lost = Updater(*snapshot);
    ASSERT_OK(lost.Change(LabelOf(1), 77));
    for (const auto& [key, page] : lost.UpperPages()) cache_.Add(key, page);
  }
  ExpectProofs({LabelOf(1), LabelOf(2), LabelOf(4)});
  Insert({LabelOf(5)});
}

TEST_F(UniquenessMapTest, TheCacheKeepsUpperPagesOnly) {
  Insert({LabelOf(1), CloseTo(LabelOf(1), 255), LabelOf(2)});
  ExpectProofs({LabelOf(1), LabelOf(2)});
  EXPECT_EQ(cache_.size(), 4u);
}

TEST_F(UniquenessMapTest, APageThatCannotBeReadIsNotTakenForAbsent) {
  Insert({LabelOf(1), CloseTo(LabelOf(1), 9), CloseTo(LabelOf(1), 255), LabelOf(2)});
  tests::Faults faults;
  const tests::FailingEngine failing(&engine_, &faults);
  for (const MapLabel& label : {LabelOf(1), CloseTo(LabelOf(1), 200)}) {
    tests::ExpectEveryFaultComesOut(
        &faults, [&] { return ProveLabel(*failing.NewSnapshot(), label).status(); });
    tests::ExpectEveryFaultComesOut(&faults, [&] {
      const auto snapshot = failing.NewSnapshot();
      return MapUpdater(MapReader(snapshot.get(), root_)).Lookup(label).status();
    });
    tests::ExpectEveryFaultComesOut(&faults, [&] {
      const auto snapshot = failing.NewSnapshot();
      return MapUpdater(MapReader(snapshot.get(), root_)).Change(label, 5).status();
    });
  }
}

// No byte of a page may change without a reader seeing it.
TEST_F(UniquenessMapTest, ADamagedOrAbsentPageIsNeverProvenFrom) {
  Insert({LabelOf(1), CloseTo(LabelOf(1), 9), CloseTo(LabelOf(1), 2), LabelOf(2), LabelOf(3)});
  cache_ = MapCache();
  std::mt19937 random(5);
  for (const auto& [key, bytes] : StoredPages()) {
    const std::vector<MapLeaf> leaves = MapPage::Decode(key, bytes)->leaves();
    const MapLabel label = leaves.empty() ? LabelOf(1) : leaves[0].label;
    std::vector<std::string> damaged = {"", bytes + '\0', bytes.substr(1)};
    for (size_t i = 0; i < bytes.size(); ++i) {
      damaged.push_back(bytes);
      damaged.back()[i] ^= static_cast<char>(1 << random() % 8);
    }
    for (const std::string& value : damaged) {
      WriteBatch batch;
      batch.Put(Family::kMapPages, key, value);
      ASSERT_OK(engine_.Commit(batch, epoch_));
      EXPECT_THAT(ProveLabel(*engine_.NewSnapshot(), label),
                  StatusIs(absl::StatusCode::kDataLoss, "MAP_PAGE_DAMAGED"));
    }
    WriteBatch batch;
    batch.Erase(Family::kMapPages, key);
    ASSERT_OK(engine_.Commit(batch, epoch_));
    const auto snapshot = engine_.NewSnapshot();
    EXPECT_THAT(ProveLabel(*snapshot, label), StatusIs(absl::StatusCode::kDataLoss));
    MapUpdater updater = Updater(*snapshot);
    EXPECT_THAT(updater.Change(label, 8), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_FALSE(updater.changed());
    WriteBatch back;
    back.Put(Family::kMapPages, key, bytes);
    ASSERT_OK(engine_.Commit(back, epoch_));
  }
  ExpectProofs({LabelOf(1), LabelOf(2)});
}

TEST(MapPageTest, APageThatCannotStandUnderItsKeyIsRefused) {
  MapPage page;
  page.SetLeaf(NibbleAt(LabelOf(1), 0), {LabelOf(1), 1});
  const std::string bytes = page.Encode();
  EXPECT_OK(MapPage::Decode(MapPageKey(0, LabelOf(1)), bytes));
  // A label alone stands in the page above.
  EXPECT_FALSE(MapPage::Decode(MapPageKey(1, LabelOf(1)), bytes).ok());
  EXPECT_FALSE(MapPage::Decode("", bytes).ok());
  // Two subtrees say nothing of their place: the key alone is odd.
  MapPage upper;
  upper.SetSubtree(1, certs::Sm3Of("subtree 1"));
  upper.SetSubtree(2, certs::Sm3Of("subtree 2"));
  const std::string key = MapPageKey(3, LabelOf(1));
  EXPECT_OK(MapPage::Decode(key, upper.Encode()));
  EXPECT_FALSE(MapPage::Decode(key + '\0', upper.Encode()).ok());
  EXPECT_FALSE(MapPage::Decode(key.substr(0, 2) + '\x11', upper.Encode()).ok());
  EXPECT_FALSE(MapPage::Decode(MapPageKey(64, LabelOf(1)), bytes).ok());
  EXPECT_FALSE(MapPage::Decode(MapPageKey(0, LabelOf(1)), std::string(4, '\0')).ok());
}

// A page as its bytes say: which branches are leaves, which are subtrees, and what they hold.
std::string PageBytes(uint16_t leaves, uint16_t subtrees, const std::string& branches) {
  const auto bits = [](uint16_t value) {
    return std::string{static_cast<char>(value >> 8), static_cast<char>(value)};
  };
  return bits(leaves) + bits(subtrees) + branches;
}
std::string LeafBytes(const MapLabel& label) { return certs::Bytes(label) + BigEndian64(7); }
// Its first nibbles, then zeros.
MapLabel Under(uint8_t nibbles) {
  MapLabel label{};
  label[0] = nibbles;
  return label;
}

TEST(MapPageTest, BytesThatAreNotOfOnePageAreRefused) {
  const std::string top = MapPageKey(0, {}), second = MapPageKey(1, Under(0x10));
  const std::string deepest = MapPageKey(63, {});
  const std::string one = LeafBytes(Under(0x00)), other = LeafBytes(Under(0x10));
  const std::string hash(32, 'h');
  struct Row {
    const char* what;
    std::string key, bytes;
    bool good;
  };
  const Row rows[] = {
      {"two leaves", top, PageBytes(0xc000, 0, one + other), true},
      {"a cut value", top, PageBytes(0xc000, 0, one + certs::Bytes(Under(0x10))), false},
      {"a cut label", top, PageBytes(0x8000, 0, one.substr(32)), false},
      {"more after it", top, PageBytes(0xc000, 0, one + other + '\0'), false},
      {"a leaf in another branch", top, PageBytes(0xa000, 0, one + other), false},
      {"two subtrees", top, PageBytes(0, 0xc000, hash + hash), true},
      {"a cut subtree", top, PageBytes(0, 0xc000, hash + hash.substr(1)), false},
      {"a missing subtree", top, PageBytes(0, 0xc000, hash), false},
      {"a branch that is both", top, PageBytes(0xc000, 0x8000, one + other), false},
      {"no label", top, PageBytes(0, 0, ""), false},
      {"a cut header", top, std::string("\x80\0\0", 3), false},
      {"under its prefix", second,
       PageBytes(0xc000, 0, LeafBytes(Under(0x10)) + LeafBytes(Under(0x11))), true},
      {"under another prefix", second,
       PageBytes(0xc000, 0, LeafBytes(Under(0x20)) + LeafBytes(Under(0x21))), false},
      {"alone below the top", second, PageBytes(0x8000, 0, LeafBytes(Under(0x10))), false},
      {"a subtree below the last nibble", deepest, PageBytes(0, 0xc000, hash + hash), false},
  };
  for (const Row& row : rows) {
    const auto page = MapPage::Decode(row.key, row.bytes);
    if (row.good) {
      EXPECT_OK(page) << row.what;
    } else {
      EXPECT_THAT(page, StatusIs(absl::StatusCode::kDataLoss, "MAP_PAGE_DAMAGED")) << row.what;
    }
  }
}

}  // namespace
}  // namespace birthseal::store
