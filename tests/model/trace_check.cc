// SPDX-License-Identifier: Apache-2.0
#include "tests/model/trace_check.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/lifecycle.h"
#include "certs/status_macros.h"
#include "store/journal/journal.h"
#include "store/keys.h"
#include "tests/model/trace_names.h"

namespace birthseal::tests {

using certs::LeafKind;
using store::Family;

void TraceChecker::Fault(const std::string& rule, const std::string& what) {
  faults_.push_back({sequence_, rule, what});
}

std::string TraceChecker::Faults() const {
  std::string text;
  for (const TraceFault& fault : faults_) {
    absl::StrAppend(&text, fault.sequence, " ", fault.rule, " ", fault.what, "\n");
  }
  return text;
}

void TraceChecker::Move(const std::string& object, const std::string& name, const std::string& from,
                        const std::string& to) {
  const auto way = table_.Way(object, from, to);
  if (!way) return Fault("TABLE", absl::StrCat(object, " ", name, ": ", from, " to ", to));
  std::string state = from;
  for (const std::string& event : *way) Take(object, name, event, &state, "TABLE");
}

void TraceChecker::Take(const std::string& object, const std::string& name,
                        const std::string& event, std::string* state, const char* rule) {
  const auto next = table_.Next(object, *state, event);
  if (!next) return Fault(rule, absl::StrCat(object, " ", name, ": ", *state, " ", event));
  ++edges_[absl::StrCat(object, " ", *state, " ", event)];
  *state = *next;
}

void TraceChecker::Check(uint64_t sequence, store::FenceEpoch fencing_epoch,
                         const store::WriteBatch& batch) {
  if (batches_++ > 0 && sequence != sequence_ + 1) {
    Fault("SEQUENCE", absl::StrCat("batch ", sequence, " after ", sequence_));
  }
  sequence_ = sequence;
  Changes changes;  // the last of a key wins
  for (const auto& change : batch.changes) {
    auto& value = changes[{change.family, change.key}];
    if (change.erase) {
      value.reset();
    } else {
      value = change.value;
    }
  }
  touched_cases_.clear(), touched_newborns_.clear(), touched_numbers_.clear();
  issued_.clear(), superseded_.clear(), new_leaves_.clear();
  Writer(fencing_epoch);
  Position(sequence, changes);
  Leaves(changes);
  for (const auto& [place, value] : changes) Apply(place.first, place.second, value);
  for (const std::string& key : touched_cases_) CheckCase(key);
  for (const std::string& key : touched_newborns_) CheckNewborn(key);
  for (const std::string& key : touched_numbers_) CheckNumber(key);
  CheckSuccession();
}

// A higher epoch fences every writer before it.
void TraceChecker::Writer(store::FenceEpoch fencing_epoch) {
  const std::string name = absl::StrCat(fencing_epoch.value());
  const auto [writer, added] = writers_.emplace(fencing_epoch, table_.First("writer"));
  if (added) {
    for (auto it = writers_.begin(); it != writer; ++it) {
      if (table_.Next("writer", it->second, "fence")) {
        Take("writer", absl::StrCat(it->first.value()), "fence", &it->second, "FENCE");
      }
    }
    Take("writer", name, "acquire", &writer->second, "FENCE");
  }
  if (std::next(writer) != writers_.end()) writer->second = "FENCED";
  Take("writer", name, "commit", &writer->second, "FENCE");
}

void TraceChecker::Position(uint64_t sequence, const Changes& changes) {
  const auto put = changes.find({Family::kMeta, store::MetaKey()});
  const auto meta = Parsed<storage::v1::Meta>(Family::kMeta, store::MetaKey(),
                                              put == changes.end() ? std::nullopt : put->second);
  if (!meta) return;
  if (meta->batch_sequence() != sequence) Fault("SEQUENCE", "Meta names another batch");
  if (log_.empty()) {
    log_ = table_.First("log");
    Take("log", "1", "open", &log_, "LOG");
    meta_.set_log_epoch(1);
  }
  if (meta->log_epoch() > meta_.log_epoch()) {
    Take("log", absl::StrCat(meta_.log_epoch()), "recover", &log_, "LOG");
    log_ = table_.First("log");
    Take("log", absl::StrCat(meta->log_epoch()), "open", &log_, "LOG");
    meta_.set_log_size(0);
  } else if (meta->log_epoch() < meta_.log_epoch()) {
    Fault("LOG", "the log epoch fell");
  }
  uint64_t next = meta_.log_size();
  for (const auto& [place, value] : changes) {
    if (place.first != Family::kLeaves) continue;
    const std::optional<uint64_t> position = store::ParseBigEndian64(place.second);
    if (!value || !position ||
        *position != store::PlaceOf(certs::LogEpoch(meta->log_epoch()), certs::LeafIndex(next++))) {
      Fault("LOG", absl::StrCat("leaf ", position.value_or(0), " is not the next one"));
    }
  }
  if (meta->log_size() != next) Fault("LOG", "Meta names another size");
  if (next != meta_.log_size())
    Take("log", absl::StrCat(meta->log_epoch()), "append", &log_, "LOG");
  meta_ = *meta;
}

void TraceChecker::Leaves(const Changes& changes) {
  for (const auto& [place, value] : changes) {
    if (place.first != Family::kLeaves || !value) continue;
    const std::optional<uint64_t> position = store::ParseBigEndian64(place.second);
    if (!position) continue;
    const auto leaf = certs::ParseLeaf(*value);
    if (!leaf.ok()) {
      Fault("UNREADABLE", absl::StrCat("leaf ", *position));
    } else {
      OneLeaf(*position, *leaf);
    }
  }
}

void TraceChecker::OneLeaf(uint64_t position, const certs::Leaf& leaf) {
  const bool first = store::IndexAt(position) == certs::LeafIndex(0) &&
                     store::EpochAt(position) > certs::LogEpoch(1);
  if (first != (leaf.kind == LeafKind::kRecovery)) {
    Fault("LOG", "RECOVERY and the first leaf of a further epoch are one");
  }
  new_leaves_.emplace(leaf.kind, leaf.status_index);
  if (leaf.kind == LeafKind::kIntent) {
    std::string& state = intents_.emplace(position, table_.First("intent")).first->second;
    Take("intent", absl::StrCat(position), "reserve", &state, "TABLE");
  }
  if (leaf.kind != LeafKind::kIssued && leaf.kind != LeafKind::kCancelled) return;
  std::string& state =
      intents_.emplace(leaf.intent_index - 1, table_.First("intent")).first->second;
  Take("intent", absl::StrCat(leaf.intent_index - 1),
       leaf.kind == LeafKind::kIssued ? "issue" : "cancel", &state, "TABLE");
}

template <typename Record>
std::optional<Record> TraceChecker::Parsed(Family family, const std::string& key,
                                           const std::optional<std::string>& value) {
  Record record;
  if (!value) {
    Fault("ERASED", absl::StrCat(store::Name(family), " ", absl::BytesToHexString(key)));
  } else if (!record.ParseFromString(*value)) {
    Fault("UNREADABLE", absl::StrCat(store::Name(family), " ", absl::BytesToHexString(key)));
  } else {
    return record;
  }
  return std::nullopt;
}

void TraceChecker::Apply(Family family, const std::string& key,
                         const std::optional<std::string>& value) {
  if (family == Family::kCases) {
    if (const auto head = Parsed<storage::v1::CaseHead>(family, key, value)) Case(key, *head);
  } else if (family == Family::kCertificates) {
    if (const auto head = Parsed<storage::v1::CertificateHead>(family, key, value)) {
      Certificate(key, *head);
    }
  } else if (family == Family::kNumbers) {
    if (const auto record = Parsed<storage::v1::NumberRecord>(family, key, value)) {
      Number(key, *record);
    }
  } else if (family == Family::kNewborns) {
    if (const auto record = Parsed<storage::v1::Newborn>(family, key, value)) Newborn(key, *record);
  } else if (family == Family::kReservations) {
    if (value) {
      reservations_.insert(key);
    } else {
      reservations_.erase(key);
    }
  }
}

void TraceChecker::Case(const std::string& key, const storage::v1::CaseHead& head) {
  const auto [known, added] = cases_.try_emplace(key);
  Move("case", absl::BytesToHexString(key),
       added ? table_.First("case") : CaseStateName(known->second), CaseStateName(head));
  known->second = head;
  touched_cases_.insert(key);
  touched_newborns_.insert(head.newborn_id());
  if (!head.certificate_number().empty()) {
    touched_numbers_.insert(store::NumberKey(head.certificate_number()));
  }
}

void TraceChecker::Certificate(const std::string& key, const storage::v1::CertificateHead& head) {
  const auto [known, added] = certificates_.try_emplace(key);
  const std::string to = CertificateStateName(head);
  const std::string name = absl::StrCat(head.reservation().status_index());
  Move("certificate", name,
       added ? table_.First("certificate") : CertificateStateName(known->second), to);
  known->second = head;
  const uint64_t status_index = head.reservation().status_index();
  if (added) {
    issued_.insert(key);
    if (new_leaves_.count({LeafKind::kIssued, status_index}) == 0) {
      Fault("LEAF", absl::StrCat("certificate ", name, " is issued without its leaf"));
    }
  }
  if (to != "VALID" && new_leaves_.count({LeafKind::kVoided, status_index}) == 0) {
    Fault("LEAF", absl::StrCat("certificate ", name, " is ended without its leaf"));
  }
  if (to == "EXCHANGED" || to == "REPLACED") superseded_.insert(key);
  touched_newborns_.insert(head.reservation().newborn_id());
  touched_cases_.insert(head.reservation().case_id());
}

void TraceChecker::Number(const std::string& key, const storage::v1::NumberRecord& record) {
  const auto [known, added] = numbers_.try_emplace(key);
  Move("number", key, added ? table_.First("number") : NumberStateName(known->second),
       NumberStateName(record));
  if (!added && known->second.newborn_id() != record.newborn_id()) {
    Fault("NUMBER", absl::StrCat(key, " serves another newborn"));
  }
  known->second = record;
  touched_numbers_.insert(key);
  touched_cases_.insert(record.case_id());
}

void TraceChecker::Newborn(const std::string& key, const storage::v1::Newborn& newborn) {
  storage::v1::Newborn& known = newborns_[key];
  const std::string& from = known.slot_case();
  const std::string& to = newborn.slot_case();
  const std::string name = absl::BytesToHexString(key);
  if (from != to) {
    // From one case to another: it was free in between.
    if (!from.empty()) Move("slot", name, "HELD", "FREE");
    if (!to.empty()) Move("slot", name, "FREE", "HELD");
    if (!from.empty()) touched_cases_.insert(from);
    if (!to.empty()) touched_cases_.insert(to);
  }
  known = newborn;
  touched_newborns_.insert(key);
}

absl::Status CheckJournal(const std::string& directory, TraceChecker* checker) {
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Journal> journal, store::Journal::Open(directory));
  return journal->Read(0, [checker](const store::JournalRecord& record) {
    checker->Check(record.sequence, record.fencing_epoch, record.batch);
    return absl::OkStatus();
  });
}

}  // namespace birthseal::tests
