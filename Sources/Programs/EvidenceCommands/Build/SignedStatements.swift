import InterlockCommandLine
import InterlockDeployment
import InterlockEvidencePack
import InterlockJSON
import InterlockLedger
import InterlockModel

/// The signed statements of a pack: results of evals, promotions, reviews and drills, each as it was signed.
struct SignedStatements {
    struct Statement {
        let name: String
        let bytes: [UInt8]
        let record: PeriodRecords.Found
    }

    private(set) var statements: [Statement] = []
    private(set) var drills: [(name: String, bytes: [UInt8])] = []
    /// The statements that could not be opened, one sentence each, by the control that it is a gap of.
    private(set) var gaps: [(control: ControlID, text: String)] = []
    /// The newest review of the period.
    private(set) var reviewer: ControlFile.Reviewer?
    private var names: Set<ExactText> = []
    private var reviews: Set<ExactText> = []

    private static let largest = 2 << 20

    /// - Parameter hasNames: false leaves out promotions and reviews, which name people.
    init(_ log: EvidenceLog, _ input: EvidenceInput, hasNames: Bool) throws {
        for kind in PeriodRecords.Statement.allCases {
            if !hasNames, kind != .evals { continue }
            for found in log.records.found(kind) { try add(kind, found, log, input) }
        }
        addDrills(log, input)
    }

    private mutating func add(
        _ kind: PeriodRecords.Statement, _ found: PeriodRecords.Found, _ log: EvidenceLog,
        _ input: EvidenceInput
    ) throws {
        let record = try log.record(at: found.index)
        // A statement that could not be kept does not count.
        guard record.text("code") == nil else { return }
        let control: ControlID =
            switch kind {
            case .evals: .c17
            case .trust: .c18
            case .reviews: .c19
            }
        guard case .opened(let bytes) = try input.payload("proof", record),
            let payload = Self.payload(of: bytes)
        else {
            gaps.append(
                (control, "The statement that record \(found.index) names cannot be opened."))
            return
        }
        let ending = kind == .evals ? ".dsse.json" : ".json"
        if kind == .reviews {
            guard let id = payload["review"]?.string, reviews.insert(id).inserted else { return }
            reviewer = ControlFile.Reviewer(
                day: found.time.day, review: id,
                who: payload["reviewers"]?.array?.first?.string ?? "unknown")
        }
        append("\(kind.rawValue)/\(found.index)\(ending)", bytes, found)
    }

    private mutating func append(
        _ name: String, _ bytes: [UInt8], _ found: PeriodRecords.Found
    ) {
        guard names.insert(name).inserted else { return }
        statements.append(Statement(name: name, bytes: bytes, record: found))
    }

    /// The reports of drills, which are files of the deployment.
    private mutating func addDrills(_ log: EvidenceLog, _ input: EvidenceInput) {
        for drill in log.records.drills where OrderID(drill) != nil {
            let path = "\(input.deployment.drill)/reports/\(drill).json"
            guard let bytes = try? File.readRegular(path, limit: Self.largest),
                Self.payload(of: bytes) != nil
            else {
                gaps.append((.c08, "The report of the drill \(drill) is not here."))
                continue
            }
            guard names.insert("drills/\(drill).json").inserted else { continue }
            drills.append(("drills/\(drill).json", bytes))
        }
    }

    /// Returns the payload of an envelope in the form that verifiers read, or nil for other bytes. Signatures are
    /// theirs to check.
    private static func payload(of bytes: [UInt8]) -> JSONValue? {
        let limits = JSONLimits(bytes: largest)
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            let object = value.object, object.count == 3, object["payloadType"]?.string != nil,
            let text = object["payload"]?.string, let payload = Base64.decode(text),
            let signatures = object["signatures"]?.array,
            (1...Envelope.mostSignatures).contains(signatures.count)
        else { return nil }
        return (try? JSONValue(parsing: payload, limits: limits)) ?? .null
    }
}
