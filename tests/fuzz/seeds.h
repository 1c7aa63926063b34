// SPDX-License-Identifier: Apache-2.0
// Where fuzzing starts: good inputs of invented people, made when the program runs.
#pragma once

#include <string>
#include <vector>

namespace birthseal::tests {

std::vector<std::string> RecordSeeds();
std::vector<std::string> UpdateSeeds();
std::vector<std::string> MapSeeds();
std::vector<std::string> CheckpointSeeds();
std::vector<std::string> PackageSeeds();
std::vector<std::string> PartSeeds();
std::vector<std::string> SealSeeds();
std::vector<std::string> Hl7Seeds();
std::vector<std::string> MllpSeeds();
std::vector<std::string> ConfigSeeds();

}  // namespace birthseal::tests
