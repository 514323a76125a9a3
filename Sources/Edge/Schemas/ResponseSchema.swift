package import InterlockJSON
package import InterlockModel

/// The form of the response for a value of one type. One line per member both documents and writes it.
///
/// INVARIANT: every response of the API conforms to its document; a request that does not is rejected. Kept by
/// `APIDocumentTests`, `test_api_schema.py`.
package struct ResponseSchema<Whole>: Sendable {
    package let name: String
    package let parts: [Part]

    package struct Part: Sendable {
        package let member: JSONSchemaType.Member
        fileprivate let value: @Sendable (Whole) -> JSONValue?
    }

    package init(_ name: String, _ parts: Part...) { self.init(name, parts) }

    package init(_ name: String, _ parts: [Part]) {
        self.name = name
        self.parts = parts
    }

    package var shape: JSONSchemaType { .record(name: name, parts.map(\.member)) }

    package func json(_ whole: Whole) -> JSONValue {
        var object: JSONObject = [:]
        for part in parts { object[part.member.name] = part.value(whole) }
        return .object(object)
    }
}

extension ResponseSchema.Part {
    package init<Value: ResponseValue>(
        _ name: String, _ shape: JSONSchemaType, _ note: String,
        _ value: @escaping @Sendable (Whole) -> Value
    ) { self.init(member: .init(name, shape, note)) { value($0).inResponse } }

    /// A member that is omitted if its value is nil.
    package static func maybe<Value: ResponseValue>(
        _ name: String, _ shape: JSONSchemaType, _ note: String,
        _ value: @escaping @Sendable (Whole) -> Value?
    ) -> Self { Self(member: .maybe(name, shape, note)) { value($0)?.inResponse } }
}

/// A value that members of responses have.
package protocol ResponseValue: SendableMetatype { var inResponse: JSONValue { get } }

/// A value that is an object in responses.
package protocol ResponseRecord: ResponseValue { static var form: ResponseSchema<Self> { get } }

extension ResponseRecord { package var inResponse: JSONValue { Self.form.json(self) } }

extension JSONValue: ResponseValue { package var inResponse: JSONValue { self } }
extension JSONObject: ResponseValue { package var inResponse: JSONValue { .object(self) } }
extension String: ResponseValue { package var inResponse: JSONValue { .string(self) } }
extension Bool: ResponseValue { package var inResponse: JSONValue { .bool(self) } }
extension Int64: ResponseValue { package var inResponse: JSONValue { .integer(self) } }
extension Int: ResponseValue { package var inResponse: JSONValue { .integer(Int64(self)) } }
extension UInt64: ResponseValue {
    package var inResponse: JSONValue { .integer(Int64(clamping: self)) }
}
/// Written in UTC, in whole seconds, in the form of `TextShape.time`.
extension Timestamp: ResponseValue {
    package var inResponse: JSONValue { .string(rfc3339(fractionDigits: 0)) }
}
extension Array: ResponseValue where Element: ResponseValue {
    package var inResponse: JSONValue { .array(map(\.inResponse)) }
}
extension ArraySlice: ResponseValue where Element: ResponseValue {
    package var inResponse: JSONValue { .array(map(\.inResponse)) }
}
