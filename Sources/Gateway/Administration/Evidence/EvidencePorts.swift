package import InterlockLedger
package import InterlockModel
package import InterlockPorts

// What the people plane reads of this node's own log. Implementations read files, on threads of their own; a call
// waits for its turn, and is refused with `.busy` where too many wait. Who may see what is not known here: the desks
// ask, judge, record that somebody looks, and only then hand out.

/// Records by what they are about, each read again and proved.
package protocol RecordLog: Sendable {
    /// The newest first, at most `limit`. The work is bounded: what was not looked at is said.
    func search(
        _ filter: RecordFilter, before: UInt64?, limit: Int
    ) async throws(EvidenceRefusal) -> RecordFinding

    /// - Parameter opens: whether the payloads of this record are to be opened.
    /// - Throws: `.noSuchRecord` beyond the log, and for what was pruned.
    func record(
        at index: UInt64, opens: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> RecordEvidence

    /// The records that fit and that the reader sees, with their proofs under one checkpoint, in an archive.
    /// - Throws: `.tooLarge` when there are more than an archive takes.
    func proofs(
        of filter: RecordFilter, sees: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// What happened in runs.
package protocol RunLog: Sendable {
    func start(of run: RunID) async throws(EvidenceRefusal) -> RunStart

    /// By the index; a run of which it has nothing is not in the answer.
    func tally(of runs: [RunID]) async throws(EvidenceRefusal) -> [RunID: RunTally]

    /// - Throws: `.noSuchRun`.
    func steps(
        of run: RunID, from: Int, limit: Int, opens: Bool
    ) async throws(EvidenceRefusal) -> RunSteps

    func replay(_ run: RunID, _ level: ReplayLevel) async throws(EvidenceRefusal) -> ReplayReport

    /// The evidence bundle of the run, without payloads.
    ///
    /// - Parameter withPolicies: whether it holds the policies that decided in the run. They are about all agents.
    func bundle(
        of run: RunID, withPolicies: Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody
}

/// Why nothing of the log is shown.
package enum EvidenceRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not there, or not for this person.
    case noSuchRecord
    case noSuchRun
    case busy
    /// This person reads too much at once, or too often. With the time until there is room.
    case tooMany(Duration)
    case tooLarge(String)
    /// The log, or what lies beside it, cannot be read, or is not what it should be.
    case unreadable(String)
    /// With the ledger's code: what cannot be recorded is not shown.
    case notRecorded(String)

    package var description: String {
        switch self {
        case .noSuchRecord: "there is no such record, or it is not yours to see"
        case .noSuchRun: "there is no such run, or it is not yours to see"
        case .busy: "too much of the log is read at once; try again"
        case .tooMany: "you read too much of the log at once; try again"
        case .tooLarge(let what): what
        case .unreadable(let why): why
        case .notRecorded(let code):
            "nothing is shown, because the view cannot be recorded: \(code)"
        }
    }
}

/// Who reads.
package struct EvidenceReader: Sendable {
    /// As records name it.
    package enum Name: Hashable, Sendable {
        case person(Pseudonym)
        case service(ServiceAccountName)
    }

    package let sight: Visibility
    package let name: Name

    package init(sight: Visibility, pseudonym: Pseudonym) {
        self.sight = sight
        name = .person(pseudonym)
    }

    package init(_ service: ServiceAccount) {
        sight = Visibility(of: service)
        name = .service(service.name)
    }
}
