// SPDX-License-Identifier: Apache-2.0
// The signed note of a checkpoint: one spelling for each value, line by line.
#include "certs/proof/checkpoint.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using ::birthseal::tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kDash[] = "\xE2\x80\x94 ";

TreeHead Head() { return {"o", 3, Sm3Of("r"), {}, absl::FromUnixSeconds(1'780'000'000)}; }
std::string Note() { return FormatCheckpoint(CheckpointBody(Head()), {{"k", "hash", "sig"}}); }

TEST(CheckpointTest, ReadsBackWhatWasWritten) {
  const auto checkpoint = ParseCheckpoint(Note());
  ASSERT_OK(checkpoint);
  EXPECT_EQ(checkpoint->body, CheckpointBody(Head()));
  EXPECT_EQ(CheckpointBody(checkpoint->head), checkpoint->body);
  ASSERT_EQ(checkpoint->signatures.size(), 1u);
  EXPECT_EQ(checkpoint->signatures[0].key_name, "k");
  EXPECT_EQ(checkpoint->signatures[0].key_hash, "hash");
  EXPECT_EQ(checkpoint->signatures[0].signature, "sig");
}

TEST(CheckpointTest, RefusesEveryLineThatIsNotCanonical) {
  for (auto [from, to] : {std::pair<const char*, const char*>{"\n3\n", "\n03\n"},
                          {"\n3\n", "\n-3\n"},
                          {"\n3\n", "\n"},
                          {"o\n", "\n"},
                          {"map ", "mop "},
                          {"time ", "tyme "},
                          {"Z\n", "Z \n"},
                          {"Z\n", "Z\nmore\n"},
                          {"=\n", "\n"},
                          {"=\n", "\n=\n"},
                          {"\n\n", "\n"},
                          {"k ", "k  "}}) {
    const std::string changed = absl::StrReplaceAll(Note(), {{from, to}});
    ASSERT_NE(changed, Note()) << from;
    EXPECT_THAT(ParseCheckpoint(changed), StatusIs(kInvalid, "CHECKPOINT_FORM")) << to;
  }
}

// A body and one signature line, whole as it stands.
std::string Signed(const std::string& line) {
  return absl::StrCat(CheckpointBody(Head()), "\n", line);
}

TEST(CheckpointTest, RefusesEverySignatureLineThatIsNotCanonical) {
  const std::string dash = kDash;
  ASSERT_OK(ParseCheckpoint(Signed(dash + "k aGFzaHM=\n")));  // "hashs"
  const std::pair<const char*, std::string> cases[] = {
      {"no dash", "k aGFzaHM=\n"},
      {"a key hash and no signature", dash + "k aGFzaA==\n"},
      {"another spelling of the same bytes", dash + "k aGFzaHN=\n"},
      {"unpadded", dash + "k aGFzaHM\n"},
      {"no base64", dash + "k ????\n"},
      {"a name alone", dash + "k\n"},
      {"no name", dash + " aGFzaHM=\n"},
      {"a third part", dash + "k aGFzaHM= x\n"},
      {"another character for the newline", dash + "k aGFzaHM=x"},
      {"an empty line behind", dash + "k aGFzaHM=\n\n"},
      {"an empty line", "\n"},
      {"no line", ""},
  };
  for (const auto& [what, line] : cases) {
    EXPECT_THAT(ParseCheckpoint(Signed(line)), StatusIs(kInvalid, "CHECKPOINT_FORM")) << what;
  }
}

TEST(CheckpointTest, EverythingCutOffIsRefused) {
  const std::string note = Note();
  for (size_t size = 0; size < note.size(); ++size) {
    EXPECT_THAT(ParseCheckpoint(note.substr(0, size)), StatusIs(kInvalid, "CHECKPOINT_FORM"))
        << size;
  }
}

TEST(CheckpointTest, TheEpochIsReadFromTheOriginOfThisLogOnly) {
  EXPECT_EQ(*EpochOf(OriginOf("log.example", LogEpoch(3)), "log.example"), LogEpoch(3));
  for (const char* origin :
       {"", "log.example", "log.example/3", "log.example/03 sm3", "log.example/x sm3",
        "log.example/ sm3", "other.example/3 sm3", "log.example/3 sm3 ", "log.example/3 sha256"}) {
    EXPECT_THAT(EpochOf(origin, "log.example"), StatusIs(kInvalid, "CHECKPOINT_OF_ANOTHER_LOG"))
        << origin;
  }
}

TEST(CheckpointTest, AQuorumIsOfDifferentWitnessesAndNoneIsNoQuorum) {
  Checkpoint checkpoint;
  checkpoint.signatures = {{"a", "", "good"}, {"a", "", "good"}, {"b", "", "bad"}, {"c", "", ""}};
  const NoteVerifier good = [](absl::string_view, const NoteSignature& s) {
    return s.signature == "good";
  };
  WitnessPolicy policy{{{"a", good}, {"b", good}}, 1};
  EXPECT_OK(CheckQuorum(checkpoint, policy));
  const auto refused = StatusIs(absl::StatusCode::kUnauthenticated, "CHECKPOINT_NOT_WITNESSED");
  policy.quorum = 2;
  EXPECT_THAT(CheckQuorum(checkpoint, policy), refused);
  policy.quorum = 0;
  EXPECT_THAT(CheckQuorum(checkpoint, policy), refused);
}

}  // namespace
}  // namespace birthseal::certs
