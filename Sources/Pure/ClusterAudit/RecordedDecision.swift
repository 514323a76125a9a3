import InterlockCluster
import InterlockJSON
import InterlockLedger
import InterlockModel

/// A decision about a call, or the use of an approval, of a node that was in the cluster.
struct RecordedDecision: Sendable {
    let index: UInt64
    let type: RecordType?
    /// The leaf hash of the intent; of a denial without one its own.
    let leaf: Digest
    let policy: Digest?
    /// The entry that the record names.
    let entry: ChainHead?
    /// The newest entry that a record before names; nil if there is none.
    let applied: Int64?
    let agent: AgentName?
    let run: RunID?
    let server: ServerName?
    let tool: ToolAddress?
    let time: Timestamp
    let units: [UnitsTaken]

    init(
        _ record: StoredRecord, leaf: Digest, entry: ChainHead?, applied: Int64?,
        units: [UnitsTaken], at index: UInt64
    ) {
        self.index = index
        self.leaf = leaf
        self.entry = entry
        self.applied = applied
        self.units = units
        type = RecordType(rawValue: record.type)
        policy = record.digest("pol")
        agent = record.text("agent").flatMap { AgentName($0) }
        run = record.text("run").flatMap { RunID($0) }
        let name = record.text("tool")
        tool = name.flatMap { ToolAddress(wireName: $0) }
        server = name?.firstRange(of: "__").flatMap { end in
            name.flatMap { ServerName(String($0[..<end.lowerBound])) }
        }
        time = record.time ?? Timestamp(microseconds: 0)
    }

    var isDenial: Bool { type == .callDenied }

    /// The newest entry that the node had applied.
    var number: Int64 { max(applied ?? 0, entry?.number ?? 0) }

    /// Returns whether a halt stops the call; nil if this cannot be known without the policy.
    func isStopped(by target: HaltTarget) -> Bool? {
        switch target {
        case .org: true
        case .owner: nil
        case .agent(let agent): agent == self.agent
        case .run(let run): run == self.run
        case .server(let server): server == self.server
        case .tool(let tool): tool == self.tool
        case .drill: false
        }
    }
}

/// The units that a call takes from one limit.
struct UnitsTaken: Sendable {
    let limit: ExactText
    /// The length of the window.
    let seconds: Int64
    /// The most units in a window.
    let most: Int64
    let units: Int64

    /// - Returns: nil if the record has `units` without the right form.
    static func all(in record: StoredRecord) -> [UnitsTaken]? {
        guard let value = record["units"] else { return [] }
        guard let list = value.array else { return nil }
        var all: [UnitsTaken] = []
        for element in list {
            let numbers = ["win", "n", "u"].compactMap { element[$0]?.integer }
            guard let limit = element["limit"]?.string, numbers.count == 3,
                numbers.allSatisfy({ (0...UnitKey.largest).contains($0) })
            else { return nil }
            all.append(
                UnitsTaken(
                    limit: ExactText(limit), seconds: numbers[0], most: numbers[1],
                    units: numbers[2]))
        }
        return all
    }
}
