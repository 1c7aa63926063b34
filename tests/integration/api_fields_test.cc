// SPDX-License-Identifier: Apache-2.0
// Every field of every answer over the network is the use case's own value, and none is forgotten:
// each was set in some answer.
#include "absl/strings/str_cat.h"
#include "server/api/convert.h"
#include "server/feed/get_delivery.h"
#include "server/house.h"
#include "server/issuing/get_case.h"
#include "server/reading/get_preview.h"
#include "server/reading/get_status.h"
#include "server/reading/prove_uniqueness.h"
#include "server/reading/read_log.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"
#include "store/keys.h"
#include "store/reads/registry.h"
#include "tests/integration/scenario_fixture.h"
#include "tests/support/callers.h"
#include "tests/support/fields_seen.h"
#include "tests/support/ids.h"

namespace birthseal::tests {
namespace {

using server::Role;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr char kCause[] = "户口登记";

class ApiFieldsTest : public ScenarioTest {
 protected:
  static const server::House& house() { return town().server.app().house(); }
  static server::Caller As(const std::string& organisation, Role role) {
    return MakeCaller(organisation, {role});
  }
  // A certificate that was exchanged, and the one in its place.
  void Exchange() {
    birth_ = NewBirth(hospital());
    const v1::Certificate first = CertifyBirth(hospital(), birth_);
    const auto second =
        Certify(hospital(), ExchangeFor(birth_, first.newborn_id(), kHospital, first.number()));
    ASSERT_OK(second);
    new_ = *second;
    old_ = first;
  }
  template <typename Messages>
  static void ExpectSame(const Messages& told, const Messages& expected) {
    ASSERT_EQ(told.size(), expected.size());
    for (int i = 0; i < told.size(); ++i) {
      EXPECT_EQ(told[i].SerializeAsString(), expected[i].SerializeAsString());
    }
  }
  void ExpectDocumentFields(const std::string& file);
  void ExpectCaseFields(const v1::SubmitApplicationResponse& filed,
                        const v1::ApproveCasesResponse::Result& approved);
  void ExpectCertificateFields(const v1::Certificate& certificate);

  v1::Delivery birth_;
  v1::Certificate old_, new_;
  FieldsSeen seen_;
};

void ApiFieldsTest::ExpectDocumentFields(const std::string& file) {
  const v1::VerifyDocumentResponse told = VerifyFile(file);
  const auto found = server::VerifyDocument(house(), As(kOutsider, Role::kPolice), {file, kCause});
  ASSERT_OK(found);
  const signer::Report& report = found->report;
  EXPECT_EQ(static_cast<int>(told.verdict()), static_cast<int>(report.verdict));
  EXPECT_EQ(told.verdict_zh(), signer::NameZh(report.verdict));
  ASSERT_EQ(told.layers_size(), static_cast<int>(report.layers.size()));
  for (int i = 0; i < told.layers_size(); ++i) {
    EXPECT_EQ(told.layers(i).layer(), signer::Name(report.layers[i].layer));
    EXPECT_EQ(told.layers(i).result(), signer::Name(report.layers[i].result));
    EXPECT_THAT(told.layers(i).reasons(), ElementsAreArray(report.layers[i].reasons));
  }
  EXPECT_THAT(told.notices(), ElementsAreArray(report.notices));
  EXPECT_EQ(told.receipt_strength(), signer::Name(report.receipt));
  EXPECT_EQ(told.log_size(), report.log_size);
  EXPECT_EQ(told.log_epoch(), report.log_epoch);
  EXPECT_EQ(told.after_witnessed_size(), report.after_witnessed_size);
  EXPECT_EQ(told.share_result(), found->share_result);
  EXPECT_EQ(told.number(), report.certificate ? report.certificate->face.certificate_number : "");
  EXPECT_EQ(told.licence_id(), report.certificate ? report.certificate->licence_id : "");
  seen_.See(told);
}

TEST_F(ApiFieldsTest, OfVerifyDocument) {
  Exchange();
  std::string altered = Download(new_);
  altered[altered.size() / 2] ^= 1;
  const std::string file = Download(new_);
  for (const std::string& one : {file, Download(old_), altered, file + "%%EOF"}) {
    ExpectDocumentFields(one);
  }
  // Witnesses stand in tests/integration/witnessing_test.cc.
  EXPECT_THAT(seen_.NeverSetOf(v1::VerifyDocumentResponse::descriptor()),
              ElementsAre("birthseal.v1.VerifyDocumentResponse.after_witnessed_size"));
}

TEST_F(ApiFieldsTest, OfVerifyNumber) {
  Exchange();
  for (const v1::Certificate& certificate : {old_, new_}) {
    v1::VerifyNumberRequest request;
    request.set_number(certificate.number());
    request.set_newborn_name(ContentOf(new_.number()).newborn_name());
    request.set_birth_date(birth_.birth_time().substr(0, 10));
    request.set_parent_id_number(birth_.mother_id_number());
    request.set_use_cause(kCause);
    const auto told = town().police->VerifyNumber(request);
    const auto found =
        server::VerifyNumber(house(), As(kOutsider, Role::kPolice),
                             {request.number(), request.newborn_name(), request.birth_date(),
                              request.parent_id_number(), kCause});
    ASSERT_OK(told);
    ASSERT_OK(found);
    EXPECT_EQ(told->share_result(), found->share_result);
    EXPECT_EQ(told->response_code(), found->response_code);
    ASSERT_TRUE(found->has_state);
    EXPECT_EQ(told->status(), server::ToProto(found->state));
    EXPECT_EQ(told->text_zh(), found->text_zh);
    EXPECT_EQ(told->text_en(), found->text_en);
    EXPECT_EQ(told->log_size(), found->log_size.value());
    seen_.See(*told);
  }
  EXPECT_THAT(seen_.NeverSetOf(v1::VerifyNumberResponse::descriptor()), IsEmpty());
}

TEST_F(ApiFieldsTest, OfGetStatus) {
  Exchange();
  for (const v1::Certificate& certificate : {old_, new_}) {
    v1::GetStatusRequest request;
    request.set_status_index(certificate.status_index());
    const auto told = town().police->GetStatus(request);
    const auto found =
        server::GetStatus(house(), "", certs::StatusIndex(certificate.status_index()));
    ASSERT_OK(told);
    ASSERT_OK(found);
    EXPECT_EQ(told->known(), found->known);
    EXPECT_EQ(told->status(), server::ToProto(found->state));
    EXPECT_EQ(told->log_size(), found->position.size.value());
    EXPECT_EQ(told->log_epoch(), found->position.epoch.value());
    v1::GetStatusResponse time;
    server::ToProto(found->log_time, time.mutable_log_time());
    EXPECT_EQ(told->log_time().SerializeAsString(), time.log_time().SerializeAsString());
    seen_.See(*told);
  }
  // Set while witnesses have not confirmed: tests/integration/witnessing_test.cc.
  EXPECT_THAT(seen_.NeverSetOf(v1::GetStatusResponse::descriptor()),
              ElementsAre("birthseal.v1.GetStatusResponse.freshness_not_proven_since"));
}

TEST_F(ApiFieldsTest, OfProveUniqueness) {
  Exchange();
  v1::ProveUniquenessRequest request;
  request.set_mother_id_type(birth_.mother_id_type());
  request.set_mother_id_number(birth_.mother_id_number());
  request.set_birth_date(birth_.birth_time().substr(0, 10));
  request.set_birth_order(1);
  request.set_use_cause(kCause);
  const auto told = town().police->ProveUniqueness(request);
  ASSERT_OK(told);
  EXPECT_EQ(told->status_index(), new_.status_index());
  EXPECT_EQ(told->log_epoch(), 1u);
  EXPECT_EQ(told->log_size(), house().issuing.ledger.Head().size.value());
  seen_.See(*told);
  // Nobody cosigns here.
  EXPECT_THAT(seen_.NeverSetOf(v1::ProveUniquenessResponse::descriptor()),
              ElementsAre("birthseal.v1.ProveUniquenessResponse.witnessed"));
}

void ApiFieldsTest::ExpectCertificateFields(const v1::Certificate& certificate) {
  v1::GetCertificateRequest request;
  request.mutable_key()->set_licence_id(certificate.licence_id());
  request.set_use_cause(kCause);
  const auto told = town().platform->GetCertificate(request);
  const auto found = server::GetCertificate(house(), As(kOutsider, Role::kPlatform),
                                            {certificate.number(), kCause});
  const auto head =
      house().issuing.registry.Certificate(certs::StatusIndex(certificate.status_index()));
  ASSERT_OK(told);
  ASSERT_OK(found);
  ASSERT_OK(head);
  const v1::Certificate& shown = told->certificate();
  const storage::v1::Reservation& reserved = head->reservation();
  EXPECT_EQ(shown.number(), reserved.certificate_number());
  EXPECT_EQ(shown.licence_id(), reserved.licence_id());
  EXPECT_EQ(static_cast<int>(shown.status()), head->state());
  EXPECT_EQ(shown.issue_date(), reserved.issue_date());
  EXPECT_EQ(shown.supersedes(), head->supersedes());
  EXPECT_EQ(shown.superseded_by(), head->superseded_by());
  EXPECT_EQ(shown.newborn_id(), reserved.newborn_id());
  EXPECT_EQ(shown.status_index(), reserved.status_index());
  EXPECT_EQ(shown.issued_time().seconds(), head->issued_time() / 1'000'000);
  EXPECT_EQ(shown.file_sm3(), head->file_sm3());
  EXPECT_EQ(shown.institution_code(), reserved.institution_code());
  EXPECT_EQ(shown.file_size(), head->file_size());
  v1::FaceContent content;
  server::ToProto(*found->content, &content);
  EXPECT_EQ(shown.content().SerializeAsString(), content.SerializeAsString());
  seen_.See(*told);
  // The same beside the file, and at its issue, without what is personal.
  v1::DownloadDocumentRequest download;
  *download.mutable_key() = request.key();
  download.set_use_cause(kCause);
  const auto file = town().platform->DownloadDocument(download);
  ASSERT_OK(file);
  v1::Certificate bare = shown;
  bare.clear_content();
  EXPECT_EQ(file->certificate().SerializeAsString(), bare.SerializeAsString());
  EXPECT_EQ(certs::Bytes(certs::Sm3Of(file->file())), shown.file_sm3());
}

TEST_F(ApiFieldsTest, OfGetCertificateAndDownloadDocument) {
  Exchange();
  ExpectCertificateFields(old_);
  ExpectCertificateFields(new_);
  EXPECT_THAT(seen_.NeverSetOf(v1::GetCertificateResponse::descriptor()), IsEmpty());
}

TEST_F(ApiFieldsTest, OfGetPreview) {
  Exchange();
  for (const int dpi : {72, 0}) {
    v1::GetPreviewRequest request;
    request.mutable_key()->set_number(new_.number());
    request.set_use_cause(kCause);
    request.set_dpi(dpi);
    const auto told = town().platform->GetPreview(request);
    const auto found =
        server::GetPreview(house(), As(kOutsider, Role::kPlatform), {new_.number(), kCause}, dpi);
    ASSERT_OK(told);
    ASSERT_OK(found);
    EXPECT_TRUE(told->png() == *found) << dpi;
  }
}

TEST_F(ApiFieldsTest, OfGetDelivery) {
  const v1::Delivery birth = NewBirth(hospital());
  const v1::PushDeliveriesResponse pushed = Push(hospital(), birth);
  v1::Delivery doubtful = NewBirth(hospital());
  doubtful.set_birth_time(doubtful.birth_time().substr(0, 10));
  const v1::PushDeliveriesResponse in_review = Push(hospital(), doubtful);
  ASSERT_EQ(in_review.verdict(), v1::FEED_VERDICT_REVIEW);
  const auto get = [&](const std::string& id) {
    v1::GetDeliveryRequest request;
    request.set_delivery_id(id);
    request.set_use_cause(kCause);
    const auto told = hospital().client->GetDelivery(request);
    EXPECT_OK(told);
    if (told.ok()) seen_.See(*told);
    return told.ok() ? *told : v1::GetDeliveryResponse();
  };
  const v1::GetDeliveryResponse told = get(pushed.delivery_id());
  EXPECT_EQ(told.delivery().SerializeAsString(), birth.SerializeAsString());
  EXPECT_EQ(told.delivery_id(), pushed.delivery_id());
  EXPECT_EQ(told.newborn_id(), pushed.newborn_id());
  EXPECT_FALSE(told.in_review());
  EXPECT_FALSE(told.withdrawn());
  EXPECT_TRUE(get(in_review.delivery_id()).in_review());
  v1::ResolveReviewRequest withdraw;
  withdraw.set_request_id("withdraw");
  withdraw.set_delivery_id(in_review.delivery_id());
  withdraw.set_decision(v1::REVIEW_DECISION_WITHDRAW);
  withdraw.set_operator_id("issuer-1");
  withdraw.set_reason("误报");
  EXPECT_OK(hospital().client->ResolveReview(withdraw));
  EXPECT_TRUE(get(in_review.delivery_id()).withdrawn());
  for (const std::string& never : seen_.NeverSetOf(v1::GetDeliveryResponse::descriptor())) {
    EXPECT_TRUE(never == "birthseal.v1.Delivery.placeholder_name" ||
                never == "birthseal.v1.Delivery.manual")
        << never;
  }
}

TEST_F(ApiFieldsTest, OfTheReviewsAndTheirDecision) {
  v1::Delivery doubtful = NewBirth(hospital());
  const std::string whole = doubtful.birth_time();
  doubtful.set_birth_time(whole.substr(0, 10));
  const v1::PushDeliveriesResponse pushed = Push(hospital(), doubtful);
  v1::ListReviewsRequest request;
  request.set_facility_code(kHospital);
  request.set_page_size(200);
  const auto told = hospital().client->ListReviews(request);
  ASSERT_OK(told);
  ASSERT_GE(told->reviews_size(), 1);
  const v1::Review& last = told->reviews(told->reviews_size() - 1);
  EXPECT_EQ(last.delivery_id(), pushed.delivery_id());
  EXPECT_EQ(last.newborn_id(), pushed.newborn_id());
  ExpectSame(last.defects(), pushed.defects());
  EXPECT_EQ(last.accepted_time().SerializeAsString(), pushed.accepted_time().SerializeAsString());
  v1::ResolveReviewRequest accept;
  accept.set_request_id("accept");
  accept.set_delivery_id(pushed.delivery_id());
  accept.set_decision(v1::REVIEW_DECISION_ACCEPT);
  accept.mutable_delivery()->set_birth_time(whole);
  accept.set_operator_id("issuer-1");
  accept.set_reason("产房记录");
  const auto resolved = hospital().client->ResolveReview(accept);
  ASSERT_OK(resolved);
  EXPECT_EQ(resolved->newborn_id(), pushed.newborn_id());
}

// A case as it was filed, as the case is shown, and as it is stored.
void ApiFieldsTest::ExpectCaseFields(const v1::SubmitApplicationResponse& filed,
                                     const v1::ApproveCasesResponse::Result& approved) {
  v1::GetCaseRequest request;
  request.set_case_id(filed.case_id());
  request.set_use_cause(kCause);
  const auto told = hospital().client->GetCase(request);
  ASSERT_OK(told);
  seen_.See(filed);
  seen_.See(*told);
  EXPECT_EQ(told->case_id(), filed.case_id());
  const auto stored = house().issuing.registry.Case(IdIn<certs::CaseId>(filed.case_id()));
  ASSERT_OK(stored);
  EXPECT_EQ(static_cast<int>(told->state()), stored->head.state());
  v1::FaceContent content;
  server::ToProto(stored->body.content, &content);
  EXPECT_EQ(told->content().SerializeAsString(), content.SerializeAsString());
  EXPECT_EQ(told->certificate_number(), stored->head.certificate_number());
  ExpectSame(told->defects(), filed.defects());
  EXPECT_EQ(told->content_digest(), filed.content_digest());
  if (filed.content_digest().empty()) return;
  EXPECT_EQ(told->issue_date(), approved.issue_date());
  EXPECT_EQ(told->face_digest(), approved.face_digest());
  EXPECT_EQ(told->certificate_number(), approved.certificate_number());
}

TEST_F(ApiFieldsTest, OfACase) {
  const v1::Delivery birth = NewBirth(hospital()), other = NewBirth(hospital());
  const auto filed = File(hospital(), ApplicationFor(birth, Deliver(hospital(), birth), kHospital));
  v1::Application incomplete = ApplicationFor(other, Deliver(hospital(), other), kHospital);
  incomplete.clear_evidence();
  const auto returned = File(hospital(), incomplete);
  ASSERT_OK(filed);
  ASSERT_OK(returned);
  ASSERT_GT(returned->defects_size(), 0);
  const auto approved = Approve(hospital(), *filed);
  ASSERT_OK(approved);
  ExpectCaseFields(*filed, *approved);
  ExpectCaseFields(*returned, *approved);
  EXPECT_THAT(seen_.NeverSetOf(v1::SubmitApplicationResponse::descriptor()), IsEmpty());
  EXPECT_THAT(seen_.NeverSetOf(v1::GetCaseResponse::descriptor()), IsEmpty());
}

// The public log as an auditor reads it.
class LogFieldsTest : public ApiFieldsTest {
 protected:
  LogFieldsTest()
      : auditor_(OptionsFor(town().server, town().server.Register(kOutsider, {Role::kAuditor}))) {}
  void SetUp() override { Exchange(); }
  static std::vector<std::string> Bytes(const std::vector<certs::Digest>& path) {
    std::vector<std::string> bytes;
    for (const certs::Digest& node : path) bytes.push_back(certs::Bytes(node));
    return bytes;
  }
  static uint64_t Size() { return house().issuing.ledger.Head().size.value(); }
  client::Client auditor_;
};

TEST_F(LogFieldsTest, OfTheCheckpoint) {
  const auto told = auditor_.GetCheckpoint({});
  const auto found = server::GetCheckpoint(house());
  ASSERT_OK(told);
  ASSERT_OK(found);
  EXPECT_EQ(told->checkpoint(), found->checkpoint);
}

TEST_F(LogFieldsTest, OfLeavesAndUpdates) {
  v1::ListUpdatesRequest updates;
  updates.set_first(1);
  updates.set_count(1024);
  v1::ListLeavesRequest leaves;
  leaves.set_first(1);
  leaves.set_count(1024);
  const auto told = auditor_.ListUpdates(updates);
  const auto listed = auditor_.ListLeaves(leaves);
  const auto found = server::ListUpdates(house(), certs::kCurrentEpoch, certs::LeafIndex(1), 1024);
  ASSERT_OK(told);
  ASSERT_OK(listed);
  ASSERT_OK(found);
  ASSERT_EQ(told->updates_size(), static_cast<int>(found->size()));
  ASSERT_EQ(listed->leaves_size(), told->updates_size());
  for (int i = 0; i < told->updates_size(); ++i) {
    EXPECT_EQ(told->updates(i).leaf(), (*found)[i].leaf);
    EXPECT_EQ(listed->leaves(i), (*found)[i].leaf);
    EXPECT_THAT(told->updates(i).changes(), ElementsAreArray((*found)[i].changes));
  }
  seen_.See(*told);
  EXPECT_THAT(seen_.NeverSetOf(v1::ListUpdatesResponse::descriptor()), IsEmpty());
}

TEST_F(LogFieldsTest, OfItsProofs) {
  v1::GetInclusionProofRequest inclusion;
  inclusion.set_leaf_index(2);
  inclusion.set_tree_size(Size() - 1);
  const auto included = auditor_.GetInclusionProof(inclusion);
  const auto proven = server::GetInclusionProof(house(), certs::kCurrentEpoch, certs::LeafIndex(2),
                                                certs::LogSize(Size() - 1));
  ASSERT_OK(included);
  ASSERT_OK(proven);
  EXPECT_EQ(included->leaf(), proven->leaf);
  EXPECT_EQ(included->tree_size(), Size() - 1);
  EXPECT_THAT(included->path(), ElementsAreArray(Bytes(proven->path)));
  v1::GetConsistencyProofRequest consistency;
  consistency.set_old_size(3);
  consistency.set_new_size(Size() - 1);
  const auto consistent = auditor_.GetConsistencyProof(consistency);
  const auto known = server::GetConsistencyProof(house(), certs::kCurrentEpoch, certs::LogSize(3),
                                                 certs::LogSize(Size() - 1));
  ASSERT_OK(consistent);
  ASSERT_OK(known);
  EXPECT_EQ(consistent->new_size(), Size() - 1);
  EXPECT_THAT(consistent->path(), ElementsAreArray(Bytes(known->path)));
}

}  // namespace
}  // namespace birthseal::tests
