// SPDX-License-Identifier: Apache-2.0
// A quorum of witnesses for something else than what is offered: whichever field differs, nothing
// is witnessed by it. Every note here is signed by the log's own key.
#include "server/reading/get_receipt.h"
#include "server/reading/verify_document.h"
#include "server/witnessing/receipt_maker.h"
#include "server/witnessing/witness_desk.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/witnessing/witness_desk_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

class WrongCheckpointTest : public WitnessDeskTest {
 protected:
  // Begins a round and gives the head it offers.
  certs::TreeHead Offered() {
    clock_.Advance(absl::Seconds(1));
    desk_->Step();
    const auto note = desk_->Witness(CallerOf("w-audit"), "");
    EXPECT_OK(note);
    return certs::ParseCheckpoint(*note)->head;
  }
  // The log goes on, the map stays as it is.
  void AppendLeaf() {
    storage::v1::Operator who = *registry_.Operator("issuer-" + hospital());
    who.set_id(absl::StrCat("more-", ++more_));
    ASSERT_OK(server::PutOperator(*house_, As(kManaging, server::Role::kAdministrator), who));
  }
  // Two witnesses show this head; the desk looks. Gives what the desk answered.
  absl::Status ShownByAQuorum(const certs::TreeHead& head) {
    const std::string note = SignedByLogKey(head);
    absl::Status status;
    for (const char* name : {"w-police", "w-health"}) {
      status.Update(desk_->Witness(CallerOf(name), Cosign(name, note)).status());
    }
    desk_->Step();
    return status;
  }
  void ExpectNothingWitnessed() {
    EXPECT_EQ(desk_->Newest(), nullptr);
    EXPECT_EQ(desk_->counters().witnessed, 0u);
  }
  int more_ = 0;
};

TEST_F(WrongCheckpointTest, AsOfferedItIsWitnessed) {
  const certs::TreeHead head = Offered();
  AppendLeaf();
  EXPECT_OK(ShownByAQuorum(head));
  EXPECT_EQ(WitnessedSize(), head.size);
}

TEST_F(WrongCheckpointTest, AnotherMapRootIsNotWhatWasOffered) {
  certs::TreeHead head = Offered();
  AppendLeaf();  // so that nobody can tell any more which map was there
  head.map_root = certs::Sm3Of("another map");
  EXPECT_OK(ShownByAQuorum(head));
  ExpectNothingWitnessed();
}

TEST_F(WrongCheckpointTest, AnOlderCheckpointOfTheSameMapIsNotWhatWasOffered) {
  const certs::TreeHead older = Offered();
  AppendLeaf();
  clock_.Advance(absl::Seconds(5));
  desk_->Step();  // the round without quorum is given up
  const certs::TreeHead head = Offered();
  ASSERT_GT(head.size, older.size);
  ASSERT_EQ(head.map_root, older.map_root);
  EXPECT_OK(ShownByAQuorum(older));
  ExpectNothingWitnessed();
  EXPECT_OK(ShownByAQuorum(head));
  EXPECT_EQ(WitnessedSize(), head.size);
}

TEST_F(WrongCheckpointTest, AnotherRootOrSizeIsAnotherHistory) {
  const certs::TreeHead head = Offered();
  AppendLeaf();
  certs::TreeHead wrong = head;
  wrong.root = certs::Sm3Of("another root");
  EXPECT_THAT(ShownByAQuorum(wrong), StatusIs(StatusCode::kFailedPrecondition, "STORE_FORKED"));
  wrong = head;
  --wrong.size;
  EXPECT_THAT(ShownByAQuorum(wrong), StatusIs(StatusCode::kFailedPrecondition, "STORE_FORKED"));
  wrong.size = head.size + 100;
  EXPECT_THAT(ShownByAQuorum(wrong), StatusIs(StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  ExpectNothingWitnessed();
}

// Our key over the name of another log says nothing of this one: neither witnessed, nor evidence
// that the store went back.
TEST_F(WrongCheckpointTest, AnotherLogsNameIsRefusedAndSaysNothingOfThisStore) {
  certs::TreeHead head = Offered();
  for (const char* origin : {"other.example/log/1 sm3", "birthseal.test/log"}) {
    head.origin = origin;
    const std::string note = SignedByLogKey(head);
    for (const char* name : {"w-police", "w-health"}) {
      EXPECT_THAT(desk_->Witness(CallerOf(name), Cosign(name, note)),
                  StatusIs(StatusCode::kInvalidArgument))
          << origin;
    }
    desk_->Step();
    EXPECT_OK(freshness_->MayAnswer()) << origin;
  }
  EXPECT_EQ(freshness_->counters().confirmed, 0u);
  ExpectNothingWitnessed();
}

// After a recovery, a stretch of the ended epoch is known by its length alone: whatever root is
// shown of it, it is nothing of the epoch that is offered.
TEST_F(WrongCheckpointTest, TheSameTreeInAnEndedEpochIsNotWhatWasOffered) {
  const uint64_t kept = ledger_->Head().size.value();
  ASSERT_OK(
      ledger_->Call(store::OpenEpoch{certs::LogSize(kept + 100), certs::Sm3Of("lost")}).status());
  Restart();
  while (ledger_->Head().size.value() <= kept) AppendLeaf();
  certs::TreeHead head = Offered();
  ASSERT_EQ(head.origin, certs::OriginOf(kTestLogName, certs::LogEpoch(2)));
  head.origin = certs::OriginOf(kTestLogName, certs::LogEpoch(1));
  EXPECT_OK(ShownByAQuorum(head));
  ExpectNothingWitnessed();
}

TEST_F(WrongCheckpointTest, TwoBodiesOfOneTreeMakeNoQuorumTogether) {
  certs::TreeHead head = Offered();
  ASSERT_OK(desk_->Witness(CallerOf("w-police"), Cosign("w-police", SignedByLogKey(head))));
  head.time += absl::Seconds(1);
  ASSERT_OK(desk_->Witness(CallerOf("w-health"), Cosign("w-health", SignedByLogKey(head))));
  desk_->Step();
  ExpectNothingWitnessed();
}

// The service's own verifier knows the witnesses, as it does in production.
class LostDocumentTest : public WitnessDeskTest {
 protected:
  void SetUp() override {
    WitnessDeskTest::SetUp();
    signer::VerifierTrust trust = pki_.Trust();
    trust.log_key = log_key_;
    trust.witnesses = witnesses_;
    verifier_ = std::make_unique<signer::DocumentVerifier>(std::move(trust));
    Restart();
    Round();
  }
  // Receipt R3 of a new certificate.
  std::string JointReceiptOf(const server::CertificateView& issued) {
    const certs::LeafIndex from(WitnessedSize());
    Round();
    const auto keep = [this](store::StoreReceipts command) {
      return ledger_->Call(std::move(command)).status();
    };
    EXPECT_OK(server::MakeReceipts(*desk_->Newest(), from, keep, [] { return false; }));
    const auto receipt =
        server::GetReceipt(*house_, issued.licence_id, server::FetchedReceipt::kJoint);
    EXPECT_OK(receipt);
    return receipt.ok() ? *receipt : "";
  }
  signer::Report Verify(const std::string& file, std::vector<std::string> receipts) {
    server::VerifyDocumentInput input{file, "出生登记"};
    input.receipts = std::move(receipts);
    const auto result =
        server::VerifyDocument(*house_, As(kManaging, server::Role::kPolice), input);
    EXPECT_OK(result);
    return result->report;
  }
};

TEST_F(LostDocumentTest, ItsFileIsVouchedForByItsOwnJointReceiptAlone) {
  const server::CertificateView issued = IssueBirth(1), other = IssueBirth(2);
  const std::string file = Download(issued.number);
  const std::string receipt = JointReceiptOf(issued);
  const auto of_other =
      server::GetReceipt(*house_, other.licence_id, server::FetchedReceipt::kJoint);
  ASSERT_OK(of_other);
  storage::v1::CertificateHead head = *registry_.Certificate(issued.status_index);
  head.set_document_lost(true);
  head.clear_file_sm3();
  head.clear_to_be_signed_sm3();
  Overwrite(engine_.get(), store::Family::kCertificates, store::IndexKey(issued.status_index),
            head.SerializeAsString());
  const signer::Report shown = Verify(file, {receipt});
  EXPECT_EQ(shown.verdict, signer::Verdict::kValid) << Name(shown.verdict);
  EXPECT_EQ(shown.receipt, signer::ReceiptStrength::kJoint);
  EXPECT_EQ(Verify(file, {}).verdict, signer::Verdict::kGenuineStatusNotChecked);
  const signer::Verdict wrong = Verify(file, {*of_other}).verdict;
  EXPECT_EQ(wrong, signer::Verdict::kSealedOutsideTheLog) << Name(wrong);
}

}  // namespace
}  // namespace birthseal::tests
