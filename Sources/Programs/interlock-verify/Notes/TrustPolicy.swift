/// The trusted logs, and the witnesses that must have cosigned (C2SP tlog-policy).
struct TrustPolicy {
    private(set) var logs: [VerifierKey] = []
    /// The witnesses and groups by name; each is defined before it is used, so there are no cycles.
    private var definitions: [Octets: Definition] = [:]
    private var members: Set<Octets> = []
    private var groups = 0
    /// Is nil for `quorum none`.
    private(set) var quorum: Octets?
    private var hasQuorum = false

    private enum Definition {
        case witness(VerifierKey)
        case group(atLeast: Int, of: [Octets])
    }

    static let maximumBytes = 128 << 10
    /// The most logs, the most witnesses and the most groups.
    static let maximumCount = 64

    var witnesses: [VerifierKey] {
        definitions.values.compactMap { if case .witness(let key) = $0 { key } else { nil } }
    }

    /// Returns whether enough witnesses have cosigned.
    func isMet(by cosigners: Set<VerifierKey>) -> Bool {
        quorum.map { isMet($0, by: cosigners) } ?? true
    }

    private func isMet(_ name: Octets, by cosigners: Set<VerifierKey>) -> Bool {
        switch definitions[name] {
        case .witness(let key): cosigners.contains(key)
        case .group(let least, let members): members.count { isMet($0, by: cosigners) } >= least
        case nil: false
        }
    }

    /// - Throws: the number of the first invalid line, or 0 for the file as a whole.
    init(_ bytes: [UInt8]) throws(BadLine) {
        guard bytes.count <= TrustPolicy.maximumBytes, bytes.last == 0x0a,
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a || $0 == 0x09 })
        else { throw BadLine(number: 0) }
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 }
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            guard String(validating: line, as: UTF8.self) != nil, take(words.map { Octets($0) })
            else { throw BadLine(number: place + 1) }
        }
        guard hasQuorum else { throw BadLine(number: 0) }
    }

    struct BadLine: Error { let number: Int }

    private mutating func take(_ words: [Octets]) -> Bool {
        switch words[0] {
        case Octets("log"): takeLog(words)
        case Octets("witness"): takeWitness(words)
        case Octets("group"): takeGroup(words)
        case Octets("quorum"): takeQuorum(words)
        default: false
        }
    }

    private mutating func takeLog(_ words: [Octets]) -> Bool {
        guard (2...3).contains(words.count), logs.count < TrustPolicy.maximumCount,
            let key = VerifierKey(words[1].bytes), key.kind == .note,
            !logs.contains(where: { $0.key == key.key })
        else { return false }
        logs.append(key)
        return true
    }

    private mutating func takeWitness(_ words: [Octets]) -> Bool {
        guard (3...4).contains(words.count), witnesses.count < TrustPolicy.maximumCount,
            let key = VerifierKey(words[2].bytes), key.kind == .cosignature,
            !witnesses.contains(where: { $0.key == key.key })
        else { return false }
        return define(words[1], .witness(key))
    }

    private mutating func takeGroup(_ words: [Octets]) -> Bool {
        guard words.count >= 4, groups < TrustPolicy.maximumCount else { return false }
        let names = Array(words[3...])
        for name in names {
            guard definitions[name] != nil, members.insert(name).inserted else { return false }
        }
        let least: UInt64? =
            switch words[2] {
            case Octets("any"): 1
            case Octets("all"): UInt64(names.count)
            default: Decimal.parse(words[2].bytes[...])
            }
        guard let least, (1...UInt64(names.count)).contains(least) else { return false }
        groups += 1
        return define(words[1], .group(atLeast: Int(least), of: names))
    }

    private mutating func takeQuorum(_ words: [Octets]) -> Bool {
        guard words.count == 2, !hasQuorum else { return false }
        hasQuorum = true
        if words[1] == Octets("none") { return true }
        quorum = words[1]
        return definitions[words[1]] != nil
    }

    private mutating func define(_ name: Octets, _ definition: Definition) -> Bool {
        guard name != Octets("none"), definitions[name] == nil else { return false }
        definitions[name] = definition
        return true
    }
}
