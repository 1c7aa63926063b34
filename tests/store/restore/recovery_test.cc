// SPDX-License-Identifier: Apache-2.0
// A store that was put back to an earlier state, brought forward from what a witness mirrored.
#include "store/meta.h"
#include "tests/store/restore/recovery_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CertificateState;
using store::Family;
using store::RecoverLeaves;

TEST_F(RecoveryTest, WhatAWitnessSawIsNotForgotten) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  const auto report = store::BringForward(backup_.get(), Options({&mirror}));
  ASSERT_OK(report) << refused_.ToString();
  EXPECT_EQ(report->lost_from, report->lost_to);
  EXPECT_EQ(report->issued, 2u);
  EXPECT_EQ(report->voided, 1u);
  EXPECT_EQ(report->last.meta.log_root(), certs::Bytes(mirror.head().root));
  EXPECT_EQ(report->last.meta.map_root(), certs::Bytes(mirror.head().map_root));

  // Revoked stays revoked.
  const auto first = In<storage::v1::CertificateHead>(
      *backup_, Family::kCertificates, store::IndexKey(first_.reservation().status_index()));
  EXPECT_EQ(first.state(), static_cast<int>(CertificateState::kRevoked));
  EXPECT_EQ(first.void_reason(), "RECOVERED_FROM_LOG");
  // The reservation was finished, its document is lost, its number used.
  const auto closed = In<storage::v1::CertificateHead>(*backup_, Family::kCertificates,
                                                       store::IndexKey(waiting_.status_index()));
  EXPECT_TRUE(closed.document_lost());
  EXPECT_EQ(closed.reservation().certificate_number(), waiting_.certificate_number());
  // A newborn of the backup has the certificate that the log knows of.
  const auto newborn =
      In<storage::v1::Newborn>(*backup_, Family::kNewborns, store::IdKey(unissued_.newborn_id));
  EXPECT_EQ(newborn.valid_certificate(), third_.reservation().status_index());
  EXPECT_EQ(ChecksOf(*backup_), "");
}

TEST_F(RecoveryTest, NoSecondCertificateAndNoNumberUntilTwoPeopleHaveLooked) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  ASSERT_OK(store::BringForward(backup_.get(), Options({&mirror})));
  GoOnWith(backup_.get());
  const store::SubmitApplication again = driver_.Application(unissued_);
  const store::AnyAnswer filed = driver_.Do(again);
  EXPECT_FALSE(filed.status.ok() && driver_.Call1(driver_.Approval(again)).ok());

  const store::SubmitApplication other = driver_.Filed(driver_.Accept(BirthNo(9)));
  const store::Approve approval = driver_.Approval(other);
  EXPECT_THAT(driver_.Call1(approval), StatusIs(StatusCode::kFailedPrecondition, "STOCK_HELD"));
  store::ConfirmStock confirm;
  confirm.organisation_code = confirm.institution_code = kHospital;
  confirm.first_number = "A520000001";
  confirm.next_number = "A520000011";
  confirm.first_operator = confirm.second_operator = "one";
  confirm.request_key = driver_.NewKey();
  EXPECT_THAT(driver_.Call1(confirm), StatusIs(StatusCode::kInvalidArgument, "TWO_PERSONS_NEEDED"));
  confirm.second_operator = "two";
  confirm.next_number = "A520000001";  // left the range long ago
  EXPECT_THAT(driver_.Call1(confirm),
              StatusIs(StatusCode::kInvalidArgument, "NUMBER_NOT_IN_RANGE"));
  confirm.next_number = "A520000011";
  ASSERT_OK(driver_.Call1(confirm));
  ASSERT_OK(driver_.Call1(confirm));  // asked again
  confirm.request_key = driver_.NewKey();
  EXPECT_THAT(driver_.Call1(confirm), StatusIs(StatusCode::kFailedPrecondition, "STOCK_NOT_HELD"));
  const store::AnyAnswer approved = driver_.Do(approval);
  ASSERT_OK(approved.status);
  EXPECT_EQ(std::get<store::CaseAnswer>(approved.value).certificate_number, "A520000011");
  ledger_.reset();
  EXPECT_EQ(ChecksOf(*backup_), "");
}

TEST_F(RecoveryTest, AClaimThatOnlyTheMirrorKnowsEndsWithItsCertificate) {
  first_ = IssueBirth(1);
  backup_ = CopyOf(engine_);
  Birth corrected = BirthNo(1);
  corrected.mother = "PASSPORT-CORRECTED";
  store::AcceptDelivery update = driver_.Delivery(corrected);
  update.base =
      IdIn<certs::DeliveryId>(Stored<storage::v1::Newborn>(engine_, store::Family::kNewborns,
                                                           first_.reservation().newborn_id())
                                  .current_delivery());
  driver_.Accept(update);
  IssueBirth(7);  // of a newborn that gets lost
  ledger_.reset();
  EngineMirror mirror(engine_);
  ASSERT_OK(store::BringForward(backup_.get(), Options({&mirror})));
  EXPECT_EQ(ChecksOf(*backup_), "");
  GoOnWith(backup_.get());
  ASSERT_OK(driver_.Call1(Revocation(first_)));
  driver_.Accept(BirthNo(7));  // reported again
  ledger_.reset();
  EXPECT_EQ(ChecksOf(*backup_), "");
}

TEST_F(RecoveryTest, WhatNobodyHasEndsTheEpochInTheOpen) {
  LiveThroughABackup();
  EngineMirror everything(engine_), mirror(engine_, 2);
  store::ForwardOptions options = Options({&mirror});
  options.high_water = everything.head();
  const auto report = store::BringForward(backup_.get(), options);
  ASSERT_OK(report);
  EXPECT_EQ(report->lost_from, mirror.head().size);
  EXPECT_EQ(report->lost_to, everything.head().size);
  const storage::v1::Meta& meta = report->last.meta;
  EXPECT_EQ(meta.log_epoch(), 2u);
  EXPECT_EQ(meta.log_size(), 1u);
  ASSERT_EQ(meta.past_epochs_size(), 1);
  EXPECT_EQ(meta.past_epochs(0).size(), mirror.head().size);
  EXPECT_GT(meta.next_status_index(), third_.reservation().status_index());
  EXPECT_EQ(ChecksOf(*backup_), "");

  // Again: nothing more to do. And a witness follows into the new epoch.
  const auto again = store::BringForward(backup_.get(), options);
  ASSERT_OK(again);
  EXPECT_EQ(again->last.meta.log_epoch(), 2u);
  EngineMirror follows(*backup_);
  EXPECT_EQ(follows.head().size, 1u);
}

TEST_F(RecoveryTest, AMirrorLeadsAcrossAnEndedEpoch) {
  LiveThroughABackup();
  const auto older = CopyOf(*backup_);
  EngineMirror everything(engine_);
  store::ForwardOptions options = Options({});
  options.high_water = everything.head();
  ASSERT_OK(store::BringForward(backup_.get(), options));
  GoOnWith(backup_.get());
  ASSERT_OK(driver_.Call1(Revocation(second_)));
  ledger_.reset();
  EngineMirror later(*backup_);

  EXPECT_THAT(store::BringForward(older.get(),
                                  [&] {
                                    store::ForwardOptions without = Options({});
                                    without.high_water = later.head();
                                    return without;
                                  }()),
              StatusIs(StatusCode::kFailedPrecondition, "LATER_EPOCH_LOST"));
  const auto report = store::BringForward(older.get(), Options({&later}));
  ASSERT_OK(report) << refused_.ToString();
  EXPECT_EQ(report->last.meta.log_epoch(), 2u);
  EXPECT_EQ(report->last.meta.log_root(), certs::Bytes(later.head().root));
  const auto second = In<storage::v1::CertificateHead>(
      *older, Family::kCertificates, store::IndexKey(second_.reservation().status_index()));
  EXPECT_EQ(second.state(), static_cast<int>(CertificateState::kRevoked));
  EXPECT_EQ(ChecksOf(*older), "");
}

TEST_F(RecoveryTest, AnOpenReservationOfTheOldEpochIsOnlyCancelled) {
  LiveThroughABackup();
  EngineMirror everything(engine_);
  store::ForwardOptions options = Options({});
  options.high_water = everything.head();
  ASSERT_OK(store::BringForward(backup_.get(), options));
  GoOnWith(backup_.get());
  EXPECT_THAT(driver_.Call1(driver_.Issue(waiting_.intent_index())),
              StatusIs(StatusCode::kFailedPrecondition, "LOG_EPOCH_ENDED"));
  ASSERT_OK(driver_.Call1(CancellationOf(waiting_)));
  ledger_.reset();
  EXPECT_EQ(ChecksOf(*backup_), "");
}

TEST_F(RecoveryTest, AMirrorThatIsNotOfThisLogChangesNothing) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  const std::string before =
      In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).SerializeAsString();
  const auto refused = [&] {
    EXPECT_OK(store::BringForward(backup_.get(), Options({&mirror})));
    EXPECT_EQ(In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).SerializeAsString(),
              before);
    const absl::Status why = refused_;
    refused_ = absl::OkStatus();
    return why;
  };
  mirror.signature_ = "a stranger's";
  EXPECT_FALSE(refused().ok());
  mirror.signature_ = "the log's";
  mirror.spoil_ = [](RecoverLeaves::Item& item) { item.changes.clear(); };
  EXPECT_THAT(refused(), StatusIs(StatusCode::kFailedPrecondition, "MAP_CHANGE_MISSING"));
  mirror.spoil_ = [](RecoverLeaves::Item& item) { item.leaf[item.leaf.size() - 1] ^= 1; };
  EXPECT_FALSE(refused().ok());
  mirror.spoil_ = nullptr;
  store::ForwardOptions look = Options({&mirror});
  look.dry_run = true;
  const auto dry = store::BringForward(backup_.get(), look);
  ASSERT_OK(dry);
  EXPECT_EQ(dry->last.meta.log_size(), mirror.head().size);
  EXPECT_EQ(In<storage::v1::Meta>(*backup_, Family::kMeta, store::MetaKey()).SerializeAsString(),
            before);
}

TEST_F(RecoveryTest, AForkIsForAPerson) {
  LiveThroughABackup();
  EngineMirror mirror(engine_);
  store::ForwardOptions options = Options({&mirror});
  options.high_water = mirror.head();
  options.high_water->root[0] ^= 1;
  EXPECT_THAT(store::BringForward(backup_.get(), options),
              StatusIs(StatusCode::kDataLoss, "LOG_FORKED"));
}

}  // namespace
}  // namespace birthseal::tests
