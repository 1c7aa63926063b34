// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/file_state.h"

#include <sys/stat.h>

#include "certs/canonical.h"
#include "certs/digest.h"
#include "clients/witness/witness.h"
#include "tests/support/small_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::witness {
namespace {

using tests::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

std::vector<Update> Some(int first, int count) {
  std::vector<Update> updates;
  for (int i = first; i < first + count; ++i) {
    updates.push_back({"leaf " + std::to_string(i), std::vector<std::string>(i % 3, "change")});
  }
  return updates;
}

void ExpectSame(const std::vector<Update>& a, const std::vector<Update>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].leaf, b[i].leaf);
    EXPECT_EQ(a[i].changes, b[i].changes);
  }
}

class FileStateTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    state_.reset();  // the lock first
    auto opened = FileState::Open(path_);
    ASSERT_OK(opened);
    state_ = *std::move(opened);
  }
  tests::TempDir dir_;
  const std::string path_ = dir_.Join("a/witness");
  std::unique_ptr<FileState> state_;
};

TEST_F(FileStateTest, KeepsWhatWasSavedAndReplacesItWhole) {
  EXPECT_EQ(*state_->Load(), "");
  ASSERT_OK(state_->Save("one"));
  ASSERT_OK(state_->Save("two"));
  Open();
  EXPECT_EQ(*state_->Load(), "two");
  struct stat facts {};
  ASSERT_EQ(stat((path_ + "/state").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(FileStateTest, ADamagedStateIsNeverTakenForAnother) {
  ASSERT_OK(state_->Save("state"));
  const std::string good = tests::ReadFile(path_ + "/state");
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    tests::WriteFile(path_ + "/state", bad);
    EXPECT_THAT(state_->Load(), StatusIs(kDataLoss, "WITNESS_STATE")) << bit;
  }
  // Nothing with its right sum is not "none yet": a witness that began anew might contradict
  // itself.
  for (const std::string& none : {std::string(), certs::Bytes(certs::Sm3Of(""))}) {
    tests::WriteFile(path_ + "/state", none);
    EXPECT_THAT(state_->Load(), StatusIs(kDataLoss, "WITNESS_STATE"));
  }
}

TEST_F(FileStateTest, OneProcessWritesAndOthersMayLook) {
  EXPECT_THAT(FileState::Open(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition, "WITNESS_STATE_IN_USE"));
  EXPECT_THAT(FileState::OpenReadOnly(path_),
              StatusIs(absl::StatusCode::kNotFound, "WITNESS_STATE"));
  ASSERT_OK(state_->Save("state"));
  ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(0), Some(0, 2)));
  auto reader = FileState::OpenReadOnly(path_);
  ASSERT_OK(reader);
  EXPECT_EQ(*(*reader)->Load(), "state");
  ExpectSame(*(*reader)->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(0), 9), Some(0, 2));
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT((*reader)->Save("other"), StatusIs(kPrecondition));
  EXPECT_THAT((*reader)->Mirror(certs::LogEpoch(1), certs::LeafIndex(0), {}),
              StatusIs(kPrecondition));
  EXPECT_THAT((*reader)->Keep({}), StatusIs(kPrecondition));
  EXPECT_EQ(*state_->Load(), "state");
  ExpectSame(*state_->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(0), 9), Some(0, 2));
  EXPECT_TRUE(state_->EvidenceKept().empty());
  EXPECT_EQ(*(*reader)->MirrorSize(certs::LogEpoch(2)), certs::LogSize(0));
}

TEST_F(FileStateTest, MirrorsEpochsAndReplacesTails) {
  EXPECT_EQ(*state_->MirrorSize(certs::LogEpoch(1)), certs::LogSize(0));
  ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(0), Some(0, 5)));
  ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(5), Some(5, 2000)));
  ASSERT_OK(state_->Mirror(certs::LogEpoch(2), certs::LeafIndex(0), Some(7, 1)));
  EXPECT_THAT(state_->Mirror(certs::LogEpoch(2), certs::LeafIndex(2), Some(0, 1)),
              StatusIs(kDataLoss, "MIRROR_SHORT"));
  Open();
  EXPECT_EQ(*state_->MirrorSize(certs::LogEpoch(1)), certs::LogSize(2005));
  ExpectSame(*state_->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(0), 3000), Some(0, 2005));
  ExpectSame(*state_->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(2003), 9), Some(2003, 2));
  EXPECT_TRUE(state_->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(2005), 9)->empty());
  ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(3), Some(100, 2)));
  ASSERT_OK(state_->Mirror(certs::LogEpoch(2), certs::LeafIndex(0), {}));
  Open();
  EXPECT_EQ(*state_->MirrorSize(certs::LogEpoch(1)), certs::LogSize(5));
  ExpectSame(*state_->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(3), 9), Some(100, 2));
  EXPECT_EQ(*state_->MirrorSize(certs::LogEpoch(2)), certs::LogSize(0));
}

TEST_F(FileStateTest, WhatAPowerCutLeftOfARecordIsCutOff) {
  ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(0), Some(0, 3)));
  const std::string file = path_ + "/mirror/1", whole = tests::ReadFile(file);
  const size_t last = MirrorRecord(Some(2, 1)[0]).size();
  for (size_t left = 0; left < last; ++left) {
    tests::WriteFile(file, whole.substr(0, whole.size() - last + left));
    Open();
    EXPECT_EQ(*state_->MirrorSize(certs::LogEpoch(1)), certs::LogSize(2));
    ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(2), Some(2, 1)));
    EXPECT_EQ(tests::ReadFile(file), whole);
  }
  tests::WriteFile(file, whole.substr(0, whole.size() - last) + std::string(last, '\0'));
  Open();
  EXPECT_EQ(*state_->MirrorSize(certs::LogEpoch(1)), certs::LogSize(2));
}

TEST_F(FileStateTest, ADamagedRecordIsAnError) {
  ASSERT_OK(state_->Mirror(certs::LogEpoch(1), certs::LeafIndex(0), Some(0, 3)));
  const std::string file = path_ + "/mirror/1", whole = tests::ReadFile(file);
  const size_t first = MirrorRecord(Some(0, 1)[0]).size();
  for (size_t byte = 4; byte < first; ++byte) {  // the length itself moves what follows
    std::string bad = whole;
    bad[byte] = static_cast<char>(bad[byte] ^ 1);
    tests::WriteFile(file, bad);
    Open();
    EXPECT_THAT(state_->ReadMirror(certs::LogEpoch(1), certs::LeafIndex(0), 3),
                StatusIs(kDataLoss, "MIRROR_RECORD"))
        << byte;
  }
}

// With a right sum, as no disk makes them.
TEST(MirrorRecordTest, ARecordOfAnotherFormIsRefused) {
  const auto record = [](const std::string& body) {
    const std::string size = {0, 0, 0, static_cast<char>(body.size())};
    return size + certs::Bytes(certs::Sm3Of(body)).substr(0, 8) + body;
  };
  const auto writer = [] { return certs::CanonicalWriter("birthseal/mirror-record/v1"); };
  const std::string good = writer().Nested(1, "leaf").Nested(2, "change").Finish();
  ASSERT_EQ(record(good), MirrorRecord({"leaf", {"change"}}));
  EXPECT_OK(ParseMirrorRecord(record(good)));
  const std::string bad[] = {record(writer().Nested(2, "change").Finish()),
                             record(writer().Nested(1, "leaf").Nested(3, "more").Finish()),
                             record(certs::CanonicalWriter("another").Nested(1, "leaf").Finish()),
                             record(good) + "x",
                             record(good).substr(0, 20),
                             record(good).substr(0, 11),
                             ""};
  for (const std::string& bytes : bad) {
    EXPECT_THAT(ParseMirrorRecord(bytes), StatusIs(kDataLoss, "MIRROR_RECORD")) << bytes.size();
  }
}

TEST_F(FileStateTest, KeepsEvidenceApart) {
  Evidence evidence{"LOG_FORKED",
                    "two histories",
                    absl::FromUnixSeconds(1'740'000'000),
                    "known",
                    "offered",
                    certs::LogEpoch(2),
                    certs::LeafIndex(7),
                    Some(0, 2)};
  ASSERT_OK(state_->Keep(evidence));
  ASSERT_OK(state_->Keep(evidence));
  EXPECT_EQ(state_->EvidenceKept(), (std::vector<std::string>{"20250219T212000Z-LOG_FORKED",
                                                              "20250219T212000Z-LOG_FORKED-2"}));
  const std::string folder = path_ + "/evidence/20250219T212000Z-LOG_FORKED/";
  EXPECT_EQ(tests::ReadFile(folder + "known.note"), "known");
  EXPECT_EQ(tests::ReadFile(folder + "offered.note"), "offered");
  EXPECT_EQ(tests::ReadFile(folder + "updates"),
            MirrorRecord(evidence.updates[0]) + MirrorRecord(evidence.updates[1]));
  EXPECT_NE(tests::ReadFile(folder + "reason.txt").find("leaf 7"), std::string::npos);
}

}  // namespace
}  // namespace birthseal::witness
