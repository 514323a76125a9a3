import InterlockJSON
import InterlockMCP
import InterlockPatterns
import InterlockTesting
import Testing

@Suite struct `Schemas of tools` {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: .upstream)
    }
    private func compile(_ text: String) throws -> CompiledSchema {
        try CompiledSchema(json(text), patterns: RE2Compiler())
    }

    @Test(arguments: [
        (
            #"{"$schema":"http://json-schema.org/draft-04/schema#"}"#,
            "the schema dialect `http://json-schema.org/draft-04/schema#` is not supported"
        ),
        (
            #"{"$ref":"http://example.com/x.json"}"#,
            "`/$ref` leads out of the schema: `http://example.com/x.json`"
        ),
        (##"{"$ref":"#/$defs/none"}"##, "`/$ref` has no one target: `#/$defs/none`"),
        (##"{"$ref":"#nowhere"}"##, "`/$ref` has no one target: `#nowhere`"),
        (
            #"{"properties":{"a":{"type":"strnig"}}}"#,
            "`/properties/a/type` must be a type or a list of types"
        ),
        (#"{"minLength":"3"}"#, "`/minLength` must be an integer of 0 or more"),
        (#"{"maxItems":-1}"#, "`/maxItems` must be an integer of 0 or more"),
        (#"{"multipleOf":0}"#, "`/multipleOf` must be a number above 0 of at most 18 digits"),
        (#"{"items":[{}]}"#, "`/items` must be a schema"),
        (#"{"properties":{"a/b":7}}"#, "`/properties/a~1b` must be a schema"),
        (#"{"required":"a"}"#, "`/required` must be a list of strings"),
        (#"{"anyOf":[]}"#, "`/anyOf` must be a list of schemas"),
        (#"{"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}}"#, "`/$defs/b/$id` has no one target: `x`"),
        (#"{"$id":"http://x/#frag"}"#, "`/$id` must be a URI without fragment"),
        ("7", "`` must be a schema"),
    ])
    func `a schema with a fault is refused with its place`(schema: String, message: String) throws {
        let error = #expect(throws: SchemaError.self) { try compile(schema) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (#"{"a":null}"#, "{}"), (#"{"a":null,"b":1}"#, #"{"b":1}"#), (#"{"b":null}"#, nil),
        (#"{"c":null}"#, nil), (#"{"d":null}"#, nil), (#"{"e":{"a":null}}"#, nil), ("{}", nil),
        (#"{"f":null,"c":null,"a":null}"#, #"{"c":null}"#),
    ])
    func `an optional argument that is null, and whose schema takes no null, counts as absent`(
        arguments: String, remaining: String?
    ) throws {
        let schema = try compile(
            #"""
            {"properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":["string","null"]},"e":{},
            "f":{"anyOf":[{"type":"string"},{"enum":[1]}]}},"required":["b"]}
            """#)
        let given = try #require(try json(arguments).object)
        let left = schema.withoutOptionalNulls(given).map(JSONValue.object)
        #expect(try left == remaining.map(json))
    }

    @Test func `a pattern that RE2 does not know hides the tool`() throws {
        let error = #expect(throws: SchemaError.self) { try compile(#"{"pattern":"(?=a)"}"#) }
        guard case .pattern("/pattern", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `schemas beyond the limits are refused`() throws {
        let deep =
            String(repeating: #"{"not":"#, count: 65) + "{}" + String(repeating: "}", count: 65)
        #expect(throws: SchemaError.tooDeep) { try compile(deep) }
        let many = (0..<2100).map { #""p\#($0)":{}"# }.joined(separator: ",")
        #expect(throws: SchemaError.tooManySubschemas) { try compile("{\"properties\":{\(many)}}") }
        let long = String(repeating: "x", count: 300_000)
        #expect(throws: SchemaError.tooLarge(bytes: 300_018)) {
            try compile("{\"description\":\"\(long)\"}")
        }
    }

    @Test(arguments: [
        (#"{"type":"string"}"#, "7", "", "type", "must be string"),
        (#"{"type":["integer","null"]}"#, "1.5", "", "type", "must be null or integer"),
        (
            #"{"properties":{"a":{"items":{"minimum":2}}}}"#, #"{"a":[2,1]}"#, "/a/1", "minimum",
            "must be at least 2"
        ),
        (
            #"{"properties":{"a/b":{"const":1}}}"#, #"{"a/b":2}"#, "/a~1b", "const",
            "must have the one allowed value"
        ),
        (#"{"required":["amount"]}"#, "{}", "", "required", "must have the member `amount`"),
        (#"{"maxLength":2}"#, #""été""#, "", "maxLength", "must have at most 2 characters"),
        (#"{"multipleOf":0.01}"#, "19.999", "", "multipleOf", "must be a multiple of 0.01"),
        (
            #"{"exclusiveMaximum":9007199254740993}"#, "9007199254740993", "", "exclusiveMaximum",
            "must be below 9007199254740993"
        ),
        (#"{"pattern":"^[a-z]+$"}"#, #""A""#, "", "pattern", "must match the pattern ^[a-z]+$"),
        (#"{"uniqueItems":true}"#, "[1,2,1.0]", "/2", "uniqueItems", "must not repeat an element"),
    ])
    func `a violation says where and what`(
        schema: String, value: String, pointer: String, keyword: String, message: String
    ) throws {
        let violation = try #require(try compile(schema).validate(try json(value)))
        #expect(violation.pointer == pointer)
        #expect(violation.cause == .keyword(keyword))
        #expect(violation.message == message)
    }

    @Test func `numbers are compared without rounding`() throws {
        let schema = try compile(#"{"enum":[9007199254740993, 0.30]}"#)
        #expect(schema.validate(try json("9007199254740993")) == nil)
        #expect(schema.validate(try json("9007199254740992.0")) != nil)
        #expect(schema.validate(try json("3e-1")) == nil)
        let hundredths = try compile(#"{"multipleOf":0.01}"#)
        for text in ["0", "-0", "4.35", "1e300", "100", "-7.00"] {
            #expect(hundredths.validate(try json(text)) == nil, "\(text)")
        }
        for text in ["0.001", "1e-300", "4.355"] {
            #expect(hundredths.validate(try json(text)) != nil, "\(text)")
        }
    }

    @Test func `a schema that refers to itself ends`() throws {
        for text in [
            ##"{"$ref":"#"}"##, ##"{"anyOf":[{"$ref":"#"}]}"##, ##"{"not":{"$ref":"#"}}"##,
        ] {
            #expect(try compile(text).validate(1)?.cause == .limit)
        }
    }

    /// The pattern's automaton has more states than fit into memory: 3.6 ns for each byte and instruction.
    @Test(.requirement("R151"))
    func `what a pattern costs is counted by its program, not by its text`() throws {
        let schema = try compile(#"{"pattern":"(a|b)*a(a|b){900}"}"#)
        let text = String(repeating: "ab", count: 80_000)
        #expect(schema.validate(.string(text))?.cause == .limit)
        #expect(schema.validate(.string(String(text.prefix(10_000)))) == nil)
        let plain = try compile(#"{"pattern":"\\S"}"#)
        #expect(plain.validate(.string(text)) == nil)
    }

    @Test func `running out of steps is never taken for an answer`() throws {
        let branches = (0..<20).map { _ in ##"{"$ref":"#/$defs/a"}"## }.joined(separator: ",")
        func level(_ name: String, _ next: String) -> String {
            "\"\(name)\":{\"allOf\":[\(branches.replacing("/a", with: "/" + next))]}"
        }
        let chain = ["a", "b", "c", "d", "e"]
        let definitions = zip(chain, chain.dropFirst()).map(level).joined(separator: ",")
        let schema =
            ##"{"not":{"$ref":"#/$defs/a"},"$defs":{\##(definitions),"e":{"type":"null"}}}"##
        #expect(
            try compile(schema.replacing("\"null\"", with: "\"integer\"")).validate(1)?.cause
                == .limit)
    }

    @Test(
        .requirement("R138"),
        arguments: [
            (#"{"type":"object","properties":{"a":{}}}"#, #"{"a":1}"#, nil),
            (
                #"{"type":"object","properties":{"a":{}}}"#, #"{"a":1,"b":2}"#,
                "`/b` is not known to the tool"
            ),
            (#"{"type":"object"}"#, #"{"b":2}"#, "`/b` is not known to the tool"),
            (#"{"type":"object","additionalProperties":true}"#, #"{"b":2}"#, nil),
            (#"{"type":"object","additionalProperties":{"type":"string"}}"#, #"{"b":"x"}"#, nil),
            (
                #"{"type":"object","additionalProperties":false,"properties":{"a":{}}}"#,
                #"{"b":2}"#, "`/b` is not allowed"
            ),
            (#"{"type":"object","patternProperties":{"^x-":{}}}"#, #"{"x-1":2}"#, nil),
            (
                #"{"type":"object","patternProperties":{"^x-":{}}}"#, #"{"y":2}"#,
                "`/y` is not known to the tool"
            ),
            (##"{"$ref":"#/$defs/A","$defs":{"A":{"properties":{"a":{}}}}}"##, #"{"a":2}"#, nil),
            (
                #"{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}"#,
                #"{"a":1,"b":2}"#, nil
            ),
            (
                #"{"oneOf":[{"properties":{"a":{"type":"null"}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}"#,
                #"{"a":1,"b":2}"#, "`/a` is not known to the tool"
            ),
            (
                #"{"properties":{"a":{"type":"object","properties":{"x":{}}}}}"#, #"{"a":{"y":1}}"#,
                "`/a/y` is not known to the tool"
            ),
            (
                #"{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{}}}"#,
                #"{"z":1}"#, "`/z` is not known to the tool"
            ),
        ] as [(String, String, String?)])
    func `arguments that the schema does not speak of are refused`(
        schema: String, arguments: String, message: String?
    ) throws {
        let object = try #require(try json(arguments).object)
        #expect(try compile(schema).validateArguments(object)?.description == message)
    }
}
