package import InterlockJSON
package import InterlockLedger
import InterlockLimits
import InterlockModel
package import InterlockPolicy
package import InterlockPorts
import Synchronization

/// The first and the last record of runs that another part holds open: those whose command a supervisor starts
/// (docs/specs/sandbox.md, section 12), and the sessions of hosts (docs/specs/coding-agents.md, section 9).
extension Gateway {
    /// Begins a run by its first record, which is durable on return: nothing of the run is permitted before it.
    ///
    /// - Parameters:
    ///   - fields: the fields of `run.start` besides those that every run has.
    ///   - setup: the payload `setup` of the record; nil for none.
    /// - Returns: the receipt, whose leaf hash is the attestation id of the run.
    package func beginHeld(
        _ run: RunContext, under policy: PolicySnapshot, fields: JSONObject, setup: [UInt8]? = nil
    ) async throws(LedgerRefusal) -> Receipt {
        await runs.prepare(run.run)
        var all = runs.firstFields(under: policy.digest)
        for (name, value) in fields.members { all[name] = value }
        let draft = records.record(
            .runStart, run: run, fields: all, sealing: setup.map { [("setup", $0)] } ?? [])
        runs.hold(run, at: clock.wall)
        do throws(LedgerRefusal) { return try await ledger.append(draft) } catch {
            runs.discard(run.run, at: clock.wall)
            throw error
        }
    }

    /// Takes up a run that an earlier process began.
    package func resumeHeld(_ run: RunContext) { runs.hold(run, at: clock.wall) }

    /// Ends a run by its last record, durable on return. Succeeds if the run has ended already.
    ///
    /// - Throws: also if a call of the run is open; it may be tried again.
    package func endHeld(
        _ run: RunContext, fields: JSONObject
    ) async throws(LedgerRefusal) {
        sessions.endAll(of: run)
        await hostCalls.end(of: run.run)
        if !ledger.hasEnded(run: run.run) {
            _ = try await ledger.append(RecordDraft(.runEnd, run: run, fields: fields))
        }
        hostCalls.forget(run.run)
        deferredCalls.forget(run.run)
        breakers.withRuns { $0.forget(run.run) }
        runs.discard(run.run, at: clock.wall)
        workloads.forget([run.run])
        ports.evals.forget(run.run)
    }
}

extension RunRegistry {
    /// Holds a run open that has no token of its own: it ends by `endHeld`.
    func hold(_ run: RunContext, at now: Timestamp) {
        remember(run)
        _ = terms.withLock {
            $0.extend(run.run, of: run.agent, to: now + TokenLife.bounds.upperBound)
        }
    }

    func discard(_ run: RunID, at now: Timestamp) {
        forget(run)
        terms.withLock { $0.settle(run, ended: true, at: now) }
    }
}
