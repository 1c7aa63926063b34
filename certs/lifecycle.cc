// SPDX-License-Identifier: Apache-2.0
#include "certs/lifecycle.h"

namespace birthseal::certs {
namespace {

struct CaseEdge {
  CaseState from;
  CaseEvent event;
  CaseState to;
};

// The one table of case transitions; ISSUANCE.md and the tests read it.
constexpr CaseEdge kCaseEdges[] = {
    {CaseState::kReturned, CaseEvent::kResubmitDefective, CaseState::kReturned},
    {CaseState::kReturned, CaseEvent::kResubmitFit, CaseState::kSubmitted},
    {CaseState::kReturned, CaseEvent::kResubmitAwaiting, CaseState::kAwaitingPolice},
    {CaseState::kReturned, CaseEvent::kRefuse, CaseState::kRefused},
    {CaseState::kReturned, CaseEvent::kWithdraw, CaseState::kWithdrawn},
    {CaseState::kAwaitingPolice, CaseEvent::kResubmitDefective, CaseState::kReturned},
    {CaseState::kAwaitingPolice, CaseEvent::kResubmitFit, CaseState::kSubmitted},
    {CaseState::kAwaitingPolice, CaseEvent::kResubmitAwaiting, CaseState::kAwaitingPolice},
    {CaseState::kAwaitingPolice, CaseEvent::kRefuse, CaseState::kRefused},
    {CaseState::kAwaitingPolice, CaseEvent::kWithdraw, CaseState::kWithdrawn},
    {CaseState::kSubmitted, CaseEvent::kResubmitDefective, CaseState::kReturned},
    {CaseState::kSubmitted, CaseEvent::kResubmitFit, CaseState::kSubmitted},
    {CaseState::kSubmitted, CaseEvent::kResubmitAwaiting, CaseState::kAwaitingPolice},
    {CaseState::kSubmitted, CaseEvent::kRefuse, CaseState::kRefused},
    {CaseState::kSubmitted, CaseEvent::kWithdraw, CaseState::kWithdrawn},
    {CaseState::kSubmitted, CaseEvent::kApprove, CaseState::kApproved},
    {CaseState::kApproved, CaseEvent::kMisprint, CaseState::kApproved},
    {CaseState::kApproved, CaseEvent::kWithdraw, CaseState::kWithdrawn},
    {CaseState::kApproved, CaseEvent::kReserve, CaseState::kReserved},
    {CaseState::kReserved, CaseEvent::kIssue, CaseState::kIssued},
    {CaseState::kReserved, CaseEvent::kCancel, CaseState::kWithdrawn},
};

}  // namespace

// Rule E11.
std::optional<CaseState> Next(CaseState from, CaseEvent event) {
  for (const CaseEdge& edge : kCaseEdges) {
    if (edge.from == from && edge.event == event) return edge.to;
  }
  return std::nullopt;
}

// Rule V1.
bool MayBecome(CertificateState from, CertificateState to) {
  const bool ended = to == CertificateState::kExchanged || to == CertificateState::kReplaced ||
                     to == CertificateState::kRevoked;
  return from == CertificateState::kValid && ended;
}

// Rule I4.
bool MayBecome(NumberState from, NumberState to) {
  if (from == NumberState::kInStock) return to == NumberState::kAllocated;
  if (from == NumberState::kAllocated) return to == NumberState::kUsed || to == NumberState::kWaste;
  return false;
}

absl::string_view Name(CaseState state) {
  switch (state) {
    case CaseState::kReturned:
      return "RETURNED";
    case CaseState::kAwaitingPolice:
      return "AWAITING_POLICE";
    case CaseState::kSubmitted:
      return "SUBMITTED";
    case CaseState::kApproved:
      return "APPROVED";
    case CaseState::kReserved:
      return "RESERVED";
    case CaseState::kIssued:
      return "ISSUED";
    case CaseState::kRefused:
      return "REFUSED";
    case CaseState::kWithdrawn:
      return "WITHDRAWN";
  }
  return "UNKNOWN";
}

absl::string_view Name(CertificateState state) {
  switch (state) {
    case CertificateState::kValid:
      return "VALID";
    case CertificateState::kExchanged:
      return "EXCHANGED";
    case CertificateState::kReplaced:
      return "REPLACED";
    case CertificateState::kRevoked:
      return "REVOKED";
  }
  return "UNKNOWN";
}

}  // namespace birthseal::certs
