package import InterlockPolicy

/// An elevation that waits for people or is granted.
package struct OpenElevation: Sendable {
    package let request: ElevationRequest
    /// Whether it grants now.
    package let isLive: Bool
    /// People that the policy asks for; nil where it has no room for it any more.
    package let need: Int?

    package init(request: ElevationRequest, isLive: Bool, need: Int?) {
        self.request = request
        self.isLive = isLive
        self.need = need
    }
}
