package import InterlockAdministration
package import InterlockGovernor
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
package import InterlockTrust
import Synchronization

/// Tests the deployment by itself on its schedule, records the results, and raises an alert if a test failed or is
/// overdue (docs/specs/evidence.md, section 5).
///
/// INVARIANT: no configuration switches the self-test off, and one without a result on record is overdue. Kept by
/// `SelfTestServiceTests`.
package final class SelfTestService: Sendable {
    package struct Sources: Sendable {
        /// Makes the acts of one self-test, and leaves nothing of them in force. The failure says why none was made.
        package let observe:
            @Sendable () async -> Result<[SelfTestCase: SelfTestObservation], StoreFailure>
        package let facts: @Sendable () async -> DeploymentFacts

        package init(
            observe:
                @escaping @Sendable () async -> Result<
                    [SelfTestCase: SelfTestObservation], StoreFailure
                >,
            facts: @escaping @Sendable () async -> DeploymentFacts
        ) {
            self.observe = observe
            self.facts = facts
        }
    }

    /// The last self-test on record.
    package struct Outcome: Sendable, Hashable {
        package let time: Timestamp
        package let passed: Bool
        package let leaf: Digest
        /// The report that the record commits to; nil if it cannot be opened.
        package let report: [UInt8]?

        package init(time: Timestamp, passed: Bool, leaf: Digest, report: [UInt8]? = nil) {
            self.time = time
            self.passed = passed
            self.leaf = leaf
            self.report = report
        }
    }

    private struct State {
        var isRunning = false
        /// The start of the newest self-test that this process started itself.
        var begun: BootTime?
        var last: Outcome?
        var report: SelfTestReport?
        /// The time of the last alert about an overdue self-test.
        var raised: Timestamp?
    }

    /// The time after a start at which the first self-test of a process begins at the earliest.
    package static let settling = Duration.seconds(600)
    /// The time after a start from which a deployment without any result is overdue.
    static let patience = Duration.seconds(3600)
    /// The pause after a self-test before this process starts another by itself.
    private static let pause = Duration.seconds(3600)
    private static let day = Duration.seconds(86_400)

    private let gateway: Gateway
    private let sources: Sources
    private let every: Duration
    private let started: ClockReading
    private let state: Mutex<State>

    /// - Parameters:
    ///   - every: the interval; held to `SelfTestInterval.bounds`.
    ///   - last: the last self-test on record; nil if none is known.
    package init(gateway: Gateway, every: Duration, last: Outcome?, sources: Sources) {
        self.gateway = gateway
        self.sources = sources
        let bounds = SelfTestInterval.bounds
        self.every = .seconds(
            min(max(Int(every.components.seconds), bounds.lowerBound), bounds.upperBound))
        started = gateway.clock.now
        state = Mutex(State(last: last))
    }

    /// Makes one self-test now. Its record is durable on return.
    ///
    /// - Throws: if another is under way, no act could be made, or the result cannot be recorded. An alert is raised.
    package func run(by: Pseudonym?) async throws(StoreFailure) -> SelfTestReport {
        let mayBegin = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mayBegin else { throw StoreFailure(reason: "a self-test is under way") }
        defer { state.withLock { $0.isRunning = false } }
        do throws(StoreFailure) {
            let report = try await made()
            try await keep(report, by)
            if !report.passed {
                gateway.raise(alarm: "selftest.failed", subject: report.id.text)
            }
            return report
        } catch {
            gateway.raise(alarm: "selftest.failed", subject: "selftest")
            throw error
        }
    }

    private func made() async throws(StoreFailure) -> SelfTestReport {
        let begin = gateway.clock.wall
        let id = OrderID(
            milliseconds: begin.milliseconds, random: gateway.ports.entropy.bytes(10))
        let observed = try await sources.observe().get()
        let acts = SelfTestCase.allCases.map { $0.result(of: observed[$0]) }
        let facts = await sources.facts()
        return SelfTestReport(
            id: id, started: begin, ended: gateway.clock.wall, policy: facts.policy.digest,
            acts: acts, checks: DeploymentCheck.results(of: facts, after: acts))
    }

    /// Records the result, and lets it count.
    private func keep(_ report: SelfTestReport, _ by: Pseudonym?) async throws(StoreFailure) {
        var fields: JSONObject = [
            "req": .string(report.id.text), "passed": .bool(report.passed),
            "pol": .string(report.policy.base64),
            "cnt": .integer(Int64(report.results.count(where: \.passed))),
            "codes": .array(report.failures.map { .string($0.id) }),
        ]
        fields["by"] = by.map { .string($0.text) }
        let content = report.json.serialized()
        let draft = gateway.records.record(
            .selfTestResult, run: nil, fields: fields, sealing: [("proof", content)])
        let leaf: Digest
        do throws(LedgerRefusal) {
            leaf = try await gateway.ledger.append(draft).leafHash
        } catch { throw StoreFailure(reason: "the result is not recorded: \(error.code)") }
        let last = Outcome(
            time: report.ended, passed: report.passed, leaf: leaf, report: content)
        state.withLock { state in
            state.last = last
            state.report = report
        }
    }

    /// Raises the alert that is due, and starts a self-test that is due. Called every second.
    package func sweep() {
        let now = gateway.clock.now
        raiseOverdue(now)
        guard now.boot >= started.boot + Self.settling else { return }
        let mayBegin = state.withLock { state in
            guard !state.isRunning else { return false }
            if let last = state.last, last.passed, now.wall >= last.time,
                now.wall < last.time + every
            {
                return false
            }
            if let begun = state.begun, now.boot < begun + Self.pause { return false }
            state.begun = now.boot
            return true
        }
        guard mayBegin else { return }
        Task {
            do throws(StoreFailure) { _ = try await run(by: nil) } catch {
                gateway.ports.log(
                    LogLine(
                        "the self-test did not run: \(error.reason)", .warning, part: "selftest"))
            }
        }
    }

    private func raiseOverdue(_ now: ClockReading) {
        guard isOverdue(at: now) else { return }
        let isTime = state.withLock { state in
            if let raised = state.raised, now.wall >= raised, now.wall < raised + Self.day {
                return false
            }
            state.raised = now.wall
            return true
        }
        if isTime { gateway.raise(alarm: "selftest.overdue", subject: "selftest") }
    }

    private func isOverdue(at now: ClockReading) -> Bool {
        guard now.boot >= started.boot + Self.patience else { return false }
        return selfTestStatus().map { now.wall >= $0.due } ?? true
    }

    /// The last self-test on record, of this process or an earlier one.
    package var last: Outcome? { state.withLock { $0.last } }

    /// The report of the last self-test of this process.
    package var report: SelfTestReport? { state.withLock { $0.report } }

    /// True while a self-test is under way.
    package var isRunning: Bool { state.withLock { $0.isRunning } }
}

extension SelfTestService: SelfTestStatusReader {
    /// A self-test is overdue a quarter of the interval after the next one was to begin.
    package func selfTestStatus() -> SelfTestStatus? {
        state.withLock { $0.last }.map { last in
            SelfTestStatus(
                time: last.time, passed: last.passed, leaf: last.leaf,
                due: last.time + every + .seconds(every.components.seconds / 4))
        }
    }
}

extension SelfTestService: SelfTestActions {
    package func status() -> JSONValue {
        let now = gateway.clock.now
        let known = selfTestStatus()
        let word: String =
            known.map { known in
                // Only the alert waits after a start: an old result says nothing of now.
                now.wall >= known.due ? "overdue" : known.passed ? "passed" : "failed"
            } ?? "unknown"
        func time(_ time: Timestamp?) -> JSONValue {
            time.map { .string($0.rfc3339(fractionDigits: 0)) } ?? .null
        }
        return [
            "standing": .string(word), "running": .bool(isRunning),
            "every_s": .integer(every.components.seconds), "last": time(known?.time),
            "due": time(known?.due),
            "leaf": known.map { .string($0.leaf.base64) } ?? .null,
            "report": report?.json ?? .null,
        ]
    }

    package func runSelfTest(by: Pseudonym) async throws(Problem) -> JSONValue {
        do throws(StoreFailure) { return try await run(by: by).json } catch {
            throw Problem(.notRead, "the self-test did not run: \(error.reason)")
        }
    }
}
