import Glibc
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockYAML

@Suite struct PolicyFolderTests {
    @Test func `A folder gives its files sorted, with the role of each`() throws {
        let folder = try TemporaryFolder()
        try folder.write("org.yaml", "interlock: 1\n")
        try folder.write("README.md", "words")
        try folder.write(".hidden", "words")
        try folder.makeFolder("agents")
        try folder.write("agents/b.yaml", "agent: b\n")
        try folder.write("agents/a.yaml", "agent: a\n")
        let reading = try PolicyFolder.read(folder.path)
        #expect(reading.findings.isEmpty)
        #expect(reading.files.map(\.path) == ["agents/a.yaml", "agents/b.yaml", "org.yaml"])
        #expect(reading.files.map(\.role) == [.agents, .agents, .organisation])
    }

    @Test func `Other files, links and deeper folders are E402, never ignored`() throws {
        let folder = try TemporaryFolder()
        try folder.write("org.yaml", "interlock: 1\n")
        try folder.write("org.yaml~", "interlock: 1\n")
        try folder.write("x.yml", "agents: {}\n")
        try folder.makeFolder("agents")
        try folder.makeFolder("agents/deeper")
        try folder.makeFolder("other")
        try folder.link("agents/link.yaml", to: folder.path + "/org.yaml")
        let reading = try PolicyFolder.read(folder.path)
        #expect(
            reading.findings.map { "\($0.place.file) \($0.code.rawValue)" } == [
                "agents/deeper E402", "agents/link.yaml E402", "org.yaml~ E402", "other E402",
                "x.yml E402",
            ])
        #expect(reading.files.map(\.path) == ["org.yaml"])
    }

    @Test func `A folder without org is a finding, a missing path an error`() throws {
        let folder = try TemporaryFolder()
        let empty = try PolicyFolder.read(folder.path)
        #expect(empty.findings.map(\.code) == [.missingKey])
        #expect(throws: PolicyFolderError.self) {
            try PolicyFolder.read(folder.path + "/nowhere")
        }
    }

    @Test func `A file above one mebibyte is E109 and is not parsed`() throws {
        let folder = try TemporaryFolder()
        try folder.write("big.yaml", String(repeating: "a", count: (1 << 20) + 10))
        let reading = try PolicyReader.read(folder.path + "/big.yaml")
        #expect(reading.findings.all.map(\.code) == [.tooLarge])
    }
}

/// A folder that is removed after the test.
private final class TemporaryFolder {
    let path: String
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/interlock-policy-XXXXXX".utf8CString)
        let isMade = unsafe mkdtemp(&template) != nil
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try #require(isMade)
    }

    deinit {
        for name in made.reversed() { _ = unsafe remove(path + "/" + name) }
        _ = unsafe rmdir(path)
    }

    func write(_ name: String, _ text: String) throws {
        guard let file = unsafe fopen(path + "/" + name, "w") else {
            throw PolicyFolderError(name, errno)
        }
        unsafe fputs(text, file)
        unsafe fclose(file)
        made.append(name)
    }

    func makeFolder(_ name: String) throws {
        guard unsafe mkdir(path + "/" + name, 0o700) == 0 else {
            throw PolicyFolderError(name, errno)
        }
        made.append(name)
    }

    func link(_ name: String, to target: String) throws {
        guard unsafe symlink(target, path + "/" + name) == 0 else {
            throw PolicyFolderError(name, errno)
        }
        made.append(name)
    }
}
