import InterlockJSON
package import InterlockModel

/// What each type of record must carry for the log to be checked later, and which fields are the
/// ledger's own.
enum RecordRules {
    /// What the ledger adds to every record, and to the records of a run.
    private static let placed: Set<String> = ["v", "t", "ts", "mono", "boot", "node"]
    private static let placedInRun: Set<String> = ["run", "rs", "prev", "agent", "subj"]
    /// Outside a run a record may name the agent or the run that it is about, but never join the chain.
    private static let chain: Set<String> = ["rs", "prev"]

    static func mayOwn(_ name: String, inRun: Bool) -> Bool {
        !placed.contains(name) && !(inRun ? placedInRun : chain).contains(name)
    }

    static func check(_ draft: RecordDraft) throws(LeafError) {
        switch draft.type {
        case .callIntent:
            try require(draft, "call") { CallID($0) != nil }
            try require(draft, "dec") { $0 == "allow" || $0 == "approve" }
        case .callOutcome:
            try require(draft, "intent") { Digest(base64: $0) != nil }
            try require(draft, "st") { outcomes.contains($0) }
        case .callUnknown:
            try require(draft, "intent") { Digest(base64: $0) != nil }
            try require(draft, "why") { ["crash", "killed", "timeout", "disconnect"].contains($0) }
        case .callDenied:
            try require(draft, "code") { !$0.isEmpty }
            guard draft.fields["intent"] != nil else { return }
            try require(draft, "intent") { Digest(base64: $0) != nil }
        case .approvalUsed: try require(draft, "intent") { Digest(base64: $0) != nil }
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
    /// Permits or changes something: refused on a full disk.
    case permit
    /// Tells what has taken effect anyway (denials, kills, the log's own state): may use the reserve.
    case fact

    package init(_ draft: RecordDraft) {
        switch draft.type {
        case .callIntent: self = .intent
        case .callOutcome, .callUnknown, .callDenied:
            guard let intent = draft.fields["intent"]?.string.flatMap({ Digest(base64: $0) }) else {
                self = .fact
                return
            }
            let late = draft.type == .callOutcome && draft.fields["late"]?.bool == true
            self = late ? .lateOutcome(intent) : .closer(intent)
        case .accessRefused, .killRequested, .killEffective, .killRefused, .alarmRaised, .logFull,
            .logTick, .clockStep, .logRecovered, .logStarted, .runEnd, .sessionClosed,
            .serverQuarantined, .pinDrift, .approvalDenied, .approvalExpired, .approvalWithdrawn,
            .approvalVoid:
            self = .fact
        default: self = .permit
        }
    }
}
