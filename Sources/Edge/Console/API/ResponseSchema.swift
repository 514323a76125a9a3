import InterlockJSON

/// The form of the response for a value of one type. One line per member both documents and writes it.
struct ResponseSchema<Whole>: Sendable {
    let name: String
    let parts: [Part]

    struct Part: Sendable {
        let member: JSONSchemaType.Member
        let value: @Sendable (Whole) -> JSONValue?

        init(
            _ name: String, _ shape: JSONSchemaType, _ note: String,
            _ value: @escaping @Sendable (Whole) -> JSONValue
        ) {
            member = JSONSchemaType.Member(name, shape, note)
            self.value = value
        }

        private init(
            _ member: JSONSchemaType.Member, _ value: @escaping @Sendable (Whole) -> JSONValue?
        ) {
            self.member = member
            self.value = value
        }

        /// A member that is omitted if its value is nil.
        static func maybe(
            _ name: String, _ shape: JSONSchemaType, _ note: String,
            _ value: @escaping @Sendable (Whole) -> JSONValue?
        ) -> Part { Part(JSONSchemaType.Member(name, shape, note, isOptional: true), value) }
    }

    init(_ name: String, _ parts: [Part]) {
        self.name = name
        self.parts = parts
    }

    var shape: JSONSchemaType { .record(name: name, parts.map(\.member)) }

    func json(_ whole: Whole) -> JSONValue {
        var object: JSONObject = [:]
        for part in parts { object[part.member.name] = part.value(whole) }
        return .object(object)
    }
}
