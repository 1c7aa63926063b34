// SPDX-License-Identifier: Apache-2.0
// The development PKI: chains that strict verifiers accept, and a directory that stays as it is.
#include "signer/devpki/dev_pki.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "signer/devpki/pki_directory.h"
#include "signer/devpki/seal_picture.h"
#include "signer/sealing/key_provider.h"
#include "signer/verify/certificate_facts.h"
#include "tests/signer/verify/openssl_oracle.h"
#include "tests/signer/verify/raw_x509.h"
#include "tests/support/failing_random.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::signer::devpki {
namespace {

using tests::FixtureNow;
using tests::SharedPki;
using tests::StatusIs;

TEST(DevPkiTest, MakersAndSignersChainToTheirOwnAnchorsOnly) {
  const VerifierTrust trust = SharedPki().Trust();
  const std::string& maker = SharedPki().hierarchy.maker.certificate;
  const std::string& signer = SharedPki().seal->signer_certificate;
  EXPECT_OK(trust.makers->Check(maker, FixtureNow()));
  EXPECT_OK(trust.signers->Check(signer, FixtureNow()));
  EXPECT_FALSE(trust.signers->Check(maker, FixtureNow()).ok());
  EXPECT_FALSE(trust.makers->Check(signer, FixtureNow()).ok());
}

TEST(DevPkiTest, TheSignerCertificateNamesInstitutionCodeAndSeal) {
  const auto facts = ReadCertificateFacts(SharedPki().seal->signer_certificate);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->organization, SharedPki().institution.name);
  EXPECT_EQ(facts->organizational_unit, SharedPki().institution.code);
  EXPECT_EQ(facts->common_name, SharedPki().seal->seal.seal_id);
}

TEST(DevPkiTest, DatesAreConsistent) {
  const ElectronicSeal& seal = SharedPki().seal->seal;
  const auto maker = ReadCertificateFacts(SharedPki().hierarchy.maker.certificate);
  const auto signer = ReadCertificateFacts(SharedPki().seal->signer_certificate);
  ASSERT_OK(maker);
  ASSERT_OK(signer);
  EXPECT_LT(maker->not_before, seal.created);
  EXPECT_LE(signer->not_before, seal.created);
  EXPECT_LT(seal.created, FixtureNow());
  EXPECT_GT(seal.valid_until, FixtureNow() + absl::Hours(24 * 365));
  EXPECT_GE(signer->not_after, seal.valid_until);
}

TEST(DevPkiTest, LeafCertificatesOmitBasicConstraints) {
  const std::string& der = SharedPki().seal->signer_certificate;
  const auto* cursor = reinterpret_cast<const uint8_t*>(der.data());
  const X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  ASSERT_NE(certificate, nullptr);
  EXPECT_LT(X509_get_ext_by_NID(certificate.get(), NID_basic_constraints, -1), 0);
  EXPECT_EQ(X509_get_key_usage(certificate.get()),
            static_cast<uint32_t>(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
}

CertificateRequest AuthorityRequest() {
  return {{"测试", "", "测试下级"}, Use::kAuthority, FixtureNow(), FixtureNow() + absl::Hours(24)};
}

// What it issues could not say which of its issuer's keys signed.
TEST(DevPkiTest, AnIssuerWithoutAKeyIdentifierIssuesNothing) {
  tests::RawCertificate raw;
  raw.not_before = FixtureNow();
  raw.not_after = FixtureNow() + absl::Hours(24);
  raw.extensions = tests::CaExtensions();
  raw.key = PrivateKey::Generate(KeyAlgorithm::kSm2);
  const Identity without = {tests::MakeRaw(raw), raw.key};
  EXPECT_THAT(MakeIdentity(AuthorityRequest(), KeyAlgorithm::kSm2, &without),
              StatusIs(absl::StatusCode::kInternal, "DEV_PKI"));
}

TEST(DevPkiTest, WithoutARandomSourceNoCertificateIsMade) {
  tests::Faults faults;
  const tests::FailingRandom random(&faults);
  for (const KeyAlgorithm algorithm : {KeyAlgorithm::kSm2, KeyAlgorithm::kP256}) {
    const auto key = PrivateKey::Generate(algorithm);
    tests::ExpectEveryFaultComesOut(
        &faults, [&] { return MakeCertificate(AuthorityRequest(), *key, nullptr).status(); },
        absl::StatusCode::kInternal, "DEV_PKI");
  }
}

TEST(DevPkiTest, ThePictureIsASmallPngOfEnoughPixels) {
  const std::string png = SealPicturePng({"出生医学证明专用章", "云岭县", "云岭县人民医院"});
  ASSERT_GT(png.size(), 24u);
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\x01\x90\0\0\x01\x90", 8));  // 400 x 400
  EXPECT_LT(png.size(), 10000u);
}

PkiRequest Request(const std::string& directory) {
  PkiRequest request;
  request.directory = directory;
  request.institutions = {SharedPki().institution};
  request.operators = {{"a", KeyAlgorithm::kSm2}, {"b", KeyAlgorithm::kP256}};
  request.now = FixtureNow();
  return request;
}

std::vector<std::pair<std::string, std::string>> Contents(const std::string& directory) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      files.emplace_back(entry.path().string(), tests::ReadFile(entry.path().string()));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(PkiDirectoryTest, ASecondRunChangesNothing) {
  const tests::TempDir dir;
  ASSERT_OK(WritePkiDirectory(Request(dir.path())));
  const auto first = Contents(dir.path());
  ASSERT_OK(WritePkiDirectory(Request(dir.path())));
  EXPECT_EQ(Contents(dir.path()), first);
}

TEST(PkiDirectoryTest, ALongerListAddsWhatIsNew) {
  const tests::TempDir dir;
  PkiRequest request = Request(dir.path());
  ASSERT_OK(WritePkiDirectory(request));
  const auto first = Contents(dir.path());
  request.institutions.push_back({"11529901009900179R", "云岭县卫生健康局", "云岭县", true});
  request.operators.push_back({"c", KeyAlgorithm::kSm2});
  ASSERT_OK(WritePkiDirectory(request));
  const auto second = Contents(dir.path());
  EXPECT_EQ(second.size(), first.size() + 5);
  EXPECT_TRUE(std::includes(second.begin(), second.end(), first.begin(), first.end()));
}

TEST(PkiDirectoryTest, TheServiceOpensTheSealsItMade) {
  const tests::TempDir dir;
  ASSERT_OK(WritePkiDirectory(Request(dir.path())));
  const std::string kek =
      absl::HexStringToBytes(absl::StripAsciiWhitespace(tests::ReadFile(dir.Join("keys/kek.hex"))));
  const auto seal =
      NewFileKeyProvider(dir.Join("seals"), kek)->SealOf(SharedPki().institution.code);
  ASSERT_OK(seal);
  EXPECT_EQ((*seal)->seal.name, SharedPki().institution.name + "出生医学证明专用章");
  EXPECT_OK(PrivateKey::FromPkcs8(tests::ReadFile(dir.Join("operators/b.key"))));
}

TEST(PkiDirectoryTest, ListsAndOperatorsAreChecked) {
  EXPECT_OK(ParseInstitutions("# comment\n12529901MB0A12342F\tA\tB\tfirst-issue\n"));
  for (const char* list :
       {"12529901MB0A12342F\tA\tB\n", "12529901MB0A12342F\tA\tB\tother\n",
        "12529901MB0A12342F\t\tB\tfirst-issue\n", "12529901MB0A12342F\tA\tB\tfirst-issue\tmore\n",
        "12529901MB0A12342G\tA\tB\tfirst-issue\n"}) {
    EXPECT_THAT(ParseInstitutions(list),
                StatusIs(absl::StatusCode::kInvalidArgument, "DEV_PKI_LIST"));
  }
  for (const char* operator_key : {"", "../a", "a:rsa", ".a"}) {
    EXPECT_THAT(ParseOperator(operator_key),
                StatusIs(absl::StatusCode::kInvalidArgument, "DEV_PKI_OPERATOR"));
  }
}

}  // namespace
}  // namespace birthseal::signer::devpki
