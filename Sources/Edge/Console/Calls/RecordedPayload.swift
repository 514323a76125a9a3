import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// A payload of a record: the arguments of a call in the units of its tool, any other as it is.
struct RecordedPayload {
    let payload: DisplayedPayload
    let record: StoredRecord
    /// The policy in force, which declares the units; nil if the console has none.
    let policy: (any PolicyQueries)?
    /// The size above which only the number of bytes is shown; nil shows every payload in full.
    var mostBytes: Int?

    @HTMLBuilder var content: [HTML] {
        if let arguments, let policy, let tool {
            html(of: arguments, policy.amounts(of: tool, in: arguments))
        } else {
            PayloadView(payload: payload, mostBytes: mostBytes).content
        }
    }

    /// The arguments, or nil if the payload is another one, is not shown, or is longer than it may be here.
    private var arguments: JSONValue? {
        guard payload.field == "args",
            [RecordType.callIntent.rawValue, RecordType.callDenied.rawValue].contains(record.type),
            case .opened(let plaintext) = payload.answer,
            mostBytes.map({ plaintext.count <= $0 }) ?? true
        else { return nil }
        return payload.json
    }

    /// Is nil for a call of a tool without a legal name, such as one of a coding agent itself.
    private var tool: ToolAddress? { record.text("tool").flatMap { ToolAddress(wireName: $0) } }

    @HTMLBuilder private func html(of arguments: JSONValue, _ found: CallAmounts) -> [HTML] {
        let call = CallArguments(arguments, facts: Self.facts(found))
        call.content
        if !call.amounts.isEmpty, record.text("pol") != found.policy.base64 {
            element(.p, .style(.muted)) {
                "Units of the active policy, which is not the one that decided this call."
            }
        }
    }

    private static func facts(_ found: CallAmounts) -> JSONValue {
        var facts: JSONObject = [:]
        facts[ReviewFacts.amounts] = found.amounts
        return .object(facts)
    }
}
