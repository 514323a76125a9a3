import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// The schemas whose values cannot hold any text.
@Suite(.requirement("R084")) struct FreeTextTests {
    @Test(arguments: [
        (#"{"type":"integer"}"#, false),
        (#"{"type":"boolean"}"#, false),
        (#"{"type":"null"}"#, false),
        (#"{"type":["number","null"]}"#, false),
        (#"{"type":["number","string"]}"#, true),
        (#"{"type":"string"}"#, true),
        // A format is not asserted of a result.
        (#"{"type":"string","format":"date"}"#, true),
        (#"{"type":"string","format":"date-time"}"#, true),
        (#"{"type":"string","format":"uri"}"#, true),
        (#"{"enum":["a","b"]}"#, false),
        (#"{"const":"a"}"#, false),
        (#"{}"#, true),
        (#"true"#, true),
        (#"false"#, false),
        (#"{"type":"array"}"#, true),
        (#"{"type":"array","items":{"type":"integer"}}"#, false),
        (#"{"type":"array","items":{"type":"string"}}"#, true),
        (#"{"type":"array","items":false,"prefixItems":[{"type":"string"}]}"#, true),
        (#"{"type":"object"}"#, true),
        (#"{"type":"object","additionalProperties":false}"#, false),
        (
            #"{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer"}}}"#,
            false
        ),
        (
            #"{"type":"object","additionalProperties":false,"properties":{"n":{"type":"string"}}}"#,
            true
        ),
        (
            #"{"type":"object","additionalProperties":false,"patternProperties":{"x":{"type":"integer"}}}"#,
            true
        ),
        (#"{"anyOf":[{"type":"integer"},{"type":"null"}]}"#, false),
        (#"{"oneOf":[{"type":"integer"},{"type":"string"}]}"#, true),
        (#"{"anyOf":[]}"#, true),
        (##"{"$ref":"#/$defs/x"}"##, true),
        (#"{"type":"odd"}"#, true),
        (#"{"type":[]}"#, true),
    ]) func `is possible unless it is excluded`(_ text: String, _ isPossible: Bool) throws {
        let schema = try JSONValue(parsing: Array(text.utf8), limits: .agent)
        #expect(FreeText.isPossible(in: schema) == isPossible)
    }

    @Test func `is possible below what is examined`() {
        var schema: JSONValue = ["type": "integer"]
        for _ in 0..<15 { schema = ["type": "array", "items": schema] }
        #expect(!FreeText.isPossible(in: schema))
        for _ in 0..<2 { schema = ["type": "array", "items": schema] }
        #expect(FreeText.isPossible(in: schema))
    }
}
