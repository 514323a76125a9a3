package import InterlockModel
import Synchronization

/// Values that take time to obtain: fetched once for all concurrent callers, and kept until they expire.
package final class ExpiringValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value?
        var end = BootTime(microseconds: 0)
        /// Increases when a fetch in progress becomes outdated; its result is kept only if the number is unchanged.
        var generation = 0
        /// The callers that wait for the fetch in progress. Is nil if no fetch is in progress.
        var waiting: [CheckedContinuation<Result<Value, KeyFailure>?, Never>]?
    }
    private enum Role {
        case done(Value)
        case wait
        case look(generation: Int)
    }
    private let entries = Mutex<[Key: Entry]>([:])

    package init() {}

    package func known(_ key: Key, at now: BootTime) -> Value? {
        entries.withLock { entries in
            guard let entry = entries[key], let value = entry.value, now < entry.end else {
                return nil
            }
            return value
        }
    }

    /// Returns the kept value, or fetches it with `look` once for all concurrent callers. A failure is returned to
    /// all of them and is not kept.
    ///
    /// - Parameter look: fetches the value and its lifetime.
    package func value(
        _ key: Key, clock: any Clock,
        look: @Sendable () async -> Result<(value: Value, life: Duration), KeyFailure>
    ) async -> Result<Value, KeyFailure> {
        while true {
            switch role(of: key, at: clock.boot) {
            case .done(let value): return .success(value)
            case .wait:
                // The result is nil if the fetch ended before this caller was added, or if it is outdated: try again.
                if let told = await wait(key) { return told }
            case .look(let generation):
                // The result is nil if it is outdated.
                let found = await look()
                if let told = conclude(key, found, of: generation, at: clock.boot) {
                    return told
                }
            }
        }
    }

    private func role(of key: Key, at now: BootTime) -> Role {
        entries.withLock { entries in
            if let entry = entries[key], let value = entry.value, now < entry.end {
                return Role.done(value)
            }
            if entries[key]?.waiting != nil { return .wait }
            entries[key, default: Entry()].waiting = []
            return .look(generation: entries[key]?.generation ?? 0)
        }
    }

    /// Keeps a value from another source. The result of a fetch in progress becomes outdated.
    package func keep(_ key: Key, _ value: Value, until end: BootTime) {
        entries.withLock { entries in
            entries[key, default: Entry()].value = value
            entries[key]?.end = end
            entries[key]?.generation += 1
        }
    }

    /// Drops the value, and outdates the result of a fetch in progress.
    package func drop(_ key: Key) {
        entries.withLock { entries in
            // An entry exists if a fetch is in progress.
            entries[key]?.value = nil
            entries[key]?.generation += 1
        }
    }

    /// Drops the value if `isMeant` accepts it. A fetch in progress continues, and its result is kept.
    package func drop(_ key: Key, where isMeant: (Value) -> Bool) {
        entries.withLock { entries in
            if let value = entries[key]?.value, isMeant(value) { entries[key]?.value = nil }
        }
    }

    /// Drops all values. A fetch in progress continues, and its result is kept.
    package func dropAll() {
        entries.withLock { entries in
            for key in entries.keys { entries[key]?.value = nil }
        }
    }

    /// Waits for the fetch in progress. Returns nil if no fetch is in progress or its result is outdated.
    func wait(_ key: Key) async -> Result<Value, KeyFailure>? {
        await withCheckedContinuation { continuation in
            let isWaiting = entries.withLock { entries in
                guard entries[key]?.waiting != nil else { return false }
                entries[key]?.waiting?.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume(returning: nil) }
        }
    }

    /// - Returns: the result for all waiting callers; nil if it is outdated and they must try again.
    private func conclude(
        _ key: Key, _ found: Result<(value: Value, life: Duration), KeyFailure>,
        of generation: Int, at now: BootTime
    ) -> Result<Value, KeyFailure>? {
        let (waiting, counts) = entries.withLock { entries in
            let waiting = entries[key]?.waiting ?? []
            guard entries[key]?.generation == generation else {
                entries[key]?.waiting = nil
                return (waiting, false)
            }
            if case .success(let got) = found {
                entries[key] = Entry(value: got.value, end: now + got.life)
            } else {
                entries[key] = nil
            }
            return (waiting, true)
        }
        let told = counts ? found.map(\.value) : nil
        for continuation in waiting { continuation.resume(returning: told) }
        return told
    }
}
