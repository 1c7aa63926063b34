// SPDX-License-Identifier: Apache-2.0
// What two people sign together when no document is sealed: the digests of their statements.
//
// Thread-safe: pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs {

// A reservation is given up. SM3 of the canonical record "birthseal/cancel-reservation/v1"
// {1 case id, 16 bytes; 2 reason}.
Digest CancellationDigest(absl::string_view case_id, absl::string_view reason);

// Where a held range of certificate numbers (暂停发放的编号段) goes on.
struct StockStatement {
  std::string request_id;        // so that it speaks once
  std::string institution_code;  // USCC
  std::string first_number;      // of the range
  std::string next_number;       // next unused one; empty: the range is used up
};
// SM3 of the canonical record "birthseal/confirm-stock/v1" {1 request id, 2 institution, 3 first
// number, 4 next number}.
Digest StockDigest(const StockStatement& statement);

}  // namespace birthseal::certs
