package import InterlockCluster
import InterlockModel

/// A machine with a disk and clocks, on which the process of a node runs, dies and starts again.
package final class SimulatedNode {
    package let number: Int
    package let name: NodeName
    package var clock: SimulatedClock
    package var disk = NodeDisk()
    /// Is nil while no process runs.
    package var process: NodeProcess?
    package var lives = 0
    /// The process does nothing before this time.
    package var pausedUntil = VirtualTime.start
    /// The process dies at a write; nil if nothing was injected.
    var crash: (writes: Int, kept: Bool)?
    /// Nothing sets the wall clock right before this time.
    package var steppedUntil = VirtualTime.start

    init(_ number: Int, clock: SimulatedClock) {
        self.number = number
        name = SimulatedOrganisation.nodeName(number)
        self.clock = clock
    }

    /// Decides what becomes of the next write.
    func nextWrite() -> NodeWrite {
        guard let planned = crash else { return .done }
        guard planned.writes <= 0 else {
            crash = (planned.writes - 1, planned.kept)
            return .done
        }
        crash = nil
        return planned.kept ? .keptAndDead : .dead
    }
}

/// The fate of a write, also of one that is sent to the store.
enum NodeWrite {
    case done
    /// The process is dead, and the write is there nevertheless.
    case keptAndDead
    case dead
}

/// The process of a node died at a write: nothing after it happens.
struct ProcessDeath: Error {}

/// The durable state of a node: its copy of the chain, and its log.
package struct NodeDisk: Sendable {
    package var chain: [StoredEntry] = []
    package var log: [LogRecord] = []

    package init() {}
}

/// The records of a node's log that the properties read.
package enum LogRecord: Sendable, Hashable {
    case start(Incarnation)
    case intent(call: Int, agent: Int, kind: CallKind)
    case used(call: Int, grant: Int, entry: Int64)
    /// Units that a call used.
    case units(LoggedUnits)
    case outcome(call: Int)
    /// The call was not sent after its intent.
    case refused(call: Int)
    /// The process died after the intent.
    case unknown(call: Int)
    case applied(Int64)
}

/// The memory of a process: the state machines, and what the shell around them keeps.
package final class NodeProcess {
    package let id: ProcessID
    package var cluster: ClusterNode
    package var escrow: EscrowNode?
    package var runs: RunRouter?
    package var tasks: ClusterTasks
    package var detector: SilentNodeDetector
    /// The calls of the store that have no answer yet.
    var pending: [Int: StoreRequest] = [:]
    var calls: [Int: OpenCall] = [:]
    /// The calls that were served once: a message that arrives again is not served again.
    var begun: Set<Int> = []
    /// The number of the claim under which each run is served.
    var claims: [RunID: Int] = [:]
    var isFetching = false
    var isStarting = false

    init(_ id: ProcessID, cluster: ClusterNode) {
        self.id = id
        self.cluster = cluster
        tasks = ClusterTasks(node: cluster.name)
        detector = SilentNodeDetector(.standard)
    }
}

/// A message of an agent: one call.
package struct AgentCall: Sendable, Hashable {
    package let id: Int
    package let kind: CallKind
    package let agent: Int
    package let run: Int
    /// The request that a gated call waits for; several calls can wait for one.
    package let grant: Int
}

/// A call that a node serves.
struct OpenCall {
    enum Stage {
        /// The message was received and is not served yet.
        case received
        case units
        case people
        case using
        /// A witnessed call whose quorum was asked.
        case quorum(GatedUse)
        case sent
    }

    let call: AgentCall
    /// The node that forwarded the message; nil if the agent sent it here.
    let from: Int?
    var stage = Stage.received
}
