import InterlockAdministration
import InterlockJSON
import InterlockModel

/// Reads the parameters of a query. An undeclared parameter, or one that does not match its schema, is malformed.
enum QueryFields {
    static func read(
        _ fields: [ExactText: String], _ members: [JSONSchemaType.Member]
    ) throws(Problem) -> [ExactText: JSONValue] {
        var found: [ExactText: JSONValue] = [:]
        for (name, text) in fields.sorted(by: { $0.key < $1.key }) {
            guard let member = members.first(where: { sameBytes($0.name, name.text) }) else {
                throw Problem(.malformed, "unknown parameter `\(name)`")
            }
            let value = value(text, member.shape)
            do throws(FormError) { try member.shape.check(value, at: name.text) } catch {
                throw Problem(error)
            }
            found[member.name] = value
        }
        return found
    }

    /// Converts a number only in its canonical spelling: without a plus sign or leading zeros.
    private static func value(_ text: String, _ shape: JSONSchemaType) -> JSONValue {
        guard case .whole = shape, let number = Int64(text), String(number) == text else {
            return .string(text)
        }
        return .integer(number)
    }
}
