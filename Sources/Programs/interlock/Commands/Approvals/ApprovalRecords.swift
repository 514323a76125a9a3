import InterlockCommandLine
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

/// The records of the log about one request, each with a verified inclusion proof.
struct ApprovalRecords {
    let log: AuditLog
    /// The records, in the order of the log.
    let records: [ProvedRecord]
    /// The intents of the calls that used the grant.
    let intents: [Digest: ProvedRecord]
    let people: EnrolledPeople

    private static let types = RecordType.allCases.filter { $0.rawValue.hasPrefix("approval.") }

    /// - Throws: exit 66 if the log does not contain the request.
    init(of id: ApprovalID, in log: AuditLog) throws {
        guard let found = try Self.all(in: log, only: id).first?.found else {
            throw Failure(.notFound, "there is no request `\(id.shown)` in this log")
        }
        self = found
    }

    private init(
        _ log: AuditLog, _ records: [ProvedRecord], _ intents: [Digest: ProvedRecord],
        _ people: EnrolledPeople
    ) {
        self.log = log
        self.records = records
        self.intents = intents
        self.people = people
    }

    /// The records of every request in the log, or of one, in the order of the requests.
    static func all(
        in log: AuditLog, only: ApprovalID? = nil
    ) throws -> [(id: ApprovalID, found: ApprovalRecords)] {
        var proved = try ProvedLog(log)
        var people = EnrolledPeople()
        var order: [ApprovalID] = []
        var entries: [ApprovalID: [LedgerEntry]] = [:]
        try log.scan { entry in
            if entry.index == 0 { people.isWhole = entry.record?["from"] == nil }
            if entry.mayBe(.approverEnrolled) || entry.mayBe(.approverRevoked) {
                if let record = try proved.proved(entry) { people.take(record) }
            }
            if types.contains(where: entry.mayBe), let record = entry.record,
                let id = record.text("appr").flatMap({ ApprovalID($0) }), only ?? id == id
            {
                if record.type == RecordType.approvalRequested.rawValue { order.append(id) }
                entries[id, default: []].append(entry)
            }
            return true
        }
        let uses = entries.values.joined().filter { $0.mayBe(.approvalUsed) }
        let sought = Set(uses.compactMap { $0.record?.digest("intent") })
        var intents: [Digest: LedgerEntry] = [:]
        if !sought.isEmpty {
            try log.scan { entry in
                if entry.mayBe(.callIntent), sought.contains(entry.leaf.hash) {
                    intents[entry.leaf.hash] = entry
                }
                return intents.count < sought.count
            }
        }
        var seen: Set<ApprovalID> = []
        return try order.filter { seen.insert($0).inserted }.map { id in
            let records = try (entries[id] ?? []).compactMap { try proved.proved($0) }
            var used: [Digest: ProvedRecord] = [:]
            for record in records where record.record.type == RecordType.approvalUsed.rawValue {
                guard let intent = record.record.digest("intent") else { continue }
                used[intent] = try intents[intent].flatMap { try proved.proved($0) }
            }
            return (id, ApprovalRecords(log, records, used, people))
        }
    }
}

/// The enrolments and revocations in the log.
struct EnrolledPeople {
    private struct Credential {
        let index: UInt64
        let holder: String
        let key: Digest
        let id: Digest?
        let relyingParty: String?
    }
    private var credentials: [Credential] = []
    private var revoked: [(index: UInt64, holder: String, id: Digest?)] = []
    /// Is true if the log is the first of its node, so that no enrolment can be in an earlier one.
    var isWhole = false

    mutating func take(_ proved: ProvedRecord) {
        let record = proved.record
        guard let holder = record.text("by") else { return }
        if record.type == RecordType.approverRevoked.rawValue {
            revoked.append((proved.index, holder, record.digest("cred")))
        } else if record.type == RecordType.approverEnrolled.rawValue,
            let key = record.digest("key")
        {
            credentials.append(
                Credential(
                    index: proved.index, holder: holder, key: key, id: record.digest("cred"),
                    relyingParty: record.text("rp")))
        }
    }

    enum Answer: Equatable {
        /// Enrolled; with the domain of a passkey.
        case enrolled(relyingParty: String?)
        case revoked, other
        /// The enrolment may be in an earlier log.
        case unknown
    }

    /// - Parameters:
    ///   - key: an Ed25519 key, or the SHA-256 of a passkey's public key.
    ///   - id: the SHA-256 of a passkey's id.
    ///   - index: the index of the record that contains the signature.
    func answer(_ key: Digest, _ id: Digest?, of holder: String, before index: UInt64) -> Answer {
        let own = credentials.last {
            $0.holder == holder && $0.index < index && $0.key == key && $0.id == id
        }
        guard let own else { return isWhole ? .other : .unknown }
        let isRevoked = revoked.contains { revocation in
            revocation.holder == holder && own.index < revocation.index && revocation.index < index
                && (revocation.id == nil || revocation.id == id)
        }
        return isRevoked ? .revoked : .enrolled(relyingParty: own.relyingParty)
    }
}
