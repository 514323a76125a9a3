import InterlockModel

/// The type of a scalar. Text becomes a value only here, so `no`, `017` and `13:00` mean nothing by
/// themselves (docs/specs/policy.md, section 2.2).
package enum ScalarType: Sendable {
    /// Any text, but not an absent value.
    case text
    case bool
    case integer(ClosedRange<Int64>)
    case duration, rate, date, clock, timestamp, person, verdict, effect, toolClass, tier, stage
    /// The class of a tool itself, exactly one.
    case ownClass
    case name(NameKind)
    /// An id of a forbid, effect or elevation, in which letters of either case are allowed.
    case ruleID
    case versionOne
    /// `server.tool` or a bare tool name; never a wildcard.
    case toolReference
    /// `server.tool`, `server.*` or `*`.
    case toolPattern
    case word([String])
    case guardText, url, hostAndPort, lintCode
    /// `512MiB`, or a bare number of bytes.
    case byteCount
    case fieldPath, zone
    /// `ed25519:` and the base64 of 32 bytes.
    case publicKey
}

extension ScalarType {
    func read(
        _ scalar: YAMLScalar, at place: PolicyLocation
    ) throws(ScalarError) -> TypedValue.Kind {
        let text = scalar.text
        switch self {
        case .text, .zone: return .text(text)
        case .bool: return try bool(scalar)
        case .integer(let range): return try integer(scalar, range)
        case .duration: return .seconds(try need(readDuration(text), text, "a duration like `15m`"))
        case .rate: return .rate(try need(readRate(text), text, "a rate like `60/m`"))
        case .date: return .date(try need(CivilDate(text), text, "a date like `2027-02-01`"))
        case .clock: return .clock(try need(readClock(text), text, "a time like `08:00`"))
        case .timestamp:
            let form = "a time like `2026-11-20T08:00:00Z`"
            return .instant(try need(Timestamp(rfc3339: text), text, form))
        case .person: return .person(try need(Person(text), text, "an e-mail address"))
        case .verdict:
            let form = "a verdict (`allow`, `approve`, `approve 2`, `deny`)"
            return .verdict(try need(readVerdict(text), text, form))
        case .effect: return try word(text, of: Effect.allCases.map(\.name), "not an effect")
        case .tier: return try word(text, of: Tier.allCases.map(\.rawValue), "not a tier")
        case .stage: return try word(text, of: TrustStage.allCases.map(\.rawValue), "not a stage")
        case .toolClass: return try word(text, of: classes, "no class", .noSuchTool)
        case .ownClass:
            let what = "not one of `read`, `write`, `destructive`, `admin`"
            return try word(text, of: classes, what, .classMissing)
        case .name(let kind): return .text(try kind.read(text))
        case .ruleID:
            let isID = isLowerName(text.lowercased()) && text.utf8.allSatisfy { $0 < 0x80 }
            try require(isID, .malformedName, "`\(text)` is no id")
            try require(
                !reasonCodes.contains(text), .idIsReason, "`\(text)` is the name of a reason")
        case .versionOne:
            try require(
                text == "1", .unknownVersion, "format version `\(text)` is not known",
                help: "this version reads `interlock: 1`")
            return .integer(1)
        case .toolReference:
            try require(!text.contains("*"), .wildcardGrant, "`\(text)`: a grant names its tools")
            try require(readToolReference(text), .malformedName, "`\(text)` is no tool name")
        case .toolPattern:
            let forms = "`server.tool`, `server.*` or `*`"
            try require(ToolPattern(text) != nil, .malformedName, "`\(text)` is not \(forms)")
        case .word(let words):
            let most = words.count == 1 ? "" : "one of "
            return try word(text, of: words, "not \(most)\(listed(words))", .wrongType)
        case .guardText: return .guardText(try readGuard(scalar, at: place))
        case .url: return .text(try need(readURL(text), text, "an `http://` or `https://` address"))
        case .hostAndPort: return .text(try need(readHostAndPort(text), text, "`host:port`"))
        case .lintCode:
            guard let code = FindingCode(rawValue: text) else {
                return .text(try need(readWarningCode(text), text, "a warning like `W210`"))
            }
            let message = "`\(text)` cannot be waived, only warnings can"
            try require(code.grade == .warning, .wrongType, message)
        case .byteCount:
            return .integer(try need(readByteCount(text), text, "a size like `512MiB`"))
        case .fieldPath:
            return .text(try need(readFieldPath(text), text, "a field path like `a.b`"))
        case .publicKey:
            let form = "a key: `ed25519:` and the base64 of 32 bytes"
            return .text(try need(readPublicKey(text), text, form))
        }
        return .text(text)
    }

    private func need<T>(_ value: T?, _ text: String, _ form: String) throws(ScalarError) -> T {
        guard let value else { throw ScalarError(.wrongType, "`\(text)` is not \(form)") }
        return value
    }

    private func bool(_ scalar: YAMLScalar) throws(ScalarError) -> TypedValue.Kind {
        let isBool = scalar.style == .plain && (scalar.text == "true" || scalar.text == "false")
        try require(isBool, .wrongType, "`\(scalar.text)` is not `true` or `false`")
        return .flag(scalar.text == "true")
    }

    private func integer(
        _ scalar: YAMLScalar, _ range: ClosedRange<Int64>
    ) throws(ScalarError) -> TypedValue.Kind {
        guard scalar.style == .plain, let value = readInteger(scalar.text) else {
            throw ScalarError(.wrongType, "`\(scalar.text)` is not a whole number")
        }
        try require(
            range.contains(value), .outOfRange,
            "\(value) is not in \(range.lowerBound) to \(range.upperBound)")
        return .integer(value)
    }

    private func word(
        _ text: String, of words: [String], _ what: @autoclosure () -> String,
        _ code: FindingCode = .noSuchName
    ) throws(ScalarError) -> TypedValue.Kind { .text(try closed(text, words, what(), code)) }

    private func listed(_ words: [String]) -> String {
        words.map { "`\($0)`" }.joined(separator: ", ")
    }

    private var classes: [String] { ToolClass.allCases.map(\.rawValue) }

    private func readGuard(
        _ scalar: YAMLScalar, at place: PolicyLocation
    ) throws(ScalarError) -> GuardText {
        switch scalar.style {
        case .literal: break
        case .plain, .singleQuoted, .doubleQuoted:
            if scalar.isOneLine { break }
            fallthrough
        case .folded:
            throw ScalarError(
                .guardStyle, "a guard must be on one line or in a literal block",
                help: "a literal block begins with `|`")
        }
        let isShort = scalar.text.utf8.count <= GuardText.maximumBytes
        try require(isShort, .guardTooLarge, "the guard has more than 1 KiB")
        return GuardText(
            source: scalar.text, style: scalar.style, layout: scalar.layout, place: place)
    }
}

extension GuardText {
    /// The maximum length of a guard's text, in bytes (docs/specs/policy.md, section 5.4).
    static let maximumBytes = 1024
}

/// The reason why a scalar is not of its type, worded without the key.
struct ScalarError: Error {
    let code: FindingCode
    let message: String
    let help: String?

    init(_ code: FindingCode, _ message: String, help: String? = nil) {
        self.code = code
        self.message = message
        self.help = help
    }
}

/// - Parameter message: is made only if the condition does not hold.
private func require(
    _ condition: Bool, _ code: FindingCode, _ message: @autoclosure () -> String,
    help: String? = nil
) throws(ScalarError) { guard condition else { throw ScalarError(code, message(), help: help) } }

/// A word of a closed set.
private func closed(
    _ text: String, _ words: [String], _ what: @autoclosure () -> String,
    _ code: FindingCode = .noSuchName
) throws(ScalarError) -> String {
    guard words.contains(text) else {
        throw ScalarError(code, "`\(text)` is \(what())", help: didYouMean(text, among: words))
    }
    return text
}

extension NameKind {
    /// Returns the name in the form in which it is compared, which for all kinds is as written.
    func read(_ text: String) throws(ScalarError) -> String {
        let fits: Bool
        let what: String
        switch self {
        case .agent: (fits, what) = (isLowerName(text), "agent")
        case .group: (fits, what) = (isLowerName(text), "group")
        case .task: (fits, what) = (isLowerName(text), "task")
        case .server: (fits, what) = (ServerName(text) != nil, "server")
        case .tool: (fits, what) = (ToolName(text) != nil, "tool")
        case .item: (fits, what) = (ToolName(text) != nil, "resource or prompt")
        case .effect: return try closed(text, Effect.allCases.map(\.name), "not an effect")
        case .tier: return try closed(text, Tier.allCases.map(\.rawValue), "not a tier")
        case .qualifiedTool:
            (fits, what) = (text.contains(".") && readToolReference(text), "`server.tool`")
            try require(fits, .malformedName, "`\(text)` is not \(what)")
        case .field: (fits, what) = (readFieldPath(text) != nil, "field")
        case .variable:
            (fits, what) = (!text.isEmpty && !text.contains("="), "environment variable")
        case .counter: (fits, what) = (!text.isEmpty, "counter")
        }
        try require(fits, .malformedName, "`\(text)` is no \(what) name")
        return text
    }
}
