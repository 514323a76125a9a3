/// The origin of a value in the arguments of a call (docs/specs/output-safety.md, section 7).
package enum ValueLabel: String, Sendable, CaseIterable {
    /// It is in the user's request.
    case request
    /// It is a constant of the policy.
    case policy
    /// It is in a result of a trusted source.
    case trusted
    /// It is nowhere: the model made it.
    case made
    /// It is only in untrusted results that the user named.
    case named
    /// It is only in untrusted results, or its origin is not known.
    case untrusted

    /// The order of the labels; the first three are equally good.
    package var severity: Int {
        switch self {
        case .request, .policy, .trusted: 0
        case .made: 1
        case .named: 2
        case .untrusted: 3
        }
    }

    /// Returns the worse one, or the first of two that are equally good.
    package static func worse(_ a: ValueLabel, _ b: ValueLabel) -> ValueLabel {
        b.severity > a.severity ? b : a
    }

    /// The label in words, for people, with the source of the value if it is known.
    package func words(from source: String?) -> String {
        guard let source else { return words }
        // A source that is known is no unknown origin. That the model had the value first is not known.
        return (self == .untrusted ? "in untrusted content" : words) + ": " + source
    }

    /// The label in words, for people.
    package var words: String {
        switch self {
        case .request: "in the user's request"
        case .policy: "a constant of the policy"
        case .trusted: "in a result of a trusted source"
        case .made: "made by the model"
        case .named: "in an untrusted source that the user named"
        case .untrusted: "in untrusted content, or of unknown origin"
        }
    }
}
