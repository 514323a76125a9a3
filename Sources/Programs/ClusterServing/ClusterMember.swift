import InterlockCluster
package import InterlockClusterNodes
import InterlockClusterPeers
package import InterlockClusterStore
import InterlockLeasedLimits
package import InterlockModel
package import InterlockPorts
import InterlockRunAssignment
import InterlockStore
import InterlockTransport
import Synchronization

/// This process as a member of a cluster: its connections to the database and to other nodes, and the tasks that keep it a
/// member. `MemberStart` makes one that may act.
package final class ClusterMember: Sendable {
    package let service: NodeService
    /// Asked by the pipeline of calls.
    package let permission: any NodePermission
    package let approvals: ClusterApprovalStore
    /// Shared and followed by the kill switch.
    package var halts: any ClusterHalts { shared }
    package var units: any LimitUnits { limits }
    /// Decides which node serves a run.
    package var placement: any RunPlacement { runs }
    /// The keys with which the members sign tokens of agents now.
    package var tokenKeys: [PublicKey] {
        service.state.members.values.filter { $0.status == .admitted }.map(\.keys.token)
    }
    private let shared: MemberHalts
    private let limits: LeasedLimits
    private let runs: RunAssignmentService
    private let parts: MemberParts
    private let tasks: Mutex<[Task<Void, Never>]>

    init(
        _ parts: MemberParts, _ permission: MemberPermission, _ limits: LeasedLimits,
        _ runs: RunAssignmentService, _ approvals: ClusterApprovalStore,
        _ tasks: [Task<Void, Never>]
    ) {
        service = parts.service
        shared = parts.halts
        self.parts = parts
        self.permission = permission
        self.limits = limits
        self.runs = runs
        self.approvals = approvals
        self.tasks = Mutex(tasks)
    }

    /// Gives the parts of the gateway what happens in the cluster, from now on until `close`.
    ///
    /// - Parameters:
    ///   - memory: remembers runs that come from other nodes.
    ///   - agents: serves the requests that other nodes pass on, with bodies of `bodyBytes` at most.
    ///   - halted: gets all halts that are in force, at once and after each change, and the time of a release.
    ///   - released: gets each release of the chain.
    ///   - asked: gets the ids of requests that another node has changed.
    package func follow(
        memory: any RunMemory, agents: any RequestHandler, bodyBytes: Int,
        halted: @escaping @Sendable ([HaltOrder], _ released: Timestamp?) async -> Void,
        released: @escaping @Sendable (ChainedRelease) async -> Void,
        asked: @escaping @Sendable ([ApprovalID]) async -> Void
    ) {
        runs.use(memory)
        parts.peers.serve(agents, bodyBytes: bodyBytes)
        let requests = RequestChanges()
        parts.listeners.add(requests)
        tasks.withLock { tasks in
            tasks.append(Task { [shared] in await shared.run(changed: halted, released: released) })
            tasks.append(Task { await requests.run(asked) })
            tasks.append(
                Task { [limits, runs, parts] in
                    while !Task.isCancelled {
                        limits.tick()
                        runs.tick()
                        parts.service.note(runs: runs.counts.assigned)
                        try? await Task.sleep(for: .milliseconds(250))
                    }
                })
        }
        parts.readiness.begin()
    }

    /// Tells balancers to send nothing more; what is on its way goes on.
    package func announceEnd() { parts.readiness.end() }

    /// Leaves: runs and units come back, and the node sends nothing more.
    package func close() async {
        parts.readiness.end()
        await runs.close(within: .seconds(2))
        await limits.close()
        let tasks = tasks.withLock { $0 }
        for task in tasks { task.cancel() }
        for server in parts.servers { await server.drain(within: .seconds(1)) }
        for task in tasks { await task.value }
        parts.close()
    }
}

/// The parts that a member has opened, before it may act.
struct MemberParts: Sendable {
    let service: NodeService
    let halts: MemberHalts
    let listeners: ListenerGroup
    let readiness: ReadinessPage
    let copy: ChainFile
    let pool: StorePool
    let peers: PeerService
    let servers: [HTTPServer]
    let loops: LoopGroup

    func close() {
        pool.close()
        copy.close()
        loops.stop()
    }
}
