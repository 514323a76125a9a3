import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

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
