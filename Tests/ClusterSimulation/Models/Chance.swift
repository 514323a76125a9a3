import InterlockModel
package import InterlockTesting

extension SeededGenerator {
    /// Returns a number of `0..<bound`.
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    /// Returns true `perMille` times of 1,000.
    package mutating func chance(_ perMille: Int) -> Bool { below(1000) < perMille }

    package mutating func between(_ least: Duration, _ most: Duration) -> Duration {
        let width = max(0, most.microseconds - least.microseconds)
        return .microseconds(least.microseconds + Int64(below(Int(width) + 1)))
    }

    /// - Parameter choices: must not be empty.
    package mutating func choice<Choice>(_ choices: [Choice]) -> Choice {
        choices[below(choices.count)]
    }
}
