import InterlockJSON
package import InterlockModel
package import InterlockPorts
package import InterlockSafety
import Synchronization

/// The canaries of the running gateway, in memory. Searches take their values from here; the control log has the entries
/// from which they are made again at a start.
///
/// INVARIANT: a gateway whose canaries cannot be read, or are not as it wrote them, does not start: it never searches
/// for fewer than there are. Kept by `PlantedValueServiceTests`, `test_canary_values.py`.
package final class PlantedValueRegistry: Sendable {
    /// A canary, with the time at which it was added.
    package struct Planted: Sendable {
        package let entry: PlantedValueEntry
        package let since: Timestamp
        /// The position of its entry in the control log, which its end names.
        let number: Int64
    }

    private struct State {
        var planted: [PlantedValueName: Planted] = [:]
        var values = PlantedValues.none
        var changes: UInt64 = 0
    }
    private let state = Mutex(State())
    let digest: PlantedValueEntry.KeyedDigest

    /// Reads the entries of a verified control log.
    package init(
        from log: any ControlLog, digest: @escaping PlantedValueEntry.KeyedDigest
    ) async throws(ControlLogFailure) {
        self.digest = digest
        let entries: [ControlEntry]
        let newest: [ControlEntry]
        do throws(StoreFailure) {
            entries = try await log.newest(of: [.canary])
            newest = try await log.newest(of: [.canary, .canaryEnd])
        } catch { throw .unreadable(error.reason) }
        var ends: [ExactText: ControlEntry] = [:]
        for end in newest where end.kind == .canaryEnd { ends[ExactText(end.subject)] = end }
        var planted: [Planted] = []
        for entry in entries {
            do throws(PlantedValueError) {
                let made = try PlantedValueEntry(
                    name: entry.subject, body: entry.body, digest: digest)
                if let end = ends[ExactText(entry.subject)] {
                    try made.checkEnd(end.body, of: entry.number, digest)
                } else {
                    planted.append(Planted(entry: made, since: entry.at, number: entry.number))
                }
            } catch { throw .foreignCanary(error) }
        }
        guard !planted.isEmpty else { return }
        change { known in
            for one in planted { known[one.entry.name] = one }
        }
    }

    /// The values to search for.
    package var values: PlantedValues { state.withLock { $0.values } }

    /// All canaries, by name.
    package var all: [Planted] {
        state.withLock { $0.planted.values.sorted { $0.entry.name < $1.entry.name } }
    }

    subscript(name: PlantedValueName) -> Planted? { state.withLock { $0.planted[name] } }

    var count: Int { state.withLock { $0.planted.count } }

    func add(_ planted: Planted) { change { $0[planted.entry.name] = planted } }

    func remove(_ name: PlantedValueName) { change { $0[name] = nil } }

    private func change(_ change: (inout [PlantedValueName: Planted]) -> Void) {
        state.withLock { state in
            change(&state.planted)
            state.changes += 1
            let values = state.planted.values.map { $0.entry.value(digest) }
            state.values = PlantedValues(
                values.sorted { $0.name < $1.name }, revision: Self.revision(state.changes))
        }
    }

    /// Eight bytes, so that it is never the beginning of another one.
    private static func revision(_ changes: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: changes >> UInt64(8 * $0)) }
    }
}
