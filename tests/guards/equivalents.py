# SPDX-License-Identifier: Apache-2.0
"""The committed list of guards whose removal changes nothing that a caller could see."""


class Equivalents:
    def __init__(self, path):
        self.reasons = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            key, separator, reason = line.rpartition(" | ")
            if not separator or " | " not in key or not reason.strip():
                raise SystemExit(f"{path.name}:{number}: not `file | condition | reason`")
            self.reasons[key] = reason.strip()

    def reason(self, key):
        return self.reasons.get(key)

    def false(self, results, complete):
        """What the list says that is not so. `results` has every guard, None where not judged;
        unless `complete`, of some files only."""
        for key in self.reasons:
            if complete and key not in results:
                yield f"equivalent.txt: there is no such guard any more: {key}"
            elif (results.get(key) or {}).get("found_by"):
                yield f"equivalent.txt: {results[key]['found_by']} does find: {key}"
