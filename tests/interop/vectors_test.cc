// SPDX-License-Identifier: Apache-2.0
// The vectors under the independent checker in Python (check_proofs.py).
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "certs/proof/uniqueness.h"
#include "tests/interop/vectors.h"
#include "tests/support/places.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::tests {
namespace {

std::string Folder() { return absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/tests/interop/"); }

int Shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const AllVectors& Made() {
  static const AllVectors made = MakeVectors(ReadFile(Folder() + "vectors/sm2_signatures.txt"));
  return made;
}

const std::string& Content(absl::string_view kind) {
  static std::string content;
  for (const VectorFile& file : Made().files) {
    if (file.kind() == kind) content = file.Json();
  }
  return content;
}

TEST(VectorsTest, OurOwnCheckersJudgeEveryCaseAsItSays) {
  for (const VectorFile& file : Made().files) {
    EXPECT_THAT(file.disagreements(), testing::IsEmpty()) << file.kind();
  }
}

TEST(VectorsTest, TheCommittedFilesAreTheseByteForByte) {
  const std::string hint = "build/release/tests/interop/make_vectors tests/interop/vectors";
  for (const VectorFile& file : Made().files) {
    const std::string path = absl::StrCat(Folder(), "vectors/", file.kind(), ".json");
    EXPECT_TRUE(ReadFile(path) == file.Json()) << path << " is old; run " << hint;
  }
  EXPECT_TRUE(ReadFile(Folder() + "vectors/sm2_signatures.txt") == Made().signatures) << hint;
}

class CheckProofsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Shell("python3 -c '' 2>/dev/null") != 0)
      GTEST_FAIL() << "python3 is not installed: ./dev setup";
  }
  int Check(const std::string& arguments) {
    return Shell(absl::StrCat("python3 -B ", Folder(), "check_proofs.py ", arguments, " >",
                              dir_.Join("out"), " 2>&1"));
  }
  std::string Output() { return ReadFile(dir_.Join("out")); }
  std::string File(const std::string& name, const std::string& content) {
    WriteFile(dir_.Join(name), content);
    return dir_.Join(name);
  }
  TempDir dir_;
};

TEST_F(CheckProofsTest, ItsPrimitivesGiveThePublishedAnswers) {
  EXPECT_EQ(Check("--known-answers"), 0) << Output();
}

TEST_F(CheckProofsTest, AcceptsEveryGoodCaseAndRefusesEveryBrokenOne) {
  EXPECT_EQ(Check(absl::StrCat("--vectors ", Folder(), "vectors")), 0) << Output();
}

// A checker that says yes, or no, to everything must not pass.
TEST_F(CheckProofsTest, NoticesACaseThatIsNotAsItSays) {
  File("inclusion.json",
       absl::StrReplaceAll(Content("inclusion"), {{"\"good\": false", "\"good\": true"}}));
  EXPECT_EQ(Check(absl::StrCat("--vectors ", dir_.path())), 1);
  EXPECT_THAT(Output(), testing::HasSubstr("WRONG inclusion: siblings swapped"));
  File("inclusion.json",
       absl::StrReplaceAll(Content("inclusion"), {{"\"good\": true", "\"good\": false"}}));
  EXPECT_EQ(Check(absl::StrCat("--vectors ", dir_.path())), 1);
  EXPECT_THAT(Output(), testing::HasSubstr("WRONG inclusion: leaf 0 of 1"));
}

class PlainFilesTest : public CheckProofsTest {
 protected:
  PlainFilesTest() : keys_(ReadFile(Folder() + "vectors/sm2_signatures.txt")), story_(&keys_) {
    File("log.pem", keys_.log_sm2().pem());
    File("log-ed25519.pem", keys_.log_ed25519().pem());
    File("vrf.pem", keys_.vrf_pem());
    for (size_t i : {0, 1}) File(absl::StrCat("witness", i, ".pem"), keys_.witness(i).pem());
    trust_ = absl::StrCat(" --log-key ", dir_.Join("log.pem"), " --log-key ",
                          dir_.Join("log-ed25519.pem"), " --quorum 2");
    for (size_t i : {0, 1}) {
      absl::StrAppend(&trust_, " --witness ", keys_.witness(i).name(), "=",
                      dir_.Join(absl::StrCat("witness", i, ".pem")));
    }
  }
  VectorKeys keys_;
  VectorStory story_;
  std::string trust_;
};

TEST_F(PlainFilesTest, ACheckpointAsItIsPublished) {
  const certs::TreeHead head = story_.log.Head();
  EXPECT_EQ(Check(absl::StrCat("checkpoint ", File("good", keys_.Note(head, {0, 1})), trust_)), 0)
      << Output();
  EXPECT_EQ(Check(absl::StrCat("checkpoint ", File("bad", keys_.Note(head, {0})), trust_)), 1);
  EXPECT_THAT(Output(), testing::HasSubstr("REFUSED: checkpoint: 1 of 2 wanted witnesses"));
  EXPECT_EQ(Check(absl::StrCat("checkpoint ", dir_.Join("absent"), trust_)), 1);
  EXPECT_EQ(Check(""), 2);
}

TEST_F(PlainFilesTest, AProofOfUniquenessAsItIsAnswered) {
  const BirthFacts& facts = story_.births[0];
  const certs::UniquenessProof proof{keys_.vrf().Prove(facts.Alpha()).value(),
                                     NaiveProof(story_.MapAt(13), story_.Label(facts)),
                                     keys_.Note(story_.log.HeadAt(13), {0, 1})};
  const std::string asked =
      absl::StrCat("uniqueness ", File("proof", Canonical(proof)), trust_, " --vrf-key ",
                   dir_.Join("vrf.pem"), " --birth-date 2025-12-31 --mother-id ");
  EXPECT_EQ(Check(asked + facts.id_number), 0) << Output();
  EXPECT_THAT(Output(), testing::HasSubstr("status index 2 is live"));
  EXPECT_EQ(Check(asked + story_.stranger.id_number), 1);
}

// Ed25519 signatures are those of C2SP notes: any tool that knows Ed25519 can check them.
TEST_F(PlainFilesTest, OpensslAcceptsTheEd25519SignatureOfANote) {
  if (Shell("openssl version >/dev/null 2>&1") != 0)
    GTEST_FAIL() << "openssl is not installed: ./dev setup";
  const certs::Checkpoint note = *certs::ParseCheckpoint(keys_.Note(story_.log.Head()));
  const auto verify = [&](const std::string& body) {
    return Shell(absl::StrCat("openssl pkeyutl -verify -rawin -pubin -inkey ",
                              dir_.Join("log-ed25519.pem"), " -in ", File("body", body),
                              " -sigfile ", File("signature", note.signatures[1].signature),
                              " >/dev/null 2>&1"));
  };
  EXPECT_EQ(verify(note.body), 0);
  EXPECT_NE(verify(note.body + "\n"), 0);
}

}  // namespace
}  // namespace birthseal::tests
