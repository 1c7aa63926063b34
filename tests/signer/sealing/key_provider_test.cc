// SPDX-License-Identifier: Apache-2.0
// Seal keys in files: what opens, and everything that must not.
#include "signer/sealing/key_provider.h"

#include <filesystem>

#include "signer/devpki/dev_pki.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::signer {
namespace {

using tests::SharedPki;
using tests::StatusIs;

constexpr char kKek[] = "0123456789abcdef";
constexpr char kOtherKek[] = "fedcba9876543210";

class KeyProviderTest : public testing::Test {
 protected:
  KeyProviderTest() { WriteSeal(code_, SharedPki().identity, code_); }

  using Identity = devpki::InstitutionIdentity;

  void WriteSeal(const std::string& directory, const Identity& identity,
                 const std::string& bound_code) {
    std::filesystem::create_directories(dir_.Join(directory));
    tests::WriteFile(dir_.Join(directory + "/seal.esl"), identity.seal);
    tests::WriteFile(dir_.Join(directory + "/signer.pem"),
                     devpki::CertificatePem(identity.signer.certificate));
    tests::WriteFile(
        dir_.Join(directory + "/key.sealed"),
        SealPrivateKey(identity.signer.key->DangerouslyExportPkcs8(), bound_code, kKek));
  }

  absl::Status Open(const std::string& code, const char* kek = kKek) {
    return NewFileKeyProvider(dir_.path(), kek)->SealOf(code).status();
  }

  // Another seal of the same institution, by the same maker.
  static Identity AnotherSeal() {
    return *devpki::MakeInstitutionSeal(SharedPki().hierarchy, SharedPki().institution,
                                        tests::FixtureNow());
  }

  tests::TempDir dir_;
  const std::string code_ = SharedPki().institution.code;
};

TEST_F(KeyProviderTest, OpensTheSealOfAnInstitutionOnce) {
  const auto provider = NewFileKeyProvider(dir_.path(), kKek);
  const auto first = provider->SealOf(code_);
  ASSERT_OK(first);
  EXPECT_EQ((*first)->seal.bytes, SharedPki().seal->seal.bytes);
  EXPECT_TRUE((*first)->key.Fits(SharedPki().identity.signer.key->PublicSpki()));
  std::filesystem::remove_all(dir_.Join(code_));
  const auto second = provider->SealOf(code_);
  ASSERT_OK(second);
  EXPECT_EQ(*first, *second);
}

TEST_F(KeyProviderTest, UnknownInstitutionAndPathTricksAreNotFound) {
  for (const char* code : {"11529901009900179R", "", "..", "../x", "a/b"}) {
    EXPECT_THAT(Open(code), StatusIs(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND")) << code;
  }
}

// Only the rule for codes stands between these and an existing folder: as paths all of them lead to
// one with a seal in it.
TEST_F(KeyProviderTest, ACodeIsNeverAPath) {
  const tests::TempDir outside;
  const std::string lone = "outside-" + std::filesystem::path(outside.path()).filename().string();
  const std::filesystem::path beside = std::filesystem::path(dir_.path()).parent_path() / lone;
  std::filesystem::copy(dir_.Join(code_), beside);
  std::filesystem::create_directories(dir_.Join("a/b"));
  std::filesystem::copy(dir_.Join(code_), dir_.Join("a/b"));
  const std::string long_code(33, 'A');
  std::filesystem::create_directories(dir_.Join(long_code));
  for (const std::string& folder :
       {std::string(), long_code, std::string("A B"), std::string("A-B"), std::string("省")}) {
    std::filesystem::create_directories(dir_.Join(folder));
    for (const char* file : {"/seal.esl", "/signer.pem", "/key.sealed"}) {
      std::filesystem::copy_file(dir_.Join(code_ + file), dir_.Join(folder + file));
    }
  }
  for (const std::string& code :
       {std::string(), std::string("."), "./" + code_, code_ + "/", code_ + "/.", "/" + code_,
        "../" + lone, code_ + "/../" + code_, code_ + "/../../" + lone, std::string("a/b"),
        beside.string(), long_code, std::string("A B"), std::string("A-B"), std::string("省"),
        code_ + std::string("\0x", 2)}) {
    const absl::Status status = Open(code);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND")) << code;
    EXPECT_EQ(status.message(), "not an institution code") << "a file was looked for: " << code;
  }
  std::filesystem::remove_all(beside);
}

TEST_F(KeyProviderTest, EveryFlippedBitOfTheKeyFileIsRefused) {
  const std::string sealed = tests::ReadFile(dir_.Join(code_ + "/key.sealed"));
  for (size_t bit = 0; bit < sealed.size() * 8; bit += 3) {
    std::string flipped = sealed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    tests::WriteFile(dir_.Join(code_ + "/key.sealed"), flipped);
    EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss)) << "bit " << bit;
  }
  tests::WriteFile(dir_.Join(code_ + "/key.sealed"), sealed.substr(0, 20));
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_KEY_FORMAT"));
}

TEST_F(KeyProviderTest, AnotherKeyEncryptionKeyDoesNotOpen) {
  EXPECT_THAT(Open(code_, kOtherKek), StatusIs(absl::StatusCode::kDataLoss, "SEAL_KEY_TAMPERED"));
  EXPECT_THAT(Open(code_, "short"), StatusIs(absl::StatusCode::kDataLoss, "KEY_ENCRYPTION_KEY"));
  EXPECT_EQ(SealPrivateKey("key", code_, "short"), "");
}

TEST_F(KeyProviderTest, AKeyFileOfAnotherInstitutionDoesNotOpen) {
  WriteSeal(code_, SharedPki().identity, "11529901009900179R");
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_KEY_TAMPERED"));
}

TEST_F(KeyProviderTest, ASealDirectoryMovedToAnotherInstitutionDoesNotOpen) {
  WriteSeal("11529901009900179R", SharedPki().identity, "11529901009900179R");
  EXPECT_THAT(Open("11529901009900179R"),
              StatusIs(absl::StatusCode::kDataLoss, "SEAL_OTHER_INSTITUTION"));
}

TEST_F(KeyProviderTest, ACertificateThatTheSealDoesNotListIsRefused) {
  Identity mixed = AnotherSeal();
  mixed.seal = SharedPki().identity.seal;
  WriteSeal(code_, mixed, code_);
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_CERTIFICATE_NOT_LISTED"));
}

TEST_F(KeyProviderTest, AKeyThatDoesNotFitTheCertificateIsRefused) {
  Identity mixed = SharedPki().identity;
  mixed.signer.key = AnotherSeal().signer.key;
  WriteSeal(code_, mixed, code_);
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_KEY_DOES_NOT_FIT"));
}

// The certificate is listed and of this institution, and the key is its own; only it is no SM2.
TEST_F(KeyProviderTest, AKeyOfAnotherAlgorithmIsRefused) {
  const devpki::Institution& institution = SharedPki().institution;
  const auto p256 =
      devpki::MakeIdentity({{institution.name, institution.code, "1"},
                            devpki::Use::kDocumentSigning,
                            tests::FixtureNow(),
                            tests::FixtureNow() + absl::Hours(24)},
                           KeyAlgorithm::kP256, &SharedPki().hierarchy.signer_intermediate);
  ASSERT_OK(p256);
  SealDraft draft;
  draft.name = institution.name;
  draft.signer_certificates = {p256->certificate};
  draft.created = draft.valid_from = tests::FixtureNow();
  draft.valid_until = tests::FixtureNow() + absl::Hours(24);
  const std::string info = SealInfo(draft);
  const devpki::Identity& maker = SharedPki().hierarchy.maker;
  WriteSeal(code_, {*p256, FinishSeal(info, maker.certificate, SignWith(maker.key, info))}, code_);
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_KEY_DOES_NOT_FIT"));
}

TEST_F(KeyProviderTest, EachFileThatIsNotWhatItShouldBeIsNamedByItsReason) {
  const std::string large((1 << 20) + 1, 'x');
  const auto sealed = [&](const std::string& key) { return SealPrivateKey(key, code_, kKek); };
  struct Row {
    const char *file, *reason;
    std::string content;
  };
  const Row rows[] = {{"seal.esl", "SEAL_FORMAT", ""},
                      {"seal.esl", "SEAL_FORMAT", "no seal"},
                      {"seal.esl", "SEAL_FILE_SIZE", large},
                      {"signer.pem", "SEAL_CERTIFICATE_FORMAT", ""},
                      {"signer.pem", "SEAL_CERTIFICATE_FORMAT", "no PEM"},
                      {"signer.pem", "SEAL_FILE_SIZE", large},
                      {"key.sealed", "SEAL_KEY_FORMAT", ""},
                      {"key.sealed", "SEAL_KEY_FORMAT", std::string(31, 'x')},
                      {"key.sealed", "SEAL_KEY_FORMAT", std::string(64, 'x')},
                      {"key.sealed", "SEAL_KEY_FORMAT", sealed("no key")},
                      {"key.sealed", "SEAL_KEY_FORMAT", sealed("")},
                      {"key.sealed", "SEAL_FILE_SIZE", large}};
  for (const Row& row : rows) {
    WriteSeal(code_, SharedPki().identity, code_);
    ASSERT_OK(Open(code_));
    const std::string path = dir_.Join(code_ + "/" + row.file);
    tests::WriteFile(path, row.content);
    EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, row.reason)) << row.file;
    std::filesystem::remove(path);
    EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND")) << row.file;
    // A folder in its place is no file, and ends nothing.
    std::filesystem::create_directory(path);
    EXPECT_FALSE(Open(code_).ok()) << row.file;
    std::filesystem::remove(path);
  }
}

TEST_F(KeyProviderTest, AnAlteredSealIsRefused) {
  std::string seal = SharedPki().seal->seal.bytes;
  const size_t at = seal.find("IDAT") + 40;  // a byte of the picture
  seal[at] = static_cast<char>(seal[at] ^ 1);
  tests::WriteFile(dir_.Join(code_ + "/seal.esl"), seal);
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_SIGNATURE"));
  tests::WriteFile(dir_.Join(code_ + "/seal.esl"), "not DER");
  EXPECT_THAT(Open(code_), StatusIs(absl::StatusCode::kDataLoss, "SEAL_FORMAT"));
}

}  // namespace
}  // namespace birthseal::signer
