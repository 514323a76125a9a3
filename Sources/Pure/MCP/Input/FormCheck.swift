import InterlockJSON

/// Checks a form that a server asks a person to complete: it must be an object of primitive fields, and no field may
/// ask for a secret.
enum FormCheck {
    static let maximumFields = 64
    private static let secrets = [
        "password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "credential",
        "privatekey", "accesskey", "cvv", "otp",
    ]
    /// The keywords that extend a schema beyond its own members. Such schemas are rejected rather than resolved.
    private static let composed = [
        "$ref", "allOf", "anyOf", "oneOf", "not", "if", "patternProperties", "additionalProperties",
        "dependentSchemas", "$defs", "definitions",
    ]

    static func check(_ schema: JSONValue?) throws(InputRefusal) {
        guard let schema = schema?.object, schema["type"] == "object",
            let fields = schema["properties"]?.object, fields.count <= maximumFields
        else { throw .malformed("its schema is no object with fields") }
        if composed.contains(where: { schema[$0] != nil }) {
            throw .malformed("its schema is composed of others")
        }
        for (name, field) in fields.members {
            guard let field = field.object, let type = field["type"]?.string,
                ["string", "number", "integer", "boolean", "array"].contains(type)
            else { throw .malformed("a field is not primitive") }
            let words = [name, field["title"]?.string ?? "", field["description"]?.string ?? ""]
            if field["format"] == "password" || words.contains(where: asksForSecret) {
                throw .secret(name)
            }
        }
    }

    /// Returns true if the letters and digits of the text contain the name of a secret, so that `API-Key`, `api_key`
    /// and `apiKey` are equal.
    private static func asksForSecret(_ text: String) -> Bool {
        let letters = String(
            decoding: text.lowercased().utf8.filter { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }, as: UTF8.self)
        return secrets.contains { letters.contains($0) }
    }
}
