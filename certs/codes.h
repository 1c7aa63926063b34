// SPDX-License-Identifier: Apache-2.0
// The code tables of the certificate's face, each frozen to its standard.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::certs {

// GB/T 2261.1. Values are persisted.
enum class Sex { kUnknown = 0, kMale = 1, kFemale = 2, kNotStated = 9 };

// CV02.01.101 (WS 364.3) and the local codes 08 and 10. Values are persisted.
enum class IdType {
  kNone = 0,
  kCitizenId = 1,          // 居民身份证
  kHouseholdBook = 2,      // 居民户口簿
  kPassport = 3,           // 护照
  kOfficerId = 4,          // 军官证
  kDrivingLicence = 5,     // 驾驶证: never accepted here
  kHkMacaoPermit = 6,      // 港澳居民来往内地通行证
  kTaiwanPermit = 7,       // 台湾居民来往大陆通行证
  kHkMoTwResidence = 8,    // 港澳台居民居住证
  kForeignResidence = 10,  // 外国人永久居留身份证
  kOther = 99,
};

// The Chinese text printed on the certificate: 男, 女, 未知, 未说明.
absl::string_view SexText(Sex sex);
// GB/T 2659 alpha-3 -> Chinese country name as printed ("CHN" -> 中国; "HKG" -> 中国(香港)).
absl::StatusOr<std::string> NationalityText(absl::string_view alpha3);
// GB/T 3304 two digits -> name of the nationality (民族), 01 汉族 to 56 基诺族, 97, 98.
absl::StatusOr<std::string> EthnicityText(absl::string_view code);

}  // namespace birthseal::certs
