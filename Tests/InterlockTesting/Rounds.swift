import Glibc

/// The number of rounds of a test with random inputs: one in `part` of `whole`, or all of them if INTERLOCK_ROUNDS is
/// `all`, as in `make stress`.
package func rounds(_ whole: Int, part: Int = 5) -> Int {
    let given = unsafe getenv("INTERLOCK_ROUNDS").map { unsafe String(cString: $0) }
    return given == "all" ? whole : max(1, whole / part)
}
