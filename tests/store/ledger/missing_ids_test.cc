// SPDX-License-Identifier: Apache-2.0
// What a command needs and does not name is never taken for a value: it is refused whole, whichever
// field it is and whatever else the command is about, the repeat of an answered one too.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "tests/store/ledger/command_fields.h"
#include "tests/store/ledger/every_command.h"
#include "tests/store/ledger/some_command.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

// Keys that may be absent.
const char* const kOptional[] = {"AcceptDelivery.base", "SubmitApplication.basis_delivery"};

// Texts that are needed like a key: names of what is looked up, people who must differ, salts.
const char* const kNeededTexts[] = {
    "AcceptDelivery.facility_code",
    "SubmitApplication.institution_code",
    "Approve.institution_code",
    "Approve.operator_id",
    "Misprint.number",
    "Reserve.institution_code",
    "Reserve.operator_id",
    "Reserve.licence_id",
    "Reserve.document_id",
    "Reserve.salt",
    "CommitIssue.salt",
    "CancelReservation.salt",
    "Revoke.number",
    "Revoke.salt",
    "PutOperator.salt",
    "PutSeal.salt",
    "ReceiveStock.institution_code",
    "ConfirmStock.institution_code",
    "ConfirmStock.first_number",
};

template <size_t kSize>
bool Among(const char* const (&names)[kSize], const std::string& name) {
  return std::count(std::begin(names), std::end(names), name) > 0;
}

bool IsNeeded(const store::Command& command, const CommandField& field) {
  const std::string name = absl::StrCat(store::NameOf(command), ".", field.name);
  const auto* decision = std::get_if<store::ResolveReview>(&command);
  // A record that is withdrawn makes nothing.
  if (decision != nullptr && !decision->accept && field.name.rfind("new_", 0) == 0) return false;
  return field.is_key ? !Among(kOptional, name) : Among(kNeededTexts, name);
}

class MissingIdsTest : public EveryCommandTest {};

// Rule I15.
TEST_F(MissingIdsTest, ACommandWithoutWhatItNeedsIsRefusedByTheNameOfTheField) {
  std::set<std::string> tried, needed;
  for (const Row& row : Rows()) {
    store::Command good = row.command;
    for (size_t i = 0; i < FieldsOf(good).size(); ++i) {
      Row blanked = row;
      const CommandField field = FieldsOf(blanked.command).at(i);
      if (!IsNeeded(row.command, field)) continue;
      const std::string name = absl::StrCat(store::NameOf(row.command), ".", field.name);
      needed.insert(name);
      if (field.blank == nullptr) continue;  // none at all, in this row
      tried.insert(name);
      SCOPED_TRACE(absl::StrCat(row.name, ": ", name));
      field.blank();
      const absl::Status status = Try(*engine_.NewSnapshot(), blanked);
      EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, "ID_MISSING"));
      EXPECT_EQ(certs::FieldOf(status), field.name);
    }
  }
  EXPECT_EQ(tried, needed);
  for (const char* text : kNeededTexts) EXPECT_EQ(tried.count(text), 1u) << text;
}

template <size_t... kIndex>
std::vector<store::Command> OneOfEach(std::index_sequence<kIndex...>) {
  return {Some<std::variant_alternative_t<kIndex, store::Command>>()...};
}

// No command with a need is left out by the rows above.
TEST_F(MissingIdsTest, EveryCommandThatNeedsSomethingIsTried) {
  std::set<std::string> tried;
  for (const Row& row : Rows()) tried.emplace(store::NameOf(row.command));
  const auto all = std::make_index_sequence<std::variant_size_v<store::Command>>();
  for (store::Command& command : OneOfEach(all)) {
    bool needs = false;
    for (const CommandField& field : FieldsOf(command)) {
      needs = needs || IsNeeded(command, field);
    }
    const std::string name(store::NameOf(command));
    EXPECT_TRUE(!needs || tried.count(name) == 1) << name;
  }
}

// The second of two births whose messages bear no key is neither the first one's repeat nor lost.
TEST_F(MissingIdsTest, AMessageWithoutAKeyIsNotTheRepeatOfAnother) {
  store::AcceptDelivery one = driver_.Delivery(Birth());
  Birth birth;
  birth.mother = "PASSPORT002", birth.record = "B2";
  store::AcceptDelivery two = driver_.Delivery(birth);
  one.message_key = two.message_key = certs::Digest{};
  EXPECT_THAT(driver_.Call1(one), StatusIs(StatusCode::kInvalidArgument, "ID_MISSING"));
  EXPECT_THAT(driver_.Call1(two), StatusIs(StatusCode::kInvalidArgument, "ID_MISSING"));
  two.message_key = driver_.NewKey();
  EXPECT_EQ(driver_.Accept(two).verdict, store::FeedVerdict::kAccepted);
}

// A decided record is kept as decided or not at all.
TEST_F(MissingIdsTest, ADecisionDoesNotDropWhatWasDecided) {
  store::AcceptDelivery doubtful = driver_.Delivery(Birth());
  doubtful.defects.push_back({"WEIGHT_IMPLAUSIBLE", "OBX-5", false});
  store::ResolveReview decision = Decision(driver_.Accept(doubtful), Birth());
  const certs::DeliveryId id = decision.new_delivery_id;
  decision.new_delivery_id = certs::DeliveryId();
  EXPECT_THAT(driver_.Call1(decision), StatusIs(StatusCode::kInvalidArgument, "ID_MISSING"));
  EXPECT_EQ(Meta().deliveries_in_review(), 1u);
  decision.new_delivery_id = id;
  EXPECT_OK(driver_.Call1(decision));
  EXPECT_OK(engine_.NewSnapshot()->Get(store::Family::kBodies,
                                       store::BodyKey(store::BodyKind::kDelivery, id)));
}

// A case that is no fit one has no content to approve.
TEST_F(MissingIdsTest, OnlyAFitCaseNeedsItsContent) {
  store::SubmitApplication command = driver_.Application(driver_.Accept(Birth()));
  command.content_digest = certs::Digest{};
  EXPECT_THAT(driver_.Call1(command), StatusIs(StatusCode::kInvalidArgument, "ID_MISSING"));
  command.state = certs::CaseState::kReturned;
  EXPECT_OK(driver_.Call1(command));
}

}  // namespace
}  // namespace birthseal::tests
