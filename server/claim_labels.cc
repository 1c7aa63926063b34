#include "server/claim_labels.h"

#include "certs/digest.h"

namespace birthseal::server {

void LabelClaims(const Services& services, const std::optional<std::string>& facts,
                 std::vector<certs::Claim>* claims) {
  for (certs::Claim& claim : *claims) {
    if (claim.kind != '1' || !facts.has_value()) continue;
    claim.label = certs::HmacSm3(services.index_key, certs::View(claim.hash));
  }
}

}  // namespace birthseal::server
