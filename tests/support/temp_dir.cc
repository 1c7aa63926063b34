// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"
#include "tests/support/places.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace birthseal::tests {
namespace {

[[noreturn]] void Die(const char* doing, const std::string& path) {
  std::fprintf(stderr, "test support: cannot %s %s\n", doing, path.c_str());
  std::abort();
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "birthseal-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) Die("make", pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Die("read", path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string ReadSource(const std::string& path) {
  return ReadFile(std::string(BIRTHSEAL_SOURCE_DIR "/") + path);
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) Die("write", path);
}

std::string SamplesDir() {
  const char* set = std::getenv("BIRTHSEAL_SAMPLES");
  std::filesystem::path dir =
      set != nullptr ? set
                     : std::filesystem::path(BIRTHSEAL_SOURCE_DIR) / ".." / "shared" / "samples";
  return std::filesystem::is_directory(dir) ? dir.string() : "";
}

}  // namespace birthseal::tests
