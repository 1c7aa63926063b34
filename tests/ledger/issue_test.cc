// From approval to certificate and its end (spec/domain.md scenarios 1, 2, 9, 21, 25).
#include "certs/face.h"
#include "certs/lifecycle.h"
#include "certs/proof/leaf.h"
#include "certs/proof/merkle.h"
#include "tests/ledger/ledger_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using store::Family;

class IssueTest : public LedgerTest {};

TEST_F(IssueTest, FirstIssueMakesOneValidCertificate) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  EXPECT_EQ(delivery.verdict, store::FeedVerdict::kAccepted);
  const storage::v1::CertificateHead head = driver_.Issued(delivery);
  EXPECT_EQ(head.state(), static_cast<int>(certs::CertificateState::kValid));
  EXPECT_EQ(head.reservation().certificate_number(), "A520000001");
  EXPECT_EQ(head.reservation().status_index(), 1u);
  const storage::v1::Newborn newborn = NewbornOf(delivery.newborn_id);
  EXPECT_EQ(newborn.valid_certificate(), 1u);
  EXPECT_TRUE(newborn.slot_application().empty());
  EXPECT_EQ(NumberOf("A520000001").state(), static_cast<int>(certs::NumberState::kUsed));
  EXPECT_EQ(Told(), std::vector<std::string>{"ISSUED"});
  EXPECT_EQ(Meta().certificates_issued(), 1u);
  EXPECT_EQ(Meta().numbers_in_stock(), 99u);
}

TEST_F(IssueTest, ReservationCarriesTheProofOfItsIntent) {
  const store::Answer answer = [&] {
    const auto approved = driver_.ApprovedCase(driver_.Accept(Birth()));
    return ledger_->Call(driver_.Order(approved.command, approved.number));
  }();
  ASSERT_OK(answer.status);
  const auto& value = std::get<store::ReservationAnswer>(answer.value);
  const storage::v1::Reservation reservation = ReservationIn(answer);
  EXPECT_OK(certs::CheckInclusion(certs::LeafHash(reservation.leaf()), reservation.intent_index(),
                                  value.tree_size, value.path, value.root));
  EXPECT_EQ(ledger_->Head().root, value.root);
  EXPECT_EQ(ledger_->Head().size, value.tree_size);
  const auto leaf = certs::ParseLeaf(reservation.leaf());
  ASSERT_OK(leaf);
  certs::Digest face;
  ASSERT_TRUE(certs::DigestFrom(reservation.face_digest(), &face));
  EXPECT_EQ(leaf->commitment,
            certs::Commit(reservation.salt(), certs::IntentOpening(face, reservation.licence_id(),
                                                                   reservation.document_id())));
}

}  // namespace
}  // namespace birthseal::tests
