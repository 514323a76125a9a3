import InterlockJSON
package import InterlockModel

/// What each type of record must carry for the log to be checked later, and which fields are the
/// ledger's own.
enum RecordRules {
    /// A field that the ledger writes is refused as a duplicate; here are those that it leaves out in
    /// some records, and that may then not come from elsewhere. Outside a run a record may name the
    /// agent or the run that it is about, but never join the chain.
    static func mayOwn(_ name: String, inRun: Bool) -> Bool {
        name != "prev" && (inRun ? name != "subj" : name != "rs")
    }

    /// That `intent` is a leaf hash has been seen when the record's role was found.
    static func check(_ draft: RecordDraft) throws(LeafError) {
        switch draft.type {
        case .callIntent:
            try require(draft, "call") { CallID($0) != nil }
            try require(draft, "dec") { $0 == "allow" || $0 == "approve" }
        case .callOutcome: try require(draft, "st") { outcomes.contains($0) }
        case .callUnknown:
            try require(draft, "why") { ["crash", "killed", "timeout", "disconnect"].contains($0) }
        case .callDenied: try require(draft, "code") { !$0.isEmpty }
        default: break
        }
    }

    private static let outcomes: Set<String> = [
        "ok", "tool_error", "error", "withheld", "cancelled", "not_executed",
    ]

    private static func require(
        _ draft: RecordDraft, _ name: String, _ fits: (String) -> Bool
    ) throws(LeafError) {
        guard let text = draft.fields[name]?.string, fits(text) else { throw .missingField(name) }
    }
}

/// How a record is let in when room is short (section 10 of the ledger's spec).
package enum RecordRole: Sendable, Hashable {
    /// Opens a call: needs durability and reserved room for its end.
    case intent
    /// Ends the call whose intent has this leaf hash; always let in while that intent is open.
    case closer(Digest)
    /// The true end of a call that was already closed as unknown.
    case lateOutcome(Digest)
    /// Uses up the approval of the call whose intent has this leaf hash; a permit.
    case use(Digest)
    /// Permits or changes something: refused on a full disk.
    case permit
    /// Tells what has taken effect anyway (denials, kills, the log's own state): may use the reserve.
    case fact

    /// - Throws: `.missingField` when a record that names its intent does not.
    package init(_ draft: RecordDraft) throws(LeafError) {
        switch draft.type {
        case .callIntent: self = .intent
        case .approvalUsed: self = .use(try Self.intent(of: draft))
        case .callOutcome:
            let intent = try Self.intent(of: draft)
            self = draft.fields["late"]?.bool == true ? .lateOutcome(intent) : .closer(intent)
        case .callUnknown: self = .closer(try Self.intent(of: draft))
        case .callDenied where draft.fields["intent"] != nil:
            self = .closer(try Self.intent(of: draft))
        case .callDenied, .accessRefused, .killRequested, .killEffective, .killRefused,
            .alarmRaised, .logFull, .logTick, .clockStep, .logRecovered, .logStarted, .runEnd,
            .sessionClosed, .serverQuarantined, .pinDrift, .approvalDenied, .approvalExpired,
            .approvalWithdrawn, .approvalVoid, .elevationDenied, .elevationEnded:
            self = .fact
        case .logGenesis, .policyLoaded, .configChanged, .runStart, .approvalRequested,
            .approvalGranted, .approvalReissued, .approverEnrolled, .peopleRole,
            .killReleaseRequested, .killReleased, .elevationRequested, .elevationGranted,
            .sessionOpened, .tokenIssued, .listServed:
            self = .permit
        }
    }

    /// Whether the record lets something happen, rather than telling that it has.
    package var isPermit: Bool {
        switch self {
        case .intent, .use, .permit: true
        case .closer, .lateOutcome, .fact: false
        }
    }

    private static func intent(of draft: RecordDraft) throws(LeafError) -> Digest {
        guard let text = draft.fields["intent"]?.string, let hash = Digest(base64: text) else {
            throw .missingField("intent")
        }
        return hash
    }
}
