import InterlockCluster
import InterlockModel

/// The outcomes of work, what peers say, and the time.
enum NodeEvent: Sendable {
    case tick(random: UInt64)
    case started(Result<Incarnation, ClusterCallFailure>)
    case answered(
        ClusterNode.Heartbeat, Result<HeartbeatAnswer, ClusterCallFailure>, sent: BootTime,
        received: BootTime)
    case advanced(NodeAdvance)
    case notWritten(ChainCopyFailure)
    case read(Result<[StoredEntry], ClusterCallFailure>)
    case compared(ChainHead, own: Digest?)
    case repaired(NodeNotification?)
    case restored
    case opened
    case appended(halt: Digest, EntryDraft?, isDone: Bool)
    case taken(TaskRow?, sent: BootTime)
    case kept(term: Int64, Bool, sent: BootTime)
    case expelled(SilentNodeDetector.Silent, Bool)
    case halted(AcceptedHalt, statement: Digest, from: NodeName?)
    case pushed(halt: Digest, Int64?)
    case delivered(Int64, to: NodeName, isApplied: Bool)

    case rows([StoredEntry])
    case peer(NodeName, ChainHead)
    case peerTime(NodeName, Timestamp, sent: BootTime, received: BootTime)
    case loaded(Digest)
    case lifecycle(NodeLifecycle.Event)

    /// True if the event waits while entries are being written.
    var changesNode: Bool {
        switch self {
        case .started, .answered, .read, .compared, .rows, .peer, .peerTime, .loaded, .lifecycle:
            true
        case .tick, .advanced, .notWritten, .repaired, .restored, .opened, .appended, .taken,
            .kept, .expelled, .halted, .pushed, .delivered:
            false
        }
    }

    /// True if another event of the kind comes soon, so that this one may be lost.
    var isHint: Bool {
        switch self {
        case .peer, .peerTime: true
        default: false
        }
    }
}
