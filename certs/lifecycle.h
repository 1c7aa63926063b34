// SPDX-License-Identifier: Apache-2.0
// States of a case and of a certificate, and the one table of lawful transitions.
//
// Case:        SUBMITTED <-> RETURNED, AWAITING_POLICE, APPROVED -> RESERVED -> ISSUED,
//              REFUSED, WITHDRAWN (also by two people once reserved)
// Certificate: VALID -> EXCHANGED | REPLACED | REVOKED; no way back.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace birthseal::certs {

// Values are persisted.
enum class CaseState : uint8_t {
  kReturned = 1,
  kAwaitingPolice = 2,
  kSubmitted = 3,  // fit, waits for the issuer
  kApproved = 4,   // number allotted, waits for the sealer
  kReserved = 5,   // INTENT written: owned by the service until issued
  kIssued = 6,
  kRefused = 7,
  kWithdrawn = 8,
};
enum class CaseEvent : uint8_t {
  kResubmitFit,
  kResubmitDefective,
  kResubmitAwaiting,
  kApprove,
  kMisprint,
  kReserve,
  kIssue,
  kCancel,
  kRefuse,
  kWithdraw,
};
enum class CertificateState : uint8_t { kValid = 1, kExchanged = 2, kReplaced = 3, kRevoked = 4 };
// 编号: IN_STOCK -> ALLOCATED -> USED | WASTE.
enum class NumberState : uint8_t { kInStock = 0, kAllocated = 1, kUsed = 2, kWaste = 3 };

// The next state when the table has the edge.
[[nodiscard]] std::optional<CaseState> Next(CaseState from, CaseEvent event);
bool MayBecome(CertificateState from, CertificateState to);
bool MayBecome(NumberState from, NumberState to);

absl::string_view Name(CaseState state);
absl::string_view Name(CertificateState state);

}  // namespace birthseal::certs
