// A stored record that cannot be read, or whose ids have another length: whoever reads it is told
// kDataLoss. No read ends the process, takes half a record for a whole one, says "no such thing",
// or blames the request; no act changes anything.
#include <functional>
#include <vector>

#include "google/protobuf/message.h"
#include "server/cancel_reservation.h"
#include "server/download_document.h"
#include "server/get_application.h"
#include "server/get_delivery.h"
#include "server/get_preview.h"
#include "server/get_status.h"
#include "server/list_reviews.h"
#include "server/report_misprint.h"
#include "server/resolve_review.h"
#include "server/revoke_certificate.h"
#include "server/verify_document.h"
#include "server/verify_number.h"
#include "server/withdraw_application.h"
#include "store/meta.h"
#include "tests/server/stored_records.h"
#include "tests/server/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;
using store::Family;

constexpr char kCause[] = "核查";

struct Call {
  const char* name;
  std::function<absl::Status()> ask;
};
// A record and all who need it.
struct Record {
  const char* name;
  Family family;
  std::string key;
  std::vector<Call> readers;
};

class DamagedRecordsTest : public UseCaseTest {
 protected:
  void SetUp() override {
    UseCaseTest::SetUp();
    const auto pushed = Push(MessageOf(BirthOf(1)));
    ASSERT_OK(pushed);
    delivery_ = pushed->delivery_id;
    newborn_ = pushed->newborn_id;
    filed_ = *File(ApplicationFor(1, newborn_));
    issued_ = Issue(Approve(filed_, hospital()), hospital()).certificate;
    file_ = Download(issued_.number);
    const auto next = Push(MessageOf(BirthOf(2)));
    next_delivery_ = next->delivery_id;
    next_newborn_ = next->newborn_id;
    waiting_ = *File(ApplicationFor(2, next_newborn_));
    approved_ = Approve(*File(ApplicationFor(3, PushBirth(BirthOf(3)))), hospital());
    certs::Delivery doubtful = BirthOf(4);
    doubtful.birth_time_known = false;
    review_ = Push(MessageOf(doubtful))->delivery_id;
  }
  std::string Get(Family family, const std::string& key) const {
    const auto value = engine_->NewSnapshot()->Get(family, key);
    EXPECT_OK(value);
    return value.ok() ? *value : "";
  }
  // A counter of what was done, but for the trail of it.
  std::string Done() const {
    storage::v1::Meta meta = *registry_.Meta();
    for (const int field : {2, 3, 9, 10}) {  // batch, time, audit
      meta.GetReflection()->ClearField(&meta, meta.GetDescriptor()->FindFieldByNumber(field));
    }
    return meta.SerializeAsString();
  }
  void ExpectDataLoss(const Record& record, const std::string& bad, const std::string& how) {
    const std::string good = Get(record.family, record.key);
    Overwrite(engine_.get(), record.family, record.key, bad);
    for (const Call& reader : record.readers) {
      operators_->Forget("issuer-" + hospital());
      operators_->Forget("sealer-" + hospital());
      const std::string before = Done();
      EXPECT_THAT(reader.ask(), StatusIs(StatusCode::kDataLoss))
          << record.name << " " << how << ": " << reader.name;
      EXPECT_TRUE(Done() == before) << record.name << " " << how << ": " << reader.name;
    }
    Overwrite(engine_.get(), record.family, record.key, good);
  }

  server::Caller Police() const { return As(kManaging, Role::kPolice); }
  server::Caller Platform() const { return As(kManaging, Role::kPlatform); }
  server::Caller Managing() const { return As(kManaging, Role::kManagingInstitution); }
  // Reads.
  Call Delivery(const char* name, const store::Id& id, const store::Id& newborn);
  Call DeliveryByNumber();
  Call Application(const store::Id& id);
  Call Certificate();
  Call Document();
  Call Preview();
  Call Status();
  Call Number();
  Call File_();
  Call Reviews();
  // Acts.
  Call Approve_();
  Call Submit();
  Call Exchange();
  Call Order();
  Call Revoke();
  Call Misprint();
  Call Withdraw();
  Call Resolve();
  Call Update();

  std::vector<Record> Messages();
  std::vector<Record> RegistryRecords();

  store::Id delivery_{}, newborn_{}, next_delivery_{}, next_newborn_{}, review_{};
  server::SubmitApplicationResult filed_, waiting_;
  server::ApproveOutcome approved_;
  server::CertificateView issued_;
  std::string file_;
};

Call DamagedRecordsTest::Delivery(const char* name, const store::Id& id, const store::Id& newborn) {
  return {name, [=] {
            server::GetDeliveryInput input;
            input.delivery_id = id;
            input.newborn_id = newborn;
            input.use_cause = kCause;
            return server::GetDelivery(*services_, Issuing(hospital()), input).status();
          }};
}
Call DamagedRecordsTest::DeliveryByNumber() {
  return {"GetDelivery by the baby's number", [=] {
            server::GetDeliveryInput input;
            input.facility_code = hospital();
            input.baby_record_no = BirthOf(1).baby_record_no;
            input.use_cause = kCause;
            return server::GetDelivery(*services_, Issuing(hospital()), input).status();
          }};
}
Call DamagedRecordsTest::Application(const store::Id& id) {
  return {"GetApplication", [=] {
            return server::GetApplication(*services_, Issuing(hospital()), {id, kCause}).status();
          }};
}
Call DamagedRecordsTest::Certificate() {
  return {
      "GetCertificate", [=] {
        return server::GetCertificate(*services_, Platform(), {issued_.number, kCause}).status();
      }};
}
Call DamagedRecordsTest::Document() {
  return {
      "DownloadDocument", [=] {
        return server::DownloadDocument(*services_, Platform(), {issued_.number, kCause}).status();
      }};
}
Call DamagedRecordsTest::Preview() {
  return {
      "GetPreview", [=] {
        return server::GetPreview(*services_, Platform(), {issued_.number, kCause}, 72).status();
      }};
}
Call DamagedRecordsTest::Status() {
  return {"GetStatus",
          [=] { return server::GetStatus(*services_, issued_.licence_id, 0).status(); }};
}
Call DamagedRecordsTest::Number() {
  return {"VerifyNumber", [=] {
            return server::VerifyNumber(
                       *services_, Police(),
                       {issued_.number, "云知夏", "", BirthOf(1).mother_id_number, kCause})
                .status();
          }};
}
Call DamagedRecordsTest::File_() {
  return {"VerifyDocument", [=] {
            return server::VerifyDocument(*services_, Police(), {file_, kCause}).status();
          }};
}
Call DamagedRecordsTest::Reviews() {
  return {
      "ListReviews", [=] {
        return server::ListReviews(*services_, Issuing(hospital()), {hospital(), 0, ""}).status();
      }};
}
Call DamagedRecordsTest::Approve_() {
  return {"ApproveApplications", [=] { return Approve(waiting_, hospital()).status; }};
}
Call DamagedRecordsTest::Submit() {
  return {"SubmitApplication", [=] { return File(ApplicationFor(2, next_newborn_)).status(); }};
}
Call DamagedRecordsTest::Exchange() {
  return {"SubmitApplication of an exchange", [=] {
            certs::Application application = ApplicationFor(1, newborn_);
            application.kind = certs::CaseKind::kExchange;
            application.ground = certs::ExchangeGround::kDamaged;
            application.predecessor_number = issued_.number;
            return File(application).status();
          }};
}
Call DamagedRecordsTest::Order() {
  return {"IssueCertificates", [=] {
            return server::IssueCertificates(*services_, Issuing(hospital()),
                                             {OrderFor(approved_, hospital())})
                ->front()
                .status;
          }};
}
Call DamagedRecordsTest::Revoke() {
  return {"RevokeCertificate", [=] {
            server::RevokeCertificateInput input;
            input.request_id = "revoke-1";
            input.number = issued_.number;
            input.decision = {certs::EvidenceKind::kDecision, "D-1", certs::Sm3Of("d"), ""};
            const certs::Digest digest =
                server::RevocationDigest(input.number, input.decision.digest);
            input.issuer = IssuerOf(kManaging, digest);
            input.sealer = SealerOf(kManaging, digest);
            return server::RevokeCertificate(*services_, Managing(), input).status();
          }};
}
Call DamagedRecordsTest::Misprint() {
  return {"ReportMisprint", [=] {
            return server::ReportMisprint(
                       *services_, Issuing(hospital()),
                       {"misprint-1", approved_.application_id, approved_.certificate_number,
                        "issuer-" + hospital(), "打印错位"})
                .status();
          }};
}
Call DamagedRecordsTest::Withdraw() {
  return {"WithdrawApplication", [=] {
            return server::WithdrawApplication(*services_, Issuing(hospital()),
                                               {waiting_.application_id, "撤回"});
          }};
}
Call DamagedRecordsTest::Resolve() {
  return {"ResolveReview", [=] {
            server::ResolveReviewInput input;
            input.delivery_id = review_;
            input.accept = false;
            input.operator_id = "issuer-" + hospital();
            input.reason = "误报";
            return server::ResolveReview(*services_, Issuing(hospital()), input).status();
          }};
}
Call DamagedRecordsTest::Update() {
  return {"PushDelivery", [=] {
            certs::Delivery corrected = BirthOf(2);
            corrected.birth_weight_g = 3520;
            return Push(MessageOf(corrected)).status();
          }};
}

std::vector<Record> DamagedRecordsTest::Messages() {
  const store::Id none{};
  return {
      {"newborn",
       Family::kNewborns,
       store::IdKey(next_newborn_),
       {Delivery("GetDelivery by newborn", none, next_newborn_), Approve_(), Submit(), Update()}},
      {"delivery",
       Family::kDeliveries,
       store::IdKey(next_delivery_),
       {Delivery("GetDelivery", next_delivery_, none),
        Delivery("GetDelivery by newborn", none, next_newborn_), Submit(), Update()}},
      {"record in review",
       Family::kDeliveries,
       store::IdKey(review_),
       {Delivery("GetDelivery", review_, none), Reviews(), Resolve()}},
      {"case of the certificate",
       Family::kApplications,
       store::IdKey(filed_.application_id),
       {Application(filed_.application_id), Certificate(), Preview(), Number(), Exchange()}},
      {"case that waits",
       Family::kApplications,
       store::IdKey(waiting_.application_id),
       {Application(waiting_.application_id), Approve_(), Withdraw()}},
      {"case that is approved",
       Family::kApplications,
       store::IdKey(approved_.application_id),
       {Application(approved_.application_id), Order(), Misprint()}},
      {"certificate",
       Family::kCertificates,
       store::IndexKey(issued_.status_index),
       {Certificate(), Document(), Preview(), Status(), Number(), File_(), Revoke(), Exchange()}},
  };
}

std::vector<Record> DamagedRecordsTest::RegistryRecords() {
  using store::RegistryKey;
  using store::RegistryKind;
  return {
      {"issuer",
       Family::kRegistry,
       RegistryKey(RegistryKind::kOperator, "issuer-" + hospital()),
       {Approve_(), Order(), Misprint(), Resolve()}},
      {"sealer",
       Family::kRegistry,
       RegistryKey(RegistryKind::kOperator, "sealer-" + hospital()),
       {Order()}},
      {"seal", Family::kRegistry, RegistryKey(RegistryKind::kSeal, hospital()), {Order()}},
      {"institution",
       Family::kRegistry,
       RegistryKey(RegistryKind::kInstitution, hospital()),
       {Submit(), Exchange()}},
      {"managing institution",
       Family::kRegistry,
       RegistryKey(RegistryKind::kInstitution, kManaging),
       {Revoke()}},
  };
}

TEST_F(DamagedRecordsTest, ARecordThatCannotBeParsed) {
  std::vector<Record> all = Messages();
  for (Record& record : RegistryRecords()) all.push_back(std::move(record));
  for (const Record& record : all) {
    const std::string good = Get(record.family, record.key);
    ExpectDataLoss(record, "\xff\xff\xff", "unparsable");
    ExpectDataLoss(record, good.substr(0, good.size() - 1), "cut by one byte");
  }
}

TEST_F(DamagedRecordsTest, ABodyThatDoesNotOpenOrIsGone) {
  const auto body = [](store::BodyKind kind, const store::Id& id) {
    return store::BodyKey(kind, id);
  };
  const store::Id none{};
  const std::vector<Record> records = {
      {"delivery",
       Family::kBodies,
       body(store::BodyKind::kDelivery, next_delivery_),
       {Delivery("GetDelivery", next_delivery_, none), Submit(), Update()}},
      {"case of the certificate",
       Family::kBodies,
       body(store::BodyKind::kCase, filed_.application_id),
       {Application(filed_.application_id), Certificate(), Preview(), Number(), Exchange()}},
      {"case that waits",
       Family::kBodies,
       body(store::BodyKind::kCase, waiting_.application_id),
       {Application(waiting_.application_id), Approve_()}},
      {"case that is approved",
       Family::kBodies,
       body(store::BodyKind::kCase, approved_.application_id),
       {Application(approved_.application_id), Order()}},
      {"document", Family::kDocuments, store::IndexKey(issued_.status_index), {Document()}},
  };
  for (const Record& record : records) {
    std::string flipped = Get(record.family, record.key);
    flipped.back() ^= 1;
    ExpectDataLoss(record, flipped, "flipped");
    ExpectDataLoss(record, "", "empty");
    ExpectDataLoss(record, flipped.substr(0, 20), "cut");
  }
}

TEST_F(DamagedRecordsTest, AnIndexOfAnotherLength) {
  const std::vector<Record> records = {
      {"number",
       Family::kLicences,
       store::LicenceKey(issued_.number),
       {Certificate(), Document(), Preview(), Number(), Revoke(), Exchange()}},
      {"licence", Family::kLicences, store::LicenceKey(issued_.licence_id), {Status(), File_()}},
      {"the baby's number",
       Family::kClaims,
       store::DigestKey(
           certs::BabyRecordClaim(services_->index_key, hospital(), BirthOf(1).baby_record_no)),
       {DeliveryByNumber()}},
  };
  for (const Record& record : records) {
    const std::string good = Get(record.family, record.key);
    for (const std::string& bad : {std::string(), good.substr(1), good + '\0'}) {
      ExpectDataLoss(record, bad, "of another length");
    }
  }
}

// An id in a record: where it leads is not known.
class DamagedIdTest : public DamagedRecordsTest {
 protected:
  template <typename Message>
  void ExpectBadIds(const Record& record, std::string* (Message::*id)()) {
    for (const int length : {1, 15, 17, 32}) {
      Message message;
      ASSERT_TRUE(message.ParseFromString(Get(record.family, record.key)));
      (message.*id)()->resize(length, 'x');
      ExpectDataLoss(record, message.SerializeAsString(), "with an id of another length");
    }
    Message message;
    ASSERT_TRUE(message.ParseFromString(Get(record.family, record.key)));
    (message.*id)()->assign(16, '\0');
    ExpectDataLoss(record, message.SerializeAsString(), "with an id of zeros");
  }
};

TEST_F(DamagedIdTest, OfTheCurrentRecordOfANewborn) {
  ExpectBadIds({"newborn",
                Family::kNewborns,
                store::IdKey(next_newborn_),
                {Delivery("GetDelivery by newborn", {}, next_newborn_), Submit(), Update()}},
               &storage::v1::Newborn::mutable_current_delivery);
}

TEST_F(DamagedIdTest, OfTheNewbornOfARecord) {
  ExpectBadIds({"delivery",
                Family::kDeliveries,
                store::IdKey(delivery_),
                {Delivery("GetDelivery", delivery_, {})}},
               &storage::v1::DeliveryHead::mutable_newborn_id);
  ExpectBadIds({"review", Family::kDeliveries, store::IdKey(review_), {Reviews()}},
               &storage::v1::DeliveryHead::mutable_newborn_id);
}

TEST_F(DamagedIdTest, OfTheNewbornOfACase) {
  ExpectBadIds({"case", Family::kApplications, store::IdKey(waiting_.application_id), {Approve_()}},
               &storage::v1::ApplicationHead::mutable_newborn_id);
}

TEST_F(DamagedIdTest, OfTheCaseOfACertificate) {
  const Record record{"certificate",
                      Family::kCertificates,
                      store::IndexKey(issued_.status_index),
                      {Certificate(), Preview(), Number(), Exchange()}};
  for (const int length : {0, 1, 15, 17}) {
    storage::v1::CertificateHead head = *registry_.Certificate(issued_.status_index);
    head.mutable_reservation()->mutable_application_id()->resize(length);
    ExpectDataLoss(record, head.SerializeAsString(), "with an id of another length");
  }
}

TEST_F(DamagedIdTest, OfTheRecordThatAReturnedCaseWasJudgedBy) {
  certs::Application incomplete = ApplicationFor(2, next_newborn_);
  incomplete.evidence.clear();
  const auto returned = File(incomplete);
  ASSERT_OK(returned);
  ExpectBadIds({"case",
                Family::kApplications,
                store::IdKey(returned->application_id),
                {Application(returned->application_id)}},
               &storage::v1::ApplicationHead::mutable_basis_delivery);
}

TEST_F(DamagedIdTest, OfTheCaseOfAReservation) {
  SetStepHook([](server::IssueStep step) {
    return step == server::IssueStep::kReserved ? absl::UnavailableError("stopped by the test")
                                                : absl::OkStatus();
  });
  EXPECT_FALSE(Issue(approved_, hospital()).status.ok());
  SetStepHook(nullptr);
  storage::v1::Reservation open = registry_.OpenReservations(1)->front();
  const std::string key = store::IndexKey(store::PositionOf(open)), good = open.SerializeAsString();
  for (const int length : {0, 15, 17}) {
    open.mutable_application_id()->resize(length);
    Overwrite(engine_.get(), Family::kReservations, key, open.SerializeAsString());
    absl::Status told;
    server::Finisher finisher(services_.get(), [&](const storage::v1::Reservation&,
                                                   const absl::Status& why) { told = why; });
    EXPECT_EQ(finisher.RunOnce().failed, 1u);
    EXPECT_THAT(told, StatusIs(StatusCode::kDataLoss)) << length;
  }
  Overwrite(engine_.get(), Family::kReservations, key, good);
  EXPECT_EQ(server::Finisher(services_.get()).RunOnce().finished, 1u);
}

// A digest that is no digest is no "not fit to be approved".
TEST_F(DamagedIdTest, AContentDigestOfAnotherLength) {
  const Record record{"case",
                      Family::kApplications,
                      store::IdKey(waiting_.application_id),
                      {Approve_(), Application(waiting_.application_id)}};
  for (const int length : {1, 31, 33}) {
    storage::v1::ApplicationHead head = *registry_.CaseHead(waiting_.application_id);
    head.mutable_content_digest()->resize(length, 'x');
    ExpectDataLoss(record, head.SerializeAsString(), "with a digest of another length");
  }
}

}  // namespace
}  // namespace birthseal::tests
