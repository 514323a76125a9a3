import InterlockJSON

/// Arguments that a reviewed schema is likely to accept: its required members, each with the first value that the schema
/// itself names or the plainest of its type. The caller validates them.
enum ExampleArguments {
    private static let deepest = 8

    static func make(for schema: JSONObject) -> JSONObject {
        object(schema, depth: deepest)
    }

    private static func object(_ schema: JSONObject, depth: Int) -> JSONObject {
        var object = JSONObject()
        for name in schema["required"]?.array ?? [] {
            guard let key = name.string else { continue }
            let member = schema["properties"]?.object?[key]?.object ?? [:]
            object[key] = value(member, depth: depth - 1)
        }
        return object
    }

    private static func value(_ schema: JSONObject, depth: Int) -> JSONValue {
        let named = schema["const"] ?? schema["enum"]?.array?.first ?? schema["default"]
        if let value = named ?? schema["examples"]?.array?.first { return value }
        switch schema["type"]?.string ?? schema["type"]?.array?.first?.string {
        case "integer", "number": return .integer(number(schema))
        case "boolean": return true
        case "null": return .null
        case "array":
            let count = min(schema["minItems"]?.integer ?? 0, 16)
            guard count > 0, depth > 0 else { return [] }
            let item = value(schema["items"]?.object ?? [:], depth: depth - 1)
            return .array((0..<count).map { _ in item })
        case "object": return .object(depth > 0 ? object(schema, depth: depth) : [:])
        default:
            let least = min(schema["minLength"]?.integer ?? 0, 256)
            let most = schema["maxLength"]?.integer ?? 256
            let text = "example" + String(repeating: "x", count: max(0, Int(least) - 7))
            return .string(String(text.prefix(Int(max(0, min(most, 256))))))
        }
    }

    private static func number(_ schema: JSONObject) -> Int64 {
        var number: Int64 = 1
        if let least = schema["minimum"]?.integer { number = max(number, least) }
        if let bound = schema["exclusiveMinimum"]?.integer { number = max(number, bound + 1) }
        if let most = schema["maximum"]?.integer { number = min(number, most) }
        if let bound = schema["exclusiveMaximum"]?.integer { number = min(number, bound - 1) }
        return number
    }
}
