// SPDX-License-Identifier: Apache-2.0
// What a witness follows: leaves with their changes, checkpoint by checkpoint, across epochs.
#include "certs/status_macros.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

using certs::LeafKind;

struct Step {
  std::string checkpoint;
  std::vector<SmallUpdate> updates;
};

struct Updates {
  VectorStory& story;
  VectorFile* file;

  // The log from leaf `from` to `to`.
  Step Of(const SmallLog& log, size_t from, size_t to) {
    return {story.keys->Note(log.HeadAt(to)),
            {log.updates.begin() + static_cast<ptrdiff_t>(from),
             log.updates.begin() + static_cast<ptrdiff_t>(to)}};
  }
  absl::Status Follow(certs::LogFollower* follower, const Step& step) {
    RETURN_IF_ERROR(story.keys->Judge(step.checkpoint, 0));
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(step.checkpoint));
    ASSIGN_OR_RETURN(const certs::LogEpoch epoch,
                     certs::EpochOf(checkpoint.head.origin, story.log.name));
    auto update = step.updates.begin();
    if (epoch != follower->state().epoch) {
      if (update == step.updates.end()) return absl::DataLossError("no RECOVERY");
      RETURN_IF_ERROR(follower->StartEpoch(epoch, update->leaf));
      if (!update->changes.empty()) return absl::DataLossError("RECOVERY with changes");
      ++update;
    }
    for (; update != step.updates.end(); ++update) {
      RETURN_IF_ERROR(follower->Follow(update->leaf, update->changes));
    }
    return follower->CheckHead(checkpoint.head);
  }
  absl::Status Judge(const std::vector<Step>& steps) {
    certs::LogFollower follower{certs::LogState{}};
    for (const Step& step : steps) RETURN_IF_ERROR(Follow(&follower, step));
    return absl::OkStatus();
  }
  void Add(absl::string_view name, const std::vector<Step>& steps, bool good) {
    std::vector<std::string> rendered;
    for (const Step& step : steps) {
      std::vector<std::string> leaves;
      for (const SmallUpdate& update : step.updates) {
        std::vector<std::string> changes;
        for (const std::string& change : update.changes) {
          changes.push_back(JsonObject::Quoted(absl::BytesToHexString(change)));
        }
        leaves.push_back(JsonObject().Hex("leaf", update.leaf).List("changes", changes).Json());
      }
      rendered.push_back(
          JsonObject().Text("checkpoint", step.checkpoint).List("leaves", leaves).Json());
    }
    const JsonObject fields = JsonObject().List("steps", rendered);
    const absl::Status ours = Judge(steps);
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  }
  // A log that a thief of the log key would sign: everything about it fits but the rules.
  void Forbidden(absl::string_view name, const SmallLog& log) {
    Add(name, {Of(log, 0, log.updates.size())}, false);
  }
};

void AddForbidden(Updates* to) {
  const auto start = [] {
    SmallLog log;
    log.Intent(1);
    log.Issued(1, 1, {LabelOf(1)});
    log.Intent(2);
    return log;
  };
  SmallLog log = start();
  log.Issued(2, 3, {LabelOf(1)});
  to->Forbidden("a second live certificate: ISSUED without VOIDED", log);
  log = start();
  log.ClaimAdded(2, LabelOf(1));
  to->Forbidden("a second live certificate: CLAIM_ADDED over a live one", log);
  log = start();
  log.Voided(2, {LabelOf(1)});
  to->Forbidden("VOIDED of a certificate that does not hold the label", log);
  log = start();
  log.Issued(2, 3, {});
  to->Forbidden("ISSUED that changes nothing", log);
  log = start();
  log.Add(SmallLog::LeafOf(LeafKind::kIntent, 3), {log.Change(LabelOf(2), 3)});
  to->Forbidden("INTENT that changes the map", log);
  log = start();
  log.Add(SmallLog::LeafOf(LeafKind::kIssued, 2), {log.Change(LabelOf(2), 9)});
  to->Forbidden("ISSUED that leads to another certificate", log);
  log = start();
  log.Add(SmallLog::LeafOf(LeafKind::kClaimAdded, 1),
          {log.Change(LabelOf(2), 1), log.Change(LabelOf(3), 1)});
  to->Forbidden("CLAIM_ADDED of two labels", log);
  log = start();
  log.Add(SmallLog::LeafOf(LeafKind::kVoided, 1), {log.Change(LabelOf(1), 2)});
  to->Forbidden("VOIDED that leads to another certificate", log);
  log = start();
  log.labels.erase(LabelOf(1));
  log.Issued(2, 3, {LabelOf(1)});
  to->Forbidden("a label that was taken out of the map unseen", log);
  log = start();
  const SmallUpdate recovery = log.Recovered(3, 3).updates[0];
  log.Add(*certs::ParseLeaf(recovery.leaf));
  to->Forbidden("RECOVERY in the midst of an epoch", log);
}

void AddEpochs(Updates* to) {
  const SmallLog &log = to->story.log, &next = to->story.next;
  const size_t all = log.updates.size();
  const Step first = to->Of(log, 0, all);
  to->Add("two epochs", {first, to->Of(next, 0, 3)}, true);
  to->Add("two epochs, the second leaf by leaf",
          {first, to->Of(next, 0, 1), to->Of(next, 1, 2), to->Of(next, 2, 3)}, true);
  SmallLog third = next.Recovered(3, 3);
  third.epoch = 5;
  to->Add("epoch numbers may leap", {first, to->Of(next, 0, 3), to->Of(third, 0, 1)}, true);
  to->Add("RECOVERY while the old epoch is not followed to its end",
          {to->Of(log, 0, 7), to->Of(next, 0, 3)}, false);
  const SmallLog loses = log.Recovered(7, all);
  to->Add("RECOVERY that loses leaves that are known", {first, to->Of(loses, 0, 1)}, false);
  to->Add("back to the old epoch", {first, to->Of(next, 0, 3), to->Of(log, 0, 0)}, false);
  SmallLog fresh;
  fresh.epoch = 2;
  fresh.labels = log.labels;
  fresh.Intent(9);
  to->Add("a new epoch without RECOVERY", {first, to->Of(fresh, 0, 1)}, false);
  SmallLog forked = log;
  forked.updates.pop_back();
  forked.hashes.pop_back();
  forked.Intent(9);
  to->Add("RECOVERY of another history", {first, to->Of(forked.Recovered(all, all), 0, 1)}, false);
}

}  // namespace

void AddUpdateVectors(VectorStory& story, std::vector<VectorFile>* files) {
  Updates to{story, &files->emplace_back("updates", story.keys->Trust())};
  const SmallLog& log = story.log;
  const size_t all = log.updates.size();
  to.Add("all at once", {to.Of(log, 0, all)}, true);
  to.Add("in three steps", {to.Of(log, 0, 5), to.Of(log, 5, 7), to.Of(log, 7, all)}, true);
  to.Add("the same checkpoint again", {to.Of(log, 0, 7), to.Of(log, 7, 7)}, true);
  AddEpochs(&to);
  AddForbidden(&to);
  to.Add("a leaf withheld", {to.Of(log, 0, 5), to.Of(log, 6, 8)}, false);
  to.Add("the log shrank", {to.Of(log, 0, 7), to.Of(log, 5, 5)}, false);
  Step step = to.Of(log, 0, 7);
  step.updates[5].changes.pop_back();
  to.Add("a change withheld", {step}, false);
  step = to.Of(log, 0, 7);
  std::swap(step.updates[5].changes[0], step.updates[5].changes[1]);
  to.Add("changes in another order", {step}, false);
  step = to.Of(log, 0, 7);
  std::swap(step.updates[5], step.updates[6]);
  to.Add("ISSUED before the VOIDED of its predecessor", {step}, false);
  certs::TreeHead head = log.HeadAt(7);
  head.map_root = log.MapRootAt(6);
  step = to.Of(log, 0, 7);
  step.checkpoint = story.keys->Note(head);
  to.Add("a checkpoint with an older map", {step}, false);
}

}  // namespace birthseal::tests
