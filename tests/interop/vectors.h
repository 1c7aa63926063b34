// SPDX-License-Identifier: Apache-2.0
// All vectors, file by file; deterministic, given the signatures once made.
#pragma once

#include <string>
#include <vector>

#include "tests/interop/vector_file.h"
#include "tests/interop/vector_story.h"

namespace birthseal::tests {

// Each function adds its files.
void AddLogVectors(VectorStory& story, std::vector<VectorFile>* files);
void AddCheckpointVectors(VectorStory& story, std::vector<VectorFile>* files);
void AddMapVectors(VectorStory& story, std::vector<VectorFile>* files);
void AddUniquenessVectors(VectorStory& story, std::vector<VectorFile>* files);
void AddReceiptVectors(VectorStory& story, std::vector<VectorFile>* files);
void AddUpdateVectors(VectorStory& story, std::vector<VectorFile>* files);
void AddTileVectors(VectorStory& story, std::vector<VectorFile>* files);

struct AllVectors {
  std::vector<VectorFile> files;
  std::string signatures;  // content of sm2_signatures.txt
};
AllVectors MakeVectors(const std::string& signatures);

}  // namespace birthseal::tests
