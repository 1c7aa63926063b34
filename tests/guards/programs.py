# SPDX-License-Identifier: Apache-2.0
"""The test programs that look for a removed guard, with the programs each of them starts.

Left out: kill_test, power_test, lab_test and its mutants (seeded campaigns of minutes: whatever
only they find deserves a small test), service_trace_test, bench_smoke, issuance_model, demo_test.
Single tests above SLOWEST seconds are left out likewise.
"""

SERVICE = ("server/birthseald", "clients/birthseal/birthseal")
PROGRAMS = {
    "certs_test": (),
    "ofd_test": (),
    "signer_test": ("signer/devpki/birthseal-devpki",),
    "verifier_test": (),
    "store_test": (),
    "store_rocksdb_test": (),
    "ledger_test": (),
    "trace_test": (),
    "use_cases_test": (),
    "identity_test": (),
    "rpc_test": (),
    "connect_test": ("clients/connect/birthseal-connect",),
    "clients_test": ("clients/birthseal/birthseal",),
    "scenarios_test": (),
    "operator_test": (),
    "hospital_feed_test": (),
    "command_line_test": SERVICE + ("clients/connect/birthseal-connect",
                                    "signer/devpki/birthseal-devpki"),
    "witnessing_test": SERVICE,
    "restore_test": SERVICE,
    "shipped_test": SERVICE + ("clients/connect/birthseal-connect",),
    "race_test": SERVICE,
    "crash_test": (),
    "interop_test": (),
    "fuzz_smoke_test": (),
}
LEFT_OUT = ("BouncyCastle*",)  # Java starts for each
SLOWEST = 30.0  # seconds of a single test
