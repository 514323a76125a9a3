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
                "state": .string(state), "votes": .integer(Int64(votes.count)),
                "need": .integer(need), "signatures": .integer(Int64(signed)),
                "consents": .integer(Int64(consents)),
                "objections": .integer(Int64(objections)),
                "break_glass": .integer(Int64(broken)),
                "uses": .integer(Int64(uses)), "records": .integer(Int64(found.records.count)),
                "faults": .array(faults.map(JSONValue.string)),
                "not_checked": .array(open.map(JSONValue.string)),
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
