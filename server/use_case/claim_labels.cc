// SPDX-License-Identifier: Apache-2.0
#include "server/use_case/claim_labels.h"

#include <utility>

#include "certs/id_document.h"
#include "certs/status_macros.h"
#include "signer/sealing/vrf_key.h"

namespace birthseal::server {

ClaimLabels::ClaimLabels(std::shared_ptr<const signer::VrfKey> key) : key_(std::move(key)) {}
ClaimLabels::~ClaimLabels() = default;

absl::StatusOr<certs::MapLabel> ClaimLabels::LabelOf(absl::string_view facts) const {
  ASSIGN_OR_RETURN(const certs::VrfOutput output, key_->Label(facts));
  return certs::MapLabel(output);
}

absl::StatusOr<std::string> ClaimLabels::Prove(absl::string_view facts) const {
  return key_->Prove(facts);
}

absl::StatusOr<certs::MapLabel> ClaimLabels::Of(const certs::Digest& claim,
                                                absl::string_view facts) {
  if (const std::optional<certs::MapLabel> known = known_.Find(claim)) return *known;
  ASSIGN_OR_RETURN(const certs::MapLabel label, LabelOf(facts));
  known_.Put(claim, label);
  return label;
}

absl::Status LabelClaims(const ClaimKeys& keys, const std::optional<std::string>& facts,
                         std::vector<certs::Claim>* claims) {
  for (certs::Claim& claim : *claims) {
    if (claim.kind != certs::ClaimKind::kMother || !facts.has_value()) continue;
    ASSIGN_OR_RETURN(claim.label, keys.labels.Of(claim.hash, *facts));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<certs::Claim>> MotherClaimsOf(const ClaimKeys& keys,
                                                         const certs::Parent& mother,
                                                         absl::CivilDay birth, int order) {
  std::vector<certs::Claim> claims;
  if (!certs::NamesOnePerson(mother.id_type, mother.id_number)) return claims;
  claims.push_back({certs::ClaimKind::kMother, certs::MotherClaim(keys.index_key, mother.id_type,
                                                                  mother.id_number, birth, order)});
  RETURN_IF_ERROR(LabelClaims(
      keys, certs::LabelInput(mother.id_type, mother.id_number, birth, order), &claims));
  return claims;
}

}  // namespace birthseal::server
