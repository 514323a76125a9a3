import InterlockModel
import InterlockSafety
import Synchronization

/// The parts of canaries and of values of the broker that runs were about to send: a value that leaves in pieces over
/// several calls is known by half of it (docs/specs/output-safety.md, section 4, item 1). They are in memory alone.
///
/// INVARIANT: parts that are not kept for lack of room count as found. Kept by `SentPartsTests`.
final class SentParts: Sendable {
    /// The most runs of which parts are kept. Only a run that sends a part of a value has any.
    static let most = 1 << 14
    /// The most values of which parts are kept for one run.
    static let mostValues = 64

    private let runs = Mutex<[RunID: [UInt64: UInt64]]>([:])
    private let most: Int

    /// - Parameter most: the most runs.
    init(most: Int = SentParts.most) { self.most = most }

    /// Adds the parts that are in what a run is about to send, whether or not it is sent.
    ///
    /// - Returns: those of values of which the run was about to send half or more until now.
    func add(_ parts: [ValuePart], of run: RunID) -> [ValuePart] {
        runs.withLock { runs -> [ValuePart] in
            guard runs[run] != nil || runs.count < most else { return parts }
            var known = runs[run] ?? [:]
            let found = parts.filter { part in
                guard known[part.value] != nil || known.count < Self.mostValues else { return true }
                let sent = (known[part.value] ?? 0) | part.parts
                known[part.value] = sent
                return part.isHalf(with: sent)
            }
            runs[run] = known
            return found
        }
    }

    /// Called once nothing of the run is open.
    func remove(_ run: RunID) { runs.withLock { _ = $0.removeValue(forKey: run) } }
}
