// SPDX-License-Identifier: Apache-2.0
#include "server/api/convert.h"

#include <functional>

#include "certs/errors.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::server {
namespace {

using tests::StatusIs;

v1::PushDeliveriesRequest Message() {
  v1::PushDeliveriesRequest message;
  message.set_seq(1);
  message.set_facility_code("12529901MB0A12342F");
  message.set_source_message_id("HIS|云岭|1");
  message.set_content_digest(std::string(32, 'd'));
  message.set_event(v1::FEED_EVENT_RECORD);
  message.mutable_delivery()->set_birth_time("2026-03-04T05:06");
  message.mutable_delivery()->set_mother_name("龴玘");
  return message;
}

v1::Application Application() {
  v1::Application application;
  application.set_kind(v1::CASE_KIND_FIRST_ISSUE);
  application.set_institution_code("12529901MB0A12342F");
  application.set_newborn_id(std::string(16, 'n'));
  application.set_newborn_name("云小满");
  return application;
}

TEST(ConvertTest, AGoodMessageIsTakenWhole) {
  v1::PushDeliveriesRequest in = Message();
  in.set_raw("MSH|...");
  FieldChecker check;
  const DeliveryMessage message = FromProto(&in, &check);
  ASSERT_OK(check.status());
  EXPECT_EQ(message.event, store::FeedEvent::kRecord);
  EXPECT_TRUE(message.delivery.birth_time_known);
  EXPECT_EQ(message.delivery.birth_time, absl::CivilMinute(2026, 3, 4, 5, 6));
  EXPECT_EQ(message.raw, "MSH|...");
}

TEST(ConvertTest, ABareDayIsADayWithoutMinutes) {
  v1::PushDeliveriesRequest in = Message();
  in.mutable_delivery()->set_birth_time("2026-03-04");
  FieldChecker check;
  const DeliveryMessage message = FromProto(&in, &check);
  ASSERT_OK(check.status());
  EXPECT_FALSE(message.delivery.birth_time_known);
  EXPECT_EQ(absl::CivilDay(message.delivery.birth_time), absl::CivilDay(2026, 3, 4));
}

// As a recovery leaves it: the log says that it was issued, and to nobody who is known.
TEST(ConvertTest, OfALostDocumentWhatIsNotKnownIsLeftOut) {
  storage::v1::CertificateHead head;
  head.mutable_reservation()->set_status_index(7);
  head.set_state(static_cast<int>(certs::CertificateState::kValid));
  head.set_issued_leaf(3);
  head.set_document_lost(true);
  v1::Certificate out;
  ToProto(ViewOf(head), &out);
  EXPECT_EQ(out.status_index(), 7u);
  EXPECT_EQ(out.file_sm3(), "");
  EXPECT_EQ(out.issue_date(), "");
  EXPECT_EQ(out.newborn_id(), "");
  head.set_file_sm3(std::string(32, 'd'));
  head.mutable_reservation()->set_issue_date("2026-05-28");
  head.mutable_reservation()->set_newborn_id(std::string(16, 'n'));
  ToProto(ViewOf(head), &out);
  EXPECT_EQ(out.file_sm3(), std::string(32, 'd'));
  EXPECT_EQ(out.issue_date(), "2026-05-28");
  EXPECT_EQ(out.newborn_id(), std::string(16, 'n'));
}

TEST(ConvertTest, NumbersOfPeopleAreFoldedAtEveryDoor) {
  constexpr char kTyped[] = " ９９9999 199706010 02ｘ";
  constexpr char kFolded[] = "99999919970601002X";
  v1::PushDeliveriesRequest in = Message();
  in.mutable_delivery()->set_mother_id_number(kTyped);
  FieldChecker check;
  EXPECT_EQ(FromProto(&in, &check).delivery.mother_id_number, kFolded);
  v1::Application application = Application();
  application.mutable_mother()->set_id_number(kTyped);
  application.mutable_father()->set_id_number(kTyped);
  application.mutable_collector()->set_id_number(kTyped);
  const certs::Application out = FromProto(application, &check);
  EXPECT_EQ(out.mother.id_number, kFolded);
  ASSERT_TRUE(out.father.has_value());
  EXPECT_EQ(out.father->id_number, kFolded);
  EXPECT_EQ(out.collector.id_number, kFolded);
  EXPECT_OK(check.status());
}

TEST(ConvertTest, WhatNamesTheMessageIsCheckedWithFieldAndRule) {
  const struct {
    std::function<void(v1::PushDeliveriesRequest*)> change;
    const char* field;
    const char* reason;
  } kCases[] = {
      {[](auto* m) { m->clear_facility_code(); }, "facility_code", "FIELD_REQUIRED"},
      {[](auto* m) { m->clear_source_message_id(); }, "source_message_id", "FIELD_REQUIRED"},
      {[](auto* m) { m->set_source_message_id(std::string(257, 'x')); }, "source_message_id",
       "FIELD_TOO_LONG"},
      {[](auto* m) { m->set_content_digest("short"); }, "content_digest", "DIGEST_SIZE"},
      {[](auto* m) { m->clear_event(); }, "event", "ENUM_UNKNOWN"},
      {[](auto* m) { m->set_event(static_cast<v1::FeedEvent>(77)); }, "event", "ENUM_UNKNOWN"},
      {[](auto* m) { m->set_raw(std::string((1 << 20) + 1, 'r')); }, "raw", "FIELD_TOO_LONG"},
  };
  for (const auto& c : kCases) {
    v1::PushDeliveriesRequest in = Message();
    c.change(&in);
    FieldChecker check;
    FromProto(&in, &check);
    EXPECT_THAT(check.status(), StatusIs(absl::StatusCode::kInvalidArgument, c.reason)) << c.field;
    EXPECT_EQ(certs::FieldOf(check.status()), c.field);
  }
}

TEST(ConvertTest, ARecordThatBreaksABoundIsKeptAsRejected) {
  const struct {
    std::function<void(v1::Delivery*)> change;
    const char* field;
    const char* reason;
  } kCases[] = {
      {[](auto* d) { d->set_birth_time("2026-02-30T01:02"); }, "birth_time", "TIME_FORM"},
      {[](auto* d) { d->set_birth_time("20260304"); }, "birth_time", "TIME_FORM"},
      {[](auto* d) { d->set_signed_time("2026-03-04T05:06"); }, "signed_time", "TIME_FORM"},
      {[](auto* d) { d->set_gestation_weeks(61); }, "gestation_weeks", "OUT_OF_BOUNDS"},
      {[](auto* d) { d->set_gestation_days(7); }, "gestation_days", "OUT_OF_BOUNDS"},
      {[](auto* d) { d->set_birth_weight_g(-1); }, "birth_weight_g", "OUT_OF_BOUNDS"},
      {[](auto* d) { d->set_sex(static_cast<v1::Sex>(5)); }, "sex", "ENUM_UNKNOWN"},
      {[](auto* d) { d->set_mother_name("a\nb"); }, "mother_name", "TEXT_NOT_PLAIN"},
      {[](auto* d) { d->set_mother_name("\xC2\x85"); }, "mother_name", "TEXT_NOT_PLAIN"},
      {[](auto* d) { d->set_mother_name("\xED\xA0\x80"); }, "mother_name", "TEXT_NOT_PLAIN"},
      {[](auto* d) { d->set_mother_name(std::string(151, 'x')); }, "mother_name", "FIELD_TOO_LONG"},
  };
  for (const auto& c : kCases) {
    v1::PushDeliveriesRequest in = Message();
    in.set_raw("as it came");
    c.change(in.mutable_delivery());
    FieldChecker check;
    const DeliveryMessage message = FromProto(&in, &check);
    ASSERT_OK(check.status());
    EXPECT_EQ(message.event, store::FeedEvent::kRejected) << c.field;
    EXPECT_EQ(message.raw, "as it came");
    ASSERT_EQ(message.defects.size(), 1u);
    EXPECT_EQ(message.defects[0].code, c.reason) << c.field;
    EXPECT_EQ(message.defects[0].location, std::string("delivery.") + c.field);
    EXPECT_TRUE(message.defects[0].fatal);
  }
}

TEST(ConvertTest, WhatAMessageSaysBesideItsRecordIsBoundedToo) {
  const struct {
    std::function<void(v1::PushDeliveriesRequest*)> change;
    const char* field;
    const char* reason;
  } kCases[] = {
      {[](auto* m) { m->add_cleared_fields("no_such_field"); }, "cleared_fields", "FIELD_UNKNOWN"},
      {[](auto* m) {
         for (int i = 0; i < 41; ++i) m->add_cleared_fields("sex");
       },
       "cleared_fields", "FIELD_TOO_LONG"},
      {[](auto* m) { m->set_alias_of(std::string(65, 'x')); }, "alias_of", "FIELD_TOO_LONG"},
      {[](auto* m) { m->set_reason(std::string(201, 'x')); }, "reason", "FIELD_TOO_LONG"},
  };
  for (const auto& c : kCases) {
    v1::PushDeliveriesRequest in = Message();
    c.change(&in);
    FieldChecker check;
    const DeliveryMessage message = FromProto(&in, &check);
    ASSERT_OK(check.status());
    EXPECT_EQ(message.event, store::FeedEvent::kRejected) << c.field;
    ASSERT_EQ(message.defects.size(), 1u) << c.field;
    EXPECT_EQ(message.defects[0].code, c.reason);
    EXPECT_EQ(message.defects[0].location, c.field);
  }
}

TEST(ConvertTest, AMessageHasAtMostAHundredDefects) {
  v1::PushDeliveriesRequest in = Message();
  for (int i = 0; i < 100; ++i) in.add_defects()->set_code("CODE");
  FieldChecker check;
  EXPECT_EQ(FromProto(&in, &check).defects.size(), 100u);
  EXPECT_OK(check.status());
  in = Message();
  for (int i = 0; i < 101; ++i) in.add_defects()->set_code("CODE");
  FromProto(&in, &check);
  EXPECT_THAT(check.status(), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_TOO_LONG"));
  EXPECT_EQ(certs::FieldOf(check.status()), "defects");
}

TEST(ConvertTest, ADeliveryComesBackAsItWent) {
  v1::PushDeliveriesRequest in = Message();
  v1::Delivery* delivery = in.mutable_delivery();
  delivery->set_sex(v1::SEX_FEMALE);
  delivery->set_mother_id_type(v1::ID_TYPE_FOREIGN_RESIDENCE);
  delivery->mutable_birth_place()->set_code("529901");
  delivery->set_signed_time("2026-03-04T05:06:07");
  delivery->set_manual(true);
  const std::string before = delivery->SerializeAsString();
  FieldChecker check;
  v1::Delivery back;
  ToProto(FromProto(*delivery, "", &check), &back);
  ASSERT_OK(check.status());
  EXPECT_EQ(back.SerializeAsString(), before);
}

TEST(ConvertTest, ApplicationFaultsNameFieldAndRule) {
  const struct {
    std::function<void(v1::Application*)> change;
    const char* field;
    const char* reason;
  } kCases[] = {
      {[](auto* a) { a->clear_kind(); }, "application.kind", "ENUM_UNKNOWN"},
      {[](auto* a) { a->clear_institution_code(); }, "application.institution_code",
       "FIELD_REQUIRED"},
      {[](auto* a) { a->set_newborn_id("x"); }, "application.newborn_id", "IDENTIFIER_SIZE"},
      {[](auto* a) { a->mutable_collector()->set_relation("UNCLE"); },
       "application.collector.relation", "ENUM_UNKNOWN"},
      {[](auto* a) { a->add_evidence()->set_kind("BIRTH_PERMIT"); }, "application.evidence[0].kind",
       "ENUM_UNKNOWN"},
      {[](auto* a) { a->mutable_mother()->set_address(std::string(601, 'x')); },
       "application.mother.address", "FIELD_TOO_LONG"},
  };
  for (const auto& c : kCases) {
    v1::Application in = Application();
    c.change(&in);
    FieldChecker check;
    FromProto(in, &check);
    EXPECT_THAT(check.status(), StatusIs(absl::StatusCode::kInvalidArgument, c.reason)) << c.field;
    EXPECT_EQ(certs::FieldOf(check.status()), c.field);
  }
}

TEST(ConvertTest, EachPartThatAFatherLacksIsSeen) {
  v1::Application good = Application();
  v1::Parent* father = good.mutable_father();
  father->set_name("云长青");
  father->set_age(31);
  father->set_nationality("CHN");
  father->set_address("贵州省云岭县松风街道栖霞路18号");
  father->set_id_type(v1::ID_TYPE_OTHER);
  father->set_id_number("X1");
  const std::function<void(v1::Parent*)> kLacks[] = {
      [](auto* f) { f->clear_name(); },    [](auto* f) { f->clear_nationality(); },
      [](auto* f) { f->clear_address(); }, [](auto* f) { f->clear_id_type(); },
      [](auto* f) { f->clear_age(); },     [](auto* f) { f->clear_id_number(); }};
  FieldChecker check;
  EXPECT_FALSE(FromProto(good, &check).father_incomplete);
  for (const auto& lack : kLacks) {
    v1::Application in = good;
    lack(in.mutable_father());
    EXPECT_TRUE(FromProto(in, &check).father_incomplete) << in.father().ShortDebugString();
  }
  // The age is computed from a citizen number.
  father->clear_age();
  father->set_id_type(v1::ID_TYPE_CITIZEN_ID);
  EXPECT_FALSE(FromProto(good, &check).father_incomplete);
  EXPECT_OK(check.status());
}

TEST(ConvertTest, HalfAFatherIsKeptAndMarked) {
  v1::Application in = Application();
  in.mutable_father()->set_name("云大山");
  FieldChecker check;
  const certs::Application half = FromProto(in, &check);
  ASSERT_OK(check.status());
  EXPECT_TRUE(half.father_incomplete);
  in.mutable_father()->Clear();
  EXPECT_FALSE(FromProto(in, &check).father.has_value());
}

// tests/SCENARIOS.md 18: no family-planning input.
TEST(ConvertTest, AFieldThatIsNotOursIsFoundAtAnyDepth) {
  v1::SubmitApplicationRequest request;
  *request.mutable_application() = Application();
  FieldChecker clean;
  clean.NoUnknownFields(request);
  EXPECT_OK(clean.status());
  v1::Parent* mother = request.mutable_application()->mutable_mother();
  mother->GetReflection()->MutableUnknownFields(mother)->AddLengthDelimited(99, "permit");
  FieldChecker check;
  check.NoUnknownFields(request);
  EXPECT_THAT(check.status(), StatusIs(absl::StatusCode::kInvalidArgument, "FIELD_UNKNOWN"));
}

TEST(ConvertTest, TimesBeforeTheEpochKeepPositiveNanos) {
  google::protobuf::Timestamp stamp;
  ToProto(absl::FromUnixMicros(-1), &stamp);
  EXPECT_EQ(stamp.seconds(), -1);
  EXPECT_EQ(stamp.nanos(), 999'999'000);
}

}  // namespace
}  // namespace birthseal::server
