import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

/// A call that was in flight when the halt took effect.
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

    /// Is nil while the call has not ended.
    package var end: CutEnd? { token.end }
}
