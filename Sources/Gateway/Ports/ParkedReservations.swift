package import InterlockLimits
package import InterlockModel

/// The reservations of calls that ended while their approval requests stay open. A value type: its owner has the lock.
package struct ParkedReservations: Sendable {
    private struct Entry: Sendable {
        let request: ApprovalID
        let held: LimitReservation
    }
    private var entries: [LimitQuestion: Entry] = [:]

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    package subscript(question: LimitQuestion) -> LimitReservation? { entries[question]?.held }

    package mutating func remove(_ question: LimitQuestion) -> LimitReservation? {
        entries.removeValue(forKey: question)?.held
    }

    /// - Returns: the reservation whose entry this one takes, which the caller ends.
    package mutating func park(
        _ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion
    ) -> LimitReservation? {
        let old = entries.updateValue(Entry(request: request, held: held), forKey: question)?.held
        return old === held ? nil : old
    }

    /// Removes the reservations of the requests that have ended, and returns them.
    package mutating func removeEnded(_ isOver: (ApprovalID) -> Bool) -> [LimitReservation] {
        let over = entries.filter { isOver($0.value.request) }
        for question in over.keys { entries[question] = nil }
        return over.values.map(\.held)
    }
}

extension LimitReservation {
    /// True if a call with these demands can take the reservation over.
    package func covers(_ other: [LimitDemand]) -> Bool {
        demands.count == other.count
            && zip(demands, other).allSatisfy {
                $0.limit == $1.limit && $0.seconds == $1.seconds && $0.amount == $1.amount
            }
    }
}
