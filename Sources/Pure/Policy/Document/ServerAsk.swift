/// What a server may ask of the agent's side in the middle of a call; by default nothing (specs of
/// policies, section 3).
package enum ServerAsk: String, Sendable, Hashable, CaseIterable {
    case sampling
    case elicitationForm = "elicitation_form"
    case elicitationURL = "elicitation_url"
    case roots
}
