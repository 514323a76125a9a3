import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockSchemas

/// The decision of an example call in words, such as "denied: No grant of the agent covers this tool."
struct DecisionSentence {
    let sentence: String
    /// The decision as comparisons print it, such as `deny no-grant`; composed of names of this program alone.
    let raw: String

    private static let verdicts: [Verdict] = [.allow, .deny] + (1...9).map(Verdict.approve)

    /// - Parameter text: the decision as comparisons print it.
    /// - Returns: nil if the text is no decision.
    init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, parts[0] == "deny", let reason = DecisionReason(rawValue: parts[1]) {
            sentence = "denied: \(reason.sentence)"
            raw = "deny \(reason.rawValue)"
        } else if let verdict = Self.verdicts.first(where: { $0.description == text }) {
            sentence = verdict.words
            raw = verdict.description
        } else {
            return nil
        }
    }
}
