import InterlockCluster
import InterlockModel

/// One event of a simulation. Those of a process are void once it is dead.
enum SimulationEvent {
    case heartbeat(ProcessID)
    case peers(ProcessID)
    case tick(ProcessID)
    /// A call arrives at the store.
    case atStore(StoreRequest)
    /// The second statement of a store that counts a use in two.
    case secondStatement(StoreRequest)
    /// The answer of the store in this generation. A later one has broken the connection.
    case answer(ProcessID, request: Int, generation: StoreGeneration, StoreAnswer)
    /// `store.deadline` has passed.
    case deadline(ProcessID, request: Int)
    case peer(SimulatedMessage)
    /// An agent sends a call to a node that the balancer chose.
    case call(AgentCall, node: Int)
    case outcome(ProcessID, call: Int)
    /// No answer came to a message that was forwarded.
    case peerLost(ProcessID, call: Int)
    case agents
    case person(PeopleAction)
    case fault(InjectedFault)
    case faultOver(InjectedFault)
    case start(node: Int)
}

/// An action of a person, at any node.
enum PeopleAction {
    case vote(grant: Int)
    /// Ends a request, whether it is decided or not.
    case end(grant: Int, tries: Int)
    case halt(order: Int, agent: Int?, tries: Int)
    case release(order: Int, of: Int, tries: Int)
}

/// A message between nodes. Each carries the sender's head.
struct SimulatedMessage {
    enum Content {
        case ping(BootTime)
        case pong(ping: BootTime, Timestamp)
        case fetch(after: Int64)
        case rows([StoredEntry])
        case forward(AgentCall)
        case answered(call: Int)
        case notMine(call: Int)
        /// Asks whether the peer has the same chain.
        case quorum(call: Int, ChainHead)
        case agreed(call: Int, Bool)
    }

    let from: ProcessID
    let to: Int
    let head: ChainHead
    let content: Content
}
