// SPDX-License-Identifier: Apache-2.0
#include "certs/proof/uniqueness.h"

#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/proof/vrf.h"
#include "certs/status_macros.h"

namespace birthseal::certs {
namespace {

constexpr char kUniquenessType[] = "birthseal/uniqueness/v1";

absl::Status NotOfTheseFacts() {
  return Error(absl::StatusCode::kDataLoss, "LABEL_NOT_OF_THESE_FACTS",
               "the proof belongs to another birth: check document number, birth date and order",
               "", "该证明不属于这次出生：请核对证件号码、出生日期和出生次序");
}

}  // namespace

std::string Canonical(const UniquenessProof& proof) {
  return CanonicalWriter(kUniquenessType)
      .Text(1, proof.label_proof)
      .Nested(2, Canonical(proof.map))
      .Text(3, proof.checkpoint)
      .Finish();
}

absl::StatusOr<UniquenessProof> ParseUniquenessProof(absl::string_view canonical) {
  CanonicalReader reader(canonical, kUniquenessType);
  UniquenessProof proof;
  proof.label_proof = reader.Text(1);
  const auto map = reader.Next(2);
  proof.checkpoint = reader.Text(3);
  RETURN_IF_ERROR(reader.Finish());
  if (!map || proof.label_proof.size() != kVrfProofSize || proof.checkpoint.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "UNIQUENESS_FORM",
                 "uniqueness proof: label proof of 81 bytes, map proof or checkpoint is missing");
  }
  ASSIGN_OR_RETURN(proof.map, ParseMapProof(*map));
  return proof;
}

absl::StatusOr<std::optional<uint64_t>> CheckUniqueness(const UniquenessProof& proof,
                                                        absl::string_view label_input,
                                                        absl::string_view vrf_public_key,
                                                        const Digest& map_root) {
  const absl::StatusOr<VrfOutput> label = CheckVrf(vrf_public_key, label_input, proof.label_proof);
  // A sound proof of another input is the usual mistake: a digit of the facts mistyped.
  if (absl::IsDataLoss(label.status())) return NotOfTheseFacts();
  RETURN_IF_ERROR(label.status());
  if (MapLabel(*label) != proof.map.label) return NotOfTheseFacts();
  return CheckMapProof(proof.map, map_root);
}

}  // namespace birthseal::certs
