/// The command line of the program.
struct Arguments {
    var paths: [String] = []
    var vkeys: [String] = []
    var trust: String?
    var oldCheckpoints: [String] = []
    var minimumSize: UInt64?
    /// Bundles that hold only entries below this index may be absent.
    var minimumIndex: UInt64?
    var payloads: String?
    var people: String?
    var strict = false
    var treeOnly = false

    enum Parsed {
        case help
        case check(Arguments)
    }

    static func parse(_ words: [String]) throws(Refusal) -> Parsed {
        var arguments = Arguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                arguments.paths.append(word)
                continue
            }
            if word == "--" {
                arguments.paths += rest
                break
            }
            if word == "--help" || word == "-h" { return .help }
            try arguments.take(word, &rest)
        }
        try arguments.check()
        return .check(arguments)
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(Refusal) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        func value() throws(Refusal) -> String {
            if parts.count == 2 { return String(parts[1]) }
            guard let next = rest.popFirst() else {
                throw Refusal(.usage, "`\(name)` needs a value")
            }
            return next
        }
        func once(_ present: Bool) throws(Refusal) {
            guard !present else { throw Refusal(.usage, "`\(name)` is given twice") }
        }
        switch name {
        case "--vkey": vkeys.append(try value())
        case "--old-checkpoint": oldCheckpoints.append(try value())
        case "--trust":
            try once(trust != nil)
            trust = try value()
        case "--min-size":
            try once(minimumSize != nil)
            minimumSize = try Arguments.count(try value(), name)
        case "--min-index":
            try once(minimumIndex != nil)
            minimumIndex = try Arguments.count(try value(), name)
        case "--payloads":
            try once(payloads != nil)
            payloads = try value()
        case "--people":
            try once(people != nil)
            people = try value()
        case "--strict" where parts.count == 1: strict = true
        case "--tree-only" where parts.count == 1: treeOnly = true
        default: throw Refusal(.usage, "there is no option `\(word)`")
        }
    }

    /// A bound that cannot be read must not count as none.
    private static func count(_ text: String, _ name: String) throws(Refusal) -> UInt64 {
        guard let number = Decimal.parse(Array(text.utf8)[...]) else {
            throw Refusal(.usage, "`\(name)` takes a number, not `\(text)`")
        }
        return number
    }

    private func check() throws(Refusal) {
        guard (1...2).contains(paths.count) else {
            throw Refusal(
                .usage, "what is to be checked: DIR, PROOF LEAFFILE or BUNDLE (see --help)")
        }
        guard trust != nil || !vkeys.isEmpty else {
            throw Refusal(
                .usage, "a log cannot vouch for its own key: give --vkey or --trust")
        }
    }

    /// - Throws: a refusal when an option was given that `subject` has no use for: what was asked for and
    ///   not done must not look done.
    func refuse(_ options: [(name: String, given: Bool)], for subject: String) throws(Refusal) {
        for option in options where option.given {
            throw Refusal(.usage, "`\(option.name)` is not for \(subject)")
        }
    }

    static let help = """
        usage: interlock-verify DIR | PROOF LEAFFILE | BUNDLE

        Checks a log folder, the proof of one record, or the evidence bundle of a run.

          --vkey KEY             key of the log, from outside (repeatable)
          --trust FILE           tlog-policy: logs, witnesses, quorum
          --old-checkpoint FILE  DIR: a checkpoint kept elsewhere, which the log must extend (repeatable)
          --min-size N           the log has at least N entries
          --min-index N          DIR: entries below N may have been pruned
          --payloads FOLDER      DIR: check every stored payload against its record
          --people FILE          BUNDLE: enrolled keys of people, for their votes
          --strict               exit 3 without old checkpoint or quorum; list unknown types
          --tree-only            a log of another program: leave out the content of entries

        exit codes: 0 verified, 1 the evidence is bad, 3 with --strict: nothing from outside, 64 usage,
        65 a file is not of its format, 66 not found, 70 internal, 74 input or output
        """
}
