import InterlockJSON

/// Finds whether a value that fits a reviewed schema can hold text of any content (docs/specs/output-safety.md, section
/// 7): not numbers, booleans and members of an enumeration. A string with a `format` can, because formats are not
/// asserted.
enum FreeText {
    /// The deepest nesting that is examined; text below counts as possible.
    private static let deepest = 16

    /// - Returns: true also if the schema does not exclude it: without `type`, with members that it does not name, and
    ///   with keywords that are not examined.
    static func isPossible(in value: JSONValue, depth: Int = 0) -> Bool {
        guard let schema = value.object else { return value != false }
        if schema["enum"] != nil || schema["const"] != nil { return false }
        guard depth < deepest else { return true }
        for keyword in ["anyOf", "oneOf"] {
            guard let parts = schema[keyword]?.array, !parts.isEmpty else { continue }
            return parts.contains { isPossible(in: $0, depth: depth + 1) }
        }
        let names: [String]
        switch schema["type"] {
        case .string(let name)?: names = [name]
        case .array(let list)? where !list.isEmpty: names = list.map { $0.string ?? "" }
        default: return true
        }
        return names.contains { isPossible(of: $0, schema, depth) }
    }

    private static func isPossible(of type: String, _ schema: JSONObject, _ depth: Int) -> Bool {
        switch type {
        case "null", "boolean", "integer", "number": return false
        case "string": return true
        case "array":
            guard let items = schema["items"], schema["prefixItems"] == nil else { return true }
            return isPossible(in: items, depth: depth + 1)
        case "object":
            guard schema["additionalProperties"] == false,
                schema["patternProperties"] == nil
            else { return true }
            return (schema["properties"]?.object?.members ?? []).contains {
                isPossible(in: $0.value, depth: depth + 1)
            }
        default: return true
        }
    }
}
