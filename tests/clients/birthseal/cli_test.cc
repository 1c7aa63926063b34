// SPDX-License-Identifier: Apache-2.0
// The commands that work from files alone, as a person runs them.
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "tests/clients/birthseal/cli_fixture.h"
#include "tests/support/places.h"

namespace birthseal::cli {
namespace {

TEST_F(CliTest, ARightMirrorIsVerifiedShownAndQuiet) {
  Issue(1, kNoon);
  Witness();
  Ran ran = Run(absl::StrCat("audit verify --mirror ", dir_.Join("w"), LogKey()));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_NE(ran.output.find("VERIFIED"), std::string::npos) << ran.output;
  ran = Run(absl::StrCat("--json witness show --state ", dir_.Join("w")));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_NE(ran.output.find("\"size\":\"3\""), std::string::npos) << ran.output;
  ran = Monitor();
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_NE(ran.output.find("violations 违规 0"), std::string::npos) << ran.output;
}

TEST_F(CliTest, AReceiptIsGivenWithOneFileOnly) {
  for (const char* name : {"a.ofd", "b.ofd", "r"}) tests::WriteFile(dir_.Join(name), "x");
  const Ran ran = Run(absl::StrCat("verify ", dir_.Join("a.ofd"), " ", dir_.Join("b.ofd"),
                                   " --trust ", dir_.Join("."), " --receipt ", dir_.Join("r")));
  EXPECT_NE(ran.code, 0);
  EXPECT_NE(ran.output.find("RECEIPT_NEEDS_ONE_FILE"), std::string::npos) << ran.output;
}

TEST_F(CliTest, AMirrorThatWasTouchedIsNotVerified) {
  Issue(1, kNoon);
  Witness();
  const std::string path = dir_.Join("w/mirror/1");
  const std::string last = witness::MirrorRecord({log_.updates[2].leaf, log_.updates[2].changes});
  certs::Leaf other = *certs::ParseLeaf(log_.updates[2].leaf);
  other.commitment = certs::Sm3Of("another file");
  std::string bytes = tests::ReadFile(path);
  bytes.resize(bytes.size() - last.size());
  tests::WriteFile(path,
                   bytes + witness::MirrorRecord({Canonical(other), log_.updates[2].changes}));
  const Ran ran = Run(absl::StrCat("audit verify --mirror ", dir_.Join("w"), LogKey()));
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.output.find("LOG_FORKED"), std::string::npos) << ran.output;
}

// After a case of 2023: genuine certificates, sold for births that never were.
TEST_F(CliTest, TheMonitorPagesForSoldCertificatesOnce) {
  for (uint64_t i = 1; i <= 41; ++i) Issue(i, kNoon + static_cast<int64_t>(i));  // 40 announced
  Issue(42, kNoon + 12 * 60);
  Witness();
  tests::WriteFile(dir_.Join("page"), "#!/bin/sh\necho \"$1\" >> " + dir_.Join("paged") + "\n");
  ASSERT_EQ(std::system(("chmod 700 " + dir_.Join("page")).c_str()), 0);
  const std::string more =
      absl::StrCat("--state ", dir_.Join("m"), " --alarm-command ", dir_.Join("page"));
  Ran ran = Monitor(more);
  EXPECT_EQ(ran.code, 3) << ran.output;
  EXPECT_NE(ran.output.find("CEILING_EXCEEDED 当日签发数超过公布的接生能力"), std::string::npos)
      << ran.output;
  EXPECT_NE(ran.output.find("WARNING 警告 OUTSIDE_HOURS"), std::string::npos) << ran.output;
  EXPECT_EQ(tests::ReadFile(dir_.Join("paged")), "CEILING_EXCEEDED\n");
  ran = Monitor(more);  // told already
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_EQ(tests::ReadFile(dir_.Join("paged")), "CEILING_EXCEEDED\n");
}

TEST_F(CliTest, TwoNotesProveAFork) {
  Issue(1, kNoon);
  certs::TreeHead other = log_.Head();
  other.root = certs::Sm3Of("another");
  tests::WriteFile(dir_.Join("a"), Note(log_.Head()));
  tests::WriteFile(dir_.Join("b"), Note(other));
  tests::WriteFile(dir_.Join("c"), Note(log_.HeadAt(2)));
  const std::string compare = absl::StrCat("audit compare ", LogKey(), " ", dir_.Join("a"), " ");
  Ran ran = Run(compare + dir_.Join("b"));
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.output.find("LOG_FORKED 日志密钥对同一大小"), std::string::npos) << ran.output;
  EXPECT_NE(ran.output.find(Note(other)), std::string::npos);
  EXPECT_EQ(Run(compare + dir_.Join("a")).code, 0);
  EXPECT_EQ(Run(compare + dir_.Join("c")).code, 1);
  const std::string path =
      absl::StrCat("{\"path\": [\"", absl::Base64Escape(certs::View(log_.hashes[2])), "\"]}");
  tests::WriteFile(dir_.Join("proof.json"), path);
  ran = Run(compare + dir_.Join("c") + " --proof " + dir_.Join("proof.json"));
  EXPECT_EQ(ran.code, 0) << ran.output;
  tests::WriteFile(dir_.Join("d"), certs::FormatCheckpoint(certs::CheckpointBody(other),
                                                           {{kLogName, "hash", "signature"}}));
  ran = Run(compare + dir_.Join("d"));
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.output.find("CHECKPOINT_NOT_BY_LOG_KEY"), std::string::npos) << ran.output;
}

// The key is looked at once for each note, and standard input gives its bytes only once.
TEST_F(CliTest, AKeyFromStandardInputServesEveryNote) {
  Issue(1, kNoon);
  tests::WriteFile(dir_.Join("a"), Note(log_.Head()));
  const std::string pem = dir_.Join("log.pem");
  const std::string compare =
      absl::StrCat("audit compare ", dir_.Join("a"), " ", dir_.Join("a"), " --log-key ");
  Ran ran = Run(absl::StrCat(compare, "- < ", pem));
  EXPECT_EQ(ran.code, 0) << ran.output;
  ran = Run(absl::StrCat(compare, "/dev/stdin < ", pem));
  EXPECT_EQ(ran.code, 0) << ran.output;
  ran = tests::RunShell(absl::StrCat("cat ", pem, " | ", BIRTHSEAL_BINARY_DIR,
                                     "/clients/birthseal/birthseal ", compare, "/dev/stdin"));
  EXPECT_EQ(ran.code, 0) << ran.output;
}

TEST_F(CliTest, AFileThatCannotBeReadToItsEndIsRefused) {
  const Ran ran = Run(absl::StrCat("audit compare ", dir_.path(), " ", dir_.path(), LogKey()));
  EXPECT_EQ(ran.code, 1) << ran.output;
  EXPECT_NE(ran.output.find("[FILE]"), std::string::npos) << ran.output;
}

TEST_F(CliTest, RulesThatCannotBeReadNameTheField) {
  Witness();
  const std::string upper_case = "profile { name: 'x' sm3: '" + std::string(64, 'A') + "' }";
  const std::pair<const char*, const char*> bad[] = {
      {"everywhere { opens: \"8:00\" closes: \"18:00\" }", "everywhere.opens"},
      {"everywhere { opens: \"08:00\" closes: \"07:00\" }", "everywhere.closes"},
      {"everywhere { code: \"x\" }", "everywhere.code"},
      {"institution { issued_a_day: 3 }", "institution[0].code"},
      {"institution { code: \"x\" } institution { code: \"x\" }", "institution[1].code"},
      {"institution { code: \"x\" issued_a_day: -1 }", "institution[0].issued_a_day"},
      {"intent_open_minutes: -1", "intent_open_minutes"},
      {"operator_changes_a_day: -1", "operator_changes_a_day"},
      {"profile { version: 1 }", "profile[0].name"},
      {"profile { name: \"x\" sm3: \"12\" }", "profile[0].sm3"},
      {upper_case.c_str(), "profile[0].sm3"},
      {"no_such_rule: 1", "no_such_rule"}};
  for (const auto& [text, field] : bad) {
    tests::WriteFile(dir_.Join("r.textproto"), text);
    const Ran ran = Run(absl::StrCat("monitor --once --from-mirror ", dir_.Join("w"), " --rules ",
                                     dir_.Join("r.textproto")));
    EXPECT_EQ(ran.code, std::string(field) == "no_such_rule" ? 2 : 1) << text;
    EXPECT_NE(ran.output.find(field), std::string::npos) << ran.output;
  }
}

}  // namespace
}  // namespace birthseal::cli
