// SPDX-License-Identifier: Apache-2.0
// A fresh directory for one test, removed with everything in it at the end.
#pragma once

#include <string>

namespace birthseal::tests {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string Join(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Whole files; a failure ends the test program.
std::string ReadFile(const std::string& path);
// A file of this checkout, by its path there.
std::string ReadSource(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);
// Directory of the third-party samples (BIRTHSEAL_SAMPLES, else ../shared/samples beside the
// source), or empty when there is none: the caller then skips and says so.
std::string SamplesDir();

}  // namespace birthseal::tests
