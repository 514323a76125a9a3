import InterlockJSON
import InterlockMCP
import InterlockPatterns

extension Invariants {
    /// The input is a schema, a newline and a value. For any input, compiling and validating end, and validating twice
    /// gives the same result.
    package static func schema(_ bytes: [UInt8]) {
        let split = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let limits = JSONLimits(bytes: 1 << 20, largeIntegers: .keep)
        guard let schema = try? JSONValue(parsing: Array(bytes[..<split]), limits: limits),
            let compiled = try? CompiledSchema(schema, patterns: RE2Compiler()),
            let value = try? JSONValue(parsing: Array(bytes[split...]), limits: limits)
        else { return }
        let verdict = compiled.validate(value)
        precondition(compiled.validate(value) == verdict, "one value has one verdict")
        guard let object = value.object, verdict?.keyword != "limit" else { return }
        if verdict == nil, let schema = schema.object { argumentTypes(schema, object) }
        let strict = compiled.validateArguments(object)
        precondition(verdict == nil || strict != nil, "arguments are judged more strictly")
        let open = compiled.validateArguments(object, allowsExtra: true)
        precondition(open == verdict, "members that are admitted change nothing else")
    }
}
