// SPDX-License-Identifier: Apache-2.0
// Collects what the checks find into a Report. One thread, one document. Internal.
#pragma once

#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"
#include "signer/verify/document_verifier.h"

namespace birthseal::signer {

class ReportBuilder {
 public:
  ReportBuilder() {
    for (int layer = 1; layer <= 9; ++layer) {
      report.layers.push_back({static_cast<Layer>(layer), LayerResult::kNotChecked, {}});
    }
  }

  // Checked and nothing against it; does not undo a failure.
  void Pass(Layer layer) {
    LayerReport& entry = At(layer);
    if (entry.result == LayerResult::kNotChecked) entry.result = LayerResult::kOk;
  }
  void Fail(Layer layer, absl::string_view reason) {
    At(layer).result = LayerResult::kFailed;
    AddOnce(reason, &At(layer).reasons);
  }
  // Why a layer could not be checked.
  void Explain(Layer layer, absl::string_view reason) { AddOnce(reason, &At(layer).reasons); }
  void Notice(absl::string_view reason) { AddOnce(reason, &report.notices); }
  bool Failed(Layer layer) { return At(layer).result == LayerResult::kFailed; }

  Report report;
  bool has_signature = false;   // at least one entry in the list of signatures
  bool not_verifiable = false;  // a signature without the data to check it
  bool ours = false;            // carries one of our records

 private:
  LayerReport& At(Layer layer) { return report.layers[static_cast<size_t>(layer) - 1]; }
  static void AddOnce(absl::string_view reason, std::vector<std::string>* to) {
    // Nobody reads more, and a file may give a reason for each of its references.
    constexpr size_t kMaxReasons = 100;
    if (to->size() > kMaxReasons) return;
    const std::string text(to->size() < kMaxReasons ? reason : "MORE_REASONS");
    if (std::find(to->begin(), to->end(), text) == to->end()) to->push_back(text);
  }
};

// The verdict that follows from the layers (ARCHITECTURE.md, "Verification").
Verdict Decide(const ReportBuilder& found);

}  // namespace birthseal::signer
