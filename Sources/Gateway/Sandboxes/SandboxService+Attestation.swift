import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// The attestation of runs that an earlier process of the gateway began (docs/specs/sandbox.md, section 7).
///
/// INVARIANT: such a run attests only by its own `run.start` as this node's log has it, which names the token of its
/// supervisor, and only while it is under way. Kept by `SandboxRestartTests`.
extension SandboxService {
    /// Does so without waiting for the log.
    package func beginAttesting() { Task { await attestRestored() } }

    /// Lets the calls of restored runs count as sandboxed again. Reads the log, so calls wait for people until it is done;
    /// a run whose start cannot be read stays without attestation.
    package func attestRestored() async {
        guard let starts else { return }
        let restored = table.withLock { table in
            table.entries.values.filter { $0.isRestored }.map(\.run)
        }
        guard !restored.isEmpty,
            let found = try? await starts.starts(of: Set(restored.map(\.run)))
        else { return }
        for run in restored {
            guard let start = found[run.run], let statement = Statement(start, of: run) else {
                continue
            }
            gateway.attested.add(
                run.run, token: statement.token, isolation: statement.isolation,
                hasLandlock: statement.hasLandlock)
            if statement.isolation == .full {
                gateway.attested.note(
                    run.agent, at: statement.time, hasLandlock: statement.hasLandlock)
            }
            // An end since the look at the table has removed what was not there yet.
            let isUnderWay = table.withLock { table in
                table[run.run].map { $0.end == nil } ?? false
            }
            if !isUnderWay { gateway.attested.remove(run.run) }
        }
    }

    /// The statement of a `run.start` about the sandbox of its run.
    private struct Statement {
        let token: String
        let isolation: SandboxIsolation
        let hasLandlock: Bool
        /// The time of the record.
        let time: Timestamp

        /// - Returns: nil if the record is of another run or agent, or of a run without a sandbox.
        init?(_ leaf: JSONValue, of run: RunContext) {
            guard leaf["run"]?.string == run.run.text, leaf["agent"]?.string == run.agent.text,
                let token = leaf["jti"]?.string, !token.isEmpty,
                let isolation = leaf["iso"]?.string.flatMap(SandboxIsolation.init),
                let abi = leaf["abi"]?.integer, let time = leaf["ts"]?.integer
            else { return nil }
            self.token = token
            self.isolation = isolation
            hasLandlock = abi > 0
            self.time = Timestamp(microseconds: time)
        }
    }
}
