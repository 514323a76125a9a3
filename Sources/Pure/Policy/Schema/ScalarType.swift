import InterlockModel

/// The type of a scalar. Text becomes a value only here, so `no`, `017` and `13:00` mean nothing by
/// themselves (docs/specs/policy.md, section 2.2).
enum ScalarType: Sendable {
    /// Any text, but not an absent value.
    case text
    case bool
    case integer(ClosedRange<Int64>)
    case duration, rate, date, clock, timestamp
    case person, verdict
    case effect, toolClass, tier, stage
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
    case guardText
    case url
    case hostAndPort
    case lintCode
    /// `512MiB`, or a bare number of bytes.
    case byteCount
    case fieldPath
    case zone
}

/// The reason why a scalar is not of its type.
struct ScalarProblem {
    let code: FindingCode
    let message: String
    var help: String?
}

extension ScalarType {
    /// - Throws: the problem, worded without the key.
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
        case .effect: return try named(text, Effect.allCases.map(\.name), "an effect")
        case .tier: return try named(text, Tier.allCases.map(\.rawValue), "a tier")
        case .stage: return try named(text, TrustStage.allCases.map(\.rawValue), "a stage")
        case .toolClass:
            let words = ToolClass.allCases.map(\.rawValue)
            guard words.contains(text) else {
                throw ScalarError(
                    .noSuchTool, "`\(text)` is no class", help: didYouMean(text, among: words))
            }
            return .text(text)
        case .ownClass:
            let words = ToolClass.allCases.map(\.rawValue)
            guard words.contains(text) else {
                throw ScalarError(
                    .classMissing,
                    "`\(text)` is not one of `read`, `write`, `destructive`, `admin`",
                    help: didYouMean(text, among: words))
            }
            return .text(text)
        case .name(let kind): return .text(try kind.read(text))
        case .ruleID:
            guard isLowerName(text.lowercased()), text.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw ScalarError(.malformedName, "`\(text)` is no id")
            }
            guard !reasonCodes.contains(text) else {
                throw ScalarError(.idIsReason, "`\(text)` is the name of a reason")
            }
            return .text(text)
        case .versionOne:
            guard text == "1" else {
                throw ScalarError(
                    .unknownVersion, "format version `\(text)` is not known",
                    help: "this version reads `interlock: 1`")
            }
            return .integer(1)
        case .toolReference:
            guard !text.contains("*") else {
                throw ScalarError(.wildcardGrant, "`\(text)`: a grant names its tools")
            }
            guard readToolReference(text) else {
                throw ScalarError(.malformedName, "`\(text)` is no tool name")
            }
            return .text(text)
        case .toolPattern:
            guard ToolPattern(text) != nil else {
                throw ScalarError(
                    .malformedName, "`\(text)` is not `server.tool`, `server.*` or `*`")
            }
            return .text(text)
        case .word(let words):
            guard words.contains(text) else {
                let list = words.map { "`\($0)`" }.joined(separator: ", ")
                throw ScalarError(
                    .wrongType, "`\(text)` is not \(words.count == 1 ? list : "one of " + list)",
                    help: didYouMean(text, among: words))
            }
            return .text(text)
        case .guardText: return .guardText(try readGuard(scalar, at: place))
        case .url: return .text(try need(readURL(text), text, "an `http://` or `https://` address"))
        case .hostAndPort: return .text(try need(readHostAndPort(text), text, "`host:port`"))
        case .lintCode:
            guard let code = FindingCode(rawValue: text) else {
                return .text(try need(readWarningCode(text), text, "a warning like `W210`"))
            }
            guard code.grade == .warning else {
                throw ScalarError(.wrongType, "`\(text)` cannot be waived, only warnings can")
            }
            return .text(text)
        case .byteCount:
            return .integer(try need(readByteCount(text), text, "a size like `512MiB`"))
        case .fieldPath:
            return .text(try need(readFieldPath(text), text, "a field path like `a.b`"))
        }
    }

    private func need<T>(_ value: T?, _ text: String, _ form: String) throws(ScalarError) -> T {
        guard let value else { throw ScalarError(.wrongType, "`\(text)` is not \(form)") }
        return value
    }

    private func bool(_ scalar: YAMLScalar) throws(ScalarError) -> TypedValue.Kind {
        guard scalar.style == .plain, scalar.text == "true" || scalar.text == "false" else {
            throw ScalarError(.wrongType, "`\(scalar.text)` is not `true` or `false`")
        }
        return .flag(scalar.text == "true")
    }

    private func integer(
        _ scalar: YAMLScalar, _ range: ClosedRange<Int64>
    ) throws(ScalarError) -> TypedValue.Kind {
        guard scalar.style == .plain, let value = readInteger(scalar.text) else {
            throw ScalarError(.wrongType, "`\(scalar.text)` is not a whole number")
        }
        guard range.contains(value) else {
            throw ScalarError(
                .outOfRange, "\(value) is not in \(range.lowerBound) to \(range.upperBound)")
        }
        return .integer(value)
    }

    private func named(
        _ text: String, _ words: [String], _ what: String
    ) throws(ScalarError) -> TypedValue.Kind {
        guard words.contains(text) else {
            throw ScalarError(
                .noSuchName, "`\(text)` is not \(what)", help: didYouMean(text, among: words))
        }
        return .text(text)
    }

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
                .guardStyle, "a guard stands on one line or in a literal block",
                help: "a literal block begins with `|`")
        }
        guard scalar.text.utf8.count <= guardBytes else {
            throw ScalarError(.guardTooLarge, "the guard has more than 1 KiB")
        }
        return GuardText(
            source: scalar.text, style: scalar.style, layout: scalar.layout, place: place)
    }
}

/// The maximum length of a guard's text, in bytes (docs/specs/policy.md, section 5.4).
private let guardBytes = 1024

struct ScalarError: Error {
    let problem: ScalarProblem
    init(_ code: FindingCode, _ message: String, help: String? = nil) {
        problem = ScalarProblem(code: code, message: message, help: help)
    }
}

extension NameKind {
    /// Returns the name in the form in which it is compared, which for all kinds is as written.
    func read(_ text: String) throws(ScalarError) -> String {
        let fits: Bool
        let what: String
        switch self {
        case .agent: (fits, what) = (isLowerName(text), "agent")
        case .group: (fits, what) = (isLowerName(text), "group")
        case .server: (fits, what) = (ServerName(text) != nil, "server")
        case .tool: (fits, what) = (ToolName(text) != nil, "tool")
        case .item: (fits, what) = (ToolName(text) != nil, "resource or prompt")
        case .effect: return try closed(text, Effect.allCases.map(\.name), "an effect")
        case .tier: return try closed(text, Tier.allCases.map(\.rawValue), "a tier")
        case .qualifiedTool:
            (fits, what) = (text.contains(".") && readToolReference(text), "`server.tool`")
            if !fits { throw ScalarError(.malformedName, "`\(text)` is not \(what)") }
        case .field: (fits, what) = (readFieldPath(text) != nil, "field")
        case .variable:
            (fits, what) = (!text.isEmpty && !text.contains("="), "environment variable")
        case .counter: (fits, what) = (!text.isEmpty, "counter")
        }
        guard fits else { throw ScalarError(.malformedName, "`\(text)` is no \(what) name") }
        return text
    }

    private func closed(
        _ text: String, _ words: [String], _ what: String
    ) throws(ScalarError) -> String {
        guard words.contains(text) else {
            throw ScalarError(
                .noSuchName, "`\(text)` is not \(what)", help: didYouMean(text, among: words))
        }
        return text
    }
}
