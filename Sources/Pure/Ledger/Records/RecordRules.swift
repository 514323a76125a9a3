import InterlockJSON
package import InterlockModel

/// The requirements on a draft beyond the fields of its type.
enum RecordRules {
    /// Rejects a permit whose payloads are not stored, and an outcome without its stored result unless it is marked as
    /// withheld. Facts are recorded even if their payloads are not stored.
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

/// The rule by which a record is admitted when space is short (docs/specs/ledger.md, section 10).
package enum RecordRole: Sendable, Hashable {
    /// Opens a call; requires durability and reserved space for the closing record.
    case intent
    /// Closes the call whose intent has this leaf hash; always admitted while that intent is open.
    case closer(Digest)
    /// The actual end of a call that was already closed as unknown.
    case lateOutcome(Digest)
    /// States what a person found about a call that was closed as unknown.
    case check(Digest)
    /// Uses the approval of the call whose intent has this leaf hash; counts as a permit.
    case use(Digest)
    /// Permits or changes something; refused if the disk is full.
    case permit
    /// Reports what has already taken effect (denials, halts, the state of the log); may use the reserve.
    case fact

    /// - Throws: `.missingField` if a record that must name its intent does not.
    package init(_ draft: RecordDraft) throws(LeafError) {
        switch draft.type {
        case .callIntent: self = .intent
        case .approvalUsed: self = .use(try Self.intent(of: draft))
        case .callOutcome:
            let intent = try Self.intent(of: draft)
            self = draft.fields["late"]?.bool == true ? .lateOutcome(intent) : .closer(intent)
        case .callUnknown: self = .closer(try Self.intent(of: draft))
        case .outcomeChecked: self = .check(try Self.intent(of: draft))
        case .callDenied where draft.fields["intent"] != nil:
            self = .closer(try Self.intent(of: draft))
        case .netConnect where draft.fields["dec"]?.string == "allow": self = .permit
        case .callDenied, .netConnect, .netLookup, .netClose, .runDegraded, .limitDegraded,
            .limitHit, .accessRefused, .killRequested,
            .killPoint, .killEffective,
            .killRefused,
            .killViolation, .killDrill, .killDrillOverdue, .selfTestResult,
            .alarmRaised, .alertUndelivered, .logFull, .logTick, .clockStep, .logRecovered,
            .logStarted, .runEnd,
            .sessionClosed, .serverQuarantined, .serverForgotten, .pinDrift, .approvalDenied,
            .approvalExpired,
            .approvalWithdrawn, .approvalVoid, .approvalViewed, .approvalProbe, .approverRevoked,
            .serviceEnded, .approvalDelegationEnded,
            .elevationDenied,
            .elevationEnded,
            .runInput, .responseThrottle, .responsePause, .breakerOpened, .breakerClosed,
            .policyProposed, .indexDigest, .logPlaces, .budgetSnapshot, .controlEntry,
            .hookBypassed, .hookSilent, .hookConfigChanged, .hookUnexplainedChange,
            .hostUnmanaged, .redactionFailed, .evalRefused, .trustDemoted,
            .reviewScheduled, .reviewOverdue:
            self = .fact
        case .logGenesis, .logPruned, .logClosed, .keyRotate, .keyListed, .payloadErased,
            .exportMade, .policyLoaded, .configChanged, .pinAccepted, .serverReleased,
            .canaryAdded, .canaryRemoved, .evalResult, .evalExcepted, .evalAttested,
            .trustClassified,
            .trustPromoted, .trustDelegated, .trustExcepted, .ownerConfirmed,
            .reviewStarted, .reviewMarked, .reviewSigned, .reviewDiscarded, .reviewPostponed,
            .serverAuthorized, .runStart, .runAttach,
            .approvalRequested,
            .approvalGranted, .approvalReissued, .approvalBreakGlass, .approvalReviewed,
            .approvalDelegated, .approverEnrolled, .peopleRole,
            .killReleaseRequested, .killReleased, .elevationRequested, .elevationGranted,
            .sessionOpened, .tokenIssued, .serviceIssued, .listServed, .callInput, .budgetReserved,
            .responseEnd, .runTainted, .workspaceLevel, .runDiff, .runExport, .mergeChecked,
            .applyApproved,
            .applyDecision,
            .discard, .hookSession, .hookCall, .hookInstalled, .hostChecked,
            .alarmDisposed, .incidentOpened, .incidentAction, .incidentClosed:
            self = .permit
        }
    }

    /// True if the record permits something to happen, false if it reports what has happened.
    package var isPermit: Bool {
        switch self {
        case .intent, .use, .check, .permit: true
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
