// SPDX-License-Identifier: Apache-2.0
// The parsers that read what strangers send, each as one function over bytes, and where fuzzing
// starts. Under the preset fuzz each is a libFuzzer program; elsewhere fuzz_smoke_test runs all.
//
// A target must return for every input; it ends the program where a parser breaks its word.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace birthseal::tests {

void FuzzRecords(absl::string_view input);     // face, application, delivery, leaf, receipt
void FuzzUpdate(absl::string_view input);      // leaf and map changes, as a witness gets them
void FuzzMap(absl::string_view input);         // map and uniqueness proof; VRF key and proof
void FuzzCheckpoint(absl::string_view input);  // signed note
void FuzzPackage(absl::string_view input);     // zip, structure and record of an OFD
void FuzzPart(absl::string_view input);        // one file of a good OFD replaced
void FuzzSeal(absl::string_view input);        // DER: seal, document signature, SignedData
void FuzzHl7(absl::string_view input);         // transcoding, message, births
void FuzzMllp(absl::string_view input);        // framing, cut anywhere
void FuzzConfig(absl::string_view input);      // profile and service textproto

struct FuzzTarget {
  const char* name;  // of the libFuzzer program: fuzz_<name>
  void (*run)(absl::string_view input);
  std::vector<std::string> (*seeds)();
  int mutations;  // of the smoke test
};
const std::vector<FuzzTarget>& FuzzTargets();

// Files of the sealed synthetic certificate, in the order of their paths; FuzzPart's first byte
// says which of them the rest of its input replaces.
const std::vector<std::string>& PartPaths();

}  // namespace birthseal::tests
