// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/vector_story.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "certs/proof/merkle.h"

namespace birthseal::tests {
namespace {

using certs::Digest;
using certs::LeafKind;
using Hashes = std::vector<Digest>;

// The largest power of two below `size`.
size_t Half(size_t size) {
  size_t half = 1;
  while (2 * half < size) half *= 2;
  return half;
}

Hashes First(const Hashes& all, size_t count) {
  return {all.begin(), all.begin() + static_cast<ptrdiff_t>(count)};
}
Hashes After(const Hashes& all, size_t count) {
  return {all.begin() + static_cast<ptrdiff_t>(count), all.end()};
}

Hashes With(Hashes path, const Digest& last) {
  path.push_back(last);
  return path;
}

Hashes Subproof(const Hashes& all, size_t old_size, bool whole) {
  if (old_size == all.size()) return whole ? Hashes{} : Hashes{certs::RootOf(all)};
  const size_t half = Half(all.size());
  const Hashes left = First(all, half), right = After(all, half);
  if (old_size <= half) return With(Subproof(left, old_size, whole), certs::RootOf(right));
  return With(Subproof(right, old_size - half, false), certs::RootOf(left));
}

}  // namespace

Hashes PathOf(const Hashes& hashes, size_t index) {
  if (hashes.size() <= 1) return {};
  const size_t half = Half(hashes.size());
  const Hashes left = First(hashes, half), right = After(hashes, half);
  if (index < half) return With(PathOf(left, index), certs::RootOf(right));
  return With(PathOf(right, index - half), certs::RootOf(left));
}

Hashes ConsistencyOf(const Hashes& hashes, size_t old_size) {
  return old_size == 0 ? Hashes{} : Subproof(hashes, old_size, true);
}

std::string BirthFacts::Alpha() const {
  absl::CivilDay day;
  absl::ParseCivilTime(birth_date, &day);
  return certs::LabelInput(static_cast<certs::IdType>(id_type), id_number, day, order);
}

JsonObject BirthFacts::Json() const {
  return JsonObject()
      .Number("id_type", static_cast<uint64_t>(id_type))
      .Text("id_number", id_number)
      .Text("birth_date", birth_date)
      .Number("birth_order", static_cast<uint64_t>(order));
}

certs::MapLabel VectorStory::Label(const BirthFacts& facts) const {
  return certs::MapLabel(keys->vrf().Label(facts.Alpha()).value());
}

certs::ReceiptSubject VectorStory::Subject(uint64_t s) const {
  return {certs::Sm3Of(absl::StrCat("face ", s)), absl::StrCat("1.2.156.3005.2.", s),
          absl::StrCat("0123456789abcdef0123456789abcde", s)};
}

std::string VectorStory::File(uint64_t s) const { return absl::StrCat("sealed file ", s); }

std::string VectorStory::Salt(uint64_t s, LeafKind kind) const {
  return certs::Bytes(certs::Sm3Of(absl::StrCat("salt ", s, " ", int(kind)))).substr(0, 16);
}

uint64_t VectorStory::IndexOf(uint64_t s, LeafKind kind) const {
  const auto found = std::find(places_.begin(), places_.end(), std::make_pair(s, kind));
  return static_cast<uint64_t>(found - places_.begin());
}

certs::ProvenLeaf VectorStory::Proven(uint64_t s, LeafKind kind, size_t size) const {
  const uint64_t index = IndexOf(s, kind);
  return {log.updates.at(index).leaf, index, Salt(s, kind), PathOf(First(log.hashes, size), index)};
}

LabelMap VectorStory::MapAt(size_t size) const { return maps_.at(size); }

void VectorStory::Add(uint64_t s, LeafKind kind, const std::string& what,
                      const std::vector<certs::MapLabel>& labels, uint64_t value) {
  certs::Leaf leaf = SmallLog::LeafOf(kind, s);
  leaf.log_minute += static_cast<int64_t>(at_->updates.size());
  leaf.commitment = certs::Commit(Salt(s, kind), what);
  if (kind == LeafKind::kIssued || kind == LeafKind::kCancelled) {
    leaf.intent_index = at_ == &log ? IndexOf(s, LeafKind::kIntent) + 1 : 2;
  }
  std::vector<std::string> changes;
  for (const certs::MapLabel& label : labels) changes.push_back(at_->Change(label, value));
  at_->Add(leaf, std::move(changes));
  if (at_ != &log) return;
  places_.emplace_back(s, kind);
  maps_.push_back(log.labels);
}

void VectorStory::Intent(uint64_t s) {
  const certs::ReceiptSubject subject = Subject(s);
  Add(s, LeafKind::kIntent,
      certs::IntentOpening(subject.face_digest, subject.licence_id, subject.document_id));
}

void VectorStory::Issued(uint64_t s, const std::vector<certs::MapLabel>& labels) {
  Add(s, LeafKind::kIssued, certs::Bytes(certs::Sm3Of(File(s))), labels, s);
}

void VectorStory::Profile() {
  certs::Leaf leaf = SmallLog::LeafOf(LeafKind::kProfileChanged, 0);
  leaf.institution_code.clear();
  leaf.detail = Canonical(certs::ProfileAnnounced{"national", 7, certs::Sm3Of("profile file")});
  leaf.commitment = certs::Commit("", leaf.detail);
  log.Add(leaf);
  places_.emplace_back(0, LeafKind::kProfileChanged);
  maps_.push_back(log.labels);
}

VectorStory::VectorStory(VectorKeys* k) : keys(k) {
  births = {{1, "52010219900101002X", "2025-12-31", 1},
            {1, "520102199001010038", "2025-12-31", 1},
            {3, "e1234-5678", "2026-01-01", 2},
            {99, "Ｐ７　8", "2026-02-28", 1}};
  stranger = {1, "520102199001010099", "2026-01-01", 1};
  maps_.emplace_back();
  at_ = &log;
  const certs::MapLabel first = Label(births[0]), corrected = Label(births[1]);
  Intent(1);
  Issued(1, {first});
  Add(1, LeafKind::kClaimAdded, certs::Bytes(corrected), {corrected}, 1);
  Add(0, LeafKind::kSealEnrolled, certs::Bytes(certs::Sm3Of("seal")));
  Intent(2);
  Add(1, LeafKind::kVoided, "EXCHANGED", {first, corrected}, 0);
  Issued(2, {first, corrected});
  Intent(3);
  Issued(3, {Label(births[2])});
  Add(3, LeafKind::kVoided, "ISSUED_IN_ERROR", {Label(births[2])}, 0);
  Profile();
  Intent(4);
  Add(4, LeafKind::kCancelled, "WITHDRAWN");
  next = log.Recovered(log.updates.size(), log.updates.size() + 2);
  at_ = &next;
  Intent(5);
  Issued(5, {Label(births[3])});
}

}  // namespace birthseal::tests
