import InterlockModel
import InterlockPolicyCEL

/// One statement about a guard's text, with its position in the text.
struct GuardRemark: Hashable {
    let code: FindingCode
    /// The offset from the beginning of the text, in code points.
    let offset: Int
    let message: String
    var help: String?

    /// - Parameter schema: the name of the schema that the arguments were checked against.
    init(_ problem: CELProblem, for schema: String?) {
        code = problem.kind.code
        offset = problem.offset
        let isAboutSchema = problem.kind == .schema || problem.message.hasPrefix("`args")
        let unnamed = "the schema"
        if let schema, isAboutSchema, problem.message.hasSuffix(unnamed) {
            message = problem.message.dropLast(unnamed.count) + schema
        } else {
            message =
                problem.message + (problem.kind == .schema ? schema.map { ", in \($0)" } ?? "" : "")
        }
        help = problem.help
    }

    package init(_ code: FindingCode, at offset: Int, _ message: String, help: String? = nil) {
        self.code = code
        self.offset = offset
        self.message = message
        self.help = help
    }

    /// The finding at its location in the file.
    func finding(in text: GuardText, path: String) -> Finding {
        Finding(code, at: text.place(ofOffset: offset), path: path, message, help: help)
    }
}

extension GuardRemark {
    /// All remarks that follow from the review of a checked guard.
    static func all(of review: CELGuardReview, for schema: String?) -> [GuardRemark] {
        var remarks = review.problems.map { GuardRemark($0, for: schema) }
        remarks += review.optionalReads.map {
            GuardRemark(
                .guardOptionalField, at: $0.offset, "`\($0.path)` may be absent",
                help: "ask `has(\($0.path))` first")
        }
        if review.mayRunOut {
            remarks.append(
                GuardRemark(
                    .guardCostAssumed, at: 0,
                    "long values can make the guard run out of its budget",
                    help: "bound them in the schema (`maxLength`, `maxItems`)"))
        }
        return remarks
    }
}

extension CELProblem.Kind {
    /// The code of the finding (docs/specs/policy.md, section 7.2).
    var code: FindingCode {
        switch self {
        case .syntax: .guardSyntax
        case .tooLarge: .guardTooLarge
        case .undeclared: .guardUndeclared
        case .unknownFunction: .guardFunction
        case .notBool: .guardNotBool
        case .pattern: .guardPattern
        case .stringBuilding: .guardStringBuilding
        case .cost: .guardCost
        case .unknownField: .guardField
        case .noOverload: .guardOperation
        case .comparison: .guardComparison
        case .arithmeticOnNumber: .guardArithmetic
        case .zone: .guardZone
        case .schema: .guardSchema
        }
    }
}
