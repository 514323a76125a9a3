package import InterlockModel
import Synchronization

/// The zones of a source in memory, for readers that must not wait for the disk, such as pages of halts. There is none
/// before `load` has returned.
package final class LoadedZones: ZoneSource {
    private struct State {
        var names: [String] = []
        var zones: [String: ZoneRules] = [:]
    }
    private let source: any ZoneSource
    private let state = Mutex(State())

    package init(_ source: any ZoneSource) { self.source = source }

    package var version: String { source.version }
    /// The names of the loaded zones, sorted.
    package var names: [String] { state.withLock { $0.names } }

    package func zone(named name: String) -> ZoneRules? { state.withLock { $0.zones[name] } }

    /// Reads every zone that the source can list; takes about 600 small files of the disk.
    package func load() {
        var loaded = State()
        for name in source.names {
            guard let rules = source.zone(named: name) else { continue }
            loaded.names.append(name)
            loaded.zones[name] = rules
        }
        loaded.names.sort()
        state.withLock { $0 = loaded }
    }
}
