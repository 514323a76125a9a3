package import InterlockModel

/// The probes of one gateway. They are kept apart from its requests, so that no call can join or use one.
package struct ProbeRegistry: Sendable {
    private var open: [ApprovalID: Probe] = [:]
    private var ended: [ApprovalID: Probe] = [:]
    private var order: [ApprovalID] = []

    /// The number of ended probes that remain visible.
    package static let mostEnded = 200

    package init() {}

    package subscript(id: ApprovalID) -> Probe? { open[id] ?? ended[id] }
    /// The undecided probes, in no particular order.
    package var live: [Probe] { Array(open.values) }
    /// The probes that ended most recently, in no particular order.
    package var lastEnded: [Probe] { Array(ended.values) }

    package mutating func put(_ probe: Probe) {
        guard probe.isOver else {
            open[probe.id] = probe
            return
        }
        open[probe.id] = nil
        guard ended.updateValue(probe, forKey: probe.id) == nil else { return }
        order.append(probe.id)
        if order.count > Self.mostEnded { ended[order.removeFirst()] = nil }
    }
}
