// An operator's own key, held by the person: signs the digests of approvals. Through OpenSSL; the
// service's signing library is not linked here.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace birthseal::cli {

class OperatorKey {
 public:
  // PKCS#8 PEM, SM2 or P-256. Errors: kInvalidArgument.
  static absl::StatusOr<std::unique_ptr<OperatorKey>> FromPem(absl::string_view pem);
  ~OperatorKey();
  // DER SEQUENCE{r,s}: SM2 with the default id, or ECDSA with SHA-256. Not thread-safe.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;

 private:
  struct State;
  explicit OperatorKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace birthseal::cli
