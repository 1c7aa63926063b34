// SPDX-License-Identifier: Apache-2.0
// What the passes over signatures share. Private to server/at_rest/fsck_signatures.cc and
// fsck_checkpoints.cc. Belongs to one thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "birthseal/storage/v1/record.pb.h"
#include "server/at_rest/fsck_signatures.h"
#include "signer/verify/sm2_verify.h"
#include "store/engine.h"

namespace birthseal::server {

class SignaturePass {
 public:
  SignaturePass(const store::Snapshot& snapshot, const SignatureTrust& trust,
                const store::FsckOptions& options, SignatureReport* report)
      : snapshot_(snapshot), trust_(trust), options_(options), report_(report) {}

  void Run();

 private:
  struct RegisteredKey {
    std::optional<signer::PublicKey> key;
    int64_t since = 0;  // ledger time in microseconds; 0: the trail does not say
  };

  bool Bad(store::Family family, const std::string& key, const std::string& code,
           const std::string& named = "") {
    store::FsckFinding finding;
    finding.family = family;
    finding.key = key;
    finding.code = code;
    finding.named = named;
    if (options_.on_finding) options_.on_finding(finding);
    if (report_->findings.size() < options_.max_findings) {
      report_->findings.push_back(std::move(finding));
    } else {
      ++report_->more_findings;
    }
    return false;
  }
  void NotCheckable(store::Family family, const std::string& key, const std::string& code) {
    if (report_->not_checkable.size() >= options_.max_findings) return;
    store::FsckFinding note;
    note.family = family;
    note.key = key;
    note.code = code;
    report_->not_checkable.push_back(std::move(note));
  }

  // A family that cannot be scanned to its end is named by store/fsck/fsck.
  void Each(store::Family family,
            const std::function<void(const std::string& key, absl::string_view value)>& visit) {
    uint64_t seen = 0;
    const absl::Status ignored =
        snapshot_.Scan(family, "", "", [&](absl::string_view key, absl::string_view value) {
          if (options_.progress && seen % 256 == 0) options_.progress(family, seen);
          if (options_.on_read) options_.on_read(value.size());
          ++seen;
          visit(std::string(key), value);
          return true;
        });
    ignored.IgnoreError();
  }
  template <typename Record>
  void EachRecord(store::Family family,
                  const std::function<void(const std::string& key, const Record& record)>& visit) {
    Each(family, [&](const std::string& key, absl::string_view value) {
      Record record;
      if (record.ParseFromArray(value.data(), static_cast<int>(value.size()))) visit(key, record);
    });
  }
  template <typename Record>
  std::optional<Record> Find(store::Family family, const std::string& key) const {
    std::optional<Record> record;
    const absl::StatusOr<std::string> bytes = snapshot_.Get(family, key);
    if (!bytes.ok()) return record;
    record.emplace();
    if (!record->ParseFromString(*bytes)) record.reset();
    return record;
  }

  void ReadOperators();
  void CheckDocument(const std::string& key, const storage::v1::CertificateHead& head);
  std::optional<storage::v1::Reservation> ReservationOf(const storage::v1::CaseHead& head) const;
  void CheckApprovals(const std::string& key, const storage::v1::CaseHead& head);
  void CheckApproval(const std::string& key, const char* who, const storage::v1::Approval& approval,
                     absl::string_view digest);
  void CheckCheckpoint(const std::string& key, absl::string_view note);
  bool CheckLogKeys(const std::string& key, const certs::Checkpoint& checkpoint);
  bool CheckCosigners(const std::string& key, const certs::Checkpoint& checkpoint);
  void CheckReceipt(const std::string& key, const storage::v1::StoredReceipt& receipt);

  const store::Snapshot& snapshot_;
  const SignatureTrust& trust_;
  const store::FsckOptions& options_;
  SignatureReport* const report_;
  std::map<std::string, RegisteredKey> operators_;
};

}  // namespace birthseal::server
