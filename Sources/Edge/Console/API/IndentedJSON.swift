import InterlockJSON

/// A value on many lines, for files that people compare.
enum IndentedJSON {
    static func text(_ value: JSONValue) -> String { text(value, "") + "\n" }

    private static func text(_ value: JSONValue, _ indent: String) -> String {
        let inner = indent + "  "
        switch value {
        case .object(let object) where !object.isEmpty:
            let members = object.members.map {
                inner + written(.string($0.key)) + ": " + text($0.value, inner)
            }
            return "{\n" + members.joined(separator: ",\n") + "\n" + indent + "}"
        case .array(let elements) where elements.contains { $0.object != nil }:
            let lines = elements.map { inner + text($0, inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n" + indent + "]"
        default: return written(value)
        }
    }

    private static func written(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}
