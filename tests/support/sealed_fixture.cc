// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sealed_fixture.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/identifiers.h"
#include "certs/proof/leaf.h"
#include "certs/proof/merkle.h"
#include "certs/status_macros.h"
#include "signer/sealing/log_signer.h"
#include "signer/verify/note_key.h"

namespace birthseal::tests {
namespace {

namespace devpki = signer::devpki;

constexpr char kTypeCode[] = "11100000000013338W999";  // 999: no registered type
constexpr uint64_t kStatusIndex = 7;
constexpr certs::LogEpoch kLogEpoch(1);
constexpr certs::EvidenceKind kTestEvidence[] = {certs::EvidenceKind::kMotherId,
                                                 certs::EvidenceKind::kFatherId};

// Both parents' documents, whatever the kind of the case.
certs::Profile ProfileOfTests() {
  certs::Profile profile;
  profile.name = kTestProfile;
  profile.licence_type_code = kTypeCode;
  for (const certs::CaseKind kind :
       {certs::CaseKind::kFirstIssue, certs::CaseKind::kExchange, certs::CaseKind::kReplacement,
        certs::CaseKind::kBackfill, certs::CaseKind::kOfficialDocument}) {
    profile.evidence.push_back(
        {kind, certs::ExchangeGround::kNone, {std::begin(kTestEvidence), std::end(kTestEvidence)}});
  }
  return profile;
}

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "sealed_fixture: %s\n", status.ToString().c_str());
  std::abort();
}

template <typename T>
T Require(absl::StatusOr<T> value) {
  Require(value.status());
  return *std::move(value);
}

// A citizen number with its check digit.
std::string CitizenNumber(absl::string_view first17) {
  return absl::StrCat(first17, std::string(1, certs::Mod11_2CheckCharacter(first17)));
}

certs::Parent SyntheticParent(const char* name, int age, absl::string_view id17) {
  certs::Parent parent;
  parent.name = name;
  parent.age = age;
  parent.nationality = "CHN";
  parent.ethnicity = "01";
  parent.address = "贵州省云岭县松风街道栖霞路18号";
  parent.id_type = certs::IdType::kCitizenId;
  parent.id_number = CitizenNumber(id17);
  return parent;
}

signer::Operator MakeOperator(const char* id, const TestPki& pki, const signer::PrivateKey& key) {
  signer::Operator made;
  made.id = id;
  made.institution_code = pki.institution.code;
  made.active = true;
  made.key = std::make_shared<const signer::PublicKey>(
      Require(signer::PublicKey::FromSpki(key.PublicSpki())));
  return made;
}

}  // namespace

absl::Time FixtureNow() { return absl::FromUnixSeconds(1'780'279'384); }

signer::VerifierTrust TestPki::Trust() const {
  signer::VerifierTrust trust;
  trust.makers = Require(signer::TrustStore::FromPem(hierarchy.MakersPem()));
  trust.signers = Require(signer::TrustStore::FromPem(hierarchy.SignersPem()));
  trust.time_stamps = Require(signer::TrustStore::FromPem(""));
  trust.log_key = log_verifier;
  return trust;
}

std::shared_ptr<const signer::InstitutionSeal> OpenSeal(
    const devpki::InstitutionIdentity& identity) {
  return std::make_shared<const signer::InstitutionSeal>(signer::InstitutionSeal{
      {Require(signer::ParseElectronicSeal(identity.seal)), identity.signer.certificate},
      signer::SealKey(identity.signer.key)});
}

TestPki MakeTestPki() {
  TestPki pki;
  pki.hierarchy = Require(devpki::MakeHierarchy(FixtureNow()));
  pki.institution = {"12529901MB0A12342F", "云岭县人民医院", "云岭县", false};
  pki.identity = Require(devpki::MakeInstitutionSeal(pki.hierarchy, pki.institution, FixtureNow()));
  pki.seal = OpenSeal(pki.identity);
  pki.log_key = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
  pki.issuer_key = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
  pki.sealer_key = signer::PrivateKey::Generate(signer::KeyAlgorithm::kP256);
  pki.issuer = MakeOperator("issuer-1", pki, *pki.issuer_key);
  pki.issuer.may_issue = true;
  pki.sealer = MakeOperator("sealer-1", pki, *pki.sealer_key);
  pki.sealer.may_seal = true;
  pki.log_verifier =
      Require(signer::NoteVerifierFromPem(kTestLogName, devpki::PublicKeyPem(*pki.log_key)));
  return pki;
}

const TestPki& SharedPki() {
  static const TestPki* const pki = new TestPki(MakeTestPki());
  return *pki;
}

certs::Face SyntheticFace(const TestPki& pki) {
  certs::Face face;
  certs::FaceContent& content = face.content;
  content.newborn_name = "云知夏";
  content.sex = certs::Sex::kFemale;
  content.birth_time = absl::CivilMinute(2026, 5, 20, 8, 30);
  content.gestation_weeks = 39;
  content.gestation_days = 4;
  content.birth_weight_g = 3250;
  content.birth_length_mm = 500;
  content.birth_place = {"贵州省", "云岭市", "云岭县", "529901"};
  content.delivery_institution_name = pki.institution.name;
  content.delivery_institution_code = pki.institution.code;
  content.mother = SyntheticParent("林晚舟", 29, "52990119970104002");
  content.father = SyntheticParent("云长青", 31, "52990119950203001");
  content.issuing_institution_name = pki.institution.name;
  content.issuing_institution_code = pki.institution.code;
  face.certificate_number = "Y520000017";
  face.issue_date = absl::CivilDay(2026, 6, 1);
  return face;
}

certs::Receipt MakeReceipt(const certs::ReceiptSubject& subject, absl::string_view institution_code,
                           const std::shared_ptr<const signer::PrivateKey>& log_key) {
  certs::Receipt receipt;
  receipt.salt = "0123456789abcdef";
  certs::Leaf leaf;
  leaf.kind = certs::LeafKind::kIntent;
  leaf.log_minute = absl::ToUnixSeconds(FixtureNow()) / 60;
  leaf.institution_code = std::string(institution_code);
  leaf.status_index = kStatusIndex;
  leaf.commitment = certs::Commit(
      receipt.salt,
      certs::IntentOpening(subject.face_digest, subject.licence_id, subject.document_id));
  receipt.leaf = certs::Canonical(leaf);
  receipt.leaf_index = 1;
  const certs::Digest other = certs::LeafHash("an earlier leaf");
  receipt.path = {other};
  certs::TreeHead head;
  head.origin = certs::OriginOf(kTestLogName, kLogEpoch);
  head.size = 2;
  head.root = certs::NodeHash(other, certs::LeafHash(receipt.leaf));
  head.time = FixtureNow();
  receipt.checkpoint = Require(signer::LogSigner::OfNewLog(kTestLogName, log_key).Sign(head));
  return receipt;
}

signer::SealEvidence CompleteEvidence(const TestPki& pki, const certs::Face& face) {
  signer::SealEvidence evidence;
  evidence.application.mother = face.content.mother;
  evidence.application.father = face.content.father;
  for (const certs::EvidenceKind kind : kTestEvidence) {
    evidence.application.evidence.push_back(
        {kind, "case-17", certs::Sm3Of("a scanned document"), ""});
  }
  evidence.profile = kTestProfile;
  evidence.face = face;
  const certs::Digest face_digest = certs::FaceDigest(face);
  const auto code = Require(certs::CreditCode::Parse(pki.institution.code));
  evidence.licence_id =
      Require(certs::LicenceId::Make(kTypeCode, code, face.certificate_number, 1)).value();
  evidence.document_id = "00112233445566778899aabbccddeeff";
  evidence.signing_time = FixtureNow();
  evidence.status_index = certs::StatusIndex(kStatusIndex);
  evidence.log_epoch = kLogEpoch;
  evidence.receipt = MakeReceipt({face_digest, evidence.licence_id, evidence.document_id},
                                 pki.institution.code, pki.log_key);
  return evidence;
}

GivenApprovals ApprovalsOf(const TestPki& pki, const certs::Face& face) {
  const auto given = [](const signer::Operator& who,
                        const std::shared_ptr<const signer::PrivateKey>& key,
                        const certs::Digest& digest) {
    return GivenApproval{who.id, signer::SignWith(key, certs::View(digest))};
  };
  return {given(pki.issuer, pki.issuer_key, certs::ContentDigest(face.content)),
          given(pki.sealer, pki.sealer_key, certs::FaceDigest(face))};
}

absl::StatusOr<std::shared_ptr<const signer::Operator>> MapOperators::Find(absl::string_view id) {
  const auto found = people.find(id);
  if (found == people.end()) return absl::NotFoundError("nobody");
  return found->second;
}

absl::StatusOr<std::shared_ptr<const signer::InstitutionSeal>> MapKeyProvider::SealOf(
    absl::string_view code) {
  const auto found = seals.find(code);
  if (found == seals.end()) return absl::NotFoundError("no seal");
  return found->second;
}

TestSealer::TestSealer(const TestPki& pki, certs::NoteVerifier log_key)
    : profiles{{kTestProfile, ProfileOfTests()}},
      sealer(signer::SealerTrust{&keys, &approvals, std::move(log_key), &profiles,
                                 &SharedRenderer()}) {
  for (const signer::Operator& who : {pki.issuer, pki.sealer}) {
    operators.people[who.id] = std::make_shared<const signer::Operator>(who);
  }
  keys.seals[pki.institution.code] = pki.seal;
}

absl::StatusOr<signer::SealPlan> TestSealer::Plan(const GivenApprovals& given,
                                                  const signer::SealEvidence& evidence) {
  const std::string& code = evidence.face.content.issuing_institution_code;
  ASSIGN_OR_RETURN(const signer::VerifiedApproval issuer,
                   approvals.Verify(given.issuer.operator_id, given.issuer.signature,
                                    signer::ApprovalRole::kIssuer, code,
                                    certs::ContentDigest(evidence.face.content)));
  ASSIGN_OR_RETURN(
      const signer::VerifiedApproval second,
      approvals.Verify(given.sealer.operator_id, given.sealer.signature,
                       signer::ApprovalRole::kSealer, code, certs::FaceDigest(evidence.face)));
  return sealer.Plan(evidence, issuer, second);
}

absl::StatusOr<signer::SealedDocument> TestSealer::Seal(signer::SealPlan plan,
                                                        const signer::OpenedSeal& seal) {
  ASSIGN_OR_RETURN(signer::RenderedPlan rendered, sealer.Render(std::move(plan)));
  return sealer.Seal(std::move(rendered), seal);
}

absl::StatusOr<signer::OpenedSeal> TestSealer::Open(
    std::shared_ptr<const signer::InstitutionSeal> seal) {
  keys.seals["a seal"] = std::move(seal);
  return sealer.Open("a seal");
}

certs::ofd::DocumentInput InputFor(const signer::SealEvidence& evidence) {
  certs::ofd::DocumentInput input;
  input.face = evidence.face;
  input.licence_id = evidence.licence_id;
  input.licence_type_code = kTypeCode;
  input.document_id = evidence.document_id;
  input.signing_time = evidence.signing_time;
  input.status_index = evidence.status_index.value();
  input.log_epoch = evidence.log_epoch.value();
  input.intent_index = evidence.receipt.leaf_index;
  input.receipt = certs::Canonical(evidence.receipt);
  input.supersedes = evidence.supersedes;
  return input;
}

signer::SealedDocument SealCertificate(const TestPki& pki, const signer::SealEvidence& evidence) {
  TestSealer of(pki);
  signer::SealPlan plan = Require(of.Plan(ApprovalsOf(pki, evidence.face), evidence));
  const signer::OpenedSeal seal = Require(of.sealer.Open(pki.institution.code));
  return Require(of.Seal(std::move(plan), seal));
}

}  // namespace birthseal::tests
