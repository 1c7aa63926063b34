// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/vectors.h"

namespace birthseal::tests {

AllVectors MakeVectors(const std::string& signatures) {
  VectorKeys keys(signatures);
  VectorStory story(&keys);
  AllVectors all;
  // The functions hold references to files while they add others.
  all.files.reserve(32);
  AddLogVectors(story, &all.files);
  AddCheckpointVectors(story, &all.files);
  AddMapVectors(story, &all.files);
  AddUniquenessVectors(story, &all.files);
  AddReceiptVectors(story, &all.files);
  AddUpdateVectors(story, &all.files);
  AddTileVectors(story, &all.files);
  all.signatures = keys.memory()->Lines();
  return all;
}

}  // namespace birthseal::tests
