import Glibc

/// SplitMix64. The seed is fixed unless INTERLOCK_SEED sets it.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The seed that INTERLOCK_SEED sets, or the one of the test.
    package static func seed(or fixed: UInt64 = 0x1a7e_0001) -> UInt64 {
        unsafe getenv("INTERLOCK_SEED").flatMap { unsafe UInt64(String(cString: $0)) } ?? fixed
    }

    /// Prints the seed, so that a failure can be repeated.
    package static func announced() -> SeededGenerator {
        let seed = seed()
        print("INTERLOCK_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
