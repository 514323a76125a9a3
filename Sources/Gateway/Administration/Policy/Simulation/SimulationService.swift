package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPolicy
package import InterlockPolicyReview
import InterlockPorts
import Synchronization

/// Decides the calls of the last 30 days again under the waiting revision, once for each revision and each 10,000
/// records (decision 0067). One calculation runs at a time, on a thread of its own; another revision cancels it.
package final class SimulationService: Sendable {
    private struct Run {
        let number: UInt64
        let active: Digest
        let candidate: Digest
        let step: UInt64
        var state = State.calculating
        /// The readers whose access to this result is recorded.
        var readers: Set<EvidenceReader.Name> = []
    }

    private enum State {
        case calculating
        case done(SimulatedPeriod)
        case failed(EvidenceRefusal)
    }

    private let gateway: Gateway
    private let policies: PolicyService
    private let log: any SimulationLog
    private let looks: LogAccessLimiter
    private let logReader: AccessRecorder
    private let run = Mutex<Run?>(nil)

    /// The time before now whose calls count.
    package static let period = Duration.seconds(30 * 86_400)
    /// The number of records by which a log must grow, and the age that a result must have, before calls are decided
    /// anew.
    static let step: UInt64 = 10_000
    static let fresh = Duration.seconds(600)
    /// The looks at a result, 20 ms apart, before a request returns `calculating`.
    private static let attempts = 15

    package init(
        gateway: Gateway, policies: PolicyService, log: any SimulationLog, looks: LogAccessLimiter
    ) {
        self.gateway = gateway
        self.policies = policies
        self.log = log
        self.looks = looks
        logReader = AccessRecorder(ExportRecorder(gateway))
    }

    /// Returns the run for the waiting revision, which is started if there is none, or if the reader tries a failed one
    /// again.
    private func current(
        _ waiting: (candidate: PolicyRevision, active: PolicyRevision), again: UInt64?,
        by reader: EvidenceReader
    ) throws(EvidenceRefusal) -> UInt64 {
        let (old, new) = (waiting.active.snapshot.digest, waiting.candidate.snapshot.digest)
        let (step, now) = (gateway.ledger.status.size / Self.step, gateway.clock.wall)
        let known = run.withLock { run -> UInt64? in
            guard let run, run.active == old, run.candidate == new else { return nil }
            switch run.state {
            case .calculating: return run.number
            case .done(let result):
                let isFresh = now - result.until < Self.fresh
                return isFresh || run.step == step ? run.number : nil
            case .failed: return run.number == again ? nil : run.number
            }
        }
        if let known { return known }
        let access = try looks.begin(.file, by: reader)
        let number = run.withLock { run in
            let next = (run?.number ?? 0) + 1
            run = Run(number: next, active: old, candidate: new, step: step)
            return next
        }
        let policy = waiting.candidate.snapshot
        Task {
            let state: State
            do throws(EvidenceRefusal) {
                state = .done(
                    try await log.simulate(policy, from: now - Self.period, to: now) {
                        self.run.withLock { $0?.number } == number
                    })
            } catch { state = .failed(error) }
            access.end()
            run.withLock { if $0?.number == number { $0?.state = state } }
        }
        return number
    }
}

extension SimulationService: SimulationQueries {
    package func simulation(
        again: UInt64?, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> SimulationStatus {
        let visibility = reader.visibility
        guard let waiting = policies.waiting, waiting.active.snapshot.isRead(by: visibility),
            visibility.readsSome
        else { throw .noSuchRecord }
        let number = try current(waiting, again: again, by: reader)
        for _ in 0..<Self.attempts {
            let found = run.withLock { $0 }
            guard let found, found.number == number else { return .calculating }
            switch found.state {
            case .failed(let refusal): return .failed(refusal, number)
            case .done(let whole):
                let part = whole.part { $0.map(visibility.reads) ?? visibility.readsAll }
                if !found.readers.contains(reader.name) {
                    try await logReader.record(
                        .replay, count: part.simulation.decided,
                        [
                            "policy": .string(found.candidate.prefixed),
                            "since": .string(whole.since.rfc3339(fractionDigits: 3)),
                            "until": .string(whole.until.rfc3339(fractionDigits: 3)),
                        ], by: reader)
                    run.withLock { run in
                        if run?.number == number { _ = run?.readers.insert(reader.name) }
                    }
                }
                return .done(
                    SimulationView(
                        part, isWhole: visibility.readsAll, over: waiting.active.snapshot))
            case .calculating: try? await Task.sleep(for: .milliseconds(20))
            }
        }
        return .calculating
    }
}

/// The decisions of the waiting revision about the calls that came.
package enum SimulationStatus: Sendable {
    case calculating
    case done(SimulationView)
    /// The reason, and the number by which the reader tries again.
    case failed(EvidenceRefusal, UInt64)
}

/// Read access to the simulation for pages, with visibility applied. The access is recorded before a result is returned,
/// once for each reader and result.
package protocol SimulationQueries: Sendable {
    /// Returns within about 300 ms.
    ///
    /// - Parameter again: the number of a failed calculation that is started anew.
    /// - Throws: `noSuchRecord` if no revision waits that this reader may read, or none of its calls is visible.
    func simulation(
        again: UInt64?, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> SimulationStatus
}

/// The recorded calls, decided again.
package protocol SimulationLog: Sendable {
    /// Returns after at most about 30 s. Must not delay calls.
    ///
    /// - Parameter isWanted: is called repeatedly; once it returns false, the result does not matter.
    func simulate(
        _ policy: PolicySnapshot, from since: Timestamp, to until: Timestamp,
        while isWanted: @escaping @Sendable () -> Bool
    ) async throws(EvidenceRefusal) -> SimulatedPeriod
}
