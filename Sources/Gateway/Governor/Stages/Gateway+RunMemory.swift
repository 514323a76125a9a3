import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
import InterlockSafety

/// The memory of runs that move between the nodes of a cluster (docs/specs/cluster.md, section 4).
extension Gateway: RunMemory {
    /// Takes the level of the run, forgets what is known of its values, and makes the first record of its chain here. If the
    /// process dies before the record, the run is attached anew by the next claim.
    package func attach(_ attachment: RunAttachment) async -> Bool {
        let run =
            runs.known(attachment.run)
            ?? RunContext(run: attachment.run, agent: attachment.agent, subject: nil)
        var level = attachment.level
        if attachment.hasLostMemory {
            // Values of earlier results are unknown: an index that begins now is incomplete, and one of before is.
            runs.labelled.update(run.run) { $0.lose() }
            if !runs.tainted.noteValues(in: run.run) { level = max(level, .untrusted) }
        }
        await runs.prepare(run.run)
        runs.attach(run, home: attachment.home, policy: policy.snapshot(for: run.agent).digest)
        guard level > runs.tainted.settledLevel(of: run.run) else { return true }
        do throws(LedgerRefusal) {
            try await taint(run, by: .moved, level)
            return true
        } catch { return false }
    }

    /// Ends the run's sessions (404) and cancels its calls, whose outcome their callers do not learn here any more. Its
    /// level stays.
    package func lose(_ run: RunID) {
        if let context = runs.known(run) { sessions.endAll(of: context) }
        inFlight.cancel(.shutdown) { $0.principal.run == run }
    }
}
