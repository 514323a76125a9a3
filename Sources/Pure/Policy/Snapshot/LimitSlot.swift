package import InterlockJSON
import InterlockModel

/// What a call takes of a limit while it is counted.
package struct Reservation: Sendable, Hashable {
    /// `calls`, `server.tool` or `spend:args.field`.
    package let limit: String
    package let amount: Int64

    package var json: JSONValue { ["limit": .string(limit), "n": .integer(amount)] }
}

/// One limit that a tool's calls count against.
struct LimitSlot: Sendable {
    /// As reservations and counters name it.
    let name: String
    let rate: Rate
    /// The argument that is summed up; nil counts calls.
    let field: FieldPath?
    let path: String
    let place: SourcePlace

    /// - Returns: nil when the argument is missing, negative or no integer.
    func reservation(_ arguments: JSONValue) -> Reservation? {
        guard let field else { return Reservation(limit: name, amount: 1) }
        guard let amount = value(at: field, in: arguments), amount >= 0 else { return nil }
        return Reservation(limit: name, amount: amount)
    }

    /// Whether what was used leaves room for the amount.
    func admits(_ amount: Int64, used: Int64) -> Bool {
        let (sum, overflow) = used.addingReportingOverflow(amount)
        return !overflow && sum <= rate.count
    }

    private func value(at field: FieldPath, in arguments: JSONValue) -> Int64? {
        guard let path = field.below("args"), !path.isHere else { return nil }
        var value: JSONValue? = arguments
        for name in path.names { value = value?[name] }
        return value?.integer
    }
}
