/// The minimum severity of log messages that a legacy server has agreed to send in one session, and whether a lower one
/// must be requested (`logging/setLevel`, MCP 2025-11-25). Callers of one session may request different levels: the
/// server is asked for the lowest, and each caller receives its own. A level takes effect once the server has agreed.
package struct LevelAgreement: Sendable, Equatable {
    private var agreed: LogLevel?
    /// The level of a request that is not yet answered.
    private var asked: LogLevel?
    private var refusals = 0

    /// The number of refusals after which no more requests are made, because each would delay a call by a round trip.
    private static let mostRefusals = 3

    package init() {}

    /// Returns true if a call that requires messages from this level up must request them first; nil requires none.
    package func owes(_ wanted: LogLevel?) -> Bool {
        guard let wanted, refusals < Self.mostRefusals else { return false }
        return [agreed, asked].allSatisfy { known in known.map { wanted < $0 } ?? true }
    }

    /// - Returns: true if the caller must send the request now and then call `answered`.
    package mutating func ask(for wanted: LogLevel) -> Bool {
        guard owes(wanted) else { return false }
        asked = wanted
        return true
    }

    /// - Parameter isAgreed: false if the server refused or did not respond.
    /// - Returns: `isAgreed`.
    @discardableResult
    package mutating func answered(_ level: LogLevel, isAgreed: Bool) -> Bool {
        if asked == level { asked = nil }
        if isAgreed {
            agreed = agreed.map { min($0, level) } ?? level
        } else {
            refusals += 1
        }
        return isAgreed
    }
}
