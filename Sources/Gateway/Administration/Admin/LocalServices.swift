package import InterlockGovernor
package import InterlockJSON
package import InterlockModel
package import InterlockNotification
package import InterlockPorts
package import InterlockWitness

/// The parts of the gateway that only the command line uses, through the local socket. Processes of the gateway's user
/// and of root are the operator. An action in a person's name also requires that person's signature.
package struct LocalServices: Sendable {
    let gateway: Gateway
    let approvals: ApprovalService
    let kill: HaltService
    let drills: DrillService
    let elevations: ElevationService
    let policies: PolicyService
    let erasures: ErasureService
    let signIns: any UpstreamAuthorization
    let tokens: any TokenIssuer
    let pseudonyms: any Pseudonyms
    let witnesses: WitnessAdministration
    let console: ConsolePosture
    let alerts: NotificationService
    let alarms: AlertDispositionService
    /// Is nil if the authorized keys could not be read at start.
    let people: PeopleService?
    let canaries: PlantedValueService
    let evals: any EvalActions
    /// Is nil in a gateway without a self-test.
    package var selfTests: (any SelfTestActions)?
    private let pages: HealthPages

    package init(
        gateway: Gateway, approvals: ApprovalService, kill: HaltService, drills: DrillService,
        elevations: ElevationService, policies: PolicyService, erasures: ErasureService,
        signIns: any UpstreamAuthorization, tokens: any TokenIssuer, pseudonyms: any Pseudonyms,
        witnesses: WitnessAdministration, console: ConsolePosture, alerts: NotificationService,
        alarms: AlertDispositionService, people: PeopleService?, canaries: PlantedValueService,
        evals: any EvalActions
    ) {
        self.gateway = gateway
        self.approvals = approvals
        self.kill = kill
        self.drills = drills
        self.elevations = elevations
        self.policies = policies
        self.erasures = erasures
        self.signIns = signIns
        self.tokens = tokens
        self.pseudonyms = pseudonyms
        self.witnesses = witnesses
        self.console = console
        self.alerts = alerts
        self.alarms = alarms
        self.people = people
        self.canaries = canaries
        self.evals = evals
        pages = HealthPages(gateway, approvals)
    }

    /// Returns a health page with its details. The operator needs no token, because a user of this socket can read the
    /// token's file.
    package func page(at path: String) -> HTTPResponse? {
        HealthPages.Page(rawValue: path).map { pages.response(to: $0, isDetailed: true) }
    }

    /// Returns the pseudonym of a user of this machine, as in records.
    package func pseudonym(of person: Person) -> Pseudonym { pseudonyms.pseudonym(of: person) }
}

/// A request of the command line at the local socket.
package struct LocalCall: Sendable {
    /// The pseudonym of the caller, as in records.
    package let by: Pseudonym
    package let body: JSONValue
    let places: [ExactText: String]

    package init(by: Pseudonym, places: [ExactText: String], body: JSONValue) {
        self.by = by
        self.places = places
        self.body = body
    }

    /// Returns the value of a placeholder of the path, or an empty string if the path has no such placeholder.
    subscript(place: String) -> String { places[ExactText(place)] ?? "" }
}

/// The state of the console, for `interlock status`.
package struct ConsolePosture: Sendable {
    /// The address of the console, or nil if none is configured; people then decide only on the command line.
    package let url: String?
    /// The reason why people cannot sign in, or nil if they can.
    package let problem: String?
    /// A description of an optional part that is missing, or nil. The console works without it.
    package let missing: String?

    package init(url: String? = nil, problem: String? = nil, missing: String? = nil) {
        self.url = url
        self.problem = problem
        self.missing = missing
    }

    var json: JSONValue {
        [
            "url": url.map(JSONValue.string) ?? .null,
            "problem": problem.map(JSONValue.string) ?? .null,
            "missing": missing.map(JSONValue.string) ?? .null,
        ]
    }
}
