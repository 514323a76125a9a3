package import InterlockGovernor
package import InterlockModel
package import InterlockPorts

/// The parts of the gateway that the command line alone asks, at the local socket. Whoever runs as the gateway's user or
/// root is the operator; what needs a person needs that person's signature besides.
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
    /// nil while the trust file cannot be read.
    let people: PeopleService?
    let runOrders: RunControlService
    private let pages: HealthPages

    package init(
        gateway: Gateway, approvals: ApprovalService, kill: HaltService, drills: DrillService,
        elevations: ElevationService,
        policies: PolicyService,
        erasures: ErasureService, signIns: any UpstreamAuthorization,
        tokens: any TokenIssuer,
        pseudonyms: any Pseudonyms,
        witnesses: WitnessAdministration, console: ConsolePosture,
        alerts: NotificationService, alarms: AlertDispositionService, people: PeopleService?,
        runOrders: RunControlService
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
        self.runOrders = runOrders
        pages = HealthPages(gateway, approvals)
    }

    /// The operator needs no token: whoever may use this socket may read its file.
    package func page(at path: String) -> HTTPResponse? {
        HealthPages.Page(rawValue: path).map { pages.response(to: $0, isDetailed: true) }
    }

    /// The name of a user of this machine in records.
    package func pseudonym(of person: Person) -> Pseudonym { pseudonyms.pseudonym(of: person) }
}
