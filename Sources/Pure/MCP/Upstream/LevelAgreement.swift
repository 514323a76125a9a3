/// From which level a legacy server says log messages in one session, and whether it is still to be asked for
/// more (`logging/setLevel`, MCP 2025-11-25). Callers of one session may want different levels: the server is
/// asked for the most, each caller hears its own. A level counts once the server has agreed.
package struct LevelAgreement: Sendable, Equatable {
    private var agreed: LogLevel?
    /// Asked for, and not yet answered.
    private var asked: LogLevel?
    private var refusals = 0

    /// After so many refusals the server is left alone: each would cost a call a round trip.
    private static let mostRefusals = 3

    package init() {}

    /// Whether a call that wants messages from this level up has to ask for them first; nil wants none.
    package func owes(_ wanted: LogLevel?) -> Bool {
        guard let wanted, refusals < Self.mostRefusals else { return false }
        return [agreed, asked].allSatisfy { known in known.map { wanted < $0 } ?? true }
    }

    /// - Returns: whether the server is to be asked now, which then ends in `answered`.
    package mutating func ask(for wanted: LogLevel) -> Bool {
        guard owes(wanted) else { return false }
        asked = wanted
        return true
    }

    /// - Parameter isAgreed: false when the server refused, or nothing came.
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
