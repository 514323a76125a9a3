package import InterlockJSON

/// The facts in a review, which accompany the call and the decision.
package enum ReviewFacts {
    /// The facts without a dedicated place in a layout, which are displayed under their own names: people sign every
    /// fact, so every fact must be displayed.
    ///
    /// - Parameter shown: the names of the facts with a dedicated place.
    /// - Returns: the other facts, in the review's order.
    package static func others(
        in facts: JSONValue, besides shown: Set<String>
    ) -> [(name: String, value: JSONValue)] {
        (facts.object?.members ?? []).filter { !shown.contains($0.key) }
            .map { (name: $0.key, value: $0.value) }
    }
}
