// SPDX-License-Identifier: Apache-2.0
// The uniqueness map as commands change it: which labels a newborn has, and where they lead.
#include <algorithm>
#include <optional>

#include "store/ledger/apply_parts.h"

namespace birthseal::store::apply {

using certs::MapLabel;
using storage::v1::CertificateHead;
using storage::v1::Newborn;

namespace {

absl::Status MapDisagrees() {
  return certs::Error(absl::StatusCode::kDataLoss, "MAP_DISAGREES",
                      "the uniqueness map does not agree with the newborn's certificates");
}

bool Has(const Newborn& newborn, const MapLabel& label) {
  const auto& labels = newborn.map_labels();
  return std::find(labels.begin(), labels.end(), certs::Bytes(label)) != labels.end();
}

absl::Status Internal(absl::string_view reason, absl::string_view message) {
  return certs::Error(absl::StatusCode::kInternal, reason, message);
}

absl::StatusOr<uint64_t> LiveOf(const Turn& turn, const MapLabel& label) {
  ASSIGN_OR_RETURN(const std::optional<uint64_t> value, turn.view.MapValue(label));
  return value.value_or(0);
}

// Salt of a CLAIM_ADDED commitment. Derived, as applying has no randomness; without the index key
// it says nothing.
std::string ClaimSalt(const Turn& turn, const MapLabel& label) {
  return certs::Bytes(certs::HmacSm3(turn.context.index_key, "claim-added" + certs::Bytes(label)));
}

// Rule C17.
absl::Status LeadToValid(Turn& turn, const MapLabel& label, certs::StatusIndex status_index) {
  ASSIGN_OR_RETURN(const uint64_t live, LiveOf(turn, label));
  if (live == status_index.value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<CertificateHead> head,
                   turn.view.Find<CertificateHead>(Family::kCertificates, IndexKey(status_index)));
  if (live != 0 || !head) return MapDisagrees();
  certs::Leaf leaf = LeafOf(certs::LeafKind::kClaimAdded, turn, head->reservation());
  leaf.commitment = certs::Commit(ClaimSalt(turn, label), certs::View(label));
  return turn.view.ChangeMap(turn.view.AppendLeaf(leaf), label, status_index.value());
}

absl::Status AddLabel(Turn& turn, const MapLabel& label, bool known_claim, Newborn& newborn) {
  if (label == MapLabel{}) return Internal("LABEL_MISSING", "a claim of the mother has no label");
  if (Has(newborn, label)) return absl::OkStatus();
  if (known_claim) return Internal("LABEL_CHANGED", "a claim of the mother got another label");
  newborn.add_map_labels(certs::Bytes(label));
  if (newborn.valid_certificate() == 0) return absl::OkStatus();
  return LeadToValid(turn, label, ValidCertificateOf(newborn));
}

absl::Status CheckLabel(const Turn& turn, const MapLabel& label, certs::StatusIndex valid) {
  ASSIGN_OR_RETURN(const uint64_t live, LiveOf(turn, label));
  if (live == 0 || live == valid.value()) return absl::OkStatus();
  return Refused("CERTIFICATE_EXISTS", "the map has a valid certificate for these facts");
}

absl::StatusOr<std::vector<MapLabel>> LabelsOf(const Newborn& newborn) {
  std::vector<MapLabel> labels;
  for (const std::string& bytes : newborn.map_labels()) {
    const std::optional<MapLabel> label = certs::MapLabelFrom(bytes);
    if (!label) {
      return certs::Error(absl::StatusCode::kDataLoss, "RECORD_UNREADABLE",
                          "a label of a newborn is damaged");
    }
    labels.push_back(*label);
  }
  return labels;
}

}  // namespace

absl::Status AddClaims(Turn& turn, const std::vector<certs::Claim>& claims,
                       const std::string& newborn_id, Newborn& newborn) {
  for (const certs::Claim& claim : claims) {
    if (claim.kind == certs::ClaimKind::kMother) {
      ASSIGN_OR_RETURN(const std::string owner, OwnerOf(turn, claim.hash));
      RETURN_IF_ERROR(AddLabel(turn, claim.label, !owner.empty(), newborn));
      newborn.set_has_mother_claim(true);
    }
    turn.view.Put(Family::kClaims, DigestKey(claim.hash), newborn_id);
  }
  return absl::OkStatus();
}

// Rule C18.
absl::Status CheckMap(const Turn& turn, const Newborn& newborn,
                      const std::vector<certs::Claim>& more) {
  ASSIGN_OR_RETURN(std::vector<MapLabel> labels, LabelsOf(newborn));
  for (const certs::Claim& claim : more) {
    if (claim.kind == certs::ClaimKind::kMother) labels.push_back(claim.label);
  }
  for (const MapLabel& label : labels) {
    RETURN_IF_ERROR(CheckLabel(turn, label, ValidCertificateOf(newborn)));
  }
  return absl::OkStatus();
}

// Rule I2.
absl::Status MapIssued(Turn& turn, certs::LeafIndex leaf_index, const Newborn& newborn,
                       certs::StatusIndex status_index) {
  ASSIGN_OR_RETURN(const std::vector<MapLabel> labels, LabelsOf(newborn));
  if (labels.empty()) return MapDisagrees();
  for (const MapLabel& label : labels) {
    ASSIGN_OR_RETURN(const uint64_t live, LiveOf(turn, label));
    if (live != 0) return MapDisagrees();
    RETURN_IF_ERROR(turn.view.ChangeMap(leaf_index, label, status_index.value()));
  }
  return absl::OkStatus();
}

absl::Status MapVoided(Turn& turn, certs::LeafIndex leaf_index, const Newborn& newborn,
                       certs::StatusIndex status_index) {
  ASSIGN_OR_RETURN(const std::vector<MapLabel> labels, LabelsOf(newborn));
  bool changed = false;
  for (const MapLabel& label : labels) {
    ASSIGN_OR_RETURN(const uint64_t live, LiveOf(turn, label));
    if (live == 0) continue;
    if (live != status_index.value()) return MapDisagrees();
    RETURN_IF_ERROR(turn.view.ChangeMap(leaf_index, label, 0));
    changed = true;
  }
  return changed ? absl::OkStatus() : MapDisagrees();
}

}  // namespace birthseal::store::apply
