/// The command line of the program.
struct Arguments {
    private(set) var paths: [String] = []
    /// True if the word `evidence` precedes the path, which then is an evidence pack.
    private(set) var isPack = false
    /// The values by option, including its dashes; a flag has one empty value.
    private var values: [String: [String]] = [:]

    static let flags: Set<String> = ["--strict", "--tree-only", "--json", "--help", "--version"]
    static let repeatable: Set<String> = ["--vkey", "--old-checkpoint", "--log"]
    static let once: Set<String> = [
        "--trust", "--min-size", "--min-index", "--payloads", "--people",
    ]

    subscript(option: String) -> String? { values[option]?.last }
    func all(_ option: String) -> [String] { values[option] ?? [] }
    func has(_ option: String) -> Bool { values[option] != nil }

    init(_ words: [String]) throws(Refusal) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if !word.hasPrefix("--") {
                paths.append(word)
            } else if Arguments.flags.contains(word) {
                values[word] = [""]
            } else {
                guard Arguments.repeatable.contains(word) || Arguments.once.contains(word) else {
                    throw Refusal(.usage, "there is no option `\(word)`")
                }
                guard let value = rest.popFirst() else {
                    throw Refusal(.usage, "`\(word)` needs a value")
                }
                guard Arguments.repeatable.contains(word) || !has(word) else {
                    throw Refusal(.usage, "`\(word)` is given twice")
                }
                values[word, default: []].append(value)
            }
        }
        if has("--help") || has("--version") { return }
        if paths.first == "evidence" {
            isPack = true
            paths.removeFirst()
        }
        for option in ["--min-size", "--min-index"] { _ = try number(option) }
        guard (isPack ? 1...1 : 1...2).contains(paths.count) else {
            throw Refusal(
                .usage,
                isPack
                    ? "what is checked: evidence PACK (a folder named evidence: ./evidence)"
                    : "what is checked: DIR, PROOF LEAFFILE, BUNDLE or PACK (see --help)")
        }
        guard has("--trust") || has("--vkey") else {
            throw Refusal(.usage, "a log cannot vouch for its own key: give --vkey or --trust")
        }
    }

    /// Returns nil if the option is absent. An unreadable bound must not count as an absent one.
    func number(_ option: String) throws(Refusal) -> UInt64? {
        guard let text = self[option] else { return nil }
        guard let number = Decimal.parse(Array(text.utf8)[...]) else {
            throw Refusal(.usage, "`\(option)` takes a number, not `\(text)`")
        }
        return number
    }

    /// - Throws: a refusal if an option was given that does not apply to the subject: a requested check that is not
    ///   made must not seem made.
    func refuse(_ options: String..., for subject: String) throws(Refusal) {
        for option in options where has(option) {
            throw Refusal(.usage, "`\(option)` is not for \(subject)")
        }
    }

    /// The version of the package, written again because the program shares no code with it.
    static let version = "0.1.0"

    static let help = """
        usage: interlock-verify DIR | PROOF LEAFFILE | BUNDLE | evidence PACK

        Checks a log folder, the proof of one record, the evidence bundle of a run, or an evidence pack.

          --vkey KEY             key of the log, from outside (repeatable)
          --trust FILE           tlog-policy: logs, witnesses, quorum
          --old-checkpoint FILE  DIR: a checkpoint kept elsewhere, which the log extends (repeatable)
          --min-size N           the log has at least N entries
          --min-index N          DIR: entries below N may have been pruned
          --payloads FOLDER      DIR: check every stored payload against its record
          --people FILE          BUNDLE: enrolled keys of people, for their votes
          --log DIR              PACK: a log of the pack, from which every count is made again (repeatable)
          --json                 PACK: print the result of each check as JSON
          --strict               exit 3 without old checkpoint or quorum; list unknown types;
                                 PACK: exit 3 if anything was left unverified
          --tree-only            a log of another program: leave out the content of entries
          --version              print the version

        exit codes: 0 verified, 1 the evidence is bad, 3 with --strict: nothing from outside,
        64 usage, 65 a file is not of its format, 66 not found, 74 input or output
        """
}
