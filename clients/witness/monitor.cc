// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/monitor.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::witness {

using certs::LeafKind;

struct Monitor::Here {
  certs::LogEpoch epoch;
  certs::LeafIndex leaf_index;
  const certs::Leaf& leaf;
  Findings* findings;
  size_t first;  // of this leaf's findings

  // One rule is told once a leaf, though proofs and table may both see it.
  void Add(absl::string_view rule, std::string detail = "") const {
    for (size_t i = first; i < findings->size(); ++i) {
      if ((*findings)[i].rule == rule) return;
    }
    findings->push_back(
        {std::string(rule), Severity::kViolation, epoch, leaf_index, leaf, std::move(detail)});
  }
};

void Monitor::Follow(certs::LogEpoch epoch, const Update& update, Findings* findings) {
  const absl::StatusOr<certs::Leaf> parsed = certs::ParseLeaf(update.leaf);
  const certs::Leaf leaf = parsed.ok() ? *parsed : certs::Leaf{};
  const bool begins = epoch != epoch_;
  const Here here{epoch, certs::LeafIndex(begins ? 0 : size_), leaf, findings, findings->size()};
  if (begins) {
    epoch_ = epoch;
    size_ = 0;
    last_minute_ = 0;
  }
  if (!parsed.ok()) {
    here.Add("LEAF_UNREADABLE", std::string(parsed.status().message()));
    proofs_hold_ = false;
  } else {
    CheckProofs(here, update);
    CheckPlace(here);
    CheckIntent(here);
    CheckEnd(here);
    CheckChanges(here, update);
    announced_.Check(here.epoch, here.leaf_index, leaf, findings);
  }
  ++size_;
}

void Monitor::CheckProofs(const Here& here, const Update& update) {
  if (!proofs_hold_) return;
  const bool begins = here.epoch != follower_.state().epoch;
  const absl::Status held = begins ? follower_.StartEpoch(here.epoch, update.leaf)
                                   : follower_.Follow(update.leaf, update.changes);
  if (held.ok()) return;
  proofs_hold_ = false;
  const std::string reason = certs::ReasonOf(held);
  here.Add(reason.empty() ? "LEAF_UNREADABLE" : reason, std::string(held.message()));
}

void Monitor::CheckPlace(const Here& here) {
  const certs::Leaf& leaf = here.leaf;
  if (leaf.log_minute < last_minute_) here.Add("LOG_TIME_BACK");
  last_minute_ = std::max(last_minute_, leaf.log_minute);
  if (leaf.kind == LeafKind::kSealEnrolled || leaf.kind == LeafKind::kSealSuspended) {
    seals_[leaf.institution_code] = leaf.kind == LeafKind::kSealEnrolled;
  }
  if (leaf.kind != LeafKind::kRecovery) return;
  const absl::StatusOr<certs::Recovery> recovery = certs::ParseRecovery(leaf.detail);
  if (!recovery.ok()) {
    here.Add("LEAF_UNREADABLE", "RECOVERY");
    return;
  }
  gap_allowed_ += recovery->lost_size - recovery->kept_size;
  here.Add("RECOVERY", absl::StrCat("epoch ", recovery->old_epoch, " kept ", recovery->kept_size,
                                    " of ", recovery->lost_size, " leaves"));
}

void Monitor::CheckIntent(const Here& here) {
  const certs::Leaf& leaf = here.leaf;
  if (leaf.kind != LeafKind::kIntent) return;
  const auto seal = seals_.find(leaf.institution_code);
  if (seal == seals_.end() || !seal->second) here.Add("INTENT_WITHOUT_SEAL");
  Certificate& certificate = certificates_[leaf.status_index];
  if (certificate.phase != Phase::kNone) {
    here.Add("INTENT_REPEATED");
    return;
  }
  const uint64_t gap = leaf.status_index - next_status_;  // wraps when it is before
  if (gap > gap_allowed_) {
    here.Add("STATUS_NOT_DENSE", absl::StrCat("expected ", next_status_));
  } else {
    gap_allowed_ -= gap;  // indexes of leaves that a RECOVERY says are lost
  }
  next_status_ = std::max(next_status_, leaf.status_index + 1);
  certificate = {Phase::kIntended, static_cast<uint32_t>(here.epoch.value()), 0,
                 here.leaf_index.value(), leaf.institution_code};
}

void Monitor::CheckEnd(const Here& here) {
  const certs::Leaf& leaf = here.leaf;
  if (leaf.kind != LeafKind::kIssued && leaf.kind != LeafKind::kCancelled &&
      leaf.kind != LeafKind::kVoided && leaf.kind != LeafKind::kClaimAdded) {
    return;
  }
  Certificate& certificate = certificates_[leaf.status_index];
  if (certificate.phase != Phase::kNone && leaf.institution_code != certificate.institution) {
    here.Add("ANOTHER_INSTITUTION", certificate.institution);
  }
  const bool live = certificate.phase == Phase::kIssued;
  if (leaf.kind == LeafKind::kClaimAdded) {
    if (!live) here.Add("CLAIM_OF_NOT_LIVE");
    return;
  }
  if (leaf.kind == LeafKind::kVoided) {
    if (!live) here.Add("VOIDED_NOT_LIVE");
    certificate.phase = Phase::kVoided;
    return;
  }
  if (certificate.phase != Phase::kIntended) {
    here.Add("END_WITHOUT_INTENT");
  } else {
    const bool same = certificate.intent_epoch == here.epoch.value();
    if (leaf.intent_index != (same ? certificate.intent_index + 1 : 0)) here.Add("INTENT_INDEX");
  }
  const bool issued = leaf.kind == LeafKind::kIssued;
  // What went wrong above stays wrong: a certificate in force is not made less so.
  if (!live) certificate.phase = issued ? Phase::kIssued : Phase::kCancelled;
}

void Monitor::CheckChanges(const Here& here, const Update& update) {
  const certs::Leaf& leaf = here.leaf;
  const bool names = leaf.kind == LeafKind::kIssued || leaf.kind == LeafKind::kVoided ||
                     leaf.kind == LeafKind::kClaimAdded;
  if (names && update.changes.empty()) here.Add("MAP_CHANGE_MISSING");
  if (!names && !update.changes.empty()) here.Add("MAP_CHANGE_WITHOUT_RIGHT");
  if (leaf.kind == LeafKind::kClaimAdded && update.changes.size() > 1) {
    here.Add("MAP_CHANGE_WITHOUT_RIGHT");
  }
  for (const std::string& bytes : update.changes) {
    const absl::StatusOr<certs::MapChange> change = certs::ParseMapChange(bytes);
    if (!change.ok()) {
      here.Add("LEAF_UNREADABLE", std::string(change.status().message()));
      continue;
    }
    CheckChange(here, *change, &certificates_[leaf.status_index]);
  }
  if (leaf.kind == LeafKind::kVoided && certificates_[leaf.status_index].live_labels != 0) {
    here.Add("LABELS_LEFT_LIVE",
             absl::StrCat(certificates_[leaf.status_index].live_labels, " labels"));
  }
}

void Monitor::CheckChange(const Here& here, const certs::MapChange& change,
                          Certificate* certificate) {
  const auto found = labels_.find(change.before.label);
  const bool known = found != labels_.end();
  const bool said = change.before.terminal == certs::MapTerminal::kPresent;
  if (known != said || (known && found->second != change.before.value)) here.Add("MAP_TABLE");
  const uint64_t before = known ? found->second : 0, status = here.leaf.status_index;
  if (here.leaf.kind == LeafKind::kVoided) {
    if (before != status || change.value != 0) here.Add("MAP_CHANGE_WITHOUT_RIGHT");
  } else if (before != 0 && before != status) {
    here.Add("MAP_SECOND_LIVE", absl::StrCat("certificate ", before));
  } else if (before == status || change.value != status) {
    here.Add("MAP_CHANGE_WITHOUT_RIGHT");
  }
  if (before != 0 && before != change.value) {
    Certificate& old = before == status ? *certificate : certificates_[before];
    if (old.live_labels > 0) --old.live_labels;
  }
  if (change.value != 0 && before != change.value) ++certificates_[change.value].live_labels;
  labels_[change.before.label] = change.value;
}

}  // namespace birthseal::witness
