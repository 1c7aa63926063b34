// SPDX-License-Identifier: Apache-2.0
// Round trips and the one-encoding property of the stored records: random values, seeded.
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "certs/application.h"
#include "certs/canonical.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::certs {
namespace {

using tests::StatusIs;

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int Upto(int most) { return static_cast<int>(engine_() % static_cast<uint64_t>(most + 1)); }
  bool Coin() { return engine_() % 2 == 0; }
  std::string Text() {
    constexpr const char* kParts[] = {"", "贾", "𠮷", "X", "0", "·", " ", "\t", "示例市"};
    std::string text;
    for (int i = Upto(6); i > 0; --i) text += kParts[Upto(8)];
    return text;
  }
  absl::CivilSecond Time() {
    return absl::CivilSecond(1900 + Upto(300), 1, 1, 0, 0, Upto(100'000'000));
  }
  IdType Type() {
    constexpr IdType kTypes[] = {IdType::kNone, IdType::kCitizenId, IdType::kPassport,
                                 IdType::kForeignResidence, IdType::kOther};
    return kTypes[Upto(4)];
  }
  Sex AnySex() {
    constexpr Sex kSexes[] = {Sex::kUnknown, Sex::kMale, Sex::kFemale, Sex::kNotStated};
    return kSexes[Upto(3)];
  }
  Place AnyPlace() { return {Text(), Text(), Text(), Text()}; }
  Parent AnyParent() { return {Text(), Upto(90), Text(), Text(), Text(), Type(), Text()}; }

  Delivery AnyDelivery() {
    Delivery d;
    d.facility_code = Text();
    d.facility_name = Text();
    d.baby_record_no = Text();
    d.mother_inpatient_no = Text();
    d.placeholder_name = Text();
    d.sex = AnySex();
    d.birth_time = absl::CivilMinute(Time());
    d.birth_time_known = Coin();
    d.gestation_weeks = Upto(50);
    d.gestation_days = Upto(6);
    d.birth_weight_g = Upto(9000);
    d.birth_length_mm = Upto(900);
    d.birth_place = AnyPlace();
    d.outcome = static_cast<Outcome>(Upto(2));
    d.plurality = Upto(4);
    d.birth_order = Upto(4);
    d.mother_name = Text();
    d.mother_id_type = Type();
    d.mother_id_number = Text();
    d.midwife_id = Text();
    d.signed_at = Time();
    d.source = Coin() ? DeliverySource::kHis : DeliverySource::kManual;
    return d;
  }

  Application AnyApplication() {
    Application a;
    a.kind = static_cast<CaseKind>(1 + Upto(4));
    a.institution_code = Text();
    a.newborn_id = Text();
    a.predecessor_number = Text();
    a.ground = static_cast<ExchangeGround>(Upto(7));
    a.newborn_name = Text();
    a.mother = AnyParent();
    if (Coin()) a.father = AnyParent();
    a.father_incomplete = Coin();
    a.collector = {Text(), Text(), Type(), Text(), Text()};
    for (int i = Upto(3); i > 0; --i) {
      a.evidence.push_back({static_cast<EvidenceKind>(Upto(18)), Text(), Sm3Of(Text()), Text()});
    }
    a.identity_check_reference = Text();
    return a;
  }

  Face AnyFace() {
    FaceContent c;
    c.newborn_name = Text();
    c.sex = AnySex();
    c.birth_time = absl::CivilMinute(Time());
    c.gestation_weeks = Upto(50);
    c.gestation_days = Upto(6);
    c.birth_weight_g = Upto(9000);
    c.birth_length_mm = Upto(900);
    c.birth_place = AnyPlace();
    c.delivery_institution_name = Text();
    c.delivery_institution_code = Text();
    c.mother = AnyParent();
    if (Coin()) c.father = AnyParent();
    c.issuing_institution_name = Text();
    c.issuing_institution_code = Text();
    c.absent_marker = Text();
    return {c, Text(), absl::CivilDay(Time())};
  }

 private:
  std::mt19937_64 engine_;
};

constexpr uint64_t kSeed = 20260305;

// Whatever parses has exactly these bytes as its encoding: two values never share bytes, and one
// value never has two encodings.
template <typename Parse>
void ExpectOneEncoding(const std::string& bytes, Parse parse, Random& random) {
  const auto parsed = parse(bytes);
  ASSERT_OK(parsed);
  EXPECT_EQ(Canonical(*parsed), bytes);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << random.Upto(7)));
    const auto other = parse(changed);
    if (other.ok()) EXPECT_EQ(Canonical(*other), changed) << "byte " << at;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = parse(bytes.substr(0, size));
    if (cut.ok()) EXPECT_EQ(Canonical(*cut), bytes.substr(0, size)) << "cut at " << size;
  }
  EXPECT_FALSE(parse(bytes + std::string(1, '\0')).ok());
  EXPECT_FALSE(parse(bytes + bytes).ok());
}

class RecordsTest : public testing::Test {
 protected:
  void SetUp() override { RecordProperty("seed", std::to_string(kSeed)); }
  void TearDown() override {
    if (HasFailure()) std::cerr << "seed " << kSeed << "\n";
  }
  Random random_{kSeed};
};

TEST_F(RecordsTest, DeliveryHasOneEncoding) {
  for (int i = 0; i < 60; ++i) {
    ExpectOneEncoding(Canonical(random_.AnyDelivery()), ParseDelivery, random_);
  }
}

TEST_F(RecordsTest, ApplicationHasOneEncoding) {
  for (int i = 0; i < 60; ++i) {
    ExpectOneEncoding(Canonical(random_.AnyApplication()), ParseApplication, random_);
  }
}

TEST_F(RecordsTest, FaceHasOneEncoding) {
  for (int i = 0; i < 60; ++i) {
    const Face face = random_.AnyFace();
    ExpectOneEncoding(Canonical(face), ParseFace, random_);
    ExpectOneEncoding(Canonical(face.content), ParseFaceContent, random_);
  }
}

TEST_F(RecordsTest, RoundTripKeepsWhatWasWritten) {
  for (int i = 0; i < 200; ++i) {
    const Delivery delivery = random_.AnyDelivery();
    const auto again = ParseDelivery(Canonical(delivery));
    ASSERT_OK(again);
    EXPECT_EQ(again->birth_time, delivery.birth_time);
    EXPECT_EQ(again->birth_time_known, delivery.birth_time_known);
    EXPECT_EQ(again->signed_at, delivery.signed_at);
    EXPECT_EQ(again->mother_name, delivery.mother_name);
    EXPECT_EQ(again->birth_place.county, delivery.birth_place.county);
    const Application application = random_.AnyApplication();
    const auto filed = ParseApplication(Canonical(application));
    ASSERT_OK(filed);
    EXPECT_EQ(filed->father.has_value(), application.father.has_value());
    EXPECT_EQ(filed->evidence.size(), application.evidence.size());
    EXPECT_EQ(filed->collector.phone, application.collector.phone);
  }
}

TEST_F(RecordsTest, ValuesOutsideTheTablesAreRefused) {
  Delivery delivery = random_.AnyDelivery();
  delivery.sex = static_cast<Sex>(5);
  EXPECT_THAT(ParseDelivery(Canonical(delivery)),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_RECORD"));
  Application application = random_.AnyApplication();
  application.kind = static_cast<CaseKind>(9);
  EXPECT_THAT(ParseApplication(Canonical(application)),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_RECORD"));
  application = random_.AnyApplication();
  application.mother.id_type = static_cast<IdType>(9);
  EXPECT_THAT(ParseApplication(Canonical(application)),
              StatusIs(absl::StatusCode::kInvalidArgument, "MALFORMED_RECORD"));
}

TEST_F(RecordsTest, RecordsOfOtherTypesAreRefused) {
  const Face face = random_.AnyFace();
  EXPECT_FALSE(ParseFace(Canonical(face.content)).ok());
  EXPECT_FALSE(ParseFaceContent(Canonical(face)).ok());
  EXPECT_FALSE(ParseDelivery(Canonical(random_.AnyApplication())).ok());
  EXPECT_FALSE(ParseDelivery("").ok());
}

}  // namespace
}  // namespace birthseal::certs
