/// The part of a denial by people that the agent learns.
package enum DenialDisclosure: String, Sendable, CaseIterable {
    /// The agent learns that its call was denied; this holds if nothing is stated.
    case kept
    /// The agent learns the reason and the words of the person too.
    case told
}
