import InterlockJSON
import InterlockModel

/// The verdict on the wire between gateway and adapter, version 1 (docs/specs/coding-agents.md, section 3).
extension HookVerdict {
    /// - Throws: an error if the bytes are not exactly a verdict of version 1. Members that may be null may be missing;
    ///   unknown members are rejected, as are `args` and `result` with another decision than theirs.
    package init(wire bytes: [UInt8]) throws(HookWireError) {
        self = try HookLimits.read(bytes, Self.read)
    }

    /// Compact JSON text.
    package var wire: [UInt8] {
        var writer = JSONObjectWriter(capacityBytes: 512)
        writer.open()
        writer.add("v", Int64(1))
        writer.add("verdict", decision.wire)
        writer.add("reason", reason)
        writer.add("rule", orNull: rule)
        writer.add("text", text)
        writer.add("approval", orNull: approval)
        writer.add("record", orNull: record)
        if isSandboxed { writer.add("sandboxed", true) }
        switch decision {
        case .rewrite(let arguments): writer.add("args", .object(arguments))
        case .redact(let result): writer.add("result", result)
        case .allow, .deny, .ask, .defer: break
        }
        writer.close()
        return writer.bytes
    }

    private static let required = ["v", "verdict", "reason", "text"]
    private static let optional = ["rule", "approval", "record", "sandboxed", "args", "result"]

    private static func read(_ value: JSONValue) throws(FormError) -> HookVerdict {
        let fields = try StrictFields(value, required: required, optional: optional)
        try fields.expectVersion1()
        var verdict = HookVerdict(
            try decision(fields), reason: try fields.string("reason"),
            text: try fields.string("text", length: 0...HookLimits.path))
        verdict.rule = try fields.text("rule")
        verdict.approval = try fields.text("approval")
        verdict.record = try fields.text("record")
        if fields.has("sandboxed") { verdict.isSandboxed = try fields.bool("sandboxed") }
        return verdict
    }

    private static func decision(_ fields: StrictFields) throws(FormError) -> HookDecision {
        let word = try fields.string("verdict")
        let isRewrite = sameBytes(word, "rewrite")
        let isRedact = sameBytes(word, "redact")
        guard isRewrite || !fields.has("args") else { throw fields.bad("args", "omitted") }
        guard isRedact || !fields.has("result") else { throw fields.bad("result", "omitted") }
        if isRewrite {
            guard let arguments = try fields.value("args").object else {
                throw fields.bad("args", "an object")
            }
            return .rewrite(arguments)
        }
        if isRedact { return .redact(try fields.value("result")) }
        let plain: [HookDecision] = [.allow, .deny, .ask, .defer]
        guard let found = plain.first(where: { sameBytes($0.wire, word) }) else {
            throw fields.bad("verdict", "a known verdict")
        }
        return found
    }
}
