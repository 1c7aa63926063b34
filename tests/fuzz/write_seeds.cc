// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of every target: DIRECTORY/<target>/<number>.
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/fuzz/targets.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds DIRECTORY\n");
    return 64;
  }
  mkdir(argv[1], 0755);
  for (const auto& target : birthseal::tests::FuzzTargets()) {
    const std::string directory = absl::StrCat(argv[1], "/", target.name);
    mkdir(directory.c_str(), 0755);
    int number = 0;
    for (const std::string& seed : target.seeds()) {
      std::ofstream out(absl::StrCat(directory, "/", number++), std::ios::binary);
      out << seed;
      if (!out.flush()) return 74;
    }
  }
  return 0;
}
