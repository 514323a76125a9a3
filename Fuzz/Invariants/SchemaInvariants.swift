import InterlockJSON
import InterlockMCP
import InterlockPatterns

extension Invariants {
    /// The input is a schema, a newline and a value. For any input, compiling and validating end, validating twice gives
    /// the same result, and valid arguments are only refused for a member that no part of the schema names.
    package static func schema(_ bytes: [UInt8]) {
        let split = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let limits = JSONLimits(bytes: 1 << 20, largeIntegers: .keep)
        guard let schema = try? JSONValue(parsing: Array(bytes[..<split]), limits: limits),
            let compiled = try? CompiledSchema(schema, patterns: RE2Compiler()),
            let value = try? JSONValue(parsing: Array(bytes[split...]), limits: limits)
        else { return }
        let verdict = compiled.validate(value)
        precondition(compiled.validate(value) == verdict, "one value has one verdict")
        guard let object = value.object, verdict == nil else { return }
        if let schema = schema.object { argumentTypes(schema, object) }
        switch compiled.validateArguments(object)?.cause {
        case nil: if let schema = schema.object { extraMember(schema, object, compiled) }
        case .extraField?, .limit?: break
        case .keyword?: preconditionFailure("valid arguments break a keyword")
        }
    }

    /// The keywords of schemas that name no other member, and that no other member breaks.
    private static let closed: Set<String> = [
        "$schema", "$defs", "definitions", "$comment", "title", "description", "default",
        "examples", "type", "properties", "required",
    ]

    /// One more member is found, if the root itself names all that it admits.
    private static func extraMember(
        _ schema: JSONObject, _ arguments: JSONObject, _ compiled: CompiledSchema
    ) {
        guard schema.members.allSatisfy({ closed.contains($0.key) }) else { return }
        var name = "extra"
        while schema["properties"]?[name] != nil || arguments[name] != nil { name += "_" }
        var more = arguments
        more[name] = 1
        let found = compiled.validateArguments(more)
        precondition(
            found?.cause == .limit || found?.cause == .extraField && found?.pointer == "/" + name,
            "a member that nothing names is refused")
    }
}
