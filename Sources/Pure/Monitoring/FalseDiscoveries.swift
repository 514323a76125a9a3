/// The procedure of Benjamini and Hochberg: selects among several simultaneous tests, so that the expected share of
/// false ones among those selected is at most `q`.
package enum FalseDiscoveries {
    /// - Parameters:
    ///   - chances: the probabilities of the tests that exceeded their threshold.
    ///   - tests: the number of all tests, including these.
    /// - Returns: the largest selected probability, or nil if no test is selected.
    package static func limit(_ chances: [Double], tests: Int, q: Double) -> Double? {
        var limit: Double?
        for (index, chance) in chances.sorted().enumerated()
        where chance <= Double(index + 1) * q / Double(max(tests, chances.count)) { limit = chance }
        return limit
    }
}
