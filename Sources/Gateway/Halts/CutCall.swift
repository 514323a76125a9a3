package import InterlockModel
import Synchronization

/// How a call that a halt cut came to its end.
package enum CutEnd: Sendable {
    /// It never reached its server.
    case undone
    /// Its server answered, and the result is withheld.
    case answered
    /// Nobody knows what its server did: people have to look.
    case unknown
}

/// One call that was under way when the halt came.
package struct CutCall: Sendable {
    package let call: CallID
    package let address: ToolAddress
    package let sent: Timestamp
    private let token: CancelToken

    init(_ entry: InFlightTable.Entry) {
        call = entry.call
        address = entry.address
        sent = entry.since.wall
        token = entry.cancel
    }

    /// nil while it has not ended.
    package var end: CutEnd? { token.end }
}
