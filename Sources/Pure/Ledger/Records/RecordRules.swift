import InterlockJSON
package import InterlockModel

/// What a draft must have besides the fields of its type.
enum RecordRules {
    /// Nothing is permitted on payloads that are not kept, and an outcome without its result says so.
    /// A fact without its payload is still a fact.
    static func checkKept(_ draft: RecordDraft) throws(LeafError) {
        guard let lost = draft.payloads.first(where: { $0.commitment.stored == nil }) else {
            return
        }
        let tells = draft.fields["st"]?.string == "withheld"
        guard try !RecordRole(draft).isPermit, draft.type != .callOutcome || tells else {
            throw .notKept(lost.field)
        }
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
            .killViolation, .killDrill, .killDrillOverdue,
            .alarmRaised, .alertUndelivered, .logFull, .logTick, .clockStep, .logRecovered,
            .logStarted, .runEnd,
            .sessionClosed, .serverQuarantined, .serverForgotten, .pinDrift, .approvalDenied,
            .approvalExpired,
            .approvalWithdrawn, .approvalVoid, .approvalViewed, .approvalProbe, .approverRevoked,
            .serviceEnded,
            .elevationDenied,
            .elevationEnded,
            .runInput, .responseThrottle, .responsePause, .breakerOpened, .breakerClosed,
            .indexDigest, .budgetSnapshot:
            self = .fact
        case .logGenesis, .logPruned, .logClosed, .keyRotate, .keyListed, .payloadErased,
            .exportMade, .policyLoaded, .configChanged, .pinAccepted, .serverReleased,
            .serverAuthorized, .runStart,
            .approvalRequested,
            .approvalGranted, .approvalReissued, .approvalBreakGlass, .approvalReviewed,
            .approverEnrolled, .peopleRole,
            .killReleaseRequested, .killReleased, .elevationRequested, .elevationGranted,
            .sessionOpened, .tokenIssued, .serviceIssued, .listServed, .callInput, .budgetReserved,
            .responseEnd,
            .alarmDisposed, .incidentOpened, .incidentClosed:
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
