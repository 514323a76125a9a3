/// Patterns of names, in which `*` is any text and `?` any one byte.
enum NamePattern {
    /// A pattern with `[` cannot be judged here, so it matches every name.
    static func matchesAny(_ patterns: [String], _ name: String) -> Bool {
        patterns.contains { pattern in
            pattern.utf8.contains(UInt8(ascii: "["))
                || matches(Array(pattern.utf8), Array(name.utf8))
        }
    }

    /// The time is at most proportional to the product of the lengths: a later `*` makes an earlier one final.
    private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var (p, n) = (0, 0)
        var retry: (p: Int, n: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                retry = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == name[n] {
                (p, n) = (p + 1, n + 1)
            } else if let again = retry {
                retry = (again.p, again.n + 1)
                (p, n) = (again.p + 1, again.n + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
