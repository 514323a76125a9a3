package import InterlockSafety
import Synchronization

/// The values of the broker as they were read at one time.
final class RegisteredValues: Sendable {
    let values: BrokeredValues
    /// Bytes that change if the values do.
    let revision: [UInt8]
    private let readAt: ContinuousClock.Instant

    init(_ values: BrokeredValues, revision: [UInt8], readAt: ContinuousClock.Instant) {
        (self.values, self.revision, self.readAt) = (values, revision, readAt)
    }

    /// The time since the values were read.
    var age: Duration { readAt.duration(to: .now) }
}

/// Reads the values of the broker for all searches of results, and makes their encodings only if they changed. May be
/// used from any thread.
package final class BrokerValueReader: Sendable {
    /// Values of the broker, with bytes that change if they do.
    package typealias Values = (values: BrokeredValues, revision: [UInt8])
    /// Returns the values of the broker if they changed: their revision is another one than `known`, which is nil before
    /// the first read.
    package typealias ChangedValues =
        @Sendable (_ known: [UInt8]?) throws(ScanFailure) -> Values?

    /// The longest time for which values that were read are used without a further read. They are read every second.
    package static let longestAge = Duration.seconds(10)

    private let changedValues: ChangedValues
    private let executor: any TaskExecutor
    private let longestAge: Duration
    private let registered = Mutex<RegisteredValues?>(nil)
    /// Held while the values are read: searches and `refresh` may do so at once, and the later read must win.
    private let reading = Mutex(())
    private let isRefreshing = Atomic(false)
    private let changes = Atomic<UInt64>(0)
    /// True while values that were read before are too old; written while `reading` is held.
    private let areTooOld = Atomic(false)

    /// - Parameters:
    ///   - executor: a thread for `refresh`, which must not wait for searches.
    ///   - longestAge: another than `Self.longestAge` for tests alone.
    ///   - values: returns the values of the broker if they changed; called on `executor` and by searches, one call at a
    ///     time.
    package init(
        on executor: any TaskExecutor, longestAge: Duration = BrokerValueReader.longestAge,
        values: @escaping ChangedValues
    ) {
        (self.executor, self.longestAge, changedValues) = (executor, longestAge, values)
    }

    /// The values that were read last; nil if there are none, or they are too old.
    var recent: RegisteredValues? {
        guard let values = registered.withLock({ $0 }), values.age < longestAge else { return nil }
        return values
    }

    /// A number that changes when other values were read, and when those that were read became too old: what was
    /// searched before does not count then.
    var generation: UInt64 { changes.load(ordering: .acquiring) }

    /// Reads the values on another thread, unless that is under way. Returns at once.
    package func refresh() {
        guard !isRefreshing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        Task(executorPreference: executor) {
            _ = self.read()
            self.isRefreshing.store(false, ordering: .releasing)
        }
    }

    /// Reads the values, if they changed. Those that were read before stay if that fails, until they are too old.
    ///
    /// - Returns: nil if they cannot be read.
    func read() -> RegisteredValues? { reading.withLock { _ in readAlone() } }

    private func readAlone() -> RegisteredValues? {
        let readAt = ContinuousClock.now
        let known = registered.withLock { $0 }
        do throws(ScanFailure) {
            let read: RegisteredValues
            if let (values, revision) = try changedValues(known?.revision) {
                read = RegisteredValues(values, revision: revision, readAt: readAt)
            } else if let known {
                read = RegisteredValues(known.values, revision: known.revision, readAt: readAt)
            } else {
                return nil
            }
            registered.withLock { $0 = read }
            areTooOld.store(false, ordering: .relaxed)
            // Later than the values: a search that reads the new number has the new values.
            if read.revision != known?.revision { changes.wrappingAdd(1, ordering: .releasing) }
            return read
        } catch {
            if let known, known.age >= longestAge, !areTooOld.exchange(true, ordering: .relaxed) {
                changes.wrappingAdd(1, ordering: .releasing)
            }
            return nil
        }
    }
}
