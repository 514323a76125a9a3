import InterlockJSON
import InterlockLedger

/// The headline of a record, in words for people.
struct RecordHeadline {
    let record: StoredRecord

    /// The headline: "Call denied". Of a type that this version does not know, the type.
    var headline: String {
        guard let type = RecordType(rawValue: record.type) else { return record.type }
        switch type {
        case .callIntent:
            guard record["hprompt"]?.bool != true else { return "Call left to the host's prompt" }
            return record.text("dec") == "approve" ? "Approval needed" : "Call allowed"
        case .netConnect:
            return record.text("dec") == "allow" ? "Connection allowed" : "Connection denied"
        case .callOutcome: return outcome
        case .killRequested: return "Stop ordered"
        case .killEffective: return "Stop effective"
        case .responsePause, .responseThrottle, .responseEnd: return Self.responses(type)
        default: return Self.headlines[type] ?? record.type
        }
    }

    /// True if the headline is this program's, and no type from the log.
    var isKnown: Bool { RecordType(rawValue: record.type) != nil }

    /// The headline in its sentence: "Call denied: refunds, crm__delete_customer".
    var sentence: String { headline + (subjects.map { ": " + $0 } ?? "") }

    /// The subjects of the record, at most two names; nil if it has none.
    var subjects: String? {
        let names = ["agent", "tool", "server", "svc", "target", "name"]
            .compactMap(record.text).prefix(2)
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private var outcome: String {
        if record["late"]?.bool == true { return "Late result" }
        switch record.text("st") {
        case "ok": return "Call finished"
        case "withheld": return "Result withheld"
        case "cancelled": return "Call cancelled"
        case "not_executed": return "Call not executed"
        default: return "Call failed"
        }
    }

    private static func responses(_ type: RecordType) -> String {
        switch type {
        case .responsePause: "Run paused"
        case .responseThrottle: "Run slowed"
        default: "Run released"
        }
    }

    private static let headlines: [RecordType: String] = [
        .logGenesis: "Log created", .logStarted: "Gateway started",
        .logRecovered: "Log recovered after a crash", .logTick: "Tick",
        .logFull: "Disk space", .logPruned: "Old records removed", .logClosed: "Log closed",
        .clockStep: "Clock changed", .keyRotate: "Log key replaced", .keyListed: "Log key listed",
        .payloadErased: "Payloads erased", .exportMade: "Log viewed",
        .indexDigest: "Index of a day", .logPlaces: "Index places",
        .controlEntry: "Entry of the control chain",
        .policyLoaded: "Policy in force", .policyProposed: "Revision proposed",
        .configChanged: "Configuration changed", .runStart: "Run started",
        .runAttach: "Run taken over", .runEnd: "Run ended",
        .runDegraded: "Sandbox layer off", .limitDegraded: "Limit not kept",
        .limitHit: "Limit reached", .runInput: "Prompt", .runDiff: "Changes reviewed",
        .runTainted: "Untrusted content",
        .workspaceLevel: "Level of a workspace",
        .hookSession: "Session of a coding agent", .hookCall: "Call seen at a hook",
        .hookBypassed: "Hook bypassed", .hookSilent: "Hook silent",
        .hookConfigChanged: "Settings of a coding agent changed",
        .hookUnexplainedChange: "Unexplained changes", .hostUnmanaged: "Coding agent unmanaged",
        .hookInstalled: "Hooks installed or removed",
        .redactionFailed: "Result not redacted",
        .hostChecked: "Coding agent checked",
        .runExport: "Commits exported", .applyApproved: "Changes approved",
        .applyDecision: "Changes applied", .discard: "Changes discarded",
        .mergeChecked: "Merge checked",
        .breakerOpened: "Circuit breaker opened",
        .breakerClosed: "Circuit breaker closed", .budgetReserved: "Limit used",
        .budgetSnapshot: "Limits saved", .callInput: "Server asked for input",
        .callUnknown: "Outcome unknown", .outcomeChecked: "Outcome checked",
        .callDenied: "Call denied",
        .approvalRequested: "Approval requested", .approvalGranted: "Approved",
        .approvalDenied: "Approval denied", .approvalExpired: "Approval expired",
        .approvalWithdrawn: "Approval request withdrawn", .approvalVoid: "Approval void",
        .approvalReissued: "Approval requested again", .approvalUsed: "Approval used",
        .approvalViewed: "Approval request viewed", .approvalProbe: "Probe decided",
        .approvalBreakGlass: "Break-glass used", .approvalReviewed: "Break-glass reviewed",
        .approvalDelegated: "Approvals delegated",
        .approvalDelegationEnded: "Delegation ended", .approverEnrolled: "Key enrolled",
        .approverRevoked: "Keys revoked", .peopleRole: "Roles changed",
        .killPoint: "Sandbox stopped", .killReleaseRequested: "Resume requested",
        .killReleased: "Resumed",
        .killRefused: "Stop order refused", .killViolation: "Stop not obeyed",
        .killDrill: "Drill", .killDrillOverdue: "Drill overdue", .selfTestResult: "Self-test",
        .elevationRequested: "Temporary access requested",
        .elevationGranted: "Temporary access granted",
        .elevationDenied: "Temporary access denied",
        .elevationEnded: "Temporary access ended", .alarmRaised: "Alert",
        .alarmDisposed: "Alert classified", .incidentOpened: "Incident opened",
        .incidentAction: "Incident handled", .incidentClosed: "Incident closed",
        .alertUndelivered: "Notification not delivered",
        .pinAccepted: "Server reviewed", .pinDrift: "Server changed",
        .serverQuarantined: "Server quarantined", .serverReleased: "Server released",
        .serverAuthorized: "Server authorized", .serverForgotten: "Server authorization removed",
        .canaryAdded: "Canary added", .canaryRemoved: "Canary removed",
        .evalResult: "Evals of an agent", .evalExcepted: "Agent excepted from its evals",
        .evalAttested: "Agent attested", .evalRefused: "Agent refused without passing evals",
        .trustClassified: "Cause of a denial stated",
        .trustPromoted: "Agent promoted", .trustDemoted: "Agent demoted",
        .trustDelegated: "Ceiling of an agent set",
        .trustExcepted: "Agent excepted from its stage",
        .ownerConfirmed: "Owner of an agent confirmed",
        .reviewScheduled: "Review scheduled", .reviewStarted: "Review started",
        .reviewMarked: "Record reviewed", .reviewSigned: "Review signed",
        .reviewDiscarded: "Signed review discarded",
        .reviewPostponed: "Review postponed", .reviewOverdue: "Review overdue",
        .sessionOpened: "Session opened", .sessionClosed: "Session closed",
        .tokenIssued: "Token issued", .serviceIssued: "Service token issued",
        .serviceEnded: "Service token ended", .listServed: "Tools listed",
        .accessRefused: "Access refused",
        .netLookup: "Name resolved", .netClose: "Connection ended",
    ]
}
