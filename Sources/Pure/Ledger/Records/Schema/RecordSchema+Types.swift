extension RecordSchema {
    static func described(_ type: RecordType) -> RecordSchema {
        switch type {
        case .logGenesis: .logGenesis
        case .logStarted: .logStarted
        case .logRecovered: .logRecovered
        case .logTick: .logTick
        case .logFull: .logFull
        case .logPruned: .logPruned
        case .logClosed: .logClosed
        case .clockStep: .clockStep
        case .keyRotate: .keyRotate
        case .keyListed: .keyListed
        case .policyLoaded: .policyLoaded
        case .policyProposed: .policyProposed
        case .configChanged: .configChanged
        case .payloadErased: .payloadErased
        case .exportMade: .exportMade
        case .indexDigest: .indexDigest
        case .logPlaces: .logPlaces
        case .controlEntry: .controlEntry
        case .runStart: .runStart
        case .runAttach: .runAttach
        case .runEnd: .runEnd
        case .runInput: .runInput
        case .runTainted: .runTainted
        case .workspaceLevel: .workspaceLevel
        case .runDiff: .runDiff
        case .runExport: .runExport
        case .mergeChecked: .mergeChecked
        case .applyApproved: .applyApproved
        case .applyDecision: .applyDecision
        case .discard: .discard
        case .runDegraded: .runDegraded
        case .limitDegraded: .limitDegraded
        case .limitHit: .limitHit
        case .netLookup: .netLookup
        case .netConnect: .netConnect
        case .netClose: .netClose
        case .responseThrottle: .responseThrottle
        case .responsePause: .responsePause
        case .responseEnd: .responseEnd
        case .breakerOpened: .breakerOpened
        case .breakerClosed: .breakerClosed
        case .budgetReserved: .budgetReserved
        case .budgetSnapshot: .budgetSnapshot
        case .callIntent: .callIntent
        case .callInput: .callInput
        case .callOutcome: .callOutcome
        case .callUnknown: .callUnknown
        case .outcomeChecked: .outcomeChecked
        case .callDenied: .callDenied
        case .hookSession: .hookSession
        case .hookCall: .hookCall
        case .hookBypassed: .hookBypassed
        case .hookSilent: .hookSilent
        case .hookConfigChanged: .hookConfigChanged
        case .hookUnexplainedChange: .hookUnexplainedChange
        case .hostUnmanaged: .hostUnmanaged
        case .hookInstalled: .hookInstalled
        case .redactionFailed: .redactionFailed
        case .hostChecked: .hostChecked
        case .approvalRequested: .approvalRequested
        case .approvalGranted: .approvalGranted
        case .approvalDenied: .approvalDenied
        case .approvalExpired: .ended("A request for approval ran out of time.")
        case .approvalWithdrawn: .ended("A request for approval was taken back.")
        case .approvalVoid: .approvalVoid
        case .approvalReissued: .approvalReissued
        case .approvalUsed: .approvalUsed
        case .approvalViewed: .approvalViewed
        case .approvalProbe: .approvalProbe
        case .approvalBreakGlass: .approvalBreakGlass
        case .approvalReviewed: .approvalReviewed
        case .approvalDelegated: .approvalDelegated
        case .approvalDelegationEnded: .approvalDelegationEnded
        case .approverEnrolled: .approverEnrolled
        case .approverRevoked: .approverRevoked
        case .peopleRole: .peopleRole
        case .killRequested: .killRequested
        case .killEffective: .killEffective
        case .killPoint: .killPoint
        case .killReleaseRequested: .killReleaseRequested
        case .killReleased: .killReleased
        case .killRefused: .killRefused
        case .killViolation: .killViolation
        case .killDrill: .killDrill
        case .killDrillOverdue: .killDrillOverdue
        case .selfTestResult: .selfTestResult
        case .elevationRequested: .elevationRequested
        case .elevationGranted: .elevationGranted
        case .elevationDenied: .elevationEnd("An elevation was turned down.")
        case .elevationEnded: .elevationEnd("An elevation is in force no more.")
        case .alarmRaised: .alarmRaised
        case .alarmDisposed: .alarmDisposed
        case .incidentOpened: .incidentOpened
        case .incidentAction: .incidentAction
        case .incidentClosed: .incidentClosed
        case .alertUndelivered: .alertUndelivered
        case .pinAccepted: .pinAccepted
        case .pinDrift: .pinDrift
        case .serverQuarantined: .serverQuarantined
        case .serverReleased: .serverReleased
        case .serverAuthorized: .serverAuthorized
        case .serverForgotten: .serverForgotten
        case .canaryAdded: .canaryAdded
        case .canaryRemoved: .canaryRemoved
        case .evalResult: .evalResult
        case .evalExcepted: .evalExcepted
        case .evalAttested: .evalAttested
        case .evalRefused: .evalRefused
        case .trustClassified: .trustClassified
        case .trustPromoted: .trustPromoted
        case .trustDemoted: .trustDemoted
        case .trustDelegated: .trustDelegated
        case .trustExcepted: .trustExcepted
        case .ownerConfirmed: .ownerConfirmed
        case .reviewScheduled: .reviewScheduled
        case .reviewStarted: .reviewStarted
        case .reviewMarked: .reviewMarked
        case .reviewSigned: .reviewSigned
        case .reviewDiscarded: .reviewDiscarded
        case .reviewPostponed: .reviewPostponed
        case .reviewOverdue: .reviewOverdue
        case .sessionOpened: .sessionOpened
        case .sessionClosed: .sessionClosed
        case .tokenIssued: .tokenIssued
        case .serviceIssued: .serviceIssued
        case .serviceEnded: .serviceEnded
        case .listServed: .listServed
        case .accessRefused: .accessRefused
        }
    }
}

extension RecordType {
    /// The groups of the reference, in its order.
    package static let groups: [(title: String, types: [RecordType])] = [
        (
            "The log",
            [
                .logGenesis, .logStarted, .logRecovered, .logTick, .logFull, .logPruned, .logClosed,
                .clockStep, .keyRotate, .keyListed, .payloadErased, .exportMade, .indexDigest,
                .logPlaces, .controlEntry,
            ]
        ),
        (
            "Policy and configuration",
            [
                .policyLoaded, .policyProposed, .configChanged, .pinAccepted, .pinDrift,
                .serverQuarantined,
                .serverReleased, .serverAuthorized, .serverForgotten, .canaryAdded,
                .canaryRemoved, .evalResult, .evalAttested,
                .evalExcepted, .evalRefused, .trustPromoted, .trustDemoted, .trustDelegated,
                .trustExcepted, .trustClassified, .ownerConfirmed,
            ]
        ),
        (
            "Reviews",
            [
                .reviewScheduled, .reviewStarted, .reviewMarked, .reviewSigned, .reviewDiscarded,
                .reviewPostponed, .reviewOverdue,
            ]
        ),
        (
            "Runs",
            [
                .runStart, .runAttach, .runDegraded, .limitDegraded, .runInput, .runTainted,
                .workspaceLevel,
                .limitHit, .runEnd,
                .runDiff, .runExport, .applyApproved, .applyDecision, .discard, .mergeChecked,
                .sessionOpened,
                .sessionClosed, .listServed,
            ]
        ),
        ("The network of runs", [.netLookup, .netConnect, .netClose]),
        (
            "Calls",
            [
                .budgetReserved, .budgetSnapshot, .callIntent, .callInput, .callOutcome,
                .callUnknown, .outcomeChecked, .callDenied,
            ]
        ),
        (
            "Hooks of coding agents",
            [
                .hookSession, .hookCall, .hookBypassed, .hookSilent, .hookConfigChanged,
                .hookUnexplainedChange, .hostUnmanaged, .hookInstalled, .hostChecked,
                .redactionFailed,
            ]
        ),
        (
            "Breakers",
            [.responseThrottle, .responsePause, .responseEnd, .breakerOpened, .breakerClosed]
        ),
        (
            "Approvals",
            [
                .approvalRequested, .approvalGranted, .approvalDenied, .approvalExpired,
                .approvalWithdrawn, .approvalVoid, .approvalReissued, .approvalUsed,
                .approvalViewed, .approvalProbe,
                .approvalBreakGlass, .approvalReviewed,
                .approvalDelegated, .approvalDelegationEnded,
            ]
        ),
        (
            "The kill switch",
            [
                .killRequested, .killPoint, .killEffective, .killReleaseRequested, .killReleased,
                .killRefused,
                .killViolation, .killDrill, .killDrillOverdue, .selfTestResult,
            ]
        ),
        (
            "Elevations",
            [.elevationRequested, .elevationGranted, .elevationDenied, .elevationEnded]
        ),
        (
            "People, access and alarms",
            [
                .approverEnrolled, .approverRevoked, .peopleRole, .serviceIssued, .serviceEnded,
                .tokenIssued, .accessRefused,
                .alarmRaised, .alarmDisposed, .incidentOpened, .incidentAction,
                .incidentClosed, .alertUndelivered,
            ]
        ),
    ]
}
