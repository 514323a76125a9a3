package import InterlockJSON
import InterlockMarkup

extension JSONSchemaType {
    /// The equivalent JSON Schema 2020-12.
    ///
    /// - Parameters:
    ///   - isClosed: whether other members are forbidden: true for request bodies, false for responses, which may gain
    ///     members.
    ///   - named: collects the schema of each named record; the result only refers to it.
    package func schema(isClosed: Bool, _ named: inout JSONObject) -> JSONObject {
        switch self {
        case .text(let text):
            var schema: JSONObject = ["type": "string"]
            if let characters = text.characters {
                schema["minLength"] = .integer(Int64(characters.lowerBound))
                schema["maxLength"] = .integer(Int64(characters.upperBound))
            }
            schema["pattern"] = text.pattern.map(JSONValue.string)
            return schema
        case .choice(let names):
            return ["type": "string", "enum": .array(names.map(JSONValue.string))]
        case .whole(let range):
            return [
                "type": "integer", "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ]
        case .truth: return ["type": "boolean"]
        case .list(let element, let count):
            return [
                "type": "array", "minItems": .integer(Int64(count.lowerBound)),
                "maxItems": .integer(Int64(count.upperBound)),
                "items": .object(element.schema(isClosed: isClosed, &named)),
            ]
        case .record(let name, let members):
            if named[name] == nil {
                named[name] = .object(Self.schema(members, isClosed: isClosed, &named))
            }
            return ["$ref": .string("#/components/schemas/\(name)")]
        case .either(let shapes):
            var all: [JSONValue] = []
            for shape in shapes { all.append(.object(shape.schema(isClosed: isClosed, &named))) }
            return ["oneOf": .array(all)]
        case .object: return ["type": "object"]
        }
    }

    private static func schema(
        _ members: [Member], isClosed: Bool, _ named: inout JSONObject
    ) -> JSONObject {
        var properties: JSONObject = [:]
        for member in members {
            var property = member.shape.schema(isClosed: isClosed, &named)
            property["description"] = .string(member.note)
            properties[member.name] = .object(property)
        }
        var schema: JSONObject = ["type": "object", "properties": .object(properties)]
        let required = members.filter { !$0.isOptional }.map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        if isClosed { schema["additionalProperties"] = false }
        return schema
    }
}
