import InterlockClusterAudit
import InterlockJSON
import InterlockLedger
import InterlockModel

/// The log of one node, each record as the fields that matter.
struct RecordedLog {
    static let run = "01kag0q9v4x2m7c8d3e5f6g7h8"
    static let request = "01kag0qx0e2g4j6m8p0r2t4v6x"
    static let call = "01kag0qwz3b5d7f9h1k3m5p7r9"
    /// The content that was shown to the voters.
    static let form = AuditedChain.hashing.sha256([9])
    private(set) var log: NodeLog
    /// The records of the run here, and the leaf hash of the last one.
    private(set) var count: Int64 = 0
    private(set) var last: Digest?
    private let node: String
    private var index: UInt64 = 0

    init(_ node: String) throws {
        self.node = node
        log = NodeLog(origin: "acme/\(node)/2026")
        try add(.logGenesis, ["origin": .string(log.origin)])
    }

    @discardableResult
    mutating func add(
        _ type: RecordType, inRun: Bool = false, _ fields: JSONObject = [:]
    ) throws -> Digest {
        var object: JSONObject = [
            "v": 1, "t": .string(type.rawValue), "node": .string(node),
            "ts": .integer(AuditedChain.start.microseconds + Int64(index) * 1_000_000),
        ]
        if inRun {
            object["run"] = .string(Self.run)
            object["agent"] = "refunds"
            object["rs"] = .integer(count)
            if let last { object["prev"] = .string(last.base64) }
        }
        for (name, value) in fields.members { object[name] = value }
        let bytes = try JSONValue.object(object).canonical()
        let hash = TreeHash(AuditedChain.hashing).leaf(bytes)
        log.add(try StoredRecord(parsing: bytes), hash: hash, at: index)
        index += 1
        if inRun {
            count += 1
            last = hash
        }
        return hash
    }

    mutating func intent(
        _ decision: String, _ entry: JSONValue?, policy: Digest = AuditedChain.policy,
        units: Int64? = nil
    ) throws -> Digest {
        var fields: JSONObject = [
            "call": .string(Self.call), "dec": .string(decision),
            "pol": .string(policy.base64), "tool": "billing__refund_request",
        ]
        fields["ctl"] = entry
        fields["units"] = units.map(Self.units)
        return try add(.callIntent, inRun: true, fields)
    }

    static func units(_ units: Int64) -> JSONValue {
        [["limit": "calls", "n": 5, "u": .integer(units), "win": 3600]]
    }

    mutating func vote(
        by person: Pseudonym, inRun: Bool, _ entry: JSONValue, request: String = Self.request,
        isSigned: Bool = true
    ) throws -> Digest {
        var fields: JSONObject = [
            "appr": .string(request), "by": .string(person.text), "via": "cli-key",
            "bindc": .string(Self.form.base64), "ctl": entry,
        ]
        if isSigned { fields["proof"] = ["c": .string(Self.form.base64), "n": 2] }
        return try add(.approvalGranted, inRun: inRun, fields)
    }

    mutating func use(
        of intent: Digest, _ entry: JSONValue?, _ grants: [JSONValue], units: Int64 = 2,
        policy: Digest = AuditedChain.policy
    ) throws {
        var fields: JSONObject = [
            "appr": .string(Self.request), "bindc": .string(Self.form.base64),
            "intent": .string(intent.base64), "use": .string(Self.call),
            "grants": .array(grants), "units": Self.units(units), "pol": .string(policy.base64),
        ]
        fields["ctl"] = entry
        try add(.approvalUsed, inRun: true, fields)
    }
}
