// SPDX-License-Identifier: Apache-2.0
// What each reading refuses, with its reason: a question without cause or key, of somebody whose
// thing it is not, for something that there is not. Nothing is recorded as read.
#include "absl/strings/str_cat.h"
#include "server/admin/backup_place.h"
#include "server/admin/create_backup.h"
#include "server/feed/get_delivery.h"
#include "server/feed/list_reviews.h"
#include "server/issuing/get_case.h"
#include "server/reading/download_document.h"
#include "server/reading/get_certificate.h"
#include "server/reading/get_status.h"
#include "server/reading/prove_uniqueness.h"
#include "server/reading/read_log.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"
#include "tests/server/use_case/refusals.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;
using server::Role;

constexpr char kUnknownNumber[] = "Z520000899";

class RefusedReadsTest : public RefusalsTest {
 protected:
  uint64_t Entries() const { return registry_.Meta()->next_audit(); }
  // A read that is refused is recorded as little as it is done.
  template <typename Input, typename Ask>
  void ExpectUnrecordedRefusals(const Asked<Input>& good,
                                const std::vector<Refusal<Input>>& refusals, const Ask& ask) {
    const uint64_t before = Entries();
    ExpectRefusals(good, refusals, [&](const Asked<Input>& asked) {
      const absl::Status status = StatusOf(ask(asked));
      if (!status.ok()) EXPECT_EQ(Entries(), before) << status;
      return status;
    });
  }
};

TEST_F(RefusedReadsTest, OfACertificate) {
  using Request = server::CertificateRequest;
  // Its licence is known, and no certificate of it.
  ReservedBirth(5);
  const std::string reserved = registry_.OpenReservations(1)->front().licence_id();
  const std::vector<Refusal<Request>> refusals = {
      {"no cause", [](auto* a) { a->input.use_cause.clear(); }, StatusCode::kInvalidArgument,
       "USE_CAUSE_REQUIRED"},
      {"no key", [](auto* a) { a->input.key.clear(); }, StatusCode::kInvalidArgument,
       "KEY_REQUIRED"},
      {"unknown", [](auto* a) { a->input.key = kUnknownNumber; }, StatusCode::kNotFound,
       "CERTIFICATE_UNKNOWN"},
      {"reserved", [&](auto* a) { a->input.key = reserved; }, StatusCode::kNotFound,
       "CERTIFICATE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CERTIFICATE_UNKNOWN"},
  };
  const Asked<Request> good{Issuing(hospital()), {issued_.number, kCause}};
  ExpectUnrecordedRefusals(good, refusals, [this](const auto& a) {
    return server::GetCertificate(*house_, a.caller, a.input).status();
  });
  EXPECT_OK(server::GetCertificate(*house_, Platform(), {issued_.licence_id, kCause}));
  // A managing institution is told the same of one reserved as of one unknown.
  for (const std::string& key : {std::string(kUnknownNumber), reserved}) {
    EXPECT_THAT(server::GetCertificate(*house_, Managing(), {key, kCause}),
                StatusIs(StatusCode::kNotFound, "CERTIFICATE_UNKNOWN"));
  }
}

TEST_F(RefusedReadsTest, OfACase) {
  using Input = server::GetCaseInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no cause", [](auto* a) { a->input.use_cause.clear(); }, StatusCode::kInvalidArgument,
       "USE_CAUSE_REQUIRED"},
      {"unknown", [](auto* a) { a->input.case_id = Nothing(); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); }, StatusCode::kNotFound,
       "CASE_UNKNOWN"},
      {"a managing institution's", [this](auto* a) { a->caller = Managing(); },
       StatusCode::kNotFound, "CASE_UNKNOWN"},
  };
  const Asked<Input> good{Issuing(hospital()), {waiting_.case_id, kCause}};
  ExpectUnrecordedRefusals(good, refusals, [this](const auto& a) {
    return server::GetCase(*house_, a.caller, a.input).status();
  });
}

TEST_F(RefusedReadsTest, OfADelivery) {
  using Input = server::GetDeliveryInput;
  const certs::NewbornId withdrawn = WithoutARecord();
  const auto by = [](const certs::NewbornId& newborn, const std::string& number) {
    return [=](Asked<Input>* a) {
      a->input.delivery_id = {};
      a->input.newborn_id = newborn;
      a->input.baby_record_no = number;
    };
  };
  const std::vector<Refusal<Input>> refusals = {
      {"no cause", [](auto* a) { a->input.use_cause.clear(); }, StatusCode::kInvalidArgument,
       "USE_CAUSE_REQUIRED"},
      {"no key", by({}, ""), StatusCode::kInvalidArgument, "KEY_REQUIRED"},
      {"another's", [this](auto* a) { a->caller = As(kOtherHospital, Role::kHospital); },
       StatusCode::kNotFound, "DELIVERY_UNKNOWN"},
      {"unknown", [](auto* a) { a->input.delivery_id = Nothing(); }, StatusCode::kNotFound,
       "DELIVERY_UNKNOWN"},
      {"unknown newborn", by(Nothing(), ""), StatusCode::kNotFound, "DELIVERY_UNKNOWN"},
      {"unknown number", by({}, "nobody's"), StatusCode::kNotFound, "DELIVERY_UNKNOWN"},
      {"no record that stands", by(withdrawn, ""), StatusCode::kNotFound, "DELIVERY_UNKNOWN"},
  };
  Asked<Input> good{As(hospital(), Role::kHospital), {}};
  good.input.delivery_id = delivery_;
  good.input.facility_code = hospital();
  good.input.use_cause = kCause;
  for (const server::Caller& caller : {As(hospital(), Role::kHospital), Managing()}) {
    good.caller = caller;
    ExpectUnrecordedRefusals(good, refusals, [this](const auto& a) {
      return server::GetDelivery(*house_, a.caller, a.input).status();
    });
  }
}

TEST_F(RefusedReadsTest, OfADeliveryThatThereIsNotByOneThatMayNotManage) {
  server::GetDeliveryInput input;
  input.delivery_id = Nothing();
  input.use_cause = kCause;
  EXPECT_THAT(server::GetDelivery(*house_, As(kOtherHospital, Role::kManagingInstitution), input),
              StatusIs(StatusCode::kPermissionDenied, "NOT_MANAGING"));
}

TEST_F(RefusedReadsTest, OfADocumentThatWasLost) {
  storage::v1::CertificateHead head = *registry_.Certificate(issued_.status_index);
  head.set_document_lost(true);
  Overwrite(engine_.get(), store::Family::kCertificates, store::IndexKey(issued_.status_index),
            head.SerializeAsString());
  EXPECT_THAT(server::DownloadDocument(*house_, Platform(), {issued_.number, kCause}),
              StatusIs(StatusCode::kDataLoss, "DOCUMENT_LOST"));
}

TEST_F(RefusedReadsTest, OfALeafThatTheLogHasLost) {
  const uint64_t last = ledger_->Head().size.value() - 1;
  EXPECT_OK(server::GetInclusionProof(*house_, certs::LogEpoch(1), certs::LeafIndex(last),
                                      certs::LogSize(last + 1)));
  store::WriteBatch batch;
  batch.Erase(store::Family::kLeaves,
              store::IndexKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(last))));
  CommitBehindTheLedger(engine_.get(), batch);
  EXPECT_THAT(server::GetInclusionProof(*house_, certs::LogEpoch(1), certs::LeafIndex(last),
                                        certs::LogSize(last + 1)),
              StatusIs(StatusCode::kDataLoss, "LEAF_MISSING"));
}

TEST_F(RefusedReadsTest, OfALogEpochOfAStoreInWhichNothingWasWritten) {
  store::WriteBatch batch;
  batch.Erase(store::Family::kMeta, store::MetaKey());
  CommitBehindTheLedger(engine_.get(), batch);
  EXPECT_THAT(server::ListLeaves(*house_, certs::LogEpoch(9), certs::LeafIndex(0), 1),
              StatusIs(StatusCode::kOutOfRange, "LOG_EPOCH"));
}

TEST_F(RefusedReadsTest, OfReviews) {
  using Input = server::ListReviewsInput;
  const std::vector<Refusal<Input>> refusals = {
      {"less than none", [](auto* a) { a->input.page_size = -1; }, StatusCode::kInvalidArgument,
       "PAGE_SIZE"},
      {"too many", [](auto* a) { a->input.page_size = 201; }, StatusCode::kInvalidArgument,
       "PAGE_SIZE"},
      {"no token", [](auto* a) { a->input.page_token = "x"; }, StatusCode::kInvalidArgument,
       "PAGE_TOKEN"},
      {"another's", [this](auto* a) { a->caller = Issuing(kOtherHospital); },
       StatusCode::kPermissionDenied, "FACILITY_NOT_YOURS"},
  };
  const Asked<Input> good{Issuing(hospital()), {hospital(), 200, ""}};
  ExpectUnrecordedRefusals(good, refusals, [this](const auto& a) {
    return server::ListReviews(*house_, a.caller, a.input).status();
  });
}

// Rule U6.
TEST_F(RefusedReadsTest, OfTheProofOfUniqueness) {
  using Input = server::ProveUniquenessInput;
  const std::vector<Refusal<Input>> refusals = {
      {"no cause", [](auto* a) { a->input.use_cause.clear(); }, StatusCode::kInvalidArgument,
       "USE_CAUSE_REQUIRED"},
      {"no number", [](auto* a) { a->input.mother_id_number.clear(); },
       StatusCode::kInvalidArgument, "MOTHER_ID_REQUIRED"},
      {"a number of nobody", [](auto* a) { a->input.mother_id_number.pop_back(); },
       StatusCode::kInvalidArgument, "MOTHER_ID_REQUIRED"},
      {"a managing role alone",
       [this](auto* a) { a->caller = As(kOtherHospital, Role::kManagingInstitution); },
       StatusCode::kPermissionDenied, "NOT_MANAGING"},
  };
  Asked<Input> good{Police(), {}};
  good.input.mother_id_type = certs::IdType::kCitizenId;
  good.input.mother_id_number = BirthOf(1).mother_id_number;
  good.input.birth_date = absl::CivilDay(2026, 5, 28);
  good.input.use_cause = kCause;
  ExpectUnrecordedRefusals(good, refusals, [this](const auto& a) {
    return server::ProveUniqueness(*house_, a.caller, a.input).status();
  });
  // Whoever may ask by another role needs no registration as a managing institution.
  for (const Role role : {Role::kPolice, Role::kPlatform, Role::kAuditor}) {
    good.caller = As(kOtherHospital, Role::kManagingInstitution);
    good.caller.roles.Add(role);
    EXPECT_OK(server::ProveUniqueness(*house_, good.caller, good.input));
  }
}

TEST_F(RefusedReadsTest, OfAFileAndOfAState) {
  EXPECT_THAT(server::VerifyDocument(*house_, Police(), {file_, ""}),
              StatusIs(StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED"));
  const std::string largest(32u << 20, 'x');
  EXPECT_OK(server::VerifyDocument(*house_, Police(), {largest, kCause}));
  EXPECT_THAT(server::VerifyDocument(*house_, Police(), {largest + "x", kCause}),
              StatusIs(StatusCode::kInvalidArgument, "FILE_TOO_LARGE"));
  EXPECT_THAT(server::GetStatus(*house_, issued_.licence_id, issued_.status_index),
              StatusIs(StatusCode::kInvalidArgument, "KEY_REQUIRED"));
  EXPECT_FALSE(server::GetStatus(*house_, "", certs::StatusIndex(999))->known);
}

TEST_F(RefusedReadsTest, OfSummaryOnlyAManagingInstitutionNeedsItsRight) {
  EXPECT_THAT(server::GetSummary(*house_, As(hospital(), Role::kManagingInstitution)),
              StatusIs(StatusCode::kPermissionDenied, "NOT_MANAGING"));
  for (const Role role : {Role::kAdministrator, Role::kAuditor}) {
    EXPECT_OK(server::GetSummary(*house_, As(hospital(), role)));
  }
}

// The answer says so; it is no error.
// Rule V6.
TEST_F(RefusedReadsTest, OfANumberWhatIsMissingOrDiffersIsAnswered) {
  const server::VerifyNumberInput good{issued_.number, "云知夏", "2026-05-28",
                                       BirthOf(1).mother_id_number, kCause};
  const std::string reserved = registry_.CaseHead(ReservedBirth(5).case_id)->certificate_number();
  const struct {
    const char* name;
    std::function<void(server::VerifyNumberInput*)> spoil;
    int share_result, response_code;
  } kSpoilt[] = {
      {"nothing", [](auto*) {}, 0, 0},
      {"no day", [](auto* i) { i->birth_date.clear(); }, 0, 0},
      {"no cause", [](auto* i) { i->use_cause.clear(); }, 6, 12},
      {"no number", [](auto* i) { i->number.clear(); }, 6, 12},
      {"no name", [](auto* i) { i->newborn_name.clear(); }, 6, 12},
      {"no parent", [](auto* i) { i->parent_id_number.clear(); }, 6, 12},
      {"another name", [](auto* i) { i->newborn_name = "云知秋"; }, 7, 10},
      {"another day", [](auto* i) { i->birth_date = "2026-05-29"; }, 7, 10},
      {"another parent", [this](auto* i) { i->parent_id_number = BirthOf(2).mother_id_number; }, 7,
       10},
      {"an unknown number", [](auto* i) { i->number = kUnknownNumber; }, 5, 10},
      {"a number reserved", [&](auto* i) { i->number = reserved; }, 5, 10},
      {"a licence in its place", [this](auto* i) { i->number = issued_.licence_id; }, 5, 10},
  };
  for (const auto& spoilt : kSpoilt) {
    server::VerifyNumberInput input = good;
    spoilt.spoil(&input);
    const auto result = server::VerifyNumber(*house_, Police(), input);
    ASSERT_OK(result);
    EXPECT_EQ(result->share_result, spoilt.share_result) << spoilt.name;
    EXPECT_EQ(result->response_code, spoilt.response_code) << spoilt.name;
  }
}

TEST_F(RefusedReadsTest, OfANumberWhoseCertificateIsLostNothingIsSaid) {
  store::WriteBatch batch;
  batch.Erase(store::Family::kCertificates, store::IndexKey(issued_.status_index));
  CommitBehindTheLedger(engine_.get(), batch);
  EXPECT_THAT(Number().ask(), StatusIs(StatusCode::kDataLoss, "RECORD_DAMAGED"));
}

TEST_F(RefusedReadsTest, OfABackupWithoutAPlaceOrBesideAnother) {
  const server::Caller admin = As(kManaging, Role::kAdministrator);
  const auto expect = [&](StatusCode code, const char* reason) {
    const uint64_t before = Entries();
    EXPECT_THAT(server::CreateBackup(*house_, admin, "now"), StatusIs(code, reason));
    EXPECT_EQ(Entries(), before);
  };
  expect(StatusCode::kFailedPrecondition, "BACKUP_NOT_CONFIGURED");
  const server::BackupPlace place(engine_.get(), testing::TempDir() + "/no-backup-is-made-here");
  house_->admin.backups = &place;
  {
    const auto running = place.Begin();
    ASSERT_TRUE(running.owns_lock());
    expect(StatusCode::kAborted, "BACKUP_IN_PROGRESS");
  }
  // What is no name does not come to stand in the audit trail.
  for (const std::string& name : {std::string("../up"), std::string("a b"), std::string(65, 'x'),
                                  std::string("\xff"), std::string("备份")}) {
    const uint64_t before = Entries();
    const absl::Status refused = server::CreateBackup(*house_, admin, name).status();
    EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument, "BACKUP_NAME")) << name;
    EXPECT_EQ(certs::FieldOf(refused), "name");
    EXPECT_EQ(Entries(), before) << name;
  }
  ASSERT_OK(engine_->AcquireFence());  // another writer takes over: nothing is recorded any more
  const absl::Status unrecorded = server::CreateBackup(*house_, admin, "now").status();
  EXPECT_TRUE(absl::IsAborted(unrecorded) || absl::IsUnavailable(unrecorded)) << unrecorded;
  house_->admin.backups = nullptr;
}

}  // namespace
}  // namespace birthseal::tests
