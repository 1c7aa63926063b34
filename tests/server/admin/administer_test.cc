// SPDX-License-Identifier: Apache-2.0
// What the registry refuses, each with its reason and field, and that a change of an operator is
// obeyed by the next act of this operator.
#include <functional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/feed/resolve_review.h"
#include "server/issuing/report_misprint.h"
#include "server/issuing/revoke_certificate.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

template <typename Record>
struct Refusal {
  std::function<void(Record*)> spoil;
  const char *reason, *field;
};

class AdministerTest : public UseCaseTest {
 protected:
  server::Caller Admin() const { return As(kManaging, Role::kAdministrator); }
  std::string State() const { return registry_.Meta()->SerializeAsString(); }
  // Each spoilt record is refused and leaves nothing; the good one is taken.
  template <typename Record>
  void ExpectRefusals(const Record& good, const std::vector<Refusal<Record>>& refusals,
                      const std::function<absl::Status(const Record&)>& put) {
    for (size_t i = 0; i < refusals.size(); ++i) {
      Record bad = good;
      refusals[i].spoil(&bad);
      const std::string before = State();
      const absl::Status status = put(bad);
      EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, refusals[i].reason)) << i;
      EXPECT_EQ(certs::FieldOf(status), refusals[i].field) << i;
      EXPECT_TRUE(State() == before) << i;
    }
    EXPECT_OK(put(good));
  }
};

// Rule M3.
TEST_F(AdministerTest, AnInstitutionThatCannotBeOneIsRefused) {
  using Record = storage::v1::Institution;
  Record good;
  good.set_code("115299020099002A05");
  good.set_name("青禾县卫生健康局");
  good.set_county_code("529902");
  good.set_managing(true);
  good.set_profile("national-default");
  const std::vector<Refusal<Record>> refusals = {
      {[](Record* r) { r->clear_code(); }, "CREDIT_CODE", "institution.code"},
      {[](Record* r) { r->mutable_code()->back() ^= 1; }, "CREDIT_CODE", "institution.code"},
      {[](Record* r) { r->clear_name(); }, "NAME", "institution.name"},
      {[](Record* r) { r->set_name(std::string(211, 'x')); }, "NAME", "institution.name"},
      {[](Record* r) { r->clear_county_code(); }, "DIVISION_CODE", "institution.county_code"},
      {[](Record* r) { r->set_county_code("52990x"); }, "DIVISION_CODE", "institution.county_code"},
      {[](Record* r) {
         r->set_managing(false);
         r->set_county_code("000000");
       },
       "DIVISION_CODE", "institution.county_code"},
      {[](Record* r) { r->set_profile("none"); }, "PROFILE_UNKNOWN", "institution.profile"},
  };
  ExpectRefusals<Record>(good, refusals, [this](const Record& record) {
    return server::PutInstitution(*house_, Admin(), record);
  });
  Record longest = good;
  longest.set_name(std::string(210, 'x'));
  EXPECT_OK(server::PutInstitution(*house_, Admin(), longest));
}

TEST_F(AdministerTest, AClientThatCannotBeOneIsRefused) {
  using Record = storage::v1::Client;
  Record good;
  good.set_certificate_sm3(certs::Bytes(certs::Sm3Of("certificate")));
  good.set_organisation_code(hospital());
  good.add_roles(static_cast<int>(Role::kConnector));
  good.add_roles(static_cast<int>(Role::kWitness));
  good.add_facility_codes(kOtherHospital);
  const std::vector<Refusal<Record>> refusals = {
      {[](Record* r) { r->set_organisation_code("no code"); }, "CREDIT_CODE",
       "client.organisation_code"},
      {[](Record* r) { r->mutable_certificate_sm3()->pop_back(); }, "DIGEST_FORM",
       "client.certificate_sm3"},
      {[](Record* r) { r->clear_certificate_sm3(); }, "DIGEST_FORM", "client.certificate_sm3"},
      {[](Record* r) { r->clear_roles(); }, "ROLE", "client.roles"},
      {[](Record* r) { r->add_roles(0); }, "ROLE", "client.roles"},
      {[](Record* r) { r->add_roles(-1); }, "ROLE", "client.roles"},
      {[](Record* r) { r->add_roles(static_cast<int>(Role::kWitness) + 1); }, "ROLE",
       "client.roles"},
      {[](Record* r) { r->add_facility_codes("no code"); }, "CREDIT_CODE", "client.facility_codes"},
  };
  ExpectRefusals<Record>(good, refusals, [this](const Record& record) {
    return server::PutClient(*house_, Admin(), record);
  });
}

// Rule O2.
TEST_F(AdministerTest, AnOperatorWhoCannotBeOneIsRefused) {
  using Record = storage::v1::Operator;
  Record good;
  good.set_id(std::string(64, 'i'));
  good.set_institution_code(hospital());
  good.set_may_issue(true);
  good.set_active(true);
  good.set_public_key(staff_.at(hospital()).issuer->PublicSpki());
  const std::vector<Refusal<Record>> refusals = {
      {[](Record* r) { r->clear_id(); }, "OPERATOR_ID", "operator.id"},
      {[](Record* r) { r->set_id(std::string(65, 'i')); }, "OPERATOR_ID", "operator.id"},
      {[](Record* r) { r->set_institution_code("no code"); }, "CREDIT_CODE",
       "operator.institution_code"},
      {[](Record* r) { r->set_may_seal(true); }, "ROLES_OF_ONE_PERSON", "operator.may_seal"},
      {[](Record* r) { r->clear_public_key(); }, "OPERATOR_KEY", "operator.public_key"},
      {[](Record* r) { r->mutable_public_key()->pop_back(); }, "OPERATOR_KEY",
       "operator.public_key"},
      {[](Record* r) { r->set_public_key("no key"); }, "OPERATOR_KEY", "operator.public_key"},
      {[](Record* r) {
         r->set_public_key(absl::HexStringToBytes(  // the point at infinity
             "3019301306072a8648ce3d020106082a811ccf5501822d03020000"));
       },
       "OPERATOR_KEY", "operator.public_key"},
  };
  ExpectRefusals<Record>(good, refusals, [this](const Record& record) {
    return server::PutOperator(*house_, Admin(), record);
  });
}

TEST_F(AdministerTest, ASealThatCannotBeOneIsRefused) {
  using Record = storage::v1::SealRecord;
  Record good;
  good.set_institution_code(hospital());
  good.set_seal_sm3(certs::Bytes(certs::Sm3Of(keys_.seals.at(hospital())->seal.bytes)));
  const auto put = [this](const Record& record) {
    return server::PutSeal(*house_, Admin(), record);
  };
  const std::vector<Refusal<Record>> refusals = {
      {[](Record* r) { r->set_institution_code("no code"); }, "CREDIT_CODE", "institution_code"},
      {[](Record* r) { r->mutable_seal_sm3()->pop_back(); }, "DIGEST_FORM", "seal_sm3"},
  };
  ExpectRefusals<Record>(good, refusals, put);
  const std::string before = State();
  Record other = good;
  other.set_seal_sm3(certs::Bytes(certs::Sm3Of("another seal")));
  EXPECT_THAT(put(other), StatusIs(StatusCode::kFailedPrecondition, "SEAL_MISMATCH"));
  other.set_institution_code("115299020099002A05");  // whose seal nobody holds
  EXPECT_THAT(put(other), StatusIs(StatusCode::kNotFound));
  EXPECT_TRUE(State() == before);
}

// Rule S3.
TEST_F(AdministerTest, NumbersThatCannotBeReceivedAreRefused) {
  using Record = server::ReceiveStockInput;
  const Record good{"receive-1", hospital(), "Z529000001", "Z529001000"};
  const std::vector<Refusal<Record>> refusals = {
      {[](Record* r) { r->request_id.clear(); }, "REQUEST_ID_REQUIRED", "request_id"},
      {[](Record* r) { r->institution_code = "no code"; }, "CREDIT_CODE", "institution_code"},
      {[](Record* r) { r->last_number = "Z529000000"; }, "STOCK_RANGE", "last_number"},
      {[](Record* r) { r->last_number = "A529001000"; }, "STOCK_RANGE", "last_number"},
      {[](Record* r) { r->last_number = "Z530000001"; }, "STOCK_RANGE", "last_number"},
  };
  ExpectRefusals<Record>(good, refusals, [this](const Record& input) {
    return server::ReceiveStock(*house_, Admin(), input);
  });
  const std::string before = registry_.Meta()->log_root();
  for (const auto& [first, last] :
       {std::pair{"Z529001000", "Z529001001"}, {"Z528999999", "Z529000001"}}) {
    EXPECT_THAT(server::ReceiveStock(*house_, Admin(), {"receive-2", hospital(), first, last}),
                StatusIs(StatusCode::kAlreadyExists, "STOCK_OVERLAP"));
  }
  for (const auto& [first, last] : {std::pair{"Z52900000", "Z529001000"}, {"Z529002000", "x"}}) {
    EXPECT_THAT(server::ReceiveStock(*house_, Admin(), {"receive-2", hospital(), first, last}),
                StatusIs(StatusCode::kInvalidArgument));
  }
  // Who administers nothing receives for itself alone.
  EXPECT_THAT(server::ReceiveStock(*house_, Issuing(kOtherHospital),
                                   {"receive-3", hospital(), "Z529003000", "Z529003001"}),
              StatusIs(StatusCode::kPermissionDenied, "NOT_MANAGING"));
  EXPECT_EQ(registry_.Meta()->log_root(), before);
}

// Whoever has acted before, so that the service knows the operator, and is deactivated or given
// another key since, acts no more.
class ChangedOperatorTest : public AdministerTest {
 protected:
  void Change(const std::string& id, const std::function<void(storage::v1::Operator*)>& change) {
    auto record = registry_.Operator(id);
    ASSERT_OK(record);
    change(&*record);
    ASSERT_OK(server::PutOperator(*house_, Admin(), *record));
  }
  void SetActive(const std::string& id, bool active) {
    Change(id, [active](storage::v1::Operator* who) { who->set_active(active); });
  }
  server::SubmitApplicationResult Filed(int n) {
    const auto filed = File(ApplicationFor(n, PushBirth(BirthOf(n))));
    EXPECT_OK(filed);
    return *filed;
  }
  const std::string issuer_ = "issuer-" + hospital(), sealer_ = "sealer-" + hospital();
};

TEST_F(ChangedOperatorTest, AnIssuerWhoWasDeactivatedApprovesNoMore) {
  ASSERT_OK(Approve(Filed(1), hospital()).status);
  const server::SubmitApplicationResult next = Filed(2);
  SetActive(issuer_, false);
  EXPECT_THAT(Approve(next, hospital()).status,
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_INACTIVE"));
  SetActive(issuer_, true);
  EXPECT_OK(Approve(next, hospital()).status);
}

TEST_F(ChangedOperatorTest, AnIssuersOldKeyApprovesNoMore) {
  ASSERT_OK(Approve(Filed(1), hospital()).status);
  const server::SubmitApplicationResult next = Filed(2);
  const auto renewed = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
  Change(issuer_, [&](storage::v1::Operator* who) { who->set_public_key(renewed->PublicSpki()); });
  EXPECT_THAT(Approve(next, hospital()).status,
              StatusIs(StatusCode::kUnauthenticated, "APPROVAL_SIGNATURE"));
  staff_[hospital()].issuer = renewed;
  EXPECT_OK(Approve(next, hospital()).status);
}

TEST_F(ChangedOperatorTest, AnIssuerWhoNowSealsApprovesNoMore) {
  ASSERT_OK(Approve(Filed(1), hospital()).status);
  const server::SubmitApplicationResult next = Filed(2);
  Change(issuer_, [](storage::v1::Operator* who) {
    who->set_may_issue(false);
    who->set_may_seal(true);
  });
  EXPECT_THAT(Approve(next, hospital()).status,
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_ROLE"));
}

TEST_F(ChangedOperatorTest, AnIssuerWhoMovedToAnotherInstitutionApprovesNoMore) {
  ASSERT_OK(Approve(Filed(1), hospital()).status);
  const server::SubmitApplicationResult next = Filed(2);
  Change(issuer_, [](storage::v1::Operator* who) { who->set_institution_code(kOtherHospital); });
  EXPECT_THAT(Approve(next, hospital()).status,
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_OTHER_INSTITUTION"));
}

// Rule O3.
TEST_F(ChangedOperatorTest, ASealerWhoWasDeactivatedSealsNoMore) {
  IssueBirth(1);
  const server::ApproveOutcome approved = Approve(Filed(2), hospital());
  ASSERT_OK(approved.status);
  SetActive(sealer_, false);
  const auto refused =
      server::IssueCertificates(*house_, Issuing(hospital()), {OrderFor(approved, hospital())});
  ASSERT_OK(refused);
  EXPECT_THAT(refused->front().status,
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_INACTIVE"));
  SetActive(sealer_, true);
  EXPECT_OK(Issue(approved, hospital()).status);
}

TEST_F(ChangedOperatorTest, WhoWasDeactivatedReportsNoMisprintAndDecidesNoReview) {
  const server::ApproveOutcome approved = Approve(Filed(1), hospital());
  ASSERT_OK(approved.status);
  certs::Delivery doubtful = BirthOf(2);
  doubtful.birth_time_known = false;
  const auto review = Push(MessageOf(doubtful));
  ASSERT_OK(review);
  server::ResolveReviewInput decision;
  decision.request_id = "decide-1";
  decision.delivery_id = review->delivery_id;
  decision.accept = false;
  decision.operator_id = issuer_;
  decision.reason = "误报";
  const server::ReportMisprintInput misprint{"misprint-1", approved.case_id,
                                             approved.certificate_number, issuer_, "打印错位"};
  SetActive(issuer_, false);
  EXPECT_THAT(server::ReportMisprint(*house_, Issuing(hospital()), misprint),
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"));
  EXPECT_THAT(server::ResolveReview(*house_, Issuing(hospital()), decision),
              StatusIs(StatusCode::kPermissionDenied, "OPERATOR_UNKNOWN"));
  SetActive(issuer_, true);
  EXPECT_OK(server::ReportMisprint(*house_, Issuing(hospital()), misprint));
  EXPECT_OK(server::ResolveReview(*house_, Issuing(hospital()), decision));
}

}  // namespace
}  // namespace birthseal::tests
