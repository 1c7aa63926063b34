// SPDX-License-Identifier: Apache-2.0
#include "certs/statements.h"

#include "certs/canonical.h"

namespace birthseal::certs {

Digest CancellationDigest(absl::string_view case_id, absl::string_view reason) {
  return Sm3Of(
      CanonicalWriter("birthseal/cancel-reservation/v1").Text(1, case_id).Text(2, reason).Finish());
}

Digest StockDigest(const StockStatement& statement) {
  return Sm3Of(CanonicalWriter("birthseal/confirm-stock/v1")
                   .Text(1, statement.request_id)
                   .Text(2, statement.institution_code)
                   .Text(3, statement.first_number)
                   .Text(4, statement.next_number)
                   .Finish());
}

}  // namespace birthseal::certs
