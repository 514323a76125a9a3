import InterlockEgress
import InterlockJSON
import InterlockModel

/// A request of plain HTTP in the form of the local socket: its bytes in base64.
extension SentRequest {
    init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, at: "request", required: ["head", "body"])
        let head = try fields.made("head", "bytes in base64") { Base64.decode($0) }
        let body = try fields.made("body", "bytes in base64") { Base64.decode($0) }
        guard let request = SentRequest(head: head, body: body) else {
            throw fields.bad("body", "at most \(Self.longestBody) bytes")
        }
        self = request
    }

    var json: JSONValue {
        ["head": .string(Base64.encode(head)), "body": .string(Base64.encode(body))]
    }
}
