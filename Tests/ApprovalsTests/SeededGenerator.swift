import Glibc

/// SplitMix64 from a seed that is printed; INTERLOCK_SEED overrides the fixed one.
struct SeededGenerator: RandomNumberGenerator {
    fileprivate var state: UInt64

    static func announced() -> SeededGenerator {
        let given = unsafe getenv("INTERLOCK_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
        let seed = given ?? 0x0a17_0001
        print("INTERLOCK_SEED=\(seed)")
        return SeededGenerator(state: seed)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
