package import InterlockLedger
package import InterlockModel
package import InterlockPorts

// The people plane reads this node's own log through these ports. Implementations read files on threads of their own; a
// call waits for its turn, and throws `.busy` if too many wait. They do not know who may see what: the query services
// call them, check visibility, record the access, and only then return a result.

/// Records by what they are about. Each is read from the log again and proved.
package protocol RecordLog: Sendable {
    /// Returns at most `limit` records, newest first. The work is bounded; the result names what was not searched.
    func search(
        _ filter: RecordFilter, before: UInt64?, limit: Int
    ) async throws(EvidenceRefusal) -> RecordFinding

    /// - Parameter opens: returns whether the payloads of this record are to be opened.
    /// - Throws: `.noSuchRecord` if the index is beyond the log or the record was pruned.
    func record(
        at index: UInt64, opens: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> RecordEvidence

    /// Returns an archive of the matching records that `sees` admits, with their proofs under one checkpoint.
    /// - Throws: `.tooLarge` if more records match than an archive may contain.
    func proofs(
        of filter: RecordFilter, sees: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// The history of runs.
package protocol RunLog: Sendable {
    func start(of run: RunID) async throws(EvidenceRefusal) -> RunStart

    /// Returns the tallies from the index; a run that the index does not contain is left out.
    func tally(of runs: [RunID]) async throws(EvidenceRefusal) -> [RunID: RunTally]

    /// - Throws: `.noSuchRun`.
    func steps(
        of run: RunID, from: Int, limit: Int, opens: Bool
    ) async throws(EvidenceRefusal) -> RunSteps

    func replay(_ run: RunID, _ level: ReplayLevel) async throws(EvidenceRefusal) -> ReplayReport

    /// Returns the evidence bundle of the run, without payloads.
    ///
    /// - Parameter withPolicies: whether to include the policies that decided in the run. They describe all agents.
    func bundle(of run: RunID, withPolicies: Bool) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// The sealed reports of the searches in calls.
package protocol SearchReportLog: Sendable {
    /// Returns the report of one call of a run; nil if its record has none, or the payload cannot be opened.
    func report(of call: CallID, in run: RunID) async throws(EvidenceRefusal) -> SearchReport?
}

/// The reason why nothing of the log is shown.
package enum EvidenceRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The record does not exist or is not visible to this person.
    case noSuchRecord
    case noSuchRun
    case busy
    /// The reader has too many accesses at once, or too often; with the time after which to try again.
    case tooMany(Duration)
    case tooLarge(String)
    /// The log, or a file that belongs to it, cannot be read or is not valid.
    case unreadable(String)
    /// The access cannot be recorded, so nothing is shown; with the ledger's code.
    case notRecorded(String)

    package var description: String {
        switch self {
        case .noSuchRecord: "record not found, or no access"
        case .noSuchRun: "run not found, or no access"
        case .busy: "too much of the log is read at once; try again"
        case .tooMany: "you read too much of the log at once; try again"
        case .tooLarge(let what): what
        case .unreadable(let why): why
        case .notRecorded(let code):
            "nothing is shown, because the view cannot be recorded: \(code)"
        }
    }
}

/// A reader of the log.
package struct EvidenceReader: Sendable {
    /// The name of the reader in records.
    package enum Name: Hashable, Sendable {
        case person(Pseudonym)
        case service(ServiceAccountName)
    }

    package let visibility: Visibility
    package let name: Name

    package init(visibility: Visibility, pseudonym: Pseudonym) {
        self.visibility = visibility
        name = .person(pseudonym)
    }

    package init(_ service: ServiceAccount) {
        visibility = Visibility(of: service)
        name = .service(service.name)
    }
}
