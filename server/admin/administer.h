// SPDX-License-Identifier: Apache-2.0
// Administration: institutions, clients, operators, seals, stock of numbers. None of it issues.
//
// Durable when OK is returned. Errors: kInvalidArgument names the field; those of the ledger and
// the store; for managing institutions those of managing.h.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "birthseal/storage/v1/record.pb.h"
#include "server/admin/admin_room.h"

namespace birthseal::server {

// USCC and division code checked ("DIVISION_CODE"; a managing institution must have one: its area
// is its right); the profile must be known.
absl::Status PutInstitution(const AdminRoom& room, const Caller& caller,
                            const storage::v1::Institution& institution);
// Binds a TLS certificate to an organisation and its roles. The caller then has the client
// directory read again (ClientDirectory::Invalidate).
absl::Status PutClient(const AdminRoom& room, const Caller& caller,
                       const storage::v1::Client& client);
// Not both roles for one person ("ROLES_OF_ONE_PERSON"); the key must be readable SM2 or P-256.
absl::Status PutOperator(const AdminRoom& room, const Caller& caller,
                         const storage::v1::Operator& record);
// kFailedPrecondition "SEAL_MISMATCH" unless the digest is that of the seal the key provider holds,
// or the seal is suspended; those of SealCheck::DigestOf.
absl::Status PutSeal(const AdminRoom& room, const Caller& caller,
                     const storage::v1::SealRecord& seal);

struct ReceiveStockInput {
  std::string request_id;                                   // 1 to 64 bytes
  std::string institution_code, first_number, last_number;  // inclusive; at most 1,000,000
};
// By an administrator, or for itself or those it manages by a managing institution (managing.h).
// Errors: kAlreadyExists "STOCK_OVERLAP", "REQUEST_ID_REUSED"; kNotFound "INSTITUTION_UNKNOWN".
absl::Status ReceiveStock(const AdminRoom& room, const Caller& caller,
                          const ReceiveStockInput& input);

struct Summary {
  uint64_t deliveries_accepted = 0, deliveries_in_review = 0, deliveries_rejected = 0;
  uint64_t certificates_issued = 0, certificates_voided = 0;
  uint64_t log_size = 0, numbers_in_stock = 0, numbers_wasted = 0;
};
// Of the whole service: counts only. With a caller: administrators, auditors, and who manages
// anything (managing.h).
absl::StatusOr<Summary> GetSummary(const AdminRoom& room);
absl::StatusOr<Summary> GetSummary(const AdminRoom& room, const Caller& caller);

}  // namespace birthseal::server
