import Synchronization

/// Bounds how much each holder has at a time, such as bytes of a common memory or places of a common worker. A holder of
/// nothing is forgotten.
package final class ShareLimiter<Holder: Hashable & Sendable>: Sendable {
    private let most: Int
    private let amounts = Mutex<[Holder: Int]>([:])

    /// - Parameter most: the most of one holder.
    package init(most: Int) { self.most = most }

    /// The number of holders.
    package var count: Int { amounts.withLock { $0.count } }

    /// Every `take` that succeeds needs its `give` of the same amount.
    ///
    /// - Parameter amount: not negative.
    /// - Returns: false, and nothing is taken, if the holder would have more than the most.
    package func take(_ holder: Holder, _ amount: Int = 1) -> Bool {
        precondition(amount >= 0, "nothing is taken by a negative amount")
        return amounts.withLock { amounts in
            let sum = amounts[holder, default: 0] + amount
            guard sum <= most else { return false }
            amounts[holder] = sum
            return true
        }
    }

    /// Gives back what a `take` took. More than the holder has counts as all that it has.
    ///
    /// - Parameter amount: not negative.
    package func give(_ holder: Holder, _ amount: Int = 1) {
        precondition(amount >= 0, "nothing is given back by a negative amount")
        amounts.withLock { amounts in
            let left = amounts[holder, default: 0] - amount
            amounts[holder] = left > 0 ? left : nil
        }
    }
}
