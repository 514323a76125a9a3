package import InterlockJSON

/// The reason why an event of a host cannot be decided. It ends in a refusal; the message repeats no text of the host.
package enum HookInputError: Error, Hashable, Sendable, CustomStringConvertible {
    case json(JSONError)
    case notObject
    /// The host's payload does not name its event, and the command line does not either.
    case missingEvent
    /// The payload names another event than the command line.
    case otherEvent
    case missingMember(String)
    /// The member, and the requirement that it violates.
    case badMember(String, String)

    /// The stable code of all such refusals.
    package static let code = "bad-host-input"

    package var description: String {
        switch self {
        case .json(let error): "bad host input: not valid JSON: \(error)"
        case .notObject: "bad host input: expected a JSON object"
        case .missingEvent: "bad host input: missing event name; help: pass `--event`"
        case .otherEvent: "bad host input: the event differs from `--event`"
        case .missingMember(let name): "bad host input: member `\(name)` is missing"
        case .badMember(let name, let expected): "bad host input: `\(name)` must be \(expected)"
        }
    }
}
