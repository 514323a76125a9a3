package import InterlockJSON

/// The reason why nothing of a server is offered until a person releases it (docs/specs/mcp.md, section 14).
package enum ShutOff: Sendable, Hashable, CustomStringConvertible {
    /// A person's order, with that person's reason.
    case person(String)
    /// The server violated the protocol, or its code differs from the reviewed code (`lock.code`); the code of the
    /// rule, and one sentence.
    case conduct(code: String, String)

    package var description: String {
        switch self {
        case .person(let reason): "by a person: \(reason)"
        case .conduct(Self.otherCode, let reason): reason
        case .conduct(_, let reason): "it broke the protocol: \(reason)"
        }
    }

    static let otherCode = "lock.code"

    /// Reads the stored form. An unreadable entry still shuts the server off.
    package init(_ body: JSONValue) {
        let reason = body["reason"]?.string ?? "by an order that cannot be read"
        self = body["code"]?.string.map { .conduct(code: $0, reason) } ?? .person(reason)
    }

    /// The stored form, which `init` reads.
    package var body: JSONObject {
        switch self {
        case .person(let reason): ["reason": .string(reason)]
        case .conduct(let code, let reason): ["reason": .string(reason), "code": .string(code)]
        }
    }
}
