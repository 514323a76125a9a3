/// The treatment of a result that is larger than the agent may get (docs/specs/output-safety.md, section 3).
package enum ResultOverflow: String, Sendable, Hashable, CaseIterable {
    /// The agent gets a refusal; the call was executed.
    case withhold
    /// The texts of a read are cut, with a notice that says so. Any other result is withheld.
    case truncate
}
