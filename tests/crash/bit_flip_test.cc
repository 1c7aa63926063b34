// SPDX-License-Identifier: Apache-2.0
// One flipped bit in each kind of file of a RocksDB store at rest.
#include <algorithm>
#include <filesystem>
#include <set>

#include "birthseal/storage/v1/record.pb.h"
#include "store/fsck/fsck.h"
#include "store/journal/journal.h"
#include "tests/crash/bit_flip.h"
#include "tests/crash/faulty_store.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;
using store::IndexKey;

class BitFlipTest : public testing::Test {
 protected:
  static constexpr uint64_t kBatches = 300;
  void SetUp() override { Fill(disk_, temp_.Join("good"), kBatches); }

  struct Outcome {
    bool opened = false;
    Held held;
    int damaged = 0;  // reads that said kDataLoss
  };
  // Opens a copy of the store with one bit changed and reads everything.
  Outcome Flip(const std::string& part, uint64_t seed) {
    const std::string copy = temp_.Join("copy");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(temp_.Join("good"), copy);
    SCOPED_TRACE(FlipBit(copy, part, seed));
    Outcome outcome;
    auto engine = OpenOn(disk_, copy);
    outcome.opened = engine.ok();
    if (!engine.ok()) {
      EXPECT_EQ(engine.status().code(), StatusCode::kDataLoss) << engine.status();
      return outcome;
    }
    const auto snapshot = (*engine)->NewSnapshot();
    outcome.held = Look(*snapshot, 0);
    if (part != ".log") Read(*snapshot, &outcome);
    return outcome;
  }
  static void Read(const store::Snapshot& snapshot, Outcome* outcome) {
    for (uint64_t i = 1; i <= kBatches; ++i) {
      const auto body = snapshot.Get(Family::kBodies, IndexKey(i));
      const auto entry = snapshot.Get(Family::kAudit, IndexKey(i));
      for (const absl::Status& status : {body.status(), entry.status()}) {
        if (status.ok()) continue;
        EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
        ++outcome->damaged;
      }
      if (body.ok()) EXPECT_EQ(*body, BodyOf(i));
      if (entry.ok()) EXPECT_EQ(*entry, absl::StrCat("entry ", i));
    }
  }

  TempDir temp_;
  CrashEnv disk_{1};
};

TEST_F(BitFlipTest, InATableOrBlobIsReportedNeverRead) {
  for (const char* part : {".sst", ".blob"}) {
    int found = 0;
    for (uint64_t seed = 1; seed <= 30; ++seed) {
      const Outcome outcome = Flip(part, seed);
      if (!outcome.opened || outcome.damaged > 0) ++found;
    }
    EXPECT_GT(found, 10) << part;
  }
}

TEST_F(BitFlipTest, InTheListOfFilesKeepsTheStoreShut) {
  for (const char* part : {"MANIFEST-", "CURRENT"}) {
    for (uint64_t seed = 1; seed <= 150; ++seed) {
      EXPECT_FALSE(Flip(part, seed).opened) << part << " seed " << seed;
    }
  }
}

// What RocksDB itself overlooks: where a record of the list says that it ends, and what it is.
TEST_F(BitFlipTest, InAHeaderOfTheListOfFilesKeepsTheStoreShut) {
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(temp_.Join("good"))) {
    if (entry.path().filename().string().find("MANIFEST-") == 0) path = entry.path();
  }
  const std::string list = ReadFile(path);
  ASSERT_LT(list.size(), 32768u);  // one block
  const std::string copy = temp_.Join("copy");
  std::filesystem::copy(temp_.Join("good"), copy);
  const std::string copied = copy + "/" + std::filesystem::path(path).filename().string();
  size_t records = 0;
  for (size_t at = 0; at + 7 <= list.size(); ++records) {
    for (size_t bit = 0; bit < 24; ++bit) {  // length and type
      std::string flipped = list;
      flipped[at + 4 + bit / 8] = static_cast<char>(flipped[at + 4 + bit / 8] ^ (1 << bit % 8));
      WriteFile(copied, flipped);
      EXPECT_EQ(OpenOn(disk_, copy).status().code(), StatusCode::kDataLoss)
          << "record " << records << " at " << at << " bit " << bit;
    }
    at += 7 + static_cast<uint8_t>(list[at + 4]) + 256 * static_cast<uint8_t>(list[at + 5]);
  }
  EXPECT_GT(records, static_cast<size_t>(store::kFamilyCount));
}

// The check names the range and goes on; an emptied family takes its bad table with it.
TEST_F(BitFlipTest, InATableIsNamedAsARangeAndGoesWithItsFamily) {
  store::RocksDbOptions repairing;
  repairing.compact = false;
  const auto all = [](absl::string_view, absl::string_view) { return true; };
  int found = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const std::string copy = temp_.Join("copy");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(temp_.Join("good"), copy);
    SCOPED_TRACE(FlipBit(copy, ".sst", seed));
    auto engine = OpenOn(disk_, copy, repairing);
    if (!engine.ok()) continue;
    if ((*engine)->NewSnapshot()->Scan(Family::kAudit, "", "", all).ok()) continue;
    ++found;
    store::FsckOptions options;
    options.max_findings = 100'000;
    bool named = false;
    for (const auto& f : store::CheckStore(*(*engine)->NewSnapshot(), options).findings) {
      named = named || (f.family == Family::kAudit && f.code == "RANGE_UNREADABLE");
    }
    EXPECT_TRUE(named);
    const auto epoch = (*engine)->AcquireFence();
    ASSERT_OK(epoch);
    ASSERT_OK((*engine)->Clear(Family::kAudit, *epoch));
    EXPECT_OK((*engine)->NewSnapshot()->Scan(Family::kAudit, "", "", all));
    EXPECT_OK((*engine)->Commit(BatchOf(kBatches + 1), *epoch));
    // The service goes on with it, compactions and all.
    engine->reset();
    engine = OpenOn(disk_, copy);
    ASSERT_OK(engine);
    const auto next = (*engine)->AcquireFence();
    ASSERT_OK(next);
    for (uint64_t i = 2; i <= 40; ++i) {
      ASSERT_OK((*engine)->Commit(BatchOf(kBatches + i), *next));
    }
  }
  EXPECT_GT(found, 0);
}

// A compaction that meets the bad table first would end all commits, so that of the repair too.
TEST_F(BitFlipTest, AStoreOpenedForARepairMergesNoTable) {
  const auto tables = [this] {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(temp_.Join("repaired"))) {
      if (entry.path().extension() == ".sst") names.insert(entry.path().filename());
    }
    return names;
  };
  store::RocksDbOptions repairing;
  repairing.compact = false;
  std::filesystem::copy(temp_.Join("good"), temp_.Join("repaired"));
  auto engine = OpenOn(disk_, temp_.Join("repaired"), repairing);
  ASSERT_OK(engine);
  const std::set<std::string> before = tables();
  const store::FenceEpoch epoch = *(*engine)->AcquireFence();
  for (uint64_t i = 1; i <= 2 * kBatches; ++i) {
    ASSERT_OK((*engine)->Commit(BatchOf(kBatches + i), epoch));
  }
  const std::set<std::string> after = tables();
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_GT(after.size(), before.size() + 8);  // twice what starts a compaction
}

TEST_F(BitFlipTest, TablesWithoutAListOfFilesAreNotANewStore) {
  const std::string copy = temp_.Join("copy");
  std::filesystem::copy(temp_.Join("good"), copy);
  std::filesystem::remove(copy + "/CURRENT");
  EXPECT_EQ(OpenOn(disk_, copy).status().code(), StatusCode::kDataLoss);
}

// The engine alone cannot tell a flipped record of its log from one that a crash tore: what lies
// behind is cut off, whole batches, newest first. The journal has them (FORMAT.md §6).
TEST_F(BitFlipTest, InTheLogCutsWholeBatches) {
  int cut = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const Outcome outcome = Flip(".log", seed);
    if (!outcome.opened) continue;
    EXPECT_EQ(outcome.held.wrong, "");
    if (outcome.held.last < kBatches) ++cut;
  }
  EXPECT_GT(cut, 0);
}

TEST(JournalTest, BringsBackWhatAFlippedLogLost) {
  constexpr uint64_t kBatches = 40;
  TempDir temp;
  CrashEnv disk(1);
  auto journal = store::Journal::Open(temp.Join("journal"));
  ASSERT_OK(journal);
  {
    auto engine = OpenOn(disk, temp.Join("db"));
    ASSERT_OK(engine);
    const store::FenceEpoch epoch = *(*engine)->AcquireFence();
    for (uint64_t i = 1; i <= kBatches; ++i) {
      storage::v1::Meta meta;
      meta.set_batch_sequence(i);
      store::WriteBatch batch = BatchOf(i);
      batch.Put(Family::kMeta, store::MetaKey(), meta.SerializeAsString());
      ASSERT_OK((*journal)->Append(i, epoch, batch));
      ASSERT_OK((*engine)->Commit(batch, epoch));
    }
  }
  uint64_t brought_back = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string copy = temp.Join("copy");
    std::filesystem::remove_all(copy);
    std::filesystem::copy(temp.Join("db"), copy);
    FlipBit(copy, ".log", seed);
    auto engine = OpenOn(disk, copy);
    if (!engine.ok()) continue;
    const auto epoch = (*engine)->AcquireFence((*journal)->last_epoch());
    ASSERT_OK(epoch);
    const auto replayed = store::ReplayInto(**journal, engine->get(), *epoch);
    ASSERT_OK(replayed);
    brought_back += *replayed;
    for (uint64_t i = 1; i <= kBatches; ++i) {
      EXPECT_EQ((*engine)->NewSnapshot()->Get(Family::kBodies, IndexKey(i)).value_or("none"),
                BodyOf(i));
    }
  }
  EXPECT_GT(brought_back, 0u);
}

}  // namespace
}  // namespace birthseal::tests
