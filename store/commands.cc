// SPDX-License-Identifier: Apache-2.0
#include "store/commands.h"

namespace birthseal::store {
namespace {

struct LaneVisitor {
  Lane operator()(const CommitIssue&) const { return Lane::kFinishing; }
  Lane operator()(const CancelReservation&) const { return Lane::kFinishing; }
  Lane operator()(const AcceptDelivery&) const { return Lane::kFeeds; }
  Lane operator()(const ResolveReview&) const { return Lane::kFeeds; }
  Lane operator()(const Access&) const { return Lane::kAccess; }
  Lane operator()(const StoreReceipts&) const { return Lane::kAccess; }
  template <typename Other>
  Lane operator()(const Other&) const {
    return Lane::kApprovals;
  }
};

// In the order of the variant.
constexpr absl::string_view kNames[] = {
    "AcceptDelivery", "ResolveReview", "SubmitApplication", "Approve",           "Misprint",
    "Withdraw",       "Reserve",       "CommitIssue",       "CancelReservation", "Revoke",
    "PutInstitution", "PutClient",     "PutOperator",       "PutSeal",           "ReceiveStock",
    "Access",         "StoreReceipts", "AnnounceProfile",   "RecoverLeaves",     "OpenEpoch",
    "ConfirmStock"};
static_assert(std::variant_size_v<Command> == sizeof(kNames) / sizeof(kNames[0]));

}  // namespace

Lane LaneOf(const Command& command) { return std::visit(LaneVisitor(), command); }

absl::string_view NameOf(const Command& command) { return kNames[command.index()]; }

}  // namespace birthseal::store
