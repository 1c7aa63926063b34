// SPDX-License-Identifier: Apache-2.0
#include "store/journal/journal.h"

#include <filesystem>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "birthseal/storage/v1/record.pb.h"
#include "store/journal/journal_segment.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::store {
namespace {

using tests::IsOk;
using tests::StatusIs;

// A batch as the ledger makes it: it says its own sequence.
WriteBatch BatchOf(uint64_t sequence, absl::string_view note = "x") {
  storage::v1::Meta meta;
  meta.set_batch_sequence(sequence);
  WriteBatch batch;
  batch.Put(Family::kMeta, MetaKey(), meta.SerializeAsString());
  batch.Put(Family::kAudit, IndexKey(sequence), std::string(note));
  batch.Erase(Family::kReviews, IndexKey(sequence));
  return batch;
}

class JournalTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> Open() {
    auto journal = Journal::Open(dir());
    EXPECT_OK(journal);
    return *std::move(journal);
  }
  std::string dir() const { return temp_.Join("journal"); }
  std::string Segment(uint64_t first) const {
    std::string name = absl::StrCat(first);
    return dir() + "/" + std::string(20 - name.size(), '0') + name + ".journal";
  }
  static std::string Sequences(const Journal& journal, uint64_t after) {
    std::string text;
    EXPECT_OK(journal.Read(after, [&](const JournalRecord& record) {
      absl::StrAppend(&text, record.sequence, ":", record.fencing_epoch.value(), " ");
      return absl::OkStatus();
    }));
    return text;
  }

  tests::TempDir temp_;
};

TEST_F(JournalTest, AppendedBatchesAreReadBackInOrder) {
  {
    const auto journal = Open();
    for (uint64_t i = 1; i <= 5; ++i) ASSERT_OK(journal->Append(i, FenceEpoch(1), BatchOf(i)));
  }
  const auto journal = Open();
  EXPECT_EQ(journal->last_sequence(), 5u);
  EXPECT_EQ(Sequences(*journal, 0), "1:1 2:1 3:1 4:1 5:1 ");
  EXPECT_EQ(Sequences(*journal, 3), "4:1 5:1 ");
  EXPECT_EQ(Sequences(*journal, 5), "");
  ASSERT_OK(journal->Append(6, FenceEpoch(1), BatchOf(6)));
  EXPECT_EQ(Sequences(*journal, 4), "5:1 6:1 ");
}

TEST_F(JournalTest, ABatchOutOfOrderIsRefused) {
  const auto journal = Open();
  ASSERT_OK(journal->Append(7, FenceEpoch(2), BatchOf(7)));
  for (const auto& [sequence, epoch] : {std::pair(9, 2), {7, 2}, {8, 1}, {0, 3}, {6, 3}}) {
    EXPECT_THAT(journal->Append(sequence, FenceEpoch(epoch), BatchOf(sequence)),
                StatusIs(absl::StatusCode::kFailedPrecondition, "JOURNAL_ORDER"));
  }
  EXPECT_OK(journal->Append(8, FenceEpoch(2), BatchOf(8)));
}

TEST_F(JournalTest, TheBatchOfAHigherEpochReplacesThatOfAFencedWriter) {
  const auto journal = Open();
  ASSERT_OK(journal->Append(1, FenceEpoch(1), BatchOf(1)));
  ASSERT_OK(journal->Append(2, FenceEpoch(1), BatchOf(2)));
  ASSERT_OK(journal->Append(2, FenceEpoch(2), BatchOf(2)));
  ASSERT_OK(journal->Append(3, FenceEpoch(2), BatchOf(3)));
  EXPECT_EQ(Sequences(*journal, 0), "1:1 2:2 3:2 ");
  EXPECT_EQ(Sequences(*journal, 1), "2:2 3:2 ");
}

TEST_F(JournalTest, ARecordCutAnywhereIsRemovedAndTheRestStays) {
  {
    const auto journal = Open();
    for (uint64_t i = 1; i <= 3; ++i) ASSERT_OK(journal->Append(i, FenceEpoch(1), BatchOf(i)));
  }
  const std::string whole = tests::ReadFile(Segment(1));
  const size_t third = FrameRecord(3, FenceEpoch(1), BatchOf(3)).size();
  for (size_t cut = 1; cut <= third; ++cut) {
    tests::WriteFile(Segment(1), whole.substr(0, whole.size() - cut));
    const auto journal = Open();
    ASSERT_EQ(journal->last_sequence(), 2u) << cut;
    ASSERT_OK(journal->Append(3, FenceEpoch(2), BatchOf(3)));
    ASSERT_EQ(Sequences(*journal, 0), "1:1 2:1 3:2 ");
  }
}

TEST_F(JournalTest, ALastRecordWithTornContentIsRemoved) {
  {
    const auto journal = Open();
    for (uint64_t i = 1; i <= 2; ++i) ASSERT_OK(journal->Append(i, FenceEpoch(1), BatchOf(i)));
  }
  std::string bytes = tests::ReadFile(Segment(1));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  tests::WriteFile(Segment(1), bytes + std::string(40, '\0'));
  const auto journal = Open();
  EXPECT_EQ(journal->last_sequence(), 1u);
  EXPECT_EQ(tests::ReadFile(Segment(1)).size(),
            kSegmentMagic.size() + FrameRecord(1, FenceEpoch(1), BatchOf(1)).size());
}

TEST_F(JournalTest, ASegmentWithoutARecordMakesRoomForItsFirst) {
  for (size_t size = 0; size <= kSegmentMagic.size(); ++size) {
    std::filesystem::remove_all(dir());
    {
      const auto journal = Open();
      ASSERT_OK(journal->Append(1, FenceEpoch(1), BatchOf(1)));
    }
    tests::WriteFile(Segment(2), std::string(kSegmentMagic.substr(0, size)));
    const auto journal = Open();
    EXPECT_EQ(journal->last_sequence(), 1u);
    ASSERT_OK(journal->Append(2, FenceEpoch(1), BatchOf(2)));
    EXPECT_FALSE(std::filesystem::exists(Segment(2)));
    EXPECT_EQ(Sequences(*journal, 0), "1:1 2:1 ");
  }
}

// What the engine has already was durable here: damage, and nothing of the file is touched.
TEST_F(JournalTest, TheOnlyRecordDamagedIsDataLossForAnEngineThatHasIt) {
  {
    const auto journal = Open();
    ASSERT_OK(journal->Append(1, FenceEpoch(1), BatchOf(1)));
  }
  std::string bytes = tests::ReadFile(Segment(1));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  tests::WriteFile(Segment(1), bytes);
  const auto journal = Open();
  EXPECT_THAT(journal->Read(1, [](const JournalRecord&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED"));
  EXPECT_THAT(journal->Append(2, FenceEpoch(1), BatchOf(2)),
              StatusIs(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED"));
  EXPECT_EQ(tests::ReadFile(Segment(1)), bytes);
}

// The length of a record no longer leads to the next one: that one is found all the same.
TEST_F(JournalTest, DamagedLengthBeforeAWholeRecordIsDataLoss) {
  {
    const auto journal = Open();
    for (uint64_t i = 1; i <= 3; ++i) ASSERT_OK(journal->Append(i, FenceEpoch(1), BatchOf(i)));
  }
  const std::string good = tests::ReadFile(Segment(1));
  const size_t second = kSegmentMagic.size() + FrameRecord(1, FenceEpoch(1), BatchOf(1)).size();
  for (size_t bit = 0; bit < 32; ++bit) {
    for (const size_t at : {kSegmentMagic.size(), second}) {
      std::string bytes = good;
      bytes[at + bit / 8] = static_cast<char>(bytes[at + bit / 8] ^ (1 << bit % 8));
      tests::WriteFile(Segment(1), bytes);
      EXPECT_THAT(Journal::Open(dir()), StatusIs(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED"));
    }
  }
}

TEST_F(JournalTest, DamageBeforeAWholeRecordIsDataLoss) {
  {
    const auto journal = Open();
    for (uint64_t i = 1; i <= 3; ++i) ASSERT_OK(journal->Append(i, FenceEpoch(1), BatchOf(i)));
  }
  std::string bytes = tests::ReadFile(Segment(1));
  const size_t second = kSegmentMagic.size() + FrameRecord(1, FenceEpoch(1), BatchOf(1)).size();
  bytes[second + 20] = static_cast<char>(bytes[second + 20] ^ 1);
  tests::WriteFile(Segment(1), bytes);
  EXPECT_THAT(Journal::Open(dir()), StatusIs(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED"));
}

TEST_F(JournalTest, ASecondOpenIsRefused) {
  const auto journal = Open();
  EXPECT_THAT(Journal::Open(dir()), StatusIs(absl::StatusCode::kAborted, "JOURNAL_IN_USE"));
}

TEST_F(JournalTest, SegmentsRollAndAreReadAcross) {
  const std::string big(12u << 20, 'b');
  {
    const auto journal = Open();
    for (uint64_t i = 1; i <= 7; ++i) ASSERT_OK(journal->Append(i, FenceEpoch(1), BatchOf(i, big)));
  }
  EXPECT_TRUE(std::filesystem::exists(Segment(4)));
  EXPECT_TRUE(std::filesystem::exists(Segment(7)));
  const auto journal = Open();
  EXPECT_EQ(Sequences(*journal, 2), "3:1 4:1 5:1 6:1 7:1 ");
  EXPECT_EQ(Sequences(*journal, 3), "4:1 5:1 6:1 7:1 ");
  EXPECT_EQ(Sequences(*journal, 6), "7:1 ");
}

TEST_F(JournalTest, ReplayGivesTheEngineWhatItLacks) {
  const auto journal = Open();
  MemoryEngine engine;
  const FenceEpoch epoch = *engine.AcquireFence();
  for (uint64_t i = 1; i <= 9; ++i) {
    ASSERT_OK(journal->Append(i, epoch, BatchOf(i)));
    if (i <= 4) ASSERT_OK(engine.Commit(BatchOf(i), epoch));
  }
  const auto replayed = ReplayInto(*journal, &engine, epoch);
  ASSERT_OK(replayed);
  EXPECT_EQ(*replayed, 5u);
  EXPECT_OK(engine.NewSnapshot()->Get(Family::kAudit, IndexKey(9)));
  EXPECT_EQ(*ReplayInto(*journal, &engine, epoch), 0u);
}

TEST_F(JournalTest, ARestoredEngineTakesAFenceAboveTheJournals) {
  const auto journal = Open();
  ASSERT_OK(journal->Append(1, FenceEpoch(9), BatchOf(1)));
  MemoryEngine restored;
  const FenceEpoch epoch = *restored.AcquireFence(journal->last_epoch());
  ASSERT_OK(ReplayInto(*journal, &restored, epoch));
  EXPECT_OK(journal->Append(2, epoch, BatchOf(2)));
}

TEST_F(JournalTest, AGapBetweenEngineAndJournalIsDataLoss) {
  const auto journal = Open();
  MemoryEngine engine;
  const FenceEpoch epoch = *engine.AcquireFence();
  ASSERT_OK(journal->Append(5, epoch, BatchOf(5)));
  EXPECT_THAT(ReplayInto(*journal, &engine, epoch), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK(engine.Commit(BatchOf(6), epoch));
  EXPECT_THAT(ReplayInto(*journal, &engine, epoch), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(JournalFormatTest, ABatchComesBackAndNothingElseIsDecoded) {
  const std::string bytes = EncodeBatch(BatchOf(3));
  const auto batch = DecodeBatch(bytes);
  ASSERT_OK(batch);
  EXPECT_EQ(EncodeBatch(*batch), bytes);
  EXPECT_THAT(DecodeBatch(bytes + "x"), StatusIs(absl::StatusCode::kDataLoss));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeBatch(absl::string_view(bytes).substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(JournalFormatTest, RandomBytesAreNoSegmentOrEndEarly) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(kSegmentMagic);
    for (size_t i = random() % 200; i > 0; --i) bytes.push_back(static_cast<char>(random()));
    const auto content = ReadSegment(bytes);
    if (content.ok()) EXPECT_LE(content->end, bytes.size());
  }
}

}  // namespace
}  // namespace birthseal::store
