import InterlockJSON
import InterlockMCP
import InterlockPatterns
import InterlockTesting
import Testing

/// Members of arguments that no part of the reviewed schema names (docs/specs/output-safety.md, section 3).
@Suite(.requirement("R138")) struct ExtraFieldTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: .upstream)
    }

    private func violation(
        _ schema: String, _ arguments: String, allowsExtra: Bool = false
    ) throws -> SchemaViolation? {
        let object = try #require(try json(arguments).object)
        return try CompiledSchema(json(schema), patterns: RE2Compiler())
            .validateArguments(object, allowsExtra: allowsExtra)
    }

    /// Properties of the root, arguments, and the pointer of the first extra member, or nil if there is none.
    @Test(
        arguments: [
            // Each level is checked, through objects and lists.
            (#""a":{"type":"object","properties":{"x":{}}}"#, #"{"a":{"x":1}}"#, nil),
            (#""a":{"type":"object","properties":{"x":{}}}"#, #"{"a":{"x":1,"y":2}}"#, "/a/y"),
            (
                #""a":{"items":{"type":"object","properties":{"x":{}}}}"#,
                #"{"a":[{"x":1},{"x":2,"y/~":3}]}"#, "/a/1/y~1~0"
            ),
            (
                #""a":{"prefixItems":[{},{"properties":{"x":{}}}],"items":{"properties":{"z":{}}}}"#,
                #"{"a":[{"any":1},{"x":1},{"z":1,"y":2}]}"#, "/a/2/y"
            ),
            (
                #""a":{"contains":{"type":"object","properties":{"x":{}},"required":["x"]}}"#,
                #"{"a":[{"x":1,"y":2}]}"#, "/a/0/y"
            ),
            // Positions after those that are listed, unless something else names them.
            (#""a":{"prefixItems":[{},{}]}"#, #"{"a":[{"any":1},2]}"#, nil),
            (#""a":{"prefixItems":[{},{}]}"#, #"{"a":[1,2,{"y":3}]}"#, "/a/2"),
            (#""a":{"prefixItems":[{},{}]}"#, #"{"a":[1,2,"y"]}"#, "/a/2"),
            (#""a":{"prefixItems":[{}],"items":{}}"#, #"{"a":[1,{"y":3}]}"#, nil),
            (#""a":{"prefixItems":[{}],"contains":{"const":"y"}}"#, #"{"a":[1,"y"]}"#, nil),
            (#""a":{"allOf":[{"prefixItems":[{}]},{"items":{}}]}"#, #"{"a":[1,2]}"#, nil),
            // A schema of objects that names nothing admits nothing; one that says nothing of objects admits everything.
            (#""a":{"type":"object"}"#, #"{"a":{}}"#, nil),
            (#""a":{"type":"object"}"#, #"{"a":{"y":1}}"#, "/a/y"),
            (#""a":{"type":["object","null"]}"#, #"{"a":{"y":1}}"#, "/a/y"),
            (#""a":{"minProperties":1}"#, #"{"a":{"y":1}}"#, "/a/y"),
            (#""a":{"type":"object","required":["y"]}"#, #"{"a":{"y":1}}"#, "/a/y"),
            (#""a":true"#, #"{"a":{"y":{"z":[{"w":1}]}}}"#, nil),
            (#""a":{"description":"anything"}"#, #"{"a":{"y":{"z":1}}}"#, nil),
            (#""a":{"type":"array"}"#, #"{"a":[{"y":1}]}"#, nil),
            // The explicit ways to admit others.
            (
                #""a":{"properties":{"x":{}},"additionalProperties":true}"#,
                #"{"a":{"y":{"z":1}}}"#, nil
            ),
            (
                #""a":{"additionalProperties":{"type":"object","properties":{"x":{}}}}"#,
                #"{"a":{"y":{"x":1,"z":2}}}"#, "/a/y/z"
            ),
            (#""a":{"patternProperties":{"^x-":{}}}"#, #"{"a":{"x-1":1}}"#, nil),
            (#""a":{"patternProperties":{"^x-":{}}}"#, #"{"a":{"x-1":1,"y":2}}"#, "/a/y"),
            (
                #""a":{"properties":{"x":{}},"unevaluatedProperties":{"type":"integer"}}"#,
                #"{"a":{"y":2}}"#, nil
            ),
            (#""a":{"const":{"x":{"y":1}}}"#, #"{"a":{"x":{"y":1}}}"#, nil),
            (#""a":{"enum":[{"x":1},2]}"#, #"{"a":{"x":1}}"#, nil),
            // Schemas that exclude others say so themselves.
            (
                #""a":{"properties":{"x":{}},"additionalProperties":false}"#,
                #"{"a":{"x":1,"y":2}}"#, "/a/y"
            ),
            (
                #""a":{"properties":{"x":{}},"unevaluatedProperties":false}"#, #"{"a":{"y":2}}"#,
                "/a/y"
            ),
        ] as [(String, String, String?)])
    func `a member that the schema of its object does not name is found`(
        properties: String, arguments: String, pointer: String?
    ) throws {
        let schema = "{\"type\":\"object\",\"properties\":{\(properties)}}"
        let found = try violation(schema, arguments)
        #expect(found?.pointer == pointer)
        #expect(found == nil || found?.cause == .extraField)
    }

    /// Whole schemas, arguments, and the pointer of the first extra member, or nil if there is none.
    @Test(
        arguments: [
            (
                ##"{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"properties":{"x":{}}}}}"##,
                #"{"a":{"x":1,"y":2}}"#, "/a/y"
            ),
            // A schema that refers to itself ends with the value.
            (
                ##"{"properties":{"next":{"$ref":"#"},"n":{}}}"##,
                #"{"next":{"next":{"n":1}}}"#, nil
            ),
            (
                ##"{"properties":{"next":{"$ref":"#"},"n":{}}}"##,
                #"{"next":{"next":{"n":1,"m":2}}}"#, "/next/next/m"
            ),
            // All parts that apply to one object name its members together, also when they come from several parents.
            (
                #"{"allOf":[{"properties":{"a":{"properties":{"x":{}}}}},{"properties":{"a":{"properties":{"y":{}}}}}]}"#,
                #"{"a":{"x":1,"y":2}}"#, nil
            ),
            (
                #"{"allOf":[{"properties":{"a":{"properties":{"x":{}}}}},{"properties":{"a":{"properties":{"y":{}}}}}]}"#,
                #"{"a":{"x":1,"z":2}}"#, "/a/z"
            ),
            // A branch that rejects the object names nothing.
            (
                #"{"oneOf":[{"properties":{"k":{"const":1},"x":{}},"required":["k"]},{"properties":{"k":{"const":2},"y":{}},"required":["k"]}]}"#,
                #"{"k":1,"x":0}"#, nil
            ),
            (
                #"{"oneOf":[{"properties":{"k":{"const":1},"x":{}},"required":["k"]},{"properties":{"k":{"const":2},"y":{}},"required":["k"]}]}"#,
                #"{"k":1,"y":0}"#, "/y"
            ),
            (
                #"{"properties":{"a":{"anyOf":[{"type":"null"},{"type":"object","properties":{"x":{}}}]}}}"#,
                #"{"a":{"x":1,"y":2}}"#, "/a/y"
            ),
            (#"{"properties":{"a":{"anyOf":[{"type":"null"},{}]}}}"#, #"{"a":{"y":2}}"#, nil),
            // A branch that admits anything does not name what another one leaves out.
            (
                #"{"properties":{"a":{"anyOf":[{"properties":{"x":{}}},{}]}}}"#,
                #"{"a":{"y":2}}"#, "/a/y"
            ),
            (
                #"{"properties":{"k":{}},"if":{"properties":{"k":{"const":1}},"required":["k"]},"then":{"properties":{"x":{}}},"else":{"properties":{"y":{}}}}"#,
                #"{"k":1,"x":1}"#, nil
            ),
            (
                #"{"properties":{"k":{}},"if":{"properties":{"k":{"const":1}},"required":["k"]},"then":{"properties":{"x":{}}},"else":{"properties":{"y":{}}}}"#,
                #"{"k":1,"y":1}"#, "/y"
            ),
            (
                #"{"properties":{"k":{}},"dependentSchemas":{"k":{"properties":{"x":{}}}}}"#,
                #"{"k":1,"x":1}"#, nil
            ),
            (
                #"{"properties":{"k":{}},"dependentSchemas":{"k":{"properties":{"x":{}}}}}"#,
                #"{"x":1}"#, "/x"
            ),
            (
                #"{"properties":{"k":{}},"not":{"properties":{"x":{"const":1}},"required":["x"]}}"#,
                #"{"x":2}"#, "/x"
            ),
            (
                ##"{"properties":{"a":{"$dynamicRef":"#node"}},"$defs":{"N":{"$dynamicAnchor":"node","properties":{"x":{}}}}}"##,
                #"{"a":{"x":1,"y":2}}"#, "/a/y"
            ),
            // A target that the dynamic scope overrides names nothing.
            (
                ##"{"$id":"https://s/r","$ref":"list","$defs":{"a":{"$id":"list","type":"object","properties":{"item":{"$dynamicRef":"#node"}},"$defs":{"d":{"$dynamicAnchor":"node","type":"object","properties":{"x":{}},"additionalProperties":false}}},"b":{"$dynamicAnchor":"node","type":"object","properties":{"y":{}}}}}"##,
                #"{"item":{"y":1,"bcc":"a@b.example"}}"#, "/item/bcc"
            ),
            (
                ##"{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"point":{"items":[{},{}]}}}"##,
                #"{"point":[1,2,{"note":"n"}]}"#, "/point/2"
            ),
        ] as [(String, String, String?)])
    func `every part that applies to an object names its members`(
        schema: String, arguments: String, pointer: String?
    ) throws {
        #expect(try violation(schema, arguments)?.pointer == pointer)
    }

    @Test func `keys that only look alike are other members`() throws {
        for key in ["Amount", "amount ", "amoun\u{0442}", "amount\u{200b}"] {
            let schema = #"{"properties":{"amount":{}}}"#
            #expect(try violation(schema, "{\"\(key)\":1}")?.cause == .extraField, "\(key)")
        }
        // Two spellings of one accent are different keys.
        let found = try violation(#"{"properties":{"é":{}}}"#, "{\"e\u{301}\":1}")
        #expect(found?.cause == .extraField)
    }

    @Test func `extra members can be admitted, but not those that the schema excludes`() throws {
        let open = #"{"properties":{"a":{"type":"object"}}}"#
        let arguments = #"{"a":{"y":1},"b":2}"#
        #expect(try violation(open, arguments)?.pointer == "/a/y")
        #expect(try violation(open, arguments, allowsExtra: true) == nil)
        let closed = #"{"properties":{"a":{}},"additionalProperties":false}"#
        #expect(try violation(closed, arguments, allowsExtra: true)?.cause == .extraField)
        #expect(try violation(#"{"required":["c"]}"#, arguments, allowsExtra: true) != nil)
    }

    /// The branches of each depth are evaluated again, so that the search takes more steps than the validation.
    @Test func `a search that takes too many steps refuses`() throws {
        let depth = 100
        let levels = (0..<depth).map { level in
            let branch = "{\"$ref\":\"#/$defs/d\(level + 1)\"}"
            let branches = Array(repeating: branch, count: 4).joined(separator: ",")
            return "\"d\(level)\":{\"properties\":{\"a\":{\"anyOf\":[\(branches)]}}}"
        }
        let schema =
            ##"{"properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{"##
            + levels.joined(separator: ",") + ",\"d\(depth)\":{\"type\":\"object\"}}}"
        let arguments =
            String(repeating: "{\"a\":", count: depth) + "{}"
            + String(repeating: "}", count: depth)
        #expect(try violation(schema, arguments, allowsExtra: true) == nil)
        #expect(try violation(schema, arguments)?.cause == .limit)
    }

    /// A look at one of many members looks at each keyword of each part.
    @Test func `many members below many parts take too many steps`() throws {
        let part = #"{"minLength":1,"maxLength":9,"minimum":1,"maximum":9,"items":{},"minItems":1}"#
        let open = #"{"additionalProperties":{"type":"object","additionalProperties":true}}"#
        func schema(_ parts: Int) -> String {
            "{\"allOf\":[" + Array(repeating: part + ",", count: parts).joined() + open + "]}"
        }
        let members = (0..<9_000).map { "\"k\($0)\":{}" }.joined(separator: ",")
        #expect(try violation(schema(2), "{\(members)}") == nil)
        #expect(try violation(schema(500), "{\(members)}")?.cause == .limit)
    }

    @Test func `the first extra member in the order of the arguments is named`() throws {
        let found = try violation(
            #"{"properties":{"a":{"properties":{"x":{}}},"b":{}}}"#,
            #"{"b":1,"a":{"q":1},"c":2}"#)
        #expect(found?.description == "`/a/q` is not known to the tool")
    }

    @Test func `the sentence shows what a name has that no reader sees`() throws {
        let found = try violation(
            #"{"properties":{"a":{}}}"#, #"{"b\n\u202e`c":1}"#)
        #expect(found?.pointer == "/b\n\u{202e}`c")
        #expect(found?.description.hasPrefix("`/b⟦U+000A⟧⟦U+202E⟧") == true)
    }
}
