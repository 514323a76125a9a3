import InterlockCluster
import InterlockJSON
import InterlockLedger
import InterlockModel

/// The records of one run in one log.
struct RecordedChain: Sendable {
    /// The start of the run on another node.
    enum Home: Sendable {
        /// The log, and the leaf hash of its first record of the run.
        case start(log: ExactText, hash: Digest)
        /// The node alone, if the one that took the run over knew no more.
        case node(NodeName)
    }

    /// A chain on another node that the end of a run names.
    struct Attached: Sendable {
        let log: ExactText
        /// The leaf hash of the chain's last record and the number of its records; nil if it is named as lost.
        let end: (hash: Digest, count: Int64)?
    }

    /// The leaf hash of the first record; nil if that is missing.
    private(set) var first: Digest?
    private(set) var last: Digest?
    /// The number of records, by the `rs` of the last one.
    private(set) var count: Int64 = 0
    private(set) var home: Home?
    /// True if a `home` or `att` has no right form.
    private(set) var isMalformed = false
    /// The chains that `run.end` names; nil if the chain has none.
    private(set) var attached: [Attached]?

    mutating func add(_ record: StoredRecord, _ hash: Digest) {
        let sequence = record["rs"]?.integer ?? 0
        if sequence == 0 {
            first = hash
            if let home = record["home"] {
                self.home = Self.home(home)
                isMalformed = isMalformed || self.home == nil
            }
        }
        last = hash
        count = sequence + 1
        if record.type == RecordType.runEnd.rawValue { end(record["att"]?.array ?? []) }
    }

    private mutating func end(_ list: [JSONValue]) {
        attached = list.compactMap { element -> Attached? in
            guard let log = element["o"]?.string.map({ ExactText($0) }) else { return nil }
            if element["lost"] != nil { return Attached(log: log, end: nil) }
            guard let hash = element["h"]?.string.flatMap({ Digest(base64: $0) }),
                let count = element["cnt"]?.integer
            else { return nil }
            return Attached(log: log, end: (hash, count))
        }
        isMalformed = isMalformed || attached?.count != list.count
    }

    private static func home(_ value: JSONValue) -> Home? {
        if let node = value["node"] {
            guard value["o"] == nil, value["h"] == nil else { return nil }
            return node.string.flatMap { NodeName($0) }.map { .node($0) }
        }
        guard let log = value["o"]?.string.map({ ExactText($0) }),
            let hash = value["h"]?.string.flatMap({ Digest(base64: $0) })
        else { return nil }
        return .start(log: log, hash: hash)
    }
}
