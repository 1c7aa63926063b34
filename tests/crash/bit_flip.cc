// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/bit_flip.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

namespace birthseal::tests {

namespace fs = std::filesystem;

std::string FlipBit(const std::string& directory, const std::string& part, uint64_t seed) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const bool named = entry.path().filename().string().find(part) != std::string::npos;
    if (named && entry.file_size() > 0) files.push_back(entry.path());
  }
  if (files.empty()) return "";
  std::sort(files.begin(), files.end());
  std::mt19937_64 random(seed);
  const fs::path& path = files[random() % files.size()];
  const auto at = static_cast<std::streamoff>(random() % fs::file_size(path));
  const auto bit = static_cast<int>(random() % 8);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ (1 << bit)));
  return path.filename().string() + ":" + std::to_string(at) + "." + std::to_string(bit);
}

}  // namespace birthseal::tests
