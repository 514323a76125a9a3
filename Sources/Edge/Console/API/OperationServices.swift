package import InterlockAdministration
package import InterlockModel
import InterlockPorts

/// The parts of the gateway that operations are answered from, whichever door they were asked for at.
package struct OperationServices: Sendable {
    let inbox: any ApprovalInbox
    let clock: any Clock
    let hashing: any Hashing
    /// nil where nobody can sign in by passkey.
    let entry: ConsoleEntry?
    /// nil where who is enrolled could not be read at the start.
    let orders: (any OrderActions)?
    /// nil where no service is known.
    let services: (any ServiceAccountAuthenticator)?
    /// nil where the console is shown without a gateway.
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
