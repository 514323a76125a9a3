package import InterlockAdministration
package import InterlockModel
import InterlockPorts

/// The parts of the gateway that operations use. `PeopleAPI` and `LocalAPI` each have their own value.
package struct OperationServices: Sendable {
    let inbox: any ApprovalInbox
    let clock: any Clock
    let hashing: any Hashing
    /// Is nil if signing in by passkey is not configured.
    let entry: ConsoleEntry?
    /// Is nil if the authorized keys could not be read at start.
    let orders: (any OrderActions)?
    /// Is nil if service accounts are not available; every token is then unknown.
    let services: (any ServiceAccountAuthenticator)?
    /// Is nil if the kill switch is not available.
    let halts: HaltService?
    let sources: ConsoleSources

    var elevations: ElevationService? { sources.elevations }
    var way: ApprovalMethod { entry == nil ? .command : .page }

    package init(
        inbox: any ApprovalInbox, clock: any Clock, hashing: any Hashing,
        entry: ConsoleEntry? = nil, orders: (any OrderActions)? = nil,
        services: (any ServiceAccountAuthenticator)? = nil, halts: HaltService? = nil,
        sources: ConsoleSources
    ) {
        self.inbox = inbox
        self.clock = clock
        self.hashing = hashing
        self.entry = entry
        self.orders = orders
        self.services = services
        self.halts = halts
        self.sources = sources
    }
}
