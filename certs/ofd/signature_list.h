// SPDX-License-Identifier: Apache-2.0
// Signatures.xml and each Signature.xml (GB/T 33190 clause 18). Rules F4, F5.
//
// What is wrong inside one signature is a reason code in its `problems`, so that the verifier can
// report every signature; what is wrong with the list itself is an error. Internal to certs/ofd.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "certs/ofd/structure.h"
#include "certs/ofd/xml.h"

namespace birthseal::certs::ofd {

// `pages` are those stamps may refer to.
absl::StatusOr<std::vector<SignatureEntry>> ReadSignatureList(const OpenPackage& package,
                                                              const std::string& path,
                                                              const std::vector<PageInfo>& pages,
                                                              XmlReading* reading);

}  // namespace birthseal::certs::ofd
