import InterlockJSON

/// The bounds of what the store returns.
enum StoreLimits {
    /// A number that is too large is kept, so that it spoils its element alone: nodes choose some of them.
    static let json = JSONLimits(depth: 4, bytes: 16 << 20, largeIntegers: .keep)
    /// The numbers of entries, terms, beats and the like: those of JSON, in which the store returns some.
    static let numbers = 0...JSONValue.largestInteger
    /// The numbers of revisions and versions of a row, which PostgreSQL has as `integer`.
    static let versions = 1...Int64(Int32.max)
    /// The microseconds since 1970 of a time.
    static let times = 0...Int64(1) << 60
    static let kind = 1...64
    static let node = 1...63
    static let generation = 1...64
    /// The columns by which rows are known, agents and runs.
    static let key = 1...200
    /// The name of a log.
    static let origin = 1...256
    /// The votes of one request that are read.
    static let votes: Int64 = 1000
    /// The requests that one read returns, each with its votes.
    static let requests: Int64 = 32
    /// The entries, and about the bytes of their bodies, that one read returns.
    static let entries: Int64 = 1024
    static let entryBytes: Int64 = 4 << 20
}
