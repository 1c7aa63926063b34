// SPDX-License-Identifier: Apache-2.0
// Who a newborn is, through the doors: one mother is one mother however her number is typed, and a
// number that names nobody names nobody.
#include "server/api/convert.h"
#include "server/reading/verify_number.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using server::Role;
using store::FeedVerdict;
using testing::Contains;

class IdentityTest : public UseCaseTest {
 protected:
  // A message as a hospital sends it, through the conversion that every push takes.
  absl::StatusOr<store::DeliveryAnswer> PushAs(const std::string& facility, int n, v1::IdType type,
                                               const std::string& number) {
    certs::Delivery delivery = BirthOf(n);
    delivery.facility_code = facility;
    v1::PushDeliveriesRequest request;
    server::ToProto(delivery, request.mutable_delivery());
    request.mutable_delivery()->set_mother_id_type(type);
    request.mutable_delivery()->set_mother_id_number(number);
    request.set_facility_code(facility);
    request.set_source_message_id(absl::StrCat("HIS|", n));
    request.set_raw("a message as it came");
    request.set_content_digest(
        certs::Bytes(certs::Sm3Of(request.mutable_delivery()->SerializeAsString())));
    request.set_event(v1::FEED_EVENT_RECORD);
    server::FieldChecker check;
    const server::DeliveryMessage message = server::FromProto(&request, &check);
    EXPECT_OK(check.status());
    return Push(message);
  }
  static std::vector<std::string> CodesOf(const store::DeliveryAnswer& answer) {
    std::vector<std::string> codes;
    for (const store::FeedDefect& defect : answer.defects) codes.push_back(defect.code);
    return codes;
  }
  // Of birth `n`, whose citizen number ends in X.
  int BirthWithX() const {
    for (int n = 1; n < 499; ++n) {
      if (BirthOf(n).mother_id_number.back() == 'X') return n;
    }
    return 0;
  }
};

TEST_F(IdentityTest, OneBirthReportedWithASmallXIsTheSameNewborn) {
  const int n = BirthWithX();
  std::string typed = BirthOf(n).mother_id_number;
  const auto first = PushAs(hospital(), n, v1::ID_TYPE_CITIZEN_ID, typed);
  ASSERT_OK(first);
  typed.back() = 'x';
  const auto same = PushAs(kOtherHospital, n, v1::ID_TYPE_CITIZEN_ID, " " + typed);
  ASSERT_OK(same);
  EXPECT_EQ(same->newborn_id, first->newborn_id);
}

TEST_F(IdentityTest, ACitizenNumberFiledAsAnotherDocumentIsReviewedAndMakesNoSecondNewborn) {
  const int n = BirthWithX();
  std::string typed = BirthOf(n).mother_id_number;
  const auto first = PushAs(hospital(), n, v1::ID_TYPE_CITIZEN_ID, typed);
  ASSERT_OK(first);
  typed.back() = 'x';
  const auto second = PushAs(kOtherHospital, n, v1::ID_TYPE_OTHER, typed);
  ASSERT_OK(second);
  EXPECT_EQ(second->verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(*second), Contains("ID_TYPE_CONTRADICTS_NUMBER"));
  EXPECT_EQ(second->newborn_id, first->newborn_id);
}

TEST_F(IdentityTest, AnApplicationWithACitizenNumberUnderAnotherTypeIsReturned) {
  const int n = BirthWithX();
  const certs::NewbornId newborn = PushBirth(BirthOf(n));
  certs::Application application = ApplicationFor(n, newborn);
  application.mother.id_type = certs::IdType::kOther;
  const auto filed = File(application);
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state, certs::CaseState::kReturned);
  std::vector<std::string> codes;
  for (const certs::Defect& defect : filed->defects) codes.push_back(defect.code);
  EXPECT_THAT(codes, Contains("ID_TYPE_CONTRADICTS_NUMBER"));
}

TEST_F(IdentityTest, TwoMothersWithoutARealNumberAreTwoMothers) {
  int n = 1;
  std::string mistyped = BirthOf(1).mother_id_number;
  mistyped.back() = mistyped.back() == '0' ? '1' : '0';
  for (const std::string& nobody :
       {std::string("待补"), std::string("无"), std::string("529901********1234"),
        std::string("111111111111111111"), mistyped, std::string("529901970601002"),
        std::string("1234567890")}) {
    for (const v1::IdType type : {v1::ID_TYPE_CITIZEN_ID, v1::ID_TYPE_OTHER}) {
      const auto one = PushAs(hospital(), n, type, nobody);
      const auto two = PushAs(kOtherHospital, n++, type, nobody);
      ASSERT_OK(one);
      ASSERT_OK(two);
      EXPECT_EQ(one->verdict, FeedVerdict::kReview) << nobody;
      EXPECT_EQ(two->verdict, FeedVerdict::kReview) << nobody;
      EXPECT_NE(one->newborn_id, two->newborn_id) << nobody;
    }
  }
}

// Rule D13.
TEST_F(IdentityTest, ASecondSourceThatNamesAnotherMotherWaitsForAPerson) {
  const auto first = PushAs(hospital(), 1, v1::ID_TYPE_OTHER, "KA-330106-12");
  ASSERT_OK(first);
  ASSERT_EQ(first->verdict, FeedVerdict::kAccepted);
  certs::Delivery other = BirthOf(1);
  other.facility_code = kOtherHospital;
  other.mother_id_type = certs::IdType::kOther;
  other.mother_id_number = "KA-330106-12";
  other.mother_name = "钱二二";
  const auto second = Push(MessageOf(other));
  ASSERT_OK(second);
  EXPECT_EQ(second->verdict, FeedVerdict::kReview);
  EXPECT_THAT(CodesOf(*second), Contains("MOTHER_NAME_DIFFERS"));
}

TEST_F(IdentityTest, ANumberThatIsNotTheHospitalsIsAMismatchWhateverItsType) {
  certs::Delivery birth = BirthOf(1);
  birth.mother_id_type = certs::IdType::kPassport;
  birth.mother_id_number = "E73920481";
  const auto filed = File(ApplicationFor(1, PushBirth(birth)));
  ASSERT_OK(filed);
  std::vector<std::string> codes;
  for (const certs::Defect& defect : filed->defects) codes.push_back(defect.code);
  EXPECT_THAT(codes, Contains("ID_MISMATCH"));
}

TEST_F(IdentityTest, AParentsNumberIsVerifiedHoweverItIsTyped) {
  const int n = BirthWithX();
  const server::CertificateView issued = IssueBirth(n);
  std::string typed = BirthOf(n).mother_id_number;
  typed.back() = 'x';
  server::VerifyNumberInput input;
  input.number = issued.number;
  input.newborn_name = "云知夏";
  input.parent_id_number = typed.substr(0, 6) + " " + typed.substr(6);
  input.use_cause = "核验";
  const auto result = server::VerifyNumber(*house_, As(hospital(), Role::kPolice), input);
  ASSERT_OK(result);
  EXPECT_EQ(result->share_result, 0);
}

}  // namespace
}  // namespace birthseal::tests
