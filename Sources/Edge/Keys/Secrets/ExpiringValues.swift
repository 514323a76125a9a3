package import InterlockModel
import Synchronization

/// Values that take a while to get: got once for all who ask at the same time, and kept until their end.
package final class ExpiringValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value?
        var end = BootTime(microseconds: 0)
        /// What a look finds is kept only where it is still the one with which the look began.
        var generation = 0
        /// Who waits for the look that is under way; nil without one.
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

    /// What is kept; else what `look` gives, which is asked once however many wait. A failure is told to
    /// those and not kept.
    ///
    /// - Parameter look: the value and for how long it counts.
    package func value(
        _ key: Key, clock: any Clock,
        look: @Sendable () async -> Result<(value: Value, life: Duration), KeyFailure>
    ) async -> Result<Value, KeyFailure> {
        while true {
            switch role(of: key, at: clock.boot) {
            case .done(let value): return .success(value)
            case .wait:
                // nil: it ended in between, and what it found is looked at like everything that is kept.
                if let told = await wait(key) { return told }
            case .look(let generation):
                // nil: what was found is out of date.
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

    /// A value that came by another way. What a look that is under way finds is out of date.
    package func keep(_ key: Key, _ value: Value, until end: BootTime) {
        entries.withLock { entries in
            entries[key, default: Entry()].value = value
            entries[key]?.end = end
            entries[key]?.generation += 1
        }
    }

    /// Forgets the value, and what a look that is under way finds.
    package func drop(_ key: Key) {
        entries.withLock { entries in
            // Without an entry no look is under way.
            entries[key]?.value = nil
            entries[key]?.generation += 1
        }
    }

    /// Forgets the value if it is still this one. A look that is under way goes on, and what it finds is kept.
    package func drop(_ key: Key, where isMeant: (Value) -> Bool) {
        entries.withLock { entries in
            if let value = entries[key]?.value, isMeant(value) { entries[key]?.value = nil }
        }
    }

    /// Forgets all. A look that is under way goes on, and what it finds is kept.
    package func dropAll() {
        entries.withLock { entries in
            for key in entries.keys { entries[key]?.value = nil }
        }
    }

    /// What the look that is under way finds; nil where none is.
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

    /// - Returns: what is told to all who wait; nil where that is out of date, and they look again.
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
