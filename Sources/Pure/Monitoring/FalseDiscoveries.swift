/// Benjamini and Hochberg: of several tests made at once, those that may count so that at most a share `q` of
/// what counts is expected to be false.
package enum FalseDiscoveries {
    /// - Parameters:
    ///   - chances: of those that passed their threshold.
    ///   - tests: how many were made in all, theirs included.
    /// - Returns: the largest chance that counts; nil when none does.
    package static func limit(_ chances: [Double], tests: Int, q: Double) -> Double? {
        var limit: Double?
        for (index, chance) in chances.sorted().enumerated()
        where chance <= Double(index + 1) * q / Double(max(tests, chances.count)) {
            limit = chance
        }
        return limit
    }
}
