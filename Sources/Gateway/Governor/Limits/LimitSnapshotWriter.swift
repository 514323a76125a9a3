import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// Writes snapshots of limits and breakers into the log, periodically and at a clean stop. The content is computed from
/// the log, record by record, not from memory: it is exact at one index, whatever calls are in progress.
package actor LimitSnapshotWriter {
    package static let interval = Duration.seconds(300)
    /// A start reads at most about so many records after the newest snapshot.
    package static let mostUnread: UInt64 = 250_000

    private let logReader: any LimitLogReader
    private let ledger: any Ledger
    private let policy: @Sendable () -> PolicySnapshot
    private let alarm: @Sendable (String) -> Void
    private var status: LoggedLimitState
    /// The index of the first record that no snapshot covers.
    private var kept: UInt64
    private var last: BootTime
    /// The size of the log when the last snapshot was due.
    private var lastSize: UInt64
    private var isBusy = false

    /// - Parameters:
    ///   - standing: the state that the start has read.
    ///   - alarm: receives the reason if a snapshot failed.
    package init(
        _ status: LoggedLimitState, at now: BootTime, logReader: any LimitLogReader,
        ledger: any Ledger, policy: @escaping @Sendable () -> PolicySnapshot,
        alarm: @escaping @Sendable (String) -> Void
    ) {
        self.logReader = logReader
        self.ledger = ledger
        self.policy = policy
        self.alarm = alarm
        self.status = status
        kept = status.next
        last = now
        lastSize = status.next
    }

    /// Called every second.
    package func sweep(at now: BootTime) async {
        let size = ledger.status.size
        guard now - last >= Self.interval || size >= lastSize + Self.mostUnread else { return }
        last = now
        lastSize = size
        await keep()
    }

    /// Writes a snapshot of everything in the log now. If that fails, the next start reads more records.
    package func keep() async {
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        let map = LimitMap(policy())
        do {
            status =
                status.policy == map.policy.digest
                ? try await logReader.follow(status, under: map)
                : try await logReader.status(under: map)
            // A snapshot longer than the records that it replaces has no benefit.
            guard let drafts = LimitSnapshot.drafts(of: status),
                status.next - kept > UInt64(drafts.count)
            else { return }
            for draft in drafts { _ = try await ledger.append(draft) }
            kept = status.next + UInt64(drafts.count)
        } catch { alarm(reason(of: error)) }
    }

    private func reason(of error: any Error) -> String {
        switch error {
        case let error as StoreFailure: error.reason
        case let error as LedgerRefusal: "\(error.code): \(error.detail)"
        default: "\(error)"
        }
    }
}
