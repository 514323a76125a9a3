import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPorts
import Synchronization

// INVARIANT: nothing follows `run.end`, and a run has none while a token, a call or a request for approval of it is
// open. Kept by `RunEndTests`, `HeadsTests`, `test_runs.py`.
extension RunRegistry {
    /// The number of runs that have not ended, including those with a token and no record yet.
    package var openCount: Int { terms.withLock { $0.count } }

    /// Returns the open runs that match, unordered.
    package func open(where isMeant: (RunID, AgentName) -> Bool) -> [(run: RunID, agent: AgentName)]
    {
        terms.withLock { $0.all(where: isMeant) }
    }

    /// Returns the runs of the agent that a token may still begin or continue, with the latest time of its end, the
    /// latest first. A token of before this log, or of another issuer, may end earlier.
    package func tokenEnds(
        of agent: AgentName, after now: Timestamp
    ) -> [(run: RunID, until: Timestamp)] {
        terms.withLock { $0.tokenEnds(of: agent, after: now) }
    }

    /// Holds the run open for a token that is about to be issued.
    /// - Returns: false if the run has ended, or is ending.
    package func extend(_ run: RunID, of agent: AgentName, to end: Timestamp) -> Bool {
        guard terms.withLock({ $0.extend(run, of: agent, to: end) }) else { return false }
        // Checked afterwards: a run that had ended was not held open, and gets no record to end with.
        return !ledger.hasEnded(run: run)
    }
}

extension Gateway {
    /// The most runs that one round checks, so that a round is short.
    private static let runsPerRound = 16

    /// Ends the runs in which no token can act any more: nothing of them waits, and `run.end` is the last record of
    /// their chains. If the process dies here, the next one ends the runs that are still open.
    func endRuns() async {
        let now = clock.wall
        let revoked = ports.authenticator.revokedRuns
        let over = runs.terms.withLock { terms in
            for run in revoked { terms.revoke(run, at: now) }
            return terms.take(at: now, limit: Self.runsPerRound)
        }
        var gone: Set<RunID> = []
        for candidate in over {
            let ended = await end(candidate)
            if ended {
                runs.tainted.close(
                    candidate.run, of: .client(candidate.run.random), at: now)
                runs.forget(candidate.run)
                breakers.withRuns { $0.forget(candidate.run) }
                ports.evals.forget(candidate.run)
                gone.insert(candidate.run)
            }
            runs.terms.withLock { $0.settle(candidate.run, ended: ended, at: now) }
        }
        // Searches all bindings, which calls wait for: once for all runs of the round.
        if !gone.isEmpty { workloads.forget(gone) }
    }

    /// - Returns: whether the run no longer needs an entry in memory.
    private func end(_ candidate: RunExpiryTable.Candidate) async -> Bool {
        // The run's tokens were never used, or it has ended already.
        guard ledger.knows(run: candidate.run), !ledger.hasEnded(run: candidate.run) else {
            return true
        }
        // A pending approval request records its own end in the run's chain.
        guard !approvals.isAwaited(candidate.run) else { return false }
        let run =
            runs.known(candidate.run)
            ?? RunContext(run: candidate.run, agent: candidate.agent, subject: nil)
        sessions.endAll(of: run)
        do throws(LedgerRefusal) {
            _ = try await ledger.append(
                RecordDraft(.runEnd, run: run, fields: ["code": .string(candidate.cause.rawValue)]))
            return true
        } catch {
            // The ledger refuses while calls are open, and a full disk may have space later.
            return false
        }
    }
}
