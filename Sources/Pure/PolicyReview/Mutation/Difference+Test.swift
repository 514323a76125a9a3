import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Difference {
    /// An entry of `tests` that holds for the old revision and fails for the new one, ready to paste; nil if the difference
    /// is not shown by one call.
    var missingTest: String? {
        guard let agent, let witness, !onceComplete, !isLatent,
            let verdict = Self.verdict(old)
        else { return nil }
        var fields = ["agent: \(agent)", "call: \(subject)"]
        if let arguments = witness.object, arguments.count > 0 {
            fields.append("args: " + String(decoding: witness.serialized(), as: UTF8.self))
        }
        if let time { fields.append("at: \"\(time)\"") }
        if let stage { fields.append("stage: \(stage.rawValue)") }
        fields.append("expect: \(verdict)")
        return "  - {\(fields.joined(separator: ", "))}"
    }

    /// The verdict at the beginning of `approve 2` or `deny no-grant`.
    private static func verdict(_ text: String) -> String? {
        let words = text.split(separator: " ")
        switch words.first {
        case "allow": return "allow"
        case "deny": return "deny"
        case "approve": return words.count > 1 ? "approve \(words[1])" : "approve"
        default: return nil
        }
    }
}
