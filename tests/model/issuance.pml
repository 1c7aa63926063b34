/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuing cycle (server/issuing/ISSUANCE.md) as a state machine that spin searches completely, within
 * bounds: two newborns, two institutions, two writers with fences, the journal, a witness, and
 * a world that crashes, takes over, backs up and restores at any step.
 *
 * Every change of state goes through an edge of transitions.txt: move(object, event, x). The same table
 * is what traces of the running service are checked against (trace_check.h).
 *
 * What is kept of the real thing
 *   One batch is one command (several commands of a batch are applied one after another over the same
 *   view, so a batch of many reaches no state that batches of one do not reach). A batch is computed
 *   from the engine as it is (READ), appended to the journal, committed under the fence, answered: four
 *   steps, and anything may happen between them. Commands ask for what store/ledger/apply_case.cc and
 *   apply_issue.cc ask for (the CAN_ macros). Steps 4 to 9 of the cycle (checkpoint, page, seal,
 *   verification) leave nothing durable: a crash there is the crash after the reservation.
 *   With ACK_LOCAL the journal is shipped behind the commits, and a lost disk loses what was not
 *   shipped. Then the witness's mirror is applied and a new log epoch begins (RECOVERY). What neither
 *   journal nor witness had is the stated limit: nothing is claimed of it.
 *
 * What is left out: content, identity of newborns (claims), signatures, time, feeds. A lost disk takes
 * both writers with it. The mirror tells which number and predecessor a status index has.
 *
 * Properties: the first names of `mtype` below; each is a `hold` at the place it speaks of; `finished`
 * is the formula at the end, checked under weak fairness once crashes have stopped (they are counted).
 *
 * Bounds of the complete searches (issuance_model_test.cc): a crash and a takeover; or a lost disk, with
 * a takeover or with a witness; not all of them at once. All at once is searched with hashes, for a
 * time, and so not completely (BIRTHSEAL_MODEL_LARGE).
 *
 * Switches: CASES, NUMBERS, CRASHES, TAKEOVERS, BACKUPS, DISASTERS, WITNESSED: the bounds; DESK: also
 * withdrawals and misprints.
 * ACK_LOCAL as above. LIVENESS=k: the formula, for case k. ONLY=name: no other property is looked at
 * (edges that are not in the table are then taken blindly). MUT_...: a mistake that must be found.
 */
#include "transitions.pml"

#ifndef CASES
#define CASES 3
#endif
#ifndef NUMBERS
#define NUMBERS 3
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 1
#endif
#ifndef BACKUPS
#define BACKUPS 1
#endif
#ifndef DISASTERS
#define DISASTERS 1
#endif
#ifndef WITNESSED
#define WITNESSED 1
#endif
#ifndef ONLY
#define ONLY 0
#endif

mtype = { one_valid, superseded_has_successor, number_serves_one, intent_ends_once, follows_table,
          fenced_never_commits, handed_after_commit, acknowledged_kept, never_unrevoked,
          log_append_only };
mtype = { nothing, approve, misprint, withdraw, reserve, issue, cancel, revoke, void };
mtype = { down, replay, gate, serve, append, commit, answer };

/* Cases 0, 1 and 3 are of newborn 0, case 2 of newborn 1; even ones go to institution 0. */
#define NEWBORN(k) ((k) == 2 -> 1 : 0)
#define INSTITUTION(k) ((k) % 2)
#define STOCK(n) ((n) % 2)

typedef Store {
  byte seq;               /* Meta.batch_sequence */
  byte epoch;             /* Meta.log_epoch, from 0 */
  byte kase[CASES];
  byte cert[CASES];       /* the certificate of case k has status index k */
  byte intent[CASES];
  byte ends[CASES];       /* ISSUED and CANCELLED leaves of the intent */
  byte num[CASES];        /* number + 1 */
  byte pred[CASES];       /* case of the predecessor + 1: an exchange or replacement */
  byte number[NUMBERS];
  byte slot[2];           /* case + 1 */
};
Store E, J, B, W;         /* engine, journal (all of it, applied), backup, witness's mirror */
byte fence, backup_fence, journal_epoch;

/* The two writers. All of it but `life` is memory of the process: a crash takes it. */
byte life[2];             /* of the table's object writer; a fenced one does not know it */
mtype pc[2] = down;
byte epoch[2], base[2], arg[2], num[2];
mtype op[2] = nothing;
byte own[2];              /* MUT_NO_FINISHER: cases whose reservation this process made, as bits */
byte rest[2];             /* MUT_VOID_LATE, MUT_VOID_EARLY: the second half that is still to do + 1 */

/* The world: what was told to whom, and what may still happen. */
byte handed, ended;       /* bits of cases */
byte served[NUMBERS];     /* newborn + 1 */
byte crashes = CRASHES, takeovers = TAKEOVERS, backups = BACKUPS, disasters = DISASTERS,
     cosignatures = WITNESSED;

/* ---- properties and edges ---- */

/* A macro: spin takes 512 bytes for the argument of an inline. */
#define hold(ok, name) \
  if \
  :: (ok) || (ONLY != 0 && ONLY != name) -> skip \
  :: else -> printf("violated: %e\n", name); assert(false) \
  fi
/* The one way to change an object. MAY_ and TO_ are made from transitions.txt. */
#define move(object, event, x) hold(MAY_##object##_##event(x), follows_table); x = TO_##object##_##event

#define SLOT_OF(s, b) (s.slot[b] == 0 -> SLOT_FREE : SLOT_HELD)
#define LOG_OF(s, e) ((e) < s.epoch -> LOG_CLOSED : ((e) == s.epoch -> LOG_OPEN : LOG_NONE))
#define ENDED(x) ((x) != CERTIFICATE_NONE && (x) != CERTIFICATE_VALID)

#if CASES == 4
#define EACH(f) f(0) f(1) f(2) f(3)
#define VALID_OF_0(s) ((s.cert[0] == CERTIFICATE_VALID) + (s.cert[1] == CERTIFICATE_VALID) + (s.cert[3] == CERTIFICATE_VALID))
#else
#define EACH(f) f(0) f(1) f(2)
#define VALID_OF_0(s) ((s.cert[0] == CERTIFICATE_VALID) + (s.cert[1] == CERTIFICATE_VALID))
#endif
/* The valid certificate of the newborn of k, + 1. */
#if CASES == 4
#define VALID(k) ((k) == 2 -> (E.cert[2] == CERTIFICATE_VALID -> 3 : 0) : (E.cert[0] == CERTIFICATE_VALID -> 1 : (E.cert[1] == CERTIFICATE_VALID -> 2 : (E.cert[3] == CERTIFICATE_VALID -> 4 : 0))))
#else
#define VALID(k) ((k) == 2 -> (E.cert[2] == CERTIFICATE_VALID -> 3 : 0) : (E.cert[0] == CERTIFICATE_VALID -> 1 : (E.cert[1] == CERTIFICATE_VALID -> 2 : 0)))
#endif

/* An exchanged certificate has an issued successor that names it. */
#define SUCCEEDS(j, k) (E.pred[j] == (k) + 1 && E.cert[j] != CERTIFICATE_NONE)
#if CASES == 4
#define HAS_SUCCESSOR(k) (SUCCEEDS(0, k) || SUCCEEDS(1, k) || SUCCEEDS(2, k) || SUCCEEDS(3, k))
#else
#define HAS_SUCCESSOR(k) (SUCCEEDS(0, k) || SUCCEEDS(1, k) || SUCCEEDS(2, k))
#endif
#define SUPERSEDED(k) (E.cert[k] == CERTIFICATE_EXCHANGED || E.cert[k] == CERTIFICATE_REPLACED)

#define CHECK_CASE(k) \
  hold(!SUPERSEDED(k) || HAS_SUCCESSOR(k), superseded_has_successor); \
  hold(E.ends[k] <= 1, intent_ends_once); \
  hold(!(ended & (1 << k)) || ENDED(E.cert[k]), never_unrevoked); \
  hold(!(handed & (1 << k)) || E.cert[k] != CERTIFICATE_NONE, acknowledged_kept);
inline check_engine() {
  hold(VALID_OF_0(E) <= 1, one_valid);
  EACH(CHECK_CASE)
}

/* Certificates of newborn 0 that were handed out and, as far as anybody outside was told, stand. */
#define STANDS(k) ((handed & (1 << k)) && !(ended & (1 << k)))
#if CASES == 4
#define VALID_OUTSIDE (STANDS(0) + STANDS(1) + STANDS(3))
#else
#define VALID_OUTSIDE (STANDS(0) + STANDS(1))
#endif

/* What must never be undone: here what is committed, with ACK_LOCAL what is witnessed or shipped. */
#define NOTE_CASE(k) \
  if \
  :: ENDED(E.cert[k]) -> ended = ended | (1 << k) \
  :: else \
  fi;
inline note_ended() { EACH(NOTE_CASE) }

/* ---- commands: what store/apply_*.cc asks for, over the engine as it is ---- */

#define KIND_OK(k) (VALID(k) == E.pred[k])
#define LOWEST(i) (STOCK(0) == (i) && E.number[0] == NUMBER_IN_STOCK -> 1 : \
  (STOCK(1) == (i) && E.number[1] == NUMBER_IN_STOCK -> 2 : \
  (STOCK(2) == (i) && E.number[2] == NUMBER_IN_STOCK -> 3 : LOWEST_MORE(i))))
#if NUMBERS == 4
#define LOWEST_MORE(i) (STOCK(3) == (i) && E.number[3] == NUMBER_IN_STOCK -> 4 : 0)
#else
#define LOWEST_MORE(i) 0
#endif
#define HOLDS(k) (E.slot[NEWBORN(k)] == (k) + 1)
#define IN_PROGRESS(k) (E.slot[NEWBORN(k)] != 0 && E.kase[E.slot[NEWBORN(k)] - 1] == CASE_RESERVED)

/* Filed and approved in one batch: a case that is filed and waits changes nothing for others. */
#define CAN_APPROVE(k) (MAY_case_file_fit(E.kase[k]) && E.slot[NEWBORN(k)] == 0 && LOWEST(INSTITUTION(k)) != 0)
#ifdef DESK
#define CAN_WITHDRAW(k) (MAY_case_withdraw(E.kase[k]) && E.kase[k] == CASE_APPROVED)
#define CAN_MISPRINT(k) (MAY_case_misprint(E.kase[k]) && LOWEST(INSTITUTION(k)) != 0)
#else
#define CAN_WITHDRAW(k) false
#define CAN_MISPRINT(k) false
#endif
#define CAN_RESERVE(k) (MAY_case_reserve(E.kase[k]) && HOLDS(k) && KIND_OK(k))
#ifdef MUT_TWO_DOCUMENTS /* a commit does not look whether the reservation is still open */
#define CAN_ISSUE(k) (E.intent[k] != INTENT_NONE && E.ends[k] < 2)
#elif defined(MUT_NO_FINISHER) /* the reservation belongs to the call: nobody else finishes it */
#define CAN_ISSUE(k) (MAY_intent_issue(E.intent[k]) && KIND_OK(k) && (own[me] & (1 << k)))
#else
#define CAN_ISSUE(k) (MAY_intent_issue(E.intent[k]) && KIND_OK(k))
#endif
#ifdef NO_CANCEL /* so that `finished` means issued */
#define CAN_CANCEL(k) false
#else
#define CAN_CANCEL(k) MAY_intent_cancel(E.intent[k])
#endif
#ifdef MUT_REVOKE_IN_PROGRESS /* revoked while its successor is between reservation and commit */
#define CAN_REVOKE(k) MAY_certificate_revoke(E.cert[k])
#else
#define CAN_REVOKE(k) (MAY_certificate_revoke(E.cert[k]) && !IN_PROGRESS(k))
#endif

/* ---- batches ---- */

inline void_predecessor(v, x) {
  if
  :: v.pred[x] == 0
  :: v.pred[x] != 0 && x % 2 == 0 -> move(certificate, replace, v.cert[v.pred[x] - 1])
  :: else -> move(certificate, exchange, v.cert[v.pred[x] - 1])
  fi
}
inline free_slot(f, y, lawful) {
  hold(lawful, follows_table);
  f.slot[NEWBORN(y)] = 0
}
inline apply_issue(t, j) {
  move(case, issue, t.kase[j]);
  move(intent, issue, t.intent[j]);
  t.ends[j]++;
  move(number, issue, t.number[t.num[j] - 1]);
  free_slot(t, j, MAY_slot_issue(SLOT_OF(t, NEWBORN(j))));
  move(certificate, issue, t.cert[j]);
#if !defined(MUT_VOID_LATE) && !defined(MUT_VOID_EARLY)
  void_predecessor(t, j)
#endif
}
inline apply_cancel(t, j) {
  move(case, cancel, t.kase[j]);
  move(intent, cancel, t.intent[j]);
  t.ends[j]++;
  move(number, cancel, t.number[t.num[j] - 1]);
  free_slot(t, j, MAY_slot_cancel(SLOT_OF(t, NEWBORN(j))))
}
inline apply(s, what, k, n) {
  hold(MAY_log_append(LOG_OF(s, s.epoch)), follows_table);
  s.seq++;
  if
  :: what == approve ->
    move(case, file_fit, s.kase[k]);
    s.pred[k] = VALID(k);
    move(case, approve, s.kase[k]);
    move(number, approve, s.number[n - 1]);
    hold(MAY_slot_approve(SLOT_OF(s, NEWBORN(k))), follows_table);
    s.slot[NEWBORN(k)] = k + 1;
    s.num[k] = n
  :: what == misprint ->
    move(case, misprint, s.kase[k]);
    move(number, reprint, s.number[n - 1]);
    move(number, misprint, s.number[s.num[k] - 1]);
    s.num[k] = n
  :: what == withdraw ->
    move(case, withdraw, s.kase[k]);
    move(number, withdraw, s.number[s.num[k] - 1]);
    free_slot(s, k, MAY_slot_withdraw(SLOT_OF(s, NEWBORN(k))))
  :: what == reserve ->
    move(case, reserve, s.kase[k]);
    move(intent, reserve, s.intent[k])
  :: what == issue -> apply_issue(s, k)
  :: what == cancel -> apply_cancel(s, k)
  :: what == revoke -> move(certificate, revoke, s.cert[k])
  :: what == void -> void_predecessor(s, k)
  fi
}

#define COPY_CASE(k) to.kase[k] = from.kase[k]; to.cert[k] = from.cert[k]; \
  to.intent[k] = from.intent[k]; to.ends[k] = from.ends[k]; to.num[k] = from.num[k]; \
  to.pred[k] = from.pred[k];
inline copy(to, from) {
  to.seq = from.seq;
  to.epoch = from.epoch;
  EACH(COPY_CASE)
  to.number[0] = from.number[0]; to.number[1] = from.number[1]; to.number[2] = from.number[2];
#if NUMBERS == 4
  to.number[3] = from.number[3];
#endif
  to.slot[0] = from.slot[0]; to.slot[1] = from.slot[1]
}

/* What nobody reads again is forgotten, so that states that differ in nothing else are one state. */
#define CLEAR_CASE(k) x.kase[k] = 0; x.cert[k] = 0; x.intent[k] = 0; x.ends[k] = 0; x.num[k] = 0; \
  x.pred[k] = 0;
inline clear(x) {
  x.seq = 0;
  x.epoch = 0;
  EACH(CLEAR_CASE)
  x.number[0] = 0; x.number[1] = 0; x.number[2] = 0;
#if NUMBERS == 4
  x.number[3] = 0;
#endif
  x.slot[0] = 0; x.slot[1] = 0
}

/* ---- a writer ---- */

inline forget(w) {
  pc[w] = down; op[w] = nothing; epoch[w] = 0; base[w] = 0; arg[w] = 0; num[w] = 0; own[w] = 0;
  rest[w] = 0
}
/* The engine or the journal says that another has taken over. */
inline refused(w) {
  printf("writer %d: refused, it is fenced\n", w);
  move(writer, refuse, life[w]);
  forget(w)
}
#ifdef MUT_NO_FENCE /* neither engine nor journal looks at the epoch */
#define FENCE_IS_CHECKED false
#define FENCE_HOLDS(w) true
#define JOURNAL_TAKES(w) true
#else
#define FENCE_IS_CHECKED true
#define FENCE_HOLDS(w) (epoch[w] == fence)
#define JOURNAL_TAKES(w) (epoch[w] >= journal_epoch && (base[w] == J.seq || (base[w] + 1 == J.seq && epoch[w] > journal_epoch)))
#endif

inline read_for(w, what, k) {
  printf("writer %d: %e case %d (argument %d)\n", w, what, k, num[w]);
  op[w] = what;
  arg[w] = k;
  base[w] = E.seq;
#ifdef ACK_LOCAL
  pc[w] = commit;
#else
  pc[w] = append;
#endif
}

inline acquire(w) {
  printf("writer %d: starts and takes the fence\n", w);
  move(writer, acquire, life[w]);
  if
  :: life[1 - w] == WRITER_LEADER -> takeovers--; move(writer, fence, life[1 - w])
  :: else
  fi;
  fence = (journal_epoch > fence -> journal_epoch : fence) + 1;
  epoch[w] = fence;
  pc[w] = replay
}

inline free_number(n) {
  if
  :: E.number[n] == NUMBER_ALLOCATED -> E.number[n] = NUMBER_IN_STOCK
  :: else
  fi
}

/* Commits what the journal has and the engine lacks. */
inline replay_journal(w) {
#ifndef MUT_NO_FORWARD
  if
  :: J.seq > E.seq -> printf("writer %d: replays the journal\n", w); copy(E, J)
  :: else
  fi;
#endif
#ifdef MUT_FREE_NUMBER /* what was under way at the crash gives its number back */
  free_number(0); free_number(1); free_number(2);
#endif
#ifndef ACK_LOCAL
  note_ended()
#endif
}

/* The witness has more of the log than the engine. */
#define LAGS(k) ((W.intent[k] != INTENT_NONE && E.intent[k] == INTENT_NONE) || \
  (MAY_intent_issue(E.intent[k]) && W.intent[k] != INTENT_NONE && W.intent[k] != INTENT_OPEN) || \
  (E.cert[k] == CERTIFICATE_VALID && ENDED(W.cert[k])))
#define OR_LAGS(k) || LAGS(k)
#define BEHIND (false EACH(OR_LAGS))

/* The case of a witnessed INTENT whose record is lost is brought to where the INTENT was written. */
inline relive(k) {
  if
  :: MAY_case_file_fit(E.kase[k]) -> move(case, file_fit, E.kase[k])
  :: else
  fi;
  E.pred[k] = W.pred[k];
  if
  :: E.num[k] != 0 && E.num[k] != W.num[k] -> move(number, misprint, E.number[E.num[k] - 1])
  :: else
  fi;
  if
  :: MAY_case_approve(E.kase[k]) -> move(case, approve, E.kase[k])
  :: else
  fi;
  if
  :: E.num[k] != W.num[k] -> E.num[k] = W.num[k]; move(number, approve, E.number[E.num[k] - 1])
  :: else
  fi;
  move(case, reserve, E.kase[k]);
  move(intent, reserve, E.intent[k])
}
/* Status, slots and number use from the mirror: what was only intended is cancelled. */
#define RECOVER(k) \
  if \
  :: W.intent[k] != INTENT_NONE && E.intent[k] == INTENT_NONE -> relive(k); lost = true \
  :: else -> lost = false \
  fi; \
  if \
  :: MAY_intent_issue(E.intent[k]) && (W.intent[k] == INTENT_CANCELLED || (lost && W.intent[k] == INTENT_OPEN)) -> \
    move(case, cancel, E.kase[k]); move(intent, cancel, E.intent[k]); E.ends[k]++; \
    move(number, cancel, E.number[E.num[k] - 1]) \
  :: MAY_intent_issue(E.intent[k]) && W.intent[k] == INTENT_ISSUED -> \
    move(case, issue, E.kase[k]); move(intent, issue, E.intent[k]); E.ends[k]++; \
    move(number, issue, E.number[E.num[k] - 1]); move(certificate, issue, E.cert[k]) \
  :: else \
  fi; \
  if \
  :: HOLDS(k) && E.kase[k] != CASE_APPROVED && E.kase[k] != CASE_RESERVED -> \
    free_slot(E, k, MAY_slot_cancel(SLOT_OF(E, NEWBORN(k)))) \
  :: else \
  fi; \
  if \
  :: E.cert[k] == CERTIFICATE_VALID && W.cert[k] == CERTIFICATE_REVOKED -> \
    move(certificate, revoke, E.cert[k]) \
  :: E.cert[k] == CERTIFICATE_VALID && W.cert[k] == CERTIFICATE_EXCHANGED -> \
    move(certificate, exchange, E.cert[k]) \
  :: E.cert[k] == CERTIFICATE_VALID && W.cert[k] == CERTIFICATE_REPLACED -> \
    move(certificate, replace, E.cert[k]) \
  :: else \
  fi;
inline recover(w) {
  printf("writer %d: RECOVERY, a new log epoch\n", w);
#ifndef MUT_NO_MIRROR
  EACH(RECOVER)
#endif
  hold(MAY_log_recover(LOG_OF(E, E.epoch)) && MAY_log_open(LOG_OF(E, E.epoch + 1)), follows_table);
  E.epoch++;
  E.seq++;
  lost = false
}

inline enter_service(w) {
  check_engine();
  if
  :: disasters == 0 && cosignatures == 0 -> clear(W)
  :: else
  fi;
#ifdef ACK_LOCAL
  if
  :: disasters == 0 -> clear(J); journal_epoch = 0
  :: else
  fi;
#endif
  pc[w] = serve
}

inline done(w) {
  op[w] = nothing; arg[w] = 0; num[w] = 0; base[w] = 0; pc[w] = serve
}

inline commit_batch(w) {
  printf("writer %d: commits %e of case %d\n", w, op[w], arg[w]);
  hold(MAY_writer_commit(life[w]), fenced_never_commits);
  apply(E, op[w], arg[w], num[w]);
  if
  :: op[w] == approve || op[w] == misprint ->
    hold(served[num[w] - 1] == 0 || served[num[w] - 1] == NEWBORN(arg[w]) + 1, number_serves_one);
    served[num[w] - 1] = NEWBORN(arg[w]) + 1
#ifdef MUT_NO_FINISHER
  :: op[w] == reserve -> own[w] = own[w] | (1 << arg[w])
#endif
#ifdef MUT_VOID_LATE
  :: op[w] == issue && E.pred[arg[w]] != 0 -> rest[w] = arg[w] + 1
#endif
#ifdef MUT_VOID_EARLY
  :: op[w] == void -> rest[w] = arg[w] + 1
#endif
  :: else
  fi;
#ifndef ACK_LOCAL
  note_ended();
#endif
  check_engine();
  if
  :: op[w] == issue -> pc[w] = answer
  :: else -> done(w)
  fi
}

inline hand_out(w) {
  if
  :: op[w] == issue ->
    printf("writer %d: hands out the certificate of case %d\n", w, arg[w]);
    hold(E.cert[arg[w]] != CERTIFICATE_NONE, handed_after_commit);
#ifndef ACK_LOCAL /* else what was handed out but not shipped may be lost: the stated limit */
    handed = handed | (1 << arg[w]);
    hold(VALID_OUTSIDE <= 1, one_valid)
#endif
  :: else
  fi
}

#define READY pc[me] == serve && (life[me] == WRITER_LEADER || !FENCE_IS_CHECKED)
#ifdef MUT_VOID_EARLY
#define READ_ISSUE(k) \
  :: atomic { READY && CAN_ISSUE(k) && E.pred[k] != 0 && rest[me] == 0 -> d_step { num[me] = 0; read_for(me, void, k) } } \
  :: atomic { READY && MAY_intent_issue(E.intent[k]) && (E.pred[k] == 0 || rest[me] == k + 1) -> d_step { num[me] = 0; read_for(me, issue, k); rest[me] = 0 } }
#else
#define READ_ISSUE(k) \
  :: atomic { READY && CAN_ISSUE(k) -> d_step { num[me] = 0; read_for(me, issue, k) } }
#endif
#define READ(k) \
  :: atomic { READY && CAN_APPROVE(k) -> d_step { num[me] = LOWEST(INSTITUTION(k)); read_for(me, approve, k) } } \
  :: atomic { READY && CAN_MISPRINT(k) -> d_step { num[me] = LOWEST(INSTITUTION(k)); read_for(me, misprint, k) } } \
  :: atomic { READY && CAN_WITHDRAW(k) -> d_step { num[me] = 0; read_for(me, withdraw, k) } } \
  :: atomic { READY && CAN_RESERVE(k) -> d_step { num[me] = 0; read_for(me, reserve, k) } } \
  :: atomic { READY && CAN_CANCEL(k) -> d_step { num[me] = 0; read_for(me, cancel, k) } } \
  :: atomic { READY && CAN_REVOKE(k) -> d_step { num[me] = 0; read_for(me, revoke, k) } } \
  READ_ISSUE(k)

proctype Writer(byte me) {
  bool lost;
end:
  do
  /* Another may take the fence while the first still lives. When both are down the writers are alike:
     it is enough that 0 starts. */
  :: atomic { pc[me] == down && (life[1 - me] == WRITER_LEADER -> takeovers > 0 : (me == 0 || pc[0] != down)) ->
      d_step { acquire(me) } }
  /* Who is fenced learns it from a refusal: at a batch under way, below, or at the next one, here. */
  :: atomic { pc[me] == serve && life[me] == WRITER_FENCED && FENCE_IS_CHECKED -> d_step { refused(me) } }
  :: atomic { pc[me] == replay && FENCE_HOLDS(me) -> d_step { replay_journal(me); pc[me] = gate } }
  :: atomic { pc[me] == gate && FENCE_HOLDS(me) && !BEHIND -> d_step { enter_service(me) } }
#ifdef MUT_NO_FORWARD
  :: atomic { pc[me] == gate && BEHIND -> d_step { enter_service(me) } }
#else
  :: atomic { pc[me] == gate && FENCE_HOLDS(me) && BEHIND -> d_step { recover(me); enter_service(me) } }
#endif
  :: atomic { (pc[me] == replay || pc[me] == gate) && !FENCE_HOLDS(me) -> d_step { refused(me) } }
  EACH(READ)
#ifdef MUT_VOID_LATE
  :: atomic { READY && rest[me] != 0 -> d_step { num[me] = 0; read_for(me, void, rest[me] - 1); rest[me] = 0 } }
#endif
  :: atomic { pc[me] == append && JOURNAL_TAKES(me) ->
      d_step {
        copy(J, E); apply(J, op[me], arg[me], num[me]); journal_epoch = epoch[me]; pc[me] = commit;
#ifdef MUT_ANSWER_EARLY
        hand_out(me)
#endif
      } }
  :: atomic { pc[me] == append && !JOURNAL_TAKES(me) -> d_step { refused(me) } }
  :: atomic { pc[me] == commit && FENCE_HOLDS(me) -> d_step { commit_batch(me) } }
  :: atomic { pc[me] == commit && !FENCE_HOLDS(me) -> d_step { refused(me) } }
  :: atomic { pc[me] == answer -> d_step { hand_out(me); done(me) } }
  od
}

/* ---- the world ---- */

inline crash(w) {
  printf("writer %d: killed\n", w);
  move(writer, crash, life[w]);
  forget(w)
}

/* The witness signs only what contains all that it has signed. */
#define CONTAINS(k) (W.intent[k] == INTENT_NONE || W.intent[k] == E.intent[k] || \
                     (W.intent[k] == INTENT_OPEN && E.intent[k] != INTENT_NONE)) && \
                    (W.cert[k] == CERTIFICATE_NONE || W.cert[k] == E.cert[k] || \
                     (W.cert[k] == CERTIFICATE_VALID && E.cert[k] != CERTIFICATE_NONE))
#define AND_CONTAINS(k) && CONTAINS(k)

/* What a lost disk leaves of the knowledge which number served whom. */
#define LEAVES(k, n) (W.intent[k] != INTENT_NONE && W.num[k] == (n) + 1)
#define OR_LEAVES_0(k) || LEAVES(k, 0)
#define OR_LEAVES_1(k) || LEAVES(k, 1)
#define OR_LEAVES_2(k) || LEAVES(k, 2)
#define KEPT(n) (B.number[n] != NUMBER_IN_STOCK || J.number[n] != NUMBER_IN_STOCK)
#define FORGET_SERVED(n, leaves) \
  if \
  :: KEPT(n) leaves -> skip \
  :: else -> served[n] = 0 \
  fi;

inline lose_disk() {
  printf("the disk is lost; the backup is put in its place\n");
  if
  :: life[0] != WRITER_DOWN -> move(writer, crash, life[0])
  :: else
  fi;
  if
  :: life[1] != WRITER_DOWN -> move(writer, crash, life[1])
  :: else
  fi;
  forget(0);
  forget(1);
  copy(E, B);
#ifdef MUT_NO_FORWARD /* the journal is left behind, and the witness is not asked */
  copy(J, B);
#endif
  fence = backup_fence;
  if
  :: disasters == 1 -> clear(B); backup_fence = 0
  :: else
  fi;
#ifdef ACK_LOCAL
  FORGET_SERVED(0, EACH(OR_LEAVES_0))
  FORGET_SERVED(1, EACH(OR_LEAVES_1))
  FORGET_SERVED(2, EACH(OR_LEAVES_2))
#endif
  disasters--
}

#define SERVES(w) (life[w] == WRITER_LEADER && (pc[w] == serve || pc[w] == append || pc[w] == commit || pc[w] == answer))

proctype World() {
end:
  do
  :: atomic { crashes > 0 && life[0] != WRITER_DOWN -> d_step { crash(0); crashes-- } }
  :: atomic { crashes > 0 && life[1] != WRITER_DOWN -> d_step { crash(1); crashes-- } }
  :: atomic { backups > 0 && disasters > 0 && E.seq > B.seq ->
      d_step { printf("a backup is made\n"); copy(B, E); backup_fence = fence; backups-- } }
  :: atomic { disasters > 0 && E.seq > B.seq -> d_step { lose_disk() } }
  :: atomic { cosignatures > 0 && (SERVES(0) || SERVES(1)) && E.seq > 0 ->
      d_step {
        printf("the witness signs\n");
        hold(true EACH(AND_CONTAINS), log_append_only);
        copy(W, E); note_ended(); cosignatures--
      } }
#ifdef ACK_LOCAL
  :: atomic { cosignatures > 0 && disasters > 0 && E.seq > J.seq ->
      d_step { printf("the journal is shipped\n"); copy(J, E); journal_epoch = fence; note_ended(); cosignatures-- } }
#endif
#ifdef LIVENESS
  :: break
#endif
  od
}

init {
  atomic { run Writer(0); run Writer(1); run World() }
}

#ifdef LIVENESS
ltl finished { [] ((E.intent[LIVENESS] == INTENT_OPEN) -> <> (E.intent[LIVENESS] != INTENT_OPEN)) }
#endif
