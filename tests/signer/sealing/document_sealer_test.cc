// SPDX-License-Identifier: Apache-2.0
// What a sealed document holds, and what the sealer refuses.
#include "signer/sealing/document_sealer.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/str_format.h"
#include "certs/ofd/structure.h"
#include "signer/verify/document_signature.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/status_matchers.h"

namespace birthseal::signer {
namespace {

using absl::StatusCode;
using tests::SharedPki;
using tests::StatusIs;

class DocumentSealerTest : public testing::Test {
 protected:
  static SealPlan PlanOf(tests::TestSealer* of, const SealEvidence& evidence) {
    return *of->Plan(tests::ApprovalsOf(SharedPki(), evidence.face), evidence);
  }
  SealPlan Plan() { return PlanOf(&office_, evidence_); }
  absl::StatusOr<SealedDocument> SealWith(const std::shared_ptr<const InstitutionSeal>& seal) {
    const auto opened = office_.Open(seal);
    EXPECT_OK(opened);
    return office_.Seal(Plan(), *opened);
  }

  static const certs::ofd::Part& Find(const SealedDocument& sealed, const std::string& path) {
    const auto found = std::find_if(sealed.parts.begin(), sealed.parts.end(),
                                    [&](const auto& part) { return part->path == path; });
    EXPECT_NE(found, sealed.parts.end()) << path;
    return **found;
  }

  static certs::Face FaceWith(int number) {
    certs::Face face = tests::SyntheticFace(SharedPki());
    face.certificate_number = absl::StrFormat("Y5200001%02d", number);
    return face;
  }

  static DocumentSignature SignatureOf(const SealedDocument& sealed) {
    return *ParseDocumentSignature(Find(sealed, "Doc_0/Signs/Sign_0/SignedValue.dat").data);
  }

  // A seal of the shared institution with another validity or name.
  static std::shared_ptr<const InstitutionSeal> AnotherSeal(absl::Time from, absl::Time until,
                                                            const std::string& name) {
    auto seal = std::make_shared<InstitutionSeal>(*SharedPki().seal);
    SealDraft draft;
    draft.vendor_id = "BIRTHSEAL";
    draft.seal_id = "1";
    draft.name = name;
    draft.created = draft.valid_from = from;
    draft.valid_until = until;
    draft.picture = seal->seal.picture;
    draft.signer_certificates = {seal->signer_certificate};
    const std::string info = SealInfo(draft);
    const devpki::Identity& maker = SharedPki().hierarchy.maker;
    seal->seal =
        *ParseElectronicSeal(FinishSeal(info, maker.certificate, SignWith(maker.key, info)));
    return seal;
  }

  SealEvidence evidence_ = tests::CompleteEvidence(SharedPki(), tests::SyntheticFace(SharedPki()));
  certs::ofd::Draft draft_ = tests::RenderedDraft(evidence_);
  tests::TestSealer office_{SharedPki()};
};

TEST_F(DocumentSealerTest, SignatureFilesFollowTheContentInTheirOrder) {
  const auto sealed = SealWith(SharedPki().seal);
  ASSERT_OK(sealed);
  const size_t content = draft_.parts().size();
  ASSERT_EQ(sealed->parts.size(), content + 4);
  for (size_t i = 0; i < content; ++i) {  // the page of the plan, and no other
    EXPECT_EQ(sealed->parts[i]->path, draft_.parts()[i]->path);
    EXPECT_EQ(sealed->parts[i]->digest, draft_.parts()[i]->digest) << sealed->parts[i]->path;
  }
  std::vector<std::string> paths;
  for (size_t i = content; i < sealed->parts.size(); ++i) paths.push_back(sealed->parts[i]->path);
  EXPECT_THAT(paths, testing::ElementsAre(
                         "Doc_0/Signs/Sign_0/Seal.esl", "Doc_0/Signs/Signatures.xml",
                         "Doc_0/Signs/Sign_0/Signature.xml", "Doc_0/Signs/Sign_0/SignedValue.dat"));
  EXPECT_TRUE(sealed->parts[content]->constant);
  EXPECT_TRUE(sealed->parts[content + 1]->constant);
  EXPECT_EQ(sealed->file, certs::ofd::WritePackage(sealed->parts));
  EXPECT_EQ(sealed->digest, certs::Sm3Of(sealed->file));
}

TEST_F(DocumentSealerTest, EveryFileButSignatureAndItsValueIsReferencedInPackageOrder) {
  const auto sealed = SealWith(SharedPki().seal);
  ASSERT_OK(sealed);
  const auto package = certs::ofd::ReadPackage(sealed->file);
  ASSERT_OK(package);
  const auto structure = certs::ofd::ReadStructure(*package);
  ASSERT_OK(structure);
  ASSERT_EQ(structure->signatures.size(), 1u);
  const certs::ofd::SignatureEntry& entry = structure->signatures[0];
  EXPECT_THAT(entry.problems, testing::IsEmpty());
  EXPECT_EQ(entry.check_method, "1.2.156.10197.1.401");
  EXPECT_EQ(entry.signature_method, "1.2.156.10197.1.501");
  ASSERT_EQ(entry.references.size(), sealed->parts.size() - 2);
  for (size_t i = 0; i < entry.references.size(); ++i) {
    EXPECT_EQ(entry.references[i].first, sealed->parts[i]->path);
    EXPECT_EQ(entry.references[i].second,
              certs::Bytes(certs::Sm3Of(package->files.at(sealed->parts[i]->path))));
  }
  ASSERT_EQ(entry.stamps.size(), 1u);
  EXPECT_EQ(entry.stamps[0].page_ref, draft_.page_id());
  EXPECT_DOUBLE_EQ(entry.stamps[0].x, draft_.seal_x());
  EXPECT_DOUBLE_EQ(entry.stamps[0].y, draft_.seal_y());
  EXPECT_DOUBLE_EQ(entry.stamps[0].w, 40);
}

TEST_F(DocumentSealerTest, SignatureValueHoldsSealTimeHashAndPath) {
  const auto sealed = SealWith(SharedPki().seal);
  ASSERT_OK(sealed);
  const DocumentSignature signature = SignatureOf(*sealed);
  EXPECT_EQ(signature.version, 4);
  EXPECT_EQ(signature.seal.bytes, SharedPki().seal->seal.bytes);
  EXPECT_EQ(signature.time, evidence_.signing_time);
  EXPECT_EQ(signature.data_hash, Find(*sealed, "Doc_0/Signs/Sign_0/Signature.xml").digest);
  EXPECT_EQ(signature.property_info, "/Doc_0/Signs/Sign_0/Signature.xml");
  EXPECT_EQ(sealed->to_be_signed_digest, certs::Sm3Of(signature.signed_bytes));
  EXPECT_TRUE(DocumentSignatureHolds(signature));
}

TEST_F(DocumentSealerTest, TheCachedPrefixServesManyDocumentsAndSeals) {
  const auto other =
      AnotherSeal(SharedPki().seal->seal.valid_from, SharedPki().seal->seal.valid_until,
                  SharedPki().institution.name + "出生医学证明专用章");
  int number = 0;  // each licence has one look
  for (int round = 0; round < 2; ++round) {
    for (const auto& seal : {SharedPki().seal, other}) {
      evidence_ = tests::CompleteEvidence(SharedPki(), FaceWith(++number));
      evidence_.signing_time += absl::Seconds(1);
      const auto sealed = SealWith(seal);
      ASSERT_OK(sealed);
      const DocumentSignature value = SignatureOf(*sealed);
      EXPECT_TRUE(DocumentSignatureHolds(value));
      EXPECT_EQ(value.seal.bytes, seal->seal.bytes);
      EXPECT_EQ(value.time, evidence_.signing_time);
    }
  }
}

TEST_F(DocumentSealerTest, ASpentPlanSealsNothing) {
  SealPlan plan = Plan();
  const OpenedSeal seal = *office_.Open(SharedPki().seal);
  const auto spent = StatusIs(StatusCode::kInternal, "SEAL_PLAN_SPENT");
  auto rendered = office_.sealer.Render(std::move(plan));
  ASSERT_OK(rendered);
  EXPECT_TRUE(plan.spent());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_THAT(office_.sealer.Render(std::move(plan)).status(), spent);
  EXPECT_FALSE(rendered->spent());
  ASSERT_OK(office_.sealer.Seal(*std::move(rendered), seal));
  EXPECT_TRUE(rendered->spent());  // NOLINT(bugprone-use-after-move)
  EXPECT_THAT(office_.sealer.Seal(*std::move(rendered), seal), spent);
}

// What was sealed, perhaps under a newer checkpoint, may be sealed again; nothing else of its
// licence. Rule G12.
TEST_F(DocumentSealerTest, ALicenceIsSealedInOneLook) {
  const OpenedSeal seal = *office_.Open(SharedPki().seal);
  const auto receipt_of = [](const SealEvidence& evidence) {
    return tests::MakeReceipt(
        {certs::FaceDigest(evidence.face), evidence.licence_id, evidence.document_id},
        SharedPki().institution.code, SharedPki().log_key);
  };
  SealEvidence face = evidence_, document = evidence_, time = evidence_, predecessor = evidence_;
  face.face.content.birth_weight_g += 10;
  face.receipt = receipt_of(face);
  document.document_id = std::string(32, '0');
  document.receipt = receipt_of(document);
  time.signing_time += absl::Seconds(1);
  predecessor.application.predecessor_number = predecessor.supersedes = "Y520000001";
  SealPlan planned_before = PlanOf(&office_, document);
  ASSERT_OK(office_.Seal(Plan(), seal));

  const auto refused = StatusIs(StatusCode::kInternal, "SEALED_BEFORE");
  for (const SealEvidence& other : {face, document, time, predecessor}) {
    const auto given = tests::ApprovalsOf(SharedPki(), other.face);
    EXPECT_THAT(office_.Plan(given, other), refused);
    EXPECT_OK(tests::TestSealer(SharedPki()).Plan(given, other));
  }
  EXPECT_THAT(office_.Seal(std::move(planned_before), seal), refused);
  evidence_.receipt = receipt_of(evidence_);
  EXPECT_OK(office_.Seal(Plan(), seal));
  const SealEvidence next = tests::CompleteEvidence(SharedPki(), FaceWith(1));
  EXPECT_OK(office_.Seal(PlanOf(&office_, next), seal));
}

TEST_F(DocumentSealerTest, ALicenceIsSealedUnderOneTypeCode) {
  ASSERT_OK(SealWith(SharedPki().seal));
  office_.profiles.at(tests::kTestProfile).licence_type_code.back() ^= 1;
  EXPECT_THAT(office_.Plan(tests::ApprovalsOf(SharedPki(), evidence_.face), evidence_),
              StatusIs(StatusCode::kInternal, "SEALED_BEFORE"));
}

TEST_F(DocumentSealerTest, WhatCannotBeDrawnIsNotSealed) {
  evidence_.face.content.newborn_name = "云\xEE\x80\x80";  // private use: no font has it
  const certs::Face& face = evidence_.face;
  evidence_.receipt =
      tests::MakeReceipt({certs::FaceDigest(face), evidence_.licence_id, evidence_.document_id},
                         face.content.issuing_institution_code, SharedPki().log_key);
  EXPECT_THAT(office_.sealer.Render(Plan()).status(), StatusIs(StatusCode::kInvalidArgument));
}

// Whoever makes a sealer of his own trusts whom he likes; what it makes is of use to it alone.
TEST_F(DocumentSealerTest, APlanOfAnotherSealerIsRefused) {
  tests::TestSealer own(SharedPki(),
                        [](absl::string_view, const certs::NoteSignature&) { return true; });
  const OpenedSeal seal = *office_.Open(SharedPki().seal);
  const auto refused = StatusIs(StatusCode::kInternal, "SEAL_PLAN_OF_ANOTHER");
  EXPECT_THAT(office_.sealer.Render(PlanOf(&own, evidence_)).status(), refused);
  auto rendered = own.sealer.Render(PlanOf(&own, evidence_));
  ASSERT_OK(rendered);
  EXPECT_THAT(office_.sealer.Seal(*std::move(rendered), seal), refused);
  EXPECT_OK(own.Seal(PlanOf(&own, evidence_), *own.Open(SharedPki().seal)));
}

TEST_F(DocumentSealerTest, ASealThatAnotherSealerOpenedIsRefused) {
  tests::TestSealer other(SharedPki());
  EXPECT_THAT(office_.Seal(Plan(), *other.Open(SharedPki().seal)),
              StatusIs(StatusCode::kInternal, "SEAL_OPENED_BY_ANOTHER"));
}

// Memory is used again: a plan outlives the sealer that made it, and the next one may stand where
// that one stood.
TEST_F(DocumentSealerTest, APlanIsNotOfTheSealerAtTheSameAddress) {
  std::optional<tests::TestSealer> here;
  here.emplace(SharedPki());
  SealPlan plan = PlanOf(&*here, evidence_);
  const OpenedSeal opened = *here->Open(SharedPki().seal);
  here.emplace(SharedPki());
  EXPECT_THAT(here->Seal(std::move(plan), *here->Open(SharedPki().seal)),
              StatusIs(StatusCode::kInternal, "SEAL_PLAN_OF_ANOTHER"));
  EXPECT_THAT(here->Seal(PlanOf(&*here, evidence_), opened),
              StatusIs(StatusCode::kInternal, "SEAL_OPENED_BY_ANOTHER"));
}

TEST_F(DocumentSealerTest, AnOpenedSealShowsWhatIsPublic) {
  const OpenedSeal seal = *office_.Open(SharedPki().seal);
  EXPECT_EQ(seal.facts().seal.seal.bytes, SharedPki().seal->seal.bytes);
  EXPECT_EQ(seal.facts().seal.signer_certificate, SharedPki().seal->signer_certificate);
  EXPECT_EQ(seal.facts().digest, certs::Sm3Of(SharedPki().seal->seal.bytes));
  EXPECT_EQ(seal.facts().certificate.organizational_unit, SharedPki().institution.code);
}

TEST_F(DocumentSealerTest, ASealIsUsedInItsValidityOnly) {
  const absl::Time now = evidence_.signing_time;
  const std::string name = SharedPki().institution.name + "出生医学证明专用章";
  const auto expired = AnotherSeal(now - absl::Hours(48), now - absl::Hours(24), name);
  const auto future = AnotherSeal(now + absl::Hours(24), now + absl::Hours(48), name);
  for (const auto& seal : {expired, future}) {
    EXPECT_THAT(SealWith(seal), StatusIs(StatusCode::kFailedPrecondition, "SEAL_NOT_VALID_NOW"));
  }
}

TEST_F(DocumentSealerTest, TheSealNamesTheIssuingInstitution) {
  const ElectronicSeal& good = SharedPki().seal->seal;
  const auto renamed =
      AnotherSeal(good.valid_from, good.valid_until, "青禾县医院出生医学证明专用章");
  EXPECT_THAT(SealWith(renamed),
              StatusIs(StatusCode::kFailedPrecondition, "SEAL_OF_OTHER_INSTITUTION"));
}

TEST_F(DocumentSealerTest, TheSealMustListTheCertificate) {
  auto mixed = std::make_shared<InstitutionSeal>(*SharedPki().seal);
  const auto other = devpki::MakeInstitutionSeal(SharedPki().hierarchy, SharedPki().institution,
                                                 tests::FixtureNow());
  ASSERT_OK(other);
  mixed->signer_certificate = other->signer.certificate;
  mixed->key = SealKey(other->signer.key);
  EXPECT_THAT(SealWith(std::move(mixed)),
              StatusIs(StatusCode::kFailedPrecondition, "SEAL_CERTIFICATE_NOT_LISTED"));
}

TEST_F(DocumentSealerTest, NoSealIsOpenedWithoutItsKey) {
  EXPECT_THAT(office_.Open(nullptr), StatusIs(StatusCode::kInternal, "SEAL_NOT_OPEN"));
  auto closed = std::make_shared<InstitutionSeal>(*SharedPki().seal);
  closed->key = {};
  EXPECT_THAT(office_.Open(std::move(closed)), StatusIs(StatusCode::kInternal, "SEAL_NOT_OPEN"));
  EXPECT_THAT(office_.sealer.Open("11529901009900179R"), StatusIs(StatusCode::kNotFound));
}

TEST(SealKeyTest, NoKeyFitsNothing) {
  EXPECT_FALSE(SealKey().open());
  EXPECT_FALSE(SealKey().Fits(""));
  EXPECT_FALSE(SealKey().Fits(PrivateKey::Generate(KeyAlgorithm::kSm2)->PublicSpki()));
}

TEST_F(DocumentSealerTest, AKeyThatCannotSignSealsNothing) {
  auto seal = std::make_shared<InstitutionSeal>(*SharedPki().seal);
  seal->key = SealKey(PrivateKey::Generate(KeyAlgorithm::kP256));  // SES is signed with SM2 alone
  EXPECT_THAT(SealWith(std::move(seal)), StatusIs(StatusCode::kInternal, "SEAL_SIGNING"));
}

// What is known of a seal, with one thing after the other changed.
class SealFitsTest : public DocumentSealerTest {
 protected:
  absl::Status Check() const { return CheckSealFits(facts_, code_, name_, now_); }

  const absl::Time now_ = evidence_.signing_time;
  SealFacts facts_ = office_.Open(SharedPki().seal)->facts();
  ElectronicSeal& seal_ = facts_.seal.seal;
  CertificateFacts& certificate_ = facts_.certificate;
  std::string code_ = SharedPki().institution.code, name_ = SharedPki().institution.name;
};

// Rule G4.
TEST_F(SealFitsTest, EachThingThatDoesNotFitIsNamed) {
  const struct {
    const char* name;
    std::function<void()> spoil;
    const char* reason;
  } spoilt_seals[] = {
      {"valid from later", [&] { seal_.valid_from = now_ + absl::Seconds(1); },
       "SEAL_NOT_VALID_NOW"},
      {"valid until before", [&] { seal_.valid_until = now_ - absl::Seconds(1); },
       "SEAL_NOT_VALID_NOW"},
      {"made later", [&] { seal_.created = now_ + absl::Seconds(1); }, "SEAL_NOT_VALID_NOW"},
      {"a certificate from later", [&] { certificate_.not_before = now_ + absl::Seconds(1); },
       "SEAL_CERTIFICATE_NOT_VALID_NOW"},
      {"a certificate until before", [&] { certificate_.not_after = now_ - absl::Seconds(1); },
       "SEAL_CERTIFICATE_NOT_VALID_NOW"},
      {"a certificate that it does not list", [&] { seal_.signer_certificates = {"another one"}; },
       "SEAL_CERTIFICATE_NOT_LISTED"},
      {"no certificate listed", [&] { seal_.signer_certificates.clear(); },
       "SEAL_CERTIFICATE_NOT_LISTED"},
      {"an institution without a name", [&] { name_.clear(); }, "SEAL_OF_OTHER_INSTITUTION"},
      {"another name", [&] { name_ += "分院"; }, "SEAL_OF_OTHER_INSTITUTION"},
      {"another code", [&] { code_.back() ^= 1; }, "SEAL_OF_OTHER_INSTITUTION"},
      {"the certificate of another code", [&] { certificate_.organizational_unit.clear(); },
       "SEAL_OF_OTHER_INSTITUTION"},
  };
  EXPECT_OK(Check());
  const SealFacts facts = facts_;
  const std::string code = code_, name = name_;
  for (const auto& spoilt : spoilt_seals) {
    spoilt.spoil();
    EXPECT_THAT(Check(), StatusIs(StatusCode::kFailedPrecondition, spoilt.reason)) << spoilt.name;
    facts_ = facts;
    code_ = code;
    name_ = name;
  }
}

TEST_F(SealFitsTest, TheFirstAndTheLastMomentCount) {
  seal_.created = seal_.valid_from = certificate_.not_before = now_;
  seal_.valid_until = certificate_.not_after = now_;
  EXPECT_OK(Check());
}

}  // namespace
}  // namespace birthseal::signer
