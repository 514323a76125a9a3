package import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
package import InterlockPorts
import Synchronization

/// Rehearses the kill switch on its schedule, stores the reports, and raises an alert if a rehearsal is overdue.
package final class DrillService: Sendable {
    /// The settings for drills that `serve` starts itself.
    package struct Schedule: Sendable {
        package let isAuto: Bool
        package let at: DrillTime
        package let rules: ZoneRules
        package init(isAuto: Bool, at: DrillTime, rules: ZoneRules) {
            self.isAuto = isAuto
            self.at = at
            self.rules = rules
        }
    }

    private struct State {
        var isRunning = false
        /// The start of the newest drill that this process started itself, so that a failing drill is not repeated
        /// without a pause.
        var begun: BootTime?
        /// The time of the last alert of each code.
        var told: [String: Timestamp] = [:]
        var cached: (at: BootTime, reports: [DrillStatus.Last]?)?
    }

    let gateway: Gateway
    private let stage: any DrillEnvironmentFactory
    let store: any DrillStore
    let people: AuthorizedKeysHolder
    let verifier: any SignatureVerifier
    let passkeys: OrderPasskeys<OrderRefusal>
    let hashing: any Hashing
    private let schedule: Schedule
    private let state = Mutex(State())
    /// Lets one signature in at a time.
    let signing = AsyncGate()

    /// The pause after a failed drill before another is started automatically.
    private static let again = Duration.seconds(3600)
    private static let day = Duration.seconds(86_400)
    private static let shortestAgain = Duration.seconds(2)

    package init(
        gateway: Gateway, stage: any DrillEnvironmentFactory, store: any DrillStore,
        people: AuthorizedKeysHolder,
        verifier: any SignatureVerifier, passkeys: PeoplePasskeys? = nil, hashing: any Hashing,
        schedule: Schedule
    ) {
        self.gateway = gateway
        self.stage = stage
        self.store = store
        self.people = people
        self.verifier = verifier
        self.passkeys = OrderPasskeys(gateway: gateway, people: passkeys)
        self.hashing = hashing
        self.schedule = schedule
    }

    package var status: DrillStatus {
        let policy = gateway.policy.snapshot
        let now = gateway.clock.now
        let cached = state.withLock { $0.cached }
        let reports: [DrillStatus.Last]?
        if let cached, now.boot - cached.at < .seconds(10) {
            reports = cached.reports
        } else {
            reports = (try? store.reports()).map { signed in
                signed.map {
                    DrillStatus.Last(
                        ended: $0.report.ended, passed: $0.report.passed,
                        isSignedOff: isSignedOff($0))
                }
            }
            state.withLock { $0.cached = (now.boot, reports) }
        }
        let status = DrillStatus(
            every: policy.drillEvery, declared: policy.lastDrill, reports: reports, now: now.wall)
        gateway.counters.drillLastPassSeconds.store(
            Int(status.lastPass?.seconds ?? 0), ordering: .relaxed)
        return status
    }

    package func reports() throws(StoreFailure) -> [SignedDrill] {
        try store.reports().sorted { $0.report.ended > $1.report.ended }
    }

    package var isAuto: Bool { schedule.isAuto }
    package var at: DrillTime { schedule.at }

    /// Runs one drill now.
    ///
    /// - Parameter by: `auto`, `operator`, or the pseudonym of a person.
    package func drill(
        _ variant: DrillVariant, by: String
    ) async throws(StoreFailure) -> SignedDrill {
        guard begin() else { throw StoreFailure(reason: "a drill is under way") }
        return try await run(variant, by: by)
    }

    /// Starts one drill, whose report is stored when it ends.
    ///
    /// - Returns: false if a drill is under way.
    package func start(_ variant: DrillVariant, by: String) -> Bool {
        guard begin() else { return false }
        Task {
            do throws(StoreFailure) { _ = try await run(variant, by: by) } catch { raise(error) }
        }
        return true
    }

    /// Runs `work` while no drill runs, because both put the policy of canaries in force.
    ///
    /// - Returns: nil if a drill is under way; `work` is not run then.
    package func apart<Value: Sendable>(
        _ work: @Sendable () async -> Value
    ) async -> Value? {
        guard begin() else { return nil }
        defer { state.withLock { $0.isRunning = false } }
        return await work()
    }

    /// The caller must have begun it.
    private func run(
        _ variant: DrillVariant, by: String
    ) async throws(StoreFailure) -> SignedDrill {
        defer { state.withLock { $0.isRunning = false } }
        let signed = try await stage.drill(variant, by: by)
        try store.keep(signed)
        state.withLock { $0.cached = nil }
        note(signed, by: nil)
        if !signed.report.passed {
            gateway.raise(alarm: "drill.failed", subject: signed.report.id.text)
        }
        return signed
    }

    /// Raises the alert that is due, and starts a drill that is due. Called every second.
    package func sweep() {
        releaseLeft()
        let status = status
        tell(status)
        guard schedule.isAuto, let begins = status.begins else { return }
        let now = gateway.clock.now
        guard now.wall >= begins, schedule.at.allows(now.wall, in: schedule.rules) else { return }
        let pause = status.word == .failed ? Self.again : Self.shortestAgain
        let mayBegin = state.withLock { state in
            guard !state.isRunning else { return false }
            if let begun = state.begun, now.boot - begun < pause { return false }
            state.begun = now.boot
            return true
        }
        guard mayBegin else { return }
        Task {
            do throws(StoreFailure) { _ = try await drill(.standard, by: "auto") } catch {
                raise(error)
            }
        }
    }

    private func raise(_ failure: StoreFailure) {
        gateway.raise(alarm: "drill.failed", subject: "drill")
        gateway.ports.log(
            LogLine("the drill did not run: \(failure.reason)", .warning, part: "drill"))
    }

    /// Returns false if a drill or a release is under way; otherwise the caller ends what it begins.
    private func begin() -> Bool {
        state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
    }

    /// Starts to release what a drill left halted, because no person can.
    private func releaseLeft() {
        guard gateway.halts.halts.halt(of: .drill) != nil, begin() else { return }
        Task {
            defer { state.withLock { $0.isRunning = false } }
            do throws(StoreFailure) { try await stage.releaseLeft() } catch {
                gateway.ports.log(
                    LogLine(
                        "the halt of a drill is not released: \(error.reason)", .warning,
                        part: "drill"))
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }

    private func tell(_ status: DrillStatus) {
        let now = gateway.clock.wall
        let code: String
        switch status.word {
        case .none, .fine: return
        case .declared:
            // It is shown as not proven, but no alert is raised before its time.
            guard let begins = status.begins, now >= begins else { return }
            code = "drill.due"
        case .dueSoon: code = "drill.due"
        case .overdue, .failed: code = "drill.overdue"
        }
        // A drill that starts by itself needs no attention until one was started.
        if schedule.isAuto, state.withLock({ $0.isRunning || $0.begun == nil }) { return }
        let isTime = state.withLock { state in
            if let told = state.told[code], now < told + Self.day, now >= told { return false }
            state.told[code] = now
            return true
        }
        guard isTime else { return }
        gateway.raise(alarm: code, subject: status.word.rawValue)
        if code == "drill.overdue" {
            gateway.ledger.note(
                RecordDraft(
                    .killDrillOverdue, run: nil,
                    fields: ["due": .integer((status.due ?? now).microseconds)]))
        }
    }

    /// Stores a report with one more signature, durable on return.
    func keep(_ signed: SignedDrill, by signer: Pseudonym) throws(OrderRefusal) {
        do { try store.keep(signed) } catch { throw .notRecorded("state/drill") }
        state.withLock { $0.cached = nil }
        note(signed, by: signer)
    }

    private func note(_ signed: SignedDrill, by signer: Pseudonym?) {
        var fields: JSONObject = [
            "req": .string(signed.report.id.text),
            "variant": .string(signed.report.variant.rawValue),
            "digest": .string(hashing.sha256(signed.envelope.payload).base64),
            "passed": .bool(signed.report.passed),
        ]
        fields["by"] = signer.map { .string($0.text) }
        gateway.ledger.note(RecordDraft(.killDrill, run: nil, fields: fields))
    }
}

/// A drill's report with its sign-off.
package struct ListedDrill: Sendable {
    package let report: DrillReport
    /// True if a person with the role `security` or an owner of the policy has signed it.
    package let isSignedOff: Bool
    /// The people who have signed it, in the order of their signatures.
    package let signers: [Person]
    /// The person who started the drill, or nil if it was no person, or one who is not enrolled any more.
    package let starter: Person?

    package init(
        report: DrillReport, isSignedOff: Bool, signers: [Person], starter: Person? = nil
    ) {
        self.report = report
        self.isSignedOff = isSignedOff
        self.signers = signers
        self.starter = starter
    }
}

extension DrillService {
    /// Returns the drills, newest first. Reads the disk.
    package func listed() throws(StoreFailure) -> [ListedDrill] {
        try reports().map(listed)
    }

    package func listed(_ signed: SignedDrill) -> ListedDrill {
        ListedDrill(
            report: signed.report, isSignedOff: isSignedOff(signed),
            signers: orders.map { signed.people($0).map(\.person) } ?? [],
            starter: orders?.trust.person(Pseudonym(text: signed.report.runBy))?.person)
    }
}

/// Reads what the log has about the canaries since their drill began.
package protocol DrillLogReader: Sendable {
    func records() async throws(StoreFailure) -> DrillRecords
}

/// Creates the environment of a drill and runs the drill. The caller must not run two at once.
package protocol DrillEnvironmentFactory: Sendable {
    /// Returns the report, signed by the node.
    func drill(_ variant: DrillVariant, by: String) async throws(StoreFailure) -> SignedDrill

    /// Releases the halts that a drill left when its process died.
    func releaseLeft() async throws(StoreFailure)
}
