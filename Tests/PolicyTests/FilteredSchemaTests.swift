import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// The schema of results that lose fields, and names of fields that only look alike (docs/specs/output-safety.md,
/// section 3).
@Suite(.requirement("R024")) struct FilteredSchemaTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: .upstream)
    }

    private static func paths(_ text: String) -> [FieldPath] {
        text.split(separator: " ").map { FieldPath(String($0)) }
    }

    private static func data(
        keep: String? = nil, drop: String = "", mask: String = ""
    ) -> DataObligations {
        let masks = paths(mask).map { ($0, MaskMethod.redact) }
        return DataObligations(
            keep: keep.map(paths), drop: paths(drop),
            mask: Dictionary(masks, uniquingKeysWith: { first, _ in first }))
    }

    private static let customer = ##"""
        {"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"integer"},"email":{"type":"string","format":"email"},"orders":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/Order"}},"age":{"type":["integer","null"]}},"required":["id","email","orders"],"additionalProperties":false,"$defs":{"Order":{"type":"object","properties":{"no":{"type":"integer"},"iban":{"type":"string"}},"required":["no","iban"]},"Unused":{"type":"null"}}}
        """##

    @Test(arguments: [
        (
            data(drop: "email"),
            ##"{"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"integer"},"orders":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/Order"}},"age":{"type":["integer","null"]}},"required":["id","orders"],"additionalProperties":false,"$defs":{"Order":{"type":"object","properties":{"no":{"type":"integer"},"iban":{"type":"string"}},"required":["no","iban"]}}}"##
        ),
        // The definition is written out where fields of it are dropped, and no longer listed whole.
        (
            data(drop: "orders.iban"),
            ##"{"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"integer"},"email":{"type":"string","format":"email"},"orders":{"type":"array","minItems":1,"items":{"allOf":[{"type":"object","properties":{"no":{"type":"integer"}},"required":["no"]}]}},"age":{"type":["integer","null"]}},"required":["id","email","orders"],"additionalProperties":false}"##
        ),
        (
            data(keep: "id orders.no"),
            ##"{"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"integer"},"orders":{"type":"array","items":{"allOf":[{"type":"object","properties":{"no":{"type":"integer"}},"required":["no"]}]}}},"required":["id","orders"],"additionalProperties":false}"##
        ),
        (
            data(mask: "id age orders"),
            ##"{"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"string"},"email":{"type":"string","format":"email"},"orders":{"type":"array"},"age":{"type":["string","null"]}},"required":["id","email","orders"],"additionalProperties":false}"##
        ),
        // A field that is kept in part is removed where it is a scalar, before a mask can show that it was there.
        (
            data(keep: "id orders.no", mask: "orders"),
            ##"{"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"integer"},"orders":{"type":"array"}},"required":["id"],"additionalProperties":false}"##
        ),
        (
            data(drop: "EMAIL"),
            ##"{"type":"object","title":"Customer","description":"One","properties":{"id":{"type":"integer"},"orders":{"type":"array","minItems":1,"items":{"$ref":"#/$defs/Order"}},"age":{"type":["integer","null"]}},"required":["id","orders"],"additionalProperties":false,"$defs":{"Order":{"type":"object","properties":{"no":{"type":"integer"},"iban":{"type":"string"}},"required":["no","iban"]}}}"##
        ),
    ])
    func `dropped fields are neither listed nor required, and masked ones are texts`(
        data: DataObligations, expected: String
    ) throws {
        let schema = try #require(try json(Self.customer).object)
        let filtered = try #require(data.filtered(schema: schema))
        #expect(JSONValue.object(filtered) == (try json(expected)))
    }

    @Test(arguments: [
        // Branches stay, each filtered; exactly one of them may no longer be certain.
        (
            #"{"type":"object","oneOf":[{"properties":{"a":{"const":1},"b":{}},"required":["a"]},{"properties":{"b":{}},"minProperties":2}]}"#,
            #"{"type":"object","allOf":[{"anyOf":[{"properties":{"b":{}},"required":[]},{"properties":{"b":{}}}]}]}"#
        ),
        // Keywords that a missing field could break are left out.
        (
            #"{"type":"object","properties":{"b":{}},"minProperties":3,"dependentRequired":{"b":["a"]},"if":{"required":["a"]},"then":{"required":["b"]},"not":{"required":["c"]},"propertyNames":{"minLength":1},"examples":[{"a":1}],"default":{"a":1}}"#,
            #"{"type":"object","properties":{"b":{}}}"#
        ),
        (
            ##"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"x":{"$ref":"#/definitions/D","description":"ignored"}},"definitions":{"D":{"type":"integer"}}}"##,
            ##"{"type":"object","properties":{"x":{"$ref":"#/definitions/D","description":"ignored"}},"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"D":{"type":"integer"}}}"##
        ),
    ])
    func `the new schema never requires more`(text: String, expected: String) throws {
        let schema = try #require(try json(text).object)
        let filtered = try #require(Self.data(drop: "a").filtered(schema: schema))
        #expect(JSONValue.object(filtered) == (try json(expected)))
    }

    @Test(arguments: [
        // References to what is filtered itself, under another name, or out of the document.
        ##"{"type":"object","properties":{"a":{},"next":{"$ref":"#"}}}"##,
        ##"{"type":"object","properties":{"next":{"$ref":"#/properties/x"},"x":{}}}"##,
        #"{"type":"object","properties":{"x":{"$anchor":"y"}}}"#,
        #"{"type":"object","properties":{"x":{"$ref":"https://x.example/"}}}"#,
        ##"{"type":"object","properties":{"x":{"$ref":"#/$defs/%41"}},"$defs":{"A":{}}}"##,
        ##"{"type":"object","properties":{"x":{"$ref":"#/$defs/none"}}}"##,
        #"{"type":"object","patternProperties":{"^a":{}}}"#,
        ##"{"$ref":"#"}"##, ##"{"items":{"$ref":"#"}}"##,
        // References below an `$id` of their own, which the root's definitions do not answer.
        ##"{"allOf":[{"$id":"https://x.example/y","$ref":"#/$defs/D","$defs":{"D":{}}}],"$defs":{"D":{"type":"object"}}}"##,
        ##"{"allOf":[{"$ref":"#/$defs/A/properties/b"}],"$defs":{"A":{"$id":"https://x.example/y","properties":{"b":{"$ref":"#/$defs/D"}},"$defs":{"D":{}}},"D":{"type":"object"}}}"##,
    ])
    func `a schema that cannot be written again is given up`(text: String) throws {
        let schema = try #require(try json(text).object)
        #expect(Self.data(drop: "a").filtered(schema: schema) == nil)
    }

    @Test func `references that repeat a part at each depth are given up, soon`() throws {
        let levels = (0..<40).map { level in
            let next = "{\"$ref\":\"#/$defs/d\(level + 1)\"}"
            return "\"d\(level)\":{\"anyOf\":[\(next),\(next)]}"
        }
        let schema = try json(
            ##"{"$ref":"#/$defs/d0","$defs":{"## + levels.joined(separator: ",")
                + ",\"d40\":{\"properties\":{\"a\":{}}}}}")
        #expect(Self.data(drop: "a").filtered(schema: try #require(schema.object)) == nil)
    }

    @Test func `references that make a schema many times as large are given up`() throws {
        let levels = (0..<7).map { level in
            let next = "{\"$ref\":\"#/$defs/d\(level + 1)\"}"
            return "\"d\(level)\":{\"allOf\":[\(next),\(next)]}"
        }
        let leaf = ",\"d7\":{\"description\":\"" + String(repeating: "x", count: 1_500)
        let schema = try json(
            ##"{"$ref":"#/$defs/d0","$defs":{"## + levels.joined(separator: ",") + leaf
                + "\",\"properties\":{\"a\":{}}}}}")
        #expect(Self.data(drop: "a").filtered(schema: try #require(schema.object)) == nil)
    }

    @Test(arguments: [(3, true), (20, false), (1_500, false)])
    func `references that repeat a large part many times are given up`(
        count: Int, isWritten: Bool
    ) throws {
        let large = String(repeating: "x", count: 100 << 10)
        let parts = Array(repeating: ##"{"$ref":"#/$defs/X"}"##, count: count)
        let schema = try json(
            ##"{"allOf":["## + parts.joined(separator: ",")
                + ##"],"$defs":{"X":{"type":"object","properties":{"iban":{},"big":{"enum":[""##
                + large + ##""]}}}}}"##)
        let filtered = Self.data(drop: "iban").filtered(schema: try #require(schema.object))
        #expect((filtered != nil) == isWritten)
    }

    @Test func `without a filter a schema stays as it is`() throws {
        let schema = try #require(try json(Self.customer).object)
        #expect(DataObligations(maxBytes: 5).filtered(schema: schema) == schema)
    }

    /// A path, and keys that differ from it by case or Unicode form alone, or are other names.
    @Test(
        arguments: [
            (
                "iban", ["IBAN", "Iban", "iba\u{200b}n", "\u{ff49}ban", "ıban"],
                ["ibans", "ib an", "іban"]
            ),
            ("\u{e9}t\u{e9}", ["e\u{301}te\u{301}", "\u{c9}T\u{c9}"], ["ete"]),
            ("strasse", ["straße", "STRASSE", "stra\u{17f}se"], ["strase"]),
        ] as [(String, [String], [String])])
    func `keys that differ by case or Unicode form are removed too`(
        path: String, variants: [String], others: [String]
    ) throws {
        var members: [(key: String, value: JSONValue)] = [(path, "v")]
        members += (variants + others).map { ($0, "v") }
        let value = JSONValue.object(JSONObject(distinct: members))
        let list: JSONValue = ["deep": [value]]
        let keys = { (value: JSONValue) in value.object?.members.map(\.key) ?? [] }
        let dropped = try Self.data(drop: path).apply(to: value)
        #expect(keys(dropped).map { Array($0.utf8) } == others.map { Array($0.utf8) })
        let masked = try Self.data(mask: path).apply(to: value)
        #expect(keys(masked).map { Array($0.utf8) } == ([path] + others).map { Array($0.utf8) })
        #expect(masked.object?.members.first?.value == "[redacted]")
        let kept = try Self.data(keep: path).apply(to: value)
        #expect(keys(kept).map { Array($0.utf8) } == [Array(path.utf8)])
        // A variant of a name on the way is removed with all below it.
        let deep = try Self.data(drop: "DEEP.\(path)").apply(to: list)
        #expect(deep == [:])
    }

    @Test func `names that the policy itself has are no variants`() throws {
        let data = Self.data(drop: "id.x ID.y")
        let value: JSONValue = ["id": ["x": 1, "y": 2, "z": 3], "ID": ["x": 1, "y": 2, "z": 3]]
        #expect(try data.apply(to: value) == ["id": ["z": 3], "ID": ["z": 3]])
    }
}
