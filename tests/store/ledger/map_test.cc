// SPDX-License-Identifier: Apache-2.0
// The uniqueness map as the ledger keeps it: every change with its leaf, as a witness follows it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/proof/log_update.h"
#include "certs/proof/merkle.h"
#include "store/ledger/step.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"
#include "store/reads/registry.h"
#include "store/reads/view.h"
#include "tests/store/ledger/ledger_fixture.h"
#include "tests/support/naive_map.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using certs::CaseKind;
using certs::LeafKind;
using store::Family;
using testing::ElementsAre;

class MapTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    first_leaf_ = Meta().log_size();
  }
  certs::MapLabel Label(const Birth& birth) const { return driver_.ClaimsOf(birth)[0].label; }
  std::optional<uint64_t> ValueOf(const Birth& birth) const {
    const auto snapshot = engine_.NewSnapshot();
    const auto proof = store::ProveLabel(*snapshot, Label(birth));
    EXPECT_OK(proof);
    const auto value = certs::CheckMapProof(*proof, store::MapRootOf(*store::MetaOf(*snapshot)));
    EXPECT_OK(value);
    return *value;
  }
  // Kinds of the leaves since enrolment; a witness follows all of them.
  std::vector<LeafKind> Followed() {
    std::vector<LeafKind> kinds;
    const store::Registry registry(&engine_, nullptr);
    const auto updates = registry.Updates(certs::LogEpoch(0), certs::LeafIndex(0), 10000);
    EXPECT_OK(updates);
    certs::LogFollower witness{certs::LogState()};
    for (size_t i = 0; i < updates->size(); ++i) {
      EXPECT_OK(witness.Follow((*updates)[i].leaf, (*updates)[i].changes));
      if (i >= first_leaf_) kinds.push_back(certs::ParseLeaf((*updates)[i].leaf)->kind);
    }
    const store::DurableRoot root = ledger_->Head();
    certs::TreeHead head;
    head.size = root.size.value();
    head.root = root.root;
    head.map_root = root.map_root;
    EXPECT_OK(witness.CheckHead(head));
    return kinds;
  }
  store::Revoke Revocation(const std::string& number) {
    store::Revoke command;
    command.first_operator = "one", command.second_operator = "two";
    command.number = number;
    command.reason = "revoked";
    command.request_key = driver_.NewKey();
    command.salt = std::string(16, 'r');
    return command;
  }
  // The same baby under the same number, with the mother's other passport.
  Birth Renamed() const {
    Birth birth;
    birth.mother = "PASSPORT777";
    return birth;
  }
  // A record of it, as the feed gives it: an update of the delivery.
  store::DeliveryAnswer Update(const Birth& birth, const store::DeliveryAnswer& base) {
    store::AcceptDelivery command = driver_.Delivery(birth);
    command.base = base.delivery_id;
    return driver_.Accept(command);
  }
  // Writes past the ledger, as damage or a thief would.
  void LeadTo(const certs::MapLabel& label, uint64_t value) {
    ledger_.reset();
    const auto snapshot = engine_.NewSnapshot();
    storage::v1::Meta meta = *store::MetaOf(*snapshot);
    store::MapUpdater updater(store::MapReader(snapshot.get(), store::MapRootOf(meta)));
    ASSERT_OK(updater.Change(label, value));
    store::WriteBatch batch;
    updater.PutInto(&batch);
    meta.set_map_root(certs::Bytes(updater.root()));
    batch.Put(Family::kMeta, store::MetaKey(), meta.SerializeAsString());
    ASSERT_OK(engine_.Commit(batch, *engine_.AcquireFence()));
    Open();
  }

  uint64_t first_leaf_ = 0;
};

// Rule I2.
TEST_F(MapTest, ALabelLeadsToItsCertificateFromTheIssueOn) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  EXPECT_EQ(NewbornOf(delivery.newborn_id).map_labels_size(), 1);
  const auto reservation = driver_.Reserved(driver_.ApprovedCase(delivery));
  EXPECT_EQ(ValueOf(Birth()), std::nullopt);
  EXPECT_EQ(ledger_->Head().map_root, certs::kEmptySubtree);
  ASSERT_OK(driver_.Do(driver_.Issue(reservation.intent_index())).status);
  EXPECT_EQ(ValueOf(Birth()), 1u);
  EXPECT_EQ(Meta().map_labels(), 1u);
  EXPECT_EQ(ledger_->Head().map_root, certs::MapLeafHash(Label(Birth()), 1));
  EXPECT_THAT(Followed(), ElementsAre(LeafKind::kIntent, LeafKind::kIssued));
}

TEST_F(MapTest, ExchangeVoidsTheLabelsFirstAndThenLeadsThemOn) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto old = driver_.Issued(delivery);
  store::SubmitApplication filed = driver_.Application(delivery);
  filed.kind = CaseKind::kExchange;
  filed.predecessor_number = old.reservation().certificate_number();
  ASSERT_OK(driver_.Do(filed).status);
  const auto fresh = driver_.IssuedFrom(filed);
  EXPECT_EQ(ValueOf(Birth()), 2u);
  EXPECT_EQ(Meta().map_labels(), 1u);
  EXPECT_EQ(CertificateOf(1).voided_leaf(), fresh.issued_leaf());  // the leaf before, plus 1
  EXPECT_THAT(Followed(), ElementsAre(LeafKind::kIntent, LeafKind::kIssued, LeafKind::kIntent,
                                      LeafKind::kVoided, LeafKind::kIssued));
}

TEST_F(MapTest, RevocationLeavesTheLabelVoid) {
  const auto head = driver_.Issued(driver_.Accept(Birth()));
  ASSERT_OK(driver_.Do(Revocation(head.reservation().certificate_number())).status);
  EXPECT_EQ(ValueOf(Birth()), 0u);
  EXPECT_EQ(Meta().map_labels(), 1u);
  EXPECT_THAT(Followed(), ElementsAre(LeafKind::kIntent, LeafKind::kIssued, LeafKind::kVoided));
}

// Rule C17.
TEST_F(MapTest, FurtherFactsOfTheMotherLeadToTheCertificateInForce) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const auto head = driver_.Issued(delivery);
  Update(Renamed(), delivery);
  EXPECT_EQ(ValueOf(Birth()), 1u);
  EXPECT_EQ(ValueOf(Renamed()), 1u);
  EXPECT_EQ(Meta().map_labels(), 2u);
  EXPECT_THAT(Followed(), ElementsAre(LeafKind::kIntent, LeafKind::kIssued, LeafKind::kClaimAdded));
  const store::Registry registry(&engine_, nullptr);
  const auto leaf = certs::ParseLeaf(
      registry.Leaves(certs::LeafIndex(first_leaf_ + 2), 1, certs::kCurrentEpoch)->at(0));
  EXPECT_EQ(leaf->status_index, 1u);
  EXPECT_EQ(leaf->institution_code, head.reservation().institution_code());
  const std::string salt =
      certs::Bytes(certs::HmacSm3(kIndexKey, "claim-added" + certs::Bytes(Label(Renamed()))));
  EXPECT_EQ(leaf->commitment, certs::Commit(salt, certs::View(Label(Renamed()))));
  ASSERT_OK(driver_.Do(Revocation(head.reservation().certificate_number())).status);
  EXPECT_EQ(ValueOf(Birth()), 0u);
  EXPECT_EQ(ValueOf(Renamed()), 0u);
  Followed();
}

TEST_F(MapTest, FactsThatComeBeforeTheIssueWaitForIt) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::DeliveryAnswer update = Update(Renamed(), delivery);
  EXPECT_EQ(update.newborn_id, delivery.newborn_id);
  EXPECT_EQ(ValueOf(Renamed()), std::nullopt);
  driver_.Issued(update);
  EXPECT_EQ(ValueOf(Birth()), 1u);
  EXPECT_EQ(ValueOf(Renamed()), 1u);
  EXPECT_THAT(Followed(), ElementsAre(LeafKind::kIntent, LeafKind::kIssued));
}

TEST_F(MapTest, AClaimOfTheMotherWithoutLabelIsRefusedOnEveryPath) {
  store::AcceptDelivery record = driver_.Delivery(Birth());
  record.claims[0].label = {};
  EXPECT_THAT(driver_.Do(record).status, StatusIs(StatusCode::kInternal, "LABEL_MISSING"));
  Birth unknown;
  unknown.mother.clear();
  store::Approve approval = driver_.Approval(driver_.Filed(driver_.Accept(unknown)));
  approval.claims = record.claims;
  EXPECT_THAT(driver_.Do(approval).status, StatusIs(StatusCode::kInternal, "LABEL_MISSING"));
}

TEST_F(MapTest, AKnownClaimKeepsItsLabel) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::DeliveryAnswer update = Update(Birth(), delivery);
  EXPECT_EQ(NewbornOf(delivery.newborn_id).map_labels_size(), 1);
  store::AcceptDelivery record = driver_.Delivery(Birth());
  record.base = update.delivery_id;
  record.claims[0].label = Label(Renamed());
  EXPECT_THAT(driver_.Do(record).status, StatusIs(StatusCode::kInternal, "LABEL_CHANGED"));
  EXPECT_EQ(NewbornOf(delivery.newborn_id).map_labels_size(), 1);
}

// Rule C18.
TEST_F(MapTest, NothingIsApprovedOrReservedAgainstTheMap) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  const store::Approve approval = driver_.Approval(driver_.Filed(delivery));
  LeadTo(Label(Birth()), 99);
  EXPECT_THAT(driver_.Do(approval).status,
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
  LeadTo(Label(Birth()), 0);
  const store::AnyAnswer approved = driver_.Do(approval);
  ASSERT_OK(approved.status);
  LeadTo(Label(Birth()), 99);
  const store::Reserve order = driver_.Order(approval, CaseIn(approved).certificate_number);
  EXPECT_THAT(driver_.Do(order).status,
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
}

// Rule C18.
TEST_F(MapTest, AClaimOfTheCaseThatTheMapKnowsIsNotApproved) {
  Birth unknown;
  unknown.mother.clear();
  store::Approve approval = driver_.Approval(driver_.Filed(driver_.Accept(unknown)));
  approval.claims = {driver_.ClaimsOf(Birth())[0]};
  LeadTo(Label(Birth()), 99);
  EXPECT_THAT(driver_.Do(approval).status,
              StatusIs(StatusCode::kFailedPrecondition, "CERTIFICATE_EXISTS"));
}

// Rule I2.
TEST_F(MapTest, NothingIsIssuedNorRevokedOverAMapThatDisagrees) {
  const auto reservation = driver_.Reserved(driver_.ApprovedCase(driver_.Accept(Birth())));
  LeadTo(Label(Birth()), 99);
  const uint64_t size = Meta().log_size();
  EXPECT_THAT(driver_.Do(driver_.Issue(reservation.intent_index())).status,
              StatusIs(StatusCode::kDataLoss, "MAP_DISAGREES"));
  LeadTo(Label(Birth()), 0);
  ASSERT_OK(driver_.Do(driver_.Issue(reservation.intent_index())).status);
  LeadTo(Label(Birth()), 98);
  EXPECT_THAT(driver_.Do(Revocation(reservation.certificate_number())).status,
              StatusIs(StatusCode::kDataLoss, "MAP_DISAGREES"));
  EXPECT_EQ(Meta().log_size(), size + 1);  // refused commands leave no leaf
  EXPECT_EQ(ledger_->Head().size.value(), size + 1);
}

TEST_F(MapTest, ACertificateThatTheMapDoesNotLeadToIsNotRevoked) {
  const auto head = driver_.Issued(driver_.Accept(Birth()));
  LeadTo(Label(Birth()), 0);
  EXPECT_THAT(driver_.Do(Revocation(head.reservation().certificate_number())).status,
              StatusIs(StatusCode::kDataLoss, "MAP_DISAGREES"));
}

TEST_F(MapTest, FurtherFactsThatLeadElsewhereAreNotLedOn) {
  const store::DeliveryAnswer delivery = driver_.Accept(Birth());
  driver_.Issued(delivery);
  LeadTo(Label(Renamed()), 98);
  store::AcceptDelivery update = driver_.Delivery(Renamed());
  update.base = delivery.delivery_id;
  EXPECT_THAT(driver_.Do(update).status, StatusIs(StatusCode::kDataLoss, "MAP_DISAGREES"));
}

TEST_F(MapTest, OnlyTheNewestLeafChangesTheMap) {
  const auto snapshot = engine_.NewSnapshot();
  store::LedgerView view(snapshot.get(), *store::MetaOf(*snapshot));
  const certs::LeafIndex before(view.meta().log_size());
  EXPECT_THAT(view.ChangeMap(before, Label(Birth()), 1),
              StatusIs(StatusCode::kInternal, "LEAF_NOT_NEWEST"));
  const certs::LeafIndex first = view.AppendLeaf({}), second = view.AppendLeaf({});
  EXPECT_THAT(view.ChangeMap(first, Label(Birth()), 1),
              StatusIs(StatusCode::kInternal, "LEAF_NOT_NEWEST"));
  EXPECT_OK(view.ChangeMap(second, Label(Birth()), 1));
}

TEST_F(MapTest, ABatchWithRefusedCommandsKeepsTheMapOfTheOthers) {
  std::vector<store::Command> commands;
  LabelMap expected;
  for (int i = 0; i < 20; ++i) {
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", i), birth.record = absl::StrCat("B", i);
    const auto reservation = driver_.Reserved(driver_.ApprovedCase(driver_.Accept(birth)));
    commands.push_back(driver_.Issue(reservation.intent_index()));
    const uint64_t status_index = reservation.status_index();
    expected[Label(birth)] = status_index;
    if (i == 7) LeadTo(Label(birth), 99);  // its issue will be refused
    if (i == 7) expected[Label(birth)] = 99;
  }
  const auto snapshot = engine_.NewSnapshot();
  const auto state = store::ReadState(*snapshot);
  ASSERT_OK(state);
  const auto step = store::Step(*snapshot, *state, commands, clock_.Now(), kIndexKey,
                                store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
  ASSERT_OK(step);
  for (size_t i = 0; i < step->answers.size(); ++i) {
    EXPECT_EQ(step->answers[i].status.ok(), i != 7) << step->answers[i].status;
  }
  EXPECT_EQ(store::MapRootOf(step->next.meta), NaiveRoot(expected));
}

// The step of a batch gives the same bytes, whatever the cache holds.
TEST_F(MapTest, AStepIsTheSameWithACacheOfALostBatch) {
  std::vector<store::Command> issues;
  for (int i = 0; i < 3; ++i) {
    Birth birth;
    birth.mother = absl::StrCat("PASSPORT", i), birth.record = absl::StrCat("B", i);
    const auto reservation = driver_.Reserved(driver_.ApprovedCase(driver_.Accept(birth)));
    issues.push_back(driver_.Issue(reservation.intent_index()));
  }
  ASSERT_OK(driver_.Do(issues[0]).status);
  const auto snapshot = engine_.NewSnapshot();
  const store::LedgerState fresh = *store::ReadState(*snapshot);
  std::vector<store::Command> lost = {issues[1]}, again = {issues[2]}, once = {issues[2]};
  store::LedgerState after = store::Step(*snapshot, fresh, lost, clock_.Now(), kIndexKey,
                                         store::LedgerClock::kTrusted, store::LogGrowth::kOpen)
                                 ->next;
  std::vector<store::Command> more = {issues[2]};
  // Folds the pages of the lost batch into the cache that both states share.
  EXPECT_OK(store::Step(*snapshot, after, more, clock_.Now(), kIndexKey,
                        store::LedgerClock::kTrusted, store::LogGrowth::kOpen)
                .status());
  const auto with = store::Step(*snapshot, fresh, again, clock_.Now(), kIndexKey,
                                store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
  const auto without =
      store::Step(*snapshot, *store::ReadState(*snapshot), once, clock_.Now(), kIndexKey,
                  store::LedgerClock::kTrusted, store::LogGrowth::kOpen);
  ASSERT_OK(with);
  ASSERT_OK(without);
  ASSERT_EQ(with->batch.changes.size(), without->batch.changes.size());
  for (size_t i = 0; i < with->batch.changes.size(); ++i) {
    EXPECT_TRUE(with->batch.changes[i].key == without->batch.changes[i].key &&
                with->batch.changes[i].value == without->batch.changes[i].value)
        << store::Name(with->batch.changes[i].family);
  }
}

}  // namespace
}  // namespace birthseal::tests
