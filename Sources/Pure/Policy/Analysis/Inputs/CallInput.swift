import InterlockJSON
import InterlockModel

/// One input of the guards of a tool: what a witness is, and what a region contains.
struct CallInput: Hashable, Sendable {
    var arguments = JSONObject()
    var now = Timestamp(microseconds: 0)
    var isTainted = false
    var isSandboxed = false
    /// nil: absent.
    var onBehalfOf: String?

    /// What stands at a place; nil when nothing does.
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

    /// - Precondition: the path is no opaque one; what those are is not known here.
    func satisfies(_ constraint: Constraint, at path: InputPath) -> Bool {
        constraint.admits(value(at: path.names))
    }
}
