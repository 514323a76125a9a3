import InterlockCluster
package import InterlockModel
package import InterlockPorts

/// The halts of the cluster for the kill switch of one of its nodes.
///
/// As a `NodeListener` it says when the halts of the chain or of peers have changed: `changed` then gets all that are in
/// force, with the time of the release that ended others, and `released` each release that the chain has taken. Both run
/// one after the other, in the order of what happened.
package final class MemberHalts: ClusterHalts, NodeListener {
    private enum HaltNotice: Sendable {
        case halts(at: Timestamp?)
        case release(ChainedRelease)
    }

    private let changes: AsyncStream<HaltNotice>
    private let queue: AsyncStream<HaltNotice>.Continuation
    private let service: @Sendable () -> NodeService?
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    /// - Parameters:
    ///   - service: the node; nil until it is there.
    ///   - alarm: raises an alert. Must not block.
    package init(
        _ service: @escaping @Sendable () -> NodeService?,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.service = service
        self.alarm = alarm
        (changes, queue) = AsyncStream.makeStream()
    }

    // MARK: From the node to its kill switch

    package func receive(_ notification: NodeNotification) {
        switch notification {
        case .halted: queue.yield(.halts(at: nil))
        case .applied(let entry, .changed):
            switch entry.statement.content {
            case .narrowing(.halt): queue.yield(.halts(at: nil))
            case .widening(.release, let statements):
                queue.yield(.halts(at: entry.statement.at))
                for envelope in statements.envelopes {
                    queue.yield(
                        .release(
                            ChainedRelease(envelope: envelope, entry: ChainReference(entry.head))))
                }
            case .genesis, .narrowing, .widening: break
            }
        default: break
        }
    }

    /// Runs until the task is cancelled. Begins with the halts that are in force already.
    package func run(
        changed: @Sendable ([HaltOrder], _ released: Timestamp?) async -> Void,
        released: @Sendable (ChainedRelease) async -> Void
    ) async {
        await changed(service()?.halts ?? [], nil)
        for await change in changes {
            switch change {
            case .halts(let time): await changed(service()?.halts ?? [], time)
            case .release(let release): await released(release)
            }
        }
    }

    // MARK: From the kill switch to the cluster

    package var epoch: Int64 { service()?.state.halts.epoch ?? 0 }

    package func share(_ halt: Envelope) {
        do throws(OrderRefusal) {
            guard let service = service() else { throw .notRecorded("this node has not joined") }
            try service.halt(halt)
        } catch { alarm("kill.fault", "other nodes: \(error.code)") }
    }

    package func catchUp() async { await service()?.catchUp() }

    package func check(_ release: ReleaseOrder) throws(OrderRefusal) {
        guard let service = service() else { throw .notRecorded("this node has not joined") }
        if let refusal = service.state.halts.refusal(of: release) { throw refusal }
    }

    package func release(
        _ release: ReleaseOrder, _ envelope: Envelope
    ) async throws(OrderRefusal) -> ChainReference {
        guard let service = service(), let statements = PeopleStatements([envelope]) else {
            throw .notRecorded("this node has not joined")
        }
        let entry: ChainHead
        do throws(ClusterCallFailure) {
            entry = try await service.append(.release, statements, subject: release.id.text)
        } catch { throw .notRecorded("the database of the cluster: \(error)") }
        let active = Set(service.state.halts.active.map(\.id))
        guard active.isDisjoint(with: release.halts) else {
            throw service.state.halts.refusal(of: release) ?? .staleEpoch
        }
        return ChainReference(entry)
    }

    package func entry(of halt: Envelope) -> ChainReference? {
        service()?.entry(of: halt).map(ChainReference.init)
    }
}
