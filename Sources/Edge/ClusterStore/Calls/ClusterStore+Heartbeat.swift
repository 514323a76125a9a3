package import InterlockCluster
import InterlockJSON
import InterlockModel

/// Heartbeats (docs/specs/cluster.md, section 5).
extension ClusterStore {
    private static let heartbeatColumns = [
        "n", "digest", "generation", "open", "at", "low", "standby", "restored", "nodes", "tasks",
        "changes", "starved",
    ]

    /// Sends a heartbeat. It renews a lease only from the time before the call, and once its head is applied.
    package func heartbeat(
        _ heartbeat: StoreHeartbeat
    ) async throws(ClusterCallFailure) -> HeartbeatAnswer {
        var starved: [String] = []
        for key in heartbeat.starved {
            guard let text = key.storeText else { throw .unfit("a limit without a key") }
            starved.append(text)
        }
        let row = try await row(
            .heartbeat, Self.heartbeatColumns,
            [
                .integer(heartbeat.incarnation),
                .integer(heartbeat.beat),
                .integer(heartbeat.applied.number),
                .digest(heartbeat.applied.digest),
                .text("\(heartbeat.horizon.transaction)"),
                .list(starved.sorted()),
            ])
        return try Self.answer(row)
    }

    private static func answer(_ row: RowReader) throws(ClusterCallFailure) -> HeartbeatAnswer {
        var faults: [StoreRowFault] = []
        var nodes: [NodeRow]?
        if !row.isNull("nodes") { nodes = try each(row, "nodes", &faults, readNode) }
        let changes = try each(row, "changes", &faults, readChange)
        let tasks = try each(row, "tasks", &faults, readTask).compactMap { $0 }
        return HeartbeatAnswer(
            head: ChainHead(
                number: try row.integer("n", StoreLimits.numbers), digest: try row.digest("digest")),
            generation: StoreGeneration(
                ExactText(try row.text("generation", StoreLimits.generation))),
            isOpen: try row.flag("open"),
            at: Timestamp(microseconds: try row.integer("at", StoreLimits.times)),
            horizon: try row.made("low", "the number of a transaction") { text in
                UInt64(text).flatMap { sameBytes("\($0)", text) ? ChangeHorizon($0) : nil }
            },
            hasStandby: try row.needsStandby("standby"), isRestored: try row.flag("restored"),
            nodes: nodes,
            tasks: tasks, requests: changes.compactMap(\.request),
            undecided: changes.compactMap(\.undecided), starved: try starved(row), faults: faults)
    }

    /// Reads the elements of a column that any node can write: the fault of one is noted, and the others count.
    private static func each<Value>(
        _ row: RowReader, _ column: String, _ faults: inout [StoreRowFault],
        _ read: (JSONValue, String) throws(ClusterCallFailure) -> Value
    ) throws(ClusterCallFailure) -> [Value] {
        var values: [Value] = []
        for (place, element) in try row.array(column).enumerated() {
            do throws(ClusterCallFailure) {
                values.append(try read(element, "\(column)[\(place)]"))
            } catch {
                guard case .unreadable(let fault) = error else { throw error }
                faults.append(fault)
            }
        }
        return values
    }

    private static func readNode(
        _ value: JSONValue, at column: String
    ) throws(ClusterCallFailure) -> NodeRow {
        let element = try ElementReader(
            value, ["name", "state", "inc", "beat", "applied", "version"], at: column,
            of: StoreFunction.heartbeat.rawValue)
        let status = try element.made("state", "the state of a node") {
            NodeRow.Status(rawValue: $0)
        }
        let incarnation = Incarnation(try element.integer("inc", StoreLimits.numbers))
        guard incarnation != nil || status == .new else {
            throw element.fault("a node without an incarnation")
        }
        let applied = try element.integer("applied", -1...StoreLimits.numbers.upperBound)
        return NodeRow(
            node: try element.node("name"), status: status, incarnation: incarnation,
            beat: try element.integer("beat", StoreLimits.numbers),
            applied: applied < 0 ? nil : applied,
            version: try element.integer("version", 0...Int64(Int32.max)))
    }

    /// A change of a request or of what people have not decided.
    private enum Change {
        case request(RequestChange)
        case undecided(UndecidedChange)

        var request: RequestChange? { if case .request(let it) = self { it } else { nil } }
        var undecided: UndecidedChange? { if case .undecided(let it) = self { it } else { nil } }
    }

    private static func readChange(
        _ value: JSONValue, at column: String
    ) throws(ClusterCallFailure) -> Change {
        let element = try ElementReader(
            value, ["kind", "id", "rev", "ver", "state"], at: column,
            of: StoreFunction.heartbeat.rawValue)
        let kind = try element.text("kind", StoreLimits.kind)
        let version = try element.integer("ver", StoreLimits.versions)
        if sameBytes(kind, "approval") {
            let request = try element.made("id", "the id of a request") { ApprovalID($0) }
            return .request(
                RequestChange(
                    request: RequestVersion(
                        request, revision: try element.integer("rev", StoreLimits.versions),
                        version: version),
                    status: try element.made("state", "the state of a request") {
                        RequestStatus(rawValue: $0)
                    }))
        }
        guard let kind = UndecidedChange.Kind(rawValue: kind) else {
            throw element.fault("a kind of change was expected")
        }
        _ = try element.integer("rev", 0...0)
        return .undecided(
            UndecidedChange(
                kind: kind, id: ExactText(try element.text("id", 1...200)), version: version,
                status: try element.made("state", "the state of a row") {
                    UndecidedChange.Status(rawValue: $0)
                }))
    }

    /// - Returns: nil for a task that no node has taken, and for one of a later version.
    private static func readTask(
        _ value: JSONValue, at column: String
    ) throws(ClusterCallFailure) -> TaskRow? {
        let element = try ElementReader(
            value, ["name", "term", "node", "inc", "beat"], at: column,
            of: StoreFunction.heartbeat.rawValue)
        let name = try element.text("name", StoreLimits.kind)
        let term = try element.integer("term", StoreLimits.numbers)
        let beat = try element.integer("beat", StoreLimits.numbers)
        guard term > 0 else {
            guard try element.isNull("node"), try element.isNull("inc") else {
                throw element.fault("a holder without a term")
            }
            return nil
        }
        let node = try element.node("node")
        _ = try element.integer("inc", 1...StoreLimits.numbers.upperBound)
        return ClusterTask(rawValue: name).map {
            TaskRow(task: $0, node: node, term: term, beat: beat)
        }
    }

    private static func starved(_ row: RowReader) throws(ClusterCallFailure) -> Set<UnitKey> {
        var keys: Set<UnitKey> = []
        for (place, value) in try row.array("starved").enumerated() {
            guard let key = value.string.flatMap({ UnitKey(storeText: $0) }) else {
                throw row.fault("starved[\(place)]", "the key of a limit was expected")
            }
            keys.insert(key)
        }
        return keys
    }
}
