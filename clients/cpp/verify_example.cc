// SPDX-License-Identifier: Apache-2.0
// The example of README.md, built with everything else.
#include <fstream>
#include <iostream>
#include <iterator>

#include "clients/cpp/client.h"

int main(int argc, char** argv) {
  using namespace birthseal;
  if (argc != 5) return std::cerr << "verify_example ADDRESS TLS_DIR ROLE FILE\n", 2;
  const auto options = client::OptionsFromDirectory(argv[1], argv[2], argv[3]);
  if (!options.ok()) return std::cerr << options.status() << "\n", 1;
  std::ifstream file(argv[4], std::ios::binary);
  if (!file) return std::cerr << "cannot read " << argv[4] << "\n", 1;
  v1::VerifyDocumentRequest request;
  request.set_file(std::string(std::istreambuf_iterator<char>(file), {}));
  request.set_use_cause("household registration");
  const auto answer = client::Client(*options).VerifyDocument(request);
  if (!answer.ok()) return std::cerr << answer.status() << "\n", 1;
  std::cout << answer->verdict_zh() << " " << v1::Verdict_Name(answer->verdict()) << "\n";
  return answer->verdict() == v1::VERDICT_VALID ? 0 : 3;
}
