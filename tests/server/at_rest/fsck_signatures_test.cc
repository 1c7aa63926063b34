// SPDX-License-Identifier: Apache-2.0
// Signatures from stored bytes: all hold in a clean store; one altered byte in each kind is named,
// also when whoever altered it made the hashes fit.
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "tests/server/at_rest/fsck_signatures_fixture.h"

namespace birthseal::tests {
namespace {

using store::Family;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(FsckSignaturesTest, InACleanStoreAllHold) {
  const server::SignatureReport report = Check();
  EXPECT_THAT(Names(report.findings), IsEmpty());
  EXPECT_THAT(Names(report.not_checkable), IsEmpty());
  EXPECT_EQ(report.documents, 1u);
  EXPECT_EQ(report.approvals, 2u);
  EXPECT_EQ(report.checkpoints, 1u);
  EXPECT_EQ(report.map_proofs, 1u);
}

TEST_F(FsckSignaturesTest, ASealThatIsOfAnotherDocumentIsNamed) {
  Restart();
  IssueBirth(2);
  storage::v1::DocumentRecipe recipe = Recipe(1);
  const storage::v1::DocumentRecipe other = Recipe(2);
  bool replaced = false;
  for (int i = 0; i < recipe.parts_size(); ++i) {
    if (!absl::EndsWith(recipe.parts(i).path(), "SignedValue.dat")) continue;
    *recipe.mutable_parts(i) = other.parts(i);
    replaced = true;
  }
  ASSERT_TRUE(replaced);
  SetDocument(recipe);
  const server::SignatureReport report = Check();
  EXPECT_THAT(Names(report.findings), Contains("documents DOCUMENT_SIGNATURE"));
  EXPECT_EQ(report.findings[0].key, store::IndexKey(1));
  EXPECT_EQ(report.documents, 1u);  // the other one
}

TEST_F(FsckSignaturesTest, AGenuineDocumentInTheWrongPlaceIsNamed) {
  Restart();
  IssueBirth(2);
  SetDocument(Recipe(2));
  EXPECT_THAT(Names(Check().findings), ElementsAre("documents DOCUMENT_OF_ANOTHER_CERTIFICATE"));
}

TEST_F(FsckSignaturesTest, ADamagedDocumentIsNamed) {
  std::string sealed = Bytes(Family::kDocuments, store::IndexKey(1));
  Flip(&sealed, sealed.size() - 1);
  Put(Family::kDocuments, store::IndexKey(1), sealed);
  EXPECT_THAT(Names(Check().findings), ElementsAre("documents DOCUMENT_DAMAGED"));
}

TEST_F(FsckSignaturesTest, AnApprovalThatIsNotTheOperatorsIsNamed) {
  ChangeCase(
      [](storage::v1::CaseHead* head) { Flip(head->mutable_issuer()->mutable_signature(), 20); });
  EXPECT_THAT(Names(Check().findings), ElementsAre("cases ISSUER_SIGNATURE"));
  EXPECT_EQ(Check().findings[0].key, Head().reservation().case_id());
  ChangeCase([](storage::v1::CaseHead* head) {
    Flip(head->mutable_issuer()->mutable_signature(), 20);
    Flip(head->mutable_sealer()->mutable_signature(), 20);
  });
  EXPECT_THAT(Names(Check().findings), ElementsAre("cases SEALER_SIGNATURE"));
}

TEST_F(FsckSignaturesTest, AnApprovalOfNobodyAndOfOnePersonIsNamed) {
  ChangeCase(
      [](storage::v1::CaseHead* head) { head->mutable_issuer()->set_operator_id("nobody"); });
  EXPECT_THAT(Names(Check().findings), ElementsAre("cases ISSUER_UNKNOWN"));
  ChangeCase([](storage::v1::CaseHead* head) { *head->mutable_issuer() = head->sealer(); });
  EXPECT_THAT(Names(Check().findings),
              ElementsAre("cases ISSUER_SIGNATURE", "cases SAME_PERSON_APPROVED_AND_SEALED"));
}

TEST_F(FsckSignaturesTest, AKeyThatWasReplacedSinceIsSaidToBe) {
  clock_.Advance(absl::Hours(1));
  Restart();
  const std::string id = "issuer-" + hospital();
  auto who = Stored<storage::v1::Operator>(Family::kRegistry,
                                           store::RegistryKey(store::RegistryKind::kOperator, id));
  who.set_public_key(signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2)->PublicSpki());
  ASSERT_OK(server::PutOperator(*house_, As(kManaging, server::Role::kAdministrator), who));
  const server::SignatureReport report = Check();
  EXPECT_THAT(Names(report.findings), IsEmpty());
  EXPECT_THAT(Names(report.not_checkable), ElementsAre("cases ISSUER_KEY_CHANGED_SINCE"));
  EXPECT_EQ(report.approvals, 1u);
}

TEST_F(FsckSignaturesTest, ADocumentOfAnotherLicenceOrIdIsNamed) {
  const std::string key = store::IndexKey(1);
  const storage::v1::CertificateHead good = Head();
  for (const bool licence : {true, false}) {
    storage::v1::CertificateHead head = good;
    if (licence) {
      head.mutable_reservation()->set_licence_id("another");
    } else {
      head.mutable_reservation()->set_document_id("another");
    }
    Put(Family::kCertificates, key, head.SerializeAsString());
    EXPECT_THAT(Names(Check().findings), Contains("documents DOCUMENT_OF_ANOTHER_CERTIFICATE"))
        << licence;
  }
}

TEST_F(FsckSignaturesTest, AnOperatorWhoseKeyIsNoneIsNamed) {
  const std::string key =
      store::RegistryKey(store::RegistryKind::kOperator, "issuer-" + hospital());
  auto who = Stored<storage::v1::Operator>(Family::kRegistry, key);
  who.set_public_key("none");
  Put(Family::kRegistry, key, who.SerializeAsString());
  const auto found = Check().findings;
  EXPECT_THAT(Names(found), ElementsAre("registry OPERATOR_KEY"));
  EXPECT_EQ(found[0].key, key);
}

}  // namespace
}  // namespace birthseal::tests
