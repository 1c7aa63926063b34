// SPDX-License-Identifier: Apache-2.0
// What the passes of the check share. Private to store/fsck/fsck*.cc.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "birthseal/storage/v1/record.pb.h"
#include "store/fsck/fsck.h"
#include "store/keys.h"
#include "store/log/uniqueness_map.h"

namespace birthseal::store::fsck {

// The record that is being looked at, to say who names an absent one.
struct Place {
  Family family;
  std::string key;
};

class Checker {
 public:
  Checker(const Snapshot& snapshot, const FsckOptions& options, FsckReport* report)
      : snapshot(snapshot), options(options), report_(report) {}

  // The passes that follow; a resumable one may begin at the position to resume from.
  void Resume(const FsckPosition* from) { resume_ = from; }
  void Begin(int pass, bool resumable);
  // Not all records were seen: what is counted over passes says nothing.
  bool resumed() const { return resume_ != nullptr; }
  // A record of this family was named.
  bool Named(Family family) const { return named_[static_cast<size_t>(family)]; }

  void Bad(Family family, absl::string_view key, absl::string_view code,
           const Place* named_by = nullptr);
  void Bad(const Place& place, absl::string_view code) { Bad(place.family, place.key, code); }

  // Every record of the family, ascending.
  void Each(Family family,
            const std::function<void(const Place& place, absl::string_view value)>& visit);
  // Every record of the family that can be read; the others are findings.
  template <typename Record>
  void EachRecord(Family family,
                  const std::function<void(const Place& place, const Record& record)>& visit) {
    Each(family, [&](const Place& place, absl::string_view value) {
      Record record;
      if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        return Bad(place, "RECORD_UNREADABLE");
      }
      visit(place, record);
    });
  }

  // Nothing: absent, or unreadable, which is a finding.
  std::optional<std::string> Get(Family family, absl::string_view key);
  template <typename Record>
  std::optional<Record> Find(Family family, absl::string_view key) {
    std::optional<Record> record;
    const std::optional<std::string> bytes = Get(family, key);
    if (!bytes) return record;
    record.emplace();
    if (!record->ParseFromString(*bytes)) record.reset();
    return record;
  }
  // As above; an absent record is a finding, named by `place`.
  bool Need(Family family, absl::string_view key, const Place& place) {
    return Need(family, key, &place);
  }
  bool Need(Family family, absl::string_view key, const Place* named_by = nullptr);
  template <typename Record>
  std::optional<Record> Needed(Family family, absl::string_view key, const Place& place) {
    if (!Need(family, key, place)) return std::nullopt;
    return Find<Record>(family, key);
  }

  const Snapshot& snapshot;
  const FsckOptions& options;
  storage::v1::Meta meta;
  std::map<uint64_t, storage::v1::Reservation> open;  // open reservations, by status index
  MapCache map_cache;
  uint64_t labels_of_newborns = 0;  // that the map has
  uint64_t lost_documents = 0;      // certificates known from the log alone

 private:
  void Add(FsckFinding finding);
  void Tell();

  FsckReport* report_;
  const FsckPosition* resume_ = nullptr;
  FsckPosition at_;
  bool resumable_ = false;
  std::array<bool, kFamilyCount> named_{};
  std::set<std::tuple<Family, std::string, std::string>> told_;
};

// Meta and open reservations, which the other passes look at.
void ReadFirst(Checker& check);
void CheckLog(Checker& check);
// The log epochs with what must be there of each, oldest first.
std::vector<storage::v1::LogEpoch> EpochsOf(const storage::v1::Meta& meta);
void CheckAudit(Checker& check);
void CheckOutbox(Checker& check);
void CheckNewborns(Checker& check);
// Of one newborn, against the map.
void CheckLabels(Checker& check, const Place& place, const storage::v1::Newborn& newborn);
void CheckMapPages(Checker& check);  // after CheckNewborns
void CheckMapChanges(Checker& check);
void CheckReceipts(Checker& check);
void CheckCertificates(Checker& check);
void CheckReservations(Checker& check);
void CheckLicences(Checker& check);
void CheckCases(Checker& check);
void CheckDeliveries(Checker& check);
void CheckReviews(Checker& check);
void CheckNumbers(Checker& check);
void CheckSealed(Checker& check);
void CheckRegistry(Checker& check);

}  // namespace birthseal::store::fsck
