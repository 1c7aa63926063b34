// The commands that work from files alone, as a person runs them.
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/birthseal/note_signer.h"
#include "clients/birthseal/operator_key.h"
#include "clients/witness/file_state.h"
#include "clients/witness/witness.h"
#include "signer/note_key.h"
#include "tests/clients/fresh_key.h"
#include "tests/support/places.h"
#include "tests/support/shell.h"
#include "tests/support/small_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::cli {
namespace {

using certs::LeafKind;
using tests::FreshPrivatePem;
using tests::LabelOf;
using tests::Ran;
using tests::SmallLog;

constexpr char kLogName[] = "birthseal.example/log";
constexpr char kHospital[] = "12990101MA0A123492";  // of deploy/config/monitor-rules.textproto
constexpr int64_t kNoon = 29'368'800 - 480 + 720;   // 2025-11-03 12:00 in Asia/Shanghai

class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_key_ = FreshPrivatePem();
    tests::WriteFile(dir_.Join("log.pem"), *PublicPemOf(log_key_));
    tests::WriteFile(dir_.Join("witness.key"), FreshPrivatePem());
    certs::Leaf seal = SmallLog::LeafOf(LeafKind::kSealEnrolled, 0);
    Add(seal, kNoon - 1440);
  }
  void Add(certs::Leaf leaf, int64_t minute, std::vector<std::string> changes = {}) {
    leaf.institution_code = kHospital;
    leaf.log_minute = minute;
    log_.Add(leaf, std::move(changes));
  }
  void Issue(uint64_t status, int64_t minute) {
    Add(SmallLog::LeafOf(LeafKind::kIntent, status), minute);
    std::vector<std::string> change = {log_.Change(LabelOf(static_cast<int>(status)), status)};
    Add(SmallLog::LeafOf(LeafKind::kIssued, status, log_.updates.size()), minute,
        std::move(change));
  }
  std::string Note(const certs::TreeHead& head) const {
    const std::string body = certs::CheckpointBody(head);
    const auto key = OperatorKey::FromPem(log_key_);
    const auto id = signer::NoteKeyIdOf(kLogName, (*key)->PublicSpki(), signer::NoteKeyUse::kLog);
    return certs::FormatCheckpoint(body, {{kLogName, id->hash, *(*key)->Sign(body)}});
  }
  // A witness's folder that has followed the log to its end.
  void Witness() {
    witness::WitnessOptions options;
    options.log_name = kLogName;
    options.log_keys = {
        *signer::NoteVerifierFromPem(kLogName, tests::ReadFile(dir_.Join("log.pem")))};
    options.cosign = *CosignerOf("police.example", tests::ReadFile(dir_.Join("witness.key")));
    options.now = [] { return absl::FromUnixSeconds(60 * kNoon); };
    auto state = witness::FileState::Open(dir_.Join("w"));
    ASSERT_OK(state);
    auto witness = witness::Witness::Open(std::move(options), state->get());
    ASSERT_OK(witness);
    const auto list = [this](uint64_t, uint64_t first, int count) {
      std::vector<witness::Update> updates;
      for (size_t i = first; i < log_.updates.size() && updates.size() < size_t(count); ++i) {
        updates.push_back({log_.updates[i].leaf, log_.updates[i].changes});
      }
      return absl::StatusOr<std::vector<witness::Update>>(std::move(updates));
    };
    ASSERT_OK((*witness)->Offer(Note(log_.Head()), list));
  }
  Ran Run(const std::string& arguments) const {
    return tests::RunShell(
        absl::StrCat(BIRTHSEAL_BINARY_DIR, "/clients/birthseal/birthseal ", arguments));
  }
  Ran Monitor(const std::string& more = "") const {
    return Run(absl::StrCat("monitor --once --from-mirror ", dir_.Join("w"), " --rules ",
                            BIRTHSEAL_SOURCE_DIR, "/deploy/config/monitor-rules.textproto ", more));
  }
  std::string LogKey() const { return " --log-key " + dir_.Join("log.pem"); }

  const tests::TempDir dir_;
  std::string log_key_;
  SmallLog log_;
};

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
      {"no_such_rule: 1", "no_such_rule"}};
  for (const auto& [text, field] : bad) {
    tests::WriteFile(dir_.Join("r.textproto"), text);
    const Ran ran = Run(absl::StrCat("monitor --once --from-mirror ", dir_.Join("w"), " --rules ",
                                     dir_.Join("r.textproto")));
    EXPECT_EQ(ran.code, 1) << text;
    EXPECT_NE(ran.output.find(field), std::string::npos) << ran.output;
  }
}

}  // namespace
}  // namespace birthseal::cli
