import InterlockModel
import InterlockMonitoring

/// The uses that each agent has made before: in memory by a hash of this process, and by digests that outlive it.
struct FirstUseDetector {
    struct ObservedUse: Hashable {
        let signal: WatchedSignal
        let agent: AgentName
        let hash: Int
    }
    /// The most uses in memory. Beyond it all are forgotten; repeated uses are then reported as new, never missed.
    static let most = 500_000
    /// The most digests that are not stored yet.
    static let mostUnkept = 10_000

    private var seen: Set<ObservedUse> = []
    private var restored: Set<Digest> = []
    private(set) var unkept: [Digest] = []
    /// The digest function, or nil if nothing outlives the process.
    var digest: (@Sendable ([UInt8]) -> Digest)?

    mutating func restore(_ digests: [Digest]) { restored.formUnion(digests) }

    /// - Parameter text: the used item, the same in each process; evaluated only if memory does not know it.
    mutating func isFirst(
        _ signal: WatchedSignal, of agent: AgentName, hash: Int, _ text: () -> String
    ) -> Bool {
        if seen.count >= Self.most { seen.removeAll() }
        if restored.count >= 2 * Self.most { restored.removeAll() }
        guard seen.insert(ObservedUse(signal: signal, agent: agent, hash: hash)).inserted else {
            return false
        }
        guard let digest else { return true }
        let code = digest(Self.code(signal, agent, text()))
        guard restored.insert(code).inserted else { return false }
        if unkept.count < Self.mostUnkept { unkept.append(code) }
        return true
    }

    /// Returns whether a use is known, without adding it.
    func has(_ signal: WatchedSignal, of agent: AgentName, hash: Int, _ text: String) -> Bool {
        if seen.contains(ObservedUse(signal: signal, agent: agent, hash: hash)) { return true }
        return digest.map { restored.contains($0(Self.code(signal, agent, text))) } ?? false
    }

    private static func code(
        _ signal: WatchedSignal, _ agent: AgentName, _ text: String
    ) -> [UInt8] {
        Array("\(signal.rawValue)\u{0}\(agent.text)\u{0}\(text)".utf8)
    }

    mutating func takeUnkept() -> [Digest] {
        defer { unkept = [] }
        return unkept
    }

    mutating func giveBack(_ digests: [Digest]) {
        unkept = Array((digests + unkept).prefix(Self.mostUnkept))
    }
}
