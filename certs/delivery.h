// SPDX-License-Identifier: Apache-2.0
// 分娩信息: one birth as the hospital reports it (block A of the first-issue form).
//
// A feed makes or changes a delivery record; it never issues anything.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "certs/codes.h"

namespace birthseal::certs {

enum class Outcome { kUnknown = 0, kLive = 1, kStillbirth = 2 };
enum class DeliverySource { kHis = 1, kManual = 2 };

struct Place {  // GB/T 2260 names and six-digit code
  std::string province, city, county, code;
};

// Empty text and zero mean "not reported"; review and rules say what is missing.
struct Delivery {
  std::string facility_code;  // USCC of the reporting facility: from the connection
  std::string facility_name;
  std::string baby_record_no;       // his_record_id: the baby's number in that facility
  std::string mother_inpatient_no;  // 住院病历号
  std::string placeholder_name;     // what the HIS calls the baby; never printed
  Sex sex = Sex::kUnknown;
  absl::CivilMinute birth_time;   // local, +08:00
  bool birth_time_known = false;  // false: day only, or absent
  int gestation_weeks = 0;
  int gestation_days = 0;  // 0..6
  int birth_weight_g = 0;
  int birth_length_mm = 0;
  Place birth_place;
  Outcome outcome = Outcome::kUnknown;
  int plurality = 0;    // 1 single, 2 twins; 0 not reported
  int birth_order = 0;  // 1..n; 0 not reported
  std::string mother_name;
  IdType mother_id_type = IdType::kNone;
  std::string mother_id_number;
  std::string midwife_id;
  absl::CivilSecond signed_at;  // midwife's signature, local; year 1970 = not signed
  DeliverySource source = DeliverySource::kHis;
};

// Canonical bytes (canonical.h), the stored form. Parse refuses anything Canonical did not make.
std::string Canonical(const Delivery& delivery);
absl::StatusOr<Delivery> ParseDelivery(absl::string_view canonical);

}  // namespace birthseal::certs
