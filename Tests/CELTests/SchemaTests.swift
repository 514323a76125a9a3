import InterlockJSON
import InterlockPolicy
import Testing

@testable import InterlockPolicyCEL

@Suite struct SchemaTests {
    /// The type of the only property, `x`.
    private func property(_ schema: String, definitions: String = "{}") throws -> String {
        let whole =
            "{\"type\": \"object\", \"properties\": {\"x\": \(schema)}, \"$defs\": \(definitions)}"
        guard case .object(let object) = try CELSchema.argumentsType(of: jsonObject(whole)) else {
            return "no object"
        }
        return object.fields.first.map { spelled($0.type) } ?? "no field"
    }

    /// The type as text, with the fields of objects: `{a: int, b?: string, ...}`.
    private func spelled(_ type: CELType) -> String {
        switch type {
        case .object(let object):
            let fields = object.fields.map {
                "\($0.name)\($0.isRequired ? "" : "?"): \(spelled($0.type))"
            }
            return "{" + (fields + (object.isOpen ? ["..."] : [])).joined(separator: ", ") + "}"
        case .list(let element): return "list(\(spelled(element)))"
        case .union(let kinds) where kinds.contains(where: isObject):
            return kinds.map(spelled).joined(separator: " or ")
        default: return type.text
        }
    }

    private func isObject(_ type: CELType) -> Bool {
        if case .object = type { true } else { false }
    }

    @Test(
        arguments: [
            (#"{"type": "integer"}"#, "int"), (#"{"type": "number"}"#, "number"),
            (#"{"type": "boolean"}"#, "bool"), (#"{"type": "null"}"#, "null_type"),
            (#"{"type": "string", "format": "date-time"}"#, "string"),
            (#"{"type": ["string", "null"]}"#, "string or null_type"),
            (#"{"type": ["number", "null"]}"#, "number or null_type"),
            ("true", "dyn"), ("{}", "dyn"), (#"{"not": {"type": "string"}}"#, "dyn"),
            (#"{"enum": ["a", "b"]}"#, "string"),
            (#"{"enum": ["a", null, 1]}"#, "number or string or null_type"),
            (#"{"const": 5}"#, "number"), (#"{"const": 5.5}"#, "number"),
            (#"{"type": "array"}"#, "list(dyn)"),
            (#"{"type": "array", "items": {"type": "integer"}}"#, "list(int)"),
            (
                #"{"type": "array", "prefixItems": [{"type": "integer"}], "items": false}"#,
                "list(dyn)"
            ),
            (#"{"type": "array", "items": [{"type": "integer"}]}"#, "list(dyn)"),
            (#"{"type": "object"}"#, "map(string, dyn)"),
            (
                #"{"type": "object", "additionalProperties": {"type": "integer"}}"#,
                "map(string, int)"
            ),
            (#"{"type": "object", "additionalProperties": false}"#, "{}"),
            (
                #"{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}"#,
                "{a: int, ...}"
            ),
            (#"{"properties": {"a": {"type": "integer"}}}"#, "dyn"),
            (#"{"anyOf": [{"properties": {"a": true}}, {"type": "null"}]}"#, "dyn"),
            (
                #"{"type": "object", "properties": {"a": true}, "additionalProperties": false}"#,
                "{a?: dyn}"
            ),
            (
                #"{"type": ["object", "null"], "allOf": [{"properties": {"a": true}}]}"#,
                "{a?: dyn, ...} or null_type"
            ),
            (
                #"{"type": "object", "properties": {"a": true}, "patternProperties": {"^x": true}, "additionalProperties": false}"#,
                "{a?: dyn, ...}"
            ),
            (#"{"anyOf": [{"type": "integer"}, {"type": "string"}]}"#, "int or string"),
            (#"{"oneOf": [{"type": "integer"}, {}]}"#, "dyn"),
            (#"{"type": "string", "anyOf": [{"minLength": 1}, {"const": ""}]}"#, "string"),
            (
                #"{"type": "object", "properties": {"a": {"type": "integer"}}, "anyOf": [{"required": ["a"]}]}"#,
                "{a?: int, ...}"
            ),
            (#"{"allOf": [{"type": "number"}, {"type": "integer"}]}"#, "int"),
            (#"{"allOf": [{"type": "string"}, {"type": "integer"}]}"#, "dyn"),
            (
                #"{"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"properties": {"b": true, "a": {"type": "number"}}, "required": ["a"]}]}"#,
                "{a: int, b?: dyn, ...}"
            ),
        ])
    func `each keyword says what it must`(_ schema: String, _ expected: String) throws {
        #expect(try property(schema) == expected)
    }

    @Test func `references inside of the document are followed`() throws {
        let definitions = ##"{"id": {"type": "string"}, "a/b": {"$ref": "#/$defs/id"}}"##
        #expect(try property(##"{"$ref": "#/$defs/id"}"##, definitions: definitions) == "string")
        #expect(try property(##"{"$ref": "#/$defs/a~1b"}"##, definitions: definitions) == "string")
    }

    @Test func `a cycle is dyn where it closes`() throws {
        let tree =
            ##"{"tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}}}}"##
        #expect(
            try property(##"{"$ref": "#/$defs/tree"}"##, definitions: tree) == "{next?: dyn, ...}")
        #expect(
            try property(
                ##"{"$ref": "#/$defs/a"}"##, definitions: ##"{"a": {"$ref": "#/$defs/a"}}"##)
                == "dyn")
    }

    @Test func `what is nested deeper than thirty-two schemas is dyn`() throws {
        var schema = #"{"type": "integer"}"#
        for _ in 0..<40 { schema = #"{"type": "array", "items": \#(schema)}"# }
        let type = try property(schema)
        #expect(type.hasSuffix("list(dyn" + String(repeating: ")", count: 32)), "\(type)")
    }

    @Test func `parts that refer to each other twice do not multiply`() throws {
        let levels = (0..<31).map { level in
            let next = ##"{"$ref": "#/$defs/d\##(level + 1)"}"##
            return
                #""d\#(level)": {"type": "object", "properties": {"a": \#(next), "b": \#(next)}}"#
        }
        let definitions =
            "{" + (levels + [#""d31": {"type": "integer"}"#]).joined(separator: ",") + "}"
        #expect(
            try property(##"{"$ref": "#/$defs/d0"}"##, definitions: definitions).hasPrefix("{a?: "))
    }

    @Test(
        arguments: [
            (
                #"{"$ref": "https://example.com/x.json"}"#,
                "`$ref` leads outside of the schema: `https://example.com/x.json`"
            ),
            (##"{"$ref": "#/$defs/none"}"##, "`$ref` leads nowhere: `#/$defs/none`"),
            (##"{"$ref": "#anchor"}"##, "`$ref` leads outside of the schema: `#anchor`"),
            (#"{"$ref": 5}"#, "`$ref` is not a string"),
            (#"{"type": "text"}"#, "`type` names no type: `text`"),
            (#"{"type": 5}"#, "`type` names no type"), (#"{"type": []}"#, "`type` names no type"),
            (#"{"properties": []}"#, "`properties` is not an object"),
            (#"{"type": "object", "properties": {}, "required": "a"}"#, "`required` is not a list"),
            (#"{"anyOf": {}}"#, "`anyOf` is not a list"),
            ("5", "a schema is neither an object nor a bool"),
        ])
    func `what cannot be read is refused`(_ schema: String, _ message: String) throws {
        let problem = #expect(throws: CELProblem.self) { try property(schema) }
        #expect(problem?.kind == .schema)
        #expect(problem?.message == message)
    }

    @Test func `arguments are an object`() throws {
        #expect(throws: CELProblem.self) {
            try CELSchema.argumentsType(of: jsonObject(#"{"type": "string"}"#))
        }
        #expect(try CELSchema.argumentsType(of: jsonObject("{}")) == .dyn)
    }

    @Test func `names that look alike are two fields`() throws {
        let composed = "\u{e9}"
        let decomposed = "e\u{301}"
        let schema =
            #"{"type": "object", "properties": {"\#(composed)": {"type": "integer"}, "\#(decomposed)": {"type": "string"}}}"#
        #expect(
            try findings("args['\(composed)'] == 1 && args['\(decomposed)'] == 'x'", schema: schema)
                == [])
    }
}
