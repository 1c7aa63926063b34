// SPDX-License-Identifier: Apache-2.0
// The files of an institution's seal, as both the book of seals and the key provider read them.
// Internal to signer/. Errors: those of seal_book.h.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "signer/verify/seal_book.h"

namespace birthseal::signer {

absl::Status SealDoesNotOpen(absl::string_view reason, absl::string_view institution_code);

// <directory>/<code>/<name>, at most 1 MiB.
absl::StatusOr<std::string> ReadSealFile(const std::string& directory, absl::string_view code,
                                         absl::string_view name);

// What does not depend on time: the seal is whole and allows this certificate, which is of this
// institution.
absl::StatusOr<std::shared_ptr<const PublicSeal>> OpenSealFiles(const std::string& directory,
                                                                const std::string& code);

}  // namespace birthseal::signer
