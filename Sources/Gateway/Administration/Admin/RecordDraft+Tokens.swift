import InterlockJSON
package import InterlockLedger
import InterlockModel
package import InterlockPorts

extension RecordDraft {
    /// Records the issue of an agent token: its agent, expiry and scopes. `order` must be the order that the token was
    /// made from.
    package static func tokenIssued(_ issued: IssuedToken, _ order: TokenOrder) -> RecordDraft {
        var fields: JSONObject = [
            "agent": .string(order.agent.text), "jti": .string(issued.id),
            "exp": .integer(issued.expires.microseconds), "trun": .string(issued.run.text),
        ]
        if let scopes = order.scopes {
            fields["only"] = .array(
                scopes.text.split(separator: " ").map { .string(String($0).leafText) })
        }
        return RecordDraft(.tokenIssued, run: nil, fields: fields)
    }
}
