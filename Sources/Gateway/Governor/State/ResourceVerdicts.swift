import Synchronization

/// The verdicts about resources and templates, which have no pin: their texts are the keys. Those that were not asked for
/// while as many others as fit were added are forgotten, and searched again.
final class ResourceVerdicts: Sendable {
    /// The most bytes of recent entries, and of earlier ones. A list of the longest entries has fewer.
    private static let mostBytes = 32 << 20
    /// The bytes that an entry takes besides its own.
    private static let entryBytes = 256

    private struct Known {
        var recent: [[UInt8]: EntryVerdict] = [:]
        var earlier: [[UInt8]: EntryVerdict] = [:]
        var bytes = 0

        mutating func add(_ verdict: EntryVerdict, of entry: [UInt8]) {
            if bytes > ResourceVerdicts.mostBytes { (earlier, recent, bytes) = (recent, [:], 0) }
            recent[entry] = verdict
            bytes += entry.count + ResourceVerdicts.entryBytes
        }
    }
    private let known = Mutex(Known())

    /// - Parameter entry: the bytes of the entry as a list of the newest version has it.
    func verdict(of entry: [UInt8]) -> EntryVerdict {
        known.withLock { known in
            if let verdict = known.recent[entry] { return verdict }
            let verdict = known.earlier[entry] ?? EntryVerdict()
            known.add(verdict, of: entry)
            return verdict
        }
    }
}
