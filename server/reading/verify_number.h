// SPDX-License-Identifier: Apache-2.0
// Verifies a number with facts of the face: a number alone is never enough.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "certs/lifecycle.h"
#include "certs/proof/log_place.h"
#include "server/reading/reading_room.h"

namespace birthseal::server {

struct VerifyNumberInput {
  std::string number, newborn_name;
  std::string birth_date;        // "YYYY-MM-DD" or empty
  std::string parent_id_number;  // of either parent
  std::string use_cause;         // 1 to 200 bytes
};
struct VerifyNumberResult {
  // GB/T 36906 (Rule V6): 0 right and valid, 3 right and no longer valid,
  // 5 not found, 6 a parameter lacks, 7 partly wrong (police and who manages its institution only).
  int share_result = 5;
  int response_code = 10;  // 0, 21 voided, 10 not found, 12 a required one is empty
  bool has_state = false;
  certs::CertificateState state = certs::CertificateState::kValid;
  certs::LogSize log_size;  // that the answer rests on
  std::string text_zh, text_en;
};

// "No such number" and "does not match" are one answer to outsiders.
// Errors: those of Freshness::MayAnswer and of the store; a missing parameter is an answer.
absl::StatusOr<VerifyNumberResult> VerifyNumber(const ReadingRoom& room, const Caller& caller,
                                                const VerifyNumberInput& input);

}  // namespace birthseal::server
