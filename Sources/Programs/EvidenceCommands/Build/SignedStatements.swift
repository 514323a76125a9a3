import InterlockCommandLine
import InterlockCredentials
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
        /// The records that enrol its signers for people.
        let enrolments: [PeriodRecords.Found]
    }

    private(set) var statements: [Statement] = []
    private(set) var drills: [(name: String, bytes: [UInt8])] = []
    /// The statements that could not be opened, one sentence each, by the control that it is a gap of.
    private(set) var gaps: [(control: ControlID, text: String)] = []
    /// The reviews of the period, also if the pack does not have their documents, with what earlier ones left open.
    private(set) var reviews = PeriodReviews()
    private var names: Set<ExactText> = []
    private var reviewIDs: Set<ExactText> = []
    private let hasNames: Bool

    private static let largest = 2 << 20

    /// - Parameter hasNames: false leaves out promotions and reviews, which name people.
    init(_ log: EvidenceLog, _ input: EvidenceInput, hasNames: Bool) throws {
        self.hasNames = hasNames
        // Findings that they left open are open in the period, also if the agent was not reviewed in it.
        for found in log.records.earlierReviews {
            try add(.reviews, found, log, input, isEarlier: true)
        }
        for kind in PeriodRecords.Statement.allCases {
            if !hasNames, kind == .trust { continue }
            for found in log.records.found(kind) { try add(kind, found, log, input) }
        }
        addDrills(log, input)
    }

    private mutating func add(
        _ kind: PeriodRecords.Statement, _ found: PeriodRecords.Found, _ log: EvidenceLog,
        _ input: EvidenceInput, isEarlier: Bool = false
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
        guard let credentials = Self.credentials(of: bytes) else {
            gaps.append(
                (
                    control,
                    "A passkey signed the statement that record \(found.index) names, and its public key is not there."
                ))
            return
        }
        let ending = kind == .evals ? ".dsse.json" : ".json"
        if kind == .reviews {
            guard let review = ReviewSummary(payload: payload, signed: found.time),
                reviewIDs.insert(review.id).inserted
            else { return }
            if isEarlier {
                guard reviews.add(earlier: review) else { return }
            } else {
                reviews.add(review)
            }
            guard hasNames else { return }
        }
        let name = "\(kind.rawValue)/\(found.index)\(ending)"
        guard names.insert(name).inserted else { return }
        var enrolments: [PeriodRecords.Found] = []
        if kind != .evals {
            enrolments = credentials.compactMap { log.records.enrolments[$0] }
            if enrolments.count < credentials.count {
                gaps.append((control, "The log does not enrol every signer of `\(name)`."))
            }
        }
        statements.append(
            Statement(name: name, bytes: bytes, record: found, enrolments: enrolments))
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

    /// Returns the keys of the signers as the records of their enrolment name them, or nil if a passkey has no public key
    /// in its signature: verifiers could not check it.
    private static func credentials(of envelope: [UInt8]) -> [Digest]? {
        let value = try? JSONValue(parsing: envelope, limits: JSONLimits(bytes: largest))
        let signatures = value?["signatures"]?.array ?? []
        let found = signatures.compactMap { signature -> Digest? in
            if let key = signature["keyid"]?.string { return Digest(base64: key) }
            return signature["key"]?.string.flatMap { Base64.decode($0) }
                .map { OpenSSLHashing().sha256($0) }
        }
        return found.count == signatures.count ? found : nil
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
