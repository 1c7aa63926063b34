// SPDX-License-Identifier: Apache-2.0
#include "server/house.h"

#include <utility>

namespace birthseal::server {

House::House(Furnishing with)
    : accesses_(AccessLedger(with.ledger)),
      claims_{std::move(with.index_key), with.labels},
      ledger(with.ledger),
      checkpoints(with.checkpoints),
      feed{{with.registry, with.clock, accesses_},
           FeedLedger(with.ledger),
           claims_,
           Operators(with.operators),
           with.workers},
      issuing{{with.registry, with.clock, accesses_},
              IssuingLedger(with.ledger),
              claims_,
              Operators(with.operators),
              with.approvals,
              with.workers,
              with.profiles,
              with.renderer,
              with.sealer,
              with.verifier,
              Checkpoints(with.checkpoints),
              WitnessLinks(with.desk),
              IssuingFreshness(with.freshness),
              with.open_issues,
              std::move(with.font_version),
              with.ack_witnessed,
              std::move(with.step_hook)},
      reading{{with.registry, with.clock, accesses_},
              with.renderer,
              with.seals,
              with.verifier,
              Checkpoints(with.checkpoints),
              WitnessAnswers(with.desk),
              FreshnessAnswers(with.freshness),
              with.labels},
      admin{{with.registry, with.clock, accesses_},
            AdminLedger(with.ledger),
            OperatorChanges(with.operators),
            with.profiles,
            with.seal_check,
            with.backups} {}

}  // namespace birthseal::server
