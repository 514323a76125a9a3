import InterlockTesting
import Testing

/// Skipping a check does not compile: only the check itself makes the value that states its result.
struct SkippedStageTests {
    private let checker = TypeChecker()

    /// The controls: without them the next test could pass because nothing compiles.
    @Test(
        arguments: Repository.files(
            under: "Tests/RepositoryTests/Snippets/compiles", endingIn: [".txt"]))
    func `compiles`(_ snippet: String) throws {
        let complaint = try checker.complaint(about: Repository.text(of: snippet))
        #expect(complaint == nil)
    }

    /// The first line of such a snippet is `// error: ` and a part of the compiler's message.
    @Test(
        arguments: Repository.files(
            under: "Tests/RepositoryTests/Snippets/refused", endingIn: [".txt"]))
    func `does not compile`(_ snippet: String) throws {
        let first = try #require(Repository.lines(of: snippet).first)
        try #require(first.hasPrefix("// error: "))
        let expected = first.dropFirst("// error: ".count)
        let complaint = try #require(
            try checker.complaint(about: Repository.text(of: snippet)), "\(snippet) compiles")
        #expect(complaint.contains("error: \(expected)"))
        let errors = complaint.split(separator: "\n").filter {
            $0.contains("snippet.swift:") && $0.contains(" error: ")
        }
        #expect(errors.count == 1, "nothing else may be wrong with it: \(complaint)")
    }

    /// Each type of the gateway whose initializer is private to its file, so that only its stage makes it.
    @Test func `the value of a stage cannot be made outside its file`() throws {
        let types = sealedTypes()
        if Repository.exists("Sources/Gateway/Governor/CallPipeline.swift") {
            #expect(types.count >= 12)
        }
        for type in types {
            let complaint = try checker.complaint(
                about: """
                    import InterlockGovernor
                    func forge() { _ = \(type).init }
                    """)
            #expect(
                complaint?.contains("is inaccessible due to 'fileprivate' protection level")
                    == true,
                "\(type): \(complaint ?? "compiles")")
        }
    }

    /// Removes each stage of the pipeline in turn and passes its input to the next one.
    @Test(.requirement("R069"), .enabled(if: Repository.exists(CallWay.path), "no pipeline yet"))
    func `a pipeline which skips a stage does not compile`() throws {
        let way = CallWay()
        let files = Repository.files(under: "Sources/Gateway/Governor", endingIn: [".swift"])
        func complaint(_ text: String) throws -> String? {
            try checker.complaint(
                about: text, insteadOf: CallWay.path, among: files, module: "InterlockGovernor")
        }
        #expect(try complaint(way.whole) == nil)
        let stages = way.stages
        #expect(stages.count >= 10, "\(stages)")
        for stage in stages {
            let said = try complaint(way.without(stage)) ?? "it compiles"
            #expect(said.contains("error: cannot convert value of type"), "\(stage.name): \(said)")
        }
    }

    /// The public types of the package that have such an initializer.
    private func sealedTypes() -> [String] {
        Repository.files(under: "Sources/Gateway/Governor", endingIn: [".swift"]).flatMap { file in
            var type: String?
            return Repository.lines(of: file).compactMap { line -> String? in
                if !line.hasPrefix(" ") {
                    let words = line.split(whereSeparator: { " :{".contains($0) })
                    if words.contains("extension") { type = nil }
                    if let kind = words.firstIndex(where: { ["struct", "class"].contains($0) }) {
                        type = words.first == "package" ? String(words[kind + 1]) : nil
                    }
                }
                return line.hasPrefix("    fileprivate init(") ? type : nil
            }
        }
    }
}
