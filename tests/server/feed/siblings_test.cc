// SPDX-License-Identifier: Apache-2.0
// Records of one facility that come under the number of a sibling: whose they are, and with whose
// record they are not mixed.
#include "absl/strings/str_cat.h"
#include "server/feed/get_delivery.h"
#include "server/feed/resolve_review.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using server::Role;

class SiblingsTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    first_ = second_ = BirthOf(1);
    first_.plurality = second_.plurality = 2;
    second_.birth_order = 2;
    second_.birth_time += 8;
    second_.sex = certs::Sex::kMale;
    elder_ = PushBirth(first_);
  }
  // The second child as somebody reports it, accepted as a newborn of its own.
  certs::NewbornId Younger(const certs::Delivery& reported) {
    const auto answer = Push(MessageOf(reported));
    EXPECT_OK(answer);
    if (answer->verdict == store::FeedVerdict::kAccepted) return answer->newborn_id;
    server::ResolveReviewInput decision;
    decision.request_id = absl::StrCat("decide-", reported.baby_record_no);
    decision.delivery_id = answer->delivery_id;
    decision.whose = store::WhoseRecord::kAnotherNewborn;
    decision.delivery = reported;
    decision.operator_id = "issuer-" + reported.facility_code;
    decision.reason = "与病历核对";
    const auto newborn = server::ResolveReview(*house_, Issuing(reported.facility_code), decision);
    EXPECT_OK(newborn);
    clock_.Advance(absl::Seconds(1));
    return newborn.ok() ? *newborn : certs::NewbornId();
  }
  certs::Delivery RecordOf(const certs::NewbornId& newborn) {
    const auto id = IdIn<certs::DeliveryId>(registry_.Newborn(newborn)->current_delivery());
    return registry_.Delivery(id)->record;
  }

  certs::Delivery first_, second_;
  certs::NewbornId elder_{};
};

// The second child has a number of its own; its order comes under the first one's.
TEST_F(SiblingsTest, UnderTheFirstOnesNumberAloneItWaitsForAPerson) {
  certs::Delivery own = second_;
  own.baby_record_no = "B-1-2";
  const certs::NewbornId younger = Younger(own);
  ASSERT_NE(younger, elder_);
  const auto answer = Push(MessageOf(second_));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->verdict, store::FeedVerdict::kReview);
  EXPECT_EQ(RecordOf(younger).baby_record_no, "B-1-2");
}

// The second child was reported by another facility under the same number there.
TEST_F(SiblingsTest, UnderTheSameNumberOfAnotherFacilityItWaitsForAPerson) {
  certs::Delivery elsewhere = second_;
  elsewhere.facility_code = kOtherHospital;
  const certs::NewbornId younger = Younger(elsewhere);
  ASSERT_NE(younger, elder_);
  const auto answer = Push(MessageOf(second_));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->verdict, store::FeedVerdict::kReview);
  EXPECT_EQ(RecordOf(younger).facility_code, kOtherHospital);
}

// A sibling of which no record is kept shares no number.
TEST_F(SiblingsTest, ASiblingWithoutARecordSharesNoNumber) {
  const certs::NewbornId younger = Younger(second_);
  ASSERT_NE(younger, elder_);
  storage::v1::Newborn newborn = *registry_.Newborn(younger);
  newborn.clear_current_delivery();
  Overwrite(engine_.get(), store::Family::kNewborns, store::IdKey(younger),
            newborn.SerializeAsString());
  second_.birth_weight_g = 2900;
  const auto answer = Push(MessageOf(second_));
  EXPECT_NE(answer.status().code(), absl::StatusCode::kDataLoss) << answer.status();
}

}  // namespace
}  // namespace birthseal::tests
