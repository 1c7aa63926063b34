// SPDX-License-Identifier: Apache-2.0
// The folder of a witness as a recovery reads it: whole, cut short, damaged, or not what it says.
#include "store/restore/file_mirror.h"

#include <filesystem>

#include "certs/canonical.h"
#include "certs/digest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CanonicalWriter;

std::string StateOf(const std::string& note) {
  CanonicalWriter state("birthseal/witness-state/v1");
  state.Text(1, "birthseal.example/log").Nested(2, "log state").Text(3, note);
  return state.Finish();
}
std::string Summed(const std::string& state) { return state + certs::Bytes(certs::Sm3Of(state)); }
std::string Body(const std::string& leaf, const std::vector<std::string>& changes = {}) {
  CanonicalWriter body("birthseal/mirror-record/v1");
  body.Nested(1, leaf);
  for (const std::string& change : changes) body.Nested(2, change);
  return body.Finish();
}
std::string Record(const std::string& body) {
  std::string record;
  for (int shift = 24; shift >= 0; shift -= 8) {
    record.push_back(static_cast<char>(body.size() >> shift));
  }
  return record + certs::Bytes(certs::Sm3Of(body)).substr(0, 8) + body;
}

class FileMirrorTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(temp_.Join("mirror"));
    WriteFile(temp_.Join("state"), Summed(StateOf("the note")));
  }
  absl::StatusOr<std::vector<store::RecoverLeaves::Item>> Read(const std::string& records) {
    WriteFile(temp_.Join("mirror/1"), records);
    auto mirror = store::FileMirror::Open(temp_.path());
    EXPECT_OK(mirror);
    return (*mirror)->Read(1, 0, 10);
  }
  TempDir temp_;
};

TEST_F(FileMirrorTest, WhatTheWitnessWroteIsRead) {
  EXPECT_EQ((*store::FileMirror::Open(temp_.path()))->note(), "the note");
  const auto items =
      Read(Record(Body("leaf 0", {"change 0", "change 1"})) + Record(Body("leaf 1")));
  ASSERT_OK(items);
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ(items->at(0).leaf, "leaf 0");
  EXPECT_EQ(items->at(0).changes, (std::vector<std::string>{"change 0", "change 1"}));
  EXPECT_EQ(items->at(1).leaf, "leaf 1");
  EXPECT_TRUE(items->at(1).changes.empty());
}

TEST_F(FileMirrorTest, ARecordCutShortAtTheEndIsNotThereYet) {
  const std::string first = Record(Body("leaf 0")), second = Record(Body("leaf 1"));
  for (size_t size = 0; size < second.size(); ++size) {
    const auto items = Read(first + second.substr(0, size));
    ASSERT_OK(items) << size;
    EXPECT_EQ(items->size(), 1u) << size;
  }
}

// What is not there any more would be read as zeros, which this record ends with.
TEST_F(FileMirrorTest, AFileThatWasCutSinceItWasLookedThroughIsRefused) {
  const std::string record = Record(Body(std::string("leaf\0", 5)));
  WriteFile(temp_.Join("mirror/1"), record);
  const auto mirror = store::FileMirror::Open(temp_.path());
  ASSERT_OK(mirror);
  ASSERT_OK((*mirror)->Read(1, 0, 10));
  WriteFile(temp_.Join("mirror/1"), record.substr(0, record.size() - 1));
  EXPECT_THAT((*mirror)->Read(1, 0, 10), StatusIs(StatusCode::kDataLoss, "MIRROR_RECORD"));
}

TEST_F(FileMirrorTest, AStateThatIsNoneIsRefused) {
  std::string flipped = Summed(StateOf("the note"));
  flipped[flipped.size() - 33] ^= 1;  // in the note
  const std::pair<const char*, std::string> rows[] = {
      {"empty", ""},
      {"shorter than a sum", std::string(31, 's')},
      {"a sum alone", Summed("")},
      {"flipped", flipped},
      {"without a note", Summed(StateOf(""))},
      {"of another kind", Summed("something else")},
  };
  for (const auto& [name, bytes] : rows) {
    WriteFile(temp_.Join("state"), bytes);
    EXPECT_THAT(store::FileMirror::Open(temp_.path()),
                StatusIs(StatusCode::kDataLoss, "MIRROR_STATE"))
        << name;
  }
  EXPECT_THAT(store::FileMirror::Open(temp_.Join("none")), StatusIs(StatusCode::kNotFound));
}

TEST_F(FileMirrorTest, ARecordThatIsNoneIsRefused) {
  std::string flipped = Record(Body("leaf 0"));
  flipped.back() ^= 1;
  EXPECT_THAT(Read(flipped), StatusIs(StatusCode::kDataLoss, "MIRROR_RECORD"));
  EXPECT_THAT(Read(Record(CanonicalWriter("birthseal/mirror-record/v1").Finish())),
              StatusIs(StatusCode::kDataLoss, "MIRROR_RECORD"));
  CanonicalWriter more("birthseal/mirror-record/v1");
  more.Nested(1, "leaf 0").Text(3, "more");
  EXPECT_THAT(Read(Record(more.Finish())),
              StatusIs(StatusCode::kInvalidArgument, "CANONICAL_FORM"));
}

}  // namespace
}  // namespace birthseal::tests
