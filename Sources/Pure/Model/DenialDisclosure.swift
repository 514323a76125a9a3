/// The part of a denial by people that the agent learns.
package enum DenialDisclosure: String, Sendable, CaseIterable {
    /// The agent learns that its call was denied; the default.
    case withheld
    /// The agent learns the reason and the words of the person too.
    case disclosed
}
