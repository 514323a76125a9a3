import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockScanning
import InterlockTesting
import Testing

/// The files of rules of a deployment (docs/specs/output-safety.md, section 5).
@Suite(.requirement("R137")) struct DeploymentRulesTests {
    private static let agent = AgentName("ada")!
    private static let badge = "ACME-BADGE-" + "204817"

    private static func rule(
        id: String = "acme-badge", secretClass: String = "token", strength: String = "block",
        pattern: String = "ACME-BADGE-[0-9]{6}", match: String = badge
    ) -> String {
        #"{"id":"\#(id)","class":"\#(secretClass)","strength":"\#(strength)","pattern":"\#(pattern)","#
            + #""source":"badges","tests":{"match":[["\#(match)"]],"miss":[["ACME-BADGE-"]]}}"#
    }

    private static func file(_ rules: String..., path: String = "rules/acme.json")
        -> DeploymentRules.File
    {
        let text =
            #"{"interlock_rules":1,"name":"acme","rules":[\#(rules.joined(separator: ","))]}"#
        return DeploymentRules.File(path: path, bytes: Array(text.utf8))
    }

    private static func compiled(_ files: DeploymentRules.File...) throws -> CompiledRules {
        try DeploymentRules(files).compiled(hashing: OpenSSLHashing())
    }

    private static func search(_ holder: RuleHolder) -> ResultSearch {
        ResultSearch(
            holder,
            for: BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
                (BrokeredValues(key: (1, 2)), [0])
            },
            hashing: OpenSSLHashing(), on: globalConcurrentExecutor, most: 8)
    }

    @Test func `rules of a deployment find their values beside those of the program`() async throws
    {
        let program = try CompiledRules.builtIn(hashing: OpenSSLHashing())
        let own = try Self.compiled(Self.file(Self.rule()))
        #expect(own.set.rules.count == program.set.rules.count + 1)
        #expect(own.set.digest != program.set.digest)
        let holder = RuleHolder(program)
        let search = Self.search(holder)
        let (before, generation) = (search.rules, search.generation)
        #expect(await search.inspect([Self.badge], for: Self.agent) == .clean)
        holder.replace(by: own)
        #expect(search.rules == own.set.digest && search.rules != before)
        #expect(search.generation > generation)
        guard case .found(let findings, _, _) = await search.inspect([Self.badge], for: Self.agent)
        else {
            Issue.record("nothing is found")
            return
        }
        #expect(findings.map(\.rule.description) == ["acme-badge"])
        // A revision without the file takes its rules away, and none of the program.
        holder.replace(by: holder.program)
        #expect(await search.inspect([Self.badge], for: Self.agent) == .clean)
    }

    @Test func `the same rules are not put in force twice`() throws {
        let holder = RuleHolder(try CompiledRules.builtIn(hashing: OpenSSLHashing()))
        let search = Self.search(holder)
        let generation = search.generation
        holder.replace(by: try CompiledRules.builtIn(hashing: OpenSSLHashing()))
        #expect(search.generation == generation)
    }

    @Test func `a deployment without files of rules has those of the program`() throws {
        let other = Self.file(Self.rule(), path: "approvals/acme.json")
        #expect(DeploymentRules([other]).isEmpty)
        let program = try CompiledRules.builtIn(hashing: OpenSSLHashing())
        #expect(try Self.compiled(other).set.digest == program.set.digest)
    }

    /// Each is refused by the name of its file, and of its rule if it is about one.
    @Test(
        arguments: [
            (file(rule(match: "ACME-BADGE-2")), "rule `acme-badge`: tests.match[0] is not found"),
            (file(rule(pattern: "(ACME)+")), "pattern"),
            (file(rule(pattern: "ACME-(?:[0-9A-Z]{1,400}x){1,9}")), "rule `acme-badge`"),
            (file(rule(secretClass: "brokered")), "class"),
            (file(rule(secretClass: "personal")), "needs strength `mark`"),
            (file(rule(secretClass: "card", strength: "mark")), "needs strength `block`"),
            (file(rule(), rule()), "id"),
            (file(rule(), path: "rules/acme.yaml"), "rules/NAME.json"),
            (file(rule(), path: "rules/more/acme.json"), "rules/NAME.json"),
            (DeploymentRules.File(path: "rules/acme.json", bytes: [0x7b]), "rules/acme.json"),
            (DeploymentRules.File(path: "rules/acme.json", bytes: []), "rules/acme.json"),
        ] as [(DeploymentRules.File, String)])
    func `a file that is not as described is refused by name`(
        _ file: DeploymentRules.File, _ words: String
    ) {
        let failure = #expect(throws: ScanFailure.self) { try Self.compiled(file) }
        let message = failure?.message ?? ""
        #expect(failure?.code == .rules && message.contains("`\(file.path)`"), "\(message)")
        #expect(message.contains(words), "\(message)")
    }

    @Test(arguments: ["github-token", "iban", "card-number"])
    func `no rule of the program is replaced`(id: String) {
        let failure = #expect(throws: ScanFailure.self) {
            try Self.compiled(Self.file(Self.rule(id: id)))
        }
        #expect(failure?.message.contains("rule `\(id)`: duplicate id") == true)
    }

    @Test func `two files do not have one id`() {
        let failure = #expect(throws: ScanFailure.self) {
            try Self.compiled(Self.file(Self.rule()), Self.file(Self.rule(), path: "rules/b.json"))
        }
        #expect(failure?.message.contains("duplicate id") == true)
    }

    @Test func `files above the limit of bytes are refused before they are read`() {
        let bytes = [UInt8](repeating: 0x20, count: DeploymentRules.mostBytes / 4)
        let files = (0..<5).map { DeploymentRules.File(path: "rules/\($0).json", bytes: bytes) }
        let failure = #expect(throws: ScanFailure.self) {
            try DeploymentRules(files).compiled(hashing: OpenSSLHashing())
        }
        #expect(failure?.message.contains("more than 4 MiB") == true)
    }

    @Test(arguments: ["[a-z ]{4,40}", "[0-9]{4}", "[0-9A-Za-z]{8,40}", "https://[a-z.]{1,60}"])
    func `a rule that would deny most calls is refused`(pattern: String) {
        let rule =
            #"{"id":"wide","class":"token","strength":"block","pattern":"\#(pattern)","#
            + #""source":"none","tests":{"match":[["https://exampledotcom1234"]],"miss":[["!"]]}}"#
        let failure = #expect(throws: ScanFailure.self) { try Self.compiled(Self.file(rule)) }
        let message = failure?.message ?? ""
        #expect(message.contains("rule `wide` finds something in words"), "\(message)")
    }

    @Test func `the number of rules is known before tests of one begin`() {
        let wrong = Self.file(Self.rule(match: "ACME-BADGE-2"))
        let rules = (0..<300).map { Self.rule(id: "acme-\($0)") }
        let text =
            #"{"interlock_rules":1,"name":"acme","rules":[\#(rules.joined(separator: ","))]}"#
        let many = DeploymentRules.File(path: "rules/b.json", bytes: Array(text.utf8))
        let failure = #expect(throws: ScanFailure.self) { try Self.compiled(wrong, many) }
        #expect(failure?.message.contains("at most \(RuleSet.mostRules) rules") == true)
    }

    /// The file alone has as many as a set may have, and the program has more than a hundred.
    @Test func `too many rules are refused`() {
        let rules = (100..<RuleSet.mostRules).map { Self.rule(id: "acme-\($0)") }
        let text =
            #"{"interlock_rules":1,"name":"acme","rules":[\#(rules.joined(separator: ","))]}"#
        let file = DeploymentRules.File(path: "rules/a.json", bytes: Array(text.utf8))
        #expect(throws: ScanFailure.self) { try Self.compiled(file) }
    }
}
