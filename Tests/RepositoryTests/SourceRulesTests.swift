import Testing

/// Rules of the code that no compiler enforces.
struct SourceRulesTests {
    static let sourceEnds = [".swift", ".c", ".cpp", ".h"]

    @Test func `no file of the sources is longer than 400 lines`() {
        for file in Repository.files(under: "Sources", endingIn: Self.sourceEnds) {
            let count = Repository.lines(of: file).count - 1
            #expect(count <= 400, "\(file) has \(count) lines: there are two ideas in it")
        }
    }

    /// A module is built as a whole: what is larger delays everything that needs a part of it. Those of tests are in
    /// folders of the first level.
    @Test(arguments: [("Sources", 3), ("Tests", 2)])
    func `no module is longer than 20,000 lines`(_ root: String, _ depth: Int) {
        let files = Repository.files(under: root, endingIn: Self.sourceEnds)
        let modules = Dictionary(grouping: files) { $0.split(separator: "/").prefix(depth) }
        #expect(modules.count > 20)
        for (folder, files) in modules {
            let count = files.reduce(0) { $0 + Repository.lines(of: $1).count - 1 }
            #expect(count <= 20_000, "\(folder.joined(separator: "/")) has \(count) lines")
        }
    }

    /// The texts that must not occur in code, with the reason.
    static let forbidden: [(text: String, reason: String)] = [
        ("fork(", "children start by posix_spawn: a forked Swift process is not safe"),
        ("try!", "an error is handled or passed on"),
        ("as!", "a cast that fails is handled"),
        ("fatalError(", "an invariant is a precondition; an error ends in refusal"),
        ("TODO", "what is missing stands in docs/status.md"),
        ("FIXME", "what is missing stands in docs/status.md"),
        ("XXX", "what is missing stands in docs/status.md"),
        ("swift-format-ignore-file", "the formatter decides layout"),
    ]

    @Test(arguments: forbidden.map(\.text))
    func `the sources are free of`(_ text: String) {
        let files = ["Sources", "Fuzz"].flatMap {
            Repository.files(under: $0, endingIn: Self.sourceEnds, having: text)
        }
        let reason = Self.forbidden.first { $0.text == text }?.reason ?? ""
        for file in files {
            for (index, line) in Repository.lines(of: file).enumerated()
            where occurs(text, in: line) {
                Issue.record("\(file):\(index + 1) has `\(text)`: \(reason)")
            }
        }
    }

    /// Another store takes the place of this one by one line.
    @Test func `above the store one line names SQLite`() {
        let found = Repository.files(under: "Sources", endingIn: [".swift"], having: "SQLiteStore")
            .filter { !$0.hasPrefix("Sources/Edge/Store/") }
            .flatMap { file in
                Repository.lines(of: file).filter { $0.contains("SQLiteStore") }.map { _ in file }
            }
        #expect(found == ["Sources/Programs/interlock/Serve/Deployment+Store.swift"])
    }

    /// A snapshot that is swapped anywhere else decides without its sign-off or its record.
    @Test func `one place swaps the policy's snapshot`() {
        let found = Repository.files(under: "Sources", endingIn: [".swift"], having: "policy.swap(")
            .flatMap { file in
                Repository.lines(of: file).filter { $0.contains("policy.swap(") }.map { _ in file }
            }
        #expect(found == ["Sources/Gateway/Administration/Policy/PolicyService.swift"])
    }

    @Test func `a forbidden word is found alone and not inside another`() {
        #expect(occurs("fork(", in: "let pid = fork()"))
        #expect(occurs("fork(", in: "fork()"))
        #expect(!occurs("fork(", in: "pitchfork()"))
        #expect(!occurs("as!", in: "has!"))
        #expect(occurs("as!", in: "x as! Int"))
    }

    /// A path of the machine on which it was written means nothing on another one.
    @Test func `no file names the folder of this checkout`() {
        let ends = Self.sourceEnds + [".md", ".py", ".yaml", ".txt", ".json", "Makefile", "/setup"]
        #expect(Repository.files(under: "", endingIn: ends).count > 50)
        for file in Repository.files(under: "", endingIn: ends, having: Repository.root + "/") {
            Issue.record("\(file) names \(Repository.root)")
        }
    }

    /// A test that a machine cannot run is skipped there, and fails with `CI=true`.
    @Test func `no condition hides a test from CI`() {
        // It writes the guards for the tests of another program, which fail without them.
        let exempt = "Tests/AnalysisTests/OracleExport.swift"
        var found = 0
        for file in Repository.files(under: "Tests", endingIn: [".swift"])
        where file != exempt && !file.hasPrefix("Tests/RepositoryTests/") {
            let text = Repository.text(of: file)
            #expect(!Repository.has(".disabled(", in: text), "\(file)")
            guard Repository.has(".enabled(", in: text) else { continue }
            for place in text.ranges(of: ".enabled(") {
                let condition = text[place.upperBound...].prefix(120)
                let givesWay = condition.contains("isCI") || condition.contains("ectors.present")
                #expect(givesWay, "\(file): \(condition.prefix { $0 != "\n" })")
                found += 1
            }
        }
        #expect(found > 10, "the conditions are read")
    }

    private func occurs(_ text: String, in line: some StringProtocol) -> Bool {
        String(line).ranges(of: text).contains { found in
            let before = String(line)[..<found.lowerBound].last
            return before.map { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? true
        }
    }
}
