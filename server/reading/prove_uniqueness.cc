// SPDX-License-Identifier: Apache-2.0
#include "server/reading/prove_uniqueness.h"

#include <memory>
#include <utility>

#include "certs/errors.h"
#include "certs/id_document.h"
#include "certs/proof/map_label.h"
#include "certs/proof/uniqueness.h"
#include "certs/status_macros.h"
#include "server/use_case/access_book.h"
#include "server/use_case/claim_labels.h"
#include "server/use_case/managing.h"
#include "server/use_case/stated_reason.h"
#include "server/witnessing/views.h"
#include "store/durable_root.h"
#include "store/log/uniqueness_map.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

constexpr absl::Duration kWitnessedIsFresh = absl::Minutes(1);
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr int kTries = 20;  // under load the log moves on between snapshot and signature

// A checkpoint and the store at exactly its size.
struct Ground {
  std::string checkpoint;
  std::shared_ptr<const store::Snapshot> snapshot;
  bool witnessed = false;
};

absl::StatusOr<Ground> SignedGround(const ReadingRoom& room) {
  for (int i = 0; i < kTries; ++i) {
    Ground ground;
    ground.snapshot = room.registry.NewSnapshot();
    ASSIGN_OR_RETURN(const storage::v1::Meta meta, store::MetaOf(*ground.snapshot));
    const certs::LogSize size(meta.log_size());
    absl::StatusOr<std::string> kept = room.checkpoints.WaitFor(size, absl::ZeroDuration());
    if (!kept.ok()) {
      ASSIGN_OR_RETURN(SignedRoot newest, room.checkpoints.Newest(kPatience));
      if (newest.size != size) continue;
      kept = std::move(newest.checkpoint);
    }
    ground.checkpoint = *std::move(kept);
    return ground;
  }
  return certs::Error(absl::StatusCode::kUnavailable, "CHECKPOINT_LATE",
                      "no checkpoint of the newest state was signed in time: ask again");
}

absl::StatusOr<Ground> GroundOf(const ReadingRoom& room) {
  const std::shared_ptr<const Witnessed> witnessed = room.desk.Newest();
  if (witnessed != nullptr) {
    const store::DurableRoot head = room.accesses.Head();
    const bool whole = witnessed->position() == certs::LogPosition{head.epoch, head.size};
    if (whole || witnessed->head.time + kWitnessedIsFresh >= room.clock.Now()) {
      return Ground{witnessed->note, witnessed->snapshot, true};
    }
  }
  return SignedGround(room);
}

}  // namespace

// Rule U6.
absl::StatusOr<ProveUniquenessResult> ProveUniqueness(const ReadingRoom& room, const Caller& caller,
                                                      const ProveUniquenessInput& input) {
  RETURN_IF_ERROR(CheckUseCause(input.use_cause));
  if (!certs::NamesOnePerson(input.mother_id_type, input.mother_id_number)) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "MOTHER_ID_REQUIRED",
                        "type and whole number of the mother's document are required: this number "
                        "does not fit its type",
                        "mother_id_number", "须填写母亲证件类型和完整号码：所填号码与证件类型不符");
  }
  // The facts lie in no area; who may ask of them at all does.
  if (caller.Has(Role::kManagingInstitution) && !caller.Has(Role::kPolice) &&
      !caller.Has(Role::kPlatform) && !caller.Has(Role::kAuditor)) {
    RETURN_IF_ERROR(CheckManaging(room, caller));
  }
  RETURN_IF_ERROR(room.freshness.MayAnswer());
  const std::string facts = certs::LabelInput(input.mother_id_type, input.mother_id_number,
                                              input.birth_date, input.birth_order);
  ASSIGN_OR_RETURN(const certs::MapLabel label, room.labels.LabelOf(facts));
  RETURN_IF_ERROR(
      room.accesses.Record(caller, "ProveUniqueness", input.use_cause, certs::Bytes(label)));
  certs::UniquenessProof proof;
  ASSIGN_OR_RETURN(proof.label_proof, room.labels.Prove(facts));
  ASSIGN_OR_RETURN(Ground ground, GroundOf(room));
  ASSIGN_OR_RETURN(proof.map, store::ProveLabel(*ground.snapshot, label));
  proof.checkpoint = std::move(ground.checkpoint);
  ProveUniquenessResult result;
  if (proof.map.terminal == certs::MapTerminal::kPresent) {
    result.status_index = certs::StatusIndex(proof.map.value);
  }
  result.witnessed = ground.witnessed;
  const store::DurableRoot head = room.accesses.Head();
  result.position = {head.epoch, head.size};
  result.proof = certs::Canonical(proof);
  return result;
}

}  // namespace birthseal::server
