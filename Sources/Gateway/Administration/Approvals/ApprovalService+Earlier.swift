import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import Synchronization

extension ApprovalService {
    /// Sets the facts about the agent's earlier requests for the tool: the last ones, and the day's sum where the template
    /// asks for it.
    func putEarlier(
        than call: CanonicalCall, _ template: ReviewTemplate?, at now: Timestamp,
        into facts: inout JSONObject
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
                template.total(of: call.arguments, earlier, since: midnight, isWhole: isWhole))
        }
    }
}

extension ReviewTemplate {
    /// Returns the day's sum of the calls that people approved, this one included, as people read it.
    fileprivate func total(
        of arguments: JSONValue, _ earlier: EarlierRequests, since midnight: Timestamp,
        isWhole: Bool
    ) -> String {
        guard let own = try? filled(from: arguments), case .integer(let amount) = own.amount else {
            return "not known: the quantity is not a whole number"
        }
        let past = earlier.sum(since: midnight) { arguments in
            guard let filled = try? filled(from: arguments), filled.unit == own.unit,
                case .integer(let amount) = filled.amount
            else { return nil }
            return amount
        }
        guard let past else { return "not known: the sum is out of range" }
        let (sum, isOut) = past.sum.addingReportingOverflow(amount)
        guard !isOut else { return "not known: the sum is out of range" }
        let unit = own.unit.map { " \($0)" } ?? ""
        return
            "\(isWhole ? "" : "at least ")\(sum)\(unit), with this call and \(past.count) approved today (UTC)"
    }
}
