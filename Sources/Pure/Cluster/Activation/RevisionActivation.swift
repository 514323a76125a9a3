package import InterlockModel

/// The activation of one revision, at the node that proposes it (docs/specs/cluster.md, section 8). Events in, actions
/// out: the revision is appended when all live nodes have loaded it or after 30 s, and not at all if half or more have
/// not.
///
/// `loading` becomes `trying`, `appended` or `refused`; `trying` becomes `appended` or `refused`.
package struct RevisionActivation: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case loading(since: BootTime)
        /// These nodes decide under the revision; the others follow at the time.
        case trying(on: [NodeName], until: BootTime)
        case appended
        case refused(Refusal)
    }

    package enum Refusal: Hashable, Sendable {
        /// Half or more of the live nodes said that they cannot load it.
        case unloadable([NodeName])
        /// Half or more of the live nodes have not loaded it within 30 s.
        case late([NodeName])
        /// A node on which it was tried could not go on with it.
        case failedTrial(NodeName)
        /// Another revision came first.
        case superseded
    }

    package enum Report: Hashable, Sendable {
        case loaded
        /// The reason, as `policy.staged` has it.
        case failed(String)
    }

    package enum Event: Hashable, Sendable {
        /// The nodes that are live now.
        case live([NodeName])
        case report(NodeName, Report)
        /// An entry made another revision the one in force.
        case superseded
        case tick
    }

    package enum Action: Hashable, Sendable {
        /// The revision is to be appended.
        case append(StagedRevision)
        /// These nodes, and no others, are to decide under the revision until it is an entry.
        case tryOn([NodeName])
        /// These nodes go back to the revision in force.
        case takeBack([NodeName])
        /// Nothing is appended; `policy.reload_refused` is recorded.
        case refuse(Refusal)
    }

    /// The time after which the nodes that have not loaded the revision are not waited for.
    package static let longestWait = Duration.seconds(30)

    package let revision: StagedRevision
    package private(set) var status: Status
    private var live: Set<NodeName> = []
    private var reports: [NodeName: Report] = [:]

    package init(_ revision: StagedRevision, at now: BootTime) {
        self.revision = revision
        status = .loading(since: now)
    }

    package mutating func handle(_ event: Event, at now: BootTime) -> [Action] {
        switch event {
        case .live(let nodes): live = Set(nodes)
        case .report(let node, let report): reports[node] = report
        case .superseded: return supersede()
        case .tick: break
        }
        switch status {
        case .loading(let since): return decide(since: since, now)
        case .trying(let nodes, let end): return decide(on: nodes, until: end, now)
        case .appended, .refused: return []
        }
    }

    private mutating func supersede() -> [Action] {
        switch status {
        case .loading: return refuse(.superseded)
        case .trying(let nodes, _): return refuse(.superseded, [.takeBack(nodes)])
        case .appended, .refused: return []
        }
    }

    private mutating func decide(since: BootTime, _ now: BootTime) -> [Action] {
        let failed = live.filter { reports[$0].map { $0 != .loaded } ?? false }
        if !live.isEmpty, failed.count * 2 >= live.count {
            return refuse(.unloadable(failed.sorted()))
        }
        let missing = live.filter { reports[$0] != .loaded }
        if !live.isEmpty, missing.isEmpty { return proceed(now) }
        guard now - since >= Self.longestWait else { return [] }
        guard !live.isEmpty, missing.count * 2 < live.count else {
            return refuse(.late(missing.sorted()))
        }
        return proceed(now)
    }

    private mutating func proceed(_ now: BootTime) -> [Action] {
        guard let trial = revision.trial else { return append() }
        let loaded = live.filter { reports[$0] == .loaded }.sorted()
        let nodes = Array(loaded.prefix(trial.nodes))
        // A trial on all nodes would not be one.
        guard nodes.count < live.count else { return append() }
        status = .trying(on: nodes, until: now + trial.time)
        return [.tryOn(nodes)]
    }

    private mutating func decide(
        on nodes: [NodeName], until end: BootTime, _ now: BootTime
    ) -> [Action] {
        if let node = nodes.first(where: { reports[$0] != .loaded || !live.contains($0) }) {
            return refuse(.failedTrial(node), [.takeBack(nodes)])
        }
        return now >= end ? append() : []
    }

    private mutating func append() -> [Action] {
        status = .appended
        return [.append(revision)]
    }

    private mutating func refuse(_ refusal: Refusal, _ actions: [Action] = []) -> [Action] {
        status = .refused(refusal)
        return actions + [.refuse(refusal)]
    }
}
