package import InterlockModel
package import InterlockPorts
import Synchronization

/// The calls between their intent and their end, each with its cancel token.
///
/// INVARIANT: `execute` enters a call here before it reads the halt set, and a halt swaps the set before it walks this
/// table. So each call is either seen by the walk or sees the halt.
package final class InFlightTable: Sendable {
    package struct Entry: Sendable {
        package let call: CallID
        package let principal: Principal
        package let owner: Pseudonym?
        package let address: ToolAddress
        package let since: ClockReading
        package let cancel: CancelToken

        package init(
            call: CallID, principal: Principal, owner: Pseudonym?, address: ToolAddress,
            since: ClockReading, cancel: CancelToken
        ) {
            self.call = call
            self.principal = principal
            self.owner = owner
            self.address = address
            self.since = since
            self.cancel = cancel
        }

        package func isStopped(by halts: HaltSet) -> Bool {
            halts.match(
                agent: principal.agent, owner: owner, server: address.server, tool: address,
                run: principal.run) != nil
        }
    }

    private let entries = Mutex<[CallID: Entry]>([:])

    package init() {}

    package var count: Int { entries.withLock { $0.count } }
    package var all: [Entry] { entries.withLock { Array($0.values) } }

    package func enter(_ entry: Entry) { entries.withLock { $0[entry.call] = entry } }
    package func leave(_ call: CallID) { entries.withLock { _ = $0.removeValue(forKey: call) } }

    /// Cancels the matching calls and returns those that this call was first to cancel.
    @discardableResult
    package func cancel(_ cause: CancelToken.Cause, where matches: (Entry) -> Bool) -> [Entry] {
        // The handlers run outside the lock, because a cancel handler may call `leave`.
        all.filter { matches($0) && $0.cancel.cancel(cause) }
    }
}
