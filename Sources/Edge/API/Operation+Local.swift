import InterlockAdministration
import InterlockJSON
import InterlockSchemas

extension Operation {
    /// Operations of the command line only, which the published document omits. A signed order itself names its target.
    static let local: [Operation] = [
        row("getStatus", .get, "/status", LocalServices.status),
        row("getAgentStatus", .get, "/status/{agent}", LocalServices.agentStatus),
        row("listOpenRuns", .get, "/open-runs", LocalServices.runs),
        row("listRunActivity", .get, "/run-activity", LocalServices.runActivity),
        row("showRunActivity", .get, "/run-activity/{run}", LocalServices.openRun),
        row("listNames", .get, "/names", LocalServices.names),
        row("listRegistered", .get, "/agents", LocalServices.agents),
        row("exportRegistry", .get, "/registry", LocalServices.registry),
        row("issueToken", .post, "/tokens", LocalServices.issueToken),
        row("listLive", .get, "/approvals", LocalServices.openApprovals),
        row("showApproval", .get, "/approvals/{approval}", LocalServices.shown),
        row("beginVote", .post, "/approvals/{approval}/challenge", LocalServices.challenge),
        row("voteByKey", .post, "/approvals/{approval}/votes", LocalServices.vote),
        row(
            "orderBreakGlass", .post, "/approvals/{approval}/break-glass", LocalServices.breakGlass),
        row("voteByKeyInBatch", .post, "/approval-batches", LocalServices.voteBatch),
        row("orderReview", .post, "/approvals/{approval}/review", LocalServices.reviewBreakGlass),
        row("recordExport", .post, "/exports", LocalServices.recordExport),
        row("erase", .post, "/erasures", LocalServices.erase),
        row("reloadPolicy", .post, "/policy/reload", LocalServices.reloadPolicy),
        row("beginSignIn", .post, "/servers/{server}/authorize", LocalServices.beginSignIn),
        row("forgetSignIn", .post, "/servers/{server}/forget", LocalServices.forgetSignIn),
        row("listSignIns", .get, "/sign-ins", LocalServices.signInList),
        row("finishSignIn", .post, "/sign-ins/{signIn}/answer", LocalServices.finishSignIn),
        row("showElevation", .get, "/elevations/{elevation}", LocalServices.elevation),
        row("listWitnesses", .get, "/witnesses", LocalServices.witnessStatus),
        row("addWitness", .post, "/witnesses/add", LocalServices.addWitness),
        row("removeWitness", .post, "/witnesses/remove", LocalServices.removeWitness),
        row("listCredentials", .get, "/people", LocalServices.whoDecides),
        row("showUnconfirmed", .get, "/people/{order}", LocalServices.unconfirmed),
        row("showInvitation", .post, "/people/invited", LocalServices.invited),
        row("enrolKey", .post, "/people/keys", LocalServices.enrolKey),
        row("listDrills", .get, "/drills", LocalServices.drillStatus),
        row("runDrill", .post, "/drills", LocalServices.drill),
        row("showDrill", .get, "/drills/{drill}", LocalServices.drillReport),
        row("signDrill", .post, "/drills/{drill}/sign", LocalServices.signDrill),
        row("showSelfTest", .get, "/self-test", LocalServices.selfTestStatus),
        row("runSelfTest", .post, "/self-test", LocalServices.runSelfTest),
        row("testChannels", .post, "/alerts/test", LocalServices.testChannels),
        row("reportDetectors", .get, "/detectors/{seconds}", LocalServices.detectorReport),
        row("haltOffline", .post, "/halts/offline", LocalServices.haltOffline),
        row("getRelease", .get, "/releases/{release}", LocalServices.release),
        row("listCanaries", .get, "/canaries", LocalServices.canaryList),
        row("addCanary", .post, "/canaries", LocalServices.addCanary),
        row("removeCanary", .post, "/canaries/{canary}/remove", LocalServices.removeCanary),
        row("listEvals", .get, "/evals", LocalServices.evalStatus),
        row("submitEvalResult", .post, "/evals", LocalServices.submitEvalResult),
    ]

    private static func row(
        _ name: String, _ method: Method, _ path: PathPattern,
        _ action:
            @escaping @Sendable (LocalServices) -> (LocalCall) async throws(Problem) ->
            JSONValue
    ) -> Operation { Operation(name: name, method: method, path: path, handler: .local(action)) }
}
