import InterlockLedger
import InterlockModel
import InterlockPorts

/// The sandboxed runs that have not ended. A run is under way until a halt stops it or its end is stated; it leaves the
/// table once its end is recorded.
struct SandboxTable {
    struct Entry {
        let run: RunContext
        /// The last time that its supervisor asked, by the clock since boot.
        var heard: BootTime
        /// The first halt that stops it, and when it did.
        var halt: (order: OrderID, since: BootTime)?
        /// The halts that wait for its end.
        var endings: [EndingSandboxes] = []
        /// True if an earlier process of the gateway began it.
        var isRestored = false
        /// True once its supervisor, or the kernel in its place, has reported what a halt left.
        var isReported = false
        /// True once the kernel has ended its supervisor and everything inside.
        var isGone = false
        /// The end that could not be recorded yet.
        var end: SandboxEnd?
        /// Nil if it began before this process.
        var setup: SandboxStatus.Setup?
        var figures = SandboxFigures()
        /// Answers the supervisors that wait, each once.
        var waiters: [@Sendable () -> Void] = []
    }

    /// The most runs at a time.
    static let most = 1000
    /// The time without a question after which a supervisor counts as gone.
    static let lease = Duration.seconds(15)

    private(set) var entries: [RunID: Entry] = [:]

    /// - Returns: false if there are too many.
    mutating func add(
        _ run: RunContext, at now: BootTime, _ setup: SandboxStatus.Setup? = nil,
        isRestored: Bool = false
    ) -> Bool {
        guard entries.count < Self.most else { return false }
        entries[run.run] = Entry(run: run, heard: now, isRestored: isRestored, setup: setup)
        return true
    }

    subscript(run: RunID) -> Entry? { entries[run] }

    mutating func remove(_ run: RunID) -> Entry? { entries.removeValue(forKey: run) }

    mutating func hear(_ run: RunID, at now: BootTime) { entries[run]?.heard = now }

    /// Stops the matching runs.
    ///
    /// - Returns: the runs, and what answers their waiting supervisors.
    mutating func stop(
        for halt: OrderID, at now: BootTime, where isHalted: (RunID, AgentName) -> Bool
    ) -> (ending: EndingSandboxes, waiters: [@Sendable () -> Void]) {
        let runs = entries.values.filter { isHalted($0.run.run, $0.run.agent) }.map(\.run.run)
        let ending = EndingSandboxes(runs)
        var waiters: [@Sendable () -> Void] = []
        for run in runs {
            if entries[run]?.halt == nil { entries[run]?.halt = (halt, now) }
            entries[run]?.endings.append(ending)
            waiters += takeWaiters(of: run)
        }
        return (ending, waiters)
    }

    /// - Returns: false if the supervisor need not wait, because its run is stopped or gone.
    mutating func wait(_ run: RunID, _ waiter: @escaping @Sendable () -> Void) -> Bool {
        guard let entry = entries[run], entry.halt == nil else { return false }
        entries[run]?.waiters.append(waiter)
        return true
    }

    mutating func takeWaiters(of run: RunID) -> [@Sendable () -> Void] {
        let waiters = entries[run]?.waiters ?? []
        entries[run]?.waiters = []
        return waiters
    }

    mutating func takeAllWaiters() -> [@Sendable () -> Void] {
        Array(entries.keys).flatMap { takeWaiters(of: $0) }
    }

    mutating func note(_ message: EgressMessage, _ response: EgressResponse, of run: RunID) {
        entries[run]?.figures.note(message, response)
    }

    mutating func note(written: Int64, of run: RunID) { entries[run]?.figures.written = written }

    mutating func setReported(_ run: RunID) { entries[run]?.isReported = true }

    mutating func setGone(_ run: RunID) { entries[run]?.isGone = true }

    /// Sets the end of a run that is to be recorded.
    mutating func end(_ run: RunID, _ end: SandboxEnd) { entries[run]?.end = end }

    /// Returns the runs whose supervisor counts as gone and whose end is not stated.
    func silent(at now: BootTime) -> [RunID] {
        entries.values.filter { entry in
            guard entry.end == nil, entry.waiters.isEmpty else { return false }
            return entry.isGone || now - entry.heard > Self.lease
        }.map(\.run.run)
    }

    /// Returns the runs whose end is stated and not recorded.
    var unrecorded: [(run: RunID, end: SandboxEnd)] {
        entries.values.compactMap { entry in entry.end.map { (run: entry.run.run, end: $0) } }
    }
}
