import InterlockEgress
import InterlockLedger
package import InterlockModel
package import InterlockPolicy
import Synchronization

/// The state of one sandboxed run that is under way.
package struct SandboxStatus: Sendable, Hashable {
    /// The setup that its supervisor stated at its start.
    package struct Setup: Sendable, Hashable {
        /// Nil if a record states a level that this version does not know.
        package let isolation: SandboxIsolation?
        /// `own` or `bwrap`; nil without namespaces.
        package let backend: String?
        package let layers: [String]
        /// The limits that cannot be kept on this machine.
        package let degraded: [String]

        package init(
            isolation: SandboxIsolation?, backend: String?, layers: [String], degraded: [String]
        ) {
            self.isolation = isolation
            self.backend = backend
            self.layers = layers
            self.degraded = degraded
        }
    }

    package let run: RunID
    package let agent: AgentName
    /// Nil if the run began before this process.
    package let setup: Setup?
    package let figures: SandboxFigures
    /// True if a halt stops it.
    package let isStopping: Bool

    package init(
        run: RunID, agent: AgentName, setup: Setup?, figures: SandboxFigures,
        isStopping: Bool = false
    ) {
        self.run = run
        self.agent = agent
        self.setup = setup
        self.figures = figures
        self.isStopping = isStopping
    }
}

/// The counts of one run since its start, or since this process began.
package struct SandboxFigures: Sendable, Hashable {
    /// Connections that were permitted, and those that were refused.
    package private(set) var permitted = 0
    package private(set) var refused = 0
    private var reasons: [EgressReason: Int] = [:]
    /// Bytes of ended connections.
    package private(set) var sent: Int64 = 0
    package private(set) var received: Int64 = 0
    /// The bytes of the workspace's layer when they were measured last; nil if they were not.
    package var written: Int64?

    package init() {}

    package mutating func count(permitted count: Int) { permitted += count }

    mutating func count(refused reason: EgressReason) {
        refused += 1
        reasons[reason, default: 0] += 1
    }

    /// - Parameter code: the code of a record; one of another version counts without a reason.
    package mutating func count(refusedWith code: String?, _ count: Int) {
        refused += count
        guard let reason = EgressReason.allCases.first(where: { $0.code == code }) else { return }
        reasons[reason, default: 0] += count
    }

    /// The reasons of refusals with their counts, the most frequent first.
    package var refusals: [(reason: String, count: Int)] {
        reasons.map { ($0.key.rawValue, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    package mutating func count(sent: Int64, received: Int64) {
        self.sent = min(self.sent.addingReportingOverflow(sent).partialValue, 1 << 53)
        self.received = min(self.received.addingReportingOverflow(received).partialValue, 1 << 53)
    }
}

extension SandboxFigures {
    mutating func note(_ message: EgressMessage, _ response: EgressResponse) {
        switch (message.content, response) {
        case (.closed(let end), _): count(sent: end.sent, received: end.received)
        case (_, .refused(let reason)): count(refused: reason)
        case (.connect, .done), (.open, .opened): count(permitted: 1)
        case (.decide, _), (.resolved, _), (.refused, _), (.connect, _), (.open, _): break
        }
    }
}

extension SandboxService {
    /// The runs that are under way, newest first.
    package var running: [SandboxStatus] {
        table.withLock { $0.entries.values.map(\.status) }
            .sorted { $0.run.text > $1.run.text }
    }

    package func status(of run: RunID) -> SandboxStatus? { table.withLock { $0[run]?.status } }
}

extension SandboxTable.Entry {
    fileprivate var status: SandboxStatus {
        SandboxStatus(
            run: run.run, agent: run.agent, setup: setup, figures: figures,
            isStopping: halt != nil)
    }
}
