import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import Synchronization

extension ApprovalService {
    /// Sets the facts about the agent's earlier requests for the tool: the last ones, and the day's sum where the template
    /// asks for it.
    func putEarlier(
        than call: CanonicalCall, _ template: ReviewTemplate?, _ units: ToolUnits,
        at now: Timestamp, into facts: inout JSONObject
    ) {
        let midnight = now.day.start
        let (earlier, isWhole) = state.withLock { state in
            (
                EarlierRequests(than: call, among: state.table.requests(like: call)),
                state.table.holdsEnded(since: midnight)
            )
        }
        facts["history"] = earlier.fact
        facts["total"] = nil
        if let template, template.quantity?.hasTotal == true {
            facts["total"] = .string(
                template.total(
                    of: call.arguments, units, earlier, since: midnight, isWhole: isWhole))
        }
    }
}

extension ReviewTemplate {
    /// Returns the day's sum of the calls that people approved, this one included, as people read it. Amounts in
    /// another unit or currency are left out.
    fileprivate func total(
        of arguments: JSONValue, _ units: ToolUnits, _ earlier: EarlierRequests,
        since midnight: Timestamp, isWhole: Bool
    ) -> String {
        guard let own = amount(in: arguments, units), case .integer(let amount) = own.value else {
            return "not known: the quantity is not a whole number"
        }
        if case .failure(let error)? = own.declared?.result { return "not known: \(error)" }
        let past = earlier.sum(since: midnight) { arguments in
            guard let other = self.amount(in: arguments, units), other.unit == own.unit,
                other.declared?.currency == own.declared?.currency,
                case .integer(let amount) = other.value
            else { return nil }
            return amount
        }
        let outOfRange = "not known: the sum is out of range"
        guard let past else { return outOfRange }
        let (sum, isOut) = past.sum.addingReportingOverflow(amount)
        guard !isOut, let text = own.text(ofSum: sum, in: units, quantity?.value) else {
            return outOfRange
        }
        return
            "\(isWhole ? "" : "at least ")\(text), with this call and \(past.count) approved today (UTC)"
    }

    private func amount(in arguments: JSONValue, _ units: ToolUnits) -> FilledQuantity? {
        (try? filled(from: arguments, units: units))?.amount
    }
}

extension FilledQuantity {
    /// A sum of such quantities as people read it, or nil if it has no exact form.
    fileprivate func text(
        ofSum sum: Int64, in units: ToolUnits, _ argument: ArgumentPath?
    ) -> String? {
        guard let declared, let unit = argument.flatMap({ units[$0] }) else {
            return FilledQuantity(value: .integer(sum), declared: nil, unit: unit).text
        }
        let text = try? UnitFormatter.text(
            of: .integer(sum), as: unit.kind, declared.currency)
        return text.map { "\($0) (\(sum))" }
    }
}
