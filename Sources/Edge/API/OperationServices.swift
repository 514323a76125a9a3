package import InterlockAdministration
package import InterlockEvidence
package import InterlockModel
import InterlockPorts
import InterlockSchemas

/// The parts of the gateway that operations use. `PeopleAPI` and `LocalAPI` each have their own value.
package struct OperationServices: Sendable {
    package let inbox: any ApprovalInbox
    /// Is nil if no person signs in here.
    let sessions: (any PersonSessions)?
    let clock: any Clock
    package let hashing: any Hashing
    /// Is nil if signing in by passkey is not configured.
    let entry: ConsoleEntry?
    /// Is nil if the authorized keys could not be read at start.
    package let orders: (any OrderActions)?
    /// Is nil if service accounts are not available; every token is then unknown.
    package let services: (any ServiceAccountAuthenticator)?
    /// Is nil if the kill switch is not available.
    package let halts: HaltService?
    let sources: ConsoleSources

    var elevations: ElevationService? { sources.elevations }
    var isOfCluster: Bool { sources.isOfCluster }
    package var way: ApprovalMethod { entry == nil ? .command : .page }

    package init(
        inbox: any ApprovalInbox, sessions: (any PersonSessions)? = nil, clock: any Clock,
        hashing: any Hashing,
        entry: ConsoleEntry? = nil, orders: (any OrderActions)? = nil,
        services: (any ServiceAccountAuthenticator)? = nil, halts: HaltService? = nil,
        sources: ConsoleSources
    ) {
        self.inbox = inbox
        self.sessions = sessions
        self.clock = clock
        self.hashing = hashing
        self.entry = entry
        self.orders = orders
        self.services = services
        self.halts = halts
        self.sources = sources
    }
}

extension OperationServices {
    /// - Throws: `notRead` if the part is nil.
    func part<Part>(
        _ part: Part?, of whole: StaticString = "gateway"
    ) throws(Problem) -> Part {
        guard let part else {
            throw Problem(.notRead, "there is no \(whole) behind this console")
        }
        return part
    }

    func visibility(_ call: some APIRequestContext) throws(Problem) -> Visibility {
        switch try call.asker() {
        case .person(let session): sources.visibility(session.person)
        case .service(let service): Visibility(of: service)
        case .commandLine(let person, _): Visibility(operator: person)
        }
    }

    func reader(_ call: some APIRequestContext) throws(Problem) -> EvidenceReader {
        switch try call.asker() {
        case .person(let session):
            EvidenceReader(
                visibility: sources.visibility(session.person), pseudonym: session.pseudonym)
        case .service(let service): EvidenceReader(service)
        case .commandLine: throw Problem(.notEligible, "the command line reads the log itself")
        }
    }
}
