import InterlockJSON

/// What is answered of a value of one type. Each part is documented and written by the same line.
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

        /// Left out where there is none.
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
