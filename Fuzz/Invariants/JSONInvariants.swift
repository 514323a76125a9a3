import InterlockJSON

/// The invariants that hold for any bytes. The fuzzers and the tests that replay their corpora both call these; a
/// broken invariant ends the process.
package enum Invariants {
    /// A parsed value can be written again, and the canonical form is its own canonical form.
    package static func json(_ bytes: [UInt8]) {
        for limits in [JSONLimits.agent, .upstream] {
            guard let value = try? JSONValue(parsing: bytes, limits: limits) else { continue }
            let again = try? JSONValue(parsing: value.serialized(), limits: limits)
            precondition(again == value, "what is written is read back")
            guard let canonical = try? value.canonical() else {
                precondition(limits == .upstream, "what an agent sends has a canonical form")
                continue
            }
            precondition(JSONValue.isCanonical(canonical), "the canonical form is canonical")
        }
    }
}
