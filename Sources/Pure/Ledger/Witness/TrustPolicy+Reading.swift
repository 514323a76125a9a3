package import InterlockModel

extension TrustPolicy {
    /// Parses a trust policy. Everything ambiguous is an error: duplicate keys or names, names that are used before
    /// they are defined, a second quorum, control characters.
    package init(parsing bytes: [UInt8], hashing: any Hashing) throws(TrustPolicyError) {
        guard bytes.count <= Self.maximumBytes else {
            throw TrustPolicyError(line: 0, problem: .tooLarge)
        }
        var reader = TrustPolicyReader(hashing: hashing)
        for line in bytes.split(separator: newline, omittingEmptySubsequences: false) {
            try reader.take(line)
        }
        // The last piece is the text after the last newline.
        guard bytes.isEmpty || bytes.last == newline else { throw reader.error(.noNewline) }
        guard reader.hasQuorum else {
            throw TrustPolicyError(line: 0, problem: .noQuorum)
        }
        self = reader.policy
    }
}

private struct TrustPolicyReader {
    let hashing: any Hashing
    var policy = TrustPolicy()
    var hasQuorum = false
    private var line = 0
    private var defined: Set<TrustName> = []
    private var grouped: Set<TrustName> = []

    init(hashing: any Hashing) { self.hashing = hashing }

    func error(_ problem: TrustPolicyError.Problem) -> TrustPolicyError {
        TrustPolicyError(line: line, problem: problem)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) throws(TrustPolicyError) {
        line += 1
        guard bytes.allSatisfy({ $0 == tab || ($0 >= 0x20 && $0 != 0x7f) }) else {
            throw error(.controlCharacter)
        }
        let words = bytes.split { $0 == tab || $0 == space }
        // Comments may be in any encoding.
        guard let first = words.first, first.first != UInt8(ascii: "#") else { return }
        var texts: [String] = []
        for word in words {
            guard let text = String(validating: word, as: UTF8.self) else { throw error(.notText) }
            texts.append(text)
        }
        switch texts[0] {
        case "log": try takeLog(texts)
        case "witness": try takeWitness(texts)
        case "group": try takeGroup(texts)
        case "quorum": try takeQuorum(texts)
        default: throw error(.unknownLine(texts[0]))
        }
    }

    private mutating func takeLog(_ words: [String]) throws(TrustPolicyError) {
        guard (2...3).contains(words.count) else { throw error(.wordCount("log KEY [URL]")) }
        guard policy.logs.count < TrustPolicy.maximumLogs else { throw error(.tooMany("logs")) }
        guard let key = VerifierKey(words[1], hashing: hashing) else { throw error(.badKey) }
        guard !policy.logs.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw error(.duplicateKey)
        }
        policy.logs.append(TrustPolicy.Log(key: key, url: words.count == 3 ? words[2] : nil))
    }

    private mutating func takeWitness(_ words: [String]) throws(TrustPolicyError) {
        guard (3...4).contains(words.count) else {
            throw error(.wordCount("witness NAME KEY [URL]"))
        }
        guard policy.witnesses.count < TrustPolicy.maximumWitnesses else {
            throw error(.tooMany("witnesses"))
        }
        let name = try define(words[1])
        guard let key = CosignerKey(words[2], hashing: hashing) else { throw error(.badKey) }
        guard !policy.witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw error(.duplicateKey)
        }
        policy.witnesses.append(
            TrustPolicy.Witness(name: name, key: key, url: words.count == 4 ? words[3] : nil))
    }

    private mutating func takeGroup(_ words: [String]) throws(TrustPolicyError) {
        guard words.count >= 4 else { throw error(.wordCount("group NAME K|any|all MEMBER...")) }
        guard policy.groups.count < TrustPolicy.maximumGroups else {
            throw error(.tooMany("groups"))
        }
        var members: [TrustName] = []
        for word in words.dropFirst(3) {
            let member = try known(word)
            guard grouped.insert(member).inserted else { throw error(.listedTwice(word)) }
            members.append(member)
        }
        let threshold =
            switch words[2] {
            case "any": 1
            case "all": members.count
            default: Int(words[2]) ?? 0
            }
        guard (1...members.count).contains(threshold),
            ["any", "all", String(threshold)].contains(words[2])
        else { throw error(.badThreshold(words[2])) }
        let name = try define(words[1])
        policy.groups.append(
            TrustPolicy.Group(name: name, threshold: threshold, members: members))
    }

    private mutating func takeQuorum(_ words: [String]) throws(TrustPolicyError) {
        guard words.count == 2 else { throw error(.wordCount("quorum NAME|none")) }
        guard !hasQuorum else { throw error(.secondQuorum) }
        policy.quorum = words[1] == TrustName.none ? nil : try known(words[1])
        hasQuorum = true
    }

    private mutating func define(_ word: String) throws(TrustPolicyError) -> TrustName {
        guard let name = TrustName(word) else { throw error(.badName(word)) }
        guard defined.insert(name).inserted else { throw error(.duplicateName(word)) }
        return name
    }

    private func known(_ word: String) throws(TrustPolicyError) -> TrustName {
        guard let name = TrustName(word), defined.contains(name) else {
            throw error(.undefined(word))
        }
        return name
    }
}

private let newline = UInt8(ascii: "\n")
private let tab = UInt8(ascii: "\t")
private let space = UInt8(ascii: " ")
