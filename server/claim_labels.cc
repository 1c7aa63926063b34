#include "server/claim_labels.h"

#include "certs/status_macros.h"
#include "server/services.h"

namespace birthseal::server {

absl::StatusOr<certs::MapLabel> ClaimLabels::Of(const certs::Digest& claim,
                                                absl::string_view facts) {
  if (const std::optional<certs::MapLabel> known = known_.Find(claim)) return *known;
  ASSIGN_OR_RETURN(const certs::VrfOutput label, key_->Label(facts));
  known_.Put(claim, label);
  return label;
}

absl::Status LabelClaims(const Services& services, const std::optional<std::string>& facts,
                         std::vector<certs::Claim>* claims) {
  for (certs::Claim& claim : *claims) {
    if (claim.kind != '1' || !facts.has_value()) continue;
    ASSIGN_OR_RETURN(claim.label, services.labels.Of(claim.hash, *facts));
  }
  return absl::OkStatus();
}

}  // namespace birthseal::server
