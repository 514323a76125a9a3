import InterlockApprovals
import InterlockJSON
import InterlockKeys
import InterlockModel

extension ApprovalCheck {
    func print(json: Bool) {
        let digest = shown?.review?.call.digest(OpenSSLHashing()).prefixed
        if json {
            var object: JSONObject = [
                "good": .bool(faults.isEmpty), "request": .string(id.text),
                "state": .string(state), "votes": .count(votes.count),
                "need": .integer(need), "signatures": .count(signed),
                "consents": .count(consents),
                "objections": .count(objections),
                "break_glass": .count(broken),
                "uses": .count(uses), "records": .count(found.records.count),
                "faults": .strings(faults),
                "not_checked": .strings(open),
            ]
            object["digest"] = digest.map(JSONValue.string)
            return Output.json(.object(object))
        }
        for fault in faults { Output.error("fault: \(TerminalEscaping.shown(fault))") }
        let parts = [
            "\(id.shown) \(state)", "\(votes.count) of \(need) agreed",
            "\(signed) signatures verified",
            consents > 0 ? "\(consents) by a client's word, which nobody signed" : nil,
            objections > 0 ? "\(objections) denials that need no signature" : nil,
            broken > 0 ? "\(broken) uses of break-glass, \(orders) orders verified" : nil,
            digest.map { "call \($0)" },
            found.records.statement,
        ]
        Output.line(
            (faults.isEmpty ? "ok: " : "BAD: ") + parts.compactMap(\.self).joined(separator: ", "))
        for left in open { Output.error("not checked: \(TerminalEscaping.shown(left))") }
    }
}
