package import InterlockCluster
package import InterlockModel

/// One call of a function of the store: one round trip.
package enum StoreCall: Sendable {
    /// Gives the node its next incarnation.
    case start
    case heartbeat(ClusterNode.Heartbeat, starved: Set<UnitKey>, tasks: [ClusterTask])
    case fetch(after: Int64)
    case append(EntryDraft, EntryMeaning)
    case expel(SilentNodeDetector.Silent, EntryDraft)
    case repair([StoredEntry])
    case takeTask(ClusterTask, seen: Int64)
    case ask(grant: Int, StoreRows.Request)
    case vote(grant: Int, version: Int64)
    case use(UseRequest)
    case claim(RunClaim)
    case change(RunChange)
    case take(UnitTake)
    case report(UnitReport)
    case putBack(UnitPutBack)
    case finishRestoring(StoreGeneration)

    /// The kinds of call, for the count of round trips.
    package enum Kind: String, Sendable, CaseIterable {
        case start, heartbeat, fetch, append, expel, repair, task, ask, vote, use, claim, run
        case take, report, putBack
    }

    package var kind: Kind {
        switch self {
        case .start: .start
        case .heartbeat: .heartbeat
        case .fetch: .fetch
        case .append: .append
        case .expel: .expel
        case .repair: .repair
        case .takeTask: .task
        case .ask: .ask
        case .vote: .vote
        case .use: .use
        case .claim: .claim
        case .change: .run
        case .take: .take
        case .report: .report
        case .putBack, .finishRestoring: .putBack
        }
    }

    /// The bytes that the call carries, without those of the connection.
    package var bytes: Int {
        switch self {
        case .start, .fetch, .takeTask, .vote, .finishRestoring: 64
        case .heartbeat(_, let starved, _): 96 + 64 * starved.count
        case .append(let draft, _): 128 + draft.body.count
        case .expel(_, let draft): 160 + draft.body.count
        case .repair(let rows): rows.reduce(64) { $0 + 128 + ($1.body?.count ?? 0) }
        case .ask: 4096
        case .use(let use): 256 + use.draft.body.count
        case .claim, .change: 192
        case .take, .report, .putBack: 256
        }
    }
}

/// A call of `use`: the only way to use a grant.
package struct UseRequest: Sendable {
    package let grant: Int
    package let version: Int64
    package let nonce: Int
    package let call: Int
    /// The number that the use will have.
    package let number: Int64
    package let draft: EntryDraft
    package let known: Int64
}

/// The reason why the store did nothing.
package enum StoreRefusal: Sendable, Hashable {
    /// IL001, IL002, IL003 and IL004 of docs/specs/cluster.md, section 3.
    case expelled, noStandby, closed, notCompared
    case units(EscrowRefusal)
    case runs(RunTableRefusal)
}

/// The rows that a heartbeat returns.
package struct HeartbeatRows: Sendable {
    package struct RequestRow: Sendable {
        package let grant: Int
        package let version: Int64
        package let used: Int64
        package let state: StoreRows.RequestState
        package let isVoted: Bool
    }

    package let generation: StoreGeneration
    package let isOpen: Bool
    package let head: ChainHead?
    package let time: Timestamp
    package let members: [SilentNodeDetector.Row]
    package let tasks: [TaskRow]
    package let requests: [RequestRow]
    package let units: UnitHeartbeat
}

package enum StoreAnswer: Sendable {
    case started(Incarnation)
    case heartbeat(HeartbeatRows)
    /// The rows of the chain after the one that the caller knew.
    case rows([StoredEntry])
    case claimed(ClaimAnswer, claim: Int)
    case units(UnitGrant)
    case task(TaskRow?)
    case done
    case refused(StoreRefusal)
}

/// A call on its way to the store.
package struct StoreRequest: Sendable {
    package let id: Int
    package let process: ProcessID
    package let call: StoreCall
    /// The node's boot clock when it was sent.
    package let sent: BootTime
}

/// One life of a node's process.
package struct ProcessID: Hashable, Sendable {
    package let node: Int
    package let life: Int
}
