import InterlockCluster
import InterlockJSON
import InterlockLedger
import InterlockModel

/// The requests, votes and uses of one log.
struct RecordedApprovals: Sendable {
    /// The content that was shown to the voters.
    struct Form: Sendable {
        let content: Digest
        let need: Int64
        let uses: Int64
    }

    struct Vote: Sendable {
        let request: ApprovalID
        let form: Digest?
        /// Is nil for a client's consent.
        let person: Pseudonym?
        let via: String?
        let hasProof: Bool
        let time: Timestamp
    }

    struct Grant: Hashable, Sendable {
        /// The log of the vote; nil for the log of the use.
        let log: ExactText?
        let hash: Digest
    }

    struct Use: Sendable {
        let index: UInt64
        let request: ApprovalID
        let form: Digest?
        let intent: Digest?
        /// Is nil if the member has no right form.
        let grants: [Grant]?
        let entry: ChainHead?
    }

    private(set) var forms: [ApprovalID: [Form]] = [:]
    /// The votes by their leaf hashes.
    private(set) var votes: [Digest: Vote] = [:]
    private(set) var uses: [Use] = []

    /// - Returns: false if a record about a request does not name what it must.
    mutating func add(
        _ record: StoredRecord, _ hash: Digest, _ entry: ChainHead?, at index: UInt64
    ) -> Bool {
        let type = RecordType(rawValue: record.type)
        switch type {
        case .approvalRequested, .approvalReissued, .approvalGranted, .approvalUsed: break
        default: return true
        }
        guard let request = record.text("appr").flatMap({ ApprovalID($0) }) else { return false }
        switch type {
        case .approvalGranted:
            votes[hash] = Vote(
                request: request, form: record.digest("bindc"),
                person: record.text("by").map { Pseudonym(text: $0) }, via: record.text("via"),
                hasProof: record.commitment("proof") != nil,
                time: record.time ?? Timestamp(microseconds: 0))
        case .approvalUsed:
            uses.append(
                Use(
                    index: index, request: request, form: record.digest("bindc"),
                    intent: record.digest("intent"), grants: Self.grants(of: record),
                    entry: entry))
        default:
            guard let content = record.commitment("bind")?.content,
                let need = record["need"]?.integer, let uses = record.uses
            else { return false }
            forms[request, default: []].append(Form(content: content, need: need, uses: uses))
        }
        return true
    }

    private static func grants(of record: StoredRecord) -> [Grant]? {
        guard let list = record["grants"]?.array else { return nil }
        var grants: [Grant] = []
        for element in list {
            guard let hash = element["h"]?.string.flatMap({ Digest(base64: $0) }) else {
                return nil
            }
            grants.append(Grant(log: element["o"]?.string.map { ExactText($0) }, hash: hash))
        }
        return Set(grants).count == grants.count ? grants : nil
    }
}
