// SPDX-License-Identifier: Apache-2.0
// Writes tests/interop/vectors: make_vectors DIR. SM2 signatures that stand there are used again.
#include <cstdio>
#include <filesystem>

#include "tests/interop/vectors.h"
#include "tests/support/temp_dir.h"

int main(int argc, char** argv) {
  namespace tests = birthseal::tests;
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_vectors DIR\n");
    return 2;
  }
  const std::string directory = argv[1];
  const std::string memory = directory + "/sm2_signatures.txt";
  const tests::AllVectors made =
      tests::MakeVectors(std::filesystem::exists(memory) ? tests::ReadFile(memory) : "");
  int disagreements = 0;
  for (const tests::VectorFile& file : made.files) {
    tests::WriteFile(directory + "/" + file.kind() + ".json", file.Json());
    for (const std::string& one : file.disagreements()) {
      std::fprintf(stderr, "our own checkers judge otherwise: %s\n", one.c_str());
      ++disagreements;
    }
  }
  tests::WriteFile(memory, made.signatures);
  return disagreements == 0 ? 0 : 1;
}
