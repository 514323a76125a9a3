package import InterlockJSON
package import InterlockModel

/// The reason why bytes are not an event or a verdict of wire version 1.
package enum HookWireError: Error, Hashable, Sendable, CustomStringConvertible {
    case json(JSONError)
    case form(FormError)

    package var description: String {
        switch self {
        case .json(let error): "not valid JSON: \(error)"
        case .form(let error): error.description
        }
    }
}
