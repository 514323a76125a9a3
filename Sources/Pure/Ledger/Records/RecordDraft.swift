package import InterlockJSON
package import InterlockModel

/// A record before the ledger assigns its position. The ledger adds `v`, `t`, `ts`, `mono`, `boot`, `node`, and for a
/// run's record `run`, `rs`, `prev`, `agent`, `subj` (docs/specs/ledger.md, section 5).
package struct RecordDraft: Sendable {
    package let type: RecordType
    /// The run whose chain the record belongs to, or nil for records of the log, keys, policy and broad halts.
    package let run: RunContext?
    /// The fields of the record's type. They must not contain free text or personal data, which belong in payloads.
    package var fields: JSONObject
    /// The payloads; each becomes a field of its name that contains the commitment `{b, c, n}`.
    package var payloads: [SealedPayload]

    package init(
        _ type: RecordType, run: RunContext?, fields: JSONObject = [:],
        payloads: [SealedPayload] = []
    ) {
        self.type = type
        self.run = run
        self.fields = fields
        self.payloads = payloads
    }
}

extension RecordDraft {
    /// The record with its commitments only, for payloads that could not be stored.
    package var unstored: RecordDraft {
        var draft = self
        draft.payloads = payloads.map(\.unstored)
        return draft
    }
}

/// The values that every record of one run repeats. It is a class because every record passes it on.
package final class RunContext: Hashable, Sendable {
    package let run: RunID
    package let agent: AgentName
    package let subject: Pseudonym?
    package init(run: RunID, agent: AgentName, subject: Pseudonym?) {
        self.run = run
        self.agent = agent
        self.subject = subject
    }

    package static func == (a: RunContext, b: RunContext) -> Bool {
        a === b || a.run == b.run && a.agent == b.agent && a.subject == b.subject
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(run)
        hasher.combine(agent)
        hasher.combine(subject)
    }
}

/// The implemented record types; `RecordSchema` defines the fields of each.
package enum RecordType: String, Sendable, CaseIterable {
    case logGenesis = "log.genesis"
    case logStarted = "log.started"
    case logRecovered = "log.recovered"
    case logTick = "log.tick"
    case logFull = "log.full"
    case logPruned = "log.pruned"
    case logClosed = "log.closed"
    case keyRotate = "key.rotate"
    case keyListed = "key.listed"
    case payloadErased = "payload.erased"
    case exportMade = "export.made"
    case indexDigest = "index.digest"
    case logPlaces = "log.places"
    case controlEntry = "control.entry"
    case policyLoaded = "policy.loaded"
    case policyProposed = "policy.proposed"
    case configChanged = "config.changed"
    case runStart = "run.start"
    case runAttach = "run.attach"
    case runEnd = "run.end"
    case runInput = "run.input"
    case runTainted = "run.tainted"
    case workspaceLevel = "workspace.level"
    case runDiff = "run.diff"
    case runExport = "run.export"
    case mergeChecked = "merge.checked"
    case hookSession = "hook.session"
    case hookCall = "hook.call"
    case hookBypassed = "hook.bypassed"
    case hookSilent = "hook.silent"
    case hookConfigChanged = "hook.config_changed"
    case hookUnexplainedChange = "hook.unexplained_change"
    case hostUnmanaged = "host.unmanaged"
    case hookInstalled = "hook.installed"
    case redactionFailed = "redaction.failed"
    case hostChecked = "host.checked"
    case applyApproved = "apply.approved"
    case applyDecision = "apply.decision"
    case discard
    case runDegraded = "run.degraded"
    case limitDegraded = "limit.degraded"
    case limitHit = "limit.hit"
    case netLookup = "net.dns"
    case netConnect = "net.connect"
    case netClose = "net.close"
    case responseThrottle = "response.throttle"
    case responsePause = "response.pause"
    case responseEnd = "response.end"
    case breakerOpened = "breaker.opened"
    case breakerClosed = "breaker.closed"
    case budgetReserved = "budget.reserved"
    case budgetSnapshot = "budget.snapshot"
    case callIntent = "call.intent"
    case callInput = "call.input"
    case callOutcome = "call.outcome"
    case callUnknown = "call.unknown"
    case outcomeChecked = "outcome.checked"
    case callDenied = "call.denied"
    case approvalRequested = "approval.requested"
    case approvalGranted = "approval.granted"
    case approvalDenied = "approval.denied"
    case approvalExpired = "approval.expired"
    case approvalWithdrawn = "approval.withdrawn"
    case approvalVoid = "approval.void"
    case approvalReissued = "approval.reissued"
    case approvalUsed = "approval.used"
    case approvalViewed = "approval.viewed"
    case approvalProbe = "approval.probe"
    case approvalBreakGlass = "approval.breakglass"
    case approvalReviewed = "approval.reviewed"
    case approvalDelegated = "approval.delegated"
    case approvalDelegationEnded = "approval.delegation_ended"
    case approverEnrolled = "approver.enrolled"
    case approverRevoked = "approver.revoked"
    case peopleRole = "people.role"
    case killRequested = "kill.requested"
    case killEffective = "kill.effective"
    case killPoint = "kill.point"
    case killReleaseRequested = "kill.release_requested"
    case killReleased = "kill.released"
    case killRefused = "kill.refused"
    case killViolation = "kill.violation"
    case killDrill = "kill.drill"
    case killDrillOverdue = "kill.drill_overdue"
    case selfTestResult = "selftest.result"
    case elevationRequested = "elevation.requested"
    case elevationGranted = "elevation.granted"
    case elevationDenied = "elevation.denied"
    case elevationEnded = "elevation.ended"
    case alarmRaised = "alarm.raised"
    case alarmDisposed = "alarm.disposed"
    case incidentOpened = "incident.opened"
    case incidentAction = "incident.action"
    case incidentClosed = "incident.closed"
    case alertUndelivered = "alert.undelivered"
    case pinAccepted = "pin.accepted"
    case pinDrift = "pin.drift"
    case serverQuarantined = "server.quarantined"
    case serverReleased = "server.released"
    case serverAuthorized = "server.authorized"
    case serverForgotten = "server.forgotten"
    case canaryAdded = "canary.added"
    case canaryRemoved = "canary.removed"
    case evalResult = "eval.result"
    case evalExcepted = "eval.excepted"
    case evalAttested = "eval.attested"
    case evalRefused = "eval.refused"
    case trustClassified = "trust.classified"
    case trustPromoted = "trust.promoted"
    case trustDemoted = "trust.demoted"
    case trustDelegated = "trust.delegated"
    case trustExcepted = "trust.excepted"
    case ownerConfirmed = "owner.confirmed"
    case reviewScheduled = "review.scheduled"
    case reviewStarted = "review.started"
    case reviewMarked = "review.marked"
    case reviewSigned = "review.signed"
    case reviewDiscarded = "review.discarded"
    case reviewPostponed = "review.postponed"
    case reviewOverdue = "review.overdue"
    case sessionOpened = "session.opened"
    case sessionClosed = "session.closed"
    case tokenIssued = "token.issued"
    case serviceIssued = "service.issued"
    case serviceEnded = "service.ended"
    case listServed = "list.served"
    case accessRefused = "access.refused"
    case clockStep = "clock.step"
}
