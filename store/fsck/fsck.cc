// SPDX-License-Identifier: Apache-2.0
#include "store/fsck/fsck.h"

#include <google/protobuf/stubs/logging.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "certs/proof/merkle.h"
#include "store/fsck/fsck_parts.h"
#include "store/meta.h"

namespace birthseal::store {
namespace fsck {
namespace {

std::string NameOf(const Place& place) {
  return absl::StrCat(Name(place.family), "/", absl::BytesToHexString(place.key));
}

// Every value that is read is told, so that whoever runs the check can hold it back.
class ToldSnapshot : public Snapshot {
 public:
  ToldSnapshot(const Snapshot& snapshot, const FsckOptions& options)
      : snapshot_(snapshot), options_(options) {}
  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
    absl::StatusOr<std::string> value = snapshot_.Get(family, key);
    Tell(value.ok() ? value->size() : 0);
    return value;
  }
  absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    return snapshot_.Scan(family, prefix, from,
                          [&](absl::string_view key, absl::string_view value) {
                            Tell(key.size() + value.size());
                            return visit(key, value);
                          });
  }

 private:
  void Tell(size_t bytes) const {
    if (options_.on_read) options_.on_read(bytes);
  }
  const Snapshot& snapshot_;
  const FsckOptions& options_;
};

}  // namespace

void Checker::Bad(Family family, absl::string_view key, absl::string_view code,
                  const Place* named_by) {
  Add({family, std::string(key), std::string(code), named_by == nullptr ? "" : NameOf(*named_by),
       ""});
}

void Checker::Add(FsckFinding finding) {
  named_[static_cast<size_t>(finding.family)] = true;
  if (report_->findings.size() >= options.max_findings) {
    ++report_->more_findings;
    return;
  }
  if (!told_.emplace(finding.family, finding.key, finding.code).second) return;
  if (options.on_finding) options.on_finding(finding);
  report_->findings.push_back(std::move(finding));
}

std::optional<std::string> Checker::Get(Family family, absl::string_view key) {
  absl::StatusOr<std::string> value = snapshot.Get(family, key);
  if (value.ok()) return *std::move(value);
  if (!absl::IsNotFound(value.status())) Bad(family, key, "BLOCK_UNREADABLE");
  return std::nullopt;
}

bool Checker::Need(Family family, absl::string_view key, const Place* named_by) {
  const absl::StatusOr<std::string> value = snapshot.Get(family, key);
  if (value.ok()) return true;
  Bad(family, key, absl::IsNotFound(value.status()) ? "MISSING" : "BLOCK_UNREADABLE", named_by);
  return false;
}

void ReadFirst(Checker& check) {
  const std::optional<std::string> stored = check.Get(Family::kMeta, MetaKey());
  if (!stored) {
    bool empty = true;
    check.Each(Family::kAudit, [&](const Place&, absl::string_view) { empty = false; });
    check.Each(Family::kLeaves, [&](const Place&, absl::string_view) { empty = false; });
    if (!empty) check.Bad(Family::kMeta, MetaKey(), "MISSING");
    check.meta.set_next_status_index(1);
    check.meta.set_log_root(certs::Bytes(certs::EmptyRoot()));
  } else if (!check.meta.ParseFromString(*stored)) {
    check.Bad(Family::kMeta, MetaKey(), "RECORD_UNREADABLE");
  } else if (check.meta.format() != kStoreFormat) {
    check.Bad(Family::kMeta, MetaKey(), "FORMAT_UNKNOWN");
  }
  check.Each(Family::kMeta, [&](const Place& place, absl::string_view) {
    if (place.key != MetaKey() && place.key != FenceKey()) check.Bad(place, "KEY");
  });
  check.EachRecord<storage::v1::Reservation>(
      Family::kReservations, [&](const Place& place, const storage::v1::Reservation& open) {
        if (!check.open.emplace(open.status_index(), open).second) {
          check.Bad(place, "STATUS_INDEX_TWICE");
        }
      });
}

}  // namespace fsck

namespace {

// Positions name passes by their place in this list. Resumable is what looks at each record alone.
struct Pass {
  void (*run)(fsck::Checker& check);
  bool resumable;
};
constexpr Pass kPasses[] = {
    {fsck::CheckLog, false},      {fsck::CheckAudit, false},       {fsck::CheckOutbox, false},
    {fsck::CheckNewborns, true},  {fsck::CheckCertificates, true}, {fsck::CheckReservations, false},
    {fsck::CheckLicences, true},  {fsck::CheckCases, true},        {fsck::CheckDeliveries, true},
    {fsck::CheckReviews, false},  {fsck::CheckNumbers, false},     {fsck::CheckSealed, true},
    {fsck::CheckRegistry, false}, {fsck::CheckMapPages, false},    {fsck::CheckMapChanges, false},
    {fsck::CheckReceipts, false},
};
constexpr int kPassCount = static_cast<int>(sizeof(kPasses) / sizeof(kPasses[0]));

}  // namespace

FsckReport CheckStore(const Snapshot& snapshot, const FsckOptions& options) {
  FsckReport report;
  const google::protobuf::LogSilencer quiet;  // findings say which record cannot be read
  const fsck::ToldSnapshot told(snapshot, options);
  fsck::Checker check(told, options, &report);
  fsck::ReadFirst(check);
  int pass = 0;
  const FsckPosition* from = options.resume_from;
  if (from != nullptr && from->sequence == check.meta.batch_sequence() && from->pass >= 0) {
    check.Resume(from);
    pass = from->pass;
    report.resumed = true;
    report.earlier_findings = from->findings;
  }
  for (; pass < kPassCount; ++pass) {
    check.Begin(pass, kPasses[pass].resumable);
    kPasses[pass].run(check);
  }
  report.lost_documents = check.lost_documents;
  return report;
}

std::string ToLine(const FsckFinding& finding) {
  return absl::StrCat(Name(finding.family), "/", absl::BytesToHexString(finding.key), " ",
                      finding.code, finding.named.empty() ? "" : ", named by ", finding.named,
                      finding.code != "RANGE_UNREADABLE" ? ""
                      : finding.until.empty()
                          ? ": nothing behind it can be read"
                          : absl::StrCat(": nothing behind it can be read before ",
                                         absl::BytesToHexString(finding.until)));
}

std::string ToJson(const FsckReport& report) {
  // Names, codes and hex need no escapes.
  std::string json = absl::StrCat("{\"clean\":", report.clean() ? "true" : "false",
                                  ",\"more_findings\":", report.more_findings,
                                  ",\"resumed\":", report.resumed ? "true" : "false",
                                  ",\"earlier_findings\":", report.earlier_findings,
                                  ",\"lost_documents\":", report.lost_documents, ",\"records\":{");
  for (int i = 0; i < kFamilyCount; ++i) {
    absl::StrAppend(&json, i == 0 ? "" : ",", "\"", Name(static_cast<Family>(i)),
                    "\":", report.records[static_cast<size_t>(i)]);
  }
  absl::StrAppend(&json, "},\"findings\":[");
  const char* comma = "";
  for (const FsckFinding& finding : report.findings) {
    absl::StrAppend(&json, comma, "{\"family\":\"", Name(finding.family), "\",\"key\":\"",
                    absl::BytesToHexString(finding.key), "\",\"code\":\"", finding.code,
                    "\",\"named_by\":\"", finding.named, "\",\"until\":\"",
                    absl::BytesToHexString(finding.until), "\"}");
    comma = ",";
  }
  return absl::StrCat(json, "]}");
}

}  // namespace birthseal::store
