// SPDX-License-Identifier: Apache-2.0
// The journal on a disk that fails, and over files that somebody else wrote: whatever the disk says
// comes out, and nothing but the writer's own bytes is read.
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "birthseal/storage/v1/record.pb.h"
#include "libdeflate.h"
#include "store/journal/file_system.h"
#include "store/journal/journal.h"
#include "store/journal/journal_segment.h"
#include "store/keys.h"
#include "store/memory_engine.h"
#include "tests/support/failing_engine.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::store {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using tests::ExpectEveryFaultComesOut;
using tests::StatusIs;

WriteBatch BatchOf(uint64_t sequence) {
  storage::v1::Meta meta;
  meta.set_batch_sequence(sequence);
  WriteBatch batch;
  batch.Put(Family::kMeta, MetaKey(), meta.SerializeAsString());
  batch.Put(Family::kAudit, IndexKey(sequence), "entry");
  return batch;
}

std::string Records(std::initializer_list<uint64_t> sequences) {
  std::string bytes(kSegmentMagic);
  for (const uint64_t sequence : sequences)
    bytes += FrameRecord(sequence, FenceEpoch(1), BatchOf(sequence));
  return bytes;
}

class JournalFaultsTest : public testing::Test {
 protected:
  std::string dir() const { return temp_.Join("journal"); }
  std::string Segment(uint64_t first) const {
    const std::string name = absl::StrCat(first);
    return dir() + "/" + std::string(20 - name.size(), '0') + name + ".journal";
  }
  // The journal begins anew with these segments, by first sequence.
  void Begin(const std::vector<std::pair<uint64_t, std::string>>& segments) {
    fs::remove_all(dir());
    if (segments.empty()) return;
    fs::create_directory(dir());
    for (const auto& [first, bytes] : segments) tests::WriteFile(Segment(first), bytes);
  }
  absl::StatusOr<std::unique_ptr<Journal>> Open() { return Journal::Open(dir(), &files_); }
  static absl::Status ReadAll(const Journal& journal, uint64_t after = 0) {
    return journal.Read(after, [](const JournalRecord&) { return absl::OkStatus(); });
  }

  tests::TempDir temp_;
  tests::Faults faults_;
  tests::FailingFileSystem files_{FileSystem::Posix(), &faults_};
};

TEST_F(JournalFaultsTest, EachCallOfOpenComesOut) {
  ExpectEveryFaultComesOut(&faults_, [&] {
    Begin({{1, Records({1, 2})}, {3, Records({3, 4}) + "torn"}});
    return Open().status();
  });
  ExpectEveryFaultComesOut(&faults_, [&] {
    Begin({});
    return Open().status();
  });
}

TEST_F(JournalFaultsTest, EachCallOfTheFirstAppendComesOut) {
  ExpectEveryFaultComesOut(&faults_, [&]() -> absl::Status {
    Begin({{1, std::string(kSegmentMagic)}});  // a crash left it without a record
    ASSIGN_OR_RETURN(const std::unique_ptr<Journal> journal, Open());
    return journal->Append(1, FenceEpoch(1), BatchOf(1));
  });
}

TEST_F(JournalFaultsTest, EachCallOfReadComesOut) {
  Begin({{1, Records({1, 2})}, {3, Records({3, 4})}});
  const auto journal = Open();
  ASSERT_OK(journal);
  ExpectEveryFaultComesOut(&faults_, [&] { return ReadAll(**journal); });
}

TEST_F(JournalFaultsTest, AfterAFailedAppendNothingIsAppended) {
  Begin({});
  const auto journal = Open();
  ASSERT_OK(journal);
  ASSERT_OK((*journal)->Append(1, FenceEpoch(1), BatchOf(1)));
  faults_.FailAfter(1);  // the sync
  EXPECT_THAT((*journal)->Append(2, FenceEpoch(1), BatchOf(2)),
              StatusIs(StatusCode::kInternal, tests::kInjected));
  faults_.Stop();
  EXPECT_THAT((*journal)->Append(2, FenceEpoch(1), BatchOf(2)),
              StatusIs(StatusCode::kUnavailable, "JOURNAL_POISONED"));
}

TEST_F(JournalFaultsTest, AVisitorThatFailsEndsTheReading) {
  Begin({{1, Records({1, 2})}, {3, Records({3, 4})}});
  const auto journal = Open();
  ASSERT_OK(journal);
  for (uint64_t bad = 1; bad <= 4; ++bad) {
    uint64_t last = 0;
    const absl::Status status = (*journal)->Read(0, [&](const JournalRecord& record) {
      last = record.sequence;
      return last == bad ? absl::AbortedError("enough") : absl::OkStatus();
    });
    EXPECT_THAT(status, StatusIs(StatusCode::kAborted));
    EXPECT_EQ(last, bad);
  }
}

TEST_F(JournalFaultsTest, ThereIsNoSequenceZero) {
  Begin({});
  const auto journal = Open();
  ASSERT_OK(journal);
  EXPECT_THAT((*journal)->Append(0, FenceEpoch(1), BatchOf(0)),
              StatusIs(StatusCode::kFailedPrecondition, "JOURNAL_ORDER"));
}

TEST_F(JournalFaultsTest, SegmentsThatDoNotFollowOneAnotherAreDamaged) {
  const struct {
    const char* name;
    std::string first, second;
  } rows[] = {
      {"a hole", Records({1, 3}), Records({4})},
      {"a hole between both", Records({1}), Records({4})},
      {"back", Records({1, 2}), Records({1})},
      {"an older one ends early", Records({1, 2, 3}) + "torn", Records({4})},
  };
  for (const auto& row : rows) {
    Begin({{1, row.first}, {4, row.second}});
    const auto journal = Open();
    ASSERT_OK(journal) << row.name;
    EXPECT_THAT(ReadAll(**journal), StatusIs(StatusCode::kDataLoss, "JOURNAL_DAMAGED")) << row.name;
  }
}

TEST_F(JournalFaultsTest, ASegmentOfAnotherFormatIsNone) {
  std::string bytes = Records({1});
  bytes[kSegmentMagic.size() - 1] = 2;
  Begin({{1, bytes}});
  EXPECT_THAT(Open(), StatusIs(StatusCode::kDataLoss, "JOURNAL_DAMAGED"));
}

TEST_F(JournalFaultsTest, EachCallOfReplayComesOut) {
  Begin({{1, Records({1, 2, 3})}});
  const auto journal = Open();
  ASSERT_OK(journal);
  std::unique_ptr<MemoryEngine> engine;
  ExpectEveryFaultComesOut(&faults_, [&] {
    engine = std::make_unique<MemoryEngine>();
    const FenceEpoch epoch = *engine->AcquireFence();
    tests::FailingEngine failing(engine.get(), &faults_, &faults_);
    return ReplayInto(**journal, &failing, epoch).status();
  });
  EXPECT_OK(engine->NewSnapshot()->Get(Family::kAudit, IndexKey(3)));
}

TEST_F(JournalFaultsTest, AnEngineWhoseCountersCannotBeReadIsNotReplayedInto) {
  Begin({{1, Records({1})}});
  const auto journal = Open();
  ASSERT_OK(journal);
  MemoryEngine engine;
  const FenceEpoch epoch = *engine.AcquireFence();
  WriteBatch batch;
  batch.Put(Family::kMeta, MetaKey(), "\xff");
  ASSERT_OK(engine.Commit(batch, epoch));
  EXPECT_THAT(ReplayInto(**journal, &engine, epoch),
              StatusIs(StatusCode::kDataLoss, "JOURNAL_DAMAGED"));
}

TEST_F(JournalFaultsTest, ABatchBeyondTheBoundsIsRefusedAndTheJournalEnds) {
  Begin({});
  const auto journal = Open();
  ASSERT_OK(journal);
  WriteBatch batch;
  batch.Put(Family::kBodies, "key", std::string(kMaxRecord, 'b'));
  EXPECT_THAT((*journal)->Append(1, FenceEpoch(1), batch),
              StatusIs(StatusCode::kInvalidArgument, "BATCH_TOO_LARGE"));
  EXPECT_FALSE(fs::exists(Segment(1)));
}

TEST(JournalFormatTest, TheSizeOfARecordIsKnownBeforeItIsMade) {
  WriteBatch batch = BatchOf(1);
  batch.Erase(Family::kReviews, "key");
  EXPECT_EQ(SizeOfRecord(batch), FrameRecord(1, FenceEpoch(1), batch).size());
}

TEST(JournalFormatTest, ABatchOfNoFamilyOrOperationIsNotDecoded) {
  const std::string good = EncodeBatch(BatchOf(1));
  ASSERT_OK(DecodeBatch(good));
  for (const auto& [at, value] : {std::pair<size_t, char>(4, kFamilyCount), {5, 3}, {5, 0}}) {
    std::string bytes = good;
    bytes[at] = value;
    EXPECT_THAT(DecodeBatch(bytes), StatusIs(StatusCode::kDataLoss, "JOURNAL_DAMAGED")) << at;
  }
}

// Also right behind the key of its last change, where an empty value would fit.
TEST(JournalFormatTest, ABatchCutAnywhereIsNotDecoded) {
  const std::string good = EncodeBatch(BatchOf(1));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(DecodeBatch(absl::string_view(good).substr(0, size)),
                StatusIs(StatusCode::kDataLoss, "JOURNAL_DAMAGED"))
        << size;
  }
}

// A sum that fits what is too short to hold a sequence and an epoch.
TEST(JournalFormatTest, ARecordWithoutItsFixedFieldsEndsTheSegment) {
  const std::string payload = "too short";
  std::string record(kSegmentMagic);
  for (const uint32_t value : {static_cast<uint32_t>(payload.size()),
                               libdeflate_crc32(0, payload.data(), payload.size())}) {
    for (int shift = 24; shift >= 0; shift -= 8)
      record.push_back(static_cast<char>(value >> shift));
  }
  record += payload + std::string(20, '\0');
  const auto content = ReadSegment(record);
  ASSERT_OK(content);
  EXPECT_TRUE(content->entries.empty());
  EXPECT_EQ(content->end, kSegmentMagic.size());
}

TEST(JournalFormatTest, ARecordLongerThanAnyEndsTheSegmentThoughItsSumFits) {
  WriteBatch batch;
  batch.Put(Family::kBodies, "key", "value");
  const std::string record = FrameRecord(1, FenceEpoch(1), batch);
  const size_t payload = record.size() - 8;  // length and sum
  const std::string segment = std::string(kSegmentMagic) + record;
  for (const auto& [longest, entries] : {std::pair(payload, 1u), {payload - 1, 0u}}) {
    const auto content = ReadSegment(segment, longest);
    ASSERT_OK(content);
    EXPECT_EQ(content->entries.size(), entries) << longest;
  }
}

}  // namespace
}  // namespace birthseal::store
