import InterlockCluster
import InterlockJSON
import InterlockModel

/// The work that `NodeProgram` asks for. Each but the last group ends with an event.
enum NodeEffect: Sendable {
    case start(process: ExactText, beat: Int64, least: Incarnation)
    case heartbeat(ClusterNode.Heartbeat, horizon: ChangeHorizon)
    /// The rows are given to a copy of the node, and those that it applies are written, before anything acts on them.
    case advance(ClusterNode, [StoredEntry])
    case read(after: Int64)
    /// The digest of an entry is read from the node's copy.
    case compare(ChainHead)
    case repair(after: ChainHead?, to: ChainHead, Incarnation)
    /// Leases and runs are put back in a new generation.
    case restore(StoreGeneration, Incarnation)
    case open(Incarnation)
    /// The halt is appended: the draft is nil before it was signed.
    case append(halt: Digest, Envelope, EntryDraft?, Incarnation)
    case take(after: TaskRow?, beat: Int64, Incarnation)
    case keep(term: Int64, beat: Int64, Incarnation)
    case expel(SilentNodeDetector.Silent, term: Int64, Incarnation)

    case push(halt: Digest, Envelope)
    case chained(halt: Int64)
    /// Peers are asked for entries.
    case ask(after: Int64)
    case head(ChainHead)
    case members([NodeName: MemberKeys])
    case notify(NodeNotification)
}
