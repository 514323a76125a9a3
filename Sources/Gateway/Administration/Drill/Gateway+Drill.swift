package import InterlockGovernor
import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockPolicy
package import InterlockPorts

extension Gateway {
    /// Records a key of a person of a drill.
    package func list(drill key: VerifierKey) {
        ledger.note(
            RecordDraft(
                .keyListed, run: nil,
                fields: ["use": "drill", "vkey": .string(key.description)]))
    }

    /// Puts the policy of a drill in force for its canaries. Durable before: its record, by which each decision about a
    /// canary can be made again. The policy must be in the archive.
    package func beginDrill(
        under policy: PolicySnapshot, zones: String
    ) async throws(LedgerRefusal) {
        let load: JSONValue = [
            "bundle": policy.basis.bundle.map { .string($0.prefixed) } ?? .null,
            "tzdata": .string(zones),
        ]
        _ = try await ledger.append(
            records.record(
                .policyLoaded, run: nil,
                fields: ["pol": .string(policy.digestText), "why": "drill"],
                sealing: [("load", load.serialized())]))
        self.policy.setDrill(policy)
    }

    /// Ends the canaries' runs, so that none of their tokens is valid any more, and their policy.
    package func endDrill() {
        let canaries = runs.open { _, agent in agent.isCanary }.map(\.run)
        ports.authenticator.revoke(runs: canaries, now: clock.wall)
        workloads.forget(Set(canaries))
        policy.setDrill(nil)
    }
}
