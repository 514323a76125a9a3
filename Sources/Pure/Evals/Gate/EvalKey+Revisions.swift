package import InterlockModel

extension EvalKey {
    /// Returns the keys that count for a change from one policy to another: those that both list. A branch can add a key to
    /// its own list, and nothing to the list that it is compared with.
    ///
    /// - Parameter owners: the people who answer for the agent in either policy. A key that they can use alone by what `base`
    ///   says of its holders has these holders.
    package static func listed(
        in current: [EvalKey], and base: [EvalKey], owners: Set<Person>
    ) -> [EvalKey] {
        current.compactMap { key in
            guard let before = base.first(where: { $0.key == key.key }) else { return nil }
            return before.isIndependent(of: owners) ? key : before
        }
    }
}
