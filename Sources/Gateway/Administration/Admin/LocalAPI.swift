package import InterlockGovernor
import InterlockJSON
import InterlockModel
package import InterlockPorts

/// The local socket: what the operator's command line asks of the running gateway. Whoever runs as the
/// gateway's user or root is the operator (mode 0600, and the kernel's word on who is there); what needs
/// a person needs that person's signature besides.
package struct LocalAPI: RequestHandler {
    let gateway: Gateway
    let approvals: ApprovalService
    let kill: HaltService
    let drills: DrillService
    let elevations: ElevationService
    let policies: PolicyService
    let erasures: ErasureService
    let quarantines: QuarantineService
    let signIns: any UpstreamAuthorization
    let tokens: any TokenIssuer
    let pseudonyms: any Pseudonyms
    let witnesses: WitnessAdministration?
    /// The user that the gateway runs as; that one and root may use the socket.
    let user: UInt32
    let console: ConsolePosture
    let alerts: NotificationService?
    let alarms: AlertDispositionService?
    /// nil while the trust file cannot be read.
    let people: PeopleService?
    let runOrders: RunControlService
    private let pages: HealthPages

    private static let bodyLimitBytes = 512 << 10

    package init(
        gateway: Gateway, approvals: ApprovalService, kill: HaltService, drills: DrillService,
        elevations: ElevationService,
        policies: PolicyService,
        erasures: ErasureService, quarantines: QuarantineService,
        signIns: any UpstreamAuthorization,
        tokens: any TokenIssuer,
        pseudonyms: any Pseudonyms,
        witnesses: WitnessAdministration? = nil, user: UInt32,
        console: ConsolePosture = ConsolePosture(),
        alerts: NotificationService? = nil, alarms: AlertDispositionService? = nil,
        people: PeopleService? = nil,
        runOrders: RunControlService
    ) {
        self.gateway = gateway
        self.approvals = approvals
        self.kill = kill
        self.drills = drills
        self.elevations = elevations
        self.policies = policies
        self.erasures = erasures
        self.quarantines = quarantines
        self.signIns = signIns
        self.tokens = tokens
        self.pseudonyms = pseudonyms
        self.witnesses = witnesses
        self.user = user
        self.console = console
        self.alerts = alerts
        self.alarms = alarms
        self.people = people
        self.runOrders = runOrders
        pages = HealthPages(gateway, approvals)
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        guard case .local(let uid, _) = head.listener else {
            return .refuse(.plain(403, "this is the local socket's"))
        }
        // The file's mode says the same; a mode that somebody widened must not be a way in.
        guard uid == user || uid == 0 else {
            return .refuse(.plain(403, "this socket is for the user that runs the gateway"))
        }
        return HeadDecision.readBody(limitBytes: Self.bodyLimitBytes).refusingCoded(head)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        // The operator needs no token: whoever may use this socket may read its file.
        if head.method == "GET", let page = HealthPages.Page(rawValue: head.path) {
            return exchange.respond(pages.response(to: page, isDetailed: true))
        }
        do throws(LocalRefusal) {
            let value = body.isEmpty ? JSONValue.null : try json(body)
            exchange.respond(.json(200, try await answer(head, value)))
        } catch {
            exchange.respond(error.response)
        }
    }

    /// Every request that exists, in one table; whatever is not in it is 404.
    private func answer(
        _ head: RequestHead, _ body: JSONValue
    ) async throws(LocalRefusal) -> JSONValue {
        let path = head.segments
        guard path.first == "v1", (2...4).contains(path.count) else { throw .noSuchRequest }
        let name = path.count > 2 ? path[2] : nil
        let deed = path.count > 3 ? path[3] : nil
        switch (head.method, path[1], name, deed) {
        case ("GET", "status", nil, nil): return await status()
        case ("GET", "status", let agent?, nil): return try status(of: agent)
        case ("GET", "limits", let agent, nil): return try limits(of: agent)
        case ("GET", "breakers", nil, nil): return breakers()
        case ("POST", "breakers", let name?, "close"?):
            return try await closeBreaker(name, body, by: head.listener)
        // Which run it is about, the signature says.
        case ("POST", "runs", _?, "order"?): return try await orderRun(body)
        case ("GET", "names", nil, nil): return names()
        case ("GET", "agents", nil, nil): return agents()
        case ("POST", "tokens", nil, nil): return try await issueToken(body)
        case ("GET", "approvals", nil, nil): return openApprovals()
        case ("GET", "approvals", let id?, nil): return shown(try approval(id))
        case ("POST", "approvals", let id?, "challenge"?):
            return try await challenge(try approval(id), body)
        // Which request it is about, the signature says.
        case ("POST", "approvals", _?, "votes"?): return try await vote(body)
        case ("POST", "approvals", _?, "break-glass"?): return try await breakGlass(body)
        case ("POST", "approvals", _?, "review"?): return try await reviewBreakGlass(body)
        case ("POST", "exports", nil, nil): return try await recordExport(body, by: head.listener)
        case ("POST", "erasures", nil, nil): return try await erase(body, by: head.listener)
        case ("GET", "policy", nil, nil): return policyStatus()
        case ("POST", "policy", "reload"?, nil): return await reloadPolicy()
        case ("POST", "servers", let server?, "quarantine"?):
            return try await self.server(server, .quarantine, body, by: head.listener)
        case ("POST", "servers", let server?, "release"?):
            return try await self.server(server, .release, body, by: head.listener)
        case ("POST", "servers", let server?, "authorize"?):
            return try await beginSignIn(server, body, by: head.listener)
        case ("POST", "servers", let server?, "forget"?):
            return try await forgetSignIn(server, body, by: head.listener)
        case ("GET", "sign-ins", nil, nil): return signInList()
        case ("POST", "sign-ins", let id?, "answer"?):
            return try await finishSignIn(id, body, by: head.listener)
        case ("GET", "elevations", nil, nil): return elevationList()
        case ("GET", "elevations", let id?, nil): return try elevation(id)
        case ("POST", "elevations", nil, nil): return try await requestElevation(body)
        case ("POST", "elevations", let id?, "approve"?):
            return try await approveElevation(id, body)
        case ("POST", "elevations", let id?, "end"?): return try await endElevation(id, body)
        case ("GET", "witnesses", nil, nil): return try witnessStatus()
        case ("POST", "witnesses", "add"?, nil): return try await addWitness(body)
        case ("POST", "witnesses", "remove"?, nil): return try await removeWitness(body)
        case ("GET", "people", nil, nil): return try whoDecides()
        case ("GET", "services", nil, nil): return try serviceList()
        case ("POST", "services", nil, nil): return try await issueServiceToken(body)
        case ("POST", "services", "ends"?, nil): return try await endServiceToken(body)
        case ("GET", "people", let id?, nil): return try await unconfirmed(id)
        case ("POST", "people", "invitations"?, nil): return try await invite(body)
        case ("POST", "people", "invited"?, nil): return try await invited(body)
        case ("POST", "people", "keys"?, nil): return try await enrolKey(body)
        case ("POST", "people", "roles"?, nil): return try await askRoles(body)
        case ("POST", "people", "confirmations"?, nil): return try await confirmPeople(body)
        case ("POST", "people", "revocations"?, nil): return try await revokePerson(body)
        case ("GET", "drills", nil, nil): return try drillStatus()
        case ("POST", "drills", nil, nil): return try await drill(body)
        case ("GET", "drills", let id?, nil): return try drillReport(id)
        case ("POST", "drills", _?, "sign"?): return try signDrill(body)
        case ("GET", "runs", nil, nil): return runs()
        case ("GET", "alerts", nil, nil): return try await alarmList()
        case ("POST", "alerts", "test"?, nil): return try await testChannels(body)
        case ("GET", "alerts", let id?, nil): return try await alarm(id)
        case ("POST", "alerts", let id?, "disposition"?):
            return try await dispose(of: id, body, by: head.listener)
        case ("GET", "detectors", let since, nil):
            return try await detectorReport(since: since)
        case ("GET", "halts", nil, nil): return halts()
        case ("POST", "halts", nil, nil): return try await halt(body)
        case ("POST", "halts", "offline"?, nil):
            return try await halt(body, source: "offline")
        case ("GET", "halts", let id?, "report"?): return try haltReport(id)
        case ("POST", "releases", nil, nil): return try await propose(body)
        case ("GET", "releases", let id?, nil): return try release(id)
        case ("POST", "releases", let id?, "confirm"?): return try await confirm(id, body)
        default: throw .noSuchRequest
        }
    }

    private func json(_ body: [UInt8]) throws(LocalRefusal) -> JSONValue {
        do throws(JSONError) { return try JSONValue(parsing: body, limits: .agent) } catch {
            throw LocalRefusal(400, "not valid JSON: \(error)")
        }
    }
}

/// Why a request of the command line was not done; `status` decides the exit code.
struct LocalRefusal: Error {
    let status: Int
    let message: String
    var help: String?

    init(_ status: Int, _ message: String, help: String? = nil) {
        self.status = status
        self.message = message
        self.help = help
    }

    static let noSuchRequest = LocalRefusal(404, "no such request")

    var response: HTTPResponse {
        var object: JSONObject = ["message": .string(message)]
        object["help"] = help.map(JSONValue.string)
        return .json(status, .object(object))
    }
}

extension RequestHead {
    fileprivate var segments: [String] { path.split(separator: "/").map(String.init) }
}
