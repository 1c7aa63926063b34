// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/seal_book.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/verify/certificate_facts.h"
#include "signer/verify/seal_files.h"

namespace birthseal::signer {
namespace {

using certs::Error;

constexpr size_t kMaxFileBytes = 1 << 20;

// Codes become directory names: letters and digits only.
bool IsPlainCode(absl::string_view code) {
  return !code.empty() && code.size() <= 32 &&
         std::all_of(code.begin(), code.end(), [](unsigned char c) { return std::isalnum(c); });
}

absl::Status CheckFits(const PublicSeal& opened, absl::string_view code) {
  const std::vector<std::string>& allowed = opened.seal.signer_certificates;
  if (std::find(allowed.begin(), allowed.end(), opened.signer_certificate) == allowed.end()) {
    return SealDoesNotOpen("SEAL_CERTIFICATE_NOT_LISTED", code);
  }
  if (!SealSignatureHolds(opened.seal)) return SealDoesNotOpen("SEAL_SIGNATURE", code);
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificateFacts(opened.signer_certificate));
  if (facts.organizational_unit != code) return SealDoesNotOpen("SEAL_OTHER_INSTITUTION", code);
  return absl::OkStatus();
}

class FileSealBook : public SealBook {
 public:
  explicit FileSealBook(std::string directory) : directory_(std::move(directory)) {}

  absl::StatusOr<std::shared_ptr<const PublicSeal>> SealOf(
      absl::string_view institution_code) override {
    const std::string code(institution_code);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = open_.find(code);
    if (found != open_.end()) return found->second;
    ASSIGN_OR_RETURN(std::shared_ptr<const PublicSeal> seal, OpenSealFiles(directory_, code));
    open_.emplace(code, seal);
    return seal;
  }

 private:
  const std::string directory_;
  std::mutex mutex_;
  // Guarded by mutex_. Grows with the institutions used, at most those enrolled.
  std::map<std::string, std::shared_ptr<const PublicSeal>> open_;
};

}  // namespace

absl::Status SealDoesNotOpen(absl::string_view reason, absl::string_view institution_code) {
  return Error(absl::StatusCode::kDataLoss, reason,
               absl::StrCat("opening the seal of institution ", institution_code));
}

absl::StatusOr<std::string> ReadSealFile(const std::string& directory, absl::string_view code,
                                         absl::string_view name) {
  if (!IsPlainCode(code)) {
    return Error(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND", "not an institution code");
  }
  std::ifstream in(absl::StrCat(directory, "/", code, "/", name), std::ios::binary | std::ios::ate);
  if (!in) {
    return Error(absl::StatusCode::kNotFound, "SEAL_NOT_FOUND",
                 absl::StrCat("no seal of institution ", code));
  }
  // A place that cannot be told is -1, which is beyond every bound as well.
  const auto size = static_cast<size_t>(static_cast<std::streamoff>(in.tellg()));
  if (size > kMaxFileBytes) return SealDoesNotOpen("SEAL_FILE_SIZE", code);
  // What cannot be read to its end is cut short, and then opens as nothing.
  std::string bytes(size, '\0');
  in.seekg(0);
  in.read(&bytes[0], static_cast<std::streamsize>(size));
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

absl::StatusOr<std::shared_ptr<const PublicSeal>> OpenSealFiles(const std::string& directory,
                                                                const std::string& code) {
  ASSIGN_OR_RETURN(const std::string seal, ReadSealFile(directory, code, "seal.esl"));
  ASSIGN_OR_RETURN(const std::string pem, ReadSealFile(directory, code, "signer.pem"));
  auto opened = std::make_shared<PublicSeal>();
  absl::StatusOr<ElectronicSeal> parsed = ParseElectronicSeal(seal);
  if (!parsed.ok()) return SealDoesNotOpen("SEAL_FORMAT", code);
  opened->seal = *std::move(parsed);
  absl::StatusOr<std::string> certificate = CertificateFromPem(pem);
  if (!certificate.ok()) return SealDoesNotOpen("SEAL_CERTIFICATE_FORMAT", code);
  opened->signer_certificate = *std::move(certificate);
  RETURN_IF_ERROR(CheckFits(*opened, code));
  return std::shared_ptr<const PublicSeal>(std::move(opened));
}

std::unique_ptr<SealBook> NewFileSealBook(std::string directory) {
  return std::make_unique<FileSealBook>(std::move(directory));
}

}  // namespace birthseal::signer
