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

extension HookLimits {
    /// Reads a value from bytes of the wire, within the limits of the wire.
    static func read<Value>(
        _ bytes: [UInt8], _ body: (JSONValue) throws(FormError) -> Value
    ) throws(HookWireError) -> Value {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: wire) } catch {
            throw .json(error)
        }
        do throws(FormError) { return try body(value) } catch { throw .form(error) }
    }
}
