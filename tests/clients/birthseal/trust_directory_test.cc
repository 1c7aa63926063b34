// SPDX-License-Identifier: Apache-2.0
// Offline checks go by the files of one directory: each that is missing or wrong is named, and
// nothing is checked by what is left.
#include <openssl/rsa.h>

#include "absl/strings/escaping.h"
#include "certs/proof/map_label.h"
#include "certs/proof/uniqueness.h"
#include "gmock/gmock.h"
#include "signer/sealing/vrf_key.h"
#include "tests/clients/birthseal/cli_fixture.h"
#include "tests/support/naive_map.h"

namespace birthseal::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kMother[] = "529901198601010004";

std::string PublicPem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

class TrustDirectoryTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    for (const char* file : {"seal-makers.pem", "signers.pem"}) tests::WriteFile(At(file), "");
    tests::WriteFile(At("a.pem"), *PublicPemOf(FreshPrivatePem()));
    tests::WriteFile(At("b.pem"), *PublicPemOf(FreshPrivatePem()));
    tests::WriteFile(dir_.Join("text"), "a text");
  }
  std::string At(const std::string& file) const { return dir_.Join(file); }
  // Verifying what is no certificate: the first trouble with the trust files ends it.
  Ran Verify() const { return Run(absl::StrCat("verify ", At("text"), " --trust ", dir_.path())); }
  void ExpectRefused(const std::string& reason, const std::string& file) const {
    const Ran ran = Verify();
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.output, HasSubstr("[" + reason + "]"));
    EXPECT_THAT(ran.output, HasSubstr(At(file)));
    EXPECT_THAT(ran.output, Not(HasSubstr("NOT_VALID")));
  }
  static std::string Broken(const std::string& label) {
    return "-----BEGIN " + label + "-----\nbm8=\n-----END " + label + "-----\n";
  }
};

TEST_F(TrustDirectoryTest, WithWholeTrustFilesABadFileIsJudged) {
  Ran ran = Verify();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, HasSubstr("FORGED_OR_ALTERED"));
  EXPECT_THAT(ran.output, HasSubstr("[NOT_VALID]"));
  // A file that is not there has no verdict.
  ran = Run(absl::StrCat("verify ", At("none"), " --trust ", dir_.path()));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, HasSubstr("[FILE]"));
  EXPECT_THAT(ran.output, Not(HasSubstr("NOT_VALID")));
  // Beside others it hides none of them.
  ran = Run(absl::StrCat("verify ", At("none"), " ", At("text"), " --trust ", dir_.path()));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, HasSubstr("[FILE]"));
  EXPECT_THAT(ran.output, HasSubstr("FORGED_OR_ALTERED"));
}

TEST_F(TrustDirectoryTest, EachTrustFileThatIsBrokenIsNamed) {
  const std::string good = tests::ReadFile(At("log.pem"));
  const std::tuple<const char*, std::string, const char*> rows[] = {
      {"seal-makers.pem", Broken("CERTIFICATE"), "TRUST_CERTIFICATE"},
      {"signers.pem", Broken("CERTIFICATE"), "TRUST_CERTIFICATE"},
      {"log.pem", Broken("PUBLIC KEY"), "NOTE_KEY"}};
  for (const auto& [file, content, reason] : rows) {
    const std::string before = tests::ReadFile(At(file));
    tests::WriteFile(At(file), content);
    ExpectRefused(reason, file);
    ASSERT_EQ(std::remove(At(file).c_str()), 0);
    ExpectRefused("FILE", file);
    tests::WriteFile(At(file), before);
  }
}

TEST_F(TrustDirectoryTest, AWitnessPolicyThatIsWrongIsNoneAtAll) {
  const std::string a = "witness { name: 'a' public_key_pem: 'a.pem' } ",
                    b = "witness { name: 'b' public_key_pem: 'b.pem' } ";
  tests::WriteFile(At("broken.pem"), Broken("PUBLIC KEY"));
  const std::tuple<std::string, const char*, const char*> rows[] = {
      {"no policy", "USAGE", "witnesses.textproto"},
      {"witness { name: 'a' public_key_pem: 'none.pem' } quorum: 1", "FILE", "none.pem"},
      {"witness { name: 'a' public_key_pem: 'broken.pem' } quorum: 1", "NOTE_KEY", "broken.pem"},
      {"witness { name: 'a a' public_key_pem: 'a.pem' } quorum: 1", "NOTE_KEY_NAME", "a.pem"},
      {a + "witness { name: 'b' public_key_pem: 'a.pem' } quorum: 1", "WITNESS_POLICY",
       "witnesses.textproto"},
      {a + "witness { name: 'a' public_key_pem: 'b.pem' } quorum: 1", "WITNESS_POLICY",
       "witnesses.textproto"},
      {a + b, "WITNESS_POLICY", "witnesses.textproto"},
      {a + b + "quorum: -1", "WITNESS_POLICY", "witnesses.textproto"},
      {a + b + "quorum: 3", "WITNESS_POLICY", "witnesses.textproto"}};
  for (const auto& [policy, reason, file] : rows) {
    SCOPED_TRACE(policy);
    tests::WriteFile(At("witnesses.textproto"), policy);
    ExpectRefused(reason, file);
  }
  tests::WriteFile(At("witnesses.textproto"), a + b + "quorum: 2");
  EXPECT_THAT(Verify().output, HasSubstr("[NOT_VALID]"));
}

// `birthseal unique` with a proof from a file.
class UniqueFromFileTest : public TrustDirectoryTest {
 protected:
  void SetUp() override {
    TrustDirectoryTest::SetUp();
    const std::string pem = FreshPrivatePem("P-256");
    vrf_ = *signer::VrfKey::FromPkcs8(pem);
    tests::WriteFile(At("vrf.pem"), *PublicPemOf(pem));
    facts_ = certs::LabelInput(certs::IdType::kCitizenId, kMother, absl::CivilDay(2026, 1, 2), 1);
    label_ = *vrf_->Label(facts_);
    Issue(1, kNoon);
  }
  // The proof under the log's newest checkpoint, as `note` gives it.
  void Prove(const std::function<std::string(const certs::TreeHead&)>& note) {
    const certs::MapLabel label = certs::MapLabelFrom(certs::View(label_)).value();
    if (value_) log_.labels[label] = *value_;
    certs::TreeHead head = log_.Head();
    head.map_root = tests::NaiveRoot(log_.labels);
    const certs::UniquenessProof proof{*vrf_->Prove(facts_), tests::NaiveProof(log_.labels, label),
                                       note(head)};
    tests::WriteFile(At("proof"), certs::Canonical(proof));
  }
  void Prove() {
    Prove([this](const certs::TreeHead& head) { return Note(head); });
  }
  Ran Unique(const std::string& more, const std::string& date = "2026-01-02") const {
    return Run(absl::StrCat("unique --mother-id ", kMother, " --birth-date ", date, " --proof ",
                            At("proof"), " ", more));
  }
  Ran Checked(const std::string& date = "2026-01-02") const {
    return Unique("--trust " + dir_.path(), date);
  }
  static void ExpectRefused(const Ran& ran, const std::string& reason) {
    EXPECT_EQ(ran.code, 1) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("[" + reason + "]"));
    EXPECT_THAT(ran.output, Not(HasSubstr("exactly one")));
  }

  std::shared_ptr<const signer::VrfKey> vrf_;
  std::string facts_;
  certs::VrfOutput label_{};
  std::optional<uint64_t> value_;
};

TEST_F(UniqueFromFileTest, OneNoneAndNeverSeenAreToldApart) {
  Prove();
  Ran ran = Checked();
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("no record of these facts"));
  value_ = 17;
  Prove();
  ran = Checked();
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("exactly one certificate in force: status index 17"));
  value_ = 0;
  Prove();
  ran = Checked();
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("issued once, none in force"));
  EXPECT_THAT(ran.output, Not(HasSubstr("exactly one")));
}

TEST_F(UniqueFromFileTest, WhatShowsNothingIsNoProof) {
  value_ = 17;
  Prove();
  ExpectRefused(Checked("2026-02-30"), "BIRTH_DATE");
  ExpectRefused(Checked("20260102"), "BIRTH_DATE");
  ExpectRefused(Checked("2026-01-03"), "LABEL_NOT_OF_THESE_FACTS");
  // Signed by another key under the log's name.
  Prove([](const certs::TreeHead& head) {
    const std::string body = certs::CheckpointBody(head);
    const auto key = OperatorKey::FromPem(FreshPrivatePem());
    const auto id = signer::NoteKeyIdOf(kLogName, (*key)->PublicSpki(), signer::NoteKeyUse::kLog);
    return certs::FormatCheckpoint(body, {{kLogName, id->hash, *(*key)->Sign(body)}});
  });
  ExpectRefused(Checked(), "CHECKPOINT_NOT_BY_LOG_KEY");
  // Witnesses are named, and none has signed.
  Prove();
  tests::WriteFile(At("witnesses.textproto"),
                   "witness { name: 'a' public_key_pem: 'a.pem' } quorum: 1");
  ExpectRefused(Checked(), "NOT_PROVEN");
}

TEST_F(UniqueFromFileTest, AProofIsCheckedOrKept) {
  Prove();
  ExpectRefused(Unique(""), "TRUST_NEEDED");
  ExpectRefused(Unique("--out " + At("no/such/folder")), "FILE");
  EXPECT_EQ(Unique("--out " + At("kept")).code, 0);
  EXPECT_EQ(tests::ReadFile(At("kept")), tests::ReadFile(At("proof")));
}

// Points of other curves, and one of the right curve in a form that no key is written in.
TEST_F(UniqueFromFileTest, AKeyThatIsNoPointOfTheLabelsCurveIsRefused) {
  value_ = 17;
  Prove();
  EVP_PKEY* hybrid = EVP_EC_gen("P-256");
  EVP_PKEY_set_utf8_string_param(hybrid, "point-format", "hybrid");
  // A point of another curve that begins as one of ours.
  const std::string ed25519 =
      absl::StrCat("-----BEGIN PUBLIC KEY-----\n",
                   absl::Base64Escape(absl::HexStringToBytes("302a300506032b657003210004") +
                                      std::string(31, '\x11')),
                   "\n-----END PUBLIC KEY-----\n");
  for (const std::string& pem :
       {ed25519, std::string("no key"), Broken("PUBLIC KEY"), tests::ReadFile(At("a.pem")),
        PublicPem(EVP_EC_gen("P-384")), PublicPem(EVP_RSA_gen(1024)), PublicPem(hybrid)}) {
    tests::WriteFile(At("vrf.pem"), pem);
    ExpectRefused(Checked(), "VRF_KEY");
  }
  // Every other one of these begins as a point of P-256 does.
  for (int i = 0; i < 20; ++i) {
    tests::WriteFile(At("vrf.pem"), PublicPem(EVP_EC_gen("P-224")));
    ExpectRefused(Checked(), "VRF_KEY");
  }
  ASSERT_EQ(std::remove(At("vrf.pem").c_str()), 0);
  ExpectRefused(Checked(), "FILE");
}

}  // namespace
}  // namespace birthseal::cli
