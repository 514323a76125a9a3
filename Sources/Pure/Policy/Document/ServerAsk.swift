/// Requests that a server may send to the agent's side in the middle of a call; none by default
/// (docs/specs/policy.md, section 3).
package enum ServerAsk: String, Sendable, Hashable, CaseIterable {
    case sampling
    case elicitationForm = "elicitation_form"
    case elicitationURL = "elicitation_url"
    case roots
}
