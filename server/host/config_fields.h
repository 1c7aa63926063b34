// SPDX-License-Identifier: Apache-2.0
// What every section of the configuration is read with: faults by field, paths, files, keys.
//
// A fault is kept, not thrown: reading goes on, so that all are told at once. Key bytes stand in no
// message. Belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::server {

// Nothing when it cannot be read or has more than 4 MiB.
[[nodiscard]] std::optional<std::string> ReadSmallFile(const std::string& path);
bool IsDirectory(const std::string& path);
// True when `path` is `directory` or below it, after links; neither need exist.
bool LiesInside(const std::string& path, const std::string& directory);

// SM3 of the DER of the first certificate in `pem`; nothing when there is none.
std::optional<certs::Digest> CertificateSm3(const std::string& pem);
// Whether the private key is that of the certificate; true when one of them cannot be read, which
// is another fault.
bool KeyFits(const std::string& certificate_pem, const std::string& key_pem);

enum class KeyKind { kUnreadable, kSm2, kP256, kEd25519, kOther };
KeyKind KindOfPrivateKey(const std::string& pem);
KeyKind KindOfPublicKey(const std::string& pem);
// DER SubjectPublicKeyInfo, the same however the PEM is written; empty when it cannot be read.
std::string DerOfPublicKey(const std::string& pem);

// A name that may stand in a signed note: 1 to 200 visible ASCII characters, no '+'.
bool IsKeyName(absl::string_view name);

class ConfigFields {
 public:
  // Relative paths are taken from `base`.
  explicit ConfigFields(absl::string_view base) : base_(base) {}

  void Fault(absl::string_view field, absl::string_view rule, absl::string_view mend);
  const std::vector<std::string>& faults() const { return faults_; }

  std::string Path(const std::string& given) const;
  // Contents of a required file; empty after a fault.
  std::string File(absl::string_view field, const std::string& given);
  // A file that holds a PEM block whose label ends with `kind`.
  std::string Pem(absl::string_view field, const std::string& given, absl::string_view kind);
  std::string HexKey(absl::string_view field, const std::string& given, size_t size);
  // 0 stands for `otherwise`.
  int Count(absl::string_view field, int given, int otherwise, int low, int high);

 private:
  const std::string base_;
  std::vector<std::string> faults_;
};

}  // namespace birthseal::server
