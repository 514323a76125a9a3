package import InterlockJSON

/// What stands in a review besides the call and the decision.
package enum ReviewFacts {
    /// People sign every fact, so every fact is shown: those that a text has no place of its own for come under
    /// their names.
    ///
    /// - Parameter shown: the names that have a place.
    /// - Returns: the others, in the review's order.
    package static func others(
        in facts: JSONValue, besides shown: Set<String>
    ) -> [(name: String, value: JSONValue)] {
        (facts.object?.members ?? []).filter { !shown.contains($0.key) }
            .map { (name: $0.key, value: $0.value) }
    }
}
