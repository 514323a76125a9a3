package import InterlockJSON
package import InterlockModel

/// One input of a tool's guards: the form of a witness, and an element of a region.
package struct CallInput: Hashable, Sendable {
    package var arguments = JSONObject()
    package var now = Timestamp(microseconds: 0)
    package var isTainted = false
    package var isSandboxed = false
    /// The person, or nil if the call is on behalf of no person.
    package var onBehalfOf: String?

    /// Returns the value at a location, or nil if it is absent.
    func value(at names: [String]) -> JSONValue? {
        switch names.first {
        case "args": return value(at: names.dropFirst(), in: .object(arguments))
        case "now": return names.count == 1 ? .integer(now.milliseconds) : nil
        case "call": return names.count == 2 ? callValue(names[1]) : nil
        default: return nil
        }
    }

    private func value(at names: ArraySlice<String>, in value: JSONValue) -> JSONValue? {
        guard let name = names.first else { return value }
        return value[name].flatMap { self.value(at: names.dropFirst(), in: $0) }
    }

    private func callValue(_ name: String) -> JSONValue? {
        switch name {
        case "tainted": .bool(isTainted)
        case "sandboxed": .bool(isSandboxed)
        case "on_behalf_of": onBehalfOf.map { .string($0) }
        default: nil
        }
    }

    /// - Precondition: the path must not be opaque; the values of opaque paths are unknown here.
    func satisfies(_ constraint: Constraint, at path: InputPath) -> Bool {
        constraint.admits(value(at: path.names))
    }
}
