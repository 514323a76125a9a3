package import InterlockPolicy

/// An elevation that waits for people or is granted.
package struct OpenElevation: Sendable {
    package let request: ElevationRequest
    /// True if it is in effect now.
    package let isLive: Bool
    /// The number of people that the policy requires, or nil if the policy does not permit this elevation any more.
    package let need: Int?
}
