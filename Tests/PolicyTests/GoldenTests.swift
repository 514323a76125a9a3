import Glibc
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Each file of `Golden` is a policy, a line `----`, and the output of checking it. INTERLOCK_UPDATE_GOLDEN=1 rewrites
/// the second half; read the difference before committing it.
@Suite struct GoldenTests {
    @Test(
        .requirement(
            "R006", "R007", "R014", "R015", "R016", "R022", "R032", "R033", "R047", "R053", "R059",
            "R066", "R068", "R072", "R089", "R090", "R148"), arguments: goldenNames())
    func `A policy prints its findings`(name: String) throws {
        let path = goldenFolder + "/" + name
        let text = try #require(readText(path))
        let parts = text.components(separatedBy: "\n----\n")
        try #require(parts.count == 2, "\(name) needs one line of four hyphens")
        // `\t` and `\u{...}` are invisible in an editor, so they are written as escapes.
        let source = unescaped(parts[0]) + "\n"
        let output = checkOutput(policyFiles(source), isServed: name.hasPrefix("N"))
        if getenvText("INTERLOCK_UPDATE_GOLDEN") == "1" {
            try writeText(parts[0] + "\n----\n" + output, to: path)
        } else {
            #expect(output == parts[1], "\(name)")
        }
    }

    @Test func `Every code that reading can report has a golden file`() {
        let covered = Set(goldenNames().map { String($0.prefix(4)) })
        // E402 is about folders on disk (PolicyFolderTests) in addition to its golden file.
        // W217 needs the pages of a compiled policy (LongPagesTests), W204 a log (UnusedScopesTests), L121 the people of a
        // gateway (test_people.py), W230 and W239 a template (ReviewTemplateTests), W243 a criteria file (test_trust.py).
        let others: Set<FindingCode> = [
            .pageTooLong, .scopeUnused, .ownerLeft, .unitInTemplate, .taskWithoutPreview,
            .loosenedCriteria,
        ]
        let needed = FindingCode.allCases.filter { !others.contains($0) }.map(\.rawValue)
        #expect(needed.filter { !covered.contains($0) } == [])
    }

    @Test func `A golden file shows the code that it is named for`() throws {
        for name in goldenNames() {
            let text = try #require(readText(goldenFolder + "/" + name))
            let expected = text.components(separatedBy: "\n----\n").last ?? ""
            #expect(expected.contains(" " + name.prefix(4) + " "), "\(name)")
        }
    }
}

private let goldenFolder = repositoryRoot + "/Tests/PolicyTests/Golden"

private func goldenNames() -> [String] {
    guard let stream = unsafe opendir(goldenFolder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
            unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                unsafe String(cString: $0)
            }
        }
        if name.hasSuffix(".txt") { names.append(name) }
    }
    return names.sorted()
}

private func unescaped(_ text: String) -> String {
    text.replacing("\\t", with: "\t").replacing("\\u{85}", with: "\u{85}")
        .replacing("\\u{feff}", with: "\u{feff}").replacing("\\r", with: "\r")
}

private func readText(_ path: String) -> String? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe fread(&block, 1, block.count, file)
        if count == 0 { break }
        bytes += block[0..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func writeText(_ text: String, to path: String) throws {
    guard let file = unsafe fopen(path, "w") else { throw NotWritten(path: path) }
    defer { unsafe fclose(file) }
    let bytes = Array(text.utf8)
    guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count else {
        throw NotWritten(path: path)
    }
}

private struct NotWritten: Error {
    let path: String
}

private func getenvText(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
